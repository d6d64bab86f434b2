package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

// Change is a flow that fares differently than before.
type Change struct {
	Flow *report.Flow
	// Before and After are its verdicts; "" where it was not, or is no longer, needed.
	// They are the same where something else decides it.
	Before, After report.Verdict
	Worse         bool
}

// word says what happened in a few words.
func (c *Change) word() string {
	switch {
	case c.Before == "":
		return "new, " + string(c.After)
	case c.After == "":
		return "no longer needed"
	case c.Before == c.After:
		return string(c.After) + ", for another reason"
	}
	return fmt.Sprintf("%s, was %s", c.After, c.Before)
}

// Changes writes what a change does to the flows, those that are worse off first.
// The format is text or markdown.
func Changes(w io.Writer, list []Change, format string, s Style) error {
	var worse, others []Change
	for _, c := range list {
		if c.Worse {
			worse = append(worse, c)
		} else {
			others = append(others, c)
		}
	}
	head := fmt.Sprintf("%s worse off, %s changed otherwise", count(len(worse), "flow"), count(len(others), "flow"))
	if len(list) == 0 {
		head = "No flow fares differently"
	}
	if format == "markdown" {
		return changesMarkdown(w, append(worse, others...), head)
	}
	p := &page{out: bufio.NewWriter(w), style: s}
	for _, c := range append(worse, others...) {
		p.change(&c)
	}
	p.block()
	p.heading(head + ".")
	return p.out.Flush()
}

// change writes a changed flow and what decides it now.
func (p *page) change(c *Change) {
	p.block()
	color := verdictColor(c.After)
	if c.After == "" {
		color = dim
	}
	p.line("", 0, p.style.paint(color, c.word())+": "+Words(c.Flow), indent)
	if c.After == "" || c.After == report.Allowed {
		return
	}
	for i := range c.Flow.Hops {
		if h := &c.Flow.Hops[i]; h.Verdict != report.Allowed {
			p.hop(h)
		}
	}
}

func changesMarkdown(w io.Writer, list []Change, head string) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "## %s\n", head)
	if len(list) > 0 {
		out.WriteString("\n| Flow | Verdict | Decided by |\n|---|---|---|\n")
	}
	for i := range list {
		c := &list[i]
		fmt.Fprintf(out, "| %s | %s | %s |\n", markdownText(Words(c.Flow)), markdownText(c.word()), decidedBy(c))
	}
	return out.Flush()
}

// decidedBy names the lines that now decide a flow that does not surely pass.
func decidedBy(c *Change) string {
	if c.After == "" || c.After == report.Allowed {
		return ""
	}
	var out []string
	for _, h := range c.Flow.Hops {
		if h.Verdict == report.Allowed {
			continue
		}
		for _, d := range h.DecidedBy {
			text := markdownText(h.Firewall) + " " + markdownPlace(source.Location{File: d.File, Line: d.Line}) + " " + markdownCode(d.Text)
			out = append(out, text)
		}
	}
	return strings.Join(out[:min(len(out), maxDeciders)], "<br>")
}
