package acl

import (
	"net/netip"
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/packet"
)

// addresses collects the addresses of one side.
type addresses struct {
	v4, v6 []*packet.Addrs
}

func (a *addresses) add(set *packet.Addrs, f packet.Family) {
	if f == packet.IPv4 {
		a.v4 = append(a.v4, set)
	} else {
		a.v6 = append(a.v6, set)
	}
}

func (a *addresses) addAll(b addresses) {
	a.v4, a.v6 = append(a.v4, b.v4...), append(a.v6, b.v6...)
}

func (a *addresses) isEmpty() bool { return len(a.v4) == 0 && len(a.v6) == 0 }

// sets returns the addresses of each family; a family without any is empty, not any.
func (a *addresses) sets() (v4, v6 *packet.Addrs) {
	return packet.Union(a.v4...), packet.Union(a.v6...)
}

// noAddrs is the empty set.
func noAddrs() *packet.Addrs { return &packet.Addrs{} }

const addressForms = `Expected an address, a network such as "10.20.0.0/16" or a range "first-last".`

// parseAddress reads a host, a prefix or a range. Host bits of a prefix are
// ignored, as devices do.
func parseAddress(s string) (*packet.Addrs, packet.Family, bool) {
	if first, last, ok := strings.Cut(s, "-"); ok {
		a, err := netip.ParseAddr(strings.TrimSpace(first))
		b, err2 := netip.ParseAddr(strings.TrimSpace(last))
		if err != nil || err2 != nil || a.Zone() != "" || b.Zone() != "" || a.Is4() != b.Is4() || b.Less(a) {
			return nil, 0, false
		}
		from, f := packet.FromNetip(a)
		to, _ := packet.FromNetip(b)
		return packet.Span(from, to), f, true
	}
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, 0, false
		}
		set, f := packet.PrefixAddrs(p)
		return set, f, true
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return nil, 0, false
	}
	n, f := packet.FromNetip(a)
	return packet.Only(n), f, true
}

// address reads one address into a.
func (r *reader) address(a *addresses, n *yamltree.Node, what string) {
	s, ok := r.text(n, what)
	if !ok {
		return
	}
	set, f, ok := parseAddress(s)
	if !ok {
		r.errorf(n, addressForms, "%s is %q, which is no address", what, s)
		return
	}
	r.mappedAddress(n, s)
	a.add(set, f)
}

// mappedAddress warns of IPv6 addresses that stand for IPv4 ones. A device compares
// them with IPv6 packets, and no IPv4 packet matches. All of them, ::ffff:0:0/96,
// are a network that lists of bogus sources name on purpose.
func (r *reader) mappedAddress(n *yamltree.Node, s string) {
	first, length, masked := strings.Cut(s, "/")
	first, _, _ = strings.Cut(first, "-")
	a, err := netip.ParseAddr(strings.TrimSpace(first))
	bits, _ := decimal(length)
	if err != nil || !a.Is4In6() || masked && bits <= 96 {
		return
	}
	meant := a.Unmap().String()
	if masked {
		meant = netip.PrefixFrom(a.Unmap(), bits-96).String()
	}
	detail := "No IPv4 packet matches it. Where IPv4 is meant, write " + meant + "."
	r.warnf(n, detail, "%q is an IPv6 address that stands for an IPv4 one", s)
}

// parsePort reads a number or a name of the table.
func parsePort(s string, names map[string]int) (packet.Port, bool) {
	v, ok := decimal(s)
	if !ok {
		v, ok = names[strings.ToLower(s)]
	}
	return packet.Port(v), ok && v <= 65535
}

// parsePorts reads a port or a range "first-last".
func parsePorts(s, separator string, names map[string]int) (*packet.Ports, bool) {
	if p, ok := parsePort(s, names); ok {
		return packet.Only(p), true
	}
	first, last, ok := strings.Cut(s, separator)
	if !ok {
		return nil, false
	}
	a, ok := parsePort(strings.TrimSpace(first), names)
	b, ok2 := parsePort(strings.TrimSpace(last), names)
	return packet.Span(a, b), ok && ok2 && a <= b
}

const portForms = `Expected a number from 0 to 65535 or a range "first-last", without leading zeros.`

// ports reads a list of ports and ranges; nil where there is none.
func (r *reader) ports(n *yamltree.Node, what, separator string, names map[string]int) *packet.Ports {
	if n == nil {
		return nil
	}
	sets := []*packet.Ports{}
	if n.Kind == yamltree.List && len(n.Items) == 0 || n.IsNull() {
		r.errorf(n, "Leave the key out for any port.", "%s is empty", what)
	}
	for _, item := range r.items(n) {
		s, ok := r.text(item, what)
		if !ok {
			continue
		}
		set, ok := parsePorts(s, separator, names)
		if !ok {
			r.errorf(item, portForms, "%s is %q, which is no port", what, s)
			continue
		}
		sets = append(sets, set)
	}
	return packet.Union(sets...)
}

// portOperators reads {eq, neq, lt, gt, range: {start, end}} with names of the table.
func (r *reader) portOperators(n *yamltree.Node, names map[string]int) *packet.Ports {
	if n == nil || !r.keys(n, "port_protocol", "eq", "neq", "lt", "gt", "range") {
		return nil
	}
	op, v := r.present(n, "port_protocol")
	switch op {
	case "":
		r.errorf(n, `Expected "eq", "neq", "lt", "gt" or "range".`, "port_protocol is empty")
		return nil
	case "range":
		return r.portRange(v, names)
	}
	p, ok := r.port(v, op, names)
	if !ok {
		return nil
	}
	switch op {
	case "eq":
		return packet.Only(p)
	case "neq":
		return packet.Only(p).Complement()
	case "gt":
		return packet.Span(p+1, 65535)
	}
	if p == 0 {
		return &packet.Ports{}
	}
	return packet.Span(0, p-1)
}

func (r *reader) portRange(n *yamltree.Node, names map[string]int) *packet.Ports {
	if !r.keys(n, "range", "start", "end") {
		return nil
	}
	if !n.Has("start") || !n.Has("end") {
		r.errorf(n, "", `a range needs "start" and "end"`)
		return nil
	}
	a, ok := r.port(n.Get("start"), "start", names)
	b, ok2 := r.port(n.Get("end"), "end", names)
	if ok && ok2 && b < a {
		r.errorf(n, "", "the range ends at port %d, before it starts at %d", b, a)
	}
	return packet.Span(a, b)
}

func (r *reader) port(n *yamltree.Node, what string, names map[string]int) (packet.Port, bool) {
	s, ok := r.text(n, what)
	if !ok {
		return 0, false
	}
	p, ok := parsePort(s, names)
	if !ok {
		r.errorf(n, "Expected a number from 0 to 65535 without leading zeros, or a port name of the device and protocol.", "%s is %q, which is no port", what, s)
	}
	return p, ok
}

// parseProtocol reads a protocol's name, as devices and IANA spell it, or its number.
func parseProtocol(s string, extra map[string]uint8) (packet.Protocols, bool) {
	s = strings.ToLower(s)
	if n, ok := extra[s]; ok {
		return packet.OneProtocol(n), true
	}
	if v, ok := decimal(s); ok {
		return packet.OneProtocol(uint8(v)), v <= 255
	}
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return packet.Protocols{}, false
	}
	n, ok := packet.ProtocolNumber(s)
	return packet.OneProtocol(n), ok
}

func union(p, q packet.Protocols) packet.Protocols {
	return packet.Protocols{p[0] | q[0], p[1] | q[1], p[2] | q[2], p[3] | q[3]}
}

// within tells whether p has no protocol that q has not.
func within(p, q packet.Protocols) bool { return union(p, q) == q }
