package render

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// tabStop is how far apart terminals set their tabs.
const tabStop = 8

// runeCells tells how many cells of a terminal a rune takes: 2 for wide East Asian
// characters and emoji (UAX #11: W and F), 0 for combining marks, else 1.
func runeCells(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cells tells how many cells an escaped text takes. Colours, which only paint puts
// in, take none.
func cells(s string) int {
	n, painting := 0, false
	for _, r := range s {
		switch {
		case painting:
			painting = r != 'm'
		case r == '\x1b':
			painting = true
		default:
			n += runeCells(r)
		}
	}
	return n
}

// clip shortens an escaped text to so many cells, with "…" for what is left out.
func clip(s string, limit int) string {
	if len(s) <= limit || cells(s) <= limit {
		return s
	}
	n := 0
	for i, r := range s {
		if n += runeCells(r); n > limit-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// snippet returns a source line as it is shown, tabs expanded and the rest escaped,
// and where in it the marked part stands: cells before it and its own. The column
// counts code points from 1, as does n; both may lie beyond the line.
func snippet(line string, column, n int) (text string, before, marked int) {
	var b strings.Builder
	at, place := 0, 0
	mark := func(w int) {
		switch {
		case place < column-1:
			before += w
		case place < column-1+n:
			marked += w
		}
		place++
		at += w
	}
	for i, r := range line {
		if r == '\t' {
			w := tabStop - at%tabStop
			b.WriteString(strings.Repeat(" ", w))
			mark(w)
			continue
		}
		shown := string(r)
		if r == unicode.ReplacementChar {
			_, size := utf8.DecodeRuneInString(line[i:])
			shown = Escape(line[i : i+size])
		} else if !safe(r) {
			shown = escapeRune(r)
		}
		b.WriteString(shown)
		mark(cells(shown))
	}
	return b.String(), before, marked
}

// window cuts a long snippet down to limit cells around its mark.
func window(text string, before, marked, limit int) (string, int, int) {
	total := cells(text)
	if total <= limit {
		return text, before, min(marked, total-before)
	}
	start := max(0, min(before-limit/3, total-limit))
	var b strings.Builder
	at, lead := 0, 0
	if start > 0 {
		b.WriteString("…")
		lead = 1
	}
	first := -1
	for _, r := range text {
		w := runeCells(r)
		if at >= start && at+w <= start+limit-2 {
			if first < 0 {
				first = at
			}
			b.WriteRune(r)
		}
		at += w
	}
	b.WriteString("…")
	before = max(0, before-max(first, 0)) + lead
	return b.String(), before, max(0, min(marked, limit-1-before))
}
