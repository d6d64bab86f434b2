package lint

import (
	"context"
	"slices"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/parsers/tree"
	"github.com/sumlint/sumlint/policies/route"
)

// older makes the plan of an older state whose topology is that of p: the same flows,
// to be traced where a firewall on their way has other exports.
func (p *plan) older(ctx context.Context, t *tree.Tree, today string) (*plan, error) {
	out := &plan{planner: p.planner.again(), tree: t, loader: newLoader(t, p.topology, today), pairs: p.pairs, decisions: p.decisions, waiver: p.waiver,
		newer: p, changed: map[string]bool{}, crossing: map[[2]*topology.Zone]bool{}}
	differs := make([]bool, len(p.topology.Firewalls))
	if err := each(ctx, len(differs), func(i int) {
		differs[i] = slices.ContainsFunc(p.topology.Firewalls[i].Exports, func(e topology.ExportFile) bool { return !sameExport(p.tree, t, e) })
	}); err != nil {
		return nil, err
	}
	for i, fw := range p.topology.Firewalls {
		if differs[i] {
			out.changed[fw.Name] = true
		}
	}
	return out, nil
}

// sameExport tells whether an export is the same in two trees.
func sameExport(one, other *tree.Tree, e topology.ExportFile) bool {
	if e.Missing {
		return true // in both: whether a file is there is part of the topology
	}
	data, err := one.Read(e.Path)
	return err == nil && other.Same(e.Path, data)
}

// again copies a planner whose flows are to be traced in another state.
func (p *planner) again() *planner {
	out := *p
	out.hosts, out.ranges, out.clients = map[packet.Addr]*packet.Addrs{}, map[string]*packet.Ports{}, map[topology.Ports]*packet.Ports{}
	out.flows = make([]*flow, len(p.flows))
	for i, f := range p.flows {
		copied := *f
		out.flows[i] = &copied
	}
	return &out
}

// adopt takes over what became of the flows that cross no changed firewall.
func (r *run) adopt() {
	for _, p := range r.plans {
		for i, f := range p.flows {
			if f.adopted {
				f.verdict, f.entries = p.newer.flows[i].verdict, p.newer.flows[i].entries
			}
		}
	}
}

// crosses tells whether a changed firewall may stand on a flow's way.
func (p *plan) crosses(f *flow) bool {
	hosts := []string{f.sourceHost, f.destinationHost}
	if f.server != nil {
		hosts = append(hosts, f.server.Name)
	}
	if f.target != nil {
		hosts = append(hosts, f.target.Name)
	}
	for _, host := range hosts {
		if fw := p.assessor.filters.hosts[host]; fw != nil && p.changed[fw.Name] {
			return true
		}
	}
	for i := range f.strands {
		s := &f.strands[i]
		way := [2]*topology.Zone{s.from, s.to}
		crosses, known := p.crossing[way]
		if !known {
			ways, _ := p.network.Ways(s.from, s.to)
			crosses = slices.ContainsFunc(ways, func(w route.Way) bool {
				return slices.ContainsFunc(w, func(h route.Hop) bool { return p.changed[h.Name] })
			})
			p.crossing[way] = crosses
		}
		if crosses {
			return true
		}
	}
	return false
}
