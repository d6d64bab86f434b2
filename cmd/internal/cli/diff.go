package cli

import (
	"bufio"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/cmd/internal/render"
	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/policies/lint"
	"github.com/sumlint/sumlint/policies/report"
)

// diff tells what a change does to the flows.
func (p *program) diff() *cobra.Command {
	var o options
	var base string
	var verbose bool
	format := choice{"text", []string{"text", "json", "markdown"}}
	cmd := &cobra.Command{
		Use:   "diff --base REV|DIR [PATH...]",
		Short: "Tell what a change of exports or topology does to the flows",
		Long: `Check the PATHs as they are and as they were at the base, and tell which flows fare
differently: newly blocked, newly allowed, or decided by something else.

The base is a git revision, which is read without touching the work tree, or a folder
that holds another state of the root (--root, else the git work tree).

What is wrong with the inputs goes to the standard error; what was wrong at the base
only warns.

Exit codes, the worst counts (2 over 3 over 1):
  0  no flow is worse off
  1  a flow is newly blocked, partial or conditional
  2  wrong usage, a broken topology or policy, nothing to look at
  3  an export could not be recognised or read in full`,
		Example: `  sumlint diff --base origin/main
  sumlint diff --base HEAD~1 --format markdown rollout/
  sumlint diff --base ../last-week`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if base == "" {
				return usagef("%s needs --base: a git revision or a folder", cmd.CommandPath())
			}
			lo, err := o.lint(p, args, verbose)
			if err != nil {
				return err
			}
			before, after, err := lint.Diff(cmd.Context(), lo, base)
			if err != nil {
				return err
			}
			changes := lint.Compare(before, after)
			if err := p.writeChanges(changes, format.value, verbose); err != nil {
				return err
			}
			problems := append(atBase(before.Diagnostics), after.Diagnostics...)
			if err := render.Diagnostics(p.stderr, problems, p.errStyle()); err != nil {
				return err
			}
			return exit(diffCode(changes, after.Diagnostics))
		},
	}
	f := cmd.Flags()
	f.StringVar(&base, "base", "", "what to compare with: a git `REV` or a folder")
	f.Var(&format, "format", "the output's format")
	f.BoolVar(&verbose, "verbose", false, "shorten no list")
	o.add(cmd)
	complete(cmd, "format", format.legal)
	return cmd
}

// atBase makes warnings of what was wrong with the inputs at the base: what the flows
// were there is then not known in full.
func atBase(problems []report.Diagnostic) []report.Diagnostic {
	var out []report.Diagnostic
	for _, d := range problems {
		if d.Severity == diag.Error {
			d.Severity, d.Message = diag.Warning, "at the base: "+d.Message
			out = append(out, d)
		}
	}
	return out
}

// diffCode is the exit code of a comparison.
func diffCode(changes []lint.Change, problems []report.Diagnostic) int {
	if code := diagnosticsCode(problems); code != 0 {
		return code
	}
	if slices.ContainsFunc(changes, func(c lint.Change) bool { return c.Worse() }) {
		return 1
	}
	return 0
}

// writeChanges writes what changed.
func (p *program) writeChanges(changes []lint.Change, format string, verbose bool) error {
	if format == "json" {
		return p.printJSON(struct {
			Changes []lint.Change `json:"changes"`
		}{changes})
	}
	list := make([]render.Change, len(changes))
	for i := range changes {
		c := &changes[i]
		list[i] = render.Change{Flow: &c.Flow, Before: c.Before, After: c.After, Worse: c.Worse()}
	}
	out := bufio.NewWriter(p.stdout)
	if err := render.Changes(out, list, format, p.style(verbose)); err != nil {
		return err
	}
	return out.Flush()
}
