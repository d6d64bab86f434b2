package lint

import (
	"context"
	"fmt"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/inspect"
)

// nearBudget is how many rules the searches for near misses may look at in one run.
const nearBudget = 5_000_000

// gather makes the document that the policies see.
func (r *run) gather(ctx context.Context) error {
	f := facts.Facts{Schema: facts.Schema, Today: r.options.Today, Classes: []facts.Class{}, Servers: []facts.Server{}, Targets: []facts.Target{},
		Zones: []facts.Zone{}, Hosts: []facts.HostClass{}, Filters: []facts.Filter{}, Pairs: []facts.PairClass{}, Exposures: []facts.Exposure{},
		Waivers: r.waivers, Settings: []facts.Setting{}}
	if f.Waivers == nil {
		f.Waivers = []facts.Waiver{}
	}
	near := &nearest{budget: nearBudget}
	for _, p := range r.plans {
		for _, c := range classify(p.flows, p.topology.Waivers, p.waiver) {
			f.Classes = append(f.Classes, c.fact(p.planner, near, fmt.Sprintf("class-%d", len(f.Classes)+1)))
		}
		p.describe(&f)
		if p.keepModels {
			f.Firewalls = append(f.Firewalls, p.firewalls()...)
		}
		f.Pairs = append(f.Pairs, p.pairClasses()...)
		f.Exposures = append(f.Exposures, p.assessor.exposures()...)
	}
	r.facts = f
	return r.finish(ctx)
}

// finish reads what no flow has needed, so that each export's mistakes are told.
func (r *run) finish(ctx context.Context) error {
	for _, p := range r.plans {
		if p.newer == nil { // else the newer state's run tells of what is the same
			if err := p.loader.rest(ctx, p.topology); err != nil {
				return err
			}
		}
		r.diags = append(r.diags, p.loader.diags(p.topology)...)
	}
	return nil
}

// describe adds the plan's servers, targets, zones, hosts and firewalls.
func (p *plan) describe(f *facts.Facts) {
	t := p.topology
	for _, s := range t.Servers {
		portAt := s.Sum.PortSpan
		for _, span := range []source.Span{s.Sum.SSLPortSpan, s.Sum.FTPPortSpan, s.Span} {
			if portAt.IsZero() {
				portAt = span
			}
		}
		f.Servers = append(f.Servers, facts.Server{Topology: t.Path, Name: s.Name, OS: s.OS, Version: s.Sum.Version, Port: s.Sum.Port,
			SSLPort: s.Sum.SSLPort, FTPPort: s.Sum.FTPPort, OpenFirewall: s.Sum.OpenFirewall, Phases: s.Sum.Phases,
			Location: s.Span.Location(), PortAt: portAt.Location()})
	}
	for _, n := range t.Targets {
		f.Targets = append(f.Targets, facts.Target{Topology: t.Path, Name: n.Name, Type: n.Type, Mode: n.Mode, Location: n.Span.Location()})
	}
	for _, z := range t.Zones {
		zone := facts.Zone{Topology: t.Path, Name: z.Name, Networks: []string{}, Location: z.Span.Location()}
		for _, n := range z.Networks {
			zone.Networks = append(zone.Networks, n.String())
		}
		f.Zones = append(f.Zones, zone)
	}
	used := p.used()
	for _, fw := range t.Firewalls {
		f.Filters = append(f.Filters, facts.Filter{Topology: t.Path, Name: fw.Name, Host: fw.Host.Value, Used: used[fw.Name], Location: fw.Span.Location()})
	}
	for _, policy := range t.Policies {
		f.Settings = append(f.Settings, facts.Setting{Topology: t.Path, Rule: policy.Rule, Severity: policy.Severity})
	}
	f.Hosts = append(f.Hosts, p.hostClasses()...)
}

// firewall is a firewall's model as the policies see it.
type firewall struct {
	Topology string `json:"topology"`
	Name     string `json:"name"`
	Host     string `json:"host"`
	inspect.Shown
}

// firewalls are the models of all firewalls, for the policies that ask for them.
func (p *plan) firewalls() []any {
	var out []any
	for _, fw := range p.topology.Firewalls {
		out = append(out, firewall{p.topology.Path, fw.Name, fw.Host.Value, inspect.Describe(p.loader.keep(fw))})
	}
	return out
}

// filtersItself tells whether nodes of the target's type run a system with a firewall.
func filtersItself(n *topology.Target) bool {
	return n.Type == "linux" || n.Type == "windows" || n.Type == "vmware"
}

// used tells which firewalls some flow crosses.
func (p *plan) used() map[string]bool {
	used := map[string]bool{}
	type pair struct{ from, to *topology.Zone }
	seen := map[pair]bool{}
	for _, f := range p.flows {
		if f.server != nil {
			used[hostFirewall(p, f.server.Name)] = true
		}
		if f.target != nil {
			used[hostFirewall(p, f.target.Name)] = true
		}
		for i := range f.strands {
			s := &f.strands[i]
			if seen[pair{s.from, s.to}] || f.template.Direction == "local" {
				continue
			}
			seen[pair{s.from, s.to}] = true
			ways, _ := p.network.Ways(s.from, s.to)
			for _, way := range ways {
				for _, hop := range way {
					used[hop.Name] = true
				}
			}
		}
	}
	return used
}

func hostFirewall(p *plan, host string) string {
	if fw := p.assessor.filters.hosts[host]; fw != nil {
		return fw.Name
	}
	return ""
}

// zonesOf names the zones that hold some of the addresses.
func (p *plan) zonesOf(addresses *topology.Addresses) []string {
	out := []string{}
	for _, z := range p.topology.Zones {
		for _, f := range families {
			if a := addresses.Family(f); !a.IsEmpty() && a.Overlaps(p.network.Space(z, f)) {
				out = append(out, z.Name)
				break
			}
		}
	}
	return out
}

// addresses writes addresses as reports print them.
func addresses(a *topology.Addresses) []string {
	out := []string{}
	for _, f := range families {
		if set := a.Family(f); !set.IsEmpty() {
			out = append(out, packet.FormatAddrs(set, f)...)
		}
	}
	return out
}
