package engine_test

import (
	"testing"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/policies/engine"
)

// What is asked of the address that SNAT gives a connection: the kernel's choice among
// several is a named unknown; what holds for all of them is decided.
func TestTupleOfSeveralAddresses(t *testing.T) {
	for _, test := range []struct {
		name, asked string
		not         bool
		want        string
		depends     int
	}{
		{"one of them", "10.9.0.8/32", false, "conditional", 1},
		{"not one of them", "10.9.0.8/32", true, "blocked", 0}, // the request comes before SNAT
		{"all of them", "10.9.0.0/24", false, "blocked", 0},
		{"none of them", "10.8.0.0/24", false, "allowed", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			drop := rule(model.Drop, unknown(model.Condition{Kind: "conntrack", Text: "--ctrepldst " + test.asked, Key: "tuple", Memory: model.PerFlow, Not: test.not,
				Tuple: &model.TupleTest{Reply: true, Destination: true, Addrs: nets(t, test.asked)}}))
			fw := forward(chain(model.Accept, drop))
			snat := rule(model.Translate)
			snat.Action.Translation = &model.Translation{Kind: model.ToAddress, Family: packet.IPv4, Addrs: nets(t, "10.9.0.8/30")}
			fw.Hooks[model.Postrouting] = []*model.Chain{{Table: "nat", Name: "POSTROUTING", Priority: model.PriorityNATSource, FirstPacketOnly: true,
				Rules: []model.Rule{snat}, Default: model.Action{Kind: model.Accept}}}
			need := space(t, "10.0.0.0/24", "10.2.0.2/32", 22)
			r := engine.Evaluate(engine.Query{Firewall: fw, Place: engine.Through, Space: need, Answers: true})
			depends := 0
			for _, leg := range r.Legs {
				depends = max(depends, len(leg.DependsOn(leg.May.SubtractSet(leg.Surely))))
			}
			if got := verdict(r, r.Legs[0].Need); got != test.want || depends != test.depends {
				t.Errorf("got %s, which depends on %d conditions; want %s, on %d", got, depends, test.want, test.depends)
			}
		})
	}
}
