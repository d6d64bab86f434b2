package judge

import (
	"fmt"

	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/report"
)

// someClass is a blocked callback of some iLOs, to change in tests.
func someClass() facts.Class {
	return facts.Class{
		ID: "c1", Topology: "plan", Direction: "from-target", Phases: []string{"deployment"}, Need: "required",
		Row: "iLO, VC, FC switch, SAS switch: deployment, from target", Service: "SUM's HTTP server",
		Protocol: "tcp", Port: "63001", TargetType: "ilo", ServerOS: "linux", Verdict: report.Blocked,
		Words: "rack-a (ilo) → sum01, tcp 63001, deployment",
		Flows: []string{"f1"}, Servers: []string{"sum01"}, Targets: []string{"rack-a"},
		Hops: []facts.Hop{someHop()}, Digest: "d1", Location: source.Location{File: "a.sum.hcl", Line: 9, Column: 1}, Must: "allow",
	}
}

func someHop() facts.Hop {
	return facts.Hop{
		Hop: report.Hop{
			Path: 1, Firewall: "core", Hook: "forward", Leg: "request", Verdict: report.Blocked,
			Missing:   []report.Missing{{Source: []string{"10.20.1.0/26"}, Destination: []string{"10.10.0.5"}, Protocol: "tcp", Port: "63001"}},
			DecidedBy: []report.Decider{{File: "exports/core.v4", Line: 41, Text: "-A FORWARD -j DROP"}},
		},
		At:      source.Location{File: "exports/core.v4", Line: 41, Column: 1},
		Summary: "drops 10.20.1.0/26 → 10.10.0.5", Causes: "-A FORWARD -j DROP",
	}
}

func someFacts(classes ...facts.Class) *facts.Facts {
	return &facts.Facts{Schema: facts.Schema, Today: "2026-11-22", Classes: classes}
}

// everything makes each built-in rule fire.
func everything() *facts.Facts {
	with := func(id string, change func(*facts.Class, *facts.Hop)) facts.Class {
		c := someClass()
		c.ID, c.Digest = id, "d-"+id
		change(&c, &c.Hops[0])
		return c
	}
	at := func(line int) source.Location { return source.Location{File: "a.sum.hcl", Line: line} }
	f := someFacts(
		with("missing", func(*facts.Class, *facts.Hop) {}),
		with("optional", func(c *facts.Class, _ *facts.Hop) { c.Need = "optional" }),
		with("derived", func(c *facts.Class, _ *facts.Hop) { c.Need = "derived" }),
		with("reply", func(_ *facts.Class, h *facts.Hop) { h.Leg = "reply" }),
		with("condition", func(c *facts.Class, h *facts.Hop) {
			c.Verdict, h.Verdict = report.Conditional, report.Conditional
			h.DependsOn = []report.DependsOn{{Kind: "limit", Text: "-m limit --limit 5/min", Location: &source.Location{File: "exports/core.v4", Line: 7}}}
		}),
		with("undecided", func(c *facts.Class, h *facts.Hop) {
			c.Verdict, h.Verdict = report.Conditional, report.Conditional
			h.DependsOn = []report.DependsOn{{Kind: "set", Text: "set ilos", Supply: "the members of set ilos (ipset save)"}}
		}),
		with("redirected", func(_ *facts.Class, h *facts.Hop) { h.Redirected = "10.9.9.9:8080" }),
		with("opened", func(c *facts.Class, h *facts.Hop) { c.OpenedBySUM, h.Host, h.HostOS = true, "server", "linux" }),
		with("route", func(c *facts.Class, _ *facts.Hop) { c.Hops, c.Reason = nil, "no-route" }),
		with("never", func(c *facts.Class, _ *facts.Hop) {
			c.Must, c.Policy, c.Verdict, c.Hops = "never", "admin-only", report.Allowed, nil
		}),
	)
	f.Classes[0].Waivers = []int{0}
	f.Servers = []facts.Server{{Topology: "plan", Name: "sum01", OS: "linux", Port: 80, SSLPort: 80, Location: at(1), PortAt: at(2)}}
	f.Hosts = []facts.HostClass{
		{Topology: "plan", Type: "linux", Words: "sum01", Count: 1, First: "sum01", Servers: []string{"sum01"}, Digest: "h1", Location: at(1)},
		{Topology: "plan", Type: "vmware", Known: true, Words: "esx", Count: 1, First: "esx", Targets: []string{"esx"}, Digest: "h2"},
	}
	f.Filters = []facts.Filter{{Topology: "plan", Name: "spare", Location: at(20)}, {Topology: "plan", Name: "core", Used: true}}
	f.Pairs = []facts.PairClass{{Topology: "plan", Server: "sum01", ServerOS: "linux", Words: "win", Targets: []string{"win"}, TargetType: "windows", Reason: "no-row", Digest: "p1", Location: at(5)}}
	f.Exposures = []facts.Exposure{{Topology: "plan", Server: "sum01", Port: 63001, Zones: []string{"lab"}, Sources: []string{"10.30.0.0/24"}, Sure: true, Location: at(1)}}
	f.Waivers = []facts.Waiver{
		{Topology: "plan", Rule: "missing-allowance", Reason: "later", Until: "2026-11-21", Location: at(30)},
		{Topology: "plan", Rule: "no-route", Server: "sum09", Reason: "gone", Location: at(33)},
	}
	return f
}

// many makes n classes.
func many(n int) *facts.Facts {
	f := someFacts()
	for i := range n {
		c := someClass()
		c.ID, c.Digest = fmt.Sprintf("c%d", i), fmt.Sprintf("d%d", i)
		c.Targets = []string{fmt.Sprintf("rack-%d", i)}
		for j := range 20 {
			c.Flows = append(c.Flows, fmt.Sprintf("f%d-%d", i, j))
		}
		f.Classes = append(f.Classes, c)
	}
	return f
}
