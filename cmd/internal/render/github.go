package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

// githubShown is how many annotations of each severity GitHub shows for a step;
// it drops the rest without a word.
const githubShown = 10

// GitHub writes workflow commands for GitHub Actions, which become annotations at
// the lines that they name: errors first, waived findings not at all. Where there
// are more of a severity than GitHub shows, the last annotation says how many
// are missing, and those follow in the log as plain lines.
func GitHub(w io.Writer, r *report.Report, _ Style) error {
	out := bufio.NewWriter(w)
	for _, s := range []diag.Severity{diag.Error, diag.Warning, diag.Note} {
		notes := githubNotes(r, s)
		shown := notes
		if len(notes) > githubShown {
			shown = notes[:githubShown-1]
		}
		for _, n := range shown {
			fmt.Fprintln(out, n.command())
		}
		rest := notes[len(shown):]
		if len(rest) == 0 {
			continue
		}
		more := githubNote{severity: s, title: "sumlint", message: fmt.Sprintf("and %d more of severity %s: see the step's log or its summary", len(rest), s)}
		fmt.Fprintln(out, more.command())
		fmt.Fprintf(out, "::group::%d more of severity %s\n", len(rest), s)
		for _, n := range rest {
			fmt.Fprintln(out, n.line())
		}
		fmt.Fprintln(out, "::endgroup::")
	}
	h := headlineOf(r)
	fmt.Fprintf(out, "sumlint: %s. %s\n", h.Title, strings.TrimSpace(h.Text+" "+h.Unread))
	return out.Flush()
}

// githubNote is an annotation.
type githubNote struct {
	severity diag.Severity
	title    string
	message  string
	place    source.Location
}

// githubNotes returns the annotations of a severity: what could not be read, then the findings.
func githubNotes(r *report.Report, s diag.Severity) []githubNote {
	var notes []githubNote
	for _, d := range r.Diagnostics {
		if levelOf(d.Severity) == s {
			notes = append(notes, githubNote{s, "sumlint: input", Escape(d.Message), d.Location})
		}
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; levelOf(f.Severity) == s && !f.Waived {
			notes = append(notes, githubNote{s, "sumlint: " + Escape(f.Rule), findingText(f), f.Location})
		}
	}
	return notes
}

// command writes the note as a workflow command.
func (n githubNote) command() string {
	name := map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Note: "notice"}[n.severity]
	var p []string
	if n.place.File != "" {
		p = append(p, "file="+githubProperty(n.place.File))
		if n.place.Line > 0 {
			p = append(p, fmt.Sprintf("line=%d", n.place.Line))
			if n.place.Column > 0 {
				p = append(p, fmt.Sprintf("col=%d", n.place.Column))
			}
		}
	}
	p = append(p, "title="+githubProperty(n.title))
	return "::" + name + " " + strings.Join(p, ",") + "::" + githubData(n.message)
}

// line writes the note for the log: neither at the start of the line nor, in the
// older form "##[…]", within it does anything of it become a command.
func (n githubNote) line() string {
	text := string(n.severity) + " " + n.title
	if n.place.File != "" {
		text += " " + n.place.File
		if n.place.Line > 0 {
			text += fmt.Sprintf(":%d", n.place.Line)
		}
	}
	text += " " + n.message
	return strings.ReplaceAll(Escape(text), "##[", "## [")
}

// githubData escapes a command's message, as the runner decodes it.
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(EscapeLines(s))
}

// githubProperty escapes the value of a command's property.
func githubProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(Escape(s))
}
