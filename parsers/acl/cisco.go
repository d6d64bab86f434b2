package acl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/packet"
)

// dialect is what differs between the modules for IOS, EOS and ASA.
type dialect struct {
	schema   string
	number   string // the key of an entry's number
	ace      []string
	side     []string
	tcpNames map[string]int
	udpNames map[string]int
}

func dialectOf(schema string) dialect {
	d := dialect{schema: schema, number: "sequence"}
	common := []string{"grant", "protocol", "protocol_options", "source", "destination", "log"}
	switch schema {
	case schemaEOS:
		d.ace = append(common, "sequence", "remark", "fragments", "fragment_rules", "hop_limit", "line", "ace", "tracked", "ttl", "vlan")
		d.side = []string{"any", "host", "address", "wildcard_bits", "subnet_address", "port_protocol"}
		d.tcpNames, d.udpNames = eosTCP, eosUDP
	case schemaASA:
		d.number = "line"
		d.ace = append(common, "line", "remark", "inactive", "time_range")
		d.side = []string{"any", "any4", "any6", "host", "address", "netmask", "interface", "object_group", "object_group_network", "service_object_group", "port_protocol"}
		d.tcpNames, d.udpNames = asaTCP, asaUDP
	default:
		d.ace = append(common, "sequence", "remarks", "dscp", "enable_fragments", "fragments", "evaluate", "log_input", "option", "precedence", "time_range", "tos", "ttl")
		d.side = []string{"any", "host", "address", "wildcard_bits", "object_group", "port_protocol"}
		d.tcpNames, d.udpNames = iosTCP, iosUDP
	}
	return d
}

// isASA tells of a mapping with "acls" and without "afi" whether it is asa_acls.
func isASA(n *yamltree.Node) bool {
	for _, a := range itemsOf(n.Get("acls")) {
		if a.Has("aces") || a.Has("acl_type") {
			return true
		}
	}
	return false
}

func (r *reader) asa(n *yamltree.Node) {
	container := r.errors
	r.keys(n, "a mapping with ACLs", "acls", "afi")
	wrong := r.errors > container
	for _, a := range r.mappings(n.Get("acls"), "acls") {
		before := r.errors
		if !r.keys(a, "an ACL", "name", "acl_type", "rename", "aces") {
			continue
		}
		l := &list{schema: schemaASA, family: packet.AnyFamily, stateful: true, fallback: deny, implicit: true}
		if l.name, l.span = r.name(a, "name", "an ACL"); l.name == "" {
			continue
		}
		if n := a.Get("rename"); n != nil {
			if s, ok := r.text(n, "rename"); ok {
				l.name, l.span = s, n.Span
			}
		}
		aces := r.mappings(a.Get("aces"), "aces")
		if r.errors > before {
			l.entries = append(l.entries, brokenEntry(a.Span))
		}
		if r.aces(l, a, aces); wrong {
			l.entries = []entry{brokenEntry(a.Span)}
		}
		r.doc.lists = append(r.doc.lists, l)
	}
}

// aces reads the entries of an IOS, EOS or ASA list, in the device's order.
func (r *reader) aces(l *list, acl *yamltree.Node, aces []*yamltree.Node) {
	d := dialectOf(l.schema)
	standard, before := false, r.errors
	if t := acl.Get("acl_type"); t != nil {
		s, _ := r.oneOf(t, "acl_type", "standard", "extended")
		standard = s == "standard"
	} else if l.schema == schemaIOS && l.family == packet.IPv4 {
		standard = standardNumber(l.name)
	}
	if s := acl.Get("standard"); s != nil {
		standard = r.boolean(s, "standard")
	}
	if r.errors > before {
		l.entries = append(l.entries, brokenEntry(acl.Span))
	}
	entries := r.numberedACEs(&d, l, aces, standard)
	if len(l.entries) == 0 && !slices.ContainsFunc(entries, func(e numbered) bool { return !e.remark }) {
		// IOS permits all where an ACL has no entries, others drop all or refuse it.
		e := anyEntry(l.span)
		e.verdict, e.reason = unknown, "what the ACL does, which has no entries"
		l.entries = append(l.entries, e)
	}
	if l.schema == schemaASA {
		l.entries = append(l.entries, r.insert(entries)...)
	} else {
		l.entries = append(l.entries, r.order(entries)...)
	}
	if l.schema == schemaIOS && l.family == packet.IPv6 { // "permit icmp any any nd-na" and "nd-ns" stand before the implicit deny
		e := anyEntry(l.span)
		e.protocol, e.icmp = packet.OneProtocol(packet.ICMPv6), icmp6Names["neighbor_solicitation"].types().Union(icmp6Names["neighbor_advertisement"].types())
		e.note = "implicit permit of neighbour discovery"
		l.entries = append(l.entries, e)
	}
}

// numberedACEs reads the entries and remarks with their numbers.
func (r *reader) numberedACEs(d *dialect, l *list, aces []*yamltree.Node, standard bool) []numbered {
	entries := make([]numbered, 0, len(aces))
	seq := sequence{key: d.number}
	for _, n := range aces {
		e := numbered{node: n, remark: isRemark(n)}
		e.number, e.lost = seq.next(r, n)
		if l.schema == schemaASA && n.Get(d.number).IsNull() {
			e.number, e.lost = 0, false // it goes to the end
		}
		if !e.remark {
			before := r.errors
			e.entry = r.entryOf(n, func() entry { return r.ace(d, l, n, standard) })
			inactive := l.schema == schemaASA && r.boolean(n.Get("inactive"), "inactive")
			if r.errors > before {
				e.entry = brokenEntry(n.Span)
				if n.Get(d.number).IsNull() && hidesNumber(d, n) {
					e.lost, seq.lost = true, true
				}
			} else if inactive {
				e.entry.verdict, e.entry.note = next, "inactive"
			}
		}
		entries = append(entries, e)
	}
	return entries
}

// hidesNumber tells of an entry without a number that may have one all the same: under
// a misspelt key, or in raw text.
func hidesNumber(d *dialect, n *yamltree.Node) bool {
	return n.Kind != yamltree.Map || d.schema == schemaEOS && (n.Has("line") || n.Has("ace")) ||
		slices.ContainsFunc(n.Pairs, func(p yamltree.Pair) bool { return !slices.Contains(d.ace, p.Key.Text) })
}

// standardNumber tells whether a number is that of a standard list (IOS: 1-99 and 1300-1999).
func standardNumber(name string) bool {
	n, err := strconv.Atoi(name)
	return err == nil && (n >= 1 && n <= 99 || n >= 1300 && n <= 1999)
}

// isRemark tells of an entry that only holds a comment.
func isRemark(n *yamltree.Node) bool {
	if n.Kind != yamltree.Map || !n.Has("remark") && !n.Has("remarks") {
		return false
	}
	for _, p := range n.Pairs {
		if k := p.Key.Text; k != "remark" && k != "remarks" && k != "sequence" && k != "line" {
			return false
		}
	}
	return true
}

func (r *reader) ace(d *dialect, l *list, n *yamltree.Node, standard bool) entry {
	e := anyEntry(n.Span)
	if !r.keys(n, "an entry", d.ace...) {
		return e
	}
	if line := n.Get("line"); d.schema == schemaEOS && line != nil || n.Has("ace") {
		r.errorf(n, "Give the entry in its parts.", "an entry is given as raw text, which is not read")
		return e
	}
	e.note = multiline(n, func() string { return describe(n) })
	if v := n.Get("evaluate"); !isOff(v) {
		name, _ := r.text(v, "evaluate")
		e.conditions = append(e.conditions, condition("reflexive", "the reflexive list "+name, v.Span))
		return e
	}
	switch s, _ := r.oneOf(n.Get("grant"), "grant", "permit", "deny"); {
	case n.Get("grant") == nil:
		r.errorf(n, "", `an entry has no "grant"`)
	case s == "deny":
		e.verdict = deny
	}
	r.aceProtocol(d, l, n, &e)
	e.source = r.aceSide(d, l, n, "source", standard, &e)
	e.destination = r.aceSide(d, l, n, "destination", standard, &e)
	if standard && (n.Has("destination") || n.Has("protocol") || n.Has("protocol_options")) {
		r.errorf(n, "Standard ACLs look at the source only. Make it an extended one.", "an entry of a standard ACL has a destination or a protocol")
	}
	if !standard && (!n.Has("source") || !n.Has("destination")) {
		r.errorf(n, `Write "any: true" where any address is meant.`, "an entry needs a source and a destination")
	}
	r.aceConditions(n, &e)
	return e
}

// aceConditions adds the parts of a match that flows say nothing about.
func (r *reader) aceConditions(n *yamltree.Node, e *entry) {
	for _, key := range []string{"dscp", "precedence", "tos", "ttl", "hop_limit", "option", "tracked", "vlan"} {
		if v := n.Get(key); !isOff(v) {
			if v.IsTemplate() {
				r.template(v, key)
			}
			e.conditions = append(e.conditions, condition(key, key+" "+describe(v), v.Span))
		}
	}
	if v := n.Get("time_range"); !isOff(v) {
		name, _ := r.text(v, "time_range")
		e.conditions = append(e.conditions, condition("time", "the time range "+name, v.Span))
	}
	for _, key := range []string{"fragments", "enable_fragments"} {
		if r.boolean(n.Get(key), key) {
			e.fragments()
		}
	}
	if v := n.Get("fragment_rules"); !isOff(v) {
		e.conditions = append(e.conditions, condition("fragments", "fragment-rules", v.Span))
	}
}

// aceSide reads a source or destination.
func (r *reader) aceSide(d *dialect, l *list, n *yamltree.Node, which string, standard bool, e *entry) side {
	v := n.Get(which)
	var s side
	if v == nil || !r.keys(v, which, d.side...) {
		return s
	}
	r.aceAddress(d, l, v, which, standard, &s)
	if g := v.Get("service_object_group"); g != nil {
		name, _ := r.text(g, "service_object_group")
		e.conditions = append(e.conditions, groupCondition(group{kind: "service object group", name: name, supply: "the object group " + name, span: g.Span}, which+" port"))
	}
	if p := v.Get("port_protocol"); !p.IsNull() {
		names := d.tcpNames
		if e.protocol == packet.OneProtocol(packet.UDP) {
			names = d.udpNames
		}
		if !within(e.protocol, ported()) {
			r.errorf(p, `Write "protocol: tcp" or "udp".`, "an entry has ports, but its protocol has none")
		}
		s.ports = r.portOperators(p, names)
	}
	return s
}

// aceProtocol reads protocol and protocol_options, of which one may be missing.
func (r *reader) aceProtocol(d *dialect, l *list, n *yamltree.Node, e *entry) {
	name := ""
	if p := n.Get("protocol"); !p.IsNull() {
		s, ok := r.text(p, "protocol")
		if !ok {
			return
		}
		name = strings.ToLower(s)
		if e.protocol, ok = ciscoProtocol(name, l.family); !ok {
			r.errorf(p, "Expected a protocol's name as the device knows it, or a number from 0 to 255.", "protocol is %q", s)
			return
		}
	}
	options := n.Get("protocol_options")
	if options.IsNull() {
		return
	}
	if options.Kind != yamltree.Map {
		r.errorf(options, "", "protocol_options must be a mapping, not %s", options.Kind)
		return
	}
	key, value := r.present(options, "protocol_options")
	if key == "" {
		return
	}
	var proto packet.Protocols
	ok := false
	if key == "protocol_number" {
		v, _ := r.number(value, key, 0, 255)
		proto, ok = packet.OneProtocol(uint8(v)), true
	} else {
		proto, ok = ciscoProtocol(key, l.family)
	}
	if !ok {
		r.errorf(options.Key(key), "", "protocol_options has no key %q", key)
		return
	}
	if name != "" && proto != e.protocol {
		r.errorf(options.Key(key), "Make them agree.", "the protocol is %s, but the options are those of %s", name, key)
		return
	}
	e.protocol = proto
	if value.Kind != yamltree.Map {
		if key != "protocol_number" && !r.boolean(value, key) {
			r.errorf(value, "Expected a mapping, or true for the protocol alone.", "%s is %s", key, value.Span.Text())
		}
		return
	}
	r.protocolOptions(d, key, value, e)
}

// ciscoProtocol reads the names of IOS, EOS and ASA. "ip" is every protocol, and
// "icmp" that of the ACL's family.
func ciscoProtocol(name string, f packet.Family) (packet.Protocols, bool) {
	switch name {
	case "ip", "ipv4", "ipv6":
		return packet.AnyProtocol, name != "ipv4" || f != packet.IPv6
	case "icmp":
		if f == packet.IPv6 {
			return packet.OneProtocol(packet.ICMPv6), true
		}
	case "hopopt", "idp", "ip-encap", "mh":
		return packet.Protocols{}, false
	}
	return parseProtocol(name, ciscoProtocols)
}

func (r *reader) protocolOptions(d *dialect, key string, v *yamltree.Node, e *entry) {
	switch key {
	case "tcp":
		if d.schema == schemaEOS {
			if !r.keys(v, key, "flags") || isOff(v.Get("flags")) {
				return
			}
			v = v.Get("flags")
		}
		r.tcpFlags(d, v, e)
	case "icmp", "icmp6", "icmpv6":
		r.icmpTypes(v, e)
	default:
		if on := givenKeys(v); len(on) > 0 {
			e.conditions = append(e.conditions, condition(key, key+" "+strings.Join(on, " "), v.Span))
		}
	}
}

// givenKeys returns the keys that have a value other than false.
func givenKeys(n *yamltree.Node) []string {
	var out []string
	for _, p := range n.Pairs {
		if !isOff(p.Value) {
			out = append(out, p.Key.Text)
		}
	}
	return out
}

// onKeys returns the switches that are on.
func (r *reader) onKeys(n *yamltree.Node) []string {
	var out []string
	for _, p := range n.Pairs {
		if r.boolean(p.Value, p.Key.Text) {
			out = append(out, p.Key.Text)
		}
	}
	return out
}

// tcpFlags reads {ack: true, …}. IOS matches a packet that has any of the flags
// (its match-any is the default); for EOS no source says, so several are unknown.
func (r *reader) tcpFlags(d *dialect, v *yamltree.Node, e *entry) {
	if !r.keys(v, "the TCP flags", "established", "ack", "fin", "psh", "rst", "syn", "urg") {
		return
	}
	var flags packet.Flags
	on := r.onKeys(v)
	for _, k := range on {
		if k == "established" {
			flags |= established()
			continue
		}
		bit := map[string]int{"ack": packet.ACK, "fin": packet.FIN, "psh": packet.PSH, "rst": packet.RST, "syn": packet.SYN, "urg": packet.URG}[k]
		flags |= packet.FlagsWhere(bit, bit)
	}
	if len(on) == 0 {
		return
	}
	e.flags = flags
	if d.schema == schemaEOS && len(on) > 1 {
		slices.Sort(on)
		e.conditions = append(e.conditions, condition("flags", "the TCP flags "+strings.Join(on, " "), v.Span))
	}
}

// icmpTypes reads {echo: true, …}, of which an entry has one.
func (r *reader) icmpTypes(v *yamltree.Node, e *entry) {
	if v.Has("message_type") || v.Has("message_num") || v.Has("message_code") {
		e.conditions = append(e.conditions, condition("icmp", "icmp "+describe(v), v.Span))
		return
	}
	names := icmpNames
	if e.protocol == packet.OneProtocol(packet.ICMPv6) {
		names = icmp6Names
	}
	on := r.onKeys(v)
	if len(on) == 0 {
		return
	}
	sets := []*packet.ICMPTypes{}
	for _, k := range on {
		t, ok := names[k]
		if !ok {
			if _, other := icmpNames[k]; !other {
				r.errorf(v.Key(k), "", "icmp has no type %q", k)
			}
			e.conditions = append(e.conditions, condition("icmp", "icmp type "+k, v.Span))
			return
		}
		sets = append(sets, t.types())
	}
	e.icmp = packet.Union(sets...)
}
