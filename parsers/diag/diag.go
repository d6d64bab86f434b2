// Package diag holds the one type for everything that is wrong with an input:
// a topology, an export, a policy or the command line. Every report format can
// show it.
package diag

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/source"
)

// Severity says how bad it is.
type Severity string

// The severities, as JSON and the flag --fail-on spell them.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Rank orders severities: 3 error, 2 warning, 1 note, 0 for anything else.
func (s Severity) Rank() int {
	switch s {
	case Error:
		return 3
	case Warning:
		return 2
	case Note:
		return 1
	}
	return 0
}

// Origin says which kind of input is at fault; it decides the exit code.
type Origin string

// The origins.
const (
	Usage    Origin = "usage"    // the command line: exit code 2
	Topology Origin = "topology" // exit code 2
	Policy   Origin = "policy"   // exit code 2
	Export   Origin = "export"   // exit code 3
)

// Diagnostic is one thing that is wrong with an input.
type Diagnostic struct {
	Severity Severity
	Origin   Origin
	// Summary says what is wrong in one line, naming the offending token.
	Summary string
	// Detail says why, what is legal there and what to do. It may be empty.
	Detail string
	// Span is the offending text; it may be nowhere, then Place counts.
	Span source.Span
	// Place stands in for Span where the text is not at hand.
	Place source.Location
}

// Location says where the diagnostic points.
func (d Diagnostic) Location() source.Location {
	if d.Span.IsZero() {
		return d.Place
	}
	return d.Span.Location()
}

// Message is summary and detail in one text.
func (d Diagnostic) Message() string {
	if d.Detail == "" {
		return d.Summary
	}
	return strings.TrimSuffix(d.Summary, ".") + ". " + d.Detail
}

// Error makes a diagnostic an error: "file:line:column: message".
func (d Diagnostic) Error() string {
	l := d.Location()
	if l.File == "" {
		return d.Message()
	}
	return fmt.Sprintf("%s:%d:%d: %s", l.File, l.Line, l.Column, d.Message())
}

// List is what a parser collected. Parsers append and go on.
type List []Diagnostic

// Add appends a diagnostic.
func (l *List) Add(d Diagnostic) { *l = append(*l, d) }

// Errorf appends an error about the text at span; detail may be "".
func (l *List) Errorf(origin Origin, span source.Span, detail, format string, args ...any) {
	l.Add(Diagnostic{Severity: Error, Origin: origin, Span: span, Summary: fmt.Sprintf(format, args...), Detail: detail})
}

// Warnf appends a warning about the text at span; detail may be "".
func (l *List) Warnf(origin Origin, span source.Span, detail, format string, args ...any) {
	l.Add(Diagnostic{Severity: Warning, Origin: origin, Span: span, Summary: fmt.Sprintf(format, args...), Detail: detail})
}

// HasErrors tells whether one of them is an error.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sorted returns the list by place, then severity and text, without duplicates.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		if c := a.Location().Compare(b.Location()); c != 0 {
			return c
		}
		if c := b.Severity.Rank() - a.Severity.Rank(); c != 0 {
			return c
		}
		return strings.Compare(a.Message(), b.Message())
	})
	return slices.CompactFunc(out, func(a, b Diagnostic) bool {
		return a.Location() == b.Location() && a.Severity == b.Severity && a.Message() == b.Message()
	})
}
