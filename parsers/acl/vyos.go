package acl

import (
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// stateRule is one line of VyOS's global state policy, which comes before each
// rule set.
type stateRule struct {
	states  packet.States
	verdict verdict
	span    source.Span
}

// globalStates appends the global state policies of the exports.
func (c *compiler) globalStates(ch *model.Chain) {
	for _, d := range c.in.Docs {
		for _, s := range d.states {
			r := model.Rule{Where: packet.Any(), Action: action(s.verdict, "this state policy could not be read", s.span), Span: s.span, Note: "state policy"}
			r.Where.State = s.states
			ch.Rules = append(ch.Rules, r)
		}
	}
}

func (r *reader) vyosRuleSets(n *yamltree.Node) {
	before := r.errors
	r.keys(n, "an address family", "afi", "rule_sets")
	family := packet.AnyFamily
	if n.Has("afi") {
		family, _ = r.family(n.Get("afi"))
	} else {
		r.errorf(n, "", `rule sets have no "afi"`)
	}
	wrong := r.errors > before
	first := len(r.doc.lists)
	for _, s := range r.mappings(n.Get("rule_sets"), "rule_sets") {
		r.vyosRuleSet(s, family)
	}
	for _, l := range r.doc.lists[first:] {
		if wrong {
			l.entries = []entry{brokenEntry(n.Span)}
		}
	}
}

func (r *reader) vyosRuleSet(n *yamltree.Node, family packet.Family) {
	before := r.errors
	if !r.keys(n, "a rule set", "name", "filter", "default_action", "default_jump_target", "description", "enable_default_log", "rules") {
		return
	}
	l := &list{schema: schemaVyOS, family: family, fallback: deny, implicit: true}
	key := "name"
	if !n.Has("name") && n.Has("filter") {
		key = "filter"
	}
	if l.name, l.span = r.name(n, key, "a rule set"); l.name == "" {
		return
	}
	if d := n.Get("default_action"); d != nil {
		l.implicit, l.span = false, d.Span
		switch s, _ := r.oneOf(d, "default_action", "accept", "drop", "reject", "jump"); s {
		case "accept":
			l.fallback = permit
		case "reject":
			l.fallback = reject
		case "jump":
			l.fallback = unknown
		}
	}
	items := r.mappings(n.Get("rules"), "rules")
	if r.errors > before {
		l.entries = append(l.entries, brokenEntry(n.Span))
	}
	var rules []numbered
	for _, rule := range items {
		number := 0
		disabled, before := false, r.errors
		e := r.entryOf(rule, func() entry {
			for _, key := range []string{"disable", "disabled"} {
				disabled = r.boolean(rule.Get(key), key) || disabled
			}
			if rule.Kind == yamltree.Map && !rule.Has("number") {
				r.errorf(rule, "", `a rule has no "number"`)
			}
			number, _ = r.number(rule.Get("number"), "number", 1, 999999)
			return r.vyosRule(rule)
		})
		if disabled && r.errors == before {
			e.verdict, e.note = next, "disabled"
		}
		rules = append(rules, numbered{number: number, node: rule, entry: e, lost: number == 0})
	}
	l.entries = append(l.entries, r.order(rules)...)
	r.doc.lists = append(r.doc.lists, l)
}

func (r *reader) vyosRule(n *yamltree.Node) entry {
	e := anyEntry(n.Span)
	if !r.keys(n, "a rule", "number", "action", "description", "protocol", "source", "destination", "state", "icmp", "tcp", "recent", "limit", "time",
		"ipsec", "fragment", "log", "disable", "disabled", "jump_target", "inbound_interface", "outbound_interface", "packet_length", "packet_length_exclude",
		"packet_type", "queue", "queue_options", "synproxy") {
		return e
	}
	e.note = multiline(n, func() string { return describe(n) })
	switch s, ok := r.oneOf(n.Get("action"), "action", "accept", "drop", "reject", "inspect", "continue", "return", "jump", "queue", "synproxy"); {
	case n.Get("action") == nil:
		r.errorf(n, "", `a rule has no "action"`)
	case !ok:
	case s == "drop":
		e.verdict = deny
	case s == "reject":
		e.verdict = reject
	case s == "continue":
		e.verdict = next
	case s != "accept":
		e.verdict, e.reason = unknown, "the action "+s
	}
	r.vyosProtocol(n.Get("protocol"), &e)
	e.source, e.destination = r.vyosSide(n, "source", &e), r.vyosSide(n, "destination", &e)
	if s := n.Get("state"); !isOff(s) && r.keys(s, "state", "new", "established", "related", "invalid") {
		for key, bit := range map[string]packet.States{"new": packet.New, "established": packet.Established, "related": packet.Related, "invalid": packet.Invalid} {
			if r.boolean(s.Get(key), key) {
				e.states |= bit
			}
		}
	}
	r.vyosTCP(n.Get("tcp"), &e)
	r.vyosICMP(n.Get("icmp"), &e)
	for _, key := range []string{"recent", "limit", "time", "ipsec", "fragment", "inbound_interface", "outbound_interface", "packet_length", "packet_length_exclude", "packet_type"} {
		v := n.Get(key)
		if isOff(v) {
			continue
		}
		c := condition(key, key+" "+describe(v), v.Span)
		if key == "recent" || key == "limit" {
			c.Memory = model.Fresh
		}
		e.conditions = append(e.conditions, c)
	}
	if f := n.Get("fragment"); f != nil && f.Text == "match-frag" {
		e.fragments()
	}
	return e
}

// vyosProtocol reads a protocol's name or number, "all", "tcp_udp" or one with "!".
func (r *reader) vyosProtocol(n *yamltree.Node, e *entry) {
	if n.IsNull() {
		return
	}
	s, ok := r.text(n, "protocol")
	if !ok {
		return
	}
	name, not := strings.CutPrefix(strings.ToLower(s), "!")
	p := packet.AnyProtocol
	switch name {
	case "all":
	case "tcp_udp":
		p = packet.OneProtocol(packet.TCP, packet.UDP)
	default:
		if p, ok = parseProtocol(name, nil); !ok {
			r.errorf(n, `Expected a protocol's name or number, "tcp_udp" or "all".`, "protocol is %q", s)
		}
	}
	if e.protocol = p; not {
		e.protocol = p.Not()
	}
}

func (r *reader) vyosSide(n *yamltree.Node, which string, e *entry) side {
	var s side
	v := n.Get(which)
	if v.IsNull() || !r.keys(v, which, "address", "port", "group", "mac_address", "fqdn") {
		return s
	}
	if a := v.Get("address"); !a.IsNull() {
		r.vyosAddress(a, which, &s)
	}
	if g := v.Get("group"); !g.IsNull() && r.keys(g, "group", "address_group", "network_group", "port_group") {
		for _, kind := range []string{"address_group", "network_group", "port_group"} {
			r.vyosGroup(g.Get(kind), kind, &s)
		}
	}
	if p := v.Get("port"); !p.IsNull() {
		if text, ok := r.text(p, which+" port"); ok {
			s.ports = r.vyosPorts(p, text, which)
		}
	}
	if (s.ports != nil || len(s.portGroups) > 0) && !within(e.protocol, ported()) {
		r.errorf(v, `Write "protocol: tcp", "udp" or "tcp_udp".`, "a rule has ports, but its protocol has none")
	}
	for _, key := range []string{"mac_address", "fqdn"} {
		if m := v.Get(key); !m.IsNull() {
			text, _ := r.text(m, key)
			e.conditions = append(e.conditions, condition(key, which+" "+key+" "+text, m.Span))
		}
	}
	return s
}

func (r *reader) vyosAddress(n *yamltree.Node, which string, s *side) {
	text, ok := r.text(n, which+" address")
	if !ok {
		return
	}
	plain, not := strings.CutPrefix(text, "!")
	set, f, ok := parseAddress(plain)
	if !ok {
		r.errorf(n, addressForms, "%s address is %q, which is no address", which, text)
		return
	}
	r.mappedAddress(n, plain)
	if not {
		set = set.Complement()
	}
	s.v4, s.v6 = noAddrs(), noAddrs()
	if f == packet.IPv4 {
		s.v4 = set
	} else {
		s.v6 = set
	}
}

func (r *reader) vyosGroup(n *yamltree.Node, kind string, s *side) {
	if n.IsNull() {
		return
	}
	text, ok := r.text(n, kind)
	if !ok {
		return
	}
	name, not := strings.CutPrefix(text, "!")
	word := strings.ReplaceAll(kind, "_", " ")
	g := group{kind: word, name: name, not: not, supply: "vyos_firewall_global with the " + word + " " + name, span: n.Span}
	if kind == "port_group" {
		s.portGroups = append(s.portGroups, g)
		return
	}
	if len(s.groups) > 0 || s.v4 != nil || s.v6 != nil {
		r.errorf(n, "VyOS would want both to match. Use one.", "a side has several of address, address_group and network_group")
		return
	}
	s.v4, s.v6 = noAddrs(), noAddrs()
	s.groups = append(s.groups, g)
}

// vyosPorts reads "22,80-90,!443". With exceptions only, all other ports match.
func (r *reader) vyosPorts(n *yamltree.Node, text, which string) *packet.Ports {
	var in, out []*packet.Ports
	for part := range strings.SplitSeq(text, ",") {
		part, not := strings.CutPrefix(strings.TrimSpace(part), "!")
		set, ok := parsePorts(part, "-", vyosPorts)
		switch {
		case !ok:
			r.errorf(n, portForms, "%s port is %q, which is no port", which, part)
		case not:
			out = append(out, set)
		default:
			in = append(in, set)
		}
	}
	switch {
	case len(out) == 0:
		return packet.Union(in...)
	case len(in) == 0:
		return packet.Union(out...).Complement()
	}
	return packet.Union(in...).Subtract(packet.Union(out...))
}

// vyosTCP reads flags: "SYN,!ACK", as iptables' --tcp-flags with those two as mask.
func (r *reader) vyosTCP(n *yamltree.Node, e *entry) {
	if isOff(n) || !r.keys(n, "tcp", "flags") {
		return
	}
	bits := map[string]int{"SYN": packet.SYN, "ACK": packet.ACK, "FIN": packet.FIN, "RST": packet.RST, "PSH": packet.PSH, "URG": packet.URG, "ALL": 63}
	mask, value := 0, 0
	for _, item := range r.items(n.Get("flags")) {
		if item.Kind == yamltree.Map { // newer releases: [{flag: syn, invert: true}]
			r.keys(item, "a flag", "flag", "invert")
			flag, _ := r.text(item.Get("flag"), "flag")
			if r.boolean(item.Get("invert"), "invert") {
				flag = "!" + flag
			}
			r.vyosFlag(item, flag, bits, &mask, &value)
			continue
		}
		text, _ := r.text(item, "flags")
		for flag := range strings.SplitSeq(text, ",") {
			r.vyosFlag(item, strings.TrimSpace(flag), bits, &mask, &value)
		}
	}
	if e.flags = packet.FlagsWhere(mask, value); e.protocol != packet.OneProtocol(packet.TCP) {
		r.errorf(n, `Write "protocol: tcp".`, "a rule has TCP flags, and its protocol is not tcp")
	}
}

func (r *reader) vyosFlag(n *yamltree.Node, flag string, bits map[string]int, mask, value *int) {
	name, not := strings.CutPrefix(strings.ToUpper(flag), "!")
	bit, ok := bits[name]
	if !ok {
		r.errorf(n, "Expected SYN, ACK, FIN, RST, PSH, URG or ALL, with ! for one that is not set.", "%q is no TCP flag", flag)
	}
	if *mask |= bit; !not {
		*value |= bit
	}
}

func (r *reader) vyosICMP(n *yamltree.Node, e *entry) {
	if isOff(n) || !r.keys(n, "icmp", "type", "code", "type_name") {
		return
	}
	one := e.protocol == packet.OneProtocol(packet.ICMP) || e.protocol == packet.OneProtocol(packet.ICMPv6)
	if !n.Has("type") || n.Has("type_name") || !one {
		e.conditions = append(e.conditions, condition("icmp", "icmp "+describe(n), n.Span))
		return
	}
	t := icmpType{code: -1}
	t.number, _ = r.number(n.Get("type"), "type", 0, 255)
	if c := n.Get("code"); !c.IsNull() {
		t.code, _ = r.number(c, "code", 0, 255)
	}
	e.icmp = t.types()
}
