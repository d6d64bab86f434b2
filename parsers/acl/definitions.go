package acl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// definitions are the names that a firewall's exports define. Keys are "kind name".
type definitions struct {
	addresses map[string]*addressDef
	ports     map[string]*portDef
	// networks and services are Aerleon's.
	networks map[string]*networkDef
	services map[string]*serviceDef
	zones    map[string][]string // Junos: a zone's interfaces
	// zonesUnsure: a zone could not be read, so an interface that none of the others
	// has may be in any.
	zonesUnsure bool

	resolved map[string]*side // address groups by kind and name; nil: not known
}

// addressDef is a named set of addresses; members are names of further ones.
type addressDef struct {
	addrs   addresses
	members []string
	// opaque tells that it holds something that has no fixed addresses, such as a DNS name.
	opaque bool
	span   source.Span
}

type portDef struct {
	ports  *packet.Ports
	opaque bool // it may be others
	span   source.Span
}

// addAddresses adds a group. One that an export defines twice, and not alike, is not
// known: tasks that merge add up, others replace.
func (d *definitions) addAddresses(kind, name string, def *addressDef) {
	if d.addresses == nil {
		d.addresses = map[string]*addressDef{}
	}
	if old := d.addresses[kind+" "+name]; old != nil && !old.equal(def) {
		def.opaque = true
	}
	d.addresses[kind+" "+name] = def
}

func (a *addressDef) equal(b *addressDef) bool {
	a4, a6 := a.addrs.sets()
	b4, b6 := b.addrs.sets()
	return a.opaque == b.opaque && a4.Equal(b4) && a6.Equal(b6) && slices.Equal(a.members, b.members)
}

// addPorts is addAddresses for ports.
func (d *definitions) addPorts(kind, name string, def *portDef) {
	if d.ports == nil {
		d.ports = map[string]*portDef{}
	}
	if old := d.ports[kind+" "+name]; old != nil && (old.opaque || !old.ports.Equal(def.ports)) {
		def.opaque = true
	}
	d.ports[kind+" "+name] = def
}

// mergeMap adds the entries of from. An earlier export's definition counts; clash
// is told of those that both have.
func mergeMap[V any](into, from map[string]V, clash func(name string, first, second V)) map[string]V {
	if into == nil && len(from) > 0 {
		into = make(map[string]V, len(from))
	}
	for name, v := range from {
		if first, ok := into[name]; ok {
			clash(name, first, v)
			continue
		}
		into[name] = v
	}
	return into
}

const maxGroupDepth = 16

// resolve returns a group's addresses; false where they are not known.
func (d *definitions) resolve(kind, name string, depth int) (addresses, bool) {
	def := d.addresses[kind+" "+name]
	if def == nil || def.opaque || depth > maxGroupDepth {
		return addresses{}, false
	}
	out := addresses{v4: def.addrs.v4[:len(def.addrs.v4):len(def.addrs.v4)], v6: def.addrs.v6[:len(def.addrs.v6):len(def.addrs.v6)]}
	for _, m := range def.members {
		more, ok := d.resolve(kind, m, depth+1)
		if !ok {
			return addresses{}, false
		}
		out.addAll(more)
		if len(out.v4)+len(out.v6) > maxGroupAddresses {
			return addresses{}, false
		}
	}
	return out, true
}

// maxGroupAddresses bounds what nested groups may amount to; a larger one is unknown.
const maxGroupAddresses = 1 << 20

// group returns a group's addresses; nil where they are not known.
func (d *definitions) group(g group) *side {
	key := g.kind + " " + g.name
	if s, ok := d.resolved[key]; ok {
		return s
	}
	if d.resolved == nil {
		d.resolved = map[string]*side{}
	}
	d.resolved[key] = nil
	if set, ok := d.resolve(g.kind, g.name, 0); ok {
		s := &side{}
		s.v4, s.v6 = set.sets()
		d.resolved[key] = s
	}
	return d.resolved[key]
}

// alternative is one way in which a side can match: known sets, and a condition
// where a group is unknown.
type alternative struct {
	v4, v6  *packet.Addrs
	mask    *model.AddrMask
	ports   *packet.Ports
	unknown []model.Condition
}

// alternatives resolves a side's groups. What is known stays exact; what is not is
// an alternative under a condition.
func (d *definitions) alternatives(s *side, where string, f packet.Family) []alternative {
	var out []alternative
	for _, a := range d.addressAlternatives(s, where, f) {
		for _, p := range d.portAlternatives(s, where) {
			a := a
			a.ports = p.ports
			a.unknown = append(a.unknown[:len(a.unknown):len(a.unknown)], p.unknown...)
			out = append(out, a)
		}
	}
	return out
}

func (d *definitions) addressAlternatives(s *side, where string, f packet.Family) []alternative {
	known := alternative{v4: s.v4, v6: s.v6, mask: s.mask}
	if len(s.groups) == 0 {
		return []alternative{known}
	}
	found := addresses{v4: []*packet.Addrs{s.v4}, v6: []*packet.Addrs{s.v6}}
	var out []alternative
	for _, g := range s.groups {
		known := d.group(g)
		if known == nil {
			out = append(out, alternative{unknown: []model.Condition{groupCondition(g, where)}})
			continue
		}
		v4, v6 := known.v4, known.v6
		if g.not {
			v4, v6 = v4.Complement(), v6.Complement()
		}
		found.v4, found.v6 = append(found.v4, v4), append(found.v6, v6)
	}
	if s.excluded {
		return excluded(s, where, found, out)
	}
	known.v4, known.v6 = found.sets()
	if f&packet.IPv4 != 0 && !known.v4.IsEmpty() || f&packet.IPv6 != 0 && !known.v6.IsEmpty() {
		out = append([]alternative{known}, out...)
	}
	return out
}

// excluded is what a side that matches all but its groups matches: the rest, or a
// condition where one of them is unknown.
func excluded(s *side, where string, found addresses, unknown []alternative) []alternative {
	if len(unknown) == 0 {
		v4, v6 := found.sets()
		return []alternative{{v4: v4.Complement(), v6: v6.Complement()}}
	}
	names := make([]string, len(s.groups))
	for i, g := range s.groups {
		names[i] = g.name
	}
	c := unknown[0].unknown[0]
	in := " in " + s.groups[0].kind + " " + strings.Join(names, " or ")
	c.Text, c.Key, c.Not = where+" not"+in, "group:"+where+in, true
	return []alternative{{unknown: []model.Condition{c}}}
}

func (d *definitions) portAlternatives(s *side, where string) []alternative {
	if len(s.portGroups) == 0 {
		return []alternative{{ports: s.ports}}
	}
	found := []*packet.Ports{}
	if s.ports != nil {
		found = append(found, s.ports)
	}
	var out []alternative
	for _, g := range s.portGroups {
		def := d.ports[g.kind+" "+g.name]
		switch {
		case def == nil || def.opaque:
			out = append(out, alternative{unknown: []model.Condition{groupCondition(g, where)}})
		case g.not:
			found = append(found, def.ports.Complement())
		default:
			found = append(found, def.ports)
		}
	}
	if len(found) > 0 {
		out = append([]alternative{{ports: packet.Union(found...)}}, out...)
	}
	return out
}

func groupCondition(g group, where string) model.Condition {
	in := fmt.Sprintf(" in %s %s", g.kind, g.name)
	text := where + in
	if g.not {
		text = where + " not" + in
	}
	return model.Condition{Kind: "group", Text: text, Key: "group:" + where + in, Memory: model.PerFlow, Not: g.not, Supply: g.supply, Span: g.span}
}
