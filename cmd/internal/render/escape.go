package render

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape makes a text from an input harmless where it is shown on one line: what
// could move the cursor, end the line, turn the direction of the text or hide
// something is written as an escape (\n, \x1b, \u202e), as are bytes that are no
// UTF-8 (\xff). Tabs become a space. Every other text is returned as it is.
//
// Each format for people uses it before its own quoting.
func Escape(s string) string {
	at := firstUnsafe(s)
	if at == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:at])
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x` + hex(s[at]))
		case r == '\t':
			b.WriteByte(' ')
		case safe(r):
			b.WriteString(s[at : at+size])
		default:
			b.WriteString(escapeRune(r))
		}
		at += size
	}
	return b.String()
}

// EscapeLines is Escape for texts of several lines: line ends stay.
func EscapeLines(s string) string {
	if !strings.Contains(s, "\n") {
		return Escape(s)
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = Escape(strings.TrimSuffix(l, "\r"))
	}
	return strings.Join(lines, "\n")
}

// firstUnsafe returns where the first byte stands that Escape changes.
func firstUnsafe(s string) int {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < ' ' || c == 0x7f {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && size == 1) || !safe(r) {
			return i
		}
		i += size
	}
	return len(s)
}

// safe tells that a terminal or browser shows the rune and does nothing else:
// letters, marks, digits, punctuation, symbols and plain spaces. Controls, format
// characters (bidi, zero width, tags), line separators, surrogates and private or
// unassigned code points are not.
func safe(r rune) bool {
	return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r)
}

// escapeRune writes a rune as Go and most shells would: \n, \x1b, \u202e.
func escapeRune(r rune) string {
	q := strconv.QuoteRuneToASCII(r)
	return q[1 : len(q)-1]
}

func hex(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}
