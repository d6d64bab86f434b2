package report

import (
	"strings"
	"unicode/utf8"

	"github.com/sumlint/sumlint/parsers/diag"
)

// FromDiagnostics gives diagnostics the form of the report, in the order of their
// places. It never returns nil.
func FromDiagnostics(list diag.List) []Diagnostic {
	out := []Diagnostic{}
	for _, d := range list.Sorted() {
		r := Diagnostic{Severity: d.Severity, Origin: d.Origin, Message: d.Message(), Location: d.Location()}
		if !d.Span.IsZero() {
			r.Snippet = d.Span.File.Line(r.Location.Line)
			first, _, _ := strings.Cut(d.Span.Text(), "\n")
			r.Width = utf8.RuneCountInString(first)
		}
		out = append(out, r)
	}
	return out
}
