package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/policies/report"
)

func TestRequest(t *testing.T) {
	for _, format := range []string{"text", "csv", "json", "markdown"} {
		t.Run(format, func(t *testing.T) {
			r := planned()
			var b bytes.Buffer
			if err := Request(&b, r, format, Style{}); err != nil {
				t.Fatal(err)
			}
			golden(t, "request/datacentre."+format, b.Bytes())
		})
	}
}

// planned is the sample as `sumlint flows` has it: no verdicts, no hops.
func planned() *report.Report {
	r := dataCentre()
	for i := range r.Flows {
		r.Flows[i].Verdict, r.Flows[i].Hops = "", nil
	}
	return r
}

// TestRequestGroups tells which flows can be entered at once.
func TestRequestGroups(t *testing.T) {
	flow := func(server, target, kind, direction, port string) report.Flow {
		f := report.Flow{Server: server, Target: target, TargetType: kind, Direction: direction, Protocol: "tcp", Port: port,
			Need: "required", Phases: []string{"deployment"}, Row: "row " + kind,
			Source: []string{"addr-" + server}, Destination: []string{"addr-" + target}}
		if direction == "from-target" {
			f.Source, f.Destination = f.Destination, f.Source
		}
		return f
	}
	optional := flow("s", "a", "ilo", "to-target", "80")
	optional.Need = "optional"
	for _, c := range []struct {
		name  string
		flows []report.Flow
		want  []string
	}{
		{"ports of one pair", []report.Flow{flow("s", "a", "ilo", "to-target", "22"), flow("s", "a", "ilo", "to-target", "443")},
			[]string{"s → a (ilo): tcp 22, 443"}},
		{"an optional port stands last", []report.Flow{optional, flow("s", "a", "ilo", "to-target", "22")},
			[]string{"s → a (ilo): tcp 22; tcp 80"}},
		{"targets alike", []report.Flow{flow("s", "a", "ilo", "to-target", "22"), flow("s", "b", "ilo", "to-target", "22")},
			[]string{"s → a, b (ilo): tcp 22"}},
		{"targets that differ", []report.Flow{flow("s", "a", "ilo", "to-target", "22"), flow("s", "b", "ilo", "to-target", "443")},
			[]string{"s → a (ilo): tcp 22", "s → b (ilo): tcp 443"}},
		{"types stay apart", []report.Flow{flow("s", "a", "ilo", "to-target", "22"), flow("s", "b", "oa", "to-target", "22")},
			[]string{"s → a (ilo): tcp 22", "s → b (oa): tcp 22"}},
		{"servers stay apart", []report.Flow{flow("s", "a", "ilo", "to-target", "22"), flow("t", "a", "ilo", "to-target", "22")},
			[]string{"s → a (ilo): tcp 22", "t → a (ilo): tcp 22"}},
		{"directions stay apart", []report.Flow{flow("s", "a", "ilo", "to-target", "22"), flow("s", "a", "ilo", "from-target", "22")},
			[]string{"s → a (ilo): tcp 22", "a (ilo) → s: tcp 22"}},
		{"back from several", []report.Flow{flow("s", "a", "ilo", "from-target", "63001"), flow("s", "b", "ilo", "from-target", "63001")},
			[]string{"a, b (ilo) → s: tcp 63001"}},
	} {
		var got []string
		for _, e := range entries(c.flows) {
			from, to := e.ends()
			var services []string
			for i := range e.services {
				services = append(services, e.services[i].protocolPorts())
			}
			got = append(got, from+" → "+to+": "+strings.Join(services, "; "))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestRequestLeavesOutForbiddenFlows keeps what a policy forbids out of what the
// firewall team is asked to open, and names a policy's own flows by their addresses.
func TestRequestLeavesOutForbiddenFlows(t *testing.T) {
	own := report.Flow{Direction: "custom", Policy: "backup", Row: "the backup needs it", Need: "required", Protocol: "tcp", Port: "22",
		Source: []string{"10.1.0.0/24"}, Destination: []string{"10.2.0.9"}}
	forbidden := own
	forbidden.Must, forbidden.Port = report.Never, "63001"
	r := &report.Report{Flows: []report.Flow{own, forbidden}}
	for _, format := range []string{"text", "csv", "markdown"} {
		var b bytes.Buffer
		if err := Request(&b, r, format, Style{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "63001") {
			t.Errorf("%s asks for a forbidden flow:\n%s", format, b.String())
		}
		if format == "text" && !strings.Contains(b.String(), "1 flow in 1 entry; answers must pass back\n\n1. 10.1.0.0/24 → 10.2.0.9\n") {
			t.Errorf("the policy's flow is not told:\n%s", b.String())
		}
	}
	if got, want := askedBy(&forbidden), "policy backup: the backup needs it (must never pass)"; got != want {
		t.Errorf("askedBy = %q, want %q", got, want)
	}
	if got, want := Words(&own), "10.1.0.0/24 → 10.2.0.9, tcp 22"; got != want {
		t.Errorf("Words = %q, want %q", got, want)
	}
}

func TestRequestCSVHoldsNoFormulas(t *testing.T) {
	for _, bad := range []string{"=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "\t=1", "＝1"} {
		r := hostileReport(bad)
		var b bytes.Buffer
		if err := Request(&b, r, "csv", Style{}); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range slices.Concat(records...) {
			if strings.ContainsAny(strings.TrimSpace(cell)[:1], "=+-@") || strings.HasPrefix(cell, "＝") {
				t.Errorf("%q becomes the cell %q", bad, cell)
			}
		}
	}
}

func TestRequestJSONIsTheFlows(t *testing.T) {
	r := planned()
	var b bytes.Buffer
	if err := Request(&b, r, "json", Style{}); err != nil {
		t.Fatal(err)
	}
	var got struct{ Flows []report.Flow }
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Flows, got.Flows); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if strings.Contains(b.String(), `"verdict"`) || strings.Contains(b.String(), `"hops"`) {
		t.Error("a planned flow has no verdict and no hops")
	}
}

// A host's flows with itself name the host, and stand below all others.
func TestRequestLoopback(t *testing.T) {
	loop := []string{"127.0.0.1"}
	r := &report.Report{Flows: []report.Flow{
		{Server: "s", Direction: "local", Protocol: "tcp", Port: "63002", Need: "required", Source: loop, Destination: loop},
		{Server: "s", Target: "l", TargetType: "linux", Direction: "local", Protocol: "tcp", Port: "63002", Need: "required", Source: loop, Destination: loop},
		{Server: "s", Target: "a", TargetType: "ilo", Direction: "to-target", Protocol: "tcp", Port: "22", Need: "required", Source: []string{"10.0.0.1"}, Destination: []string{"10.0.0.2"}},
	}}
	for _, format := range []string{"text", "markdown", "csv"} {
		var b bytes.Buffer
		if err := Request(&b, r, format, Style{}); err != nil {
			t.Fatal(err)
		}
		golden(t, "request/loopback."+format, b.Bytes())
	}
	if got, want := Words(&r.Flows[0]), "s → itself, tcp 63002"; got != want {
		t.Errorf("Words of a server's loopback are %q, want %q", got, want)
	}
	if got, want := Words(&r.Flows[1]), "l (linux) → itself, tcp 63002"; got != want {
		t.Errorf("Words of a target's loopback are %q, want %q", got, want)
	}
}
