// Package route tells which firewalls a flow passes between two zones, by which
// interfaces.
package route

import (
	"net/netip"
	"slices"
	"sync"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/topology"
)

// Hop is a firewall or router on a way.
type Hop struct {
	// Firewall is nil for a router.
	Firewall *topology.Firewall
	Name     string
	// In and Out are the interfaces by which packets come and go: several where more
	// than one leads to the zone, nil where they are not known.
	In, Out *packet.Names
}

// Way is the sequence of hops between two zones; none inside a zone.
type Way []Hop

// maxWays bounds how many ways of the same length are followed between two zones.
const maxWays = 32

// Map is a topology's network. It may be used by several goroutines.
type Map struct {
	zones []*topology.Zone
	// space is what each zone holds: its networks without the longer networks of others.
	space map[*topology.Zone]map[packet.Family]*packet.Addrs
	// devices are the firewalls between zones and the routers, in the topology's order.
	devices []device
	fixed   map[[2]string][]Way
	mu      sync.Mutex
	found   map[[2]string][]Way // as far as they were asked for
}

type device struct {
	firewall *topology.Firewall
	name     string
	// to holds the interfaces that lead to each zone.
	to map[string]*packet.Names
	// zones are the keys of to in the topology's order.
	zones []string
}

// New draws the map of a topology.
func New(t *topology.Topology) *Map {
	m := &Map{zones: t.Zones, space: zoneSpaces(t.Zones), fixed: map[[2]string][]Way{}, found: map[[2]string][]Way{}}
	for _, f := range t.Firewalls {
		if f.Host.Value == "" {
			m.devices = append(m.devices, newDevice(f, f.Name, f.Interfaces))
		}
	}
	for _, r := range t.Routers {
		m.devices = append(m.devices, newDevice(nil, r.Name, r.Interfaces))
	}
	for _, p := range t.Paths {
		m.fix(p)
	}
	return m
}

func newDevice(f *topology.Firewall, name string, interfaces []topology.Interface) device {
	d := device{firewall: f, name: name, to: map[string]*packet.Names{}}
	for _, i := range interfaces {
		zone := i.Zone.Value
		known, ok := d.to[zone]
		if !ok {
			known = packet.Union[packet.Name]()
			d.zones = append(d.zones, zone)
		}
		d.to[zone] = known.Union(packet.OneName(i.Name))
	}
	return d
}

// zoneSpaces gives each address to the zone of the longest network that holds it.
func zoneSpaces(zones []*topology.Zone) map[*topology.Zone]map[packet.Family]*packet.Addrs {
	type network struct {
		zone   *topology.Zone
		prefix netip.Prefix
	}
	var networks []network
	space := map[*topology.Zone]map[packet.Family]*packet.Addrs{}
	for _, z := range zones {
		space[z] = map[packet.Family]*packet.Addrs{packet.IPv4: packet.Union[packet.Addr](), packet.IPv6: packet.Union[packet.Addr]()}
		for _, p := range z.Networks {
			networks = append(networks, network{z, p})
		}
	}
	slices.SortStableFunc(networks, func(a, b network) int { return b.prefix.Bits() - a.prefix.Bits() })
	taken := map[packet.Family]*packet.Addrs{packet.IPv4: packet.Union[packet.Addr](), packet.IPv6: packet.Union[packet.Addr]()}
	for _, n := range networks {
		addrs, f := packet.PrefixAddrs(n.prefix)
		space[n.zone][f] = space[n.zone][f].Union(addrs.Subtract(taken[f]))
		taken[f] = taken[f].Union(addrs)
	}
	return space
}

// HasZones tells whether the topology has zones at all.
func (m *Map) HasZones() bool { return len(m.zones) > 0 }

// Zone returns the zone of an address, nil where it is in none.
func (m *Map) Zone(a packet.Addr, f packet.Family) *topology.Zone {
	for _, z := range m.zones {
		if m.space[z][f].Contains(a) {
			return z
		}
	}
	return nil
}

// Part is the part of a set of addresses that is in one zone; Zone is nil for what is in none.
type Part struct {
	Zone  *topology.Zone
	Addrs *packet.Addrs
}

// Divide divides addresses by zone, in the topology's order.
func (m *Map) Divide(addrs *packet.Addrs, f packet.Family) []Part {
	var out []Part
	for _, z := range m.zones {
		if len(m.zones) == 1 && addrs.Within(m.space[z][f]) {
			return []Part{{z, addrs}}
		}
		if in := addrs.Intersect(m.space[z][f]); !in.IsEmpty() {
			out = append(out, Part{z, in})
			if addrs = addrs.Subtract(in); addrs.IsEmpty() {
				return out
			}
		}
	}
	if !addrs.IsEmpty() {
		out = append(out, Part{nil, addrs})
	}
	return out
}

// Space returns the addresses of a family that are in a zone.
func (m *Map) Space(z *topology.Zone, f packet.Family) *packet.Addrs { return m.space[z][f] }

// Ways returns the ways from one zone to another: the path block's, else all with
// the fewest hops. ok is false where there is none. Without zones each firewall
// stands on the one way.
func (m *Map) Ways(from, to *topology.Zone) (ways []Way, ok bool) {
	if !m.HasZones() {
		var all Way
		for _, d := range m.devices {
			if d.firewall != nil {
				all = append(all, Hop{Firewall: d.firewall, Name: d.name})
			}
		}
		return []Way{all}, true
	}
	if from == nil || to == nil {
		return nil, false
	}
	if from == to {
		return []Way{nil}, true
	}
	key := [2]string{from.Name, to.Name}
	if ways, ok = m.fixed[key]; ok {
		return ways, len(ways) > 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if ways, ok = m.found[key]; !ok {
		ways = m.search(from.Name, to.Name)
		m.found[key] = ways
	}
	return ways, len(ways) > 0
}

// search finds the shortest ways, breadth first, in the order of the topology.
func (m *Map) search(from, to string) []Way {
	type state struct {
		zone string
		way  Way
	}
	level := []state{{zone: from}}
	seen := map[string]bool{from: true}
	for len(level) > 0 {
		var next []state
		var found []Way
		reached := map[string]bool{}
		for _, s := range level {
			for _, d := range m.devices {
				in, ok := d.to[s.zone]
				if !ok {
					continue
				}
				for _, zone := range d.zones {
					if seen[zone] || len(next)+len(found) >= maxWays*len(m.zones) {
						continue
					}
					way := append(slices.Clip(s.way), Hop{Firewall: d.firewall, Name: d.name, In: in, Out: d.to[zone]})
					if zone == to {
						found = append(found, way)
					} else {
						next = append(next, state{zone, way})
					}
					reached[zone] = true
				}
			}
		}
		if len(found) > 0 {
			return found[:min(len(found), maxWays)]
		}
		for zone := range reached {
			seen[zone] = true
		}
		level = next
	}
	return nil
}

// fix enters a path block, in both directions.
func (m *Map) fix(p *topology.Path) {
	via := make([]string, len(p.Via))
	for i, v := range p.Via {
		via[i] = v.Value
	}
	there := m.follow(p.From.Value, p.To.Value, via)
	slices.Reverse(via)
	back := m.follow(p.To.Value, p.From.Value, via)
	m.fixed[[2]string{p.From.Value, p.To.Value}] = there
	m.fixed[[2]string{p.To.Value, p.From.Value}] = back
}

// follow finds the ways through the named devices in order; between two of them
// lies any zone to which both lead.
func (m *Map) follow(from, to string, via []string) []Way {
	type state struct {
		zone string
		way  Way
	}
	level := []state{{zone: from}}
	for i, name := range via {
		at := slices.IndexFunc(m.devices, func(d device) bool { return d.name == name })
		if at < 0 {
			return nil
		}
		d := m.devices[at]
		var next []state
		for _, s := range level {
			in, ok := d.to[s.zone]
			if !ok {
				continue
			}
			for _, zone := range d.zones {
				last := i == len(via)-1
				if zone != s.zone && (zone == to) == last && len(next) < maxWays {
					next = append(next, state{zone, append(slices.Clip(s.way), Hop{Firewall: d.firewall, Name: d.name, In: in, Out: d.to[zone]})})
				}
			}
		}
		level = next
	}
	var out []Way
	for _, s := range level {
		if s.zone == to {
			out = append(out, s.way)
		}
	}
	return out
}
