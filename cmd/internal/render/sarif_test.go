package render

import (
	"bytes"
	"encoding/json"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

// validate checks a JSON text against a schema file, formats such as URIs included.
func validate(t *testing.T, schema string, text []byte) {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(schema)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(value); err != nil {
		t.Error(err)
	}
}

func TestSARIFValid(t *testing.T) {
	reports := samples()
	reports["large"] = largeReport(30)
	reports["empty"] = &report.Report{}
	reports["hostile"] = poison("](x) {0} \x1b[31m \xff \u202e @a", false)
	for name, r := range reports {
		t.Run(name, func(t *testing.T) {
			validate(t, "testdata/sarif/sarif-schema-2.1.0.json", write(t, r, SARIF))
		})
	}
}

// The schema test would be worth nothing if the schema let everything pass.
func TestSARIFSchemaRefuses(t *testing.T) {
	c := jsonschema.NewCompiler()
	s, err := c.Compile("testdata/sarif/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	text := bytes.Replace(write(t, dataCentre(), SARIF), []byte(`"startLine": 41`), []byte(`"startLine": 0`), 1)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if s.Validate(value) == nil {
		t.Error("a region that starts at line 0 is valid")
	}
}

// sarifOf decodes what SARIF writes.
func sarifOf(t *testing.T, r *report.Report) sarifRun {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal(write(t, r, SARIF), &log); err != nil {
		t.Fatal(err)
	}
	if len(log.Runs) != 1 {
		t.Fatalf("%d runs, want 1", len(log.Runs))
	}
	return log.Runs[0]
}

func TestSARIFResults(t *testing.T) {
	run := sarifOf(t, dataCentre())
	seen := map[string]bool{}
	for _, res := range run.Results {
		if res.RuleIndex < 0 || res.RuleIndex >= len(run.Tool.Driver.Rules) {
			t.Fatalf("rule index %d of %d rules", res.RuleIndex, len(run.Tool.Driver.Rules))
		}
		if id := run.Tool.Driver.Rules[res.RuleIndex].ID; id != res.RuleID {
			t.Errorf("rule index %d is %q, the result says %q", res.RuleIndex, id, res.RuleID)
		}
		fp := res.Fingerprints["primaryLocationLineHash"]
		if fp == "" || seen[fp] {
			t.Errorf("%s: fingerprint %q is empty or not the only one", res.RuleID, fp)
		}
		seen[fp] = true
		if len(res.Locations) == 0 {
			t.Errorf("%s has no location", res.RuleID)
		}
	}
	waived := run.Results[4]
	want := []sarifSuppression{{Kind: "external", Status: "accepted", Justification: "the redirect port stays closed"}}
	if diff := cmp.Diff(want, waived.Suppressions); diff != "" {
		t.Errorf("suppressions (-want +got):\n%s", diff)
	}
	if got := run.Results[5].Locations[0].Physical.Region; got != nil {
		t.Errorf("a place without a line has the region %v", got)
	}
	if got := run.Results[0].Related; len(got) != 1 || got[0].ID != 1 || got[0].Physical.Region.StartLine != 23 {
		t.Errorf("related locations are %+v", got)
	}
	if !run.Invocations[0].Successful || len(run.Invocations[0].Execution) != 1 {
		t.Errorf("invocation is %+v", run.Invocations[0])
	}
}

// The fingerprints stay when lines move.
func TestSARIFFingerprintsWithoutLines(t *testing.T) {
	before, r := sarifOf(t, dataCentre()), dataCentre()
	for i := range r.Findings {
		r.Findings[i].Location.Line += 7
	}
	after := sarifOf(t, r)
	for i := range before.Results {
		if diff := cmp.Diff(before.Results[i].Fingerprints, after.Results[i].Fingerprints); diff != "" {
			t.Errorf("result %d (-before +after):\n%s", i, diff)
		}
	}
}

func TestSARIFUnread(t *testing.T) {
	run := sarifOf(t, unreadReport())
	inv := run.Invocations[0]
	if inv.Successful || len(inv.Execution) != 2 || len(inv.Configuration) != 1 {
		t.Errorf("invocation is %+v", inv)
	}
	if len(run.Results) != 2 || run.Results[0].RuleID != sarifUnread {
		t.Fatalf("results are %+v", run.Results)
	}
	want := &sarifRegion{StartLine: 12, StartColumn: 22, EndColumn: 26}
	if diff := cmp.Diff(want, run.Results[0].Locations[0].Physical.Region); diff != "" {
		t.Errorf("region (-want +got):\n%s", diff)
	}
}

func TestSARIFURI(t *testing.T) {
	tests := []struct{ path, want string }{
		{"exports/core.v4", "exports/core.v4"},
		{"exports/core 1.v4", "exports/core%201.v4"},
		{"C:/x", "C%3A/x"},
		{"//host/x", "%2F/host/x"},
		{"javascript:alert(1)", "javascript%3Aalert%281%29"},
		{"a%2fb#c?d", "a%252fb%23c%3Fd"},
		{"Büro/\xff", "B%C3%BCro/%FF"},
	}
	for _, tt := range tests {
		got := sarifURI(tt.path)
		if got != tt.want {
			t.Errorf("sarifURI(%q) = %q, want %q", tt.path, got, tt.want)
		}
		u, err := url.Parse(got)
		if err != nil || u.IsAbs() || u.Host != "" {
			t.Errorf("%q is no relative reference", got)
		} else if u.Path != tt.path {
			t.Errorf("%q decodes to %q, want %q", got, u.Path, tt.path)
		}
	}
}

// Text of an input becomes neither a link nor a placeholder.
func TestSARIFMessage(t *testing.T) {
	r := &report.Report{Findings: []report.Finding{{Rule: "x", Message: "[here](https://evil) {0}", Related: []report.Related{{Message: "a]b[c", Location: source.Location{File: "f"}}}}}}
	got := sarifOf(t, r).Results[0].Message.Text
	want := "[here] (https://evil) {{0}}\nSee [a\\]b\\[c](1)."
	if got != want {
		t.Errorf("message is %q, want %q", got, want)
	}
}

// A rule's page keeps its lines, and its code stays code.
func TestSARIFHelp(t *testing.T) {
	r := &report.Report{Rules: []report.Rule{{ID: "own", Title: "Own", Description: "Run `ipset save`.\n\nExample:\n\n    -A X -j DROP *\x1b\n\n- see @team [x](y)\n"}}}
	help := sarifOf(t, r).Tool.Driver.Rules[0].Help
	want := sarifHelp{
		Text:     "Run `ipset save`.\n\nExample:\n\n    -A X -j DROP *\\x1b\n\n- see @team [x] (y)\n",
		Markdown: "Run `ipset save`.\n\nExample:\n\n```\n-A X -j DROP *\\x1b\n```\n\n- see &#64;&#8203;team &#91;x&#93;(y)",
	}
	if diff := cmp.Diff(want, help); diff != "" {
		t.Errorf("help (-want +got):\n%s", diff)
	}
}
