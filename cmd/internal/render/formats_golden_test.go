package render

import (
	"bytes"
	"io"
	"regexp"
	"testing"

	"github.com/sumlint/sumlint/policies/report"
)

// write returns what a format makes of a report.
func write(t testing.TB, r *report.Report, f func(io.Writer, *report.Report, Style) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b, r, Style{Version: "1.2.3"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The style, the script and their hashes are left out of golden HTML: they change
// for reasons of their own.
var htmlOwnParts = regexp.MustCompile(`(?s)(<style>).*(</style>)|(<script>).*(</script>)|sha256-[^&]*`)

func TestGolden(t *testing.T) {
	extensions := map[string]string{"sarif": "sarif", "junit": "xml", "github": "txt", "markdown": "md", "html": "html"}
	for _, f := range Formats() {
		ext := extensions[f.Name]
		if ext == "" {
			continue
		}
		for sample, r := range samples() {
			t.Run(f.Name+"/"+sample, func(t *testing.T) {
				got := write(t, r, f.Write)
				if f.Name == "html" {
					got = htmlOwnParts.ReplaceAll(got, []byte("$1$2$3$4"))
				}
				golden(t, f.Name+"/"+sample+"."+ext, got)
			})
		}
	}
}

func TestGitHubSummaryGolden(t *testing.T) {
	var b bytes.Buffer
	if err := GitHubSummary(&b, dataCentre()); err != nil {
		t.Fatal(err)
	}
	golden(t, "markdown/datacentre.md", b.Bytes()) // a small report is the same in both
}

// A report gives the same bytes each time, however maps are walked.
func TestSameBytes(t *testing.T) {
	reports := samples()
	reports["large"] = largeReport(60)
	for name, r := range reports {
		for _, f := range Formats() {
			first := write(t, r, f.Write)
			for range 20 {
				if !bytes.Equal(first, write(t, r, f.Write)) {
					t.Errorf("%s of %s differs from run to run", f.Name, name)
					break
				}
			}
		}
	}
}

// A format reads its report and changes nothing in it.
func TestFormatsOnlyRead(t *testing.T) {
	for _, f := range Formats() {
		r := poison("\x1b\n", false)
		before := write(t, r, JSON)
		write(t, r, f.Write)
		if !bytes.Equal(before, write(t, r, JSON)) {
			t.Errorf("%s changes the report", f.Name)
		}
	}
}

func TestHeadline(t *testing.T) {
	count := func(errors, warnings, flows, blocked, conditional int) *report.Report {
		return &report.Report{Summary: report.Summary{Errors: errors, Warnings: warnings, Flows: flows, Blocked: blocked, Conditional: conditional, Allowed: flows - blocked - conditional}}
	}
	unread := unreadReport()
	tests := []struct {
		name   string
		report *report.Report
		state  string
	}{
		{"blocked", count(1, 0, 9, 1, 0), "fail"},
		{"an error about no flow", count(1, 0, 9, 0, 0), "fail"},
		{"unread inputs", unread, "unread"},
		{"no flows", count(0, 0, 0, 0, 0), "unread"},
		{"conditional", count(0, 1, 9, 0, 1), "open"},
		{"warning only", count(0, 1, 9, 0, 0), "open"},
		{"only optional flows blocked", count(0, 0, 9, 1, 0), "pass"},
		{"all allowed", count(0, 0, 9, 0, 0), "pass"},
	}
	for _, tt := range tests {
		if got := headlineOf(tt.report); got.State != tt.state {
			t.Errorf("%s: state %q (%s), want %q", tt.name, got.State, got.Title, tt.state)
		}
	}
}
