package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

// Text writes the report for people who read it in a terminal: what is wrong with
// the inputs, the findings with what decides and what asks for it, what was taken
// for granted, and the count.
func Text(w io.Writer, r *report.Report, s Style) error {
	p := &page{out: bufio.NewWriter(w), style: s}
	p.diagnostics(r.Diagnostics)
	p.findings(r)
	p.decisions(r.Decisions)
	if s.Verbose {
		p.flows(r.Flows)
	}
	p.assumptions(r.Assumptions)
	p.summary(r)
	return p.out.Flush()
}

// page is a text in the making: blocks with an empty line between them.
type page struct {
	out     *bufio.Writer
	style   Style
	started bool // something stands on it already
}

// labelWidth is the width of the column of labels in a block, indent what stands
// before it.
const (
	labelWidth = 10
	indent     = 2
)

// block starts a new block.
func (p *page) block() {
	if p.started {
		p.out.WriteByte('\n')
	}
	p.started = true
}

// line writes text, wrapped, its further lines hanging by so many cells. lead is
// already painted and takes leadCells.
func (p *page) line(lead string, leadCells int, text string, hang int) {
	room := p.style.Width
	lines := wrap(text, room-leadCells, room-hang)
	p.out.WriteString(lead)
	p.out.WriteString(lines[0])
	p.out.WriteByte('\n')
	for _, l := range lines[1:] {
		fmt.Fprintf(p.out, "%*s%s\n", hang, "", l)
	}
}

// row writes a labelled text of a block; an empty label continues the row above.
func (p *page) row(label, text string) {
	const hang = indent + labelWidth
	lead := fmt.Sprintf("%*s%s%*s", indent, "", p.style.paint(dim, label), labelWidth-len(label), "")
	p.line(lead, hang, text, hang)
}

// at writes a place, the chain it is in, and below it the text that stands there;
// "" for none. The place stays in one piece, so that editors and terminals can open it.
func (p *page) at(label string, l source.Location, chain, text string) {
	place := p.style.paint(cyan, Place(l))
	if chain != "" {
		place += "  " + p.style.paint(dim, Escape(chain))
	}
	fmt.Fprintf(p.out, "%*s%s%*s%s\n", indent, "", p.style.paint(dim, label), labelWidth-len(label), "", place)
	if text != "" {
		p.row("", clip(Escape(text), maxText))
	}
}

// maxText is how many cells of an input's line the text formats show.
const maxText = 500

// Place writes a location as file:line:column, as far as it is known, escaped.
func Place(l source.Location) string {
	text := Escape(l.File)
	if l.Line > 0 {
		text += fmt.Sprintf(":%d", l.Line)
		if l.Column > 0 {
			text += fmt.Sprintf(":%d", l.Column)
		}
	}
	return text
}

func (p *page) decisions(list []report.Decision) {
	if len(list) == 0 {
		return
	}
	p.block()
	p.heading("Decided by the topology")
	for _, d := range list {
		p.item(Escape(d.Target) + ": " + Escape(d.Message))
	}
}

// assumptions writes what was taken for granted; what holds for several firewalls alike
// stands once.
func (p *page) assumptions(list []report.Assumption) {
	if len(list) == 0 {
		return
	}
	p.block()
	p.heading("Taken for granted")
	index := map[string]int{}
	var texts []string
	var firewalls [][]string
	for _, a := range list {
		text := a.Message
		if a.Firewall != "" {
			text = strings.Replace(text, " on "+a.Firewall+" ", " ", 1) // it stands before the text
		}
		key := a.ID + "\n" + text
		at, ok := index[key]
		if !ok {
			at = len(texts)
			index[key] = at
			texts, firewalls = append(texts, text), append(firewalls, nil)
		}
		if a.Firewall != "" {
			firewalls[at] = append(firewalls[at], a.Firewall)
		}
	}
	for i, text := range texts {
		if len(firewalls[i]) > 0 {
			text = p.names(firewalls[i]) + ": " + text
		}
		p.item(Escape(text))
	}
}

func (p *page) heading(text string) {
	p.out.WriteString(p.style.paint(bold, text) + "\n")
}

func (p *page) item(text string) {
	p.line("  - ", 4, text, 4)
}

// summary says how it stands, and counts flows, findings and what was read.
func (p *page) summary(r *report.Report) {
	p.block()
	s, h := r.Summary, headlineOf(r)
	title := h.Title + "."
	if h.Unread != "" {
		title += " " + h.Unread
	}
	p.line("", 0, p.style.paint(stateColor(h.State), title), 0)
	text := count(s.Flows, "flow")
	if s.Flows > 0 {
		text += ": " + strings.Join(p.verdicts(s), ", ")
	}
	switch found := p.severities(s); {
	case len(found) > 0:
		text += "; " + strings.Join(found, ", ")
	case s.Flows > 0:
		text += "; " + p.style.paint(green, "no findings")
	}
	if s.Exports > 0 {
		text += fmt.Sprintf("; %s with %s", count(s.Exports, "export"), count(s.RuleLines, "rule"))
	}
	p.line("", 0, text, 2)
}

// stateColor is the colour of a headline.
func stateColor(state string) string {
	switch state {
	case "pass":
		return "1;" + green
	case "open":
		return yellow
	}
	return red
}

func (p *page) verdicts(s report.Summary) []string {
	var parts []string
	for _, v := range []struct {
		n       int
		verdict report.Verdict
	}{{s.Allowed, report.Allowed}, {s.Blocked, report.Blocked}, {s.Partial, report.Partial}, {s.Conditional, report.Conditional}} {
		if v.n > 0 {
			parts = append(parts, p.style.paint(verdictColor(v.verdict), fmt.Sprintf("%d %s", v.n, v.verdict)))
		}
	}
	if s.Forbidden > 0 {
		parts = append(parts, fmt.Sprintf("%d that must never pass", s.Forbidden))
	}
	return parts
}

func (p *page) severities(s report.Summary) []string {
	var parts []string
	add := func(n int, word, color string) {
		if n > 0 {
			parts = append(parts, p.style.paint(color, count(n, word)))
		}
	}
	add(s.Errors, "error", red)
	add(s.Warnings, "warning", yellow)
	add(s.Notes, "note", cyan)
	if s.Waived > 0 {
		parts = append(parts, fmt.Sprintf("%d waived", s.Waived))
	}
	return parts
}

// verdictColor is the colour of a verdict's word.
func verdictColor(v report.Verdict) string {
	switch v {
	case report.Allowed:
		return green
	case report.Blocked, report.Partial:
		return red
	}
	return yellow
}

// count writes a number and its noun: "1 flow", "2 flows".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
