package cli

import (
	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/cmd/internal/render"
	"github.com/sumlint/sumlint/policies/lint"
)

// facts is the document that the judging policies see.
func (p *program) facts() *cobra.Command {
	var o options
	format := choice{"json", []string{"json"}}
	cmd := &cobra.Command{
		Use:   "facts [PATH...]",
		Short: "Print the document that the judging policies see",
		Long: `Print the exact document that the judging policies see as their input, so that the
stock opa finds the same as sumlint check does.

What is wrong with the inputs goes to the standard error.

` + exitCodes,
		Example: `  sumlint facts > facts.json
  opa eval --data rego/ --input facts.json data.sumlint.findings`,
		RunE: func(cmd *cobra.Command, args []string) error {
			lo, err := o.lint(p, args, false)
			if err != nil {
				return err
			}
			document, problems, err := lint.Facts(cmd.Context(), lo)
			if err != nil {
				return err
			}
			if _, err := p.stdout.Write(render.SafeJSON(document)); err != nil {
				return err
			}
			return p.explainProblems(problems)
		},
	}
	cmd.Flags().Var(&format, "format", "the output's format")
	complete(cmd, "format", format.legal)
	o.add(cmd)
	return cmd
}
