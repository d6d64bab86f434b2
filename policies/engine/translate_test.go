package engine_test

import (
	"slices"
	"testing"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/policies/engine"
)

func nat(t model.Translation) []model.Rule {
	t.Family = packet.IPv4
	return []model.Rule{rule(model.Translate, func(r *model.Rule) { r.Action.Translation = &t })}
}

// TestTranslate: what becomes of the opening packet, and how it leaves.
func TestTranslate(t *testing.T) {
	one := func(a string) *packet.Addrs { return nets(t, a) }
	loop := one("127.0.0.1/32")
	for _, test := range []struct {
		name     string
		place    engine.Place
		hook     model.Hook
		to       model.Translation
		src, dst string
		want     string // the verdict, and what the packets leave as
		leaves   []string
	}{
		{"a random port without a range is not a destination's", engine.Through, model.Prerouting, model.Translation{Addrs: one("10.1.0.5/32"), Random: true},
			"10.0.0.5/32", "10.1.0.5/32", "allowed", []string{"10.0.0.5:32768-60999 10.1.0.5:22"}},
		{"a random port is a source's", engine.Through, model.Postrouting, model.Translation{Addrs: one("10.9.0.1/32"), Random: true},
			"10.0.0.5/32", "10.1.0.5/32", "allowed", []string{"10.9.0.1:1024-65535 10.1.0.5:22"}},
		{"one of several addresses, its own among them", engine.Through, model.Prerouting, model.Translation{Addrs: nets(t, "10.1.0.4/31")},
			"10.0.0.5/32", "10.1.0.5/32", "allowed", []string{"10.0.0.5:32768-60999 10.1.0.4/31:22", "10.0.0.5:32768-60999 10.1.0.5:22"}},
		{"REDIRECT of what goes to 127.0.0.1 changes nothing", engine.Loopback, model.Output, model.Translation{Kind: model.ToInterface, Ports: ports(22, 22)},
			"127.0.0.1/32", "127.0.0.1/32", "allowed", []string{"127.0.0.1:32768-60999 127.0.0.1:22"}},
		{"REDIRECT to another port", engine.Loopback, model.Output, model.Translation{Kind: model.ToInterface, Ports: ports(23, 23)},
			"127.0.0.1/32", "127.0.0.1/32", "allowed", []string{"127.0.0.1:32768-60999 127.0.0.1:23"}},
		{"REDIRECT of what leaves the host", engine.OutOf, model.Output, model.Translation{Kind: model.ToInterface},
			"10.0.0.5/32", "10.1.0.5/32", "blocked", nil},
		{"SNAT to the destination's own address", engine.Through, model.Postrouting, model.Translation{Addrs: one("10.1.0.5/32")},
			"10.0.0.5/32", "10.1.0.5/32", "blocked", nil},
		{"SNAT to one destination's own address", engine.Through, model.Postrouting, model.Translation{Addrs: one("10.1.0.5/32")},
			"10.0.0.5/32", "10.1.0.4/31", "partial", []string{"10.1.0.5:32768-60999 10.1.0.4:22"}},
		{"SNAT to a range that holds it", engine.Through, model.Postrouting, model.Translation{Addrs: nets(t, "10.1.0.4/31")},
			"10.0.0.5/32", "10.1.0.5/32", "conditional", []string{"10.1.0.4:32768-60999 10.1.0.5:22"}},
		{"SNAT to a loopback address", engine.OutOf, model.Postrouting, model.Translation{Addrs: loop},
			"10.0.0.5/32", "10.1.0.5/32", "blocked", nil},
		{"SNAT to another host's address", engine.Through, model.Postrouting, model.Translation{Addrs: one("10.1.0.77/32")},
			"10.0.0.5/32", "10.1.0.5/32", "blocked", nil},
		{"SNAT to the firewall's own address", engine.Through, model.Postrouting, model.Translation{Addrs: one("10.1.0.1/32")},
			"10.0.0.5/32", "10.1.0.5/32", "allowed", []string{"10.1.0.1:32768-60999 10.1.0.5:22"}},
		{"SNAT to an address of a pool", engine.Through, model.Postrouting, model.Translation{Addrs: one("192.0.2.7/32")},
			"10.0.0.5/32", "10.1.0.5/32", "allowed", []string{"192.0.2.7:32768-60999 10.1.0.5:22"}},
		{"NETMAP of the source to the destination's network", engine.Through, model.Postrouting, model.Translation{Kind: model.ToNetwork, Network: prefix("10.1.0.0/24")},
			"10.0.0.4/31", "10.1.0.5/32", "partial", []string{"10.1.0.4:32768-60999 10.1.0.5:22"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			fw := &model.Firewall{Name: "core"}
			c := chain(model.Accept, nat(test.to)...)
			c.FirstPacketOnly, c.Priority = true, map[model.Hook]int{model.Prerouting: model.PriorityNATDestination, model.Output: model.PriorityNATDestination, model.Postrouting: model.PriorityNATSource}[test.hook]
			fw.Hooks[test.hook] = []*model.Chain{c}
			b := space(t, test.src, test.dst, 22)
			got := engine.Evaluate(engine.Query{Firewall: fw, Place: test.place, Space: b, Answers: true, Own: one("10.1.0.1/32"),
				Elsewhere: func(packet.Family) *packet.Addrs { return nets(t, "10.1.0.77/32", "10.1.0.1/32") }})
			if v := verdict(got, need(b)); v != test.want {
				t.Errorf("got %s, want %s", v, test.want)
			}
			var leaves []string
			for _, p := range got.Legs[0].Parts {
				if l := &p.Leaves; p.Passes {
					leaves = append(leaves, packet.FormatAddrs(l.Src, l.Family)[0]+":"+packet.FormatPorts(l.SrcPort)+" "+packet.FormatAddrs(l.Dst, l.Family)[0]+":"+packet.FormatPorts(l.DstPort))
				}
			}
			if slices.Sort(leaves); !slices.Equal(leaves, test.leaves) {
				t.Errorf("it leaves as %q, want %q", leaves, test.leaves)
			}
		})
	}
}

// TestRivalTables: of two nat tables, of both variants of iptables, the one that was
// loaded first is asked first, and the other only where that one does not translate.
func TestRivalTables(t *testing.T) {
	table := func(name string, match packet.Port, to string) *model.Chain {
		c := chain(model.Accept, nat(model.Translation{Addrs: nets(t, to)})...)
		c.Rules[0].Where.Family, c.Rules[0].Where.DstPort = packet.IPv4, ports(match, match)
		c.Name, c.FirstPacketOnly, c.Priority = name, true, model.PriorityNATDestination
		return c
	}
	for _, test := range []struct {
		name string
		a, b *model.Chain
		want []string
	}{
		{"both translate", table("nft", 22, "10.1.0.6/32"), table("legacy", 22, "10.1.0.7/32"), []string{"10.1.0.6", "10.1.0.7"}},
		{"one translates", table("nft", 22, "10.1.0.6/32"), table("legacy", 80, "10.1.0.7/32"), []string{"10.1.0.6"}},
		{"both alike", table("nft", 22, "10.1.0.6/32"), table("legacy", 22, "10.1.0.6/32"), []string{"10.1.0.6"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			fw := &model.Firewall{Name: "core"}
			fw.Hooks[model.Prerouting] = []*model.Chain{test.a, test.b}
			got := engine.Evaluate(engine.Query{Firewall: fw, Place: engine.Through, Space: space(t, "10.0.0.5/32", "10.1.0.5/32", 22), Answers: true})
			var ends []string
			for _, p := range got.Legs[0].Parts {
				if to := packet.FormatAddrs(p.Leaves.Dst, packet.IPv4)[0]; !slices.Contains(ends, to) {
					ends = append(ends, to)
				}
			}
			if slices.Sort(ends); !slices.Equal(ends, test.want) {
				t.Errorf("it ends at %q, want %q", ends, test.want)
			}
		})
	}
}
