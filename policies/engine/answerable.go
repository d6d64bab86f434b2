package engine

import (
	"net/netip"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// answerable ends what source NAT gives an address to which no answer comes back: the
// destination's own, one that no router carries, or another host's. Any other address
// may be routed to the firewall, as pools of addresses are.
func (w *walk) answerable(pieces []piece, ch change) []piece {
	if w.hook0 != model.Postrouting || w.query.Place == Loopback || ch.addrs == nil && ch.kind != model.ToNetwork || ch.kind == model.ToInterface {
		return pieces
	}
	var out []piece
	for _, p := range pieces {
		if p.client == nil {
			out = append(out, p)
			continue
		}
		for _, q := range w.apart(p, ch) {
			for _, q := range w.unanswered(q, martians[q.box.Family], "gives the packets a source that no router carries", ch) {
				for _, q := range w.unanswered(q, w.elsewhere(q.box.Family), "gives the packets another host's address as source, and the answers go there", ch) {
					out = append(out, w.unclaimed(q, ch))
				}
			}
		}
	}
	return out
}

// unclaimed is in doubt where the source is an address of the link that the packets leave
// by, which the firewall is not known to have: nobody routes it there, so that somebody
// must ask for it, and get an answer.
func (w *walk) unclaimed(p piece, ch change) piece {
	if w.query.Own == nil || !p.box.Src.Overlaps(w.onLink(&p).Subtract(w.query.Own)) {
		return p
	}
	c := &model.Condition{Kind: "address", Memory: model.PerFlow, Text: "whether the firewall answers for the source that NAT gives, an address of the network there",
		Supply: "the interface's addresses in the topology"}
	by := *ch.by
	if by.Rule != nil {
		c.Span = by.Rule.Span
		c.Key = "unclaimed " + c.Span.Text()
	}
	id, _ := w.identify(c, &p)
	by.Note = "gives the packets a source for which the firewall may not answer"
	w.fail(w.choose(p, Choice{Condition: c, id: id, value: 0, of: 2}), by)
	return w.choose(p, Choice{Condition: c, id: id, value: 1, of: 2})
}

// onLink are the addresses of the network that a piece leaves by.
func (w *walk) onLink(p *piece) *packet.Addrs {
	out := packet.Union[packet.Addr]()
	for _, i := range w.query.Firewall.Interfaces {
		for _, prefix := range i.Addresses {
			set, f := packet.PrefixAddrs(prefix)
			if f == p.box.Family && set != nil && p.box.Out != nil && p.box.Out.Within(packet.OneName(i.Name)) {
				out = out.Union(set)
			}
		}
	}
	return out
}

// martians are the sources that no router carries (RFC 1812, 5.3.7).
var martians = map[packet.Family]*packet.Addrs{
	packet.IPv4: prefixes("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32"),
	packet.IPv6: prefixes("::/127", "ff00::/8"),
}

func prefixes(texts ...string) *packet.Addrs {
	out := packet.Union[packet.Addr]()
	for _, text := range texts {
		set, _ := packet.PrefixAddrs(netip.MustParsePrefix(text))
		out = out.Union(set)
	}
	return out
}

// elsewhere are other hosts' addresses.
func (w *walk) elsewhere(f packet.Family) *packet.Addrs {
	switch {
	case w.query.Elsewhere == nil:
		return packet.Union[packet.Addr]()
	case w.query.Own == nil:
		return w.query.Elsewhere(f)
	}
	return w.query.Elsewhere(f).Subtract(w.query.Own)
}

// apart ends the packets that come from their own destination.
func (w *walk) apart(p piece, ch change) []piece {
	const note = "gives the packets their destination's own address as source, which it does not accept"
	switch src, dst := p.box.Src, p.box.Dst; {
	case !src.Overlaps(dst):
	case isOne(src):
		own := p
		own.box.Dst, p.box.Dst = src, dst.Subtract(src)
		w.unanswered(own, src, note, ch)
		if p.box.IsEmpty() {
			return nil
		}
	case dst != nil && isOne(dst):
		return w.unanswered(p, dst, note, ch)
	default:
		yes, no := w.either(p, ch)
		w.unanswered(no, no.box.Src, note, ch)
		return []piece{yes}
	}
	return []piece{p}
}

// unanswered ends the packets of a piece with a source to which no answer comes back;
// where NAT chooses the source, it may be another one.
func (w *walk) unanswered(p piece, source *packet.Addrs, note string, ch change) []piece {
	if !p.box.Src.Overlaps(source) {
		return []piece{p}
	}
	good, bad := p, p
	if rest := p.box.Src.Subtract(source); !rest.IsEmpty() {
		if !p.client.shifted {
			good, bad = w.either(p, ch)
		}
		good.box.Src, bad.box.Src = rest, p.box.Src.Intersect(source)
	} else {
		good.box.Src = rest
	}
	by := *ch.by
	by.Note = note
	w.fail(bad, by)
	if good.box.IsEmpty() {
		return nil
	}
	return []piece{good}
}
