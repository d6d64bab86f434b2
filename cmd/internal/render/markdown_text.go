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
