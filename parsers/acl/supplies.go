package acl

import (
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/packet"
)

// definitions reads what ACLs refer to: groups, prefix lists, zones.
func (w *walker) definitions(n *yamltree.Node) bool {
	switch {
	case n.Has("name") && n.Has("address_prefixes"):
		w.prefixList(n)
	case isVyOSGlobal(n):
		w.vyosGlobal(n)
	case n.Has("security_zones"):
		w.junosZones(n)
	case n.Has("object_type") && n.Has("object_groups"):
		w.asaGroups(n)
	default:
		return false
	}
	w.is(schemaDefs)
	return true
}

// prefixList reads one of junos_prefix_lists.
func (r *reader) prefixList(n *yamltree.Node) {
	r.keys(n, "a prefix list", "name", "address_prefixes")
	name, span := r.name(n, "name", "a prefix list")
	def := &addressDef{span: span}
	before := r.errors
	for _, item := range r.items(n.Get("address_prefixes")) {
		r.address(&def.addrs, item, "a prefix")
	}
	def.opaque = r.errors > before
	r.doc.defs.addAddresses("prefix list", name, def)
}

func isVyOSGlobal(n *yamltree.Node) bool {
	g := n.Get("group")
	return g.Has("address_group") || g.Has("network_group") || g.Has("port_group") ||
		n.Has("state_policy") && (n.Has("ping") || n.Has("group") || n.Get("state_policy").Kind == yamltree.List)
}

// vyosGlobal reads vyos_firewall_global, of which groups and the state policy count
// here.
func (r *reader) vyosGlobal(n *yamltree.Node) {
	g := n.Get("group")
	for _, kind := range []string{"address_group", "network_group", "port_group"} {
		for _, item := range r.mappings(g.Get(kind), kind) {
			r.vyosGroupDef(item, strings.ReplaceAll(kind, "_", " "))
		}
	}
	for _, item := range r.mappings(n.Get("state_policy"), "state_policy") {
		if !r.keys(item, "a state policy", "connection_type", "action", "log", "log_level") {
			continue
		}
		s := stateRule{node: item, verdict: unknown}
		switch t, _ := r.oneOf(item.Get("connection_type"), "connection_type", "established", "invalid", "related"); t {
		case "established":
			s.states = packet.Established
		case "invalid":
			s.states = packet.Invalid
		case "related":
			s.states = packet.Related
		default:
			s.states = packet.AnyState
		}
		switch a, _ := r.oneOf(item.Get("action"), "action", "accept", "drop", "reject"); a {
		case "accept":
			s.verdict = permit
		case "drop":
			s.verdict = deny
		case "reject":
			s.verdict = reject
		}
		r.doc.states = append(r.doc.states, s)
	}
}

func (r *reader) vyosGroupDef(n *yamltree.Node, kind string) {
	if !r.keys(n, "a group", "name", "afi", "description", "members") {
		return
	}
	before := r.errors
	name, span := r.name(n, "name", "a group")
	members := r.mappings(n.Get("members"), "members")
	if kind == "port group" {
		sets := []*packet.Ports{}
		for _, m := range members {
			if r.keys(m, "a member", "port") {
				sets = append(sets, r.ports(m.Get("port"), "port", "-", vyosPorts))
			}
		}
		if r.errors == before {
			r.doc.defs.addPorts(kind, name, &portDef{ports: packet.Union(sets...), span: span})
		}
		return
	}
	def := &addressDef{span: span}
	for _, m := range members {
		if r.keys(m, "a member", "address") {
			r.address(&def.addrs, m.Get("address"), "a member")
		}
	}
	def.opaque = r.errors > before
	r.doc.defs.addAddresses(kind, name, def)
}

// asaGroups reads the network groups of asa_ogs; of other groups only the names
// are known, so they stay unknown.
func (r *reader) asaGroups(n *yamltree.Node) {
	if t := n.Get("object_type"); t.Text != "network" {
		return
	}
	for _, g := range r.mappings(n.Get("object_groups"), "object_groups") {
		if g.Kind != yamltree.Map {
			continue
		}
		before := r.errors
		name, span := r.name(g, "name", "an object group")
		def := &addressDef{span: span}
		objects := g.Get("network_object")
		for _, key := range []string{"host", "address", "ipv6_address", "kmip"} {
			for _, item := range r.items(objects.Get(key)) {
				r.asaObject(&def.addrs, item)
			}
		}
		for _, item := range r.items(g.Get("group_object")) {
			if s, ok := r.text(item, "group_object"); ok {
				def.members = append(def.members, s)
			}
		}
		def.opaque = r.errors > before || objects.Has("object")
		r.doc.defs.addAddresses("object group", name, def)
	}
}

// asaObject reads "192.0.2.0 255.255.255.0", a prefix or a host.
func (r *reader) asaObject(a *addresses, n *yamltree.Node) {
	s, ok := r.text(n, "an object")
	if !ok {
		return
	}
	address, mask, masked := strings.Cut(s, " ")
	if !masked {
		r.address(a, n, "an object")
		return
	}
	set, f, ok := parseAddress(address)
	m, mf, ok2 := parseAddress(strings.TrimSpace(mask))
	from, ok3 := set.Min()
	care, ok4 := m.Min()
	if !ok || !ok2 || !ok3 || !ok4 || f != packet.IPv4 || mf != packet.IPv4 || !isNetmask(uint32(care.Lo)) {
		r.errorf(n, "Expected an address and its netmask.", "an object is %q", s)
		return
	}
	a.add(prefixOf(from, packet.Addr{Lo: packet.IPv4.Last().Lo &^ care.Lo}), packet.IPv4)
}

// interfaceBindings reads what an export says about an interface: ios_acl_interfaces,
// eos_acl_interfaces and junos_acl_interfaces have access_groups,
// vyos_firewall_interfaces has access_rules.
func (r *reader) interfaceBindings(n *yamltree.Node) {
	var b binding
	r.bound(&b, n, func() {
		r.keys(n, "an interface", "name", "access_groups", "access_rules")
		b.iface, _ = r.name(n, "name", "an interface")
		for key, inner := range map[string]string{"access_groups": "acls", "access_rules": "rules"} {
			for _, g := range r.mappings(n.Get(key), key) {
				if !r.keys(g, key, "afi", inner) {
					continue
				}
				if b.family = packet.AnyFamily; !g.Has("afi") {
					r.errorf(g, "", `%s has no "afi"`, key)
				} else {
					b.family, _ = r.family(g.Get("afi"))
				}
				for _, a := range r.mappings(g.Get(inner), inner) {
					r.accessGroup(a, b)
				}
			}
		}
	})
}

func (r *reader) accessGroup(n *yamltree.Node, b binding) {
	if !r.keys(n, "a binding", "name", "direction") {
		return
	}
	b.acl, b.span = r.name(n, "name", "a binding")
	switch d, _ := r.oneOf(n.Get("direction"), "direction", "in", "out", "local"); {
	case n.Get("direction") == nil:
		r.errorf(n, `Expected "in" or "out".`, `a binding has no "direction"`)
	case b.acl == "" || d == "" || d == "local": // "local" is for packets to the router itself
	default:
		b.out = d == "out"
		r.doc.bindings = append(r.doc.bindings, b)
	}
}

// bound reads what an export says about the interface of b; where it reports an
// error, whatever else is said, the interface may apply any ACL. A binding without
// an interface stands for each.
func (r *reader) bound(b *binding, n *yamltree.Node, read func()) {
	before, known := r.errors, len(r.doc.bindings)
	read()
	inner := slices.ContainsFunc(r.doc.bindings[known:], func(o binding) bool { return o.broken && o.iface != "" })
	if r.errors > before && (b.iface != "" || !inner) {
		r.doc.bindings = append(r.doc.bindings, binding{iface: b.iface, family: packet.AnyFamily, broken: true, span: n.Span})
	}
}
