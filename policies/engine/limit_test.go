package engine_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/policies/engine"
)

// patchwork is a chain whose rules accept and drop in turn, over rectangles of
// destinations and source ports that overlap in all ways.
func patchwork(random *rand.Rand, rules int) *model.Chain {
	c := chain(model.Drop)
	c.Name = "FORWARD"
	for i := range rules {
		kind := model.Accept
		if i%2 == 0 {
			kind = model.Drop
		}
		c.Rules = append(c.Rules, rule(kind, where(func(b *packet.Box) {
			first, port := random.Uint64N(1<<23), packet.Port(32768+random.IntN(28_000))
			b.Family = packet.IPv4
			b.Dst = packet.Span(packet.Addr{Lo: 10<<24 | first}, packet.Addr{Lo: 10<<24 | first + random.Uint64N(1<<16)})
			b.SrcPort = packet.Span(port, port+packet.Port(random.IntN(4000)))
		})))
	}
	return c
}

// firstMatch is what the chain does with a packet, by definition.
func firstMatch(c *model.Chain, dst packet.Addr, port packet.Port) bool {
	for i := range c.Rules {
		if w := &c.Rules[i].Where; w.Dst.Contains(dst) && w.SrcPort.Contains(port) {
			return c.Rules[i].Action.Kind == model.Accept
		}
	}
	return false
}

// A flow that rules divide beyond the limits is undecided where the walk was given up,
// and exact everywhere else.
func TestTooManyParts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	c := patchwork(random, 6000)
	r := engine.Evaluate(engine.Query{Firewall: forward(c, chain(model.Accept)), Place: engine.Through, Space: space(t, "10.10.0.5/32", "10.0.0.0/9", 443)})
	leg := &r.Legs[0]
	doubt := leg.May.SubtractSet(leg.Surely)
	if doubt.IsEmpty() {
		t.Fatal("the limits were not reached")
	}
	depends := leg.DependsOn(doubt)
	if len(depends) != 1 || depends[0].Kind != "limit" || !strings.Contains(depends[0].Text, "chain FORWARD divides the flow into too many parts (the limits are 10000 parts") {
		t.Errorf("it depends on %+v", depends)
	}
	surely, may := packet.NewIndex(leg.Surely), packet.NewIndex(leg.May)
	decided := 0
	for range 20_000 {
		dst, port := packet.Addr{Lo: 10<<24 | random.Uint64N(1<<23)}, packet.Port(32768+random.IntN(28_000))
		one := space(t, "10.10.0.5/32", "10.0.0.0/9", 443)
		one.Dst, one.SrcPort = packet.Only(dst), packet.Only(port)
		passes, lower, upper := firstMatch(c, dst, port), surely.Any(&one), may.Any(&one)
		if lower && !passes || passes && !upper {
			t.Fatalf("%v from port %d: passes is %v, but surely %v and maybe %v", dst, port, passes, lower, upper)
		}
		if lower == upper {
			decided++
		}
	}
	if decided == 0 {
		t.Error("nothing was decided")
	}
}
