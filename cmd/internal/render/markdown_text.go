package render

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sumlint/sumlint/parsers/source"
)

// markdownText makes a text harmless inside a paragraph or a table's cell of
// GitHub's Markdown. Signs with a meaning become character references, which
// Markdown never reads as markup. '@', '#' and the '-' of "GH-1" get a zero-width
// space behind them: GitHub looks for mentions and issues in the finished page,
// where a reference alone would be gone.
func markdownText(s string) string {
	var b strings.Builder
	s = Escape(s)
	for i, r := range s {
		rest := s[i+utf8.RuneLen(r):]
		switch {
		case r == '@' || r == '#':
			fmt.Fprintf(&b, "&#%d;&#8203;", r)
		case r == '-' && i >= 2 && strings.EqualFold(s[i-2:i], "gh"):
			b.WriteString("-&#8203;")
		case strings.ContainsRune("&<>`*_~[]|\\$", r),
			r == ':' && rest != "" && rest[0] != ' ', // a link or :emoji:
			r == '.' && i >= 3 && strings.EqualFold(s[i-3:i], "www"),
			i == 0 && strings.ContainsRune("-+=0123456789", r): // a list, a heading's underline
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// markdownPage makes Markdown of a rule's page, which may have paragraphs, lists of
// dashes, `code` in a line, and code indented by four spaces or between fences. Code
// comes out between fences, where nothing is markup; all other text is harmless.
func markdownPage(s string) string {
	var out, code []string
	flush := func() {
		for len(code) > 0 && strings.TrimSpace(code[len(code)-1]) == "" {
			code = code[:len(code)-1]
		}
		if len(code) > 0 {
			fence := strings.Repeat("`", max(3, 1+longestRun(strings.Join(code, "\n"), '`')))
			out = append(append(append(out, fence), code...), fence, "")
		}
		code = nil
	}
	fenced := false
	for line := range strings.SplitSeq(EscapeLines(strings.ReplaceAll(strings.Trim(s, "\r\n"), "\t", "    ")), "\n") {
		indented := strings.HasPrefix(line, "    ") && (len(code) > 0 || len(out) == 0 || out[len(out)-1] == "")
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "```") && (fenced || !indented):
			flush()
			fenced = !fenced
		case fenced:
			code = append(code, line)
		case indented, len(code) > 0 && strings.TrimSpace(line) == "":
			code = append(code, strings.TrimPrefix(line, "    "))
		default:
			flush()
			out = append(out, markdownLine(strings.TrimSpace(line)))
		}
	}
	flush()
	return strings.TrimSpace(strings.Join(out, "\n"))
}

// markdownLine is a line of a page: an item of a list or text, with `code` as code.
func markdownLine(line string) string {
	lead := ""
	if rest, item := strings.CutPrefix(line, "- "); item {
		lead, line = "- ", rest
	}
	parts := strings.Split(line, "`")
	if len(parts)%2 == 0 { // the last backtick has no partner
		parts = append(parts[:len(parts)-2], parts[len(parts)-2]+"`"+parts[len(parts)-1])
	}
	var b strings.Builder
	b.WriteString(lead)
	for i, part := range parts {
		switch {
		case i%2 == 0:
			b.WriteString(markdownText(part))
		case strings.TrimSpace(part) == "":
			b.WriteString(markdownText("`" + part + "`"))
		default:
			b.WriteString("`" + part + "`")
		}
	}
	return b.String()
}

// longestRun is the length of the longest run of c.
func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] == c {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}

// markdownCode shows a text as code. GitHub looks for no mentions there.
func markdownCode(s string) string {
	if s == "" {
		return ""
	}
	return "<code>" + markdownText(s) + "</code>"
}

// markdownPlace is "file:line" as code.
func markdownPlace(l source.Location) string {
	if l.Line > 0 {
		return markdownCode(fmt.Sprintf("%s:%d", l.File, l.Line))
	}
	return markdownCode(l.File)
}
