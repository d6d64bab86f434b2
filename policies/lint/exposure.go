package lint

import (
	"slices"
	"strconv"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/policies/engine"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/trace"
)

// maxExposedNetworks bounds how many networks an exposure names.
const maxExposedNetworks = 16

// exposures tells of each server which zones, beyond what the plan needs, reach
// SUM's ports on it.
func (a *assessor) exposures() []facts.Exposure {
	out := []facts.Exposure{}
	for _, s := range a.plan.topology.Servers {
		for _, port := range []int{s.Sum.Port, s.Sum.SSLPort} {
			if port < 1 || port > 65535 {
				continue
			}
			if e, ok := a.exposure(s, port); ok {
				out = append(out, e)
			}
		}
	}
	return out
}

func (a *assessor) exposure(s *topology.Server, port int) (facts.Exposure, bool) {
	e := facts.Exposure{Topology: a.plan.topology.Path, Server: s.Name, Port: port, Zones: []string{}, Sources: []string{}, Sure: true, Location: s.Span.Location()}
	t := &facts.Template{Direction: "exposure", Protocol: "tcp", Port: strconv.Itoa(port), Answer: true}
	for _, f := range families {
		if s.Addresses.Family(f).IsEmpty() {
			continue
		}
		planned := a.planned(s, port, f)
		for _, z := range a.plan.topology.Zones {
			server, home := a.plan.serverAddress(s, f, z)
			others := a.plan.network.Space(z, f).Subtract(planned)
			if others.IsEmpty() || home == nil {
				continue
			}
			reached, sure := a.reach(s, t, z, home, a.plan.opening(t, f, others, a.plan.only(server), ephemeral))
			switch {
			case reached.IsEmpty():
				continue
			case others.Within(reached):
				if !slices.Contains(e.Zones, z.Name) {
					e.Zones = append(e.Zones, z.Name)
				}
			default:
				e.Sources = append(e.Sources, packet.FormatAddrs(reached.First(maxExposedNetworks+1), f)...)
			}
			e.Sure = e.Sure && sure
		}
	}
	if len(e.Sources) > maxExposedNetworks {
		e.Sources = append(e.Sources[:maxExposedNetworks], "…")
	}
	return e, len(e.Zones)+len(e.Sources) > 0
}

// planned are the addresses that the plan lets reach a port of a server.
func (a *assessor) planned(s *topology.Server, port int, f packet.Family) *packet.Addrs {
	sets := []*packet.Addrs{s.Addresses.Family(f), s.Browsers.Family(f)}
	for _, fl := range a.plan.flows {
		if fl.server != s || fl.template.Direction == "to-target" || fl.template.Direction == "local" || !holdsPort(fl.template.Port, port) {
			continue
		}
		for i := range fl.strands {
			if fl.strands[i].need.Family == f {
				sets = append(sets, fl.strands[i].need.Src)
			}
		}
	}
	return packet.Union(sets...)
}

// reach is which of the sources may open a connection on some way, and whether they surely do.
func (a *assessor) reach(s *topology.Server, t *facts.Template, from, to *topology.Zone, need packet.Box) (*packet.Addrs, bool) {
	ways, ok := a.plan.network.Ways(from, to)
	reached, sure := packet.Union[packet.Addr](), true
	if !ok {
		return reached, sure
	}
	for _, way := range ways {
		all := a.filters.way(way)
		if own, ok := a.filters.server(s.Name, engine.Into, t); ok {
			all = append(all, own)
		}
		r := trace.Run(trace.Query{Filters: all, Need: packet.Set{need}, Answers: true})
		for _, b := range r.May {
			reached = reached.Union(b.Src)
		}
		sure = sure && r.May.Within(r.Surely)
	}
	return reached, sure
}
