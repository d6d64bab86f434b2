package acl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// zonePolicy is the policy of a stateful firewall that filters between zones.
type zonePolicy struct {
	schema string
	pairs  []zonePair
	// global entries are asked after the pair's.
	global []globalEntry
	span   source.Span
}

// zonePair is the policy from one zone to another.
type zonePair struct {
	from, to string
	list     *list
	gone     bool // a later task takes it away
}

// globalEntry is an entry for the zones that it names; none is every zone.
type globalEntry struct {
	from, to []string
	entry    entry
	gone     bool // a later task takes it away
}

// bindZones makes the base chain "zones": answers pass, the pair of the packet's
// zones is asked, then the global policy; the rest is dropped.
func (c *compiler) bindZones(ports []port) {
	z := joinZones(c.zones)
	c.distinctPolicies(z)
	ch := c.base("zones", z.span)
	pass := packet.Any()
	pass.State = answers
	ch.Rules = append(ch.Rules, model.Rule{Where: pass, Action: model.Action{Kind: model.Accept}, Span: z.span, Note: "stateful: answers pass"})
	known := map[string]bool{}
	for _, p := range z.pairs {
		known[p.from], known[p.to] = true, true
	}
	for _, g := range z.global {
		for _, name := range slices.Concat(g.from, g.to) {
			known[name] = true
		}
	}
	for name := range c.defs.zones {
		known[name] = true
	}
	c.unknownZones(ch, z, ports, known)
	for _, p := range z.pairs {
		target := c.defs.chain(p.list, false)
		c.fw.Chains = append(c.fw.Chains, target)
		c.zoneRule(ch, ports, []string{p.from}, []string{p.to}, model.Rule{Where: packet.Any(), Span: p.list.span,
			Action: model.Action{Kind: model.Jump, Chain: target}})
	}
	for _, g := range z.global {
		l := &list{name: "global", family: packet.AnyFamily, entries: []entry{g.entry}}
		for _, r := range c.defs.chain(l, false).Rules {
			c.zoneRule(ch, ports, g.from, g.to, r)
		}
	}
	if z.schema == "paloalto" { // traffic inside a zone has a default of its own
		for _, name := range slices.Sorted(maps.Keys(known)) {
			c.zoneRule(ch, ports, []string{name}, []string{name}, model.Rule{Where: packet.Any(), Span: z.span,
				Action: undecided("zone", "the default inside the zone "+name, "", z.span)})
		}
	}
	ch.Rules = append(ch.Rules, model.Rule{Where: packet.Any(), Action: model.Action{Kind: model.Drop}, Span: z.span, Note: "implicit deny between zones"})
	c.fw.Hooks[model.Forward] = append(c.fw.Hooks[model.Forward], ch)
}

// joinZones makes one policy of those of several exports.
func joinZones(all []*zonePolicy) *zonePolicy {
	z := &zonePolicy{schema: all[0].schema, span: all[0].span}
	for _, o := range all {
		z.pairs, z.global = append(z.pairs, o.pairs...), append(z.global, o.global...)
	}
	return z
}

// distinctPolicies breaks the policies of one name between the same zones, which may
// stand in several parts, and the global ones of one name.
func (c *compiler) distinctPolicies(z *zonePolicy) {
	byPair := map[string][]*entry{}
	var pairs []string
	for i, p := range z.pairs {
		own := *p.list // the export may be another firewall's too
		if own.entries = slices.Clone(own.entries); c.anything {
			own.entries = append([]entry{changedEntry(own.span)}, own.entries...)
		}
		z.pairs[i].list = &own
		if byPair[own.name] == nil {
			pairs = append(pairs, own.name)
		}
		for n := range own.entries {
			byPair[own.name] = append(byPair[own.name], &own.entries[n])
		}
	}
	for _, name := range pairs {
		c.distinctKeys(byPair[name], "the policies from "+name)
	}
	if c.anything {
		z.global = append([]globalEntry{{entry: changedEntry(z.span)}}, z.global...)
	}
	global := make([]*entry, len(z.global))
	for i := range z.global {
		global[i] = &z.global[i].entry
	}
	for _, i := range c.distinctKeys(global, "the global policies") {
		z.global[i].from, z.global[i].to = nil, nil
	}
}

// unknownZones appends a rule for each interface of which no zone of the policy is
// known: what happens there is unknown, not denied.
func (c *compiler) unknownZones(ch *model.Chain, z *zonePolicy, ports []port, known map[string]bool) {
	for _, p := range ports {
		if slices.ContainsFunc(c.zonesOf(p), func(name string) bool { return known[name] }) {
			continue
		}
		text := fmt.Sprintf("the zone of the interface %s, which the export does not tell", p.name)
		for _, out := range []bool{false, true} {
			r := model.Rule{Where: packet.Any(), Span: z.span, Note: "no zone known for " + p.name,
				Action: undecided("zone", text, "the security zones with their interfaces, or the device's zone names in the topology", z.span)}
			r.Action.NeverContinues = true
			if r.Where.In = packet.OneName(p.name); out {
				r.Where.In, r.Where.Out = nil, packet.OneName(p.name)
			}
			ch.Rules = append(ch.Rules, r)
		}
	}
}

// zonesOf returns the zones that an interface may be: by the exports' zones, by its
// topology's zone, or by its own name.
func (c *compiler) zonesOf(p port) []string {
	for name, interfaces := range c.defs.zones {
		if slices.ContainsFunc(interfaces, func(i string) bool { return sameInterface(p.name, i) }) {
			return []string{name}
		}
	}
	if c.defs.zonesUnsure {
		return nil
	}
	// A zone whose interfaces the export lists does not have this one.
	return slices.DeleteFunc([]string{p.zone, p.name}, func(name string) bool { return len(c.defs.zones[name]) > 0 })
}

// zoneRule appends a rule for the packets between zones. Where the interfaces are
// not known, the zones are a condition.
func (c *compiler) zoneRule(ch *model.Chain, ports []port, from, to []string, r model.Rule) {
	if len(ports) == 0 {
		if len(from) > 0 || len(to) > 0 {
			text := fmt.Sprintf("from zone %s to zone %s", anyZone(from), anyZone(to))
			t := model.Tests{}
			if r.Tests != nil {
				t = *r.Tests
			}
			t.Unknown = append(t.Unknown[:len(t.Unknown):len(t.Unknown)], model.Condition{Kind: "zone", Text: text, Key: "zone:" + text, Memory: model.PerFlow,
				Supply: "interface blocks with their zones", Span: r.Span})
			r.Tests = &t
		}
		ch.Rules = append(ch.Rules, r)
		return
	}
	if len(from) > 0 {
		r.Where.In = c.zoneInterfaces(ports, from)
	}
	if len(to) > 0 {
		r.Where.Out = c.zoneInterfaces(ports, to)
	}
	if !r.Where.IsEmpty() {
		ch.Rules = append(ch.Rules, r)
	}
}

func anyZone(names []string) string {
	if len(names) == 0 {
		return "any"
	}
	return strings.Join(names, " or ")
}

// zoneInterfaces returns the names of the interfaces that are in one of the zones.
func (c *compiler) zoneInterfaces(ports []port, zones []string) *packet.Names {
	out := &packet.Names{}
	for _, p := range ports {
		if slices.ContainsFunc(c.zonesOf(p), func(name string) bool { return slices.Contains(zones, name) }) {
			out = out.Union(packet.OneName(p.name))
		}
	}
	return out
}
