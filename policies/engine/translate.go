package engine

import (
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// translate rewrites a piece as a NAT rule says and returns what goes on. What is
// delivered to the firewall itself instead of its destination ends here.
func (w *walk) translate(c *model.Chain, r *model.Rule, p piece) []piece {
	w.changes++
	t := r.Action.Translation
	destination := w.hook0 == model.Prerouting || w.hook0 == model.Output
	by := w.decision(c, r)
	if t.Kind == model.ToNetwork {
		return w.toNetwork(t, p, destination, &by)
	}
	addrs, ports := t.Addrs, t.Ports
	if t.Random && ports == nil {
		ports = packet.Span[packet.Port](1024, 65535)
	}
	if t.Kind == model.ToInterface {
		switch {
		case destination && w.query.Place != Into:
			part := w.part(p, false, by)
			part.Redirected = true
			w.parts = append(w.parts, part)
			return nil
		case !destination && w.query.Place == Through:
			addrs = w.masquerade(&p)
		}
	}
	return w.rewrite(p, destination, addrs, ports, t.Kind, &by)
}

// rewrite gives a side of the connection its new form; nil keeps what is there,
// but for the address of a masquerade, where it is any.
func (w *walk) rewrite(p piece, destination bool, addrs *packet.Addrs, ports *packet.Ports, kind model.TranslationKind, by *Decision) []piece {
	r := rewriting{by: by}
	a, port := clientSide(&p.box, w.leg0)
	if destination {
		a, port = serverSide(&p.box, w.leg0)
	}
	keep := addrs == nil && !(kind == model.ToInterface && !destination && w.query.Place == Through)
	if keep {
		addrs = *a
		r.shifted = true // each address is its own counterpart
	}
	r.keepsPorts = ports == nil || !hasPorts(p.box.Protocol)
	r.other = side{addrs, ports}
	done := r.turn(a, port)
	if destination {
		p.server = done
	} else {
		p.client = done
	}
	p.box.State = packet.New & p.translation()
	if destination && w.query.Place == Through && w.query.Own != nil && p.box.Dst.Within(w.query.Own) {
		part := w.part(p, false, *by)
		part.Redirected = true
		w.parts = append(w.parts, part)
		return nil
	}
	return []piece{p}
}

func hasPorts(p packet.Protocols) bool {
	return p.Contains(packet.TCP) || p.Contains(packet.UDP) || p.Contains(33) || p.Contains(132) || p.Contains(136)
}

// masquerade is the address that a packet gets when it leaves through its
// interface: the interface's first of the family; any address where it is not known.
func (w *walk) masquerade(p *piece) *packet.Addrs {
	for _, i := range w.query.Firewall.Interfaces {
		if p.box.Out == nil || !p.box.Out.Equal(packet.OneName(i.Name)) {
			continue
		}
		for _, prefix := range i.Addresses {
			if a, f := packet.FromNetip(prefix.Addr()); f == p.box.Family {
				return packet.Only(a)
			}
		}
	}
	return nil
}

// maxNetworkBlocks bounds into how many blocks a network mapping may divide a piece.
const maxNetworkBlocks = 4096

// toNetwork maps each block of the piece's addresses to the network, address by address.
func (w *walk) toNetwork(t *model.Translation, p piece, destination bool, by *Decision) []piece {
	base, f := packet.FromNetip(t.Network.Addr())
	host := packet.HostMask(f.Bits() - t.Network.Bits())
	shown, _ := clientSide(&p.box, w.leg0)
	if destination {
		shown, _ = serverSide(&p.box, w.leg0)
	}
	var out []piece
	rest := *shown
	for n := 0; ; n++ {
		first, ok := rest.Min()
		if !ok || f.Last().Compare(first) < 0 {
			return out
		}
		if n == maxNetworkBlocks {
			return append(out, w.rewrite(p, destination, packet.Span(base.And(host.Not()), base.Or(host)), nil, model.ToAddress, by)...)
		}
		block := packet.Span(first.And(host.Not()), first.Or(host))
		q := p
		a, ports := clientSide(&q.box, w.leg0)
		if destination {
			a, ports = serverSide(&q.box, w.leg0)
		}
		*a = rest.Intersect(block)
		r := &rewriting{by: by, shifted: true, keepsPorts: true, shift: base.And(host.Not()).Plus(negate(first.And(host.Not())))}
		r = r.turn(a, ports)
		if destination {
			q.server = r
		} else {
			q.client = r
		}
		q.box.State = packet.New & q.translation()
		out = append(out, q)
		rest = rest.Subtract(block)
	}
}
