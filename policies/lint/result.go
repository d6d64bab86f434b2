package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/policies/report"
)

// report makes the report of a run from what it found and what was judged.
func (r *run) report(findings []report.Finding) *report.Report {
	out := &report.Report{Schema: report.Schema, Today: r.options.Today, Topologies: []report.Topology{}, Flows: []report.Flow{}, Findings: findings,
		Decisions: []report.Decision{}, Waivers: []report.Waiver{}, Assumptions: []report.Assumption{}, Diagnostics: report.FromDiagnostics(r.diags), Rules: []report.Rule{}}
	if out.Findings == nil {
		out.Findings = []report.Finding{}
	}
	for _, p := range r.plans {
		out.Topologies = append(out.Topologies, p.draw())
		for _, f := range p.flows {
			flow := f.report(r.options.Verbose)
			flow.Topology = p.topology.Path
			out.Flows = append(out.Flows, flow)
		}
		out.Decisions = append(out.Decisions, p.decisions...)
		for _, policy := range p.topology.Policies {
			out.Decisions = append(out.Decisions, report.Decision{Target: policy.Rule, Message: settingText(policy)})
		}
		out.Assumptions = append(out.Assumptions, p.assumptions()...)
	}
	if r.policy != nil {
		out.Rules = r.policy.Rules()
	}
	r.reportWaivers(out)
	for _, p := range r.plans {
		if p.loader != nil {
			files, rules := p.loader.counts()
			out.Summary.Exports += files
			out.Summary.RuleLines += rules
		}
	}
	out.Count()
	return out
}

// report makes a flow as the report has it.
func (f *flow) report(verbose bool) report.Flow {
	t := f.template
	out := report.Flow{ID: f.id, Direction: t.Direction, Phases: t.Phases, Need: t.Need, Row: t.Row, Service: t.Service, Protocol: t.Protocol,
		Port: t.Port, SourcePort: t.SourcePort, Source: f.describe(fromSide), Destination: f.describe(toSide), Policy: f.policy, Verdict: f.verdict}
	if f.forbidden() {
		out.Must = report.Never
	}
	if f.server != nil {
		out.Server = f.server.Name
	}
	if f.target != nil {
		out.Target, out.TargetType = f.target.Name, f.target.Type
	}
	if out.Phases == nil {
		out.Phases = []string{}
	}
	for i := range f.entries {
		if verbose || f.verdict != report.Allowed && f.entries[i].verdict != report.Allowed {
			out.Hops = append(out.Hops, f.entries[i].report())
		}
	}
	return out
}

// settingText says what a policy block does.
func settingText(p *topology.Policy) string {
	if p.Severity == "off" {
		return "the rule is switched off"
	}
	return fmt.Sprintf("the rule's findings count as %s", p.Severity)
}

// draw makes the plan as reports draw it.
func (p *plan) draw() report.Topology {
	t := p.topology
	out := report.Topology{Path: t.Path, Zones: []report.Zone{}, Servers: []report.Node{}, Targets: []report.Node{}, Firewalls: []report.Firewall{}}
	for _, z := range t.Zones {
		zone := report.Zone{Name: z.Name, Networks: []string{}}
		for _, n := range z.Networks {
			zone.Networks = append(zone.Networks, n.String())
		}
		out.Zones = append(out.Zones, zone)
	}
	for _, s := range t.Servers {
		out.Servers = append(out.Servers, report.Node{Name: s.Name, Type: s.OS, Zones: p.zonesOf(&s.Addresses), Addresses: addresses(&s.Addresses), Location: s.Span.Location()})
	}
	for _, n := range t.Targets {
		out.Targets = append(out.Targets, report.Node{Name: n.Name, Type: n.Type, Zones: p.zonesOf(&n.Addresses), Addresses: addresses(&n.Addresses), Mode: n.Mode, Location: n.Span.Location()})
	}
	zones := func(interfaces []topology.Interface) []string {
		out := []string{}
		for _, i := range interfaces {
			if z := i.Zone.Value; z != "" && !slices.Contains(out, z) {
				out = append(out, z)
			}
		}
		return out
	}
	for _, fw := range t.Firewalls {
		f := report.Firewall{Name: fw.Name, Host: fw.Host.Value, Zones: zones(fw.Interfaces), Exports: []string{}, Location: fw.Span.Location()}
		for _, e := range fw.Exports {
			f.Exports = append(f.Exports, e.Path)
		}
		out.Firewalls = append(out.Firewalls, f)
	}
	for _, router := range t.Routers {
		out.Firewalls = append(out.Firewalls, report.Firewall{Name: router.Name, Router: true, Zones: zones(router.Interfaces), Exports: []string{}, Location: router.Span.Location()})
	}
	return out
}

// assumptions are what was taken for granted about a plan.
func (p *plan) assumptions() []report.Assumption {
	out := []report.Assumption{}
	if p.assessor == nil {
		return out
	}
	out = append(out, report.Assumption{ID: "symmetric-routing", Message: "Answers return through the same firewalls as the requests."})
	if slices.ContainsFunc(p.topology.Targets, func(n *topology.Target) bool { return !filtersItself(n) && n.Mode == "remote" }) {
		out = append(out, report.Assumption{ID: "appliances-unfiltered", Message: "Appliances (iLO, OA, VC, switches, Superdome) accept SUM's ports: their own access settings are not part of any export."})
	}
	for _, a := range p.topology.Assumes {
		holds := "does not hold"
		if a.Holds {
			holds = "holds"
		}
		out = append(out, report.Assumption{ID: "assume-" + a.Kind, Firewall: a.Firewall, Message: fmt.Sprintf("The topology says that %q %s: %s", strings.TrimSpace(a.Kind+" "+a.Text), holds, a.Reason)})
	}
	used := p.used()
	for _, fw := range p.topology.Firewalls {
		if !used[fw.Name] {
			continue
		}
		for _, a := range p.loader.compiled[fw].assumptions {
			out = append(out, report.Assumption{ID: a.ID, Firewall: fw.Name, Message: a.Message})
		}
	}
	return out
}

// reportWaivers adds the waivers and what they did.
func (r *run) reportWaivers(out *report.Report) {
	for _, w := range r.waivers {
		var scope []string
		for _, s := range [][2]string{{"server", w.Server}, {"target", w.Target}, {"firewall", w.Firewall}, {"direction", w.Direction}} {
			if s[1] != "" {
				scope = append(scope, s[0]+" "+s[1])
			}
		}
		if w.Port != 0 {
			scope = append(scope, fmt.Sprintf("port %d", w.Port))
		}
		entry := report.Waiver{Rule: w.Rule, Scope: cmp.Or(strings.Join(scope, ", "), "everything"), Reason: w.Reason, Until: w.Until, Location: w.Location}
		entry.Expired = w.Until != "" && w.Until < r.options.Today
		entry.Used = !entry.Expired && len(out.Findings) > 0 && !slices.ContainsFunc(out.Findings, func(f report.Finding) bool {
			return f.Rule == "unused-waiver" && f.Location == source.Location(w.Location)
		})
		out.Waivers = append(out.Waivers, entry)
	}
}
