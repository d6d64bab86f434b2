package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/cmd/internal/render"
	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/policies/judge"
	"github.com/sumlint/sumlint/policies/report"
)

// rules lists the rules.
func (p *program) rules() *cobra.Command {
	format := choice{"text", []string{"text", "json"}}
	var dirs []string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules that judge the flows",
		Long: `List the rules that judge the flows, with their severities, and those that --policy
adds. sumlint explain RULE shows a rule's page.`,
		Example: `  sumlint rules
  sumlint rules --policy policies/ --format json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			j, err := p.loadPolicies(cmd.Context(), dirs)
			if err != nil {
				return err
			}
			if format.value == "json" {
				return p.printJSON(struct {
					Rules []report.Rule `json:"rules"`
				}{j.Rules()})
			}
			out := bufio.NewWriter(p.stdout)
			writeRules(out, j, p.style(false))
			return out.Flush()
		},
	}
	cmd.Flags().Var(&format, "format", "the output's format")
	addPolicyFlag(cmd, &dirs)
	complete(cmd, "format", format.legal)
	return cmd
}

// addPolicyFlag adds --policy.
func addPolicyFlag(cmd *cobra.Command, dirs *[]string) {
	cmd.Flags().StringArrayVar(dirs, "policy", nil, "more policies in Rego from `DIR`; repeatable")
	_ = cmd.MarkFlagDirname("policy")
}

// loadPolicies loads the built-in policies and those of folders, and says what is
// wrong with them.
func (p *program) loadPolicies(ctx context.Context, dirs []string) (*judge.Judge, error) {
	j, problems := judge.Load(ctx, judge.Options{PolicyDirs: dirs})
	return j, p.explainProblems(problems)
}

// explainProblems writes diagnostics to the standard error; the error is the exit code.
func (p *program) explainProblems(problems diag.List) error {
	list := report.FromDiagnostics(problems)
	if err := render.Diagnostics(p.stderr, list, p.errStyle()); err != nil {
		return err
	}
	return exit(diagnosticsCode(list))
}

func writeRules(w io.Writer, j *judge.Judge, s render.Style) {
	rows := [][]string{{"Rule", "Severity", "Title"}}
	for _, r := range j.Rules() {
		rows = append(rows, []string{r.ID, string(r.Severity), r.Title})
	}
	render.Table(w, rows, s)
	rows = [][]string{{"Declared flows", "Title"}}
	for _, n := range j.NeedPages() {
		rows = append(rows, []string{n.ID, n.Title})
	}
	if len(rows) > 1 {
		fmt.Fprintln(w)
		render.Table(w, rows, s)
	}
}

// explain shows a rule's page.
func (p *program) explain() *cobra.Command {
	format := choice{"text", []string{"text", "json"}}
	var dirs []string
	var source bool
	cmd := &cobra.Command{
		Use:   "explain RULE",
		Short: "Show a rule's page",
		Long: `Show what a rule means, how severe it is, what it refers to, and with --source the
Rego that it consists of: a pattern for rules of your own, which --policy adds.`,
		Example: `  sumlint explain missing-allowance
  sumlint explain unused-waiver --source`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("%s takes one rule; `sumlint rules` lists them", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			j, problems := judge.Load(cmd.Context(), judge.Options{PolicyDirs: dirs})
			if problems.HasErrors() {
				return nil, cobra.ShellCompDirectiveError
			}
			return j.RuleIDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := p.loadPolicies(cmd.Context(), dirs)
			if err != nil {
				return err
			}
			page, err := findPage(j, args[0])
			if err != nil {
				return err
			}
			if format.value == "json" {
				return p.printJSON(page)
			}
			out := bufio.NewWriter(p.stdout)
			writePage(out, page, source, p.style(false))
			return out.Flush()
		},
	}
	cmd.Flags().Var(&format, "format", "the output's format")
	cmd.Flags().BoolVar(&source, "source", false, "show the rule's Rego too")
	addPolicyFlag(cmd, &dirs)
	complete(cmd, "format", format.legal)
	return cmd
}

// findPage finds the page of a rule, or of a package that declares flows.
func findPage(j *judge.Judge, id string) (*judge.Page, error) {
	pages := slices.Concat(j.Pages(), j.NeedPages())
	var ids []string
	for i := range pages {
		if pages[i].ID == id {
			return &pages[i], nil
		}
		ids = append(ids, pages[i].ID)
	}
	return nil, usagef("unknown rule %q. %s", id, diag.Legal(id, ids))
}

func writePage(w io.Writer, page *judge.Page, source bool, s render.Style) {
	fmt.Fprintf(w, "%s", render.Escape(page.ID))
	if page.Severity != "" {
		fmt.Fprintf(w, " (%s)", page.Severity)
	}
	fmt.Fprintf(w, "\n%s\n", render.Escape(page.Title))
	if page.Description != "" {
		fmt.Fprintf(w, "\n%s\n", render.EscapeLines(page.Description))
	}
	if len(page.Resources) > 0 {
		fmt.Fprint(w, "\nSee also\n")
		for _, r := range page.Resources {
			fmt.Fprintf(w, "  %s\n", render.Escape(r.URL))
			if r.Description != "" {
				fmt.Fprintf(w, "    %s\n", render.Escape(r.Description))
			}
		}
	}
	if page.Own {
		fmt.Fprintf(w, "\nFrom %s\n", render.Place(page.Location))
	}
	if source {
		fmt.Fprintf(w, "\n%s\n", strings.TrimRight(render.EscapeLines(page.Source), "\n"))
	}
}
