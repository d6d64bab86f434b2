package render

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); go test -update writes it anew:\n%s", path, diff)
	}
}

func TestText(t *testing.T) {
	styles := map[string]Style{
		"plain":   {},
		"verbose": {Verbose: true},
		"narrow":  {Width: 60},
		"colour":  {Color: true, Width: 100},
	}
	for sample, r := range samples() {
		for look, style := range styles {
			t.Run(sample+"/"+look, func(t *testing.T) {
				var b bytes.Buffer
				if err := Text(&b, r, style); err != nil {
					t.Fatal(err)
				}
				golden(t, "text/"+sample+"-"+look+".txt", b.Bytes())
			})
		}
	}
}

// TestTextShortensLists shows that a cause with many targets stays readable, and
// that --verbose shows all.
func TestTextShortensLists(t *testing.T) {
	r := largeReport(300)
	for _, c := range []struct {
		verbose bool
		want    []string
		not     []string
	}{
		{false, []string{"ilo-001 (ilo), ilo-011 (ilo)", " and 22 more"}, []string{"ilo-291 (ilo)"}},
		{true, []string{"ilo-291 (ilo)"}, []string{" and 22 more"}},
	} {
		var b bytes.Buffer
		r.Findings[0].Message = "tcp 63001 is blocked"
		if err := Text(&b, r, Style{Verbose: c.verbose}); err != nil {
			t.Fatal(err)
		}
		text, _, _ := strings.Cut(b.String(), "reply-blocked")
		for _, w := range c.want {
			if !strings.Contains(text, w) {
				t.Errorf("verbose %v: no %q in\n%s", c.verbose, w, text)
			}
		}
		for _, w := range c.not {
			if strings.Contains(text, w) {
				t.Errorf("verbose %v: %q in\n%s", c.verbose, w, text)
			}
		}
	}
}

// TestTextLeavesOutWhatStandsBelow cuts the deciding line off a message's end.
func TestTextLeavesOutWhatStandsBelow(t *testing.T) {
	hop := &report.Hop{DecidedBy: []report.Decider{{File: "core.v4", Line: 41, Text: "-A FORWARD -j DROP"}}}
	for _, c := range []struct{ message, want string }{
		{"core drops it at core.v4:41, -A FORWARD -j DROP and 2 more.", "core drops it"},
		{"core drops it at core.v4:4, -A FORWARD -j DROP.", "core drops it at core.v4:4, -A FORWARD -j DROP."},
		{"core drops it", "core drops it"},
	} {
		if got := title(c.message, hop); got != c.want {
			t.Errorf("title(%q) = %q, want %q", c.message, got, c.want)
		}
		if got := title(c.message, nil); got != c.message {
			t.Errorf("without a hop: %q", got)
		}
	}
}

// TestTextOrder shows findings by severity, then by place; the report's own order stays.
func TestTextOrder(t *testing.T) {
	at := func(rule string, s diag.Severity, file string, line int) report.Finding {
		return report.Finding{Rule: rule, Severity: s, Location: source.Location{File: file, Line: line}}
	}
	r := &report.Report{Findings: []report.Finding{
		at("e", diag.Note, "a", 1), at("d", diag.Warning, "b", 1), at("b", diag.Error, "b", 10), at("a", diag.Error, "b", 9), at("c", diag.Warning, "a", 2),
	}}
	var b bytes.Buffer
	if err := Text(&b, r, Style{}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(b.String()) {
		if f := strings.Fields(line); len(f) == 2 && strings.HasSuffix(f[1], ":") {
			got = append(got, f[0]+" "+f[1])
		}
	}
	if diff := cmp.Diff([]string{"error a:", "error b:", "warning c:", "warning d:", "note e:"}, got); diff != "" {
		t.Errorf("%s\n%s", diff, &b)
	}
	if r.Findings[0].Rule != "e" {
		t.Error("the report itself was put in order")
	}
}

// TestTextSaysOnceWhatIsNear leaves sentences out of the advice that have rows.
func TestTextSaysOnceWhatIsNear(t *testing.T) {
	hop := &report.Hop{Near: []report.Near{{File: "core.v4", Line: 33, Reason: "allows 63002; the flow goes to 63001"}}}
	for advice, want := range map[string]string{
		"Allow it. core.v4:33 nearly allows it: allows 63002; the flow goes to 63001. Or not.": "Allow it. Or not.",
		"Allow it. core.v4:3 nearly allows it: another reason.":                                "Allow it. core.v4:3 nearly allows it: another reason.",
	} {
		if got := adviceBeside(advice, hop); got != want {
			t.Errorf("%q", got)
		}
		if got := adviceBeside(advice, nil); got != advice {
			t.Errorf("without a hop: %q", got)
		}
	}
}

// TestTextCountsWhatIsLeftOut says so where the report itself lists a part only.
func TestTextCountsWhatIsLeftOut(t *testing.T) {
	r := dataCentre()
	for i := range r.Flows {
		for j := range r.Flows[i].Hops {
			for k := range r.Flows[i].Hops[j].Missing {
				r.Flows[i].Hops[j].Missing[k].More = 7
			}
		}
	}
	var b bytes.Buffer
	if err := Text(&b, r, Style{}); err != nil {
		t.Fatal(err)
	}
	if want := "            and 7 more, which the report leaves out\n"; !strings.Contains(b.String(), want) {
		t.Errorf("no %q in\n%s", want, &b)
	}
}
