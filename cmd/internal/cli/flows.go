package cli

import (
	"bufio"

	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/cmd/internal/render"
	"github.com/sumlint/sumlint/policies/lint"
)

// flows is the change request.
func (p *program) flows() *cobra.Command {
	var o options
	format := choice{"text", []string{"text", "csv", "json", "markdown"}}
	cmd := &cobra.Command{
		Use:   "flows [PATH...]",
		Short: "List the flows that a rollout needs: the change request",
		Long: `List every flow that the planned rollout needs, grouped so that a network engineer
can enter it: from, to, protocol, ports, and why (the row of SUM's port table and
the phases). Exports are not read and need not exist.

Formats:
  text      for reading in a terminal
  csv       for spreadsheets and tickets
  json      {"flows": [...]}, the flow objects of the report
  markdown  for a ticket or a wiki

What is wrong with the topology goes to the standard error.

` + exitCodesOfTopology,
		Example: `  sumlint flows
  sumlint flows --format csv rollout/ > change-request.csv`,
		RunE: func(cmd *cobra.Command, args []string) error {
			lo, err := o.lint(p, args, false)
			if err != nil {
				return err
			}
			r, err := lint.Flows(cmd.Context(), lo)
			if err != nil {
				return err
			}
			if format.value != "json" { // which holds them
				if err := render.Diagnostics(p.stderr, r.Diagnostics, p.errStyle()); err != nil {
					return err
				}
			}
			out := bufio.NewWriter(p.stdout)
			if err := render.Request(out, r, format.value, p.style(false)); err != nil {
				return err
			}
			if err := out.Flush(); err != nil {
				return err
			}
			return exit(diagnosticsCode(r.Diagnostics))
		},
	}
	cmd.Flags().Var(&format, "format", "the output's format")
	complete(cmd, "format", format.legal)
	o.add(cmd)
	return cmd
}

const exitCodesOfTopology = `Exit codes:
  0  done
  2  wrong usage, a broken topology or policy, nothing to look at`

// errStyle is how output on stderr may look.
func (p *program) errStyle() render.Style {
	return render.Style{Color: p.colored(p.stderr), Width: terminalWidth(p.stderr)}
}
