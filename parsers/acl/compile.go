package acl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// answers are the states of packets that belong to a connection which was let through.
const answers = packet.Established | packet.Related

// compiler builds one firewall.
type compiler struct {
	in     Input
	diags  diag.List
	defs   definitions
	lists  []*list
	byName map[string][]*list
	zones  []*zonePolicy
	broken bool
	chains map[*list]*model.Chain
	fw     *model.Firewall
	// unsure are the lists that another export's task may take away, and
	// unsureBound what is bound, likewise.
	unsure      map[*list]bool
	unsureBound map[*binding]bool
	// anything: a task may change any ACL.
	anything bool
}

// Compile builds the firewall of the exports and the interfaces that their ACLs
// are bound to. Errors of origin Topology say that the topology and the exports do
// not fit; of origin Export, that a name can't be resolved.
func Compile(in Input) (*model.Firewall, diag.List) {
	c := &compiler{in: in, chains: map[*list]*model.Chain{}, fw: &model.Firewall{Name: in.Name, Interfaces: in.Interfaces}}
	var all []*list
	for _, d := range in.Docs {
		c.fw.Exports = append(c.fw.Exports, model.Export{File: d.File.Name, Format: "acl", RuleCount: d.RuleCount})
		c.broken = c.broken || d.Broken
		c.define(d)
		all = append(all, d.lists...)
		if d.zoned != nil {
			c.zones = append(c.zones, d.zoned)
		}
	}
	all = append(all, c.aerleonLists()...)
	c.otherExports()
	c.lists = c.distinct(all)
	if slices.ContainsFunc(c.lists, func(l *list) bool {
		return slices.ContainsFunc(l.entries, func(e entry) bool { return e.laterFragments })
	}) {
		c.fw.Assumptions = append(c.fw.Assumptions, model.Assumption{ID: "no-fragments", Message: "no packet of the flows is fragmented: ACL entries for later fragments are passed over"})
	}
	c.bind()
	return c.fw, c.diags
}

// define takes over what an export defines. A name that two exports define
// differently can't be resolved.
func (c *compiler) define(d *Doc) {
	c.defs.addresses = mergeMap(c.defs.addresses, d.defs.addresses, func(name string, a, b *addressDef) { c.defineTwice(name, a.span, b.span) })
	c.defs.ports = mergeMap(c.defs.ports, d.defs.ports, func(name string, a, b *portDef) { c.defineTwice(name, a.span, b.span) })
	c.defs.networks = mergeMap(c.defs.networks, d.defs.networks, func(name string, a, b *networkDef) { c.defineTwice("network "+name, a.span, b.span) })
	c.defs.services = mergeMap(c.defs.services, d.defs.services, func(name string, a, b *serviceDef) { c.defineTwice("service "+name, a.span, b.span) })
	c.defs.zones = mergeMap(c.defs.zones, d.defs.zones, func(string, []string, []string) {})
	c.defs.zonesUnsure = c.defs.zonesUnsure || d.defs.zonesUnsure
}

func (c *compiler) defineTwice(name string, first, second source.Span) {
	l := first.Location()
	c.diags.Errorf(diag.Export, second, "The first definition is used here. Remove one.", "%s is defined in %s, line %d already", name, l.File, l.Line)
}

// distinct returns the lists with one for each name and family. Equal copies are
// one; of copies that differ nobody can tell which one the device has.
func (c *compiler) distinct(all []*list) []*list {
	byName := map[string][]*list{}
	c.byName = byName
	var out []*list
	for _, l := range all {
		n := slices.IndexFunc(byName[l.name], func(o *list) bool { return o.family&l.family != 0 })
		if n < 0 {
			own := *l // the export may be another firewall's too
			if c.ownEntries(&own); c.unsure[l] || c.anything {
				own.entries = []entry{changedEntry(l.span)}
			}
			byName[l.name] = append(byName[l.name], &own)
			out = append(out, &own)
			continue
		}
		if o := byName[l.name][n]; !sameList(o, l) || c.unsure[l] {
			c.differs(o, l)
		}
	}
	return out
}

// differs makes a list unknown of which there is another one. What is not read, or
// not sure, is reported already.
func (c *compiler) differs(o, l *list) {
	e := brokenEntry(l.span)
	e.reason = fmt.Sprintf("the ACL %s has several definitions", l.name)
	if o.unread || l.unread || c.unsure[l] || c.anything {
		e = changedEntry(l.span)
	} else {
		at := o.span.Location()
		c.diags.Errorf(diag.Export, l.span, "Neither is used: what it does is unknown. Tasks that merge add up on the device, which is not worked out here; else which one it has can't be told. "+
			"Give the ACL as the device has it, once, or replace it in the last task (state: replaced).",
			"the ACL %q is defined differently in %s, line %d", l.name, at.File, at.Line)
	}
	o.entries, o.fallback, o.family, o.unread = []entry{e}, unknown, o.family|l.family, o.unread || l.unread
}

// changedEntry is for what tasks that are not read, or whose order is not told, may
// have changed.
func changedEntry(span source.Span) entry {
	e := brokenEntry(span)
	e.reason = "a task may have changed this ACL"
	return e
}

// ownEntries gives a list whose entries have keys entries of its own, no two of one key.
func (c *compiler) ownEntries(l *list) {
	if !slices.ContainsFunc(l.entries, func(e entry) bool { return e.key != "" }) {
		return
	}
	l.entries = slices.Clone(l.entries)
	entries := make([]*entry, len(l.entries))
	for i := range l.entries {
		entries[i] = &l.entries[i]
	}
	c.distinctKeys(entries, fmt.Sprintf("the ACL %q", l.name))
}

// chain returns a list's chain; one for all the interfaces that the list is bound to.
func (c *compiler) chain(l *list) *model.Chain {
	if ch := c.chains[l]; ch != nil {
		return ch
	}
	ch := c.defs.chain(l, true)
	c.chains[l] = ch
	c.fw.Chains = append(c.fw.Chains, ch)
	return ch
}

// base returns a new base chain of the filter.
func (c *compiler) base(name string, span source.Span) *model.Chain {
	ch := &model.Chain{Name: name, Default: model.Action{Kind: model.Accept}, Priority: model.PriorityFilter, Span: span}
	c.fw.Chains = append(c.fw.Chains, ch)
	return ch
}

// call appends to a base chain what a list bound there does: the answers of a
// stateful one pass, then the list is asked.
func (c *compiler) call(ch *model.Chain, where packet.Box, l *list, span source.Span) {
	where.Family &= l.family
	if l.stateful {
		r := model.Rule{Where: where, Action: model.Action{Kind: model.Accept}, Span: l.span, Note: "stateful: answers pass"}
		r.Where.State = answers
		ch.Rules = append(ch.Rules, r)
	}
	ch.Rules = append(ch.Rules, model.Rule{Where: where, Action: model.Action{Kind: model.Jump, Chain: c.chain(l)}, Span: span})
}

// named returns the lists of a name that filter one of the families.
func (c *compiler) named(name string, f packet.Family) []*list {
	var out []*list
	for _, l := range c.byName[name] {
		if l.family&f != 0 {
			out = append(out, l)
		}
	}
	return out
}

// undefined reports a bound name that no export defines, and appends a rule that
// may do anything.
func (c *compiler) undefined(ch *model.Chain, where packet.Box, b boundACL) {
	if other := c.byName[b.acl]; len(other) > 0 {
		c.diags.Errorf(b.origin, b.span, "An ACL filters the packets of its own family only.", "the ACL %q is one for %s, and it is bound for %s", b.acl, other[0].family, b.family)
	} else if !c.broken {
		names := make([]string, 0, len(c.lists))
		for _, l := range c.lists {
			names = append(names, l.name)
		}
		slices.Sort(names)
		detail := "The exports define no ACL."
		if names = slices.Compact(names); len(names) > 20 {
			detail = "The exports define " + strings.Join(names[:20], ", ") + " and others."
		} else if len(names) > 0 {
			detail = diag.Legal(b.acl, names)
		}
		c.diags.Errorf(b.origin, b.span, detail, "no export of the firewall %q defines the ACL %q", c.in.Name, b.acl)
	}
	ch.Rules = append(ch.Rules, model.Rule{Where: where, Span: b.span,
		Action: undecided("uncovered", fmt.Sprintf("the ACL %s, which no export defines", b.acl), "the export that defines the ACL "+b.acl, b.span)})
}

// sameList tells whether two lists filter alike.
func sameList(a, b *list) bool {
	return a.family == b.family && a.stateful == b.stateful && a.fallback == b.fallback && slices.EqualFunc(a.entries, b.entries, sameEntry)
}

func sameEntry(a, b entry) bool {
	return a.verdict == b.verdict && a.verdict != unknown && a.family == b.family && a.protocol == b.protocol && a.flags == b.flags &&
		a.states == b.states && a.icmp.Equal(b.icmp) && sameSide(&a.source, &b.source) && sameSide(&a.destination, &b.destination) &&
		slices.EqualFunc(a.conditions, b.conditions, func(x, y model.Condition) bool { return x.Key == y.Key && x.Not == y.Not }) &&
		slices.EqualFunc(a.oneOf, b.oneOf, func(x, y model.OneOf) bool {
			return x.Not == y.Not && slices.EqualFunc(x.Boxes, y.Boxes, func(p, q packet.Box) bool { return p.Equal(&q) })
		})
}

func sameSide(a, b *side) bool {
	sameGroup := func(x, y group) bool { return x.kind == y.kind && x.name == y.name && x.not == y.not }
	return a.excluded == b.excluded && a.v4.Equal(b.v4) && a.v6.Equal(b.v6) && a.ports.Equal(b.ports) && (a.mask == nil) == (b.mask == nil) &&
		(a.mask == nil || *a.mask == *b.mask) && slices.EqualFunc(a.groups, b.groups, sameGroup) && slices.EqualFunc(a.portGroups, b.portGroups, sameGroup)
}
