package acl

import (
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// platform says what an Aerleon target generates.
type platform struct {
	zones    bool // policies between zones, on a stateful firewall
	stateful bool
	// mixedName is put before the name of the IPv6 half of a mixed filter; where it
	// is "" the filter has both families under one name.
	mixedName string
	anyFamily bool // one list filters both families
	// keyed: a term's name is its key on the device, so the generator refuses two of
	// one name.
	keyed bool
}

// aerleonPlatforms are the targets that are read (Aerleon, docs "Generators").
var aerleonPlatforms = map[string]platform{
	"cisco": {mixedName: "ipv6-"}, "ciscoxr": {mixedName: "ipv6-"}, "cisconx": {mixedName: "ipv6-"}, "arista": {mixedName: "ipv6-"}, "brocade": {mixedName: "ipv6-"},
	"ciscoasa": {stateful: true, anyFamily: true}, "juniper": {keyed: true}, "arista_tp": {keyed: true}, "aruba": {},
	"srx": {zones: true, keyed: true}, "paloalto": {zones: true, keyed: true},
}

// aerleonLists expands the filters for each target, now that all names are known.
func (c *compiler) aerleonLists() []*list {
	includes := map[string][]aerleonTerm{}
	for _, d := range c.in.Docs {
		for name, terms := range d.includes {
			includes[name] = terms
		}
	}
	x := &expander{compiler: c, includes: includes, resolved: map[string]*side{}}
	var out []*list
	for _, d := range c.in.Docs {
		for i := range d.policies {
			f := &d.policies[i]
			terms := x.included(f.terms, 0)
			for _, t := range f.targets {
				out = append(out, x.target(f, t, terms)...)
			}
		}
	}
	return out
}

// expander turns terms into entries.
type expander struct {
	*compiler
	includes map[string][]aerleonTerm
	visits   int
	resolved map[string]*side // networks by name
}

// The limits of includes: Aerleon's own depth, and a total that nothing sensible reaches.
const (
	maxIncludeDepth = 5
	maxIncluded     = 200_000
)

func (x *expander) included(terms []aerleonTerm, depth int) []aerleonTerm {
	var out []aerleonTerm
	for _, t := range terms {
		if x.visits++; t.include == "" {
			out = append(out, t)
			continue
		}
		more, ok := x.includes[t.include]
		switch {
		case !ok:
			x.errorf(t, "Give the file as another export of the same firewall.", "the included file %q is not given", t.include)
		case depth >= maxIncludeDepth || x.visits > maxIncluded:
			x.errorf(t, "", "includes are nested more than %d deep or stand for more than %d terms, which are the limits", maxIncludeDepth, maxIncluded)
		default:
			out = append(out, x.included(more, depth+1)...)
			continue
		}
		out = append(out, aerleonTerm{node: t.node, broken: true})
	}
	return out
}

func (x *expander) errorf(t aerleonTerm, detail, format string, args ...any) {
	x.diags.Errorf(diag.Export, t.node.Span, detail, format, args...)
}

// target makes the lists that the filter is for one target.
func (x *expander) target(f *aerleonFilter, t aerleonTarget, terms []aerleonTerm) []*list {
	p := aerleonPlatforms[t.platform]
	if p.zones {
		x.zoneTarget(f, t, terms)
		return nil
	}
	if len(t.words) == 0 {
		x.diags.Errorf(diag.Export, t.span, `Expected "`+t.platform+`: NAME".`, "the target %s has no filter name", t.platform)
		return nil
	}
	l := &list{name: t.words[0], schema: schemaAerleon, family: packet.IPv4, stateful: p.stateful, fallback: deny, implicit: true, span: t.span}
	if p.stateful {
		l.schema = schemaASA
	}
	has := func(w string) bool { return slices.Contains(t.words[1:], w) }
	switch {
	case p.anyFamily || has("mixed") && p.mixedName == "":
		l.family = packet.AnyFamily
	case has("inet6"):
		l.family = packet.IPv6
	case has("mixed"):
		v6 := *l
		v6.name, v6.family = p.mixedName+l.name, packet.IPv6
		l.entries, v6.entries = x.entries(terms, t, packet.IPv4), x.entries(terms, t, packet.IPv6)
		return []*list{l, &v6}
	}
	l.entries = x.entries(terms, t, l.family)
	return []*list{l}
}

// zoneTarget adds a policy between two zones: "from-zone A to-zone B".
func (x *expander) zoneTarget(f *aerleonFilter, t aerleonTarget, terms []aerleonTerm) {
	var from, to string
	for i := 0; i+1 < len(t.words); i++ {
		switch t.words[i] {
		case "from-zone":
			from = t.words[i+1]
		case "to-zone":
			to = t.words[i+1]
		}
	}
	if from == "" || to == "" {
		x.diags.Errorf(diag.Export, t.span, `Expected "from-zone A to-zone B".`, "the target %s names no zones", t.platform)
		return
	}
	family := packet.AnyFamily
	if slices.Contains(t.words, "inet") {
		family = packet.IPv4
	} else if slices.Contains(t.words, "inet6") {
		family = packet.IPv6
	}
	entries := x.entries(terms, t, family)
	z := &zonePolicy{schema: t.platform, span: t.span}
	if from == "all" || from == "any" || to == "all" || to == "any" {
		for _, e := range entries {
			g := globalEntry{entry: e}
			if from != "all" && from != "any" {
				g.from = []string{from}
			}
			if to != "all" && to != "any" {
				g.to = []string{to}
			}
			z.global = append(z.global, g)
		}
	} else {
		z.pairs = []zonePair{{from: from, to: to, list: &list{name: from + " to " + to, schema: schemaAerleon, family: family, entries: entries, span: t.span}}}
	}
	x.zones = append(x.zones, z)
}

func (x *expander) entries(terms []aerleonTerm, t aerleonTarget, f packet.Family) []entry {
	var out []entry
	if aerleonPlatforms[t.platform].keyed {
		terms = x.distinctNames(terms, t, f)
	}
	for _, term := range terms {
		if term.broken {
			out = append(out, brokenEntry(term.node.Span))
			continue
		}
		before := len(x.diags)
		entries := x.term(term, t, f)
		if len(x.diags) > before && x.diags[before:].HasErrors() {
			entries = []entry{brokenEntry(term.node.Span)}
		}
		out = append(out, entries...)
	}
	return out
}

// distinctNames breaks the terms of the target that share a name.
func (x *expander) distinctNames(terms []aerleonTerm, t aerleonTarget, f packet.Family) []aerleonTerm {
	var names namesakes
	for i := range terms {
		if name := terms[i].node.Get("name"); name != nil && !x.skipped(&terms[i], t, f) {
			names.add(i, name.Text)
		}
	}
	if len(names.clashes) == 0 {
		return terms
	}
	terms = slices.Clone(terms)
	names.report(&x.diags, "the filter for "+t.platform, func(i int) source.Span { return terms[i].node.Span })
	for _, c := range names.clashes {
		terms[c.first].broken, terms[c.second].broken = true, true
	}
	return terms
}

func (t *aerleonTerm) has(key, text string) bool {
	return slices.ContainsFunc(t.lists[key], func(w word) bool { return w.text == text })
}

// skipped tells whether the generator leaves the term out for this target.
func (x *expander) skipped(t *aerleonTerm, target aerleonTarget, f packet.Family) bool {
	if len(t.lists["platform"]) > 0 && !t.has("platform", target.platform) || t.has("platform-exclude", target.platform) {
		return true
	}
	if e := t.lists["expiration"]; len(e) > 0 && x.in.Today != "" && e[0].text <= x.in.Today { // both are YYYY-MM-DD
		return true
	}
	if aerleonPlatforms[target.platform].zones && (t.has("option", "established") || t.has("option", "tcp-established")) {
		return true // a stateful firewall passes answers itself
	}
	// A term with the other family's ICMP is not rendered at all.
	return f == packet.IPv4 && t.has("protocol", "icmpv6") || f == packet.IPv6 && t.has("protocol", "icmp")
}

func (x *expander) term(t aerleonTerm, target aerleonTarget, f packet.Family) []entry {
	if x.skipped(&t, target, f) {
		return nil
	}
	base := anyEntry(t.node.Span)
	base.note = multiline(t.node, func() string { return describe(t.node) })
	if v := t.node.Get("verbatim"); v != nil {
		base.verdict, base.reason = unknown, "the term is verbatim text of the platform"
		return []entry{base}
	}
	switch t.lists["action"][0].text { // one of aerleonActions
	case "deny":
		base.verdict = deny
	case "reject", "reject-with-tcp-rst":
		base.verdict = reject
	case "next":
		base.verdict = next
	}
	if e := t.lists["expiration"]; len(e) > 0 && x.in.Today == "" {
		base.conditions = append(base.conditions, condition("time", "the term expires on "+e[0].text, e[0].span))
	}
	for _, key := range aerleonNarrow {
		if v := t.node.Get(key); v != nil {
			base.conditions = append(base.conditions, condition(key, key+" "+describe(v), v.Span))
		}
	}
	for _, w := range t.lists["restrict-address-family"] {
		if base.family = packet.IPv4; w.text == "inet6" {
			base.family = packet.IPv6
		}
	}
	x.addresses(&t, target, &base)
	x.ports(&t, &base)
	return x.protocols(&t, base)
}

func (x *expander) addresses(t *aerleonTerm, target aerleonTarget, e *entry) {
	src, dst := x.side(t, "source", e), x.side(t, "destination", e)
	src.ports, dst.ports = e.source.ports, e.destination.ports
	e.source, e.destination = src, dst
	either := t.lists["address"]
	if len(either) == 0 {
		return
	}
	if slices.Contains(target.words, "standard") {
		s := x.networks(t, either)
		e.source = s
		return
	}
	s := x.networks(t, either)
	if len(s.groups) > 0 || strings.HasPrefix(target.platform, "cisco") || target.platform == "arista" {
		// These generators do not render "address" of an extended list alike.
		e.conditions = append(e.conditions, condition("address", "address "+describe(t.node.Get("address")), either[0].span))
		return
	}
	var boxes []packet.Box
	for _, f := range []packet.Family{packet.IPv4, packet.IPv6} {
		a, b := packet.Any(), packet.Any()
		a.Family, b.Family = f, f
		a.Src, b.Dst = s.addrs(f), s.addrs(f)
		boxes = append(boxes, a, b)
	}
	e.oneOf = append(e.oneOf, model.OneOf{Boxes: slices.DeleteFunc(boxes, func(b packet.Box) bool { return b.IsEmpty() })})
}

// side resolves the names of one side and takes its exceptions away.
func (x *expander) side(t *aerleonTerm, which string, e *entry) side {
	names := t.lists[which+"-address"]
	except := append(t.lists[which+"-exclude"], t.lists[which+"-address-exclude"]...)
	if len(names) == 0 {
		if len(except) > 0 {
			e.conditions = append(e.conditions, condition("exclude", which+"-exclude without "+which+"-address", except[0].span))
		}
		return side{}
	}
	s := x.networks(t, names)
	if len(except) == 0 {
		return s
	}
	not := x.networks(t, except)
	if len(not.groups) > 0 {
		e.conditions = append(e.conditions, condition("exclude", which+"-exclude with a DNS name", except[0].span))
	}
	s.v4, s.v6 = s.v4.Subtract(not.v4), s.v6.Subtract(not.v6)
	if s.v4.IsEmpty() && s.v6.IsEmpty() && len(s.groups) == 0 {
		x.diags.Warnf(diag.Export, except[0].span, "Aerleon drops such a term.", "%s-exclude leaves no address", which)
	}
	return s
}

// networks resolves names of networks. A name that no definitions file has is an
// error; a DNS name is a group that nobody knows.
func (x *expander) networks(t *aerleonTerm, names []word) side {
	var a addresses
	var s side
	for _, w := range names {
		one := x.resolved[w.text]
		if one == nil {
			one = &side{}
			var own addresses
			errors := len(x.diags)
			x.network(t, w, &own, one, 0, map[string]bool{})
			if one.v4, one.v6 = own.sets(); own.isEmpty() && len(one.groups) == 0 && len(x.diags) == errors {
				x.diags.Errorf(diag.Export, w.span, "Aerleon refuses a term with it.", "the network %q has no addresses", w.text)
			}
			if len(x.diags) == errors { // errors are told again, at each place
				x.resolved[w.text] = one
			}
		}
		a.v4, a.v6 = append(a.v4, one.v4), append(a.v6, one.v6)
		s.groups = append(s.groups, one.groups...)
	}
	s.v4, s.v6 = a.sets()
	return s
}

func (x *expander) network(t *aerleonTerm, w word, a *addresses, s *side, depth int, seen map[string]bool) {
	def := x.defs.networks[w.text]
	if def == nil || depth > maxGroupDepth {
		x.unresolved(w, "network", keysOf(x.defs.networks))
		return
	}
	switch at, visited := seen[w.text]; {
	case at:
		x.diags.Errorf(diag.Export, w.span, "", "the network %q contains itself", w.text)
		return
	case visited: // by another way
		return
	}
	seen[w.text] = true // on the way to here
	defer func() { seen[w.text] = false }()
	a.addAll(def.addrs)
	for _, d := range def.fqdns {
		s.groups = append(s.groups, group{kind: "DNS name", name: d.text, span: d.span})
	}
	for _, n := range def.names {
		x.network(t, n, a, s, depth+1, seen)
	}
}

func keysOf[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

func (x *expander) ports(t *aerleonTerm, e *entry) {
	e.source.ports = x.services(t, "source-port")
	e.destination.ports = x.services(t, "destination-port")
	if either := x.services(t, "port"); either != nil {
		a, b := packet.Any(), packet.Any()
		a.Protocol, b.Protocol = ported(), ported()
		a.SrcPort, b.DstPort = either, either
		e.oneOf = append(e.oneOf, model.OneOf{Boxes: []packet.Box{a, b}})
	}
}

// services resolves names of services: the ports that they have for the term's
// protocols, which Aerleon uses for each of its protocols.
func (x *expander) services(t *aerleonTerm, key string) *packet.Ports {
	names := t.lists[key]
	if len(names) == 0 {
		return nil
	}
	sets := []*packet.Ports{}
	for _, w := range names {
		errors := len(x.diags)
		found := x.service(t, w, 0, map[string]bool{})
		if len(found) == 0 && len(x.diags) == errors {
			x.diags.Errorf(diag.Export, w.span, "", "the service %q has no port for the term's protocol", w.text)
		}
		sets = append(sets, found...)
	}
	return packet.Union(sets...)
}

// unresolved reports a word that is not among the definitions of its kind.
func (x *expander) unresolved(w word, kind string, defined []string) {
	detail := "Give the definitions file (" + kind + "s:) as another export of the same firewall."
	if len(defined) > 0 {
		detail = "The definitions have no such " + kind + "."
		if near := diag.Suggest(w.text, defined); near != "" {
			detail += " Did you mean " + near + "?"
		}
	}
	x.diags.Errorf(diag.Export, w.span, detail, "the %s %q can't be resolved", kind, w.text)
}

func (x *expander) service(t *aerleonTerm, w word, depth int, seen map[string]bool) []*packet.Ports {
	def := x.defs.services[w.text]
	if def != nil && def.broken {
		x.diags.Errorf(diag.Export, w.span, "", "the service %q could not be read", w.text)
		return nil
	}
	if def == nil || depth > maxGroupDepth {
		x.unresolved(w, "service", keysOf(x.defs.services))
		return nil
	}
	if seen[w.text] {
		return nil
	}
	seen[w.text] = true
	var out []*packet.Ports
	for _, p := range def.ports {
		if t.has("protocol", p.protocol) {
			out = append(out, p.ports)
		}
	}
	for _, n := range def.names {
		out = append(out, x.service(t, n, depth+1, seen)...)
	}
	return out
}
