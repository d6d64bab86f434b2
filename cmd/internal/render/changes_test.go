package render

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/sumlint/sumlint/policies/report"
)

func TestChanges(t *testing.T) {
	flows := dataCentreFlows()
	list := []Change{
		{Flow: &flows[0], Before: report.Blocked, After: report.Allowed},
		{Flow: &flows[3], Before: report.Allowed, After: report.Blocked, Worse: true},
		{Flow: &flows[7], Before: report.Partial, After: report.Partial},
		{Flow: &flows[10], After: report.Conditional, Worse: true},
		{Flow: &flows[12], Before: report.Allowed},
	}
	for _, format := range []string{"text", "markdown"} {
		for name, changes := range map[string][]Change{"changes": list, "none": nil} {
			var b bytes.Buffer
			if err := Changes(&b, changes, format, Style{}); err != nil {
				t.Fatal(err)
			}
			golden(t, "changes/"+name+"."+format, b.Bytes())
		}
	}
}

func TestSafeJSON(t *testing.T) {
	for _, c := range escapes {
		plain, err := json.Marshal(c.in)
		if err != nil {
			t.Fatal(err)
		}
		got := SafeJSON(plain)
		if line := unsafeLine(string(got)); line != "" {
			t.Errorf("%s: %q is not safe", c.name, line)
		}
		var want, back string
		if json.Unmarshal(plain, &want) != nil || json.Unmarshal(got, &back) != nil || back != want {
			t.Errorf("%s: %s is read back as %q, want %q", c.name, got, back, want)
		}
	}
	if document := []byte(`{"a": "規則"}` + "\n"); string(SafeJSON(document)) != string(document) {
		t.Error("a harmless document changes")
	}
	if strings.Contains(string(SafeJSON([]byte("\"a\u202eb\""))), "\u202e") {
		t.Error("a bidi control is left")
	}
}
