package engine

import (
	"github.com/sumlint/sumlint/parsers/packet"
)

// piece is a set of packets that have fared alike so far, with all that the
// firewall knows of them. It is comparable: equal pieces are the same set, since
// sets are shared and never change.
type piece struct {
	// box is the packet as it is now.
	box packet.Box
	// in and out are the interfaces in the direction of the request.
	in, out *packet.Names
	// client and server are the two sides' rewritings, nil where there is none.
	client, server *rewriting
	mark, connMark uint32
	untracked      bool // this packet is
	bound          bool // a NAT rule has decided on this hook, so that no other chain is asked
	tracked        bool // the request was
	answered       bool // tracking has seen an answer
	// saw tells what tracking has seen and missed of the connection's packets.
	saw sight
	// pickedUp is the state that was chosen for packets of a connection that tracking has seen in part.
	pickedUp packet.States
	choice   *Choice
}

// sight is what tracking has seen and missed of a connection's packets.
type sight uint8

const (
	sawOpener sight = 1 << iota
	missedOpener
	sawOther
	missedOther
)

// gaps tells that tracking has missed some packets of an end, but not all.
func (s sight) gaps() bool {
	const opener, other = sawOpener | missedOpener, sawOther | missedOther
	return s&opener == opener || s&other == other
}

// side is one end of a connection, in one of its two forms.
type side struct {
	addrs *packet.Addrs
	ports *packet.Ports
}

// rewriting is NAT's change of one side of a connection.
type rewriting struct {
	// other is the form that the packet does not show now.
	other side
	// translated tells that the packet shows the form after NAT.
	translated bool
	// shift is what was added to the address, where each address has its own
	// counterpart (NETMAP); then other.addrs is not used.
	shift   packet.Addr
	shifted bool
	// keepsPorts tells that the port is the same in both forms; then other.ports is not used.
	keepsPorts bool
	// by is the decision that made it.
	by *Decision
}

// clientSide and serverSide point to a packet's side in the box, by the direction of the leg.
func clientSide(b *packet.Box, leg Leg) (**packet.Addrs, **packet.Ports) {
	if leg == Reply {
		return &b.Dst, &b.DstPort
	}
	return &b.Src, &b.SrcPort
}

func serverSide(b *packet.Box, leg Leg) (**packet.Addrs, **packet.Ports) {
	if leg == Reply {
		return &b.Src, &b.SrcPort
	}
	return &b.Dst, &b.DstPort
}

// turn shows the other form of a side in the box and returns the rewriting that remembers this one.
func (r *rewriting) turn(addrs **packet.Addrs, ports **packet.Ports) *rewriting {
	t := *r
	t.translated = !r.translated
	t.other = side{*addrs, *ports}
	*addrs, *ports = r.hidden(*addrs), r.hiddenPorts(*ports)
	return &t
}

// hidden returns the address in the form that the packet, which has shown in it now, does not show.
func (r *rewriting) hidden(shown *packet.Addrs) *packet.Addrs {
	if !r.shifted {
		return r.other.addrs
	}
	by := r.shift
	if r.translated {
		by = negate(by)
	}
	return shiftAddrs(shown, by)
}

// hiddenPorts is hidden for the port.
func (r *rewriting) hiddenPorts(shown *packet.Ports) *packet.Ports {
	if r.keepsPorts {
		return shown
	}
	return r.other.ports
}

func negate(a packet.Addr) packet.Addr {
	n, _ := a.Not().Next()
	return n
}

// shiftAddrs adds the same number to each address; no interval may wrap.
func shiftAddrs(s *packet.Addrs, by packet.Addr) *packet.Addrs {
	var parts []*packet.Addrs
	s.Each(func(first, end packet.Addr, _ bool) {
		parts = append(parts, packet.Span(first.Plus(by), end.Prev().Plus(by)))
	})
	return packet.Union(parts...)
}

// hasConnection tells whether conntrack has a connection for the packet: not before
// tracking, and not for what is invalid or untracked.
func (p *piece) hasConnection() bool { return p.box.State&^(packet.Invalid|packet.Untracked) != 0 }

// opening is the connection's opening packet as it arrived.
func (p *piece) opening(leg Leg) packet.Box {
	b := fiveTuple(p.box)
	ca, cp := clientSide(&b, leg)
	sa, sp := serverSide(&b, leg)
	out := b
	out.Src, out.SrcPort, out.Dst, out.DstPort = *ca, *cp, *sa, *sp
	if p.client != nil && p.client.translated {
		out.Src, out.SrcPort = p.client.hidden(out.Src), p.client.hiddenPorts(out.SrcPort)
	}
	if p.server != nil && p.server.translated {
		out.Dst, out.DstPort = p.server.hidden(out.Dst), p.server.hiddenPorts(out.DstPort)
	}
	if leg == Reply {
		out.ICMP = answerType(out.ICMP, FollowUp)
	}
	return out
}

// noTranslation are the states without conntrack's virtual ones.
const noTranslation = packet.AnyState &^ (packet.TranslatedSource | packet.TranslatedDestination)

// translation are conntrack's virtual states SNAT and DNAT that fit the connection.
func (p *piece) translation() packet.States {
	s := packet.AnyState
	if p.client != nil {
		s &= packet.TranslatedSource
	} else {
		s &^= packet.TranslatedSource
	}
	if p.server != nil {
		s &= packet.TranslatedDestination
	} else {
		s &^= packet.TranslatedDestination
	}
	return s
}

// chosen tells what was chosen for a condition.
func (p *piece) chosen(id int) (uint8, bool) {
	for c := p.choice; c != nil; c = c.before {
		if c.id == id {
			return c.value, true
		}
	}
	return 0, false
}
