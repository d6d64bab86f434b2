package engine_test

import (
	"testing"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/policies/engine"
)

func flags(mask, set int) ruleOption {
	return where(func(b *packet.Box) {
		b.Protocol, b.Flags = packet.OneProtocol(packet.TCP), packet.FlagsWhere(mask, set)
	})
}

func in(name string) ruleOption {
	return where(func(b *packet.Box) { b.In = packet.OneName(name) })
}

func connMark(n uint32) ruleOption {
	return func(r *model.Rule) {
		r.Tests = &model.Tests{Marks: []model.MarkTest{{Connection: true, Value: n, Mask: ^uint32(0)}}}
	}
}

func setConnMark(value, mask uint32) ruleOption {
	return func(r *model.Rule) {
		r.Action.Mark = &model.MarkChange{Operation: model.SetConnectionMark, Value: value, Mask: mask}
	}
}

// at puts chains of their own on hooks: raw before tracking, mangle after it.
type at struct {
	hook     model.Hook
	priority int
	rules    []model.Rule
}

func firewall(place engine.Place, filter *model.Chain, more ...at) *model.Firewall {
	fw := &model.Firewall{Name: "core"}
	fw.Hooks[map[engine.Place]model.Hook{engine.Through: model.Forward, engine.Loopback: model.Input}[place]] = []*model.Chain{filter}
	for _, m := range more {
		c := chain(model.Accept, m.rules...)
		c.Priority = m.priority
		fw.Hooks[m.hook] = append(fw.Hooks[m.hook], c)
	}
	return fw
}

func raw(rules ...model.Rule) at { return at{model.Prerouting, model.PriorityRaw, rules} }

func after(rules ...model.Rule) at { return at{model.Postrouting, model.PriorityMangle, rules} }

// TestTracking: what connection tracking, and rules that take packets out of it or mark
// connections, do to the packets that come later.
func TestTracking(t *testing.T) {
	const synOnly, anyBut = packet.SYN | packet.ACK, packet.Untracked | packet.New | packet.Invalid
	accept := func(s packet.States) *model.Chain { return chain(model.Drop, rule(model.Accept, state(s))) }
	noInvalid := chain(model.Accept, rule(model.Drop, state(packet.Invalid)))
	untrack := func(o ...ruleOption) model.Rule { return rule(model.Untrack, o...) }
	mark := func(n uint32, o ...ruleOption) model.Rule {
		return rule(model.SetMark, append(o, setConnMark(n, ^uint32(0)))...)
	}
	for _, test := range []struct {
		name  string
		place engine.Place
		rules *model.Chain
		more  []at
		want  string
	}{
		{"the SYN only untracked, any state", engine.Through, accept(packet.AnyState), []at{raw(untrack(flags(synOnly, packet.SYN)))}, "allowed"},
		{"the SYN only untracked, not established", engine.Through, accept(anyBut), []at{raw(untrack(flags(synOnly, packet.SYN)))}, "conditional"},
		{"the SYN only untracked: its answer is invalid", engine.Through, noInvalid, []at{raw(untrack(flags(synOnly, packet.SYN)))}, "blocked"},
		{"every packet untracked", engine.Through, accept(anyBut), []at{raw(untrack())}, "allowed"},
		{"every packet untracked, tracked accepted", engine.Through, accept(packet.New | packet.Established), []at{raw(untrack())}, "blocked"},
		{"the SYN+ACK only untracked, any state", engine.Through, accept(packet.AnyState), []at{raw(untrack(flags(synOnly, synOnly)))}, "allowed"},
		{"the SYN+ACK only untracked, no invalid", engine.Through, accept(packet.New | packet.Untracked | packet.Established), []at{raw(untrack(flags(synOnly, synOnly)))}, "blocked"},
		{"the close untracked, no invalid", engine.Through, noInvalid, []at{raw(untrack(flags(packet.FIN, packet.FIN)))}, "conditional"},
		{"all but the close untracked", engine.Through, noInvalid, []at{raw(rule(model.Accept, flags(packet.FIN, packet.FIN)), untrack())}, "conditional"},
		{"untracked shows at once", engine.Through, accept(packet.AnyState), []at{raw(untrack(), rule(model.Drop, state(packet.Untracked)))}, "blocked"},
		{"untracked is not invalid any more", engine.Through, accept(packet.AnyState), []at{raw(untrack(), rule(model.Drop, state(packet.Invalid)))}, "allowed"},
		{"on loopback it is too late to untrack", engine.Loopback, accept(packet.New | packet.Established), []at{raw(untrack())}, "allowed"},
		{"on loopback it is too late to untrack, untracked accepted", engine.Loopback, accept(packet.Untracked), []at{raw(untrack())}, "blocked"},
		{"data set a mark that drops the answers", engine.Through, chain(model.Accept, rule(model.Drop, in("eth1"), connMark(7))), []at{after(mark(7, flags(packet.PSH, packet.PSH)))}, "blocked"},
		{"the acknowledgement sets a mark that lets the data pass", engine.Through,
			chain(model.Drop, rule(model.Accept, in("eth0")), rule(model.Accept, flags(synOnly, synOnly)), rule(model.Accept, connMark(7))),
			[]at{after(mark(7, flags(synOnly, packet.ACK)))}, "allowed"},
		{"the answers set a mark that drops them", engine.Through, chain(model.Accept, rule(model.Drop, in("eth1"), connMark(7))), []at{after(mark(7))}, "blocked"},
		{"each packet turns the mark over", engine.Through, chain(model.Accept, rule(model.Drop, in("eth0"), connMark(0))),
			[]at{{model.Prerouting, model.PriorityMangle, []model.Rule{rule(model.SetMark, setConnMark(1, 0))}}}, "conditional"},
		{"who sends first decides", engine.Through, chain(model.Accept, rule(model.Drop, in("eth1"), flags(packet.PSH, packet.PSH), connMark(0))),
			[]at{{model.Forward, model.PriorityMangle, []model.Rule{mark(7, in("eth0"), flags(packet.PSH, packet.PSH))}}}, "conditional"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := space(t, "10.0.0.0/24", "10.1.0.0/24", 22)
			got := engine.Evaluate(engine.Query{Firewall: firewall(test.place, test.rules, test.more...), Place: test.place, Space: b, Answers: true})
			if v := verdict(got, need(b)); v != test.want {
				t.Errorf("got %s, want %s", v, test.want)
			}
			for _, l := range got.Legs {
				if doubt := l.May.SubtractSet(l.Surely); !doubt.IsEmpty() && len(l.DependsOn(doubt)) == 0 {
					t.Errorf("the %v is in doubt for no reason", l.Leg)
				}
			}
		})
	}
}
