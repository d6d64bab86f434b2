package ipset

import (
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
)

// maxOrdered bounds the entries of a set of pairs of networks with exceptions, where
// the order of the kernel's look-ups must be followed entry by entry.
const maxOrdered = 512

// Change says what the rules do with a set while packets pass.
type Change uint8

// The changes.
const (
	Fixed   Change = iota
	Grows          // they add to it
	Changes        // they delete from it too
)

// Match is what a set holds, seen from one rule.
type Match struct {
	// Boxes are the packets in the set; they may overlap. With Unknown they are those
	// that may be in it, and Surely those that are.
	Boxes, Surely []packet.Box
	// Unknown says why the set does not decide; "" where it does.
	Unknown string
	// Fresh tells that what is not known may be another for the next packet.
	Fresh bool
	// Expires tells that some entries are there for a time only.
	Expires bool
}

// Lookup tells which packets are in a member of a list, asked as the list is; false for
// one that is not known. It may remember: many lists may share members.
type Lookup func(name string) (Match, bool)

// Match tells which packets of a family are in the set, which rules change in that way.
// directions are the match's words, one for each part: "src" or "dst". lookup finds the
// members of a list:set.
func (s *Set) Match(directions []string, family packet.Family, change Change, lookup Lookup) Match {
	if s.IsList() {
		return s.matchMembers(family, lookup)
	}
	// The kernel asks for at least as many directions as the set has parts.
	if s.Family&family == 0 || len(directions) < len(s.parts) {
		return Match{}
	}
	whole := packet.Any()
	whole.Family = family
	m := s.matchFixed(directions, whole)
	m.Expires = s.Expires
	if change == Fixed {
		return m
	}
	if m.Unknown == "" && change == Grows && s.keeps() {
		m.Surely = m.Boxes
	}
	m.Boxes, m.Fresh = []packet.Box{whole}, true
	m.Unknown = "rules add to the set"
	if change == Changes {
		m.Unknown = "rules delete from the set"
	}
	return m
}

// keeps tells that adding to the set takes no packet out of it: no entry gives way to
// another or gets an end, and none is hidden by a narrower network of another interface.
func (s *Set) keeps() bool {
	return !s.timeout && !s.evicts && !slices.Contains(s.parts, ifacePart)
}

// matchFixed is Match for a set that rules don't change.
func (s *Set) matchFixed(directions []string, whole packet.Box) Match {
	switch {
	case s.broken:
		return Match{Boxes: []packet.Box{whole}, Unknown: "an entry of the set could not be read"}
	case s.masked:
		return Match{Boxes: []packet.Box{whole}, Unknown: "the set has a bitmask that is no prefix"}
	}
	m := Match{}
	for _, kind := range s.parts {
		switch {
		case kind == macPart:
			m.Unknown = "the set holds MAC addresses"
		case kind == markPart:
			m.Unknown = "the set holds marks"
		}
	}
	if len(s.order) == 0 {
		return Match{}
	}
	if s.parts[0] == macPart {
		m.Boxes = []packet.Box{whole}
		return m
	}
	if s.exceptions() && s.networks() > 1 {
		return s.matchOrdered(directions, whole)
	}
	return s.matchGroups(m, directions, whole)
}

// matchMembers unites the sets of a list. What one member surely holds, the list does.
func (s *Set) matchMembers(family packet.Family, lookup Lookup) Match {
	all := Match{Expires: s.Expires}
	for _, name := range s.members {
		whole := packet.Any()
		whole.Family = family
		m := Match{Boxes: []packet.Box{whole}, Unknown: "its member " + name + " is not in the export"}
		if member, known := lookup(name); known {
			if m = member; m.Unknown != "" {
				m.Unknown = "of its member " + name + ", " + m.Unknown
			} else {
				m.Surely = m.Boxes
			}
		}
		all.Boxes, all.Surely = append(all.Boxes, m.Boxes...), append(all.Surely, m.Surely...)
		all.Fresh, all.Expires = all.Fresh || m.Fresh, all.Expires || m.Expires
		if all.Unknown == "" {
			all.Unknown = m.Unknown
		}
	}
	if all.Unknown == "" {
		all.Surely = nil
	}
	return all
}

// IsList tells that the set holds other sets.
func (s *Set) IsList() bool { return s.parts[0] == setPart }

// Members are the names of the sets of a list:set.
func (s *Set) Members() []string { return s.members }

// exceptions tells whether an entry says nomatch.
func (s *Set) exceptions() bool {
	for _, g := range s.order {
		if slices.ContainsFunc(g.list, func(e entry) bool { return e.nomatch }) {
			return true
		}
	}
	return false
}

// entries counts the set's entries.
func (s *Set) entries() (n int) {
	for _, g := range s.order {
		n += len(g.list)
	}
	return n
}

// networks counts the parts that are networks.
func (s *Set) networks() (n int) {
	for _, kind := range s.parts {
		if kind == netPart {
			n++
		}
	}
	return n
}

// matchGroups makes a box of each group.
func (s *Set) matchGroups(m Match, directions []string, whole packet.Box) Match {
	if slices.Contains(s.parts, ifacePart) && s.entries()*len(s.order) > maxInterfaceWork {
		return Match{Boxes: []packet.Box{whole}, Unknown: "the set has too many networks for its interfaces"}
	}
	for _, g := range s.order {
		box, ok := s.groupBox(g, directions, whole)
		if !ok {
			return Match{Boxes: []packet.Box{whole}, Unknown: "the set names bridge ports"}
		}
		if s.parts[s.vary] == barePort {
			ports := g.ports()
			side(&box, directions[s.vary], func(b *packet.Box, source bool) { limitPorts(b, source, ports) })
		} else {
			addrs := s.withLonger(g, whole.Family).addrs(whole.Family)
			side(&box, directions[s.vary], func(b *packet.Box, source bool) { limitAddrs(b, source, addrs) })
		}
		if !box.IsEmpty() {
			m.Boxes = append(m.Boxes, box)
		}
		if len(m.Boxes) > maxBoxes {
			return Match{Boxes: []packet.Box{whole}, Unknown: "the set has too many combinations"}
		}
	}
	return m
}

// maxInterfaceWork bounds the entries times the interfaces of a hash:net,iface.
const maxInterfaceWork = 1 << 22

// withLonger adds the networks of other interfaces to those of one interface, as
// exceptions: the kernel stops at the longest prefix that the set holds for an address,
// whatever the interfaces there (ip_set_hash_gen.h, mtype_test_cidrs).
func (s *Set) withLonger(g *entries, family packet.Family) *entries {
	if !slices.Contains(s.parts, ifacePart) || len(s.order) == 1 {
		return g
	}
	mine := map[packet.Range[packet.Addr]]bool{}
	for i := range g.list {
		g.list[i].prefixes(family, func(_ int, r packet.Range[packet.Addr]) { mine[r] = true })
	}
	all := &entries{key: g.key, list: slices.Clone(g.list)}
	for _, other := range s.order {
		if other == g {
			continue
		}
		for i := range other.list {
			other.list[i].prefixes(family, func(bits int, r packet.Range[packet.Addr]) {
				if !mine[r] {
					mine[r] = true
					all.list = append(all.list, entry{first: r.First, last: r.Last, bits: uint8(bits), nomatch: true})
				}
			})
		}
	}
	return all
}

// groupBox is the box of what a group's entries have in common.
func (s *Set) groupBox(g *entries, directions []string, whole packet.Box) (packet.Box, bool) {
	box, others := whole, 0
	for i, kind := range s.parts {
		if i == s.vary || kind == macPart || kind == markPart {
			continue
		}
		v := g.key.a
		if others > 0 {
			v = g.key.b
		}
		others++
		if strings.HasPrefix(v.name, "physdev:") {
			return box, false
		}
		side(&box, directions[i], func(b *packet.Box, source bool) { limit(b, source, kind, v) })
	}
	if s.parts[s.vary] == barePort {
		box.Protocol = packet.OneProtocol(packet.TCP, packet.UDP)
	}
	return box, true
}

// side calls narrow for the source or the destination.
func side(b *packet.Box, direction string, narrow func(*packet.Box, bool)) {
	narrow(b, direction == "src")
}

// limit narrows a box to one value of a part.
func limit(b *packet.Box, source bool, kind part, v value) {
	switch kind {
	case ipPart, netPart:
		limitAddrs(b, source, packet.Span(v.first, v.last))
	case portPart:
		b.Protocol = packet.OneProtocol(v.protocol)
		switch v.protocol {
		case packet.ICMP, packet.ICMPv6:
			b.ICMP = packet.Span(packet.ICMPType(v.first.Lo), packet.ICMPType(v.last.Lo))
		case packet.TCP, packet.UDP, 132, 136:
			limitPorts(b, source, packet.Span(packet.Port(v.first.Lo), packet.Port(v.last.Lo)))
		}
	case ifacePart:
		names := packet.OneName(v.name)
		if v.wildcard {
			names = packet.NamePrefix(v.name)
		}
		if source {
			b.In = b.In.Intersect(names)
		} else {
			b.Out = b.Out.Intersect(names)
		}
	}
}

func limitAddrs(b *packet.Box, source bool, addrs *packet.Addrs) {
	if source {
		b.Src = b.Src.Intersect(addrs)
	} else {
		b.Dst = b.Dst.Intersect(addrs)
	}
}

func limitPorts(b *packet.Box, source bool, ports *packet.Ports) {
	if source {
		b.SrcPort = b.SrcPort.Intersect(ports)
	} else {
		b.DstPort = b.DstPort.Intersect(ports)
	}
}

// ports are the ports of a group of bitmap:port.
func (g *entries) ports() *packet.Ports {
	ranges := make([]packet.Range[packet.Port], 0, len(g.list))
	for _, e := range g.list {
		ranges = append(ranges, packet.Range[packet.Port]{First: packet.Port(e.first.Lo), Last: packet.Port(e.last.Lo)})
	}
	return packet.FromRanges(ranges)
}

// addrs are the addresses of a group. The most specific entry that holds an address
// decides, so wider ones are taken first and narrower ones add to them or take away.
func (g *entries) addrs(family packet.Family) *packet.Addrs {
	var yes, no [129][]packet.Range[packet.Addr]
	except := slices.ContainsFunc(g.list, func(e entry) bool { return e.nomatch })
	if !except {
		yes[0] = make([]packet.Range[packet.Addr], 0, len(g.list))
	}
	for _, e := range g.list {
		if !except {
			yes[0] = append(yes[0], packet.Range[packet.Addr]{First: e.first, Last: e.last})
			continue
		}
		e.prefixes(family, func(bits int, r packet.Range[packet.Addr]) {
			if e.nomatch {
				no[bits] = append(no[bits], r)
			} else {
				yes[bits] = append(yes[bits], r)
			}
		})
	}
	set := packet.FromRanges(yes[0]).Subtract(packet.FromRanges(no[0]))
	for bits := 1; bits < len(yes); bits++ {
		if len(yes[bits]) > 0 {
			set = set.Union(packet.FromRanges(yes[bits]))
		}
		if len(no[bits]) > 0 {
			set = set.Subtract(packet.FromRanges(no[bits]))
		}
	}
	return set
}

// prefixes splits an entry into the prefixes as which ipset stores a range.
func (e *entry) prefixes(family packet.Family, f func(bits int, r packet.Range[packet.Addr])) {
	for first := e.first; ; {
		host := 0
		for host < family.Bits() && first.And(packet.HostMask(host+1)) == (packet.Addr{}) && first.Or(packet.HostMask(host+1)).Compare(e.last) <= 0 {
			host++
		}
		last := first.Or(packet.HostMask(host))
		f(family.Bits()-host, packet.Range[packet.Addr]{First: first, Last: last})
		next, ok := last.Next()
		if !ok || last.Compare(e.last) >= 0 {
			return
		}
		first = next
	}
}

// matchOrdered follows the kernel's look-ups in a set of pairs of networks: from the
// most specific first network down, and for each from the most specific second. It
// goes the other way, so that what is looked up earlier overrides.
func (s *Set) matchOrdered(directions []string, whole packet.Box) Match {
	type one struct {
		e     entry
		g     *entries
		other uint8
	}
	var all []one
	for _, g := range s.order {
		other := g.key.a.bits
		if len(s.parts) == 3 {
			other = g.key.b.bits
		}
		for _, e := range g.list {
			all = append(all, one{e, g, other})
		}
		if len(all) > maxOrdered {
			return Match{Boxes: []packet.Box{whole}, Unknown: "the set has too many exceptions"}
		}
	}
	slices.SortStableFunc(all, func(a, b one) int {
		if a.e.bits != b.e.bits {
			return int(a.e.bits) - int(b.e.bits)
		}
		return int(a.other) - int(b.other)
	})
	var set packet.Set
	for _, o := range all {
		box, ok := s.groupBox(o.g, directions, whole)
		if !ok {
			return Match{Boxes: []packet.Box{whole}, Unknown: "the set names bridge ports"}
		}
		side(&box, directions[s.vary], func(b *packet.Box, source bool) { limitAddrs(b, source, packet.Span(o.e.first, o.e.last)) })
		if o.e.nomatch {
			set = set.Subtract(box)
		} else {
			set = set.Union(box)
		}
		if len(set) > maxBoxes/10 {
			return Match{Boxes: []packet.Box{whole}, Unknown: "the set has too many exceptions"}
		}
	}
	return Match{Boxes: set}
}
