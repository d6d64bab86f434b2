package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/sumlint/sumlint/policies/report"
)

// Diagnostics writes diagnostics alone, as Text shows them: for commands whose
// output is something else than a report.
func Diagnostics(w io.Writer, list []report.Diagnostic, s Style) error {
	p := &page{out: bufio.NewWriter(w), style: s}
	p.diagnostics(list)
	return p.out.Flush()
}

// diagnostics writes what is wrong with the inputs, each with the line it is about.
func (p *page) diagnostics(list []report.Diagnostic) {
	for _, d := range list {
		p.block()
		word := p.style.paint(severityColor(d.Severity), string(d.Severity))
		lead, n := word+": ", len(d.Severity)+2
		if at := Place(d.Location); at != "" {
			lead, n = p.style.paint(bold, at)+": "+lead, n+cells(at)+2
		}
		for l := range strings.SplitSeq(EscapeLines(d.Message), "\n") {
			p.line(lead, n, l, indent)
			lead, n = "  ", indent // so that no input can begin a line of the report
		}
		p.snippet(d)
	}
}

// snippet shows the line that a diagnostic is about and marks the place in it.
func (p *page) snippet(d report.Diagnostic) {
	if strings.TrimSpace(d.Snippet) == "" || d.Location.Line == 0 {
		return
	}
	gutter := fmt.Sprintf("%5d | ", d.Location.Line)
	limit := maxText
	if p.style.Width > len(gutter)+20 {
		limit = min(limit, p.style.Width-len(gutter))
	}
	text, before, marked := snippet(d.Snippet, d.Location.Column, max(d.Width, 1))
	text, before, marked = window(text, before, marked, limit)
	fmt.Fprintf(p.out, "%s%s\n", p.style.paint(dim, gutter), text)
	if d.Location.Column == 0 {
		return
	}
	caret := "^" + strings.Repeat("~", max(marked-1, 0))
	fmt.Fprintf(p.out, "%s%*s%s\n", p.style.paint(dim, "      | "), before, "", p.style.paint(red, caret))
}
