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
	before := r.errors
	r.keys(n, "a prefix list", "name", "address_prefixes")
	name, span := r.name(n, "name", "a prefix list")
	def := &addressDef{span: span}
	for _, item := range r.items(n.Get("address_prefixes")) {
		r.address(&def.addrs, item, "a prefix")
	}
	def.opaque = r.errors > before || def.addrs.isEmpty()
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
	if !g.IsNull() {
		r.keys(g, "group", "address_group", "network_group", "port_group")
	}
	for _, kind := range []string{"address_group", "network_group", "port_group"} {
		for _, item := range r.mappings(g.Get(kind), kind) {
			r.vyosGroupDef(item, strings.ReplaceAll(kind, "_", " "))
		}
	}
	before := r.errors
	items := r.mappings(n.Get("state_policy"), "state_policy")
	if r.errors > before {
		r.doc.states = append(r.doc.states, stateRule{states: packet.AnyState, verdict: unknown, span: n.Get("state_policy").Span})
	}
	for _, item := range items {
		r.vyosStatePolicy(item)
	}
}

// vyosStatePolicy reads what happens to the packets of one state. Where it can't be
// read, it may be anything that happens to any packet.
func (r *reader) vyosStatePolicy(n *yamltree.Node) {
	before := r.errors
	s := stateRule{span: n.Span}
	if r.keys(n, "a state policy", "connection_type", "action", "log", "log_level") {
		t, _ := r.oneOf(n.Get("connection_type"), "connection_type", "established", "invalid", "related")
		s.states = map[string]packet.States{"established": packet.Established, "invalid": packet.Invalid, "related": packet.Related}[t]
		a, _ := r.oneOf(n.Get("action"), "action", "accept", "drop", "reject")
		s.verdict = map[string]verdict{"accept": permit, "drop": deny, "reject": reject}[a]
		if !n.Has("connection_type") || !n.Has("action") {
			r.errorf(n, "", `a state policy needs "connection_type" and "action"`)
		}
	}
	if r.errors > before {
		s.states, s.verdict = packet.AnyState, unknown
	}
	r.doc.states = append(r.doc.states, s)
}

func (r *reader) vyosGroupDef(n *yamltree.Node, kind string) {
	before := r.errors
	if !r.keys(n, "a group", "name", "afi", "description", "members") {
		return
	}
	name, span := r.name(n, "name", "a group")
	members := r.mappings(n.Get("members"), "members")
	if kind == "port group" {
		sets := []*packet.Ports{}
		for _, m := range members {
			if r.keys(m, "a member", "port") {
				sets = append(sets, r.ports(m.Get("port"), "port", "-", vyosPorts))
			}
		}
		r.doc.defs.addPorts(kind, name, &portDef{ports: packet.Union(sets...), opaque: r.errors > before || len(sets) == 0, span: span})
		return
	}
	def := &addressDef{span: span}
	for _, m := range members {
		if r.keys(m, "a member", "address") {
			r.address(&def.addrs, m.Get("address"), "a member")
		}
	}
	def.opaque = r.errors > before || def.addrs.isEmpty()
	r.doc.defs.addAddresses(kind, name, def)
}

// asaGroups reads the network groups of asa_ogs; of other groups only the names
// are known, so they stay unknown.
func (r *reader) asaGroups(n *yamltree.Node) {
	r.keys(n, "object groups of one type", "object_type", "object_groups")
	t, _ := r.oneOf(n.Get("object_type"), "object_type", "icmp-type", "network", "protocol", "security", "service", "user")
	if t != "network" {
		return
	}
	for _, g := range r.mappings(n.Get("object_groups"), "object_groups") {
		r.asaNetworkGroup(g)
	}
}

func (r *reader) asaNetworkGroup(g *yamltree.Node) {
	before := r.errors
	if !r.keys(g, "a network group", "name", "description", "network_object", "group_object") {
		return
	}
	name, span := r.name(g, "name", "an object group")
	def := &addressDef{span: span}
	objects := g.Get("network_object")
	if !objects.IsNull() && r.keys(objects, "network_object", "host", "address", "ipv6_address", "object") {
		for _, key := range []string{"host", "address", "ipv6_address"} {
			for _, item := range r.items(objects.Get(key)) {
				r.asaObject(&def.addrs, item)
			}
		}
	}
	for _, item := range r.items(g.Get("group_object")) {
		if s, ok := r.text(item, "group_object"); ok {
			def.members = append(def.members, s)
		}
	}
	def.opaque = r.errors > before || objects.Has("object") || def.addrs.isEmpty() && len(def.members) == 0
	r.doc.defs.addAddresses("object group", name, def)
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
		for _, k := range [][2]string{{"access_groups", "acls"}, {"access_rules", "rules"}} {
			key, inner := k[0], k[1]
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

// listInterfaces notes the interfaces of a list that binds ACLs: those with nothing
// but a name have none.
func (w *walker) listInterfaces(n *yamltree.Node) {
	if !slices.ContainsFunc(n.Items, func(i *yamltree.Node) bool { return i.Has("access_groups") || i.Has("access_rules") }) {
		return
	}
	for _, i := range n.Items {
		if name := i.Get("name"); name != nil && len(i.Pairs) == 1 && name.Kind == yamltree.Scalar && !name.IsTemplate() {
			w.doc.listed = append(w.doc.listed, name.Text)
		}
	}
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
	before, told := r.errors, r.told
	read()
	if own := r.errors - before - (r.told - told); own > 0 {
		r.doc.bindings = append(r.doc.bindings, binding{iface: b.iface, family: packet.AnyFamily, broken: true, span: n.Span})
		r.told += own
	}
}
