package cli

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/cmd/internal/render"
	"github.com/sumlint/sumlint/policies/judge"
)

// firstTopology is what `sumlint init` writes.
//
//go:embed scaffold/rollout.sum.hcl
var firstTopology string

// init writes a first topology, or a first policy.
func (p *program) init() *cobra.Command {
	var policy bool
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a commented topology, or a policy, to start from",
		Long: `Write rollout.sum.hcl, a commented topology, to DIR; the default is the current folder.
With --policy write a rule, its test and a need instead: a team's own policies, which
'sumlint check --policy DIR' judges by and 'sumlint test DIR' tests.

A file that exists is never replaced.`,
		Example: `  sumlint init
  sumlint init --policy policies/
  sumlint test policies/`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			folder := "."
			if len(args) == 1 {
				folder = args[0]
			}
			files := []judge.File{{Name: "rollout.sum.hcl", Text: firstTopology}}
			if policy {
				var err error
				if files, err = firstPolicies(); err != nil {
					return err
				}
			}
			return p.unfold(files, folder)
		},
	}
	cmd.Flags().BoolVar(&policy, "policy", false, "write a policy")
	return cmd
}

// firstPolicies are a rule and a need, with their tests.
func firstPolicies() ([]judge.File, error) {
	rule, err := judge.Scaffold("rule", "no-lab-ssh")
	if err != nil {
		return nil, err
	}
	need, err := judge.Scaffold("needs", "admin-only")
	return append(rule, need...), err
}

// unfold writes files below a folder.
func (p *program) unfold(files []judge.File, folder string) error {
	for _, file := range files {
		target := filepath.Join(folder, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return usageError{err}
		}
		f, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			return usagef("%q exists; it is not replaced", target)
		}
		if err != nil {
			return usageError{err}
		}
		_, err = f.WriteString(file.Text)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "wrote %s\n", render.Escape(target))
	}
	return nil
}
