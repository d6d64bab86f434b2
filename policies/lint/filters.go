package lint

import (
	"strings"
	"sync"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/policies/engine"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/route"
	"github.com/sumlint/sumlint/policies/trace"
)

// filters are the firewalls of one topology, with their models.
type filters struct {
	topology *topology.Topology
	loader   *loader
	hosts    map[string]*topology.Firewall
	sides    map[string]string // "server" or "target" by the host's name
	assumes  map[string]func(*model.Condition) (holds, known bool)
	network  *route.Map
	// nodes are all servers' and targets' addresses, by zone and, under nil, together.
	nodes func() map[*topology.Zone]map[packet.Family]*packet.Addrs
}

func newFilters(t *topology.Topology, network *route.Map, l *loader) *filters {
	f := &filters{topology: t, network: network, loader: l, hosts: map[string]*topology.Firewall{}, sides: map[string]string{}, assumes: map[string]func(*model.Condition) (bool, bool){}}
	for _, s := range t.Servers {
		f.sides[s.Name] = "server"
	}
	for _, n := range t.Targets {
		f.sides[n.Name] = "target"
	}
	for _, fw := range t.Firewalls {
		if fw.Host.Value != "" {
			f.hosts[fw.Host.Value] = fw
		}
		if f.assumes[fw.Name] == nil {
			f.assumes[fw.Name] = assume(t.Assumes, fw.Name)
		}
	}
	f.nodes = sync.OnceValue(f.placeNodes)
	return f
}

// placeNodes finds out which addresses are hosts' own, and in which zones.
func (f *filters) placeNodes() map[*topology.Zone]map[packet.Family]*packet.Addrs {
	nodes := map[*topology.Zone]map[packet.Family]*packet.Addrs{nil: {}}
	for _, family := range families {
		var all []*packet.Addrs
		for _, s := range f.topology.Servers {
			all = append(all, s.Addresses.Family(family))
		}
		for _, n := range f.topology.Targets {
			all = append(all, n.Addresses.Family(family))
		}
		for _, fw := range f.hosts {
			all = append(all, interfaceAddrs(fw, family))
		}
		nodes[nil][family] = packet.Union(all...)
		for _, z := range f.topology.Zones {
			if nodes[z] == nil {
				nodes[z] = map[packet.Family]*packet.Addrs{}
			}
			nodes[z][family] = nodes[nil][family].Intersect(f.network.Space(z, family))
		}
	}
	return nodes
}

// beyond are the hosts in the zones that a firewall's interfaces lead to: what is sent
// to them from there, or from further on, does not come to the firewall.
func (f *filters) beyond(fw *topology.Firewall, out *packet.Names) func(packet.Family) *packet.Addrs {
	return func(family packet.Family) *packet.Addrs {
		known := packet.Union[packet.Addr]()
		for _, i := range fw.Interfaces {
			for _, z := range f.topology.Zones {
				if out != nil && out.Equal(packet.OneName(i.Name)) && z.Name == i.Zone.Value {
					known = known.Union(f.nodes()[z][family])
				}
			}
		}
		return known
	}
}

// others are the hosts but for one and the other names that it goes by.
func (f *filters) others(host string) func(packet.Family) *packet.Addrs {
	return func(family packet.Family) *packet.Addrs {
		out := f.nodes()[nil][family]
		for _, s := range f.topology.Servers {
			if s.Name == host {
				out = out.Subtract(s.Addresses.Family(family)).Subtract(s.NATAddresses.Family(family))
			}
		}
		for _, n := range f.topology.Targets {
			if n.Name == host {
				out = out.Subtract(n.Addresses.Family(family)).Subtract(n.NATAddresses.Family(family))
			}
		}
		return out.Subtract(interfaceAddrs(f.hosts[host], family))
	}
}

// interfaceAddrs are the addresses of a firewall's own interfaces.
func interfaceAddrs(fw *topology.Firewall, family packet.Family) *packet.Addrs {
	out := packet.Union[packet.Addr]()
	for _, i := range fw.Interfaces {
		for _, p := range i.Addresses {
			if a, f := packet.FromNetip(p.Addr()); f == family {
				out = out.Union(packet.Only(a))
			}
		}
	}
	return out
}

// assume answers a firewall's unknowns from the topology's assume blocks. These tell
// whether a condition itself holds: a rule that asks for its opposite gets the opposite.
func assume(blocks []*topology.Assume, firewall string) func(*model.Condition) (holds, known bool) {
	var mine []*topology.Assume
	for _, a := range blocks {
		if a.Firewall == "" || a.Firewall == firewall {
			mine = append(mine, a)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	return func(c *model.Condition) (holds, known bool) {
		for _, a := range mine {
			if strings.EqualFold(a.Kind, c.Kind) && strings.Contains(c.Text, a.Text) {
				return a.Holds, true
			}
		}
		return false, false
	}
}

// way makes the filters of a way between zones; routers filter nothing.
func (f *filters) way(w route.Way) []trace.Filter {
	var out []trace.Filter
	for _, hop := range w {
		if hop.Firewall == nil {
			continue
		}
		out = append(out, trace.Filter{Name: hop.Name, Model: f.loader.keep(hop.Firewall), Place: engine.Through,
			In: hop.In, Out: hop.Out, Assume: f.assumes[hop.Name], Elsewhere: f.beyond(hop.Firewall, hop.Out)})
	}
	return out
}

var loopback = packet.OneName("lo")

// host makes the filter of a host's own firewall, without its model; ok is false
// where it has none.
func (f *filters) host(name string, place engine.Place, t *facts.Template) (filter trace.Filter, ok bool) {
	fw := f.hosts[name]
	if fw == nil {
		return trace.Filter{}, false
	}
	nic := loopback.Complement().Subtract(packet.OneName(""))
	if len(fw.Interfaces) > 0 {
		nic = packet.Union[packet.Name]()
		for _, i := range fw.Interfaces {
			nic = nic.Union(packet.OneName(i.Name))
		}
	}
	none := packet.OneName("")
	filter = trace.Filter{Name: fw.Name, Place: place, Profile: fw.Profile, Assume: f.assumes[fw.Name], Host: f.sides[name]}
	who := t.Listener
	switch place {
	case engine.Into:
		filter.In, filter.Out = nic, none
	case engine.OutOf:
		filter.In, filter.Out = none, nic
		filter.Elsewhere = f.others(name)
		who = t.Sender
	case engine.Loopback:
		filter.In, filter.Out = loopback, loopback
	}
	if who.Program != "" {
		filter.Program = packet.OneName(strings.ToLower(who.Program))
	}
	if who.Service != "" {
		filter.Service = packet.OneName(strings.ToLower(who.Service))
	}
	return filter, true
}

// server makes the filter of a server's own firewall, with its model.
func (f *filters) server(name string, place engine.Place, t *facts.Template) (trace.Filter, bool) {
	filter, ok := f.host(name, place, t)
	if ok {
		filter.Model = f.loader.keep(f.hosts[name])
	}
	return filter, ok
}
