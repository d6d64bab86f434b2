package lint

import (
	"context"
	"net/netip"
	"slices"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/policies/engine"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/judge"
	"github.com/sumlint/sumlint/policies/report"
	"github.com/sumlint/sumlint/policies/trace"
)

// custom is the direction of flows that a team's policy declares.
const custom = "custom"

// needs adds the flows that a team's own policies declare.
func (r *run) needs(ctx context.Context) error {
	if r.policy == nil || !r.policy.HasNeeds() {
		return nil
	}
	for _, p := range r.plans {
		if p.newer != nil {
			continue // its flows are there already
		}
		flows, err := r.policies().Needs(ctx, judge.PlanOf(p.topology))
		if err != nil {
			r.diags = append(r.diags, r.policy.NeedProblems(err)...)
			continue
		}
		for _, n := range flows {
			p.declare(n)
		}
	}
	return nil
}

// declare adds one declared flow.
func (p *plan) declare(n facts.NeedFlow) {
	t := &facts.Template{Direction: custom, Phases: []string{}, Need: n.Need, Row: n.Why, Protocol: n.Protocol, Port: n.Port, SourcePort: n.SourcePort, Answer: n.Answer}
	f := &flow{template: t, policy: n.Policy, must: n.Must}
	from, to := p.endpoint(n.From), p.endpoint(n.To)
	f.server, f.target = from.server, from.target
	if f.server == nil {
		f.server = to.server
	}
	if f.target == nil {
		f.target = to.target
	}
	f.sourceHost, f.destinationHost = from.host(), to.host()
	for _, family := range families {
		if from.addrs[family].IsEmpty() || to.addrs[family].IsEmpty() {
			continue
		}
		for _, src := range p.network.Divide(from.addrs[family], family) {
			for _, dst := range p.network.Divide(to.addrs[family], family) {
				need := p.opening(t, family, src.Addrs, dst.Addrs, from.client)
				if f.forbidden() {
					need.Src = need.Src.Subtract(p.plannedFrom(&need))
				}
				if need.IsEmpty() {
					continue
				}
				f.strands = append(f.strands, p.strand(need, dst.Addrs, src.Zone, dst.Zone))
			}
		}
	}
	p.add(f)
}

// plannedFrom are the sources from which SUM's own flows need what a policy forbids:
// they are no part of what it forbids.
func (p *plan) plannedFrom(forbidden *packet.Box) *packet.Addrs {
	var sets []*packet.Addrs
	for _, f := range p.flows {
		for i := range f.strands {
			if n := &f.strands[i].need; f.policy == "" && n.Family == forbidden.Family && n.Protocol == forbidden.Protocol && n.Dst.Overlaps(forbidden.Dst) && n.DstPort.Overlaps(forbidden.DstPort) {
				sets = append(sets, n.Src)
			}
		}
	}
	return packet.Union(sets...)
}

// end is one side of a declared flow.
type end struct {
	server *topology.Server
	target *topology.Target
	addrs  map[packet.Family]*packet.Addrs
	client topology.Ports
}

func (e *end) host() string {
	switch {
	case e.server != nil:
		return e.server.Name
	case e.target != nil:
		return e.target.Name
	}
	return ""
}

// endpoint looks up what a policy named; the judge has checked that it exists.
func (p *plan) endpoint(e facts.Endpoint) end {
	out := end{addrs: map[packet.Family]*packet.Addrs{}, client: ephemeral}
	for _, f := range families {
		out.addrs[f] = packet.Union[packet.Addr]()
	}
	for _, s := range p.topology.Servers {
		if s.Name == e.Server {
			out.server, out.client = s, s.Ephemeral
			out.addrs[packet.IPv4], out.addrs[packet.IPv6] = s.Addresses.V4, s.Addresses.V6
		}
	}
	for _, n := range p.topology.Targets {
		if n.Name == e.Target {
			out.target, out.client = n, n.Ephemeral
			out.addrs[packet.IPv4], out.addrs[packet.IPv6] = n.Addresses.V4, n.Addresses.V6
		}
	}
	for _, z := range p.topology.Zones {
		if z.Name == e.Zone {
			for _, f := range families {
				out.addrs[f] = p.network.Space(z, f)
			}
		}
	}
	for _, text := range e.Networks {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil {
				continue
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		set, f := packet.PrefixAddrs(prefix)
		out.addrs[f] = out.addrs[f].Union(set)
	}
	return out
}

// runCustom traces a declared flow through all filters on its way in a row.
func (a *assessor) runCustom(b *batch) {
	f, s := b.flows[0], b.strands[0]
	ways, _ := a.plan.network.Ways(s.from, s.to)
	for i, way := range ways {
		all := a.filters.way(way)
		if own, ok := a.filters.server(f.sourceHost, engine.OutOf, b.template); ok {
			all = slices.Insert(all, 0, own)
		}
		if own, ok := a.filters.server(f.destinationHost, engine.Into, b.template); ok {
			all = append(all, own)
		}
		result := trace.Run(trace.Query{Filters: all, Need: packet.Set{s.need}, Expect: packet.Set{s.expect}, Answers: b.template.Answer})
		b.outcomes[0].add(i+1, len(ways), s, a.verbose || f.forbidden(), []*view{newView(&result)})
	}
}

// forbidden tells that a policy wants the flow to be blocked.
func (f *flow) forbidden() bool { return f.must == report.Never }
