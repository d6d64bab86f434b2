package acl

import (
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/packet"
)

func isRFC8519(n *yamltree.Node) bool { return yang(n, "acls", "acl") != nil }

// rfc8519 reads the "acls" container of ietf-access-control-list (RFC 8519, 4).
func (r *reader) rfc8519(n *yamltree.Node) {
	acls := yang(n, "acls")
	for _, a := range r.mappings(yang(acls, "acl"), "acl") {
		r.rfcACL(a)
	}
	var all binding // what can't be told apart is said of each interface
	r.bound(&all, acls, func() {
		r.yangKeys(acls, "acls", "acl", "attachment-points")
		points := yang(acls, "attachment-points")
		if points.IsNull() || !r.yangKeys(points, "attachment-points", "interface") {
			return
		}
		for _, i := range r.mappings(yang(points, "interface"), "interface") {
			var b binding
			r.bound(&b, i, func() { r.rfcInterface(i, &b) })
		}
	})
}

func (r *reader) rfcACL(n *yamltree.Node) {
	before := r.errors
	if !r.yangKeys(n, "an ACL", "name", "type", "aces") {
		return
	}
	// What happens to packets that no entry matches, the RFC leaves to the device.
	l := &list{schema: schemaRFC8519, family: packet.AnyFamily, fallback: unknown, implicit: true}
	name := yang(n, "name")
	if name == nil {
		r.errorf(n, "", `an ACL has no "name"`)
		return
	}
	l.name, _ = r.text(name, "name")
	l.span = name.Span
	if t := yang(n, "type"); t != nil {
		switch s, _ := r.text(t, "type"); strings.TrimPrefix(bare(s), "mixed-eth-") {
		case "ipv4-acl-type":
			l.family = packet.IPv4
		case "ipv6-acl-type":
			l.family = packet.IPv6
		case "ipv4-ipv6-acl-type":
		default:
			r.errorf(t, "Expected ipv4-acl-type, ipv6-acl-type or mixed-eth-ipv4-ipv6-acl-type.", "the type is %q", s)
		}
	}
	if aces := yang(n, "aces"); !aces.IsNull() {
		r.yangKeys(aces, "aces", "ace")
	}
	aces := r.mappings(yang(n, "aces", "ace"), "ace")
	if r.errors > before {
		l.entries = append(l.entries, brokenEntry(n.Span))
	}
	for _, a := range aces {
		l.entries = append(l.entries, r.entryOf(a, func() entry { return r.rfcACE(a, l.family) }))
	}
	r.doc.lists = append(r.doc.lists, l)
}

func (r *reader) rfcACE(n *yamltree.Node, f packet.Family) entry {
	e := anyEntry(n.Span)
	if !r.yangKeys(n, "an entry", "name", "matches", "actions", "statistics") {
		return e
	}
	e.note = multiline(n, func() string { return describe(n) })
	if name := yang(n, "name"); name != nil {
		e.key, _ = r.text(name, "name")
	}
	if a := yang(n, "actions"); !a.IsNull() {
		r.yangKeys(a, "actions", "forwarding", "logging")
	}
	action := yang(n, "actions", "forwarding")
	if s, ok := r.text(action, "forwarding"); ok {
		switch bare(s) {
		case "accept":
		case "drop":
			e.verdict = deny
		case "reject":
			e.verdict = reject
		default:
			r.errorf(action, "Expected accept, drop or reject.", "forwarding is %q", s)
		}
	} else if action == nil {
		r.errorf(n, "", `an entry has no "forwarding" action`)
	}
	m := yang(n, "matches")
	if m.IsNull() || !r.yangKeys(m, "matches", "eth", "ipv4", "ipv6", "tcp", "udp", "icmp", "ingress-interface", "egress-interface") {
		return e
	}
	for _, key := range []string{"ipv4", "ipv6"} {
		if v := yang(m, key); !v.IsNull() {
			r.rfcIP(v, key, f, &e)
		}
	}
	for _, key := range []string{"tcp", "udp", "icmp"} {
		if v := yang(m, key); v != nil {
			r.rfcTransport(v, key, f, &e)
		}
	}
	for _, key := range []string{"eth", "ingress-interface", "egress-interface"} {
		if v := yang(m, key); v != nil {
			e.conditions = append(e.conditions, condition(key, key+" "+describe(v), v.Span))
		}
	}
	return e
}

func (r *reader) rfcIP(v *yamltree.Node, key string, f packet.Family, e *entry) {
	family := packet.IPv4
	if key == "ipv6" {
		family = packet.IPv6
	}
	if family&f == 0 || e.family != 0 {
		r.errorf(v, "", "an entry's %s does not fit the ACL's type", key)
	}
	e.family = family
	others := []string{"dscp", "ecn", "length", "ttl", "ihl", "flags", "offset", "identification", "flow-label"}
	if !r.yangKeys(v, key, append(others, "protocol", "source-"+key+"-network", "destination-"+key+"-network")...) {
		return
	}
	for which, s := range map[string]*side{"source": &e.source, "destination": &e.destination} {
		if a := yang(v, which+"-"+key+"-network"); a != nil {
			var set addresses
			r.address(&set, a, which)
			s.v4, s.v6 = set.sets()
		}
	}
	if p := yang(v, "protocol"); p != nil {
		if n, ok := r.number(p, "protocol", 0, 255); ok {
			e.protocol = packet.OneProtocol(uint8(n))
		}
	}
	for _, k := range others {
		if o := yang(v, k); o != nil {
			e.conditions = append(e.conditions, condition(k, k+" "+describe(o), o.Span))
		}
	}
}

func (r *reader) rfcTransport(v *yamltree.Node, key string, f packet.Family, e *entry) {
	proto := packet.OneProtocol(map[string]uint8{"tcp": packet.TCP, "udp": packet.UDP, "icmp": packet.ICMP}[key])
	if key == "icmp" && (e.family == packet.IPv6 || f == packet.IPv6) {
		proto = packet.OneProtocol(packet.ICMPv6)
	}
	if e.protocol != packet.AnyProtocol && e.protocol != proto {
		r.errorf(v, "Make them agree.", "the entry matches %s, and its protocol is another one", key)
	}
	e.protocol = proto
	if v.IsNull() || !r.yangKeys(v, key, "source-port", "destination-port", "flags", "sequence-number", "acknowledgement-number", "data-offset", "reserved", "window-size",
		"urgent-pointer", "options", "length", "type", "code", "rest-of-header") {
		return
	}
	for _, p := range v.Pairs {
		switch k := bare(p.Key.Text); k {
		case "source-port":
			e.source.ports = r.rfcPorts(p.Value)
		case "destination-port":
			e.destination.ports = r.rfcPorts(p.Value)
		case "type", "code":
		default:
			e.conditions = append(e.conditions, condition(k, k+" "+describe(p.Value), p.Value.Span))
		}
	}
	t, c := yang(v, "type"), yang(v, "code")
	if t != nil && key == "icmp" {
		it := icmpType{code: -1}
		it.number, _ = r.number(t, "type", 0, 255)
		if c != nil {
			it.code, _ = r.number(c, "code", 0, 255)
		}
		e.icmp = it.types()
	} else if t != nil || c != nil {
		e.conditions = append(e.conditions, condition("icmp", key+" "+describe(v), v.Span))
	}
}

// rfcPorts reads {operator, port} or {lower-port, upper-port}.
func (r *reader) rfcPorts(n *yamltree.Node) *packet.Ports {
	if !r.yangKeys(n, "a port", "operator", "port", "lower-port", "upper-port") {
		return nil
	}
	v, low, high := yang(n, "port"), yang(n, "lower-port"), yang(n, "upper-port")
	if low != nil || high != nil {
		if v != nil || yang(n, "operator") != nil || low == nil || high == nil {
			r.errorf(n, `Expected "lower-port" and "upper-port", or "operator" and "port".`, "a port match mixes a range with a single port, or has half of a range")
			return nil
		}
		a, ok := r.port(low, "lower-port", nil)
		b, ok2 := r.port(high, "upper-port", nil)
		if ok && ok2 && b < a {
			r.errorf(n, "", "the range ends at port %d, before it starts at %d", b, a)
		}
		return packet.Span(a, b)
	}
	if v == nil {
		r.errorf(n, "", `a port match has no "port"`)
		return nil
	}
	p, ok := r.port(v, "port", nil)
	if !ok {
		return nil
	}
	op := yang(n, "operator")
	if op == nil {
		return packet.Only(p)
	}
	switch s, _ := r.text(op, "operator"); s {
	case "eq":
		return packet.Only(p)
	case "neq":
		return packet.Only(p).Complement()
	case "lte":
		return packet.Span(0, p)
	case "gte":
		return packet.Span(p, 65535)
	default:
		r.errorf(op, "Expected eq, neq, lte or gte.", "operator is %q", s)
	}
	return nil
}

func (r *reader) rfcInterface(n *yamltree.Node, b *binding) {
	if !r.yangKeys(n, "an interface", "interface-id", "ingress", "egress") {
		return
	}
	id := yang(n, "interface-id")
	if id == nil {
		r.errorf(n, "", `an interface has no "interface-id"`)
		return
	}
	b.iface, _ = r.text(id, "interface-id")
	for _, direction := range []string{"ingress", "egress"} {
		d := yang(n, direction)
		if d.IsNull() || !r.yangKeys(d, direction, "acl-sets") {
			continue
		}
		sets := yang(d, "acl-sets")
		if sets.IsNull() || !r.yangKeys(sets, "acl-sets", "acl-set") {
			continue
		}
		for _, s := range r.mappings(yang(sets, "acl-set"), "acl-set") {
			if !r.yangKeys(s, "a binding", "name", "ace-statistics") {
				continue
			}
			set := yang(s, "name")
			if set == nil {
				r.errorf(s, "", `a binding has no "name"`)
				continue
			}
			acl, _ := r.text(set, "name")
			r.doc.bindings = append(r.doc.bindings, binding{iface: b.iface, out: direction == "egress", acl: acl, family: packet.AnyFamily, span: set.Span})
		}
	}
}
