package acl

import (
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/packet"
)

// junosACEs reads the terms of a stateless Junos filter, in the order of the file.
func (r *reader) junosACEs(l *list, aces []*yamltree.Node) {
	if len(aces) == 0 && len(l.entries) == 0 {
		e := anyEntry(l.span)
		e.verdict, e.reason = unknown, "what the filter does, which has no terms"
		l.entries = append(l.entries, e)
	}
	for _, n := range aces {
		l.entries = append(l.entries, r.entryOf(n, func() entry { return r.junosACE(l, n) }))
	}
}

func (r *reader) junosACE(l *list, n *yamltree.Node) entry {
	e := anyEntry(n.Span)
	if !r.keys(n, "an entry", "name", "grant", "protocol", "protocol_options", "source", "destination") {
		return e
	}
	e.key, _ = r.name(n, "name", "an entry")
	e.note = multiline(n, func() string { return describe(n) })
	// A term without "then" accepts: Junos, "Firewall Filter Terminating Actions".
	if g := n.Get("grant"); g != nil {
		if s, _ := r.oneOf(g, "grant", "permit", "deny"); s == "deny" {
			e.verdict = deny
		}
	} else {
		e.note = strings.TrimSuffix("a term without an action accepts; "+e.note, "; ")
	}
	if p := n.Get("protocol"); !p.IsNull() {
		s, ok := r.text(p, "protocol")
		name := strings.ToLower(s)
		if ok && name != "ip" && name != "ipv4" && name != "ipv6" {
			if e.protocol, ok = ciscoProtocol(name, l.family); !ok {
				r.errorf(p, "Expected a protocol's name or number.", "protocol is %q", s)
			}
		}
	}
	if o := n.Get("protocol_options"); !o.IsNull() && r.keys(o, "protocol_options", "icmp") {
		if icmp := o.Get("icmp"); !isOff(icmp) {
			proto := packet.OneProtocol(packet.ICMP)
			if l.family == packet.IPv6 {
				proto = packet.OneProtocol(packet.ICMPv6)
			}
			if e.protocol != packet.AnyProtocol && e.protocol != proto {
				r.errorf(o, "Make them agree.", "the options are those of icmp, and the protocol is another one")
			}
			if e.protocol = proto; icmp.Kind == yamltree.Map {
				r.icmpTypes(icmp, &e)
			} else {
				r.boolean(icmp, "icmp")
			}
		}
	}
	e.source, e.destination = r.junosSide(l, n, "source", &e), r.junosSide(l, n, "destination", &e)
	return e
}

func (r *reader) junosSide(l *list, n *yamltree.Node, which string, e *entry) side {
	var s side
	v := n.Get(which)
	if v.IsNull() || !r.keys(v, which, "address", "prefix_list", "port_protocol") {
		return s
	}
	var a addresses
	if list := v.Get("address"); list != nil && list.Kind == yamltree.List && len(list.Items) == 0 {
		r.errorf(list, "Leave the key out for any address.", "%s has an empty list of addresses", which)
	}
	for _, item := range r.items(v.Get("address")) {
		r.address(&a, item, which)
	}
	if list := v.Get("prefix_list"); list != nil && list.Kind == yamltree.List && len(list.Items) == 0 {
		r.errorf(list, "Leave the key out for any address.", "%s has an empty list of prefix lists", which)
	}
	for _, item := range r.mappings(v.Get("prefix_list"), "prefix_list") {
		if r.keys(item, "a prefix list", "name") {
			name, span := r.name(item, "name", "a prefix list")
			s.groups = append(s.groups, group{kind: "prefix list", name: name, supply: "the prefix list " + name, span: span})
		}
	}
	if !a.isEmpty() || len(s.groups) > 0 { // without a value a key counts as left out
		s.v4, s.v6 = a.sets()
	}
	if l.family == packet.IPv4 && len(a.v6) > 0 || l.family == packet.IPv6 && len(a.v4) > 0 {
		r.errorf(v, "", "%s has an address that is not of the ACL's family, %s", which, l.family)
	}
	if p := v.Get("port_protocol"); !p.IsNull() {
		s.ports = r.portOperators(p, junosPorts)
		r.junosPortProtocol(p, e)
	}
	return s
}

// junosPortProtocol narrows an entry with ports and no protocol. Junos then
// compares the bytes of any protocol; only those with ports are meant, and the
// rest is unknown.
func (r *reader) junosPortProtocol(p *yamltree.Node, e *entry) {
	switch {
	case within(e.protocol, ported()):
	case e.protocol == packet.AnyProtocol:
		e.protocol = ported()
	default:
		r.errorf(p, `Write "protocol: tcp" or "udp".`, "an entry has ports, but its protocol has none")
	}
}

// junosZones reads junos_security_zones: the address book and the interfaces.
func (r *reader) junosZones(n *yamltree.Node) {
	before := r.errors
	d := &r.doc.defs
	if d.zones == nil {
		d.zones = map[string][]string{}
	}
	for _, z := range r.mappings(n.Get("security_zones"), "security_zones") {
		if !r.keys(z, "a security zone", "name", "address_book", "interfaces", "advance_policy_based_routing_profile", "application_tracking", "description",
			"enable_reverse_reroute", "host_inbound_traffic", "screen", "source_identity_log", "tcp_rst", "unidirectional_session_refreshing") {
			continue
		}
		name, _ := r.name(z, "name", "a zone")
		d.zones[name] = d.zones[name][:len(d.zones[name]):len(d.zones[name])]
		for _, i := range r.items(z.Get("interfaces")) {
			if s, ok := r.text(i, "an interface"); ok {
				d.zones[name] = append(d.zones[name], s)
			}
		}
	}
	d.zonesUnsure = d.zonesUnsure || r.errors > before
	for _, z := range itemsOf(n.Get("security_zones")) {
		if book := z.Get("address_book"); !book.IsNull() && r.keys(book, "address_book", "addresses", "address_sets") {
			r.junosBook(book, zoneName(z))
		}
	}
}

func zoneName(z *yamltree.Node) string {
	if n := z.Get("name"); n != nil {
		return n.Text
	}
	return ""
}

func (r *reader) junosBook(book *yamltree.Node, zone string) {
	for _, a := range r.mappings(book.Get("addresses"), "addresses") {
		r.junosBookAddress(a, zone)
	}
	for _, s := range r.mappings(book.Get("address_sets"), "address_sets") {
		before := r.errors
		if !r.keys(s, "an address set", "name", "description", "addresses", "address_sets") {
			continue
		}
		name, span := r.name(s, "name", "an address set")
		def := &addressDef{span: span}
		for _, m := range append(r.items(s.Get("addresses")), r.items(s.Get("address_sets"))...) {
			if m.Kind == yamltree.Map && r.keys(m, "a member", "name") {
				m = m.Get("name")
			}
			if t, ok := r.text(m, "a member"); ok {
				def.members = append(def.members, t)
			}
		}
		def.opaque = r.errors > before || len(def.members) == 0
		r.doc.defs.addAddresses(bookKind(zone), name, def)
	}
}

// bookKind is the kind of a name in one zone's address book.
func bookKind(zone string) string { return "address book entry of zone " + zone + "," }

func (r *reader) junosBookAddress(n *yamltree.Node, zone string) {
	before := r.errors
	if !r.keys(n, "an address", "name", "description", "ip_prefix", "dns_name", "range_address", "wildcard_address") {
		return
	}
	name, span := r.name(n, "name", "an address")
	def := &addressDef{span: span}
	switch {
	case !n.Get("ip_prefix").IsNull():
		r.address(&def.addrs, n.Get("ip_prefix"), "ip_prefix")
	case !n.Get("range_address").IsNull():
		a := n.Get("range_address")
		r.keys(a, "range_address", "from", "to")
		from, ok := r.text(a.Get("from"), "from")
		to, ok2 := r.text(a.Get("to"), "to")
		set, f, ok3 := parseAddress(from + "-" + to)
		if !ok || !ok2 || !ok3 {
			r.errorf(a, "", "the range %q to %q can't be read", from, to)
			def.opaque = true
			break
		}
		r.mappedAddress(a, from)
		def.addrs.add(set, f)
	default:
		def.opaque = true
	}
	def.opaque = def.opaque || r.errors > before
	r.doc.defs.addAddresses(bookKind(zone), name, def)
}
