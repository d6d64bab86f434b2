package packet

import (
	"fmt"
	"strings"
)

// String writes a box for people and tests: the dimensions that are not "any".
func (b Box) String() string {
	var out []string
	add := func(name, text string) { out = append(out, name+" "+text) }
	if b.Family != AnyFamily {
		out = append(out, b.Family.String())
	}
	if b.Protocol != AnyProtocol {
		add("protocol", b.Protocol.String())
	}
	if b.Src != nil {
		add("src", strings.Join(FormatAddrs(b.Src, b.Family), ","))
	}
	if b.SrcPort != nil {
		add("sport", FormatPorts(b.SrcPort))
	}
	if b.Dst != nil {
		add("dst", strings.Join(FormatAddrs(b.Dst, b.Family), ","))
	}
	if b.DstPort != nil {
		add("dport", FormatPorts(b.DstPort))
	}
	if b.ICMP != nil {
		add("icmp", FormatICMP(b.ICMP))
	}
	if b.Flags != AnyFlags {
		add("flags", b.Flags.String())
	}
	if b.State != AnyState {
		add("state", b.State.String())
	}
	if b.In != nil {
		add("in", FormatNames(b.In))
	}
	if b.Out != nil {
		add("out", FormatNames(b.Out))
	}
	if b.Profile != AnyProfile {
		add("profile", b.Profile.String())
	}
	if b.Program != nil {
		add("program", FormatNames(b.Program))
	}
	if b.Service != nil {
		add("service", FormatNames(b.Service))
	}
	if len(out) == 0 {
		return "any packet"
	}
	return strings.Join(out, " ")
}

// FormatICMP writes ICMP types: "8" for a whole type, "3/4" for a code of it;
// "any" for all, "none" for the empty set.
func FormatICMP(s *ICMPTypes) string {
	switch {
	case s == nil:
		return "any"
	case s.IsEmpty():
		return "none"
	}
	var out []string
	s.Each(func(first, end ICMPType, bounded bool) {
		last := ICMPType(65535)
		if bounded {
			last = end - 1
		}
		switch {
		case first == last:
			out = append(out, fmt.Sprintf("%d/%d", first>>8, first&255))
		case first&255 == 0 && last == first|255:
			out = append(out, fmt.Sprint(first>>8))
		default:
			out = append(out, fmt.Sprintf("%d/%d-%d/%d", first>>8, first&255, last>>8, last&255))
		}
	})
	return strings.Join(out, ",")
}

// String names the protocols: "tcp", "tcp,udp", "any", "not tcp".
func (p Protocols) String() string {
	if p == AnyProtocol {
		return "any"
	}
	list := func(p Protocols) (out []string) {
		for n := range 256 {
			if p.Contains(uint8(n)) {
				out = append(out, ProtocolName(uint8(n)))
			}
		}
		return out
	}
	if names := list(p); len(names) <= 128 {
		return strings.Join(names, ",")
	}
	return "not " + strings.Join(list(p.Not()), ",")
}

// String names the base states: "NEW", "RELATED,ESTABLISHED".
func (s States) String() string {
	if s == AnyState {
		return "any"
	}
	var out []string
	for i, name := range []string{"NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"} {
		switch part := s >> (4 * i) & 0b1111; part {
		case 0:
		case 0b1111:
			out = append(out, name)
		default:
			for j, with := range []string{"", "+SNAT", "+DNAT", "+SNAT+DNAT"} {
				if part>>j&1 == 1 {
					out = append(out, name+with)
				}
			}
		}
	}
	return strings.Join(out, ",")
}

// String names the combinations: "SYN", "ACK,ACK+PSH".
func (f Flags) String() string {
	if f == AnyFlags {
		return "any"
	}
	var out []string
	for c := range 64 {
		if f>>c&1 == 0 {
			continue
		}
		var on []string
		for i, name := range []string{"FIN", "SYN", "RST", "PSH", "ACK", "URG"} {
			if c>>i&1 == 1 {
				on = append(on, name)
			}
		}
		if len(on) == 0 {
			on = []string{"none"}
		}
		out = append(out, strings.Join(on, "+"))
	}
	return strings.Join(out, ",")
}

// String names the profiles: "domain", "private,public".
func (p Profiles) String() string {
	if p == AnyProfile {
		return "any"
	}
	var out []string
	for i, name := range []string{"domain", "private", "public"} {
		if p>>i&1 == 1 {
			out = append(out, name)
		}
	}
	return strings.Join(out, ",")
}
