package engine

import (
	"slices"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// Effect is what a rule did with packets that came to it.
type Effect string

// The effects.
const (
	EffectNoMatch   Effect = "not matched"
	EffectContinue  Effect = "matched, goes on"
	EffectAccept    Effect = "accepted"
	EffectDrop      Effect = "dropped"
	EffectReturn    Effect = "returned"
	EffectJump      Effect = "jumped"
	EffectGoto      Effect = "went to"
	EffectMark      Effect = "marked"
	EffectUntrack   Effect = "untracked"
	EffectTranslate Effect = "translated"
	EffectUndecided Effect = "undecided"
	EffectDefault   Effect = "default"
)

// Step is one rule's part in a packet's way.
type Step struct {
	Leg   Leg
	Hook  model.Hook
	Chain *model.Chain
	Rule  *model.Rule // nil: the chain's default
	Depth int         // how many jumps deep
	// Effect is what the rule did to the packets in Space.
	Effect Effect
	Space  packet.Box
	// Fields are the dimensions in which the rule does not match, where it doesn't.
	Fields []string
	// Choice is the last of the choices that lead here.
	Choice *Choice
}

func (w *walk) observe(c *model.Chain, r *model.Rule, p piece, effect Effect) {
	if w.query.Observe == nil {
		return
	}
	w.query.Observe(Step{Leg: w.leg0, Hook: w.hook0, Chain: c, Rule: r, Depth: len(w.calls),
		Effect: effect, Space: p.box, Choice: p.choice})
}

// observePassing tells of a rule that leaves each piece as it is.
func (w *walk) observePassing(c *model.Chain, r *model.Rule, pieces []*piece) {
	for _, p := range pieces {
		s := Step{Leg: w.leg0, Hook: w.hook0, Chain: c, Rule: r, Depth: len(w.calls), Effect: EffectContinue, Space: p.box, Choice: p.choice}
		if !p.box.Overlaps(&r.Where) {
			s.Effect, s.Fields = EffectNoMatch, p.box.Apart(&r.Where)
		}
		w.query.Observe(s)
	}
}

// Choices lists the choices that lead to c, first to last.
func (c *Choice) Choices() []*Choice {
	var out []*Choice
	for ; c != nil; c = c.before {
		out = append(out, c)
	}
	slices.Reverse(out)
	return out
}

// Holds tells whether the condition was taken to hold; for an undecided target,
// whether it lets the packet pass.
func (c *Choice) Holds() bool { return c.value == 1 }
