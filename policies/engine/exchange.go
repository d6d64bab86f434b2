package engine

import (
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// exchange is what one end sends at a time: packets of a leg with these TCP flags.
type exchange struct {
	leg   Leg
	flags packet.Flags
}

// The packets of a TCP connection.
var (
	acknowledges = packet.FlagsOf(packet.ACK)
	sends        = packet.FlagsOf(packet.PSH | packet.ACK)
	closes       = packet.FlagsOf(packet.FIN|packet.ACK, packet.FIN|packet.PSH|packet.ACK)
	answersSYN   = packet.FlagsOf(packet.SYN | packet.ACK)
)

// A TCP connection packet by packet: its beginning, and then both ways to go on.
var (
	handshake   = []exchange{{Reply, answersSYN}, {FollowUp, acknowledges}}
	openerFirst = []exchange{
		{FollowUp, sends}, {Reply, acknowledges}, {Reply, sends}, {FollowUp, acknowledges}, {FollowUp, sends}, {Reply, acknowledges},
		{FollowUp, closes}, {Reply, acknowledges}, {Reply, closes}, {FollowUp, acknowledges},
	}
	otherFirst = []exchange{
		{Reply, sends}, {FollowUp, acknowledges}, {FollowUp, sends}, {Reply, acknowledges}, {Reply, sends}, {FollowUp, acknowledges},
		{Reply, closes}, {FollowUp, acknowledges}, {FollowUp, closes}, {Reply, acknowledges},
	}
	// datagrams go to and fro until marks, of which each packet sees those that the ones
	// before it have left, have gone round.
	datagrams = []exchange{{Reply, packet.AnyFlags}, {FollowUp, packet.AnyFlags}, {Reply, packet.AnyFlags}, {FollowUp, packet.AnyFlags}, {Reply, packet.AnyFlags}, {FollowUp, packet.AnyFlags}}
)

// sendsFirst is why the order of a connection's packets is not known.
var sendsFirst = model.Condition{Kind: "order", Memory: model.Fresh, Text: "which end of the connection sends first, and which closes it"}

// converse adds the answers and what follows to the result of the request. A leg's
// packets are walked together, which is exact where each finds the connection as the
// request has left it; else, which is rare, they are walked in the order of their sending.
func (w *walk) converse(request Result) Result {
	together := request.clone()
	w.play(&together, []exchange{{Reply, w.flags(Reply)}, {FollowUp, w.flags(FollowUp)}}, request.Legs[0].Parts, Request)
	if !w.orderCounts(len(together.May) == 0) {
		return together
	}
	if !w.tcp {
		w.play(&request, datagrams, request.Legs[0].Parts, Request)
		return request
	}
	parts := w.play(&request, handshake, request.Legs[0].Parts, Request)
	if len(request.May) == 0 {
		return request
	}
	id, _ := w.identify(&sendsFirst, nil)
	one, other := request.clone(), request.clone()
	for i, r := range []*Result{&one, &other} {
		mine := append([]Part(nil), parts...)
		for j := range mine {
			mine[j].piece = w.choose(mine[j].piece, Choice{Condition: &sendsFirst, id: id, value: uint8(i), of: 2})
		}
		w.play(r, [][]exchange{openerFirst, otherFirst}[i], mine, FollowUp)
	}
	one.or(&other)
	return one
}

// orderCounts tells that packets of the same leg may find the connection in different
// states: with other marks, or with what tracking has missed of it.
func (w *walk) orderCounts(fails bool) bool {
	return w.missesSome || w.readsMark && (w.marksLater || fails)
}

// play walks exchanges, each with what the one before has left, and returns the last one's parts.
func (w *walk) play(r *Result, script []exchange, parts []Part, last Leg) []Part {
	for _, e := range script {
		next := w.leg(e, start(parts, last, e.leg), r.May)
		parts, last = next.Parts, e.leg
		r.May = next.May
		r.Surely = r.Surely.SubtractSet(next.doubtful())
		r.note(next)
		if len(r.May) == 0 {
			break
		}
	}
	return parts
}

// start makes the first pieces of an exchange from the passing parts of the one before.
func start(parts []Part, last, leg Leg) []piece {
	var out []piece
	seen := map[piece]bool{}
	for i := range parts {
		if !parts[i].Passes {
			continue
		}
		p := parts[i].piece
		if (last == Reply) != (leg == Reply) {
			b := &p.box
			b.Src, b.Dst, b.SrcPort, b.DstPort = b.Dst, b.Src, b.DstPort, b.SrcPort
			b.ICMP = answerType(b.ICMP, leg)
		} else {
			p.unturn(leg)
		}
		p.box.Flags, p.box.State = 0, 0
		p.mark, p.untracked, p.pickedUp = 0, false, 0
		if !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out
}

// unturn shows a packet that has passed as the next one of its sender starts.
func (p *piece) unturn(leg Leg) {
	if r := p.client; r != nil && r.translated != (leg == Reply) {
		p.client = r.turn(clientSide(&p.box, leg))
	}
	if r := p.server; r != nil && r.translated != (leg == Reply) {
		p.server = r.turn(serverSide(&p.box, leg))
	}
}

// note puts an exchange into its leg's result.
func (r *Result) note(next LegResult) {
	for i := range r.Legs {
		if r.Legs[i].Leg == next.Leg {
			r.Legs[i].again(&next)
			return
		}
	}
	r.Legs = append(r.Legs, next)
}

// again adds what becomes of later packets of the same leg.
func (l *LegResult) again(later *LegResult) {
	l.May = l.May.SubtractSet(later.Need.SubtractSet(later.May))
	l.Surely = l.Surely.SubtractSet(later.doubtful())
	l.Parts = append(l.Parts, later.Parts...)
	l.Accepts = append(l.Accepts, later.Accepts...)
}

// doubtful are the connections that may fail on the leg.
func (l *LegResult) doubtful() packet.Set { return l.Need.SubtractSet(l.Surely) }

// clone returns a result that may be added to.
func (r *Result) clone() Result {
	out := *r
	out.Legs = append([]LegResult(nil), r.Legs...)
	for i := range out.Legs {
		l := &out.Legs[i]
		l.Parts, l.Accepts = l.Parts[:len(l.Parts):len(l.Parts)], l.Accepts[:len(l.Accepts):len(l.Accepts)]
	}
	return out
}

// or makes r the result of connections that go either way.
func (r *Result) or(o *Result) {
	for i := range o.Legs {
		if i == len(r.Legs) {
			r.Legs = append(r.Legs, o.Legs[i])
			continue
		}
		mine, other := &r.Legs[i], &o.Legs[i]
		mine.Need, mine.May = mine.Need.UnionSet(other.Need), mine.May.UnionSet(other.May)
		mine.Surely = mine.Surely.IntersectSet(other.Surely)
		mine.Parts, mine.Accepts = append(mine.Parts, other.Parts...), append(mine.Accepts, other.Accepts...)
	}
	r.May, r.Surely = r.May.UnionSet(o.May), r.Surely.IntersectSet(o.Surely)
}
