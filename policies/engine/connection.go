package engine

import (
	"slices"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// track gives each packet its state, as conntrack does when it first sees it on a hook.
func (w *walk) track(pieces []piece) []piece {
	var out []piece
	for _, p := range pieces {
		out = append(out, w.state(p)...)
	}
	return out
}

// state tells a packet's state from what the connection's earlier packets did. An
// answer to a request that was not tracked starts no TCP connection (a SYN+ACK is
// invalid) but does start one in other protocols; a later packet without a
// connection is picked up as new (nf_conntrack_tcp_loose).
func (w *walk) state(p piece) []piece {
	set := func(p piece, s packet.States) piece {
		p.box.State = s & p.translation()
		return p
	}
	p.saw |= w.sight(p.untracked)
	if p.untracked {
		p.box.State = packet.Untracked & noTranslation
		return []piece{p}
	}
	if w.query.State != 0 {
		return []piece{set(p, w.query.State)}
	}
	if p.saw.gaps() && w.tcp {
		return w.withGaps(p, set)
	}
	switch w.leg0 {
	case Request:
		p.tracked = true
		return []piece{set(p, packet.New)}
	case Reply:
		p.answered = true
		if p.tracked {
			return []piece{set(p, packet.Established)}
		}
		if !w.tcp {
			return []piece{set(p, packet.New)}
		}
		return w.byFlags(p, packet.FlagsOf(packet.SYN|packet.ACK),
			func(p piece) piece { p.answered = false; return set(p, packet.Invalid) },
			func(p piece) piece { return set(p, packet.New) })
	}
	switch {
	case p.tracked && p.answered, !p.tracked && p.answered && !w.tcp:
		return []piece{set(p, packet.Established)}
	case p.tracked && w.tcp:
		return []piece{set(p, packet.Invalid)}
	}
	return []piece{set(p, packet.New)}
}

// untrack takes a packet out of tracking, unless it has its connection already: on the
// loopback interface, where it comes from the output hooks (xt_CT.c, notrack_chk).
func (w *walk) untrack(c *model.Chain, r *model.Rule, p piece) piece {
	if p.box.State&packet.Invalid == 0 {
		w.observe(c, r, p, EffectContinue)
		return p
	}
	w.observe(c, r, p, EffectUntrack)
	w.changes++
	p.untracked = true
	w.missesSome = w.missesSome || w.tcp && (p.box.Flags != w.flags0 || w.asksFlags(r) || (p.saw|w.sight(true)).gaps())
	p.box.State = packet.Untracked & noTranslation
	return p
}

// sight is what tracking sees or misses on this leg.
func (w *walk) sight(misses bool) sight {
	s := sawOpener
	if w.leg0 == Reply {
		s = sawOther
	}
	if misses {
		s <<= 1
	}
	return s
}

// asksFlags tells that a rule, or one that led to it, is for some TCP flags only.
func (w *walk) asksFlags(r *model.Rule) bool {
	return r.Where.Flags != packet.AnyFlags || slices.ContainsFunc(w.calls, func(c *model.Rule) bool { return c.Where.Flags != packet.AnyFlags })
}

// missed is why the state of a packet is not known where tracking has not seen all
// packets before it: it takes a connection up at a later packet, and finds invalid what
// acknowledges data that it has not seen (nf_conntrack_proto_tcp.c, tcp_in_window).
var missed = model.Condition{Kind: "tracking", Memory: model.Fresh,
	Text: "what connection tracking makes of the connection: a rule takes only some of its packets out of tracking"}

// withGaps tells the state of TCP packets of a connection that tracking sees in part.
func (w *walk) withGaps(p piece, set func(piece, packet.States) piece) []piece {
	states := []packet.States{packet.Established, packet.Invalid}
	switch {
	case w.leg0 == FollowUp && p.tracked && !p.answered:
		return []piece{set(p, packet.Invalid)}
	case !p.tracked:
		states = append(states, packet.New)
	}
	if p.pickedUp != 0 {
		return []piece{set(p, p.pickedUp)}
	}
	id, _ := w.identify(&missed, &p)
	var out []piece
	for i, s := range states {
		q := w.choose(p, Choice{Condition: &missed, id: id, value: uint8(i), of: uint8(len(states))})
		q.pickedUp = s
		out = append(out, set(q, s))
	}
	return out
}

// byFlags divides a piece by its TCP flags.
func (w *walk) byFlags(p piece, flags packet.Flags, with, without func(piece) piece) []piece {
	var out []piece
	in, rest := p, p
	in.box.Flags &= flags
	rest.box.Flags &^= flags
	if in.box.Flags != 0 {
		out = append(out, with(in))
	}
	if rest.box.Flags != 0 {
		out = append(out, without(rest))
	}
	return out
}

// showStates gives packets their state on a hook that does not track.
func (w *walk) showStates(pieces []piece) {
	for i := range pieces {
		pieces[i].box.State = w.state(pieces[i])[0].box.State
	}
}

// firstPackets tells the packets that nat chains are asked about from the others.
func (w *walk) firstPackets(pieces []piece) (first, later []piece) {
	for _, p := range pieces {
		again := w.query.Place == Loopback && (w.hook0 == model.Prerouting || w.hook0 == model.Input)
		if p.box.State&packet.New != 0 && !again && !p.bound {
			first = append(first, p)
		} else {
			later = append(later, p)
		}
	}
	return first, later
}

// turnBack rewrites the packets of connections that NAT has rewritten: later
// packets of the opener like its first, the answers back.
func (w *walk) turnBack(hook model.Hook, pieces []piece) []piece {
	if w.leg0 == Request {
		return pieces
	}
	destination := hook == model.Prerouting || hook == model.Output
	for i := range pieces {
		p := &pieces[i]
		if !p.tracked || !p.hasConnection() {
			continue
		}
		// The answers' destination is the client, their source the server.
		if destination == (w.leg0 == Reply) {
			if r := p.client; r != nil && r.translated == (w.leg0 == Reply) {
				p.client = r.turn(clientSide(&p.box, w.leg0))
			}
		} else if r := p.server; r != nil && r.translated == (w.leg0 == Reply) {
			p.server = r.turn(serverSide(&p.box, w.leg0))
		}
	}
	return pieces
}
