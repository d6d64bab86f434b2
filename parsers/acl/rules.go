package acl

import (
	"fmt"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// chain compiles a list into a chain that is called. With end it decides every
// packet of the list's families; without, what no entry matches goes back.
func (d *definitions) chain(l *list, end bool) *model.Chain {
	c := &model.Chain{Name: l.name, Default: model.Action{Kind: model.Return}, Span: l.span}
	c.Rules = make([]model.Rule, 0, len(l.entries)+1)
	for i := range l.entries {
		c.Rules = d.appendRules(c.Rules, l, &l.entries[i])
	}
	if end {
		r := model.Rule{Where: packet.Any(), Action: action(l.fallback, "what happens to the rest is not known", l.span), Span: l.span}
		r.Where.Family = l.family
		if r.Note = "default"; l.implicit {
			r.Note = "implicit " + fallbackName(l.fallback)
		}
		c.Rules = append(c.Rules, r)
	}
	return c
}

func fallbackName(v verdict) string {
	switch v {
	case permit:
		return "permit"
	case reject:
		return "reject"
	case unknown:
		return "default that the export does not show"
	}
	return "deny"
}

func action(v verdict, reason string, span source.Span) model.Action {
	switch v {
	case permit:
		return model.Action{Kind: model.Accept}
	case deny:
		return model.Action{Kind: model.Drop}
	case reject:
		return model.Action{Kind: model.Reject}
	case next:
		return model.Action{Kind: model.Continue}
	}
	return undecided("unreadable", reason, "", span)
}

// undecided returns the action that may be anything. Its answer is one for each
// place and packet.
func undecided(kind, text, supply string, span source.Span) model.Action {
	l := span.Location()
	return model.Action{Kind: model.Undecided, Unknown: &model.Condition{
		Kind: kind, Text: text, Key: fmt.Sprintf("%s:%s:%s:%d:%d", kind, text, l.File, l.Line, l.Column), Memory: model.PerPacket, Supply: supply, Span: span,
	}}
}

// appendRules compiles one entry: one rule, or one for each family and for each
// group that is known or not.
func (d *definitions) appendRules(rules []model.Rule, l *list, e *entry) []model.Rule {
	family := l.family
	if e.family != 0 {
		family &= e.family
	}
	for _, src := range d.alternatives(&e.source, "source", family) {
		for _, dst := range d.alternatives(&e.destination, "destination", family) {
			if family != packet.AnyFamily || !needsFamily(&src) && !needsFamily(&dst) {
				rules = appendRule(rules, e, family, &src, &dst)
				continue
			}
			rules = appendRule(rules, e, packet.IPv4, &src, &dst)
			rules = appendRule(rules, e, packet.IPv6, &src, &dst)
		}
	}
	return rules
}

func needsFamily(a *alternative) bool { return a.v4 != nil || a.v6 != nil || a.mask != nil }

func appendRule(rules []model.Rule, e *entry, f packet.Family, src, dst *alternative) []model.Rule {
	r := model.Rule{Where: packet.Any(), Span: e.span, Note: e.note}
	w := &r.Where
	w.Family, w.Protocol, w.Flags = f, e.protocol, e.flags
	if e.states != 0 {
		w.State = e.states
	}
	w.SrcPort, w.DstPort, w.ICMP = src.ports, dst.ports, e.icmp
	switch f {
	case packet.IPv4:
		w.Src, w.Dst = src.v4, dst.v4
	case packet.IPv6:
		w.Src, w.Dst = src.v6, dst.v6
	}
	var t model.Tests
	for _, m := range []*model.AddrMask{src.mask, dst.mask} {
		if m != nil {
			t.Masks = append(t.Masks, *m)
		}
	}
	if w.IsEmpty() {
		return rules
	}
	t.OneOf = e.oneOf
	t.Unknown = append(t.Unknown, e.conditions...)
	t.Unknown = append(append(t.Unknown, src.unknown...), dst.unknown...)
	if t.OneOf != nil || t.Masks != nil || t.Unknown != nil {
		r.Tests = &t
	}
	r.Action = action(e.verdict, e.reason, e.span)
	return append(rules, r)
}
