package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/cmd/internal/render"
	"github.com/sumlint/sumlint/policies/judge"
)

// test runs Rego tests.
func (p *program) test() *cobra.Command {
	format := choice{"text", []string{"text", "json"}}
	var verbose bool
	cmd := &cobra.Command{
		Use:   "test [DIR...]",
		Short: "Run the tests of policies",
		Long: `Run the Rego tests in DIRs, the same folders that --policy names: rules whose names
begin with test_ in files that end in _test.rego. They see the built-in policies too.
Without DIR the built-in policies are tested. The policies are checked as check does.

Exit codes:
  0  all tests passed
  1  a test failed
  2  wrong usage, a broken policy, no tests`,
		Example: `  sumlint test
  sumlint test policies/ --verbose`,
		RunE: func(cmd *cobra.Command, dirs []string) error {
			tests, problems := judge.Test(cmd.Context(), dirs)
			if err := p.explainProblems(problems); err != nil {
				return err
			}
			if format.value == "json" {
				if err := p.printJSON(tests); err != nil {
					return err
				}
			} else {
				out := bufio.NewWriter(p.stdout)
				writeTests(out, tests, verbose)
				if err := out.Flush(); err != nil {
					return err
				}
			}
			return exit(min(tests.Failed, 1))
		},
	}
	cmd.Flags().Var(&format, "format", "the output's format")
	cmd.Flags().BoolVar(&verbose, "verbose", false, "list the tests that passed too, and the lines that no test ran")
	complete(cmd, "format", format.legal)
	return cmd
}

// writeTests writes the tests that did not pass, then the count and the coverage.
func writeTests(w io.Writer, t *judge.Tests, verbose bool) {
	for _, r := range t.Results {
		if r.Outcome == judge.Pass && !verbose {
			continue
		}
		fmt.Fprintf(w, "%s  %s  %s\n", r.Outcome, render.Place(r.Location), render.Escape(r.Name))
		if r.Message != "" {
			fmt.Fprintf(w, "      %s\n", render.Escape(r.Message))
		}
		for line := range strings.SplitSeq(strings.TrimSpace(r.Output), "\n") {
			if line != "" {
				fmt.Fprintf(w, "      printed: %s\n", render.Escape(line))
			}
		}
	}
	for _, f := range t.Files {
		if !verbose || len(f.NotCovered) == 0 {
			continue
		}
		var lines []string
		for _, l := range f.NotCovered {
			if l.First == l.Last {
				lines = append(lines, fmt.Sprint(l.First))
			} else {
				lines = append(lines, fmt.Sprintf("%d-%d", l.First, l.Last))
			}
		}
		fmt.Fprintf(w, "%s: no test ran line %s\n", render.Escape(f.File), strings.Join(lines, ", "))
	}
	fmt.Fprintf(w, "%d passed, %d failed", t.Passed, t.Failed)
	if t.Skipped > 0 {
		fmt.Fprintf(w, ", %d skipped", t.Skipped)
	}
	fmt.Fprintf(w, "; %.1f %% of the policies' lines covered\n", t.Coverage)
}
