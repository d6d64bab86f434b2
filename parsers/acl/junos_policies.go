package acl

import (
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// junosPolicies reads junos_security_policies: the policies between zones.
func (r *reader) junosPolicies(n *yamltree.Node) {
	r.keys(n, "the security policies", "from_zones", "global")
	z := r.doc.zoned
	if z == nil {
		z = &zonePolicy{schema: schemaJunosZones, span: n.Span}
		r.doc.zoned = z
	}
	for _, from := range r.mappings(n.Get("from_zones"), "from_zones") {
		if !r.keys(from, "a zone", "name", "to_zones") {
			continue
		}
		fromName, _ := r.name(from, "name", "a zone")
		for _, to := range r.mappings(from.Get("to_zones"), "to_zones") {
			if !r.keys(to, "a zone", "name", "policies") {
				continue
			}
			toName, span := r.name(to, "name", "a zone")
			l := &list{name: fromName + " to " + toName, schema: schemaJunosZones, family: packet.AnyFamily, fallback: deny, span: span}
			for _, p := range r.mappings(to.Get("policies"), "policies") {
				l.entries = append(l.entries, r.entryOf(p, func() entry { return r.junosPolicy(p, fromName, toName) }))
			}
			z.pairs = append(z.pairs, zonePair{from: fromName, to: toName, list: l})
		}
	}
	global := n.Get("global")
	if global.IsNull() || !r.keys(global, "global", "policies") {
		return
	}
	for _, p := range r.mappings(global.Get("policies"), "policies") {
		var g globalEntry
		before := r.errors
		g.entry = r.entryOf(p, func() entry {
			g.from = r.junosGlobalZones(p.Get("match").Get("from_zone"), "from_zone")
			g.to = r.junosGlobalZones(p.Get("match").Get("to_zone"), "to_zone")
			return r.junosPolicy(p, "", "")
		})
		if r.errors > before {
			g.from, g.to = nil, nil
		}
		z.global = append(z.global, g)
	}
}

func (r *reader) junosGlobalZones(n *yamltree.Node, what string) []string {
	if n.IsNull() || !r.keys(n, what, "any", "names", "junos_host") || r.boolean(n.Get("any"), "any") {
		return nil
	}
	var out []string
	for _, item := range r.items(n.Get("names")) {
		if s, ok := r.text(item, what); ok {
			out = append(out, s)
		}
	}
	if r.boolean(n.Get("junos_host"), "junos_host") {
		out = append(out, "junos-host")
	}
	if len(out) == 0 {
		r.errorf(n, `Expected "names" or "any: true".`, "%s names no zone", what)
	}
	return out
}

func (r *reader) junosPolicy(n *yamltree.Node, from, to string) entry {
	e := anyEntry(n.Span)
	if !r.keys(n, "a policy", "name", "description", "match", "then", "scheduler_name") {
		return e
	}
	e.key, _ = r.name(n, "name", "a policy")
	e.note = multiline(n, func() string { return describe(n) })
	match := n.Get("match")
	if match == nil {
		r.errorf(n, "", `a policy has no "match"`)
		return e
	}
	if !r.keys(match, "match", "source_address", "source_address_excluded", "destination_address", "destination_address_excluded", "application",
		"dynamic_application", "source_identity", "source_end_user_profile", "url_category", "from_zone", "to_zone") {
		return e
	}
	e.source = r.junosAddress(match, "source_address", from)
	e.destination = r.junosAddress(match, "destination_address", to)
	r.junosApplication(match.Get("application"), match, &e)
	for _, key := range []string{"dynamic_application", "source_identity", "url_category", "source_end_user_profile"} {
		v := match.Get(key)
		if isOff(v) || r.boolean(v.Get("any"), "any") || r.boolean(v.Get("none"), "none") {
			continue
		}
		e.conditions = append(e.conditions, condition(key, strings.ReplaceAll(key, "_", " ")+" "+describe(v), v.Span))
	}
	if s := n.Get("scheduler_name"); !isOff(s) {
		name, _ := r.text(s, "scheduler_name")
		e.conditions = append(e.conditions, condition("time", "the scheduler "+name, s.Span))
	}
	r.junosThen(n, &e)
	return e
}

func (r *reader) junosThen(n *yamltree.Node, e *entry) {
	then := n.Get("then")
	if then == nil {
		r.errorf(n, "", `a policy has no "then"`)
		return
	}
	if !r.keys(then, "then", "permit", "deny", "reject", "count", "log") {
		return
	}
	verdicts := 0
	for i, key := range []string{"permit", "deny", "reject"} {
		a := then.Get(key)
		on := a
		if a != nil && a.Kind == yamltree.Map && !a.IsTemplate() {
			on = a.Get("enable")
		}
		if a == nil || !(a.Kind == yamltree.Map && on == nil) && !r.boolean(on, key) {
			continue
		}
		verdicts++
		e.verdict = []verdict{permit, deny, reject}[i]
		if key != "permit" || a.Kind != yamltree.Map {
			continue
		}
		for _, p := range a.Pairs {
			if isOff(p.Value) {
				continue
			}
			e.conditions = append(e.conditions, condition("service", "permit with "+p.Key.Text, p.Key.Span))
		}
	}
	if verdicts != 1 {
		r.errorf(then, `Expected one of "permit", "deny" and "reject".`, "a policy has %d actions", verdicts)
	}
}

func (r *reader) junosAddress(match *yamltree.Node, key, zone string) side {
	var s side
	v := match.Get(key)
	if v == nil {
		r.errorf(match, "", "match has no %q", key)
		return s
	}
	if !r.keys(v, key, "addresses", "any", "any_ipv4", "any_ipv6") {
		return s
	}
	v4, v6 := r.boolean(v.Get("any_ipv4"), "any_ipv4"), r.boolean(v.Get("any_ipv6"), "any_ipv6")
	s.excluded = r.boolean(match.Get(key+"_excluded"), key+"_excluded")
	names := r.items(v.Get("addresses"))
	if r.boolean(v.Get("any"), "any") || len(names) == 1 && names[0].Text == "any" {
		v4, v6, names = true, true, nil
	}
	if s.excluded && len(names) == 0 { // all but every address
		v4, v6, s.excluded = !v4, !v6, false
		if !v4 && !v6 {
			s.v4, s.v6 = noAddrs(), noAddrs()
			return s
		}
	}
	if !v4 {
		s.v4 = noAddrs()
	}
	if !v6 {
		s.v6 = noAddrs()
	}
	for _, item := range names {
		name, ok := r.text(item, key)
		if !ok {
			continue
		}
		s.groups = append(s.groups, group{kind: bookKind(zone), name: name, supply: "the address book (junos_security_zones)", span: item.Span})
	}
	if len(names) == 0 && !v4 && !v6 {
		r.errorf(v, `Expected "addresses", "any", "any_ipv4" or "any_ipv6".`, "%s is empty", key)
	}
	return s
}

// junosApplication reads the names of applications. Those that Junos defines
// itself and that have a fixed port are known, "any" is any, others are conditions.
func (r *reader) junosApplication(v, match *yamltree.Node, e *entry) {
	if v == nil {
		r.errorf(match, "", `match has no "application"`)
		return
	}
	if !r.keys(v, "application", "any", "names") {
		return
	}
	names := r.items(v.Get("names"))
	if r.boolean(v.Get("any"), "any") {
		if len(names) > 0 {
			r.errorf(v, "Only one can be.", `application has both "any" and "names"`)
		}
		return
	}
	if len(names) == 0 {
		r.errorf(v, `Expected "names" or "any".`, "application is empty")
	}
	var boxes []packet.Box
	unknown := false
	for _, item := range names {
		name, ok := r.text(item, "application")
		if ok && name == "any" {
			return
		}
		b, ok := junosApplications[name]
		if !ok {
			unknown = true
			continue
		}
		boxes = append(boxes, b)
	}
	if unknown {
		e.conditions = append(e.conditions, model.Condition{Kind: "application", Text: "application " + describe(v), Key: "application:" + describe(v), Memory: model.PerFlow, Span: v.Span})
		return
	}
	e.oneOf = append(e.oneOf, model.OneOf{Boxes: boxes})
}

// junosApplications are the predefined applications with one fixed port (Junos,
// "Predefined Junos OS Applications").
var junosApplications = map[string]packet.Box{
	"junos-ssh": portBox(packet.TCP, 22), "junos-telnet": portBox(packet.TCP, 23), "junos-smtp": portBox(packet.TCP, 25), "junos-http": portBox(packet.TCP, 80),
	"junos-https": portBox(packet.TCP, 443), "junos-dns-tcp": portBox(packet.TCP, 53), "junos-dns-udp": portBox(packet.UDP, 53), "junos-ntp": portBox(packet.UDP, 123),
	"junos-tftp": portBox(packet.UDP, 69), "junos-ldap": portBox(packet.TCP, 389), "junos-syslog": portBox(packet.UDP, 514), "junos-smb-session": portBox(packet.TCP, 445),
	"junos-nbname": portBox(packet.UDP, 137), "junos-nbds": portBox(packet.UDP, 138), "junos-imap": portBox(packet.TCP, 143), "junos-pop3": portBox(packet.TCP, 110),
	"junos-bgp": portBox(packet.TCP, 179), "junos-finger": portBox(packet.TCP, 79), "junos-whois": portBox(packet.TCP, 43),
}

func portBox(protocol uint8, port packet.Port) packet.Box {
	b := packet.Any()
	b.Protocol, b.DstPort = packet.OneProtocol(protocol), packet.Only(port)
	return b
}
