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

// binding is what an export says about an interface: which ACL it applies.
type binding struct {
	iface  string
	out    bool
	acl    string
	family packet.Family
	// broken: what the interface applies could not be read; iface "" is each.
	broken bool
	gone   bool // a later task takes it away
	span   source.Span
}

// boundACL is an ACL that an interface applies in one direction.
type boundACL struct {
	acl    string
	family packet.Family
	span   source.Span
	origin diag.Origin // who is at fault where no export defines it
}

// port is an interface with what it applies.
type port struct {
	name    string
	zone    string
	in, out []boundACL
	// broken is where a binding stands that could not be read, or that may be
	// this interface's; why says so.
	broken source.Span
	why    string
	// matched: an export binds something to an interface of this name.
	matched bool
}

// isBound tells whether something is known, or feared, to be applied there.
func (p *port) isBound() bool { return len(p.in)+len(p.out) > 0 || p.why != "" }

// bind makes the base chains of the hooks.
func (c *compiler) bind() {
	ports := c.ports()
	bound := slices.ContainsFunc(ports, func(p port) bool { return p.isBound() })
	if len(c.zones) > 0 {
		c.bindZones(ports)
	}
	switch {
	case bound:
		c.bindPorts(ports)
	case len(c.lists) > 0 && len(c.zones) == 0:
		c.unbound(len(ports) > 0)
	}
	if !c.in.Host {
		out := c.base("locally generated", source.Span{})
		out.Default = undecided("uncovered", "packets that the router itself sends", "", source.Span{})
		c.fw.Hooks[model.Output] = []*model.Chain{out}
	}
}

// hook calls base chains where packets pass: what comes in and what goes out of a
// router is forwarded, on a host it is its own.
func (c *compiler) hook(in, out *model.Chain) {
	hooks := &c.fw.Hooks
	hooks[model.Input] = append(hooks[model.Input], in)
	if c.in.Host {
		hooks[model.Output] = append(hooks[model.Output], out)
		return
	}
	if hooks[model.Forward] = append(hooks[model.Forward], in); out != in {
		hooks[model.Forward] = append(hooks[model.Forward], out)
	}
}

// ports joins the topology's interfaces with the bindings of the exports.
func (c *compiler) ports() []port {
	var bindings []binding
	for _, d := range c.in.Docs {
		for i := range d.bindings {
			b := d.bindings[i]
			b.broken = b.broken || c.unsureBound[&d.bindings[i]]
			bindings = append(bindings, b)
		}
	}
	out := make([]port, 0, len(c.in.Interfaces))
	used := make([]bool, len(bindings))
	for _, i := range c.in.Interfaces {
		p := port{name: i.Name, zone: i.Zone}
		for n, b := range bindings {
			if b.iface != "" && !sameInterface(i.Name, b.iface) {
				continue
			}
			if used[n], p.matched = true, true; b.broken {
				p.broken, p.why = b.span, unreadableBinding
				continue
			}
			side := &p.in
			if b.out {
				side = &p.out
			}
			if e := (boundACL{b.acl, b.family, b.span, diag.Export}); !slices.ContainsFunc(*side, func(o boundACL) bool { return o.acl == e.acl && o.family == e.family }) {
				*side = append(*side, e)
			}
		}
		p.in = c.join(i, "in", p.in, i.In)
		p.out = c.join(i, "out", p.out, i.Out)
		out = append(out, p)
	}
	if len(c.in.Interfaces) == 0 {
		return c.exportPorts(bindings)
	}
	c.unusedBindings(bindings, used, out)
	return out
}

const unreadableBinding = "what the export says about the ACLs of the interface could not be read"

// join adds the topology's bindings to those of the exports. Both name the same or
// one of them names none.
func (c *compiler) join(i model.Interface, direction string, exported []boundACL, topology []model.Binding) []boundACL {
	if len(topology) == 0 {
		return exported
	}
	out := make([]boundACL, 0, len(topology)+len(exported))
	clash := false
	for _, b := range topology {
		out = append(out, boundACL{b.ACL, packet.AnyFamily, b.Span, diag.Topology})
		if len(exported) > 0 && !slices.ContainsFunc(exported, func(e boundACL) bool { return e.acl == b.ACL }) {
			clash = true
			at := exported[0].span.Location()
			c.diags.Errorf(diag.Topology, b.Span, "Make them agree, or leave acl_"+direction+" out: the export's binding is used then.",
				"the topology binds the ACL %q to %s (acl_%s), but %s, line %d binds %q", b.ACL, i.Name, direction, at.File, at.Line, exported[0].acl)
		}
	}
	for _, e := range exported {
		if !clash && !slices.ContainsFunc(topology, func(b model.Binding) bool { return b.ACL == e.acl }) {
			out = append(out, e)
		}
	}
	return out
}

// exportPorts are the interfaces of the exports, where the topology has none.
func (c *compiler) exportPorts(bindings []binding) []port {
	var out []port
	for _, b := range bindings {
		n := slices.IndexFunc(out, func(p port) bool { return p.name == b.iface })
		if n < 0 {
			n = len(out)
			out = append(out, port{name: b.iface})
		}
		e := boundACL{b.acl, b.family, b.span, diag.Export}
		if b.broken {
			out[n].broken, out[n].why = b.span, unreadableBinding
		} else if b.out {
			out[n].out = append(out[n].out, e)
		} else {
			out[n].in = append(out[n].in, e)
		}
	}
	return out
}

// unusedBindings reports exports whose interfaces the topology calls otherwise:
// their ACLs would silently count for nothing. An interface that may be one of them
// is undecided.
func (c *compiler) unusedBindings(bindings []binding, used []bool, ports []port) {
	var unused []binding
	for n, b := range bindings {
		if !used[n] {
			unused = append(unused, b)
		}
	}
	if len(unused) == 0 {
		return
	}
	named := len(unused) < len(bindings)
	var suspects []string
	for n := range ports {
		p := &ports[n]
		if p.matched || len(p.in) > 0 && len(p.out) > 0 || c.isListed(p.name) {
			continue
		}
		if at := slices.IndexFunc(unused, func(b binding) bool { return !otherInterface(p.name, b.iface) }); at >= 0 {
			suspects = append(suspects, p.name)
			if named { // else no interface has an ACL, and each may count
				p.broken, p.why = unused[at].span, "the export binds no ACL to "+p.name+", unless it is "+unused[at].iface
			}
		}
	}
	var theirs []string
	for _, b := range unused {
		theirs = append(theirs, b.iface)
	}
	slices.Sort(theirs)
	text := strings.Join(slices.Compact(theirs), ", ")
	switch {
	case !named:
		var ours []string
		for _, i := range c.in.Interfaces {
			ours = append(ours, i.Name)
		}
		c.diags.Errorf(diag.Topology, unused[0].span, sameNames, "the export binds ACLs to %s, and the topology's firewall %q has none of them but %s", text, c.in.Name, strings.Join(ours, ", "))
	case len(suspects) > 0:
		c.diags.Errorf(diag.Topology, unused[0].span, sameNames, "the export binds ACLs to %s, which the topology's firewall %q does not have; it has %s, for which the export binds none",
			text, c.in.Name, strings.Join(suspects, ", "))
	}
}

const sameNames = "Name the interfaces in the topology as the device does."

// isListed tells whether an export lists the interface, so that it has just what
// is bound to it there.
func (c *compiler) isListed(name string) bool {
	return slices.ContainsFunc(c.in.Docs, func(d *Doc) bool {
		return slices.ContainsFunc(d.listed, func(l string) bool { return sameInterface(name, l) })
	})
}

// otherInterface tells whether two names are surely not those of one interface:
// they are of one kind, and their numbers differ.
func otherInterface(a, b string) bool {
	wordA, numberA := splitInterface(a)
	wordB, numberB := splitInterface(b)
	shape := func(number string) string {
		return strings.Map(func(c rune) rune {
			if c >= '0' && c <= '9' {
				return -1
			}
			return c
		}, number)
	}
	return numberA != "" && numberB != "" && numberA != numberB && shape(numberA) == shape(numberB) && sameKind(wordA, wordB)
}

// sameInterface compares names as devices do: case does not matter, blanks neither,
// and "Gi0/1" is GigabitEthernet0/1.
func sameInterface(a, b string) bool {
	wordA, numberA := splitInterface(a)
	wordB, numberB := splitInterface(b)
	if numberA != numberB || wordA == wordB {
		return numberA == numberB
	}
	return numberA != "" && sameKind(wordA, wordB)
}

// sameKind tells whether one word is the other or its beginning.
func sameKind(a, b string) bool {
	return a == b || len(a) >= 2 && len(b) >= 2 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

// splitInterface returns an interface's name in two: "gigabitethernet" and "0/1".
func splitInterface(name string) (word, number string) {
	name = strings.ToLower(strings.ReplaceAll(name, " ", ""))
	n := strings.IndexAny(name, "0123456789")
	if n < 0 {
		return name, ""
	}
	return name[:n], name[n:]
}

// bindPorts makes the chains "ingress" and "egress", in which each interface asks
// the ACLs that it applies. A packet to the router itself meets the first only.
func (c *compiler) bindPorts(ports []port) {
	ingress, egress := c.base("ingress", source.Span{}), c.base("egress", source.Span{})
	c.globalStates(ingress)
	c.globalStates(egress)
	asa := slices.ContainsFunc(c.lists, func(l *list) bool { return l.schema == schemaASA })
	for _, p := range ports {
		in, out := packet.Any(), packet.Any()
		if p.name != "" { // of a binding without a name any interface may be meant
			in.In, out.Out = packet.OneName(p.name), packet.OneName(p.name)
		}
		if p.why != "" {
			a := undecided("uncovered", p.why, "interface blocks with acl_in and acl_out", p.broken)
			for ch, where := range map[*model.Chain]packet.Box{ingress: in, egress: out} {
				ch.Rules = append(ch.Rules, model.Rule{Where: where, Action: a, Span: p.broken})
			}
		}
		c.apply(ingress, in, p.in)
		c.apply(egress, out, p.out)
		if asa && len(p.in) == 0 {
			c.securityLevel(ingress, in, p.name)
		}
	}
	for _, ch := range []*model.Chain{ingress, egress} {
		ch.Rules = append(ch.Rules, model.Rule{Where: packet.Any(), Action: model.Action{Kind: model.Accept}, Note: "no ACL is bound here"})
	}
	c.hook(ingress, egress)
}

// apply appends the ACLs that are bound in one place. A device applies one for
// each family there.
func (c *compiler) apply(ch *model.Chain, where packet.Box, bound []boundACL) {
	var families packet.Family
	for _, b := range bound {
		lists := c.named(b.acl, b.family)
		if len(lists) == 0 {
			w := where
			if w.Family = b.family &^ families; w.Family == 0 {
				w.Family = b.family
			}
			c.undefined(ch, w, b)
			continue
		}
		for _, l := range lists {
			if both := families & l.family; both != 0 {
				c.diags.Errorf(b.origin, b.span, "A device applies one ACL for each family in each direction. Where an ACL of the plain schema filters one family only, say so with `family`.",
					"the ACL %q filters %s, and so does another one that is bound there too", b.acl, both)
			}
			families |= l.family
			c.call(ch, where, l, b.span)
		}
	}
}

// securityLevel appends what an ASA does on an interface without an ACL: answers
// pass, and the security levels decide about the rest.
func (c *compiler) securityLevel(ch *model.Chain, where packet.Box, name string) {
	pass := where
	pass.State = answers
	ch.Rules = append(ch.Rules, model.Rule{Where: pass, Action: model.Action{Kind: model.Accept}, Note: "stateful: answers pass"})
	a := undecided("security-level", fmt.Sprintf("the security levels of the ASA decide about %s, which has no ACL", name), "acl_in for the interface "+name, source.Span{})
	a.NeverContinues, a.Unknown.Memory = true, model.PerFlow
	ch.Rules = append(ch.Rules, model.Rule{Where: where, Action: a, Note: "no ACL on " + name})
}

// unbound is what can be said where no interface applies an ACL: each may stand in
// the way. So what all of them permit passes for sure, and what one of them denies
// passes where that one does not apply.
func (c *compiler) unbound(interfaces bool) {
	if interfaces {
		c.diags.Add(diag.Diagnostic{Severity: diag.Warning, Origin: diag.Topology, Span: c.lists[0].span,
			Summary: fmt.Sprintf("no interface of the firewall %q applies an ACL, so each ACL may count or not", c.in.Name),
			Detail:  "Write acl_in and acl_out in the interface blocks."})
	}
	base := c.base("all ACLs", source.Span{})
	c.globalStates(base)
	for _, l := range c.lists {
		where := packet.Any()
		where.Family = l.family
		if l.stateful {
			where.State &^= answers
		}
		base.Rules = append(base.Rules, model.Rule{Where: where, Action: model.Action{Kind: model.Jump, Chain: c.possible(l)}, Span: l.span})
	}
	c.hook(base, base)
}

// possible returns the chain of a list that may apply or not: what it permits goes
// on to the next list, what it denies is undecided.
func (c *compiler) possible(l *list) *model.Chain {
	ch := c.chain(l)
	text := fmt.Sprintf("whether the ACL %s applies on the way", l.name)
	for i := range ch.Rules {
		switch a := &ch.Rules[i].Action; a.Kind {
		case model.Accept:
			*a = model.Action{Kind: model.Return}
		case model.Drop, model.Reject:
			*a = model.Action{Kind: model.Undecided, NeverContinues: true, Unknown: &model.Condition{Kind: "binding", Text: text,
				Key: fmt.Sprintf("binding:%s:%d", l.name, l.family), Memory: model.PerFlow, Supply: "interface blocks with acl_in and acl_out", Span: l.span}}
		}
	}
	return ch
}
