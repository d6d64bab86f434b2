package render

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/policies/report"
)

// htmlMatrix is a table of targets of one type, or of servers, against the ports
// that they need.
type htmlMatrix struct {
	Title   string
	Ends    string // what a row is: "Target" or "Server"
	Servers bool   // rows name a server besides
	Spans   []htmlSpan
	Columns []htmlHead
	Rows    []htmlRow
}

// htmlSpan heads the columns of one direction.
type htmlSpan struct {
	Title string
	Count int
}

// htmlColumn is what the flows of a column have in common.
type htmlColumn struct{ Direction, Protocol, Port, SourcePort, Must string }

// htmlHead is a column with the service that its first flow is for.
type htmlHead struct {
	htmlColumn
	Service string
}

type htmlRow struct {
	Name, Detail, Server string
	Names                []string // where one row stands for several nodes
	Cells                []htmlCell
	Worst                report.Verdict
	Verdicts             string // all of the row, for the filter
}

type htmlCell struct {
	Verdict report.Verdict // "" where the flow is not needed
	Need    string
	Link    string
	Waived  bool
	Never   bool // it must not pass
}

// Class is the verdict whose colour the cell has.
func (c htmlCell) Class() report.Verdict {
	switch {
	case !c.Never:
		return c.Verdict
	case c.Verdict == report.Blocked:
		return report.Allowed
	}
	return report.Blocked
}

// htmlRowsEach is how many rows of a table stand alone; above, nodes that fare
// alike share a row.
const htmlRowsEach = 40

// matrixKey tells tables, and within them rows, apart.
type matrixKey struct{ kind, node, server string }

// htmlMatrices returns the tables of the topology with that index.
func htmlMatrices(r *report.Report, index int, links map[*report.Flow]string, waived map[*report.Flow]bool) []htmlMatrix {
	flows := map[string][]*report.Flow{}
	var kinds []string
	for i := range r.Flows {
		f := &r.Flows[i]
		if !belongs(f, r, index) {
			continue
		}
		kind := f.TargetType
		if f.Target == "" {
			kind = ""
		}
		if flows[kind] == nil {
			kinds = append(kinds, kind)
		}
		flows[kind] = append(flows[kind], f)
	}
	nodes := map[string]*report.Node{}
	for i := range r.Topologies[index].Targets {
		nodes[r.Topologies[index].Targets[i].Name] = &r.Topologies[index].Targets[i]
	}
	var tables []htmlMatrix
	for _, kind := range kinds {
		if kind != "" {
			tables = append(tables, htmlMatrixOf(kind, flows[kind], nodes, links, waived))
		}
	}
	if own := flows[""]; own != nil {
		tables = append(tables, htmlMatrixOf("", own, nodes, links, waived))
	}
	return tables
}

// htmlMatrixOf builds the table of the flows of one target type, "" for flows without a target.
func htmlMatrixOf(kind string, flows []*report.Flow, nodes map[string]*report.Node, links map[*report.Flow]string, waived map[*report.Flow]bool) htmlMatrix {
	m := htmlMatrix{Title: kind, Ends: "Target", Servers: true}
	if kind == "" {
		m.Title, m.Ends, m.Servers = "SUM's own services on the servers", "Server", false
		if slices.ContainsFunc(flows, func(f *report.Flow) bool { return f.Policy != "" }) {
			m.Title, m.Ends = "SUM's own services, and what policies ask for", "Server or ends"
		}
	}
	m.Columns = htmlColumns(flows)
	at := map[htmlColumn]int{}
	for i, c := range m.Columns {
		at[c.htmlColumn] = i
		title := directionTitle(c.Direction)
		if n := len(m.Spans); n > 0 && m.Spans[n-1].Title == title {
			m.Spans[n-1].Count++
		} else {
			m.Spans = append(m.Spans, htmlSpan{title, 1})
		}
	}
	rows := map[matrixKey]int{}
	for _, f := range flows {
		key := matrixKey{kind, f.Target, f.Server}
		if f.Target == "" && f.Server == "" {
			from, to := flowEnds(f)
			key.node = from + " → " + to
		}
		i, ok := rows[key]
		if !ok {
			i = len(m.Rows)
			rows[key] = i
			m.Rows = append(m.Rows, newHTMLRow(f, nodes, len(m.Columns)))
		}
		cell := &m.Rows[i].Cells[at[columnOf(f)]]
		if verdictRank(f.Verdict) >= verdictRank(cell.Verdict) {
			*cell = htmlCell{Verdict: f.Verdict, Need: f.Need, Link: links[f], Waived: waived[f], Never: f.Must == report.Never}
		}
	}
	if len(m.Rows) > htmlRowsEach {
		m.Rows = shareRows(m.Rows)
	}
	for i := range m.Rows {
		m.Rows[i].weigh()
	}
	return m
}

func newHTMLRow(f *report.Flow, nodes map[string]*report.Node, columns int) htmlRow {
	row := htmlRow{Name: f.Target, Server: f.Server, Cells: make([]htmlCell, columns)}
	switch n := nodes[f.Target]; {
	case f.Target == "" && f.Server == "":
		from, to := flowEnds(f)
		row.Name, row.Detail = from+" → "+to, "policy "+f.Policy
	case f.Target == "":
		row.Name = f.Server
	case n != nil:
		row.Detail = shortList(n.Addresses, 2)
	}
	return row
}

// weigh sums a row's verdicts up.
func (r *htmlRow) weigh() {
	var all []string
	for _, c := range r.Cells {
		if verdictRank(c.Verdict) > verdictRank(r.Worst) {
			r.Worst = c.Verdict
		}
		if c.Verdict != "" && !slices.Contains(all, string(c.Verdict)) {
			all = append(all, string(c.Verdict))
		}
	}
	r.Verdicts = strings.Join(all, " ")
}

// shareRows joins rows that differ in the node's name only.
func shareRows(rows []htmlRow) []htmlRow {
	byKey := map[string]int{}
	var out []htmlRow
	for _, row := range rows {
		key := fmt.Sprintf("%q %+v", row.Server, row.Cells)
		i, ok := byKey[key]
		if !ok {
			byKey[key] = len(out)
			row.Names = []string{row.Name}
			out = append(out, row)
			continue
		}
		out[i].Names = append(out[i].Names, row.Name)
	}
	for i := range out {
		if n := len(out[i].Names); n > 1 {
			out[i].Name, out[i].Detail = fmt.Sprintf("%s and %d more", out[i].Names[0], n-1), ""
		} else {
			out[i].Names = nil
		}
	}
	slices.SortStableFunc(out, func(a, b htmlRow) int { return len(a.Names) - len(b.Names) })
	return out
}

func columnOf(f *report.Flow) htmlColumn {
	return htmlColumn{f.Direction, f.Protocol, f.Port, f.SourcePort, f.Must}
}

// htmlColumns returns the columns that the flows need: by direction, protocol and port.
func htmlColumns(flows []*report.Flow) []htmlHead {
	seen := map[htmlColumn]bool{}
	var out []htmlHead
	for _, f := range flows {
		if c := columnOf(f); !seen[c] {
			seen[c] = true
			out = append(out, htmlHead{c, f.Service})
		}
	}
	slices.SortStableFunc(out, func(a, b htmlHead) int {
		return cmp.Or(
			cmp.Compare(directionRank(a.Direction), directionRank(b.Direction)),
			strings.Compare(a.Direction, b.Direction),
			strings.Compare(a.Protocol, b.Protocol),
			cmp.Compare(firstPort(a.Port), firstPort(b.Port)),
			strings.Compare(a.Port, b.Port),
		)
	})
	return out
}

func directionRank(d string) int {
	return slices.Index([]string{"to-target", "from-target", "local", "browser"}, d)
}

func directionTitle(d string) string {
	switch d {
	case "to-target":
		return "SUM → target"
	case "from-target":
		return "target → SUM"
	case "local":
		return "on the host itself"
	case "browser":
		return "browser → SUM"
	}
	return d
}

// firstPort is the number that a port text begins with, for sorting.
func firstPort(port string) int {
	first, _, _ := strings.Cut(port, "-")
	n, err := strconv.Atoi(first)
	if err != nil {
		return 1 << 16
	}
	return n
}
