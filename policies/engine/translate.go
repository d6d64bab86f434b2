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
	if w.leg0 != Request {
		return w.translateLate(t, p, destination, by)
	}
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
		case destination:
			addrs = w.interfaceAddrs(p.box.In, p.box.Family)
		default:
			addrs = w.interfaceAddrs(p.box.Out, p.box.Family)
		}
	}
	return w.rewriteChanged(p, destination, addrs, ports, t, &by)
}

// rewriteChanged gives a side of the connection its new form, where that is another:
// conntrack does not count as translated what NAT leaves as it is. A port that is in
// the range already stays (nf_nat_core.c, get_unique_tuple).
func (w *walk) rewriteChanged(p piece, destination bool, addrs *packet.Addrs, ports *packet.Ports, t *model.Translation, by *Decision) []piece {
	if ports != nil && hasPorts(p.box.Protocol) {
		inside, outside := p, p
		_, port := clientSide(&inside.box, w.leg0)
		_, other := clientSide(&outside.box, w.leg0)
		if destination {
			_, port = serverSide(&inside.box, w.leg0)
			_, other = serverSide(&outside.box, w.leg0)
		}
		*port, *other = (*port).Intersect(ports), (*other).Subtract(ports)
		switch {
		case t.Random || (*port).IsEmpty():
			return w.rewrite(p, destination, addrs, ports, t.Kind, by)
		case (*other).IsEmpty():
			p = inside
		default:
			return append(w.rewriteChanged(inside, destination, addrs, nil, t, by), w.rewrite(outside, destination, addrs, ports, t.Kind, by)...)
		}
	}
	if addrs == nil && t.Kind == model.ToAddress {
		return []piece{p}
	}
	if addrs == nil || !isOne(addrs) {
		return w.rewriteToSome(p, destination, addrs, t, by)
	}
	same, changed := p, p
	a, _ := clientSide(&same.box, w.leg0)
	b, _ := clientSide(&changed.box, w.leg0)
	if destination {
		a, _ = serverSide(&same.box, w.leg0)
		b, _ = serverSide(&changed.box, w.leg0)
	}
	*a, *b = (*a).Intersect(addrs), (*b).Subtract(addrs)
	var out []piece
	if !(*a).IsEmpty() {
		out = append(out, same)
	}
	if !(*b).IsEmpty() {
		out = append(out, w.rewrite(changed, destination, addrs, nil, t.Kind, by)...)
	}
	return out
}

// rewriteToSome gives a side one of several addresses; where its own is among them,
// NAT may leave it as it is.
func (w *walk) rewriteToSome(p piece, destination bool, addrs *packet.Addrs, t *model.Translation, by *Decision) []piece {
	own, _ := clientSide(&p.box, w.leg0)
	if destination {
		own, _ = serverSide(&p.box, w.leg0)
	}
	if addrs == nil || !(*own).Overlaps(addrs) {
		return w.rewrite(p, destination, addrs, nil, t.Kind, by)
	}
	id, _ := w.identify(&severalAddresses, &p)
	same := w.choose(p, Choice{Condition: &severalAddresses, id: id, value: 1, of: 2})
	changed := w.choose(p, Choice{Condition: &severalAddresses, id: id, value: 0, of: 2})
	return append(w.rewrite(changed, destination, addrs, nil, t.Kind, by), same)
}

// severalAddresses is why it is not known whether NAT changes a packet.
var severalAddresses = model.Condition{Kind: "address", Memory: model.Fresh,
	Text: "which of several addresses NAT chooses"}

// translateLate is translate for a later packet that conntrack takes for the first of
// a connection, since it has not seen the request. Where NAT changes it, the other end
// does not know it for what it is.
func (w *walk) translateLate(t *model.Translation, p piece, destination bool, by Decision) []piece {
	side := func(p *piece) **packet.Addrs {
		if destination {
			return &p.box.Dst
		}
		return &p.box.Src
	}
	addrs, port := t.Addrs, p.box.SrcPort
	if destination {
		port = p.box.DstPort
	} else if t.Kind == model.ToInterface {
		addrs = w.interfaceAddrs(p.box.Out, p.box.Family)
	}
	kept, changed := p, p
	switch {
	case t.Kind == model.ToNetwork || t.Random || t.Ports != nil && !port.Within(t.Ports):
		*side(&kept) = &packet.Addrs{}
	case t.Kind == model.ToAddress && addrs == nil:
		return []piece{p}
	case addrs != nil && isOne(addrs):
		*side(&kept), *side(&changed) = (*side(&p)).Intersect(addrs), (*side(&p)).Subtract(addrs)
	case addrs != nil && !(*side(&p)).Overlaps(addrs):
		*side(&kept) = &packet.Addrs{}
	default: // one of several addresses, which may be the one that is there
		id, _ := w.identify(&severalAddresses, &p)
		kept = w.choose(p, Choice{Condition: &severalAddresses, id: id, value: 1, of: 2})
		changed = w.choose(p, Choice{Condition: &severalAddresses, id: id, value: 0, of: 2})
	}
	if !changed.box.IsEmpty() {
		by.Note = "connection tracking has not seen the request, so NAT takes this for a new connection"
		w.fail(changed, by)
	}
	if kept.box.IsEmpty() {
		return nil
	}
	return []piece{kept}
}

func isOne(s *packet.Addrs) bool {
	first, ok := s.Min()
	return ok && s.Equal(packet.Only(first))
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

// interfaceAddrs are the addresses of which a packet that is masqueraded or redirected
// gets one: with IPv4 the interface's first, with IPv6 any; nil where they are not known.
func (w *walk) interfaceAddrs(name *packet.Names, family packet.Family) *packet.Addrs {
	var all []*packet.Addrs
	for _, i := range w.query.Firewall.Interfaces {
		if name == nil || !name.Equal(packet.OneName(i.Name)) {
			continue
		}
		for _, prefix := range i.Addresses {
			if a, f := packet.FromNetip(prefix.Addr()); f == family {
				if f == packet.IPv4 {
					return packet.Only(a)
				}
				all = append(all, packet.Only(a))
			}
		}
	}
	if len(all) > 0 {
		return packet.Union(all...)
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
		if r.shift == (packet.Addr{}) {
			out, rest = append(out, q), rest.Subtract(block)
			continue
		}
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
