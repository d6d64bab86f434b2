package trace

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/engine"
)

// Neighbours is a filter that lets some message of neighbour discovery not pass on its
// own host: IPv6 hosts then find no way to each other, whatever else it allows (RFC
// 4861, RFC 4890).
type Neighbours struct {
	Hook model.Hook
	Ends []engine.Decision
	// Depends is what decides whether the message passes; nil where it surely doesn't.
	Depends []*model.Condition
}

// The ICMPv6 types of neighbour discovery (RFC 4861, 4.3 and 4.4), and its addresses.
const (
	solicitation  = 135
	advertisement = 136
)

var (
	linkLocal     = prefix("fe80::/10")
	solicitedNode = prefix("ff02::1:ff00:0/104")
)

func prefix(text string) *packet.Addrs {
	set, _ := packet.PrefixAddrs(netip.MustParsePrefix(text))
	return set
}

// link is a network that the filter's host is on, as the connections use it.
type link struct {
	interfaces *packet.Names
	// own are the host's addresses there, of which connections come or to which they go;
	// nil on a router, which speaks to its neighbours from its link-local address.
	own *packet.Addrs
	// direct are the far ends that are on the link themselves; routed tells that others
	// are behind a router there. Where that is not known, both may be.
	direct *packet.Addrs
	routed bool
	// routers are the addresses that a router on the link may have, its link-local ones aside.
	routers *packet.Addrs
	// arrives tells that connections come in by the link: then a neighbour asks first.
	arrives bool
}

// links are the networks to both sides of the filter.
func (f *Filter) links(src, dst *packet.Addrs) []link {
	switch f.Place {
	case engine.Into:
		return []link{f.link(f.In, dst, src).arriving()}
	case engine.OutOf:
		return []link{f.link(f.Out, src, dst)}
	case engine.Through:
		return []link{f.link(f.In, nil, src).arriving(), f.link(f.Out, nil, dst)}
	}
	return nil
}

func (l link) arriving() link {
	l.arrives = true
	return l
}

// link tells which of the far ends are on a link: those in a prefix of the interface.
// Where the topology does not say it, a host's link is taken to have a prefix of 64 bits.
func (f *Filter) link(interfaces *packet.Names, own, far *packet.Addrs) link {
	l := link{interfaces: interfaces, own: own, routers: &packet.Addrs{}}
	for _, i := range f.Model.Interfaces {
		for _, p := range i.Addresses {
			if p.Addr().Is6() && !p.Addr().IsLinkLocalUnicast() && packet.OneName(i.Name).Within(interfaces) {
				set, _ := packet.PrefixAddrs(p.Masked())
				l.routers = l.routers.Union(set)
			}
		}
	}
	if l.routers.IsEmpty() && own != nil {
		own.Each(func(first, end packet.Addr, _ bool) {
			host := packet.HostMask(64)
			l.routers = l.routers.Union(packet.Span(first.And(host.Not()), end.Prev().Or(host)))
		})
	}
	if l.routers.IsEmpty() {
		l.routers, l.direct, l.routed = far, far, true
		return l
	}
	l.direct = far.Intersect(l.routers)
	l.routed = !far.Within(l.routers)
	return l
}

// message is a message of neighbour discovery that must pass, as it may look.
type message struct {
	icmp  int
	hook  model.Hook
	forms []form
}

// form is one look of a message: where it comes from and goes to, and whose address it bears.
type form struct {
	src, dst *packet.Addrs
	peer     string
}

// messages are what a host and its neighbours say: each asks for the other's address and
// answers. Who forwards asks from its link-local address, who opens or answers a
// connection from the address that it uses there (ndisc.c, ndisc_solicit).
func (l *link) messages() []message {
	const global, local = "global", "link-local"
	me, myself := linkLocal, l.own
	if l.own != nil {
		me = l.own
	} else {
		myself = linkLocal.Union(l.routers)
	}
	asked := message{solicitation, model.Input, nil}
	tells := message{advertisement, model.Output, nil}
	asks := message{solicitation, model.Output, []form{{me, solicitedNode, ""}}}
	told := message{advertisement, model.Input, nil}
	if !l.direct.IsEmpty() {
		asked.forms = append(asked.forms, form{l.direct, solicitedNode, global})
		tells.forms = append(tells.forms, form{myself, l.direct, global})
		told.forms = append(told.forms, form{l.direct, me, global})
	}
	if l.routed {
		asked.forms = append(asked.forms, form{linkLocal, solicitedNode, local})
		tells.forms = append(tells.forms, form{myself, linkLocal, local})
		told.forms = append(told.forms, form{linkLocal, me, local}, form{l.routers, me, global})
	}
	return []message{asked, tells, asks, told}
}

// neighbours tells whether the filter's host drops, or may drop, what neighbour discovery
// needs for connections between these addresses.
func neighbours(f *Filter, src, dst *packet.Addrs) *Neighbours {
	var perhaps *Neighbours
	for _, l := range f.links(src, dst) {
		messages := l.messages()
		said := make([]*Neighbours, len(messages))
		for i := range messages {
			said[i] = f.says(&l, &messages[i])
		}
		for i, n := range said {
			first := l.arrives == (i < 2)
			switch {
			case n == nil:
				continue
			case n.Depends == nil && first:
				return n
			case n.Depends == nil:
				// Whoever is asked learns the address of who asks.
				n.Depends = []*model.Condition{messages[i].mayKnow(n)}
			}
			if perhaps == nil {
				perhaps = &Neighbours{Hook: n.Hook, Ends: n.Ends, Depends: []*model.Condition{}}
			}
			perhaps.Depends = without(append(perhaps.Depends, n.Depends...), nil)
		}
	}
	return perhaps
}

// mayKnow is the condition that the two ends go on knowing each other's addresses
// without a message that the filter drops.
func (m *message) mayKnow(n *Neighbours) *model.Condition {
	c := &model.Condition{Kind: "neighbours", Text: fmt.Sprintf("IPv6 neighbour discovery: messages of ICMPv6 type %d are dropped, and how long the ends know each other's addresses without them is not known", m.icmp)}
	if len(n.Ends) > 0 {
		c.Span = place(&n.Ends[0])
	}
	return c
}

func place(by *engine.Decision) source.Span {
	switch {
	case by.Rule != nil:
		return by.Rule.Span
	case by.Chain != nil:
		return by.Chain.Span
	}
	return source.Span{}
}

// without are conditions, each once, that are not among others.
func without(list, others []*model.Condition) []*model.Condition {
	var out []*model.Condition
	for _, c := range list {
		alike := func(o *model.Condition) bool { return o.Kind == c.Kind && o.Text == c.Text && o.Span == c.Span }
		if !slices.ContainsFunc(others, alike) && !slices.ContainsFunc(out, alike) {
			out = append(out, c)
		}
	}
	return out
}

// forgetNeighbours leaves out what all connections depend on anyway at the filter.
func (h *Hop) forgetNeighbours() {
	if h.Neighbours == nil || h.Neighbours.Depends == nil || !h.Surely.Intersect(anyIPv6).IsEmpty() {
		return
	}
	var known []*model.Condition
	for i := range h.Legs {
		known = append(known, h.Legs[i].DependsOn(h.Legs[i].Need)...)
	}
	if h.Neighbours.Depends = without(h.Neighbours.Depends, known); h.Neighbours.Depends == nil {
		h.Neighbours = nil
	}
}

// says asks the filter about a message; nil is that it surely passes. Connection
// tracking leaves neighbour discovery untracked.
func (f *Filter) says(l *link, m *message) *Neighbours {
	n := &Neighbours{Hook: m.hook}
	passes := false
	for _, form := range m.forms {
		space := packet.Any()
		space.Family, space.Protocol = packet.IPv6, packet.OneProtocol(packet.ICMPv6)
		space.ICMP, space.Src, space.Dst = packet.Only(packet.ICMPType(m.icmp<<8)), form.src, form.dst
		space.Program = packet.OneName("system") // Windows' name for the kernel itself
		place, none := engine.Into, packet.OneName("")
		space.In, space.Out = l.interfaces, none
		if m.hook == model.Output {
			place, space.In, space.Out = engine.OutOf, none, l.interfaces
		}
		if f.Profile != 0 {
			space.Profile = f.Profile
		}
		leg := engine.Evaluate(engine.Query{Firewall: f.Model, Place: place, Space: space, State: packet.Untracked, Assume: f.assumeNeighbour}).Legs[0]
		passes = passes || !leg.May.IsEmpty()
		for _, p := range leg.Ends(leg.Need) {
			if len(n.Ends) == 0 {
				n.Ends = []engine.Decision{p.By}
			}
		}
		n.Depends = append(n.Depends, leg.DependsOn(leg.May.SubtractSet(leg.Surely))...)
		if dropped := leg.Need.SubtractSet(leg.May); !dropped.IsEmpty() {
			n.Depends = append(n.Depends, m.mayBe(form, leg.Ends(dropped)))
		}
	}
	if !passes {
		n.Depends = nil
		return n
	}
	if len(n.Depends) == 0 {
		return nil
	}
	return n
}

// mayBe is the condition that a message does not look as those that are dropped.
func (m *message) mayBe(f form, ends []*engine.Part) *model.Condition {
	c := &model.Condition{Kind: "neighbours", Text: fmt.Sprintf("IPv6 neighbour discovery: some messages of ICMPv6 type %d are dropped", m.icmp)}
	if f.peer != "" {
		way := map[model.Hook]string{model.Input: "from", model.Output: "to"}[m.hook]
		c.Text += fmt.Sprintf(" %s a neighbour that uses its %s address", way, f.peer)
	}
	if len(ends) > 0 {
		c.Span = place(&ends[0].By)
	}
	return c
}

// assumeNeighbour answers what is known of neighbour discovery beside what the team
// knows: its hop limit is 255 (RFC 4861, 7.1).
func (f *Filter) assumeNeighbour(c *model.Condition) (holds, known bool) {
	if words := strings.Fields(c.Key); c.Kind == "hl" && len(words) == 3 {
		limit, err := strconv.Atoi(words[2])
		switch {
		case err != nil:
		case words[1] == "--hl-eq":
			return limit == 255, true
		case words[1] == "--hl-gt":
			return limit < 255, true
		case words[1] == "--hl-lt":
			return limit > 255, true
		}
	}
	if f.Assume == nil {
		return false, false
	}
	return f.Assume(c)
}
