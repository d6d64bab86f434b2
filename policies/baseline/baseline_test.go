package baseline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/policies/baseline"
	"github.com/sumlint/sumlint/policies/report"
)

func finding(fingerprint string, waived bool) report.Finding {
	return report.Finding{Rule: "missing-allowance", Severity: diag.Error, Message: "m " + fingerprint, Fingerprint: fingerprint, Waived: waived}
}

func TestWriteAndApply(t *testing.T) {
	old := &report.Report{Findings: []report.Finding{finding("b", false), finding("a", false), finding("waived", true)}}
	file := baseline.Format(old)
	now := &report.Report{Findings: []report.Finding{finding("a", false), finding("new", false), finding("waived", true)}}
	if err := baseline.Apply(now, "old.json", file); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range now.Findings {
		got = append(got, f.Fingerprint+" "+f.WaivedBy)
	}
	if diff := cmp.Diff([]string{"a baseline", "new ", "waived "}, got); diff != "" {
		t.Error(diff)
	}
	if now.Summary.Errors != 1 || now.Summary.Waived != 2 {
		t.Errorf("summary %+v", now.Summary)
	}
	if len(now.Diagnostics) != 1 || !strings.HasPrefix(now.Diagnostics[0].Message, "1 of the baseline's findings occur no longer") {
		t.Errorf("diagnostics %+v", now.Diagnostics)
	}
	// Written again with the baseline applied, the file keeps what still occurs.
	if text := string(baseline.Format(now)); !strings.Contains(text, `"a"`) || !strings.Contains(text, `"new"`) || strings.Contains(text, `"b"`) {
		t.Errorf("written anew:\n%s", text)
	}
}

func TestRefused(t *testing.T) {
	for _, text := range []string{"", "{", `{"schema":"other/v1"}`, `{"schema":"sumlint/baseline/v1","finding":[]}`} {
		if err := baseline.Apply(&report.Report{}, "b.json", []byte(text)); err == nil || !strings.Contains(err.Error(), `"b.json"`) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
