package engine

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// walk is the work on one query.
type walk struct {
	query Query
	tcp   bool

	// The unknown conditions by number, and the choices made, each kept once.
	unknowns int
	ids      map[memoryKey]int
	choices  map[Choice]*Choice

	// What makes the order of a connection's packets count: rules that take only some of
	// its TCP packets out of tracking, and that, after the request, read and change its mark.
	missesSome, readsMark, marksLater bool

	// The leg that is walked now, and its packets' TCP flags.
	leg0    Leg
	flags0  packet.Flags
	hook0   model.Hook
	table   *model.Chain // the base chain that is walked now
	calls   []*model.Rule
	parts   []Part
	accepts []Part
	// changes counts what a call did that its caller must see: packets that ended,
	// marks and other things that were set.
	changes int
	steps   int
	// unharmed holds what came back from a chain as it went in: such packets come back
	// again, so that each is sent through a chain once only. Chains jump to each other
	// along exponentially many ways.
	unharmed map[visit]packet.Set
	// limit is what the query's result depends on where the walk was given up.
	limit  *model.Condition
	gaveUp Decision
}

// visit is a chain that pieces enter which are alike but for their box.
type visit struct {
	chain *model.Chain
	hook  model.Hook
	leg   Leg
	alike piece // with no box
}

// begin readies the walk for a leg.
func (w *walk) begin(e exchange) {
	w.leg0, w.flags0 = e.leg, e.flags
	w.parts, w.accepts = nil, nil
	if w.ids == nil {
		w.ids, w.choices = map[memoryKey]int{}, map[Choice]*Choice{}
	}
}

// hooks are the hooks that the leg's packets pass, in order.
func (w *walk) hooks() []model.Hook {
	in := []model.Hook{model.Prerouting, model.Input}
	out := []model.Hook{model.Output, model.Postrouting}
	switch w.query.Place {
	case Through:
		return []model.Hook{model.Prerouting, model.Forward, model.Postrouting}
	case Loopback:
		return slices.Concat(out, in)
	case Into:
		in, out = out, in
	}
	// A reply goes the other way than the request.
	if w.leg0 == Reply {
		return in
	}
	return out
}

// hook sends pieces through the base chains of one hook and returns those that pass.
func (w *walk) hook(hook model.Hook, pieces []piece) []piece {
	w.hook0 = hook
	for i := range pieces {
		w.showInterfaces(&pieces[i])
		pieces[i].box.State, pieces[i].bound = packet.Invalid, false
	}
	chains := w.query.Firewall.Hooks[hook]
	tracks := hook == model.Prerouting && !(w.query.Place == Loopback) || hook == model.Output
	next := 0
	until := func(priority int) {
		for next < len(chains) && chains[next].Priority < priority && len(pieces) > 0 {
			n := w.rivals(chains[next:], pieces)
			pieces = w.eachOrder(chains[next:next+n], pieces)
			next += n
		}
	}
	if tracks {
		until(model.PriorityTracking)
		pieces = w.track(pieces)
	} else {
		w.showStates(pieces)
	}
	if point := natPoint(hook); point != 0 {
		until(point)
		pieces = w.turnBack(hook, pieces)
	}
	until(1 << 30)
	for i := range pieces {
		w.keepInterfaces(&pieces[i])
	}
	return pieces
}

// natPoint is the priority at which a hook rewrites packets of connections that NAT knows.
func natPoint(hook model.Hook) int {
	switch hook {
	case model.Prerouting, model.Output:
		return model.PriorityNATDestination
	case model.Postrouting, model.Input:
		return model.PriorityNATSource
	}
	return 0
}

var noInterface = packet.OneName("")

// showInterfaces puts into the box what rules on this hook see of the interfaces.
func (w *walk) showInterfaces(p *piece) {
	in, out := p.in, p.out
	if w.leg0 == Reply {
		in, out = out, in
	}
	switch w.hook0 {
	case model.Prerouting, model.Input:
		out = noInterface
	case model.Output:
		in = noInterface
	case model.Postrouting:
		if w.query.Place != Through {
			in = noInterface
		}
	}
	p.box.In, p.box.Out = in, out
}

// keepInterfaces takes back what the hook's rules told apart of the interfaces.
func (w *walk) keepInterfaces(p *piece) {
	in, out := &p.in, &p.out
	if w.leg0 == Reply {
		in, out = out, in
	}
	if p.box.In != noInterface {
		*in = p.box.In
	}
	if p.box.Out != noInterface {
		*out = p.box.Out
	}
}

// base sends pieces through one base chain and returns those that it accepts.
func (w *walk) base(c *model.Chain, pieces []piece) []piece {
	if len(w.query.Only) > 0 && !slices.Contains(w.query.Only, c.Table) {
		return pieces
	}
	var passed []piece
	if c.FirstPacketOnly {
		first, later := w.firstPackets(pieces)
		if len(first) == 0 {
			return pieces
		}
		pieces, passed = first, later
	}
	w.table = c
	returned, accepted := w.run(c, pieces, nil)
	for _, p := range returned {
		w.observe(c, nil, p, EffectDefault)
		if c.Default.Kind == model.Accept || c.Default.Kind == model.Return {
			w.accept(p, Decision{Chain: c})
			accepted = append(accepted, p)
		} else {
			w.fail(p, Decision{Chain: c})
		}
	}
	return w.coalesce(append(passed, accepted...))
}

// run sends pieces through a chain. It returns the pieces that come back to its
// caller; those that the chain accepts are appended to accepted.
//
// The pieces on their way are kept as pointers: a rule touches few of them, and the
// others, which may be thousands, need not be copied.
func (w *walk) run(c *model.Chain, pieces, accepted []piece) (returned, nowAccepted []piece) {
	on, spare := pointers(pieces, nil), []*piece(nil)
	crowded := manyPieces
	for i := range c.Rules {
		r := &c.Rules[i]
		if w.steps += len(on); w.tooMuch(len(on)) {
			return nil, w.giveUp(c, append(returned, values(on)...), accepted)
		}
		touched := slices.IndexFunc(on, func(p *piece) bool { return p.box.Overlaps(&r.Where) })
		if touched < 0 || r.Action.Kind == model.Continue {
			if w.query.Observe != nil {
				w.observePassing(c, r, on)
			}
			continue
		}
		rest := append(spare[:0], on[:touched]...)
		for _, p := range on[touched:] {
			if !p.box.Overlaps(&r.Where) {
				rest = append(rest, p)
				continue
			}
			var back []piece
			before := w.changes
			hits, misses := w.match(r, *p)
			back, returned, accepted = w.act(c, r, hits, returned, accepted)
			if w.changes == before && r.Action.Kind == model.Jump {
				rest = append(rest, p)
				continue
			}
			rest = pointers(back, pointers(misses, rest))
		}
		if on, spare = rest, on; len(on) > crowded {
			on = pointers(w.coalesce(values(on)), on[:0])
			crowded = max(manyPieces, 2*len(on)) // so that joining costs no more than dividing did
		}
		if len(on) == 0 {
			break
		}
	}
	return append(returned, values(on)...), accepted
}

// manyPieces is from how many pieces on it may pay to join some.
const manyPieces = 8

// tooMuch tells that the walk has come to its limits, with so many pieces on their way.
func (w *walk) tooMuch(on int) bool {
	return w.steps > MaxSteps || on > MaxPieces || len(w.parts)+len(w.accepts) > MaxPieces
}

// pointers appends pointers to the pieces to a list.
func pointers(pieces []piece, to []*piece) []*piece {
	for i := range pieces {
		to = append(to, &pieces[i])
	}
	return to
}

func values(pieces []*piece) []piece {
	out := make([]piece, len(pieces))
	for i, p := range pieces {
		out[i] = *p
	}
	return out
}

// act does what a rule says with the pieces that it matches. It returns those that
// go on to the next rule, and appends to those that return and that are accepted.
func (w *walk) act(c *model.Chain, r *model.Rule, hits, returned, accepted []piece) (back, nowReturned, nowAccepted []piece) {
	for _, p := range hits {
		switch r.Action.Kind {
		case model.Accept:
			w.observe(c, r, p, EffectAccept)
			w.accept(p, w.decision(c, r))
			accepted = append(accepted, p)
		case model.Drop, model.Reject:
			w.observe(c, r, p, EffectDrop)
			w.fail(p, w.decision(c, r))
		case model.Return:
			w.observe(c, r, p, EffectReturn)
			returned = append(returned, p)
		case model.Jump, model.Goto:
			var came []piece
			came, accepted = w.call(c, r, p, accepted)
			if r.Action.Kind == model.Goto {
				returned = append(returned, came...)
			} else {
				back = append(back, came...)
			}
		case model.SetMark:
			w.observe(c, r, p, EffectMark)
			w.changes++
			back = append(back, w.setMark(r.Action.Mark, p)...)
		case model.Untrack:
			back = append(back, w.untrack(c, r, p))
		case model.Translate:
			w.observe(c, r, p, EffectTranslate)
			for _, q := range w.translate(c, r, p) {
				w.accept(q, w.decision(c, r))
				accepted = append(accepted, q)
			}
		case model.Undecided:
			var on []piece
			on, accepted = w.undecided(c, r, p, accepted)
			back = append(back, on...)
		default:
			back = append(back, p)
		}
	}
	return back, returned, accepted
}

// call sends a piece through the chain that a rule jumps or goes to.
func (w *walk) call(c *model.Chain, r *model.Rule, p piece, accepted []piece) (returned, nowAccepted []piece) {
	effect := EffectJump
	if r.Action.Kind == model.Goto {
		effect = EffectGoto
	}
	w.observe(c, r, p, effect)
	v := visit{r.Action.Chain, w.hook0, w.leg0, p}
	v.alike.box = packet.Box{}
	fresh := packet.Set{p.box}
	if w.query.Observe == nil {
		fresh = fresh.SubtractSet(w.unharmed[v])
	}
	if len(fresh) == 0 {
		return []piece{p}, accepted
	}
	before := w.changes
	w.calls = append(w.calls, r)
	returned, accepted = w.run(r.Action.Chain, p.withBoxes(fresh), accepted)
	w.calls = w.calls[:len(w.calls)-1]
	if w.changes == before {
		w.keep(v, fresh)
		return []piece{p}, accepted
	}
	returned = w.coalesce(returned)
	var back packet.Set
	for _, q := range returned {
		box := q.box
		if q.box = (packet.Box{}); q == v.alike {
			back = append(back, box)
		}
	}
	if len(fresh) != 1 || fresh[0] != p.box {
		known := packet.Set{p.box}.SubtractSet(fresh)
		returned = w.coalesce(append(returned, p.withBoxes(known)...))
	}
	w.keep(v, back)
	return returned, accepted
}

// keep remembers packets that a chain has let return as they were. They are joined
// whenever they have doubled.
func (w *walk) keep(v visit, unharmed packet.Set) {
	before := w.unharmed[v]
	known := append(before, unharmed...)
	if len(known) <= manyPieces || bits.Len(uint(len(known))) > bits.Len(uint(len(before))) {
		known = packet.Join(known)
	}
	w.unharmed[v] = known
}

// undecided divides a piece by what a target may do with it.
func (w *walk) undecided(c *model.Chain, r *model.Rule, p piece, accepted []piece) (on, nowAccepted []piece) {
	cond := r.Action.Unknown
	w.observe(c, r, p, EffectUndecided)
	var value uint8
	known := false
	id, remembered := w.identify(cond, &p)
	if w.query.Assume != nil {
		var passes bool
		if passes, known = w.query.Assume(cond); known && passes {
			value = 1
		}
	}
	if v, ok := p.chosen(id); !known && remembered && ok {
		value, known = v, true
	}
	of := uint8(3)
	if r.Action.NeverContinues {
		of = 2
	}
	w.changes++
	for v := range of {
		q := p
		if known && v != value {
			continue
		}
		if !known {
			q = w.choose(p, Choice{Condition: cond, id: id, value: v, of: of})
		}
		switch v {
		case 0:
			w.fail(q, w.decision(c, r))
		case 1:
			w.accept(q, w.decision(c, r))
			accepted = append(accepted, q)
		default:
			on = append(on, q)
		}
	}
	return on, accepted
}

// giveUp ends pieces that are too many: each may pass and may fail. The first chain
// that divides them so far is to blame, not those after it.
func (w *walk) giveUp(c *model.Chain, pieces, accepted []piece) []piece {
	if w.limit == nil {
		w.gaveUp = Decision{Chain: c, Note: "too many parts"}
		w.limit = &model.Condition{Kind: "limit", Memory: model.Fresh, Span: c.Span,
			Text: fmt.Sprintf("chain %s divides the flow into too many parts (the limits are %d parts and %d rule tests)", c.Name, MaxPieces, MaxSteps)}
	}
	w.changes++
	for _, p := range w.coalesce(pieces) {
		id, _ := w.identify(w.limit, &p)
		w.fail(w.choose(p, Choice{Condition: w.limit, id: id, value: 0, of: 2}), w.gaveUp)
		accepted = append(accepted, w.choose(p, Choice{Condition: w.limit, id: id, value: 1, of: 2}))
	}
	return accepted
}

// decision is a rule's, with the calls that led to it.
func (w *walk) decision(c *model.Chain, r *model.Rule) Decision {
	return Decision{Chain: c, Rule: r, Calls: slices.Clone(w.calls)}
}

func (w *walk) accept(p piece, by Decision) {
	w.changes++
	w.accepts = append(w.accepts, w.part(p, true, by))
}

func (w *walk) fail(p piece, by Decision) {
	w.changes++
	w.parts = append(w.parts, w.part(p, false, by))
}

func (w *walk) part(p piece, passes bool, by Decision) Part {
	part := Part{Space: p.opening(w.leg0), Passes: passes, Hook: w.hook0, By: by, Choice: p.choice, seen: p.box, flags: p.box.Flags, piece: p}
	part.Leaves = fiveTuple(p.box)
	w.keepInterfaces(&p)
	part.seen.In, part.seen.Out = p.in, p.out
	return part
}

// arrive notes a piece that has passed the last hook of its leg. NAT translates only
// what is tracked; what it has left alone goes to, or comes from, nobody's address.
func (w *walk) arrive(p piece) {
	for _, r := range []*rewriting{p.client, p.server} {
		if r != nil && r.translated == (w.leg0 == Reply) {
			note := "NAT does not translate the answers back, since they are not tracked"
			if w.leg0 != Reply {
				note = "NAT does not translate what follows, since it is not tracked"
			}
			w.fail(p, Decision{Note: note})
			return
		}
	}
	w.parts = append(w.parts, w.part(p, true, Decision{}))
}
