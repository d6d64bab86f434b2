package render

import (
	"strings"
	"testing"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/policies/report"
)

// forbiddenReport has two flows that must never pass: one is blocked, one is not.
func forbiddenReport() *report.Report {
	r := cleanReport()
	never := func(id, port string, v report.Verdict) report.Flow {
		return report.Flow{ID: id, Topology: "plans/dc1", Direction: "custom", Phases: []string{}, Protocol: "tcp", Port: port, Policy: "no-telnet",
			Must: report.Never, Source: []string{"10.30.0.0/16"}, Destination: []string{"10.20.0.0/16"}, Verdict: v}
	}
	r.Flows = append(r.Flows, never("good", "23", report.Blocked), never("bad", "3389", report.Allowed))
	r.Findings = []report.Finding{{Rule: "must-not-pass", Severity: diag.Error, Message: "tcp 3389 passes", Flows: []string{"bad"}}}
	r.Summary.Flows, r.Summary.Forbidden, r.Summary.Errors = r.Summary.Flows+2, 2, 1
	return r
}

func TestForbiddenFlows(t *testing.T) {
	r := forbiddenReport()
	h := headlineOf(r)
	if want := "14 flows are needed: 14 allowed; 2 must never pass. Findings: 1 error."; h.State != "fail" || h.Text != want {
		t.Errorf("headline %q: %q, want %q", h.State, h.Text, want)
	}
	groups := flowGroups(r)
	if len(groups) != 1 || groups[0].First.ID != "bad" {
		t.Fatalf("%d groups, want the one of the flow that passes", len(groups))
	}
	tables := htmlMatrices(r, 0, nil, nil)
	last := tables[len(tables)-1]
	row := last.Rows[len(last.Rows)-1]
	if row.Name != "10.30.0.0/16 → 10.20.0.0/16" || row.Detail != "policy no-telnet" {
		t.Errorf("the row is %q, %q", row.Name, row.Detail)
	}
	classes := map[string]report.Verdict{}
	for i, c := range last.Columns {
		if c.Must == report.Never {
			classes[c.Port] = row.Cells[i].Class()
		}
	}
	if classes["23"] != report.Allowed || classes["3389"] != report.Blocked {
		t.Errorf("the cells look like %v", classes)
	}
	outcome := map[string]bool{}
	for _, s := range junitOf(t, r).Suites {
		for _, c := range s.Cases {
			if s.Name == "policy no-telnet" {
				outcome[c.Name] = c.Failure != nil
			}
		}
	}
	for name, failed := range outcome {
		if strings.Contains(name, "3389") != failed {
			t.Errorf("%q failed: %t", name, failed)
		}
	}
	if len(outcome) != 2 {
		t.Errorf("cases %v, want two", outcome)
	}
	for _, f := range Formats() {
		if check := harmless[f.Name]; check != nil {
			check(t, write(t, r, f.Write))
		}
	}
}
