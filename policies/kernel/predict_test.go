//go:build linux

package kernel

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/exports"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/policies/engine"
)

// verdict is what the engine says of one leg of one flow.
type verdict int

const (
	no verdict = iota
	perhaps
	yes
)

func (v verdict) String() string { return [...]string{"no", "perhaps", "yes"}[v] }

// prediction is what the engine says of a flow on its whole way.
type prediction struct {
	legs [3]verdict // request, reply, follow-up
	at   string     // the host at which the request ends
	// client and server are the packet's two sides as it arrives there.
	client, server side
	// skip says why the flow can't be compared.
	skip string
	hops []string // for the reader
	// depends names what the engine could not decide.
	depends []string
}

// side is the set of addresses and ports that one end of a flow may show.
type side struct {
	addrs *packet.Addrs
	ports *packet.Ports
}

func (s side) has(a netip.AddrPort) bool {
	n, _ := packet.FromNetip(a.Addr())
	return s.addrs.Contains(n) && s.ports.Contains(packet.Port(a.Port()))
}

func (p *prediction) String() string {
	if p.skip != "" {
		return "not compared: " + p.skip
	}
	return fmt.Sprintf("request %s, reply %s, follow-up %s; ends at %s\n    %s", p.legs[0], p.legs[1], p.legs[2], p.at, strings.Join(p.hops, "\n    "))
}

// oracle holds the models of a lab's hosts.
type oracle struct {
	lab    *lab
	models map[string]*model.Firewall
	asked  []question
}

// question is a query about one flow at one host, kept for the check of sets.
type question struct {
	query  engine.Query
	result engine.Result
}

// newOracle compiles what the save tools have printed.
func newOracle(l *lab, printed printouts) (*oracle, error) {
	o := &oracle{lab: l, models: map[string]*model.Firewall{}}
	for _, h := range l.hosts {
		// A host on which nothing was loaded prints nothing, and filters nothing.
		texts := slices.DeleteFunc(slices.Clone(printed[h.name]), func(text string) bool { return text == "" })
		if len(texts) == 0 {
			continue
		}
		var files []*exports.File
		for i, text := range texts {
			f, diags := exports.Parse(fmt.Sprintf("%s.%d", h.name, i), []byte(text), "")
			if diags.HasErrors() {
				return nil, fmt.Errorf("%s: %w\n%s", h.name, diags.Sorted()[0], text)
			}
			files = append(files, f)
		}
		host := exports.Host{Name: h.name, Own: h.index == 0 || h == l.last()}
		left, right := l.interfaces(h)
		for i, name := range []string{left, right} {
			if name != "" {
				host.Interfaces = append(host.Interfaces, model.Interface{Name: name, Addresses: l.prefixes(h, h.index+i)})
			}
		}
		fw, diags := exports.Compile(host, files)
		if diags.HasErrors() {
			return nil, fmt.Errorf("%s: %w", h.name, diags.Sorted()[0])
		}
		o.models[h.name] = fw
	}
	return o, nil
}

// prefixes are the host's addresses on a link.
func (l *lab) prefixes(h *host, link int) (out []netip.Prefix) {
	for _, n := range l.numbers(link, h) {
		v4, v6 := address(link, n)
		out = append(out, netip.PrefixFrom(v4, 24), netip.PrefixFrom(v6, 64))
	}
	return out
}

// predict sends a flow through the models, host by host, as the routes lead it.
func (o *oracle) predict(f flow) *prediction {
	p := &prediction{legs: [3]verdict{yes, yes, yes}}
	b := f.box()
	h, came := f.from, 0
	for range len(o.lab.hosts) {
		dst, ok := single(b.Dst, b.Family)
		if !ok {
			p.skip = "its destination is not one address"
			return p
		}
		place, way := o.place(h, dst, came)
		switch {
		case place == engine.Loopback:
			p.skip = "it stays on its host"
			return p
		case place != engine.Into && way == came:
			p.skip = "it turns back"
			return p
		}
		if b, ok = o.hop(p, h, place, came, way, b); !ok {
			return p
		}
		dst, ok = single(b.Dst, b.Family)
		if place == engine.Into {
			if !ok || o.lab.owner(dst) != h {
				p.skip = "its destination is changed on the way in"
				return p
			}
			p.at, p.client, p.server = h.name, side{b.Src, b.SrcPort}, side{b.Dst, b.DstPort}
			return p
		}
		if !ok || o.lab.owner(dst) == h {
			p.skip = "its destination is not one address, or its own host"
			return p
		}
		switch real := o.lab.direction(h, dst); real {
		case way:
		case 0:
			p.legs[0] = no
			p.hops = append(p.hops, h.name+" has no route to "+dst.String())
			return p
		default:
			p.skip = "it leaves on another interface than it seemed"
			return p
		}
		h, came = o.lab.hosts[h.index+way], -way
	}
	p.skip = "it goes too far"
	return p
}

// place tells how a packet meets a host and which way it leaves; for an address
// that only NAT can make sense of, straight on.
func (o *oracle) place(h *host, dst netip.Addr, came int) (engine.Place, int) {
	switch {
	case o.lab.owner(dst) == h && came == 0:
		return engine.Loopback, 0
	case o.lab.owner(dst) == h:
		return engine.Into, 0
	}
	way := o.lab.direction(h, dst)
	if came == 0 {
		return engine.OutOf, way
	}
	if way == 0 {
		way = -came
	}
	return engine.Through, way
}

// hop asks one host's model and returns the packet as it leaves; false where it does not.
func (o *oracle) hop(p *prediction, h *host, place engine.Place, came, way int, b packet.Box) (packet.Box, bool) {
	fw := o.models[h.name]
	if fw == nil {
		return b, true
	}
	left, right := o.lab.interfaces(h)
	name := func(way int) *packet.Names { return packet.OneName(map[int]string{-1: left, 0: "", 1: right}[way]) }
	q := engine.Query{Firewall: fw, Place: place, Space: b, Answers: true, Own: o.own(h, b.Family)}
	q.Space.In, q.Space.Out = name(came), name(way)
	result := engine.Evaluate(q)
	o.asked = append(o.asked, question{q, result})
	var leaves []packet.Box
	for i := range p.legs {
		if i >= len(result.Legs) {
			p.legs[i] = no
			continue
		}
		leg := &result.Legs[i]
		p.legs[i] = min(p.legs[i], legVerdict(leg))
		if legVerdict(leg) == perhaps {
			for _, c := range leg.DependsOn(leg.Need) {
				p.depends = append(p.depends, c.Kind+": "+c.Text)
			}
		}
		for j := range leg.Parts {
			part := &leg.Parts[j]
			if !part.Passes {
				p.hops = append(p.hops, fmt.Sprintf("%s, %s, %s: %s", h.name, leg.Leg, part.Hook, describe(part)))
			}
			if part.Passes && i == 0 && !slices.ContainsFunc(leaves, func(b packet.Box) bool { return b.Equal(&part.Leaves) }) {
				leaves = append(leaves, part.Leaves)
			}
			if part.Redirected {
				p.skip = "it is redirected to the firewall"
			}
			if i == 0 && place == engine.Into && !part.Leaves.Dst.Within(q.Own) {
				p.skip = "its destination is changed on the way in"
			}
		}
	}
	if p.legs[0] == no || p.skip != "" {
		return b, false
	}
	if len(leaves) != 1 {
		p.skip = fmt.Sprintf("%s makes %d packets of it", h.name, len(leaves))
		return b, false
	}
	return leaves[0], true
}

func describe(part *engine.Part) string {
	switch by := &part.By; {
	case by.Rule != nil:
		return by.Rule.Span.Text()
	case by.Chain != nil:
		return "the default of " + by.Chain.Name
	default:
		return by.Note
	}
}

func legVerdict(l *engine.LegResult) verdict {
	switch {
	case l.Need.Within(l.Surely):
		return yes
	case l.May.IsEmpty():
		return no
	}
	return perhaps
}

func (o *oracle) own(h *host, family packet.Family) *packet.Addrs {
	all := &packet.Addrs{}
	for _, a := range h.addrs {
		if n, f := packet.FromNetip(a); f == family {
			all = all.Union(packet.Only(n))
		}
	}
	return all
}

// single returns the one address of a set.
func single(s *packet.Addrs, family packet.Family) (netip.Addr, bool) {
	first, ok := s.Min()
	if !ok || s == nil || !s.Equal(packet.Only(first)) {
		return netip.Addr{}, false
	}
	return first.Netip(family), true
}

// disagrees compares a prediction with what happened; "" is agreement.
func disagrees(f flow, p *prediction, o outcome) string {
	if p.skip != "" {
		return ""
	}
	switch {
	case p.legs[0] == yes && !o.request:
		return "the request does not arrive"
	case p.legs[0] == no && o.request:
		return "the request arrives"
	case p.legs[0] != no && o.request && o.at != p.at:
		return "the request arrives elsewhere"
	case p.legs[0] != no && o.client.IsValid() && (!p.client.has(o.client) || !p.server.has(o.server)):
		return "the request arrives with other addresses or ports"
	}
	passes := min(p.legs[0], p.legs[1])
	whole := min(passes, p.legs[2])
	switch {
	case passes == yes && !o.answer && (f.protocol == packet.UDP || whole == yes):
		// Where TCP's later packets fail, a reject may end the socket before it is seen to stand.
		return "the answer does not come back"
	case whole == yes && !o.followUp:
		return "later packets do not all arrive"
	case whole == no && o.followUp:
		return "all packets pass"
	case f.protocol == packet.UDP && passes == no && o.answer:
		return "the answer comes back"
	}
	return ""
}

// sets asks each question again for all flows that met the same host in the same
// way at once, and holds each flow's part of the answer against its own.
func (o *oracle) sets() error {
	type key struct {
		fw       *model.Firewall
		place    engine.Place
		protocol packet.Protocols
		in, out  string
	}
	groups := map[key][]question{}
	for _, q := range o.asked {
		s := &q.query.Space
		k := key{q.query.Firewall, q.query.Place, s.Protocol, packet.FormatNames(s.In), packet.FormatNames(s.Out)}
		groups[k] = append(groups[k], q)
	}
	for _, group := range groups {
		whole := group[0].query
		for _, q := range group[1:] {
			b, s := &whole.Space, &q.query.Space
			b.Src, b.Dst, b.SrcPort, b.DstPort = b.Src.Union(s.Src), b.Dst.Union(s.Dst), b.SrcPort.Union(s.SrcPort), b.DstPort.Union(s.DstPort)
		}
		result := engine.Evaluate(whole)
		for _, q := range group {
			space := q.query.Space
			space.In, space.Out = nil, nil
			surely, may := result.Surely.Intersect(space), result.May.Intersect(space)
			if !surely.Equal(q.result.Surely) || !may.Equal(q.result.May) {
				return fmt.Errorf("as part of %s\n  the flow %s\n  surely passes: %v, may pass: %v;\n  alone it surely passes: %v, may pass: %v",
					whole.Space, space, !surely.IsEmpty(), !may.IsEmpty(), !q.result.Surely.IsEmpty(), !q.result.May.IsEmpty())
			}
		}
	}
	return nil
}
