package render

import (
	"io"
	"strings"
)

// Table writes rows in columns, the first as a heading. Texts are escaped.
func Table(w io.Writer, rows [][]string, s Style) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], cells(Escape(cell)))
		}
	}
	for n, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			text := Escape(cell)
			b.WriteString(text)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-cells(text)+2))
			}
		}
		line := strings.TrimRight(b.String(), " ")
		if n == 0 {
			line = s.paint(bold, line)
		}
		_, _ = io.WriteString(w, line+"\n") // the caller flushes and sees the error
	}
}
