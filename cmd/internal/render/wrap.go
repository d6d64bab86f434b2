package render

import "strings"

// wrap breaks an escaped text at spaces so that a first line of first cells and
// further lines of rest cells hold it; words that are longer stand alone. 0 or
// less does not break.
func wrap(text string, first, rest int) []string {
	if first <= 0 || rest <= 0 || cells(text) <= first {
		return []string{text}
	}
	var lines []string
	var line strings.Builder
	used, room := 0, first
	for word := range strings.FieldsSeq(text) {
		w := cells(word)
		if used > 0 && used+1+w > room {
			lines = append(lines, line.String())
			line.Reset()
			used, room = 0, rest
		}
		if used > 0 {
			line.WriteByte(' ')
			used++
		}
		line.WriteString(word)
		used += w
	}
	return append(lines, line.String())
}
