package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

// The sizes that GitHub takes: a comment's body has 65,536 characters at most, a
// step's summary 1 MiB. Both are counted in bytes here, which are never fewer.
const (
	markdownCommentSize = 65536
	markdownSummarySize = 1 << 20
)

// MarkdownMarker is the first line of every Markdown report, an HTML comment, by
// which an earlier comment of sumlint is found again.
const MarkdownMarker = "<!-- sumlint report -->"

// MarkdownComment writes the report as the body of a pull request's comment, in GitHub's
// dialect and below its size limit: the verdict, the findings, a diagram of the
// topology, and the rest in parts that open on a click. What does not fit is left
// out, and the report says so.
func MarkdownComment(w io.Writer, r *report.Report, _ Style) error {
	return writeMarkdown(w, r, markdownCommentSize)
}

// GitHubSummary writes the report as what a workflow step appends to the file that
// GITHUB_STEP_SUMMARY names: the same as MarkdownComment, but longer.
func GitHubSummary(w io.Writer, r *report.Report) error {
	return writeMarkdown(w, r, markdownSummarySize)
}

func writeMarkdown(w io.Writer, r *report.Report, limit int) error {
	m := &markdownDoc{left: limit - 1024} // room for the note on what is left out
	m.head(r)
	m.findings(r)
	m.diagrams(r)
	m.hops(r)
	m.waivers(r)
	m.list("Assumptions and decisions", markdownAssumed(r))
	m.list("What could not be read", markdownDiagnostics(r))
	if m.cut > 0 {
		fmt.Fprintf(&m.b, "\n_%s left out: this report is limited to %d bytes. The JSON and HTML reports hold all._\n", plural(m.cut, "entry is", "entries are"), limit)
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

// markdownDoc is a document that stays below a size.
type markdownDoc struct {
	b    strings.Builder
	left int // bytes that may still be written
	cut  int // entries that did not fit
}

// section writes a head, as many entries as fit, and a foot. At most share bytes
// are used; entries that do not fit are counted.
func (m *markdownDoc) section(share int, head string, entries []string, foot string) {
	room := min(share, m.left) - len(head) - len(foot)
	if len(entries) == 0 {
		return
	}
	if len(entries[0]) > room {
		m.cut += len(entries)
		return
	}
	m.add(head)
	for i, e := range entries {
		if room -= len(e); room < 0 {
			m.cut += len(entries) - i
			break
		}
		m.add(e)
	}
	m.add(foot)
}

func (m *markdownDoc) add(s string) {
	m.b.WriteString(s)
	m.left -= len(s)
}

func (m *markdownDoc) head(r *report.Report) {
	h := headlineOf(r)
	m.add(MarkdownMarker + "\n## sumlint: " + h.Title + "\n\n" + h.Text)
	if h.Unread != "" {
		m.add(" **" + h.Unread + "**")
	}
	m.add("\n")
}

func (m *markdownDoc) findings(r *report.Report) {
	row := func(f *report.Finding) string {
		word := "**" + markdownText(string(f.Severity)) + "**"
		if f.Waived {
			word = "waived"
		}
		what := markdownText(clip(Escape(f.Message), 800))
		if f.Advice != "" {
			what += "<br>_To do:_ " + markdownText(clip(Escape(f.Advice), 400))
		}
		if f.Waived && f.WaivedBy != "" {
			what += "<br>_Waived:_ " + markdownText(clip(Escape(f.WaivedBy), 200))
		}
		return "| " + word + " | " + markdownCode(f.Rule) + " | " + what + " | " + markdownPlace(f.Location) + " |\n"
	}
	var rows, waived []string
	for _, s := range []diag.Severity{diag.Error, diag.Warning, diag.Note} {
		for i := range r.Findings {
			f := &r.Findings[i]
			switch {
			case levelOf(f.Severity) != s:
			case f.Waived:
				waived = append(waived, row(f))
			default:
				rows = append(rows, row(f))
			}
		}
	}
	const head = "| Severity | Rule | What | Where |\n|---|---|---|---|\n"
	m.section(m.left/2, "\n"+head, rows, "\n")
	m.section(m.left/8, "\n<details><summary>"+plural(len(waived), "waived finding", "waived findings")+"</summary>\n\n"+head, waived, "\n</details>\n")
}

// markdownDiagrams is how many topologies are drawn.
const markdownDiagrams = 4

func (m *markdownDoc) diagrams(r *report.Report) {
	for i := range r.Topologies {
		if i == markdownDiagrams {
			m.cut += len(r.Topologies) - i
			return
		}
		d := draw(r, i)
		title := "Topology"
		if len(r.Topologies) > 1 {
			title += " " + markdownCode(d.Path)
		}
		open := ""
		if len(d.Ties) > 0 {
			open = " open"
		}
		m.section(m.left/2, "\n<details"+open+"><summary>"+title+"</summary>\n\n```mermaid\n", []string{mermaid(d)}, "```\n\n</details>\n")
	}
}

func (m *markdownDoc) hops(r *report.Report) {
	var entries []string
	for _, g := range flowGroups(r) {
		entries = append(entries, markdownGroup(g))
	}
	m.section(m.left*3/4, "\n<details><summary>Flows that do not fare as they should, hop by hop</summary>\n\n", entries, "\n</details>\n")
}

// markdownGroup explains what becomes of the flows of a group.
func markdownGroup(g *flowGroup) string {
	var b strings.Builder
	f := g.First
	names := make([]string, 0, len(g.Flows))
	for _, x := range g.Flows {
		from, to := flowEnds(x)
		names = append(names, markdownCode(from+" → "+to))
	}
	waived := ""
	if g.Waived {
		waived = ", waived"
	}
	fmt.Fprintf(&b, "**%s%s: %s** (%s), %s\n\n", markdownText(string(f.Verdict)), waived, markdownText(flowPorts(f)), markdownText(flowNeed(f)), shortList(names, 8))
	for i := range f.Hops {
		markdownHop(&b, &f.Hops[i])
	}
	if len(f.Hops) == 0 && f.Must != report.Never {
		b.WriteString("- no path leads from one to the other\n")
	}
	b.WriteString("\n")
	return b.String()
}

// markdownLines is how many deciding lines of a hop are shown.
const markdownLines = 10

func markdownHop(b *strings.Builder, h *report.Hop) {
	fmt.Fprintf(b, "- %s: %s\n", markdownText(hopTitle(h)), markdownText(string(h.Verdict)))
	for i, d := range h.DecidedBy {
		if i == markdownLines {
			fmt.Fprintf(b, "  - and %s\n", plural(len(h.DecidedBy)-i, "further line", "further lines"))
			break
		}
		note := ""
		if d.Note != "" {
			note = " (" + markdownText(d.Note) + ")"
		}
		fmt.Fprintf(b, "  - decided by %s %s%s\n", markdownPlace(source.Location{File: d.File, Line: d.Line}), markdownCode(clip(Escape(d.Text), 300)), note)
	}
	for i, d := range h.DependsOn {
		if i == markdownLines {
			break
		}
		fmt.Fprintf(b, "  - depends on %s: %s\n", markdownText(d.Kind), markdownCode(clip(Escape(d.Text), 300)))
	}
	for i, n := range h.Near {
		if i == markdownLines {
			break
		}
		fmt.Fprintf(b, "  - nearly allowed by %s: %s\n", markdownPlace(source.Location{File: n.File, Line: n.Line}), markdownText(clip(Escape(n.Reason), 300)))
	}
	if h.Redirected != "" {
		fmt.Fprintf(b, "  - redirected to %s\n", markdownCode(h.Redirected))
	}
}

func (m *markdownDoc) waivers(r *report.Report) {
	var rows []string
	for _, w := range r.Waivers {
		state := "unused"
		if w.Used {
			state = "used"
		}
		if w.Expired {
			state = "expired"
		}
		until := "no end"
		if w.Until != "" {
			until = w.Until
		}
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s | %s |\n", markdownCode(w.Rule), markdownText(clip(Escape(w.Scope), 200)), markdownText(clip(Escape(w.Reason), 300)), markdownText(until), state))
	}
	m.section(m.left/2, "\n<details><summary>Waivers</summary>\n\n| Rule | Scope | Reason | Until | State |\n|---|---|---|---|---|\n", rows, "\n</details>\n")
}

func (m *markdownDoc) list(title string, entries []string) {
	m.section(m.left/2, "\n<details><summary>"+title+"</summary>\n\n", entries, "\n</details>\n")
}

func markdownAssumed(r *report.Report) []string {
	var out []string
	for _, a := range r.Assumptions {
		about := ""
		if a.Firewall != "" {
			about = markdownCode(a.Firewall) + ": "
		}
		out = append(out, "- "+about+markdownText(clip(Escape(a.Message), 400))+"\n")
	}
	for _, d := range r.Decisions {
		out = append(out, "- "+markdownCode(d.Target)+": "+markdownText(clip(Escape(d.Message), 400))+"\n")
	}
	return out
}

func markdownDiagnostics(r *report.Report) []string {
	var out []string
	for _, d := range r.Diagnostics {
		entry := "- **" + markdownText(string(d.Severity)) + "** "
		if d.Location.File != "" {
			entry += markdownPlace(d.Location) + " "
		}
		out = append(out, entry+markdownText(clip(Escape(d.Message), 600))+"\n")
	}
	return out
}
