package acl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// touched is what a task may change: the ACLs and interfaces of these names, or all.
type touched struct {
	acls       []aclName
	interfaces []string
	all        bool
}

// aclName is an ACL; name "" is each of the family.
type aclName struct {
	name   string
	family packet.Family
}

func (t *touched) isEmpty() bool { return !t.all && len(t.acls)+len(t.interfaces) == 0 }

// String names what is touched, for a message.
func (t *touched) String() string {
	var parts []string
	for _, a := range t.acls {
		text := fmt.Sprintf("the ACL %q", a.name)
		if a.name == "" {
			text = fmt.Sprintf("the ACLs for %s", a.family)
		}
		if !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	for _, i := range t.interfaces {
		if text := "what " + i + " applies"; !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	if len(parts) > 5 {
		parts = append(parts[:5], "others")
	}
	return strings.Join(parts, " and ")
}

// touch makes unknown what a task may change, wherever the rest of it is defined. An
// ACL of which only the name is known stands for its unknown part.
func (d *Doc) touch(t touched, span source.Span) {
	if t.all {
		d.anything = append(d.anything, span)
		d.bindings = append(d.bindings, binding{family: packet.AnyFamily, broken: true, span: span})
		return
	}
	for _, a := range t.acls {
		if a.name == "" {
			d.anything = append(d.anything, span)
			continue
		}
		for _, f := range []packet.Family{packet.IPv4, packet.IPv6} {
			if a.family&f != 0 {
				d.lists = append(d.lists, &list{name: a.name, family: f, fallback: unknown, implicit: true, unread: true, entries: []entry{brokenEntry(span)}, span: span})
			}
		}
	}
	for _, i := range t.interfaces {
		d.bindings = append(d.bindings, binding{iface: i, family: packet.AnyFamily, broken: true, span: span})
	}
}

// change is a task that takes away what was on the device.
type change struct {
	module module
	touched
	// replaces: it puts others of the same names there.
	replaces bool
	// unsure: what it takes away can't be told.
	unsure bool
	at     source.Span
}

// hits tells whether the change concerns an ACL, and whether all of it.
func (ch *change) hits(l *list) (hit, whole bool) {
	if ch.module.kind != writesACLs && ch.module.kind != noModule || ch.module.schema != "" && ch.module.schema != l.schema && !l.unread {
		return false, false
	}
	if ch.all {
		return true, true
	}
	var families packet.Family
	for _, a := range ch.acls {
		if a.name == "" || a.name == l.name {
			families |= a.family
		}
	}
	return families&l.family != 0, l.family&^families == 0
}

// hitsBinding tells whether the change concerns what an interface applies.
func (ch *change) hitsBinding(b *binding) bool {
	if ch.module.kind != writesBindings && ch.module.kind != noModule {
		return false
	}
	return ch.all || slices.ContainsFunc(ch.interfaces, func(i string) bool { return sameInterface(i, b.iface) })
}

// maxWork bounds how often changes are held against what they may change.
const maxWork = 20_000_000

func (ch *change) cost(d *Doc) int {
	return (1+len(ch.acls))*(1+len(d.lists)) + (1+len(ch.interfaces))*(1+len(d.bindings))
}

// apply applies a change to what was read so far. What a change that is not sure
// concerns is unknown.
func (w *walker) apply(ch change) {
	d := w.doc
	d.changes = append(d.changes, ch)
	if w.work += ch.cost(d); w.work > maxWork {
		if !w.spent {
			w.spent = true
			w.errors++
			w.diags.Errorf(diag.Export, ch.at, "What the device has after them is unknown.", "the tasks of this file change ACLs more than %d times, which is the limit", maxWork)
			d.touch(touched{all: true}, ch.at)
		}
		return
	}
	sure := w.unsure == 0 && !ch.unsure
	for _, l := range d.lists {
		if hit, whole := ch.hits(l); hit && sure && whole {
			l.gone = true
		} else if hit {
			l.entries = []entry{brokenEntry(ch.at)}
		}
	}
	for i := range d.bindings {
		if b := &d.bindings[i]; ch.hitsBinding(b) {
			b.gone, b.broken = b.gone || sure, b.broken || !sure
		}
	}
	if z := d.zoned; z != nil && (ch.module.schema == schemaJunosZones || ch.module.kind == noModule) {
		z.take(sure && ch.all, ch.at)
	}
	if ch.module.kind == writesNames || ch.module.kind == noModule {
		d.defs.spoil(ch.at)
	}
}

// take takes all policies away; where that is not sure they are unknown.
func (z *zonePolicy) take(sure bool, span source.Span) {
	for i := range z.pairs {
		if z.pairs[i].gone = z.pairs[i].gone || sure; !sure {
			z.pairs[i].list.entries = []entry{brokenEntry(span)}
		}
	}
	for i := range z.global {
		if z.global[i].gone = z.global[i].gone || sure; !sure {
			z.global[i] = globalEntry{entry: brokenEntry(span)}
		}
	}
}

// dropGone drops what later tasks took away. Until then all of it keeps its place, as
// marks count it.
func (d *Doc) dropGone() {
	d.lists = slices.DeleteFunc(d.lists, func(l *list) bool { return l.gone })
	d.bindings = slices.DeleteFunc(d.bindings, func(b binding) bool { return b.gone })
	if z := d.zoned; z != nil {
		z.pairs = slices.DeleteFunc(z.pairs, func(p zonePair) bool { return p.gone })
		z.global = slices.DeleteFunc(z.global, func(g globalEntry) bool { return g.gone })
	}
}

// otherExports finds what the tasks of one export would take away from another: which
// of them runs last is not told, so that is unknown.
func (c *compiler) otherExports() {
	c.unsure, c.unsureBound = map[*list]bool{}, map[*binding]bool{}
	work := 0
	for _, d := range c.in.Docs {
		c.anything = c.anything || len(d.anything) > 0
		for _, other := range c.in.Docs {
			told := other == d
			for i := range d.changes {
				ch := &d.changes[i]
				if other == d || ch.replaces {
					continue
				}
				if work += ch.cost(other); work > maxWork {
					c.anything = true
				}
				if found := work > maxWork || c.takesFrom(ch, other); found && !told {
					told = true
					c.diags.Errorf(diag.Export, ch.at, "Give what the device has, or all tasks in one file in the order in which they run.",
						"this task takes away what %s puts on the device, unless that comes later", other.File.Name)
				}
			}
		}
	}
}

// takesFrom tells whether a change would take away what another export has, and makes
// that unknown.
func (c *compiler) takesFrom(ch *change, other *Doc) bool {
	found := false
	for _, l := range other.lists {
		if hit, _ := ch.hits(l); hit {
			c.unsure[l], found = true, true
		}
	}
	for i := range other.bindings {
		if b := &other.bindings[i]; ch.hitsBinding(b) {
			c.unsureBound[b], found = true, true
		}
	}
	if other.zoned != nil && ch.module.schema == schemaJunosZones {
		c.anything, found = true, true
	}
	return found
}
