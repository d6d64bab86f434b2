package render

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/policies/report"
)

func TestFlowGroups(t *testing.T) {
	type group struct {
		Verdict report.Verdict
		Port    string
		Flows   int
		Waived  bool
		Rules   []string
	}
	r := largeReport(100)
	r.Flows[3].Hops[0].Missing = nil // the rest differs in the addresses only
	var got []group
	for _, g := range flowGroups(r) {
		x := group{g.First.Verdict, g.First.Port, len(g.Flows), g.Waived, nil}
		for _, at := range g.Findings {
			x.Rules = append(x.Rules, r.Findings[at].Rule)
		}
		got = append(got, x)
	}
	want := []group{
		{report.Blocked, "63001", 11, false, []string{"missing-allowance", "missing-allowance"}},
		{report.Partial, "5989", 1, false, []string{"reply-blocked"}},
		{report.Conditional, "135", 1, false, []string{"conditional-allowance"}},
		{report.Blocked, "80", 1, true, []string{"optional-blocked"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func TestDrawing(t *testing.T) {
	r := largeReport(30)
	plan := &r.Topologies[0]
	plan.Zones = append(plan.Zones, report.Zone{Name: "far"}, report.Zone{Name: "cut off"})
	plan.Firewalls = append(plan.Firewalls, report.Firewall{Name: "last", Zones: []string{"far", "lab"}})
	d := draw(r, 0)
	columns := map[string]int{}
	for _, z := range d.Zones {
		columns[z.Name] = z.Column
	}
	if diff := cmp.Diff(map[string]int{"admin": 0, "oob": 1, "prod": 1, "dmz": 1, "lab": 2, "far": 3, "cut off": 4}, columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	ties := map[string]int{}
	for _, x := range d.Ties {
		ties[string(x.Verdict)+" "+x.Label+" at "+x.Stop.Title+x.At] += x.Flows
	}
	want := map[string]int{
		"blocked tcp 80  sum01 → 11 × ilo at core":                 1,
		"blocked tcp 63001  11 × ilo → sum01 at core":              2,
		"blocked tcp 63001  10 × ilo → sum01 at core":              2,
		"partial tcp 5989  sum01 → esx-cluster at edge-acl":        1,
		"conditional tcp 135  sumwin → files at sumwinsumwin-host": 1,
	}
	if diff := cmp.Diff(want, ties); diff != "" {
		t.Errorf("ties (-want +got):\n%s", diff)
	}
}

// A flow whose way, server or zone the plan does not draw is drawn all the same.
func TestDrawingOfOddPlans(t *testing.T) {
	flow := report.Flow{Server: "a", Target: "b", TargetType: "ilo", Direction: "to-target", Protocol: "tcp", Port: "22", Verdict: report.Blocked}
	for name, topology := range map[string]report.Topology{
		"empty":             {},
		"no zones":          {Servers: []report.Node{{Name: "a"}}, Targets: []report.Node{{Name: "b", Type: "ilo"}}, Firewalls: []report.Firewall{{Name: "fw"}}},
		"no zone of a node": {Zones: []report.Zone{{Name: "x"}}, Servers: []report.Node{{Name: "a"}}, Targets: []report.Node{{Name: "b", Zones: []string{"x"}}}},
		"unknown host":      {Firewalls: []report.Firewall{{Name: "fw", Host: "nobody"}}},
		"a cut-off zone":    {Zones: []report.Zone{{Name: "x"}, {Name: "y"}}, Servers: []report.Node{{Name: "a", Zones: []string{"x"}}}, Targets: []report.Node{{Name: "b", Zones: []string{"y"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &report.Report{Topologies: []report.Topology{topology}, Flows: []report.Flow{flow}}
			if d := draw(r, 0); len(d.Ties) != 1 {
				t.Errorf("%d ties, want 1", len(d.Ties))
			}
			for _, f := range Formats() {
				write(t, r, f.Write)
			}
		})
	}
}

// Names count inside one topology only.
func TestTwoTopologies(t *testing.T) {
	r := dataCentre()
	second := r.Topologies[0]
	second.Path = "plans/dc2"
	r.Topologies = append(r.Topologies, second)
	for _, f := range dataCentreFlows() {
		f.Topology, f.Verdict, f.Hops = "plans/dc2", report.Allowed, nil
		r.Flows = append(r.Flows, f)
	}
	if n := len(draw(r, 1).Ties); n != 0 {
		t.Errorf("%d flows of the second plan do not pass, want 0", n)
	}
	suites := map[string]bool{}
	for _, s := range junitOf(t, r).Suites {
		suites[s.Name] = true
	}
	if !suites["plans/dc1: target rack-a"] || !suites["plans/dc2: target rack-a"] {
		t.Errorf("suites are %v", suites)
	}
}
