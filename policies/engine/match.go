package engine

import (
	"math/bits"

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

func testMark(t *model.MarkTest, p piece) (hits, misses []piece) {
	mark := p.mark
	if t.Connection {
		if !p.hasConnection() {
			return nil, []piece{p} // xt_connmark: without a connection, negated or not
		}
		mark = p.connMark
	}
	if (mark&t.Mask == t.Value) != t.Not {
		return []piece{p}, nil
	}
	return nil, []piece{p}
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

// maxMaskIntervals bounds how many intervals a mask that is no prefix may make of
// one piece's addresses.
const maxMaskIntervals = 1 << 16

// maskSteps is how many steps an interval costs that a mask makes.
const maskSteps = 32

func (w *walk) testMask(t *model.AddrMask, p piece) (hits, misses []piece) {
	if t.Family&p.box.Family == 0 {
		return nil, []piece{p}
	}
	shown := p.box.Src
	if t.Destination {
		shown = p.box.Dst
	}
	in, ok := maskAddrs(shown, t, p.box.Family)
	if w.steps += in.Len() * maskSteps; !ok {
		w.steps += maxMaskIntervals * maskSteps
	}
	if !ok {
		return w.testUnknown(&model.Condition{Kind: "limit", Memory: model.PerPacket, Key: "mask",
			Text: "a mask that is no prefix divides the flow into too many ranges (the limit is 65,536)"}, p)
	}
	hit, miss := p, p
	if t.Destination {
		hit.box.Dst, miss.box.Dst = in, shown.Subtract(in)
	} else {
		hit.box.Src, miss.box.Src = in, shown.Subtract(in)
	}
	if t.Not {
		hit, miss = miss, hit
	}
	for _, q := range []piece{hit, miss} {
		if q.box.IsEmpty() {
			continue
		}
		if q == hit {
			hits = append(hits, q)
		} else {
			misses = append(misses, q)
		}
	}
	return hits, misses
}

// maskAddrs returns the addresses of s with addr & mask == value; false where that
// would be too many intervals. The mask's lowest run of zeros is what an interval
// spans; the next matching one is found by counting up the bits outside the mask.
func maskAddrs(s *packet.Addrs, t *model.AddrMask, f packet.Family) (*packet.Addrs, bool) {
	free := t.Mask.Not().And(f.Last())
	run := packet.Addr{}
	for n := 1; n <= f.Bits(); n++ {
		if host := packet.HostMask(n); host.And(free) == host {
			run = host
		} else {
			break
		}
	}
	value := t.Value.And(t.Mask)
	if value != t.Value {
		return packet.Union[packet.Addr](), true
	}
	var found []*packet.Addrs
	ok := true
	s.Each(func(first, end packet.Addr, bounded bool) {
		last := f.Last()
		if bounded {
			last = end.Prev()
		}
		at, more := nextMatch(first, value, t.Mask)
		for more && at.Compare(last) <= 0 {
			if len(found) >= maxMaskIntervals {
				ok = false
				return
			}
			stop := at.Or(run)
			if stop.Compare(last) > 0 {
				stop = last
			}
			found = append(found, packet.Span(at, stop))
			next, fits := stop.Next()
			if !fits {
				return
			}
			at, more = nextMatch(next, value, t.Mask)
		}
	})
	if !ok {
		return nil, false
	}
	return packet.Union(found...), true
}

// nextMatch is the smallest address at or after a with addr & mask == value.
func nextMatch(a, value, mask packet.Addr) (packet.Addr, bool) {
	// The highest masked bit in which a differs; below it everything is free to be smallest.
	n := highest(xor(a, value).And(mask))
	if n < 0 {
		return a, true
	}
	up := n
	if value.And(bitAt(n)) == (packet.Addr{}) {
		// a is above: raise the lowest free bit above n that is 0 in a.
		if up = lowest(mask.Or(a).Or(packet.HostMask(n + 1)).Not()); up < 0 {
			return a, false
		}
	}
	low := packet.HostMask(up)
	return a.And(low.Not()).Or(bitAt(up)).Or(value.And(low)), true
}

func xor(a, b packet.Addr) packet.Addr { return packet.Addr{Hi: a.Hi ^ b.Hi, Lo: a.Lo ^ b.Lo} }

// highest is the number of the highest bit that is set; -1 where none is.
func highest(a packet.Addr) int {
	if a.Hi != 0 {
		return 63 + bits.Len64(a.Hi)
	}
	return bits.Len64(a.Lo) - 1
}

// lowest is the number of the lowest bit that is set; -1 where none is.
func lowest(a packet.Addr) int {
	switch {
	case a.Lo != 0:
		return bits.TrailingZeros64(a.Lo)
	case a.Hi != 0:
		return 64 + bits.TrailingZeros64(a.Hi)
	}
	return -1
}

func bitAt(n int) packet.Addr {
	if n >= 64 {
		return packet.Addr{Hi: 1 << (n - 64)}
	}
	return packet.Addr{Lo: 1 << n}
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

// knowsTuple tells that the walk has followed the piece's connection from its opening
// packet, so that it knows what conntrack does. Protocols without ports have numbers of
// another kind there.
func (w *walk) knowsTuple(t *model.TupleTest, p *piece) bool {
	if t.Ports != nil {
		for i, n := range withPorts {
			if p.box.Protocol[i]&^n != 0 {
				return false
			}
		}
	}
	return w.query.State == 0 && p.tracked || w.query.State != 0 && w.query.State&^packet.New == 0
}

// withPorts are the protocols of hasPorts.
var withPorts = packet.OneProtocol(packet.TCP, packet.UDP, 33, 132, 136)

// end is the rewriting of the end of the connection that is asked for, and how to find
// that end in a box.
func (p *piece) end(t *model.TupleTest) (**rewriting, func(*packet.Box, Leg) (**packet.Addrs, **packet.Ports)) {
	if t.Destination == t.Reply {
		return &p.client, clientSide
	}
	return &p.server, serverSide
}

// natChooses tells that what is asked for is one of several values that NAT may have
// given the connection: then it isn't known which.
func natChooses(t *model.TupleTest, p *piece) bool {
	end, _ := p.end(t)
	r := *end
	return r != nil && t.Reply && (t.Addrs != nil && !r.shifted || t.Ports != nil && !r.keepsPorts)
}

// tuplePart is the part of a piece whose connection has, or has not, the address or port
// that is asked for: in the form before NAT, which the opening packet arrives with, or in
// the one behind it, with which the answers arrive.
func (w *walk) tuplePart(t *model.TupleTest, p piece, has bool) []piece {
	end, side := p.end(t)
	empty := false
	narrow := func(addrs **packet.Addrs, ports **packet.Ports) {
		if t.Addrs != nil {
			*addrs = keep(*addrs, packet.Span(packet.Addr{}, p.box.Family.Last()), t.Addrs, has)
			empty = (*addrs).IsEmpty()
		} else {
			*ports = keep(*ports, packet.Span[packet.Port](0, 65535), t.Ports, has)
			empty = (*ports).IsEmpty()
		}
	}
	addrs, ports := side(&p.box, w.leg0)
	switch r := *end; {
	case r == nil || r.translated == t.Reply: // the packet shows that form
		narrow(addrs, ports)
	case t.Ports != nil && r.keepsPorts, t.Addrs != nil && r.shifted && r.shift == packet.Addr{}:
		narrow(addrs, ports)
	case t.Addrs != nil && r.shifted:
		hidden, by := r.hidden(*addrs), r.shift
		if narrow(&hidden, nil); !r.translated {
			by = negate(by)
		}
		*addrs = shiftAddrs(hidden, by)
	default:
		other := *r
		if narrow(&other.other.addrs, &other.other.ports); other != *r {
			*end = &other
		}
	}
	if empty {
		return nil
	}
	return []piece{p}
}

// keep returns the points of s, where nil is all, that are in t, or are not; s itself
// where that is all of them.
func keep[T packet.Point[T]](s, all, t *packet.Intervals[T], in bool) *packet.Intervals[T] {
	whole := s
	if whole == nil {
		whole = all
	}
	switch {
	case in && whole.Within(t), !in && !whole.Overlaps(t):
		return s
	case in:
		return whole.Intersect(t)
	}
	return whole.Subtract(t)
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
