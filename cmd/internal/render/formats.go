// Package render writes a report in the formats that people and tools read. Each
// format is a pure function from one report value to bytes.
package render

import (
	"io"

	"github.com/sumlint/sumlint/policies/report"
)

// Style says how a report is to look; formats for machines ignore most of it.
type Style struct {
	// Color allows ANSI colour sequences.
	Color bool
	// Width is the terminal's width in cells; 0 stands for no wrapping.
	Width int
	// Verbose shows the hops of allowed flows and does not shorten lists.
	Verbose bool
	// Version is sumlint's own version, for formats that name their tool.
	Version string
}

// Format is a way to write a report.
type Format struct {
	// Name is what --format and --report take.
	Name string
	// About says in a few words what it is for.
	About string
	Write func(w io.Writer, r *report.Report, s Style) error
}

// Formats returns every format, in the order in which the help lists them.
func Formats() []Format {
	return []Format{
		{Name: "text", About: "for reading in a terminal", Write: Text},
		{Name: "json", About: "the report as data, schema " + report.Schema, Write: JSON},
		{Name: "sarif", About: "for code scanning, SARIF 2.1.0", Write: SARIF},
		{Name: "junit", About: "for the test views of CI systems", Write: JUnit},
		{Name: "github", About: "annotations of a GitHub Actions run", Write: GitHub},
		{Name: "markdown", About: "the comment on a pull request", Write: MarkdownComment},
		{Name: "html", About: "the audit document, one file", Write: HTML},
	}
}
