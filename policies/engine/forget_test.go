package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/policies/engine"
)

// undecidedChains are chains that jump to the next, in which each rule asks some of a
// few conditions that no export decides.
func undecidedChains(random *rand.Rand, conditions int) *model.Chain {
	var chains []*model.Chain
	for i := range 4 {
		c := chain([]model.ActionKind{model.Return, model.Return, model.Return, model.Drop}[i])
		c.Name = fmt.Sprintf("c%d", i)
		for range 6 {
			kind := []model.ActionKind{model.Accept, model.Drop, model.Drop, model.Return, model.Jump, model.Jump}[random.IntN(6)]
			if kind == model.Jump && i == 0 {
				kind = model.Return
			}
			r := rule(kind)
			r.Tests = &model.Tests{}
			for range 1 + random.IntN(2) {
				key := fmt.Sprint("unknown ", random.IntN(conditions))
				r.Tests.Unknown = append(r.Tests.Unknown, model.Condition{Kind: "string", Text: key, Key: key, Memory: model.PerFlow, Not: random.IntN(2) == 0})
			}
			if kind == model.Jump {
				r.Action.Chain = chains[random.IntN(i)]
			}
			c.Rules = append(c.Rules, r)
		}
		chains = append(chains, c)
	}
	return chains[3]
}

// decided is what a chain does where each condition is answered: bit n of the answers is
// that to condition n.
func decided(c *model.Chain, answers int) model.ActionKind {
	for i := range c.Rules {
		r := &c.Rules[i]
		matches := true
		for _, u := range r.Tests.Unknown {
			var n int
			fmt.Sscanf(u.Key, "unknown %d", &n)
			matches = matches && (answers>>n&1 == 1) != u.Not
		}
		switch {
		case !matches:
		case r.Action.Kind == model.Jump:
			if end := decided(r.Action.Chain, answers); end != model.Return {
				return end
			}
		default:
			return r.Action.Kind
		}
	}
	return c.Default.Kind
}

// Where choices are forgotten, what surely passes still does, and what may pass still may.
func TestForgottenChoicesAreSound(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	certain, forgot := 0, 0
	for round := range 3000 {
		conditions := 1 + random.IntN(10)
		c := undecidedChains(random, conditions)
		passes, fails := false, false
		for answers := range 1 << conditions {
			end := decided(c, answers)
			if end == model.Return {
				end = c.Default.Kind
			}
			passes, fails = passes || end == model.Accept, fails || end == model.Drop
		}
		r := engine.Evaluate(engine.Query{Firewall: forward(c), Place: engine.Through, Space: space(t, "10.0.0.1/32", "10.1.0.1/32", 22)})
		surely, may := !r.Surely.IsEmpty(), !r.May.IsEmpty()
		if surely && fails || passes && !may {
			t.Fatalf("round %d: passes %v, fails %v, but surely %v and maybe %v", round, passes, fails, surely, may)
		}
		if passes != fails {
			certain++
			if surely == fails || may != passes {
				forgot++
			}
		}
	}
	if certain < 300 || forgot > certain/100 {
		t.Errorf("of %d cases that are certain %d are in doubt", certain, forgot)
	}
}
