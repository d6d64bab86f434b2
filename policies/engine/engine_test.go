package engine_test

import (
	"net/netip"
	"testing"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/policies/engine"
)

func nets(t *testing.T, texts ...string) *packet.Addrs {
	t.Helper()
	var sets []*packet.Addrs
	for _, text := range texts {
		set, _ := packet.PrefixAddrs(netip.MustParsePrefix(text))
		sets = append(sets, set)
	}
	return packet.Union(sets...)
}

func prefix(text string) netip.Prefix { return netip.MustParsePrefix(text) }

func ports(first, last packet.Port) *packet.Ports { return packet.Span(first, last) }

// space is tcp from a client's ephemeral ports.
func space(t *testing.T, src, dst string, port packet.Port) packet.Box {
	b := packet.Any()
	b.Family, b.Protocol = packet.IPv4, packet.OneProtocol(packet.TCP)
	b.Src, b.Dst = nets(t, src), nets(t, dst)
	b.SrcPort, b.DstPort = ports(32768, 60999), ports(port, port)
	b.In, b.Out = packet.OneName("eth0"), packet.OneName("eth1")
	return b
}

type ruleOption func(*model.Rule)

func rule(kind model.ActionKind, options ...ruleOption) model.Rule {
	r := model.Rule{Where: packet.Any(), Action: model.Action{Kind: kind}}
	for _, o := range options {
		o(&r)
	}
	return r
}

func where(change func(*packet.Box)) ruleOption { return func(r *model.Rule) { change(&r.Where) } }

func state(s packet.States) ruleOption { return where(func(b *packet.Box) { b.State = s }) }

func src(t *testing.T, text string) ruleOption {
	return where(func(b *packet.Box) { b.Family, b.Src = packet.IPv4, nets(t, text) })
}

func dport(p packet.Port) ruleOption {
	return where(func(b *packet.Box) { b.Protocol, b.DstPort = packet.OneProtocol(packet.TCP), ports(p, p) })
}

func to(c *model.Chain) ruleOption { return func(r *model.Rule) { r.Action.Chain = c } }

func unknown(c model.Condition) ruleOption {
	return func(r *model.Rule) { r.Tests = &model.Tests{Unknown: []model.Condition{c}} }
}

func chain(def model.ActionKind, rules ...model.Rule) *model.Chain {
	return &model.Chain{Table: "filter", Name: "FORWARD", Rules: rules, Default: model.Action{Kind: def}}
}

func forward(chains ...*model.Chain) *model.Firewall {
	fw := &model.Firewall{Name: "core"}
	fw.Hooks[model.Forward] = chains
	return fw
}

func verdict(r engine.Result, need packet.Set) string {
	switch {
	case need.Within(r.Surely):
		return "allowed"
	case need.IntersectSet(r.May).IsEmpty():
		return "blocked"
	case !need.Within(r.May):
		return "partial"
	}
	return "conditional"
}

func TestVerdicts(t *testing.T) {
	established := rule(model.Accept, state(packet.Established))
	limit := model.Condition{Kind: "limit", Text: "-m limit --limit 5/min"}
	set := model.Condition{Kind: "set", Text: "--match-set s src", Key: "set s src", Memory: model.PerFlow}
	not := func(c model.Condition) model.Condition { c.Not = true; return c }
	inner := &model.Chain{Name: "inner", Default: model.Action{Kind: model.Return}}
	inner.Rules = []model.Rule{rule(model.Return, dport(22)), rule(model.Drop)}
	for _, test := range []struct {
		name string
		fw   *model.Firewall
		want string
	}{
		{"no chains", forward(), "allowed"},
		{"policy drop", forward(chain(model.Drop)), "blocked"},
		{"accept all", forward(chain(model.Drop, rule(model.Accept))), "allowed"},
		{"new only", forward(chain(model.Drop, rule(model.Accept, state(packet.New)))), "blocked"},
		{"new and established", forward(chain(model.Drop, established, rule(model.Accept, state(packet.New), dport(22)))), "allowed"},
		{"other port", forward(chain(model.Drop, established, rule(model.Accept, dport(23)))), "blocked"},
		{"half of the clients", forward(chain(model.Drop, established, rule(model.Accept, src(t, "10.0.0.0/25")))), "partial"},
		{"a rate limit", forward(chain(model.Drop, established, rule(model.Accept, unknown(limit)))), "conditional"},
		{"a rate limit that decides nothing", forward(chain(model.Accept, rule(model.Accept, unknown(limit)))), "allowed"},
		{"set, then not the set", forward(chain(model.Drop, established, rule(model.Accept, unknown(set)), rule(model.Accept, unknown(not(set))))), "allowed"},
		{"limit, then not the limit", forward(chain(model.Drop, established, rule(model.Accept, unknown(limit)), rule(model.Accept, unknown(not(limit))))), "conditional"},
		{"set drops, then not the set drops", forward(chain(model.Accept, rule(model.Drop, unknown(set)), rule(model.Drop, unknown(not(set))))), "blocked"},
		{"return from a chain", forward(chain(model.Accept, rule(model.Jump, to(inner)), established)), "blocked"},
		{"a drop in a second chain", forward(chain(model.Accept), chain(model.Drop)), "blocked"},
		{"goto returns to the caller's caller", forward(chain(model.Accept, rule(model.Goto, to(&model.Chain{Name: "x", Default: model.Action{Kind: model.Return}})), rule(model.Drop))), "allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := space(t, "10.0.0.0/24", "10.1.0.0/24", 22)
			got := engine.Evaluate(engine.Query{Firewall: test.fw, Place: engine.Through, Space: b, Answers: true})
			if v := verdict(got, need(b)); v != test.want {
				t.Errorf("got %s, want %s", v, test.want)
				for _, l := range got.Legs {
					t.Logf("%v: may %v; surely %v", l.Leg, l.May, l.Surely)
				}
			}
		})
	}
}

// need is what the query asks about, without the dimensions that are not the flow's.
func need(b packet.Box) packet.Set {
	out := packet.Any()
	out.Family, out.Protocol, out.Src, out.Dst, out.SrcPort, out.DstPort = b.Family, b.Protocol, b.Src, b.Dst, b.SrcPort, b.DstPort
	return packet.Set{out}
}
