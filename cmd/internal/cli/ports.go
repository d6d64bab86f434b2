package cli

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/cmd/internal/render"
	"github.com/sumlint/sumlint/policies/derive"
)

// ports is SUM's port table.
func (p *program) ports() *cobra.Command {
	format := choice{"text", []string{"text", "json"}}
	var edition string
	cmd := &cobra.Command{
		Use:   "ports",
		Short: "Show SUM's port table",
		Long: `Show SUM's published port table, from which sumlint derives the flows: per system
that runs SUM and target type, the ports to the target and back, for both phases. A
port in parentheses is optional.

Text shows the newest edition, or the one for the version of SUM that --edition names;
json holds all.`,
		Example: `  sumlint ports
  sumlint ports --edition 7.2.1
  sumlint ports --format json`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			table, err := derive.LoadTable()
			if err != nil {
				return err
			}
			if format.value == "json" {
				return p.printJSON(table)
			}
			e, err := table.Find(edition)
			if err != nil {
				return usagef("--edition: %w", err)
			}
			out := bufio.NewWriter(p.stdout)
			writeEdition(out, table, e, p.style(false))
			return out.Flush()
		},
	}
	cmd.Flags().Var(&format, "format", "the output's format")
	cmd.Flags().StringVar(&edition, "edition", "", "the edition for this `VERSION` of SUM (default: the newest)")
	complete(cmd, "format", format.legal)
	return cmd
}

// writeEdition writes one edition's table, what the page's notes add, and what the
// ports are.
func writeEdition(w io.Writer, t *derive.Table, e *derive.Edition, s render.Style) {
	fmt.Fprintf(w, "%s\n", e.Name)
	fmt.Fprintf(w, "Source: %s\n\n", strings.Join(strings.Fields(e.Source), " "))
	rows := [][]string{{"SUM on", "Target", "Inventory, to", "from", "Deployment, to", "from"}}
	for _, r := range e.Rows {
		rows = append(rows, []string{strings.Join(r.Servers, " or "), r.Name,
			derive.Cell(r.Inventory.ToTarget), derive.Cell(r.Inventory.FromTarget),
			derive.Cell(r.Deployment.ToTarget), derive.Cell(r.Deployment.FromTarget)})
	}
	render.Table(w, rows, s)
	rows = [][]string{{"Port", "Protocol", "Service", "Option"}}
	for _, port := range slices.SortedFunc(maps.Keys(t.Ports), portOrder) {
		about := t.Ports[port]
		rows = append(rows, []string{port, about.Protocol, about.Service, about.Option})
	}
	fmt.Fprintln(w)
	render.Table(w, rows, s)
	rows = [][]string{{"Beyond the table", "Port", "Direction", "Need"}}
	for _, n := range t.Notes {
		rows = append(rows, []string{strings.TrimPrefix(n.Name, "note: "), n.Port, n.Direction, n.Need})
	}
	fmt.Fprintln(w)
	render.Table(w, rows, s)
	var others []string
	for _, other := range t.Editions {
		if other.ID != e.ID {
			others = append(others, fmt.Sprintf("%s (--edition %s)", other.Name, other.ID))
		}
	}
	if len(others) > 0 {
		fmt.Fprintf(w, "\nOther editions: %s\n", strings.Join(others, ", "))
	}
}

// portOrder orders ports as numbers, words behind them.
func portOrder(a, b string) int {
	if n := len(a) - len(b); n != 0 && isNumber(a) && isNumber(b) {
		return n
	}
	return strings.Compare(a, b)
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }
