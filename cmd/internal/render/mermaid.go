package render

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/sumlint/sumlint/policies/report"
)

// The most that one diagram shows; GitHub draws at most 500 edges and people read fewer.
const (
	mermaidBoxes = 60
	mermaidTies  = 40
	mermaidLabel = 60 // code points of a label
)

// mermaid writes a drawing as a Mermaid flowchart: zones as subgraphs, firewalls
// between them, and an edge that ends in a cross for each kind of flow that a
// firewall stops.
func mermaid(d *drawing) string {
	m := mermaidChart{ids: map[*box]string{}}
	m.line("flowchart LR")
	for i, z := range d.Zones {
		m.zone(i, z)
	}
	for _, f := range d.Firewalls {
		m.node("  ", f)
	}
	for _, f := range d.Firewalls {
		for _, name := range f.Zones {
			for i, z := range d.Zones {
				switch {
				case z.Name != name || m.ids[f] == "":
				case z.Column <= f.Column:
					m.edge(fmt.Sprintf("  z%d --- %s", i, m.ids[f]), "stroke:#8b949e")
				default:
					m.edge(fmt.Sprintf("  %s --- z%d", m.ids[f], i), "stroke:#8b949e")
				}
			}
		}
	}
	for i, t := range d.Ties {
		if i == mermaidTies {
			m.cut++
			break
		}
		m.tie(t)
	}
	m.line("  classDef zone fill:#f6f8fa,stroke:#d0d7de,color:#1f2328")
	for i := range d.Zones {
		m.line(fmt.Sprintf("  class z%d zone", i))
	}
	m.line("  classDef server fill:#ddf4ff,stroke:#0969da,color:#1f2328")
	m.line("  classDef firewall fill:#f6f8fa,stroke:#57606a,color:#1f2328")
	m.line("  classDef target fill:#ffffff,stroke:#8b949e,color:#1f2328")
	m.line("  classDef bad fill:#ffebe9,stroke:#cf222e,color:#1f2328")
	for i, style := range m.styles {
		m.line(fmt.Sprintf("  linkStyle %d %s", i, style))
	}
	if m.cut > 0 {
		m.line("  %% the diagram is cut: the full one is in the HTML report")
	}
	return m.b.String()
}

// mermaidChart collects a flowchart's lines.
type mermaidChart struct {
	b      strings.Builder
	ids    map[*box]string
	styles []string // of the edges, in order
	cut    int
}

func (m *mermaidChart) line(s string) { m.b.WriteString(s + "\n") }

func (m *mermaidChart) zone(i int, z *drawnZone) {
	title := z.Name
	if title == "" {
		title = "no zone"
	}
	if len(z.Networks) > 0 {
		title += " " + shortList(z.Networks, 1)
	}
	if len(z.Boxes) == 0 { // a subgraph without a node is not drawn
		m.line(fmt.Sprintf("  z%d[\"%s\"]", i, mermaidText(title)))
		return
	}
	m.line(fmt.Sprintf("  subgraph z%d[\"%s\"]", i, mermaidText(title)))
	for _, x := range z.Boxes {
		m.node("    ", x)
	}
	m.line("  end")
}

func (m *mermaidChart) node(indent string, x *box) {
	if len(m.ids) == mermaidBoxes {
		m.cut++
		return
	}
	id := fmt.Sprintf("n%d", len(m.ids))
	m.ids[x] = id
	label := mermaidText(x.Title)
	if x.Detail != "" {
		label += "<br/>" + mermaidText(x.Detail)
	}
	if c := mermaidCounts(x); c != "" {
		label += "<br/>" + c
	}
	class, open, end := x.Kind, "[", "]"
	switch x.Kind {
	case "firewall", "router":
		class, open, end = "firewall", "{{", "}}"
	case "server":
		open, end = "([", "])"
	}
	if x.Counts[report.Blocked]+x.Counts[report.Partial] > 0 {
		class = "bad"
	}
	m.line(fmt.Sprintf("%s%s%s\"%s\"%s:::%s", indent, id, open, label, end, class))
}

// mermaidCounts is "4 allowed, 1 blocked".
func mermaidCounts(x *box) string {
	var parts []string
	for _, v := range verdictsWorstFirst() {
		if n := x.Counts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	return strings.Join(parts, ", ")
}

func verdictsWorstFirst() []report.Verdict {
	return []report.Verdict{report.Blocked, report.Partial, report.Conditional, report.Allowed}
}

func (m *mermaidChart) edge(line, style string) {
	m.line(line)
	m.styles = append(m.styles, style)
}

// tie draws a flow up to what stops it.
func (m *mermaidChart) tie(t *tie) {
	from, stop := m.ids[t.From], m.ids[t.Stop]
	if t.Stop == t.From {
		stop = m.ids[t.To] // its own filter stops it
	}
	if from == "" || stop == "" {
		return // a browser, or a box that was cut
	}
	label := t.Label
	if t.At != "" {
		label += " at " + t.At
	}
	if t.Flows > 1 {
		label += fmt.Sprintf(" (%d flows)", t.Flows)
	}
	arrow, style := "--x", "stroke:#cf222e,stroke-width:2px,color:#cf222e"
	switch {
	case t.Never:
		arrow = "-->"
	case t.Verdict == report.Partial:
		arrow, style = "--x", "stroke:#bc4c00,stroke-width:2px,color:#bc4c00"
	case t.Verdict == report.Conditional:
		arrow, style = "-.->", "stroke:#9a6700,stroke-width:2px,color:#9a6700"
	}
	m.edge(fmt.Sprintf("  %s %s|\"%s %s\"| %s", from, arrow, mermaidText(string(t.Verdict)), mermaidText(label), stop), style)
}

// mermaidText writes a label: letters, digits and a few signs as they are, all
// else as Mermaid's entity codes, so that no text ends its label or becomes
// HTML, Markdown or a directive.
func mermaidText(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range Escape(s) {
		if n++; n > mermaidLabel {
			b.WriteString("…")
			break
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" .,-→()", r) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "#%d;", r)
	}
	return b.String()
}
