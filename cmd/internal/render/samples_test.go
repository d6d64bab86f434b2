package render

import (
	"fmt"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

// samples are the reports that every format's golden test writes.
func samples() map[string]*report.Report {
	return map[string]*report.Report{
		"datacentre": dataCentre(),
		"clean":      cleanReport(),
		"unread":     unreadReport(),
	}
}

func at(file string, line, column int) source.Location {
	return source.Location{File: file, Line: line, Column: column}
}

// flowFor returns an allowed flow between a server and a target of the sample plan.
func flowFor(server, target, kind, direction, protocol, port, row string) report.Flow {
	f := report.Flow{
		ID:       strings.Join([]string{server, target, direction, protocol, port}, "/"),
		Topology: "plans/dc1", Server: server, Target: target, TargetType: kind,
		Direction: direction, Phases: []string{"inventory", "deployment"}, Need: "required",
		Row: row, Protocol: protocol, Port: port, Verdict: report.Allowed,
		Source: []string{"10.10.0.5"}, Destination: []string{"10.20.1.0/26"},
	}
	if direction == "from-target" {
		f.Source, f.Destination = f.Destination, f.Source
		f.Phases = []string{"deployment"}
	}
	return f
}

const (
	rowILO = "Windows or Linux → iLO, VC, FC switch, SAS switch"
	rowESX = "Windows or Linux → VMware"
	rowOA  = "Windows or Linux → OA"
	rowWin = "Windows → Windows"
)

// dataCentre is a rollout with everything that a report can say.
func dataCentre() *report.Report {
	r := &report.Report{
		Schema: report.Schema, Today: "2026-11-22",
		Topologies: []report.Topology{dataCentreTopology()},
		Flows:      dataCentreFlows(),
		Findings:   dataCentreFindings(),
		Decisions: []report.Decision{
			{Target: "san-switches", Message: "updated by its own web page (mode = \"web\"): no flow from SUM is needed"},
		},
		Waivers: []report.Waiver{
			{Rule: "optional-blocked", Scope: "target rack-a, port 80", Reason: "the redirect port stays closed", Until: "2027-03-31", Used: true, Location: at("plans/dc1/site.sum.hcl", 88, 1)},
			{Rule: "conditional-allowance", Scope: "firewall edge-acl", Reason: "rate limit agreed in CHG-4711", Until: "2026-10-01", Expired: true, Location: at("plans/dc1/site.sum.hcl", 95, 1)},
		},
		Assumptions: []report.Assumption{
			{ID: "netsh-local-store", Firewall: "sumwin-host", Message: "the dump shows the local store; no group policy adds rules to it"},
			{ID: "appliance-unfiltered", Message: "iLO, OA and FC switch targets filter nothing themselves"},
		},
		Diagnostics: []report.Diagnostic{
			{Severity: diag.Warning, Origin: diag.Export, Message: "a shell prompt stands before the export. It is skipped.", Location: at("exports/core.v4", 1, 1), Snippet: "root@core:~# iptables-save", Width: 26},
		},
		Rules: sampleRules(),
	}
	r.Summary = summarize(r)
	r.Summary.Exports, r.Summary.RuleLines = 5, 1843
	return r
}

func dataCentreTopology() report.Topology {
	const file = "plans/dc1/site.sum.hcl"
	return report.Topology{
		Path: "plans/dc1",
		Zones: []report.Zone{
			{Name: "admin", Networks: []string{"10.10.0.0/24"}},
			{Name: "oob", Networks: []string{"10.20.0.0/16", "fd00:20::/64"}},
			{Name: "prod", Networks: []string{"10.30.0.0/16"}},
		},
		Servers: []report.Node{
			{Name: "sum01", Type: "linux", Zones: []string{"admin"}, Addresses: []string{"10.10.0.5"}, Location: at(file, 11, 1)},
			{Name: "sumwin", Type: "windows", Zones: []string{"admin"}, Addresses: []string{"10.10.0.6"}, Location: at(file, 16, 1)},
		},
		Targets: []report.Node{
			{Name: "rack-a", Type: "ilo", Zones: []string{"oob"}, Addresses: []string{"10.20.1.0/26"}, Location: at(file, 23, 1)},
			{Name: "enclosure-1", Type: "oa", Zones: []string{"oob"}, Addresses: []string{"10.20.9.10", "10.20.9.11"}, Location: at(file, 28, 1)},
			{Name: "san-switches", Type: "fc-switch", Zones: []string{"oob"}, Addresses: []string{"10.20.8.0/29"}, Mode: "web", Location: at(file, 33, 1)},
			{Name: "esx-cluster", Type: "vmware", Zones: []string{"prod"}, Addresses: []string{"10.30.4.10-10.30.4.25"}, Location: at(file, 38, 1)},
			{Name: "files", Type: "windows", Zones: []string{"prod"}, Addresses: []string{"10.30.7.20"}, Location: at(file, 43, 1)},
		},
		Firewalls: []report.Firewall{
			{Name: "core", Zones: []string{"admin", "oob"}, Exports: []string{"exports/core.v4", "exports/core.v6"}, Location: at(file, 50, 1)},
			{Name: "edge-acl", Zones: []string{"admin", "prod"}, Exports: []string{"exports/edge.yaml"}, Location: at(file, 58, 1)},
			{Name: "sum01-host", Host: "sum01", Zones: []string{}, Exports: []string{"exports/sum01.v4"}, Location: at(file, 70, 1)},
			{Name: "sumwin-host", Host: "sumwin", Zones: []string{}, Exports: []string{"exports/sumwin.txt"}, Location: at(file, 75, 1)},
		},
	}
}

func dataCentreFlows() []report.Flow {
	ilo := func(dir, port string) report.Flow {
		return flowFor("sum01", "rack-a", "ilo", dir, "tcp", port, rowILO)
	}
	back := ilo("from-target", "63001")
	back.Verdict = report.Blocked
	back.Hops = []report.Hop{{
		Path: 1, Firewall: "core", Hook: "forward", Leg: "request", Verdict: report.Blocked,
		Missing: []report.Missing{{Source: back.Source, Destination: back.Destination, Protocol: "tcp", Port: "63001"}},
		DecidedBy: []report.Decider{{File: "exports/core.v4", Line: 41, Text: "-A FORWARD -j DROP", Chain: "filter/FORWARD",
			Calls: []report.Decider{{File: "exports/core.v4", Line: 17, Text: "-A FORWARD -i eth1 -j OOB", Chain: "filter/FORWARD"}}}},
		Near: []report.Near{{File: "exports/core.v4", Line: 33, Text: "-A OOB -s 10.20.1.0/26 -p tcp --dport 63002 -j ACCEPT", Field: "destination port", Reason: "allows 63002; the flow goes to 63001"}},
	}}
	redirect := ilo("to-target", "80")
	redirect.Need, redirect.Verdict = "optional", report.Blocked
	redirect.Hops = []report.Hop{{Path: 1, Firewall: "core", Hook: "forward", Leg: "request", Verdict: report.Blocked,
		Missing:   []report.Missing{{Source: redirect.Source, Destination: redirect.Destination, Protocol: "tcp", Port: "80"}},
		DecidedBy: []report.Decider{{File: "exports/core.v4", Line: 41, Text: "-A FORWARD -j DROP", Chain: "filter/FORWARD"}}}}

	esx := flowFor("sum01", "esx-cluster", "vmware", "to-target", "tcp", "5989", rowESX)
	esx.Destination, esx.Verdict = []string{"10.30.4.10-10.30.4.25"}, report.Partial
	esx.Hops = []report.Hop{{Path: 1, Firewall: "edge-acl", Hook: "forward", Leg: "reply", Verdict: report.Partial,
		Missing:   []report.Missing{{Source: []string{"10.30.4.16-10.30.4.25"}, Destination: []string{"10.10.0.5"}, Protocol: "tcp", SourcePort: "5989", Port: "32768-60999"}},
		DecidedBy: []report.Decider{{File: "exports/edge.yaml", Line: 72, Text: "ADMIN-OUT", Note: "implicit deny at the end of the list"}}}}
	wmi := flowFor("sumwin", "files", "windows", "to-target", "tcp", "135", rowWin)
	wmi.Source, wmi.Destination, wmi.Verdict = []string{"10.10.0.6"}, []string{"10.30.7.20"}, report.Conditional
	wmi.Hops = []report.Hop{{Path: 1, Firewall: "sumwin-host", Hook: "output", Leg: "request", Verdict: report.Conditional,
		DecidedBy: []report.Decider{{File: "exports/sumwin.txt", Line: 210, Text: "Rule Name: SUM service (Action: Allow)"}},
		DependsOn: []report.DependsOn{{Kind: "program", Text: `C:\Program Files\SUM\bin\sum_service_x64.exe`, Location: &source.Location{File: "exports/sumwin.txt", Line: 219, Column: 1}, Supply: "the program that opens the connection"}}}}
	local := report.Flow{ID: "sum01/local/tcp/63002", Topology: "plans/dc1", Server: "sum01", Direction: "local", Phases: []string{"inventory", "deployment"},
		Need: "required", Row: "SUM's own services", Protocol: "tcp", Port: "63002", Source: []string{"127.0.0.1"}, Destination: []string{"127.0.0.1"}, Verdict: report.Allowed}
	browser := local
	browser.ID, browser.Direction, browser.Need, browser.Port = "sum01/browser/tcp/63002", "browser", "derived", "63002"
	browser.Source, browser.Destination = []string{"10.10.0.0/25"}, []string{"10.10.0.5"}

	return []report.Flow{
		ilo("to-target", "22"), redirect, ilo("to-target", "443"), back,
		flowFor("sum01", "enclosure-1", "oa", "to-target", "tcp", "22", rowOA),
		flowFor("sum01", "enclosure-1", "oa", "to-target", "tcp", "443", rowOA),
		flowFor("sum01", "esx-cluster", "vmware", "to-target", "tcp", "443", rowESX), esx,
		flowFor("sum01", "esx-cluster", "vmware", "from-target", "tcp", "63001", rowESX),
		flowFor("sumwin", "files", "windows", "to-target", "tcp", "445", rowWin), wmi,
		flowFor("sumwin", "files", "windows", "to-target", "udp", "137", rowWin),
		local, browser,
	}
}

func dataCentreFindings() []report.Finding {
	const file = "plans/dc1/site.sum.hcl"
	return []report.Finding{
		{Rule: "missing-allowance", Severity: diag.Error,
			Message: "core drops tcp 63001 from rack-a (10.20.1.0/26) to sum01: the nodes cannot fetch firmware from SUM",
			Advice:  "allow tcp 63001 from 10.20.1.0/26 to 10.10.0.5 in chain OOB, before line 41",
			Effect:  "deployment hangs at \"staging\" until SUM times out",
			Flows:   []string{"sum01/rack-a/from-target/tcp/63001"}, Servers: []string{"sum01"}, Targets: []string{"rack-a"}, Firewall: "core",
			Location: at("exports/core.v4", 41, 1), Fingerprint: "5f0c2b9d7e1a4c33",
			Related: []report.Related{{Message: "target rack-a", Location: at(file, 23, 1)}}},
		{Rule: "reply-blocked", Severity: diag.Error,
			Message: "edge-acl lets tcp 5989 to esx-cluster pass, but not all answers: 10.30.4.16-10.30.4.25 have no entry",
			Flows:   []string{"sum01/esx-cluster/to-target/tcp/5989"}, Servers: []string{"sum01"}, Targets: []string{"esx-cluster"}, Firewall: "edge-acl",
			Location: at("exports/edge.yaml", 72, 5), Fingerprint: "a1b2c3d4e5f60718",
			Related: []report.Related{{Message: "target esx-cluster", Location: at(file, 38, 1)}}},
		{Rule: "conditional-allowance", Severity: diag.Warning,
			Message: "sumwin-host allows tcp 135 only to one program",
			Flows:   []string{"sumwin/files/to-target/tcp/135"}, Servers: []string{"sumwin"}, Targets: []string{"files"}, Firewall: "sumwin-host",
			Location: at("exports/sumwin.txt", 210, 1), Fingerprint: "0badc0de0badc0de"},
		{Rule: "expired-waiver", Severity: diag.Warning, Message: "the waiver of conditional-allowance ended on 2026-10-01",
			Location: at(file, 95, 1), Fingerprint: "77aa77aa77aa77aa", Hop: -1},
		{Rule: "optional-blocked", Severity: diag.Note, Message: "core drops tcp 80 to rack-a; it only redirects to 443",
			Flows: []string{"sum01/rack-a/to-target/tcp/80"}, Servers: []string{"sum01"}, Targets: []string{"rack-a"}, Firewall: "core",
			Location: at("exports/core.v4", 41, 1), Fingerprint: "1111222233334444", Waived: true, WaivedBy: "the redirect port stays closed"},
		{Rule: "unused-firewall", Severity: diag.Note, Message: "no flow passes sum01-host's chain OUTPUT", Firewall: "sum01-host",
			Location: source.Location{File: "exports/sum01.v4"}, Fingerprint: "deadbeefdeadbeef", Hop: -1},
	}
}

func sampleRules() []report.Rule {
	rule := func(id, title, about string, s diag.Severity, related ...string) report.Rule {
		return report.Rule{ID: id, Title: title, Description: about, Severity: s, Related: related}
	}
	return []report.Rule{
		rule("conditional-allowance", "A flow passes only under a condition", "The export cannot tell whether the condition holds.", diag.Warning),
		rule("expired-waiver", "A waiver has ended", "What it waived counts again.", diag.Warning),
		rule("missing-allowance", "A required flow is blocked", "SUM's port table asks for the flow and a firewall on its way drops the request.", diag.Error, "https://support.hpe.com/docs/sum-ports"),
		rule("no-route", "No way between two zones", "No path of firewalls and routers joins the zones.", diag.Error),
		rule("optional-blocked", "An optional flow is blocked", "The table prints the port in parentheses.", diag.Note),
		rule("reply-blocked", "The answers are blocked", "The request passes, its answers do not.", diag.Error),
		rule("unused-firewall", "A firewall that no flow passes", "It may be in the plan by mistake.", diag.Note),
	}
}

// cleanReport is a rollout that will pass.
func cleanReport() *report.Report {
	r := dataCentre()
	r.Findings, r.Waivers, r.Decisions, r.Assumptions, r.Diagnostics = nil, nil, nil, nil, nil
	for i := range r.Flows {
		r.Flows[i].Verdict, r.Flows[i].Hops = report.Allowed, nil
	}
	r.Summary = summarize(r)
	r.Summary.Exports, r.Summary.RuleLines = 5, 1843
	return r
}

// unreadReport is a run whose inputs could not be read in full.
func unreadReport() *report.Report {
	r := &report.Report{Schema: report.Schema, Today: "2026-11-22", Rules: sampleRules(),
		Topologies: []report.Topology{dataCentreTopology()},
		Diagnostics: []report.Diagnostic{
			{Severity: diag.Error, Origin: diag.Export, Message: "unknown target \"DRPO\". A target is ACCEPT, DROP, REJECT or a chain; did you mean DROP?", Location: at("exports/core.v4", 12, 22), Snippet: "-A FORWARD -i eth1 -j DRPO", Width: 4},
			{Severity: diag.Error, Origin: diag.Topology, Message: "unsupported attribute \"adresses\". Did you mean \"addresses\"?", Location: at("plans/dc1/site.sum.hcl", 13, 3), Snippet: "  adresses = [\"10.10.0.5\"]", Width: 8},
			{Severity: diag.Error, Origin: diag.Usage, Message: "nothing to check: the topology needs no flow"},
		}}
	r.Summary = summarize(r)
	return r
}

// largeReport is a plan of n iLOs in racks, of which every tenth is blocked by one rule.
func largeReport(n int) *report.Report {
	r := dataCentre()
	r.Topologies[0].Zones = append(r.Topologies[0].Zones, report.Zone{Name: "dmz", Networks: []string{"10.40.0.0/16"}}, report.Zone{Name: "lab", Networks: []string{"10.50.0.0/16"}})
	r.Topologies[0].Firewalls = append(r.Topologies[0].Firewalls,
		report.Firewall{Name: "dmz-fw", Zones: []string{"admin", "dmz"}, Exports: []string{"exports/dmz.v4"}, Location: at("plans/dc1/site.sum.hcl", 101, 1)},
		report.Firewall{Name: "transit", Router: true, Zones: []string{"dmz", "lab"}, Exports: []string{}, Location: at("plans/dc1/site.sum.hcl", 110, 1)})
	finding := r.Findings[0]
	finding.Flows, finding.Targets, finding.Fingerprint = nil, nil, "9999888877776666"
	zones := []string{"oob", "dmz", "lab"}
	for i := range n {
		name, addr := fmt.Sprintf("ilo-%03d", i+1), fmt.Sprintf("10.%d.%d.%d", 20+i%3*10, i/250+32, i%250+1)
		r.Topologies[0].Targets = append(r.Topologies[0].Targets, report.Node{Name: name, Type: "ilo", Zones: []string{zones[i%3]}, Addresses: []string{addr}, Location: at("plans/dc1/site.sum.hcl", 120, 1)})
		for _, p := range []string{"22", "80", "443", "63001"} {
			dir := "to-target"
			if p == "63001" {
				dir = "from-target"
			}
			f := flowFor("sum01", name, "ilo", dir, "tcp", p, rowILO)
			f.Destination = []string{addr}
			if p == "63001" {
				f.Source, f.Destination = []string{addr}, []string{"10.10.0.5"}
			}
			if p == "63001" && i%10 == 0 {
				f.Verdict = report.Blocked
				f.Hops = []report.Hop{r.Flows[3].Hops[0]}
				f.Hops[0].Missing = []report.Missing{{Source: f.Source, Destination: f.Destination, Protocol: "tcp", Port: p}}
				finding.Flows, finding.Targets = append(finding.Flows, f.ID), append(finding.Targets, name)
			}
			r.Flows = append(r.Flows, f)
		}
	}
	r.Findings = append([]report.Finding{finding}, r.Findings...)
	r.Summary = summarize(r)
	r.Summary.Exports, r.Summary.RuleLines = 6, 102344
	return r
}

// summarize counts as the engine does.
func summarize(r *report.Report) report.Summary {
	s := report.Summary{Flows: len(r.Flows)}
	for _, f := range r.Flows {
		switch f.Verdict {
		case report.Allowed:
			s.Allowed++
		case report.Blocked:
			s.Blocked++
		case report.Partial:
			s.Partial++
		case report.Conditional:
			s.Conditional++
		}
	}
	for _, f := range r.Findings {
		switch {
		case f.Waived:
			s.Waived++
		case f.Severity == diag.Error:
			s.Errors++
		case f.Severity == diag.Warning:
			s.Warnings++
		default:
			s.Notes++
		}
	}
	return s
}
