package render

import "github.com/sumlint/sumlint/parsers/diag"

// The colours that the text formats use, as SGR parameters.
const (
	bold    = "1"
	dim     = "2"
	red     = "1;31"
	green   = "32"
	yellow  = "1;33"
	cyan    = "36"
	magenta = "35"
)

// paint colours an escaped text where the style allows it.
func (s Style) paint(sgr, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}

// severityColor is the colour of a severity's word.
func severityColor(s diag.Severity) string {
	switch s {
	case diag.Error:
		return red
	case diag.Warning:
		return yellow
	}
	return cyan
}
