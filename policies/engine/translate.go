package engine

import (
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// aim is the side of a packet that NAT rewrites on a hook, and where it is remembered.
type aim struct {
	addrs **packet.Addrs
	ports **packet.Ports
	kept  **rewriting
}

func (p *piece) aim(destination bool) aim {
	if destination {
		return aim{&p.box.Dst, &p.box.DstPort, &p.server}
	}
	return aim{&p.box.Src, &p.box.SrcPort, &p.client}
}

// change is what a NAT rule makes of one side of a packet. Without addrs the address
// stays, or is one of the interface's where these are not known; without ports the port does.
type change struct {
	destination bool
	addrs       *packet.Addrs
	ports       *packet.Ports
	kind        model.TranslationKind
	random      bool // the port is drawn, even where it could stay
	by          *Decision
}

// change tells what a rule makes of a piece.
func (w *walk) change(c *model.Chain, r *model.Rule, p *piece) change {
	t, by := r.Action.Translation, w.decision(c, r)
	ch := change{destination: w.hook0 == model.Prerouting || w.hook0 == model.Output, addrs: t.Addrs, ports: t.Ports, kind: t.Kind, by: &by}
	switch {
	case t.Kind != model.ToInterface:
	case !ch.destination:
		ch.addrs = w.interfaceAddrs(p.box.Out, p.box.Family)
	case w.hook0 == model.Output: // nf_nat_redirect.c: what the host sends goes to its loopback address
		ch.addrs = packet.Only(loopbackAddr(p.box.Family))
	default:
		ch.addrs = w.interfaceAddrs(p.box.In, p.box.Family)
	}
	if t.Random && ch.ports == nil && !ch.destination {
		ch.ports = drawnPorts(p.box.SrcPort)
	}
	if !hasPorts(p.box.Protocol) {
		ch.ports = nil
	}
	ch.random = t.Random && ch.ports != nil && !isOne(ch.ports)
	return ch
}

// drawnPorts are those of which a random one is taken (nf_nat_core.c): only a source's,
// for a port rewritten without a range never changes a destination's.
func drawnPorts(ports *packet.Ports) *packet.Ports {
	out := packet.Union[packet.Port]()
	for _, class := range [][4]packet.Port{{0, 511, 1, 511}, {512, 1023, 600, 1023}, {1024, 65535, 1024, 65535}} {
		if ports.Overlaps(packet.Span(class[0], class[1])) {
			out = out.Union(packet.Span(class[2], class[3]))
		}
	}
	return out
}

// translate rewrites a piece as a NAT rule says and returns what goes on. What is
// delivered to the firewall itself instead of its destination ends here.
func (w *walk) translate(c *model.Chain, r *model.Rule, p piece) []piece {
	w.changes++
	p.bound = true
	ch := w.change(c, r, &p)
	if w.leg0 != Request {
		return w.translateLate(p, ch)
	}
	if ch.kind == model.ToNetwork {
		return w.answerable(w.toNetwork(r.Action.Translation, p, ch), ch)
	}
	if ch.kind == model.ToInterface && ch.destination && (w.query.Place == Through || w.query.Place == OutOf) {
		w.redirected(p, *ch.by)
		return nil
	}
	kept, moved, ported := w.divide(p, ch)
	out := kept
	for _, q := range ported {
		out = append(out, w.answerable(w.rewrite(q, ch), ch)...)
	}
	ch.ports = nil
	for _, q := range moved {
		out = append(out, w.answerable(w.rewrite(q, ch), ch)...)
	}
	return out
}

// divide tells the packets that NAT leaves as they are, which conntrack does not count
// as translated, from those that get another address and those that get another port
// too. A port that is in the range already stays (nf_nat_core.c, get_unique_tuple).
func (w *walk) divide(p piece, ch change) (kept, moved, ported []piece) {
	if ch.ports != nil {
		out := p
		from := out.aim(ch.destination)
		if !ch.random {
			*from.ports = (*from.ports).Subtract(ch.ports)
		}
		if !out.box.IsEmpty() {
			ported = []piece{out}
		}
		if ch.random {
			return nil, nil, ported
		}
		stays := p.aim(ch.destination).ports
		*stays = (*stays).Intersect(ch.ports)
		if p.box.IsEmpty() {
			return nil, nil, ported
		}
	}
	same, other := p, p
	own, rest := same.aim(ch.destination), other.aim(ch.destination)
	switch {
	case ch.addrs == nil && ch.kind == model.ToAddress:
		return []piece{p}, nil, ported
	case ch.addrs == nil && w.leg0 == Request, ch.addrs != nil && !(*own.addrs).Overlaps(ch.addrs):
		return nil, []piece{p}, ported
	case ch.addrs != nil && isOne(ch.addrs):
		*own.addrs, *rest.addrs = (*own.addrs).Intersect(ch.addrs), (*rest.addrs).Subtract(ch.addrs)
		if other.box.IsEmpty() {
			return []piece{same}, nil, ported
		}
	default: // its own address is among several
		yes, no := w.either(p, ch)
		return []piece{yes}, []piece{no}, ported
	}
	return []piece{same}, []piece{other}, ported
}

// either divides a piece by which of several addresses NAT chooses.
func (w *walk) either(p piece, ch change) (yes, no piece) {
	c := &model.Condition{Kind: "address", Memory: model.Fresh, Text: "which of several addresses NAT chooses", Span: ch.by.Rule.Span}
	id, _ := w.identify(c, &p)
	return w.choose(p, Choice{Condition: c, id: id, value: 1, of: 2}), w.choose(p, Choice{Condition: c, id: id, value: 0, of: 2})
}

// translateLate is translate for a later packet that conntrack takes for the first of
// a connection, since it has not seen the request. Where NAT changes it, the other end
// does not know it for what it is.
func (w *walk) translateLate(p piece, ch change) []piece {
	var kept, moved, ported []piece
	if ch.kind == model.ToNetwork {
		moved = []piece{p}
	} else {
		kept, moved, ported = w.divide(p, ch)
	}
	by := *ch.by
	by.Note = "connection tracking has not seen the request, so NAT takes this for a new connection"
	for _, q := range append(moved, ported...) {
		w.fail(q, by)
	}
	return kept
}

func isOne[T packet.Point[T]](s *packet.Intervals[T]) bool {
	first, ok := s.Min()
	return ok && s.Equal(packet.Only(first))
}

// rewrite gives a side of the connection its new form; nil keeps what is there,
// but for the address of a masquerade, where it is any.
func (w *walk) rewrite(p piece, ch change) []piece {
	r := rewriting{by: ch.by, keepsPorts: ch.ports == nil, other: side{ch.addrs, ch.ports}}
	side := p.aim(ch.destination)
	if ch.addrs == nil && !(ch.kind == model.ToInterface && !ch.destination && w.query.Place == Through) {
		r.other.addrs = *side.addrs
		r.shifted = true // each address is its own counterpart
	}
	*side.kept = r.turn(side.addrs, side.ports)
	p.box.State = packet.New & p.translation()
	if ch.destination && w.query.Place == Through && w.query.Own != nil && p.box.Dst.Within(w.query.Own) {
		w.redirected(p, *ch.by)
		return nil
	}
	return []piece{p}
}

// redirected ends what NAT delivers to the firewall itself.
func (w *walk) redirected(p piece, by Decision) {
	part := w.part(p, false, by)
	part.Redirected = true
	w.parts = append(w.parts, part)
}

func hasPorts(p packet.Protocols) bool {
	return p.Contains(packet.TCP) || p.Contains(packet.UDP) || p.Contains(33) || p.Contains(132) || p.Contains(136)
}

// loopbackAddr is 127.0.0.1 or ::1.
func loopbackAddr(f packet.Family) packet.Addr {
	if f == packet.IPv4 {
		return packet.Addr{Lo: 127<<24 | 1}
	}
	return packet.Addr{Lo: 1}
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
func (w *walk) toNetwork(t *model.Translation, p piece, ch change) []piece {
	base, f := packet.FromNetip(t.Network.Addr())
	host := packet.HostMask(f.Bits() - t.Network.Bits())
	var out []piece
	rest := *p.aim(ch.destination).addrs
	for n := 0; ; n++ {
		first, ok := rest.Min()
		if !ok || f.Last().Compare(first) < 0 {
			return out
		}
		if n == maxNetworkBlocks {
			ch.addrs, ch.ports, ch.kind = packet.Span(base.And(host.Not()), base.Or(host)), nil, model.ToAddress
			return append(out, w.rewrite(p, ch)...)
		}
		block := packet.Span(first.And(host.Not()), first.Or(host))
		q := p
		side := q.aim(ch.destination)
		*side.addrs = rest.Intersect(block)
		r := &rewriting{by: ch.by, shifted: true, keepsPorts: true, shift: base.And(host.Not()).Plus(negate(first.And(host.Not())))}
		if r.shift != (packet.Addr{}) { // else nothing changes
			*side.kept = r.turn(side.addrs, side.ports)
			q.box.State = packet.New & q.translation()
		}
		out, rest = append(out, q), rest.Subtract(block)
	}
}
