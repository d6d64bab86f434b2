package engine

import (
	"fmt"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// coalesce joins pieces that differ in one dimension only, or only in the answer
// to the last condition, so that what a chain has divided and let go is whole again.
func (w *walk) coalesce(pieces []piece) []piece {
	if len(pieces) < 2 {
		return pieces
	}
	pieces = w.forget(joinChoices(pieces))
	pieces = joinSide(pieces, func(b *packet.Box) **packet.Addrs { return &b.Dst })
	pieces = joinSide(pieces, func(b *packet.Box) **packet.Addrs { return &b.Src })
	pieces = joinSide(pieces, func(b *packet.Box) **packet.Ports { return &b.SrcPort })
	pieces = joinSide(pieces, func(b *packet.Box) **packet.Ports { return &b.DstPort })
	return pieces
}

// joinSide joins pieces that differ in that dimension only.
func joinSide[T packet.Point[T]](pieces []piece, dimension func(*packet.Box) **packet.Intervals[T]) []piece {
	return packet.JoinBy(pieces, func(p *piece) *packet.Box { return &p.box }, dimension)
}

// joinChoices drops the last choice of pieces that are there for each of its answers.
func joinChoices(pieces []piece) []piece {
	type key struct {
		piece piece
		id    int
	}
	answers := map[key]uint8{}
	keyOf := func(p piece) (key, bool) {
		if p.choice == nil {
			return key{}, false
		}
		k := key{p, p.choice.id}
		k.piece.choice = p.choice.before
		return k, true
	}
	joined := false
	for i := range pieces {
		if k, ok := keyOf(pieces[i]); ok {
			answers[k] |= 1 << pieces[i].choice.value
			joined = joined || answers[k] == 1<<pieces[i].choice.of-1
		}
	}
	if !joined {
		return pieces
	}
	var out []piece
	done := map[key]bool{}
	for _, p := range pieces {
		k, ok := keyOf(p)
		if !ok || answers[k] != 1<<p.choice.of-1 {
			out = append(out, p)
			continue
		}
		if !done[k] {
			done[k] = true
			out = append(out, k.piece)
		}
	}
	return joinChoices(out)
}

// maxAlike is how many pieces are kept apart that differ in nothing but their choices.
const maxAlike = 64

// forget makes one piece of those that are alike but for their choices, where they are
// many: each undecided condition may double them, and a few dozen rules have dozens. The
// piece stands for all of their cases. What is lost is that a later rule with one of
// these conditions gets the same answer, so the result may be in doubt where it need not
// be; it never is certain where it should not be.
func (w *walk) forget(pieces []piece) []piece {
	if len(pieces) <= maxAlike {
		return pieces
	}
	alike := make(map[piece][]*Choice, len(pieces))
	for _, p := range pieces {
		choice := p.choice
		p.choice = nil
		alike[p] = append(alike[p], choice)
	}
	var out []piece
	done := map[piece]bool{}
	for _, p := range pieces {
		same := p
		same.choice = nil
		switch choices := alike[same]; {
		case len(choices) <= maxAlike:
			out = append(out, p)
		case !done[same]:
			done[same] = true
			out = append(out, w.anyOf(same, choices))
		}
	}
	return out
}

// anyOf is a piece that some of these choices lead to.
func (w *walk) anyOf(p piece, choices []*Choice) piece {
	common := choices[0]
	for _, c := range choices[1:] {
		common = ancestor(common, c)
	}
	var made []*model.Condition
	seen := map[*Choice]bool{common: true, nil: true}
	known := map[*model.Condition]bool{}
	for _, c := range choices {
		for ; !seen[c]; c = c.before {
			seen[c] = true
			if !known[c.Condition] {
				known[c.Condition] = true
				made = append(made, c.Condition)
			}
		}
	}
	w.unknowns++
	p.choice = common
	return w.choose(p, Choice{Condition: together(made), id: w.unknowns, value: 1, of: 2})
}

// ancestor is the last choice that both were made after.
func ancestor(a, b *Choice) *Choice {
	before := map[*Choice]bool{}
	for ; a != nil; a = a.before {
		before[a] = true
	}
	for b != nil && !before[b] {
		b = b.before
	}
	return b
}

// together is the condition that stands for several.
func together(conditions []*model.Condition) *model.Condition {
	const listed = 3
	c := *conditions[0]
	var texts []string
	for _, o := range conditions[:min(len(conditions), listed)] {
		texts = append(texts, o.Text)
		if o.Kind != c.Kind {
			c.Kind = "several"
		}
	}
	c.Text, c.Key, c.Memory, c.Not, c.Supply = strings.Join(texts, ", "), "", model.Fresh, false, ""
	if more := len(conditions) - listed; more > 0 {
		c.Text += fmt.Sprintf(" and %d more undecided conditions", more)
	}
	return &c
}
