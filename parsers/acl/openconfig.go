package acl

import (
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/packet"
)

// bare is a YANG name without its module: "openconfig-acl:acl-sets" is "acl-sets".
func bare(key string) string { return key[strings.LastIndexByte(key, ':')+1:] }

// yang returns the value of a YANG node, with or without its module's prefix; nil
// where there is none. Several keys are a path.
func yang(n *yamltree.Node, path ...string) *yamltree.Node {
	for _, key := range path {
		var found *yamltree.Node
		for _, p := range pairsOf(n) {
			if bare(p.Key.Text) == key {
				found = p.Value
				break
			}
		}
		if n = found; n == nil {
			return nil
		}
	}
	return n
}

func isOpenConfig(n *yamltree.Node) bool {
	return yang(n, "acl-sets", "acl-set") != nil || yang(n, "interfaces", "interface") != nil && slices.ContainsFunc(itemsOf(yang(n, "interfaces", "interface")), func(i *yamltree.Node) bool {
		return yang(i, "ingress-acl-sets") != nil || yang(i, "egress-acl-sets") != nil
	})
}

// openConfig reads the "acl" container of openconfig-acl.
func (r *reader) openConfig(n *yamltree.Node) {
	if sets := yang(n, "acl-sets"); !sets.IsNull() && r.yangKeys(sets, "acl-sets", "acl-set") {
		for _, s := range r.mappings(yang(sets, "acl-set"), "acl-set") {
			r.openConfigSet(s)
		}
	}
	var all binding // what can't be told apart is said of each interface
	r.bound(&all, n, func() {
		r.yangKeys(n, "the ACL tree", "acl-sets", "interfaces", "config", "state")
		interfaces := yang(n, "interfaces")
		if interfaces.IsNull() || !r.yangKeys(interfaces, "interfaces", "interface") {
			return
		}
		for _, i := range r.mappings(yang(interfaces, "interface"), "interface") {
			var b binding
			r.bound(&b, i, func() { r.openConfigInterface(i, &b) })
		}
	})
}

func (r *reader) openConfigSet(n *yamltree.Node) {
	before := r.errors
	if !r.yangKeys(n, "an ACL set", "name", "type", "config", "state", "acl-entries") {
		return
	}
	if c := yang(n, "config"); !c.IsNull() {
		r.yangKeys(c, "config", "name", "type", "description")
	}
	if c := yang(n, "acl-entries"); !c.IsNull() {
		r.yangKeys(c, "acl-entries", "acl-entry")
	}
	items := r.mappings(yang(n, "acl-entries", "acl-entry"), "acl-entry")
	l := &list{schema: schemaOpenConfig, family: packet.AnyFamily, fallback: unknown, implicit: true, span: n.Span}
	name, kind := yang(n, "name"), yang(n, "type")
	if name == nil {
		name = yang(n, "config", "name")
	}
	if kind == nil {
		kind = yang(n, "config", "type")
	}
	if name == nil {
		r.errorf(n, "", `an ACL set has no "name"`)
		return
	}
	l.name, _ = r.text(name, "name")
	l.span = name.Span
	if s, ok := r.text(kind, "type"); ok {
		if l.family, ok = openConfigFamily(s); !ok {
			r.errorf(kind, openConfigTypes, "the type of the ACL set is %q", s)
		}
	} else if kind == nil {
		r.errorf(n, "", `an ACL set has no "type"`)
	}
	if r.errors > before {
		l.entries = append(l.entries, brokenEntry(n.Span))
	}
	l.entries = append(l.entries, r.openConfigEntries(items, l.family)...)
	r.doc.lists = append(r.doc.lists, l)
}

func (r *reader) openConfigEntries(items []*yamltree.Node, f packet.Family) []entry {
	var entries []numbered
	for _, e := range items {
		number := yang(e, "sequence-id")
		if number == nil {
			number = yang(e, "config", "sequence-id")
		}
		at, ok := 0, false
		read := r.entryOf(e, func() entry {
			if number == nil {
				r.errorf(e, "", `an entry has no "sequence-id"`)
			}
			at, ok = r.number(number, "sequence-id", 0, maxSequence)
			return r.openConfigEntry(e, f)
		})
		entries = append(entries, numbered{number: at, node: e, entry: read, lost: !ok})
	}
	return r.order(entries)
}

func (r *reader) openConfigEntry(n *yamltree.Node, f packet.Family) entry {
	e := anyEntry(n.Span)
	if !r.yangKeys(n, "an entry", "sequence-id", "config", "state", "l2", "ipv4", "ipv6", "transport", "input-interface", "actions") {
		return e
	}
	e.note = multiline(n, func() string { return describe(n) })
	if c := yang(n, "config"); !c.IsNull() {
		r.yangKeys(c, "config", "sequence-id", "description")
	}
	r.openConfigPart(n, "actions", "forwarding-action", "log-action", "counter")
	action := yang(n, "actions", "config", "forwarding-action")
	if s, ok := r.text(action, "forwarding-action"); ok {
		switch bare(s) {
		case "ACCEPT":
		case "DROP":
			e.verdict = deny
		case "REJECT":
			e.verdict = reject
		default:
			r.errorf(action, "Expected ACCEPT, DROP or REJECT.", "the forwarding-action is %q", s)
		}
	} else if action == nil {
		r.errorf(n, "", `an entry has no "forwarding-action"`)
	}
	for _, key := range []string{"l2", "input-interface"} {
		if v := yang(n, key); !v.IsNull() {
			e.conditions = append(e.conditions, condition(key, key+" "+describe(v), v.Span))
		}
	}
	r.openConfigFamilies(n, f, &e)
	if t := r.openConfigPart(n, "transport", "source-port", "destination-port", "source-port-set", "destination-port-set", "detail-mode",
		"explicit-detail-match-mode", "explicit-tcp-flags", "builtin-detail"); t != nil {
		r.openConfigTransport(t, &e)
	}
	return e
}

// openConfigFamilies reads what an entry matches of one family.
func (r *reader) openConfigFamilies(n *yamltree.Node, f packet.Family, e *entry) {
	for _, key := range []string{"ipv4", "ipv6"} {
		v := yang(n, key)
		if v.IsNull() {
			continue
		}
		e.family = packet.IPv4
		if key == "ipv6" {
			e.family = packet.IPv6
		}
		if e.family&f == 0 || yang(n, "ipv4") != nil && yang(n, "ipv6") != nil {
			r.errorf(v, "", "an entry's %s does not fit the ACL's type", key)
		}
		if r.yangKeys(v, key, "config", "state", "icmpv4", "icmpv6") && yang(v, "config") != nil {
			r.openConfigIP(yang(v, "config"), e)
		}
		for _, icmp := range []string{"icmpv4", "icmpv6"} {
			if m := yang(v, icmp); !m.IsNull() {
				e.conditions = append(e.conditions, condition("icmp", describe(m), m.Span))
			}
		}
	}
}

// openConfigPart returns the "config" of a part of an entry, in which all that
// counts stands; nil where there is none.
func (r *reader) openConfigPart(n *yamltree.Node, part string, legal ...string) *yamltree.Node {
	v := yang(n, part)
	if v.IsNull() || !r.yangKeys(v, part, "config", "state") {
		return nil
	}
	c := yang(v, "config")
	if c.IsNull() || !r.yangKeys(c, part+"'s config", legal...) {
		return nil
	}
	return c
}

func (r *reader) openConfigIP(n *yamltree.Node, e *entry) {
	if !r.yangKeys(n, "config", "source-address", "destination-address", "source-address-prefix-set", "destination-address-prefix-set", "protocol", "dscp", "dscp-set", "length",
		"hop-limit", "source-flow-label", "destination-flow-label") {
		return
	}
	for which, s := range map[string]*side{"source": &e.source, "destination": &e.destination} {
		if v := yang(n, which+"-address"); v != nil {
			var a addresses
			r.address(&a, v, which+"-address")
			s.v4, s.v6 = a.sets()
		}
		if v := yang(n, which+"-address-prefix-set"); v != nil {
			name, _ := r.text(v, "prefix set")
			s.v4, s.v6 = noAddrs(), noAddrs()
			s.groups = []group{{kind: "prefix set", name: name, supply: "the prefix set " + name, span: v.Span}}
		}
	}
	if p := yang(n, "protocol"); p != nil {
		if s, ok := r.text(p, "protocol"); ok {
			name := strings.ToLower(strings.TrimPrefix(bare(s), "IP_"))
			if e.protocol, ok = parseProtocol(name, map[string]uint8{"auth": 51, "l2tp": 115}); !ok {
				r.errorf(p, "Expected a number from 0 to 255, or IP_TCP, IP_UDP and so on.", "protocol is %q", s)
			}
		}
	}
	for _, key := range []string{"dscp", "dscp-set", "length", "hop-limit", "source-flow-label", "destination-flow-label"} {
		if v := yang(n, key); v != nil {
			e.conditions = append(e.conditions, condition(key, key+" "+describe(v), v.Span))
		}
	}
}

func (r *reader) openConfigTransport(n *yamltree.Node, e *entry) {
	ports := false
	for which, s := range map[string]*side{"source": &e.source, "destination": &e.destination} {
		if v := yang(n, which+"-port"); v != nil && bare(v.Text) != "ANY" {
			s.ports, ports = r.ports(v, which+"-port", "..", nil), true
		}
		if v := yang(n, which+"-port-set"); v != nil {
			name, _ := r.text(v, "port set")
			s.portGroups, ports = []group{{kind: "port set", name: name, supply: "the port set " + name, span: v.Span}}, true
		}
	}
	if ports && e.protocol == packet.AnyProtocol {
		e.protocol = ported()
	}
	if ports && !within(e.protocol, ported()) {
		r.errorf(n, "", "an entry has ports, but its protocol has none")
	}
	if v := yang(n, "builtin-detail"); v != nil {
		r.openConfigDetail(v, e)
	}
	if v := yang(n, "explicit-tcp-flags"); v != nil {
		var names []string
		for _, item := range r.items(v) {
			s, _ := r.text(item, "explicit-tcp-flags")
			names = append(names, bare(s))
		}
		if e.protocol == packet.AnyProtocol {
			e.protocol = packet.OneProtocol(packet.TCP)
		}
		e.conditions = append(e.conditions, condition("flags", "the TCP flags "+strings.Join(names, " "), v.Span))
	}
}

func (r *reader) openConfigDetail(v *yamltree.Node, e *entry) {
	s, _ := r.text(v, "builtin-detail")
	switch bare(s) {
	case "TCP_ESTABLISHED":
		e.flags = established()
	case "TCP_INITIAL":
		e.flags = packet.FlagsWhere(packet.SYN|packet.ACK, packet.SYN)
	case "FRAGMENT":
		e.fragments()
		return
	default:
		r.errorf(v, "Expected TCP_INITIAL, TCP_ESTABLISHED or FRAGMENT.", "builtin-detail is %q", s)
		return
	}
	if e.protocol == packet.AnyProtocol {
		e.protocol = packet.OneProtocol(packet.TCP)
	}
	if e.protocol != packet.OneProtocol(packet.TCP) {
		r.errorf(v, "", "%s needs the protocol TCP", s)
	}
}

func (r *reader) openConfigInterface(n *yamltree.Node, b *binding) {
	if !r.yangKeys(n, "an interface", "id", "config", "state", "interface-ref", "ingress-acl-sets", "egress-acl-sets") {
		return
	}
	if ref := yang(n, "interface-ref"); !ref.IsNull() && r.yangKeys(ref, "interface-ref", "config", "state") && yang(ref, "config") != nil {
		r.yangKeys(yang(ref, "config"), "config", "interface", "subinterface")
	}
	id := yang(n, "interface-ref", "config", "interface")
	if id == nil {
		id = yang(n, "id")
	}
	if id == nil {
		r.errorf(n, "", `an interface has no "id"`)
		return
	}
	b.iface, _ = r.text(id, "id")
	for _, direction := range []string{"ingress", "egress"} {
		sets := yang(n, direction+"-acl-sets")
		if sets.IsNull() || !r.yangKeys(sets, direction+"-acl-sets", direction+"-acl-set") {
			continue
		}
		for _, s := range r.mappings(yang(sets, direction+"-acl-set"), direction+"-acl-set") {
			r.openConfigBinding(s, *b, direction == "egress")
		}
	}
}

func (r *reader) openConfigBinding(n *yamltree.Node, b binding, out bool) {
	if !r.yangKeys(n, "a binding", "set-name", "type", "config", "state", "acl-entries") {
		return
	}
	config := yang(n, "config")
	if !config.IsNull() {
		r.yangKeys(config, "config", "set-name", "type")
	}
	set, kind := yang(n, "set-name"), yang(n, "type")
	if set == nil {
		set = yang(config, "set-name")
	}
	if kind == nil {
		kind = yang(config, "type")
	}
	if set == nil {
		r.errorf(n, "", `a binding has no "set-name"`)
		return
	}
	b.acl, _ = r.text(set, "set-name")
	b.out, b.span, b.family = out, set.Span, packet.AnyFamily
	if s, ok := r.text(kind, "type"); ok {
		b.family, ok = openConfigFamily(s)
		if !ok {
			r.errorf(kind, openConfigTypes, "the type of the ACL set is %q", s)
		}
	}
	r.doc.bindings = append(r.doc.bindings, b)
}

const openConfigTypes = "Expected ACL_IPV4, ACL_IPV6 or ACL_MIXED."

// openConfigFamily reads the type of an ACL set.
func openConfigFamily(s string) (packet.Family, bool) {
	switch bare(s) {
	case "ACL_IPV4":
		return packet.IPv4, true
	case "ACL_IPV6":
		return packet.IPv6, true
	}
	return packet.AnyFamily, bare(s) == "ACL_MIXED"
}
