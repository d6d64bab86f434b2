package lint

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/report"
	"github.com/sumlint/sumlint/policies/route"
)

// flow is one flow that a plan needs.
type flow struct {
	id       string
	template *facts.Template
	server   *topology.Server
	target   *topology.Target // nil on local and browser flows
	policy   string           // the sumlint.needs package that declared it
	must     string           // "allow" or "never"
	strands  []strand
	// The hosts at both ends, where a policy declared the flow.
	sourceHost, destinationHost string
	// adopted: it is not traced, since what a newer state's trace finds holds for it too.
	adopted bool
	// What the trace found.
	verdict report.Verdict
	entries []entry
}

// strand is the part of a flow in one family and between two zones.
type strand struct {
	need packet.Box // the opening packets, as sent
	// expect is where they must arrive.
	expect   packet.Box
	from, to *topology.Zone
	// moves tells that NAT must bring the packets to another address than they are sent to.
	moves   bool
	noRoute bool
}

// ephemeral is what client ports are where nobody has said.
var ephemeral = topology.Ports{First: 1024, Last: 65535}

var families = []packet.Family{packet.IPv4, packet.IPv6}

// planner makes the flows of one topology.
type planner struct {
	topology *topology.Topology
	network  *route.Map
	blocks   map[string]*topology.Firewall // by name
	flows    []*flow
	ids      map[string]int
	// keepModels tells that the models are needed after the trace.
	keepModels bool
	// Sets that many flows share are made once: equal sets that are one can be joined cheaply.
	hosts   map[packet.Addr]*packet.Addrs
	ranges  map[string]*packet.Ports
	clients map[topology.Ports]*packet.Ports
}

func newPlanner(t *topology.Topology) *planner {
	blocks := make(map[string]*topology.Firewall, len(t.Firewalls))
	for _, fw := range t.Firewalls {
		blocks[fw.Name] = fw
	}
	return &planner{topology: t, blocks: blocks, network: route.New(t), ids: map[string]int{}, hosts: map[packet.Addr]*packet.Addrs{},
		ranges: map[string]*packet.Ports{}, clients: map[topology.Ports]*packet.Ports{}}
}

// shared returns the set that is kept under a key, made once.
func shared[K comparable, V any](kept map[K]V, key K, make func() V) V {
	v, ok := kept[key]
	if !ok {
		v = make()
		kept[key] = v
	}
	return v
}

func (p *planner) only(a packet.Addr) *packet.Addrs {
	return shared(p.hosts, a, func() *packet.Addrs { return packet.Only(a) })
}

func (p *planner) ports(text string) *packet.Ports {
	return shared(p.ranges, text, func() *packet.Ports { return portRange(text) })
}

// opening is the set of opening packets of a template between two sides.
func (p *planner) opening(t *facts.Template, f packet.Family, src, dst *packet.Addrs, client topology.Ports) packet.Box {
	b := packet.Any()
	b.Family, b.Src, b.Dst = f, src, dst
	number, _ := packet.ProtocolNumber(t.Protocol)
	b.Protocol = packet.OneProtocol(number)
	if t.Port != "" {
		b.DstPort = p.ports(t.Port)
		b.SrcPort = shared(p.clients, client, func() *packet.Ports { return packet.Span(packet.Port(client.First), packet.Port(client.Last)) })
	}
	if t.SourcePort != "" {
		b.SrcPort = p.ports(t.SourcePort)
	}
	return b
}

// portRange reads "N" or "a-b", as templates have it.
func portRange(text string) *packet.Ports {
	first, last, isRange := strings.Cut(text, "-")
	a, _ := strconv.Atoi(first)
	b := a
	if isRange {
		b, _ = strconv.Atoi(last)
	}
	return packet.Span(packet.Port(a), packet.Port(b))
}

// add enters a flow with its strands; a flow without any is left out.
func (p *planner) add(f *flow) {
	if len(f.strands) == 0 {
		return
	}
	target := ""
	if f.target != nil {
		target = "/" + f.target.Name
	}
	name := ""
	if f.server != nil {
		name = f.server.Name
	}
	id := fmt.Sprintf("%s%s/%s/%s/%s", name, target, f.template.Direction, f.template.Protocol, f.template.Port)
	if f.policy != "" {
		id = f.policy + "/" + id
	}
	if p.topology.Path != "." && p.topology.Path != "" {
		id = p.topology.Path + "/" + id
	}
	p.ids[id]++
	if n := p.ids[id]; n > 1 {
		id = fmt.Sprintf("%s#%d", id, n)
	}
	f.id = id
	if f.must == "" {
		f.must = "allow"
	}
	p.flows = append(p.flows, f)
}

// toTarget makes the strands of a flow from a server to a target.
func (p *planner) toTarget(t *facts.Template, s *topology.Server, n *topology.Target) []strand {
	var out []strand
	p.pairs(s, n, func(f packet.Family, server, target *packet.Addrs, serverZone, targetZone *topology.Zone) {
		dst := target
		if nat := n.NATAddresses.Family(f); !nat.IsEmpty() {
			dst = nat
		}
		out = append(out, p.strand(p.opening(t, f, server, dst, s.Ephemeral), target, serverZone, targetZone))
	})
	return out
}

// fromTarget makes the strands of a flow from a target to a server.
func (p *planner) fromTarget(t *facts.Template, s *topology.Server, n *topology.Target) []strand {
	var out []strand
	p.pairs(s, n, func(f packet.Family, server, target *packet.Addrs, serverZone, targetZone *topology.Zone) {
		dst := server
		if nat := s.NATAddresses.Family(f); !nat.IsEmpty() {
			dst = nat
		}
		out = append(out, p.strand(p.opening(t, f, target, dst, n.Ephemeral), server, targetZone, serverZone))
	})
	return out
}

func (p *planner) strand(need packet.Box, arrives *packet.Addrs, from, to *topology.Zone) strand {
	s := strand{need: need, expect: packet.Any(), from: from, to: to}
	s.expect.Family, s.expect.Protocol, s.expect.Dst, s.expect.DstPort = need.Family, need.Protocol, arrives, need.DstPort
	s.moves = !need.Dst.Equal(arrives)
	_, ok := p.network.Ways(from, to)
	s.noRoute = !ok
	return s
}

// pairs calls f for each part of a target's addresses with the server's address
// that it is paired with: of its own family, in its zone if there is one.
func (p *planner) pairs(s *topology.Server, n *topology.Target, f func(f packet.Family, server, target *packet.Addrs, serverZone, targetZone *topology.Zone)) {
	for _, family := range families {
		addrs := n.Addresses.Family(family)
		if addrs.IsEmpty() || s.Addresses.Family(family).IsEmpty() {
			continue
		}
		for _, part := range p.network.Divide(addrs, family) {
			server, zone := p.serverAddress(s, family, part.Zone)
			f(family, p.only(server), part.Addrs, zone, part.Zone)
		}
	}
}

// serverAddress is the one address of a family that a server uses towards a zone.
func (p *planner) serverAddress(s *topology.Server, f packet.Family, near *topology.Zone) (packet.Addr, *topology.Zone) {
	var first packet.Addr
	found := false
	for _, r := range s.Addresses.List {
		a, family := packet.FromNetip(r.First)
		if family != f {
			continue
		}
		zone := p.network.Zone(a, f)
		if near != nil && zone == near {
			return a, zone
		}
		if !found {
			first, found = a, true
		}
	}
	return first, p.network.Zone(first, f)
}

// browser makes the strands of a flow from a server's browsers to it.
func (p *planner) browser(t *facts.Template, s *topology.Server) []strand {
	var out []strand
	for _, family := range families {
		addrs := s.Browsers.Family(family)
		if addrs.IsEmpty() || s.Addresses.Family(family).IsEmpty() {
			continue
		}
		for _, part := range p.network.Divide(addrs, family) {
			server, zone := p.serverAddress(s, family, part.Zone)
			dst := p.only(server)
			if nat := s.NATAddresses.Family(family); !nat.IsEmpty() {
				dst = nat
			}
			out = append(out, p.strand(p.opening(t, family, part.Addrs, dst, ephemeral), p.only(server), part.Zone, zone))
		}
	}
	return out
}

// local makes the strand of a flow on a host's own loopback: 127.0.0.1, or ::1
// where the host has IPv6 only.
func (p *planner) local(t *facts.Template, addresses *topology.Addresses, client topology.Ports) []strand {
	family, self := packet.IPv4, packet.Only(packet.Addr{Lo: 127<<24 | 1})
	if addresses.V4.IsEmpty() && !addresses.V6.IsEmpty() {
		family, self = packet.IPv6, packet.Only(packet.Addr{Lo: 1})
	}
	need := p.opening(t, family, self, self, client)
	expect := packet.Any()
	expect.Family, expect.Protocol, expect.Dst, expect.DstPort = family, need.Protocol, self, need.DstPort
	return []strand{{need: need, expect: expect}}
}

// describe returns the addresses of one side of a flow, as reports print them.
func (f *flow) describe(side func(*packet.Box) *packet.Addrs) []string {
	var out []string
	for _, family := range families {
		var sets []*packet.Addrs
		for i := range f.strands {
			if f.strands[i].need.Family == family {
				sets = append(sets, side(&f.strands[i].need))
			}
		}
		if len(sets) > 0 {
			out = append(out, packet.FormatAddrs(packet.Union(sets...), family)...)
		}
	}
	return out
}

// commonFamily tells whether a server and a target have addresses of one family.
func commonFamily(s *topology.Server, t *topology.Target) bool {
	has := func(a *topology.Addresses) (mask uint) {
		for i, f := range families {
			if !a.Family(f).IsEmpty() {
				mask |= 1 << i
			}
		}
		return mask
	}
	return bits.OnesCount(has(&s.Addresses)&has(&t.Addresses)) > 0
}
