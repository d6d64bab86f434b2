package engine

import (
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

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
