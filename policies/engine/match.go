package engine

import (
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// rangesPerStep is how many ranges of a set cost about as much as a step.
const rangesPerStep = 16

// stepsFor is how many steps a test of so many boxes costs, by the ranges of their sides.
func stepsFor(boxes []packet.Box) (steps int) {
	for i := range boxes {
		steps += 8 + boxes[i].Src.Len() + boxes[i].Dst.Len()
	}
	return steps
}

// match divides a piece into the parts that a rule matches and those that it does not.
func (w *walk) match(r *model.Rule, p piece) (hits, misses []piece) {
	w.steps += (p.box.Src.Len() + p.box.Dst.Len()) / rangesPerStep
	if p.box.Within(&r.Where) {
		hits = []piece{p}
	} else {
		hit := p
		hit.box = p.box.Intersect(r.Where)
		hits = []piece{hit}
		for _, b := range p.box.Subtract(r.Where) {
			miss := p
			miss.box = b
			misses = append(misses, miss)
		}
	}
	if r.Tests == nil {
		return hits, misses
	}
	divide := func(test func(piece) (hits, misses []piece)) {
		var still []piece
		for _, p := range hits {
			h, m := test(p)
			still, misses = append(still, h...), append(misses, m...)
		}
		hits = still
	}
	for i := range r.Tests.Marks {
		w.readsMark = w.readsMark || w.leg0 != Request && r.Tests.Marks[i].Connection
		divide(func(p piece) ([]piece, []piece) { return testMark(&r.Tests.Marks[i], p) })
	}
	for i := range r.Tests.Masks {
		divide(func(p piece) ([]piece, []piece) { return w.testMask(&r.Tests.Masks[i], p) })
	}
	for i := range r.Tests.OneOf {
		divide(func(p piece) ([]piece, []piece) {
			w.steps += stepsFor(r.Tests.OneOf[i].Boxes)
			return testOneOf(&r.Tests.OneOf[i], p)
		})
	}
	for i := range r.Tests.Unknown {
		divide(func(p piece) ([]piece, []piece) { return w.testUnknown(&r.Tests.Unknown[i], p) })
	}
	return hits, misses
}

func testOneOf(t *model.OneOf, p piece) (hits, misses []piece) {
	rest := packet.Set{p.box}
	var in packet.Set
	for _, b := range t.Boxes {
		in = append(in, rest.Intersect(b)...)
		if rest = rest.Subtract(b); len(rest) == 0 {
			break
		}
	}
	if t.Not {
		in, rest = rest, in
	}
	return p.withBoxes(in), p.withBoxes(rest)
}

// withBoxes makes the piece one piece for each box.
func (p piece) withBoxes(boxes packet.Set) []piece {
	out := make([]piece, len(boxes))
	for i, b := range boxes {
		out[i] = p
		out[i].box = b
	}
	return out
}

// testUnknown divides a piece by an undecided condition: as it was answered
// before, as the team assumes, or into both cases.
func (w *walk) testUnknown(c *model.Condition, p piece) (hits, misses []piece) {
	if c.Tuple != nil && w.knowsTuple(c.Tuple, &p) {
		hits, misses = w.tuplePart(c.Tuple, p, !c.Not), w.tuplePart(c.Tuple, p, c.Not)
		if len(hits) == 0 || len(misses) == 0 || !natChooses(c.Tuple, &p) {
			return hits, misses
		}
	}
	holds, known := false, false
	id, remembered := w.identify(c, &p)
	if c.Key == model.OriginalDirection && p.tracked && w.query.State == 0 {
		holds, known = w.leg0 != Reply, true
	}
	if w.query.Assume != nil && !known {
		holds, known = w.query.Assume(c)
	}
	if value, ok := p.chosen(id); !known && remembered && ok {
		holds, known = value == 1, true
	}
	if known {
		if holds != c.Not {
			return []piece{p}, nil
		}
		return nil, []piece{p}
	}
	yes := w.choose(p, Choice{Condition: c, id: id, value: 1, of: 2})
	no := w.choose(p, Choice{Condition: c, id: id, value: 0, of: 2})
	if c.Not {
		yes, no = no, yes
	}
	return []piece{yes}, []piece{no}
}

// memoryKey tells unknowns apart: two conditions with the same key have the same answer.
type memoryKey struct {
	text           string
	leg            Leg // PerPacket: the leg; PerFlow: the direction
	client, server bool
	perPacket      bool
}

// identify returns the number of a condition's unknown, and whether it may have
// been answered before.
func (w *walk) identify(c *model.Condition, p *piece) (id int, remembered bool) {
	if c.Memory == model.Fresh {
		w.unknowns++
		return w.unknowns, false
	}
	key := memoryKey{text: c.Key, leg: w.leg0, perPacket: c.Memory == model.PerPacket,
		client: p.client != nil && p.client.translated, server: p.server != nil && p.server.translated}
	if key.text == "" {
		key.text = c.Kind + " " + c.Text
	}
	if !key.perPacket && key.leg == FollowUp {
		key.leg = Request
	}
	id, ok := w.ids[key]
	if !ok {
		w.unknowns++
		id = w.unknowns
		w.ids[key] = id
	}
	return id, true
}

// choose returns the piece with one more choice; equal choices are one.
func (w *walk) choose(p piece, c Choice) piece {
	c.before = p.choice
	same, ok := w.choices[c]
	if !ok {
		same = &c
		w.choices[c] = same
	}
	p.choice = same
	return p
}
