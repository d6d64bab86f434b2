// Package packet is the algebra of packet sets: what a rule matches, what a flow
// needs and what is left of it.
//
// One dimension is an Intervals: a set of points on a line. A Box is a product of
// dimensions. A Set is a union of disjoint boxes. All are exact and none changes
// once made. The flows that are asked about are narrow in all dimensions but one
// or two, so boxes with arbitrary sets as sides stay few where prefixes and
// decision diagrams would split; that is why they were chosen.
package packet

import "slices"

// Protocols is a set of IP protocol numbers.
type Protocols [4]uint64

// The protocols that the rest of the program names.
const (
	ICMP   = 1
	TCP    = 6
	UDP    = 17
	ICMPv6 = 58
)

// AnyProtocol holds each protocol number.
var AnyProtocol = Protocols{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

// OneProtocol returns the set of these numbers.
func OneProtocol(numbers ...uint8) Protocols {
	var p Protocols
	for _, n := range numbers {
		p[n/64] |= 1 << (n % 64)
	}
	return p
}

// Contains tells whether the number is in the set.
func (p Protocols) Contains(n uint8) bool { return p[n/64]>>(n%64)&1 == 1 }

// Not returns the other numbers.
func (p Protocols) Not() Protocols { return Protocols{^p[0], ^p[1], ^p[2], ^p[3]} }

func (p Protocols) and(q Protocols) Protocols {
	return Protocols{p[0] & q[0], p[1] & q[1], p[2] & q[2], p[3] & q[3]}
}

// Flags is a set of combinations of the six TCP flags: bit n of it stands for
// the combination n, a sum of FIN … URG.
type Flags uint64

// The TCP flags, as in the header (RFC 9293).
const (
	FIN = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
)

// AnyFlags holds each combination.
const AnyFlags = ^Flags(0)

// FlagsWhere returns the combinations c with c & mask == value (iptables --tcp-flags).
func FlagsWhere(mask, value int) Flags {
	var s Flags
	for c := range 64 {
		if c&mask == value {
			s |= 1 << c
		}
	}
	return s
}

// FlagsOf returns the set of these combinations.
func FlagsOf(combinations ...int) Flags {
	var s Flags
	for _, c := range combinations {
		s |= 1 << c
	}
	return s
}

// States is a set of connection-tracking states. A state is one of five base
// states, with or without source and destination translation, as conntrack sees it.
type States uint32

// The base states, without translation or with any; see xt_conntrack in iptables-extensions(8).
const (
	New         States = 0b1111 << (4 * iota) // first packet seen in a connection
	Established                               // belongs to one that has seen both directions
	Related                                   // starts one that another expects
	Invalid                                   // belongs to none
	Untracked                                 // taken out of tracking
	AnyState    States = 1<<20 - 1
)

// The connections of which conntrack has translated an address.
const (
	TranslatedSource      States = 0b1010_1010_1010_1010_1010 // --ctstate SNAT
	TranslatedDestination States = 0b1100_1100_1100_1100_1100 // --ctstate DNAT
)

// Profiles is a set of Windows firewall profiles, or of whatever symbol a platform
// chooses its rules by.
type Profiles uint8

// The Windows profiles (MS-GPFAS 2.2.2.2).
const (
	Domain Profiles = 1 << iota
	Private
	Public
	AnyProfile = Domain | Private | Public
)

// Box is a set of packets: those that are in the given set in each dimension.
// In the pointer fields nil is every value.
type Box struct {
	Family   Family
	Profile  Profiles // the profile that is active where the packet is judged
	State    States
	Flags    Flags // of TCP packets; every combination for other protocols
	Protocol Protocols
	Src, Dst *Addrs // need one Family
	SrcPort  *Ports // need protocols that have ports
	DstPort  *Ports
	ICMP     *ICMPTypes // needs Protocol ICMP or ICMPv6
	// In and Out are the interfaces, as the firewall names them; "" is none.
	In, Out *Names
	// Program and Service are who listens or sends on the host itself, in lower
	// case: the program's file name, the service's short name.
	Program, Service *Names
}

// Any is every packet.
func Any() Box {
	return Box{Family: AnyFamily, Profile: AnyProfile, State: AnyState, Flags: AnyFlags, Protocol: AnyProtocol}
}

// IsEmpty tells whether no packet is in the box.
func (b *Box) IsEmpty() bool {
	return b.Family == 0 || b.Profile == 0 || b.State == 0 || b.Flags == 0 || b.Protocol == Protocols{} ||
		b.Src.IsEmpty() || b.Dst.IsEmpty() || b.SrcPort.IsEmpty() || b.DstPort.IsEmpty() || b.ICMP.IsEmpty() ||
		b.In.IsEmpty() || b.Out.IsEmpty() || b.Program.IsEmpty() || b.Service.IsEmpty()
}

// Overlaps tells whether some packet is in both, neither of which may be empty. It is
// what each rule costs each packet set, so the dimensions that differ most often come first.
func (b *Box) Overlaps(c *Box) bool {
	return b.Family&c.Family != 0 && b.Protocol.and(c.Protocol) != Protocols{} && b.State&c.State != 0 && b.Flags&c.Flags != 0 && b.Profile&c.Profile != 0 &&
		overlap(b.Dst, c.Dst) && overlap(b.Src, c.Src) && overlap(b.DstPort, c.DstPort) && overlap(b.SrcPort, c.SrcPort) && overlap(b.ICMP, c.ICMP) &&
		overlap(b.In, c.In) && overlap(b.Out, c.Out) && overlap(b.Program, c.Program) && overlap(b.Service, c.Service)
}

// overlap is Overlaps for sides of boxes that are not empty.
func overlap[T Point[T]](s, t *Intervals[T]) bool {
	return s == nil || t == nil || s.Overlaps(t)
}

// Intersect returns the packets in both.
func (b Box) Intersect(c Box) Box {
	b.Family &= c.Family
	b.Profile &= c.Profile
	b.State &= c.State
	b.Flags &= c.Flags
	b.Protocol = b.Protocol.and(c.Protocol)
	b.Src, b.Dst = b.Src.Intersect(c.Src), b.Dst.Intersect(c.Dst)
	b.SrcPort, b.DstPort = b.SrcPort.Intersect(c.SrcPort), b.DstPort.Intersect(c.DstPort)
	b.ICMP = b.ICMP.Intersect(c.ICMP)
	b.In, b.Out = b.In.Intersect(c.In), b.Out.Intersect(c.Out)
	b.Program, b.Service = b.Program.Intersect(c.Program), b.Service.Intersect(c.Service)
	return b
}

// Within tells whether each packet of b is in c.
func (b *Box) Within(c *Box) bool {
	return b.Family&^c.Family == 0 && b.Profile&^c.Profile == 0 && b.State&^c.State == 0 && b.Flags&^c.Flags == 0 &&
		b.Protocol.and(c.Protocol) == b.Protocol &&
		b.Src.Within(c.Src) && b.Dst.Within(c.Dst) && b.SrcPort.Within(c.SrcPort) && b.DstPort.Within(c.DstPort) && b.ICMP.Within(c.ICMP) &&
		b.In.Within(c.In) && b.Out.Within(c.Out) && b.Program.Within(c.Program) && b.Service.Within(c.Service) || b.IsEmpty()
}

// Equal tells whether the boxes have the same sides.
func (b *Box) Equal(c *Box) bool {
	return b.Family == c.Family && b.Profile == c.Profile && b.State == c.State && b.Flags == c.Flags && b.Protocol == c.Protocol &&
		b.Src.Equal(c.Src) && b.Dst.Equal(c.Dst) && b.SrcPort.Equal(c.SrcPort) && b.DstPort.Equal(c.DstPort) && b.ICMP.Equal(c.ICMP) &&
		b.In.Equal(c.In) && b.Out.Equal(c.Out) && b.Program.Equal(c.Program) && b.Service.Equal(c.Service)
}

// Subtract returns the packets of b that are not in c, as disjoint boxes: one for
// each dimension in which b reaches beyond c.
func (b Box) Subtract(c Box) Set {
	if b.IsEmpty() {
		return nil
	}
	if !b.Overlaps(&c) || c.IsEmpty() {
		return Set{b}
	}
	var out Set
	emit := func(beyond Box) { out = append(out, beyond) }
	if rest := b.Family &^ c.Family; rest != 0 {
		beyond := b
		beyond.Family = rest
		emit(beyond)
		b.Family &= c.Family
	}
	if rest := b.Profile &^ c.Profile; rest != 0 {
		beyond := b
		beyond.Profile = rest
		emit(beyond)
		b.Profile &= c.Profile
	}
	if rest := b.State &^ c.State; rest != 0 {
		beyond := b
		beyond.State = rest
		emit(beyond)
		b.State &= c.State
	}
	if rest := b.Flags &^ c.Flags; rest != 0 {
		beyond := b
		beyond.Flags = rest
		emit(beyond)
		b.Flags &= c.Flags
	}
	if rest := b.Protocol.and(c.Protocol.Not()); rest != (Protocols{}) {
		beyond := b
		beyond.Protocol = rest
		emit(beyond)
		b.Protocol = b.Protocol.and(c.Protocol)
	}
	cut := cutter{b: b, emit: emit, beyond: b.sidesBeyond(&c)}
	cutSide(&cut, sideSrc, c.Src, func(b *Box) **Addrs { return &b.Src })
	cutSide(&cut, sideDst, c.Dst, func(b *Box) **Addrs { return &b.Dst })
	cutSide(&cut, sideSrcPort, c.SrcPort, func(b *Box) **Ports { return &b.SrcPort })
	cutSide(&cut, sideDstPort, c.DstPort, func(b *Box) **Ports { return &b.DstPort })
	cutSide(&cut, sideICMP, c.ICMP, func(b *Box) **ICMPTypes { return &b.ICMP })
	cutSide(&cut, sideIn, c.In, func(b *Box) **Names { return &b.In })
	cutSide(&cut, sideOut, c.Out, func(b *Box) **Names { return &b.Out })
	cutSide(&cut, sideProgram, c.Program, func(b *Box) **Names { return &b.Program })
	cutSide(&cut, sideService, c.Service, func(b *Box) **Names { return &b.Service })
	return out
}

// The sides of a box that are sets of points, as bits.
const (
	sideSrc = 1 << iota
	sideDst
	sideSrcPort
	sideDstPort
	sideICMP
	sideIn
	sideOut
	sideProgram
	sideService
)

// sidesBeyond tells in which sides b reaches beyond c.
func (b *Box) sidesBeyond(c *Box) (sides uint16) {
	note := func(side uint16, within bool) {
		if !within {
			sides |= side
		}
	}
	note(sideSrc, b.Src.Within(c.Src))
	note(sideDst, b.Dst.Within(c.Dst))
	note(sideSrcPort, b.SrcPort.Within(c.SrcPort))
	note(sideDstPort, b.DstPort.Within(c.DstPort))
	note(sideICMP, b.ICMP.Within(c.ICMP))
	note(sideIn, b.In.Within(c.In))
	note(sideOut, b.Out.Within(c.Out))
	note(sideProgram, b.Program.Within(c.Program))
	note(sideService, b.Service.Within(c.Service))
	return sides
}

// cutter cuts a box side by side.
type cutter struct {
	b      Box // what is left
	beyond uint16
	emit   func(Box)
}

// cutSide emits the part of the box that is beyond by in one side and leaves the rest,
// which nobody asks for after the last cut: a side may hold a million addresses.
func cutSide[T Point[T]](c *cutter, bit uint16, by *Intervals[T], side func(*Box) **Intervals[T]) {
	if c.beyond&bit == 0 {
		return
	}
	c.beyond &^= bit
	mine := *side(&c.b)
	beyond := c.b
	*side(&beyond) = mine.Subtract(by)
	c.emit(beyond)
	if c.beyond != 0 {
		*side(&c.b) = mine.Intersect(by)
	}
}

// Set is a set of packets: a union of disjoint boxes, none of them empty.
type Set []Box

// Of returns the set of the packets in any of the boxes.
func Of(boxes ...Box) Set {
	boxes = Join(boxes)
	var s Set
	index := NewIndex(boxes)
	for i := range boxes {
		if !boxes[i].IsEmpty() {
			s = append(s, index.without(boxes[i], i)...)
		}
	}
	return s
}

// Union returns the packets of s and of b.
func (s Set) Union(b Box) Set {
	if b.IsEmpty() {
		return s
	}
	rest := Set{b}.SubtractSet(s)
	return append(slices.Clip(s), rest...)
}

// UnionSet returns the packets of s and of t.
func (s Set) UnionSet(t Set) Set { return append(slices.Clip(s), t.SubtractSet(s)...) }

// Intersect returns the packets of s that are in b.
func (s Set) Intersect(b Box) Set {
	if b.IsEmpty() {
		return nil
	}
	var out Set
	for i := range s {
		if s[i].Overlaps(&b) {
			out = append(out, s[i].Intersect(b))
		}
	}
	return out
}

// IntersectSet returns the packets in both.
func (s Set) IntersectSet(t Set) Set {
	var out Set
	index := NewIndex(s)
	for i := range t {
		if !t[i].IsEmpty() {
			out = append(out, index.Within(&t[i])...)
		}
	}
	return out
}

// Subtract returns the packets of s that are not in b.
func (s Set) Subtract(b Box) Set {
	var out Set
	for i := range s {
		if s[i].Overlaps(&b) {
			out = append(out, s[i].Subtract(b)...)
		} else if !s[i].IsEmpty() {
			out = append(out, s[i])
		}
	}
	return out
}

// SubtractSet returns the packets of s that are not in t.
func (s Set) SubtractSet(t Set) Set {
	if len(s) == 1 { // one look at each costs less than an index
		return (&Index{boxes: t}).without(s[0], len(t))
	}
	var out Set
	index := NewIndex(t)
	for i := range s {
		out = append(out, index.without(s[i], len(t))...)
	}
	return out
}

// IsEmpty tells whether no packet is in the set.
func (s Set) IsEmpty() bool {
	return !slices.ContainsFunc(s, func(b Box) bool { return !b.IsEmpty() })
}

// Within tells whether each packet of s is in t.
func (s Set) Within(t Set) bool {
	index := NewIndex(t)
	for i := range s {
		if !index.without(s[i], len(t)).IsEmpty() {
			return false
		}
	}
	return true
}

// Equal tells whether both hold the same packets.
func (s Set) Equal(t Set) bool { return s.Within(t) && t.Within(s) }

// Apart names the dimensions in which b and c share nothing, as readers call them.
func (b *Box) Apart(c *Box) []string {
	var out []string
	for _, d := range []struct {
		name  string
		apart bool
	}{
		{"address family", b.Family&c.Family == 0},
		{"protocol", b.Protocol.and(c.Protocol) == Protocols{}},
		{"source", !overlap(b.Src, c.Src)},
		{"destination", !overlap(b.Dst, c.Dst)},
		{"source port", !overlap(b.SrcPort, c.SrcPort)},
		{"destination port", !overlap(b.DstPort, c.DstPort)},
		{"ICMP type", !overlap(b.ICMP, c.ICMP)},
		{"TCP flags", b.Flags&c.Flags == 0},
		{"connection state", b.State&c.State == 0},
		{"incoming interface", !overlap(b.In, c.In)},
		{"outgoing interface", !overlap(b.Out, c.Out)},
		{"profile", b.Profile&c.Profile == 0},
		{"program", !overlap(b.Program, c.Program)},
		{"service", !overlap(b.Service, c.Service)},
	} {
		if d.apart {
			out = append(out, d.name)
		}
	}
	return out
}
