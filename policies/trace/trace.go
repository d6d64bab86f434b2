// Package trace sends connections through the firewalls on their way, one after
// the other, and tells of each what it does to them.
//
// Each firewall judges all of the connections, also those that an earlier one
// stops, so that one run names everything that is missing. Only where NAT rewrites
// them does a firewall see what the one before has made of them; all results are
// told in terms of the packets that the opener sends.
package trace

import (
	"slices"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/policies/engine"
)

// Filter is a firewall on a way.
type Filter struct {
	Name  string
	Model *model.Firewall
	Place engine.Place
	// Host tells whose own filter it is: "server", "target", or "" for one between zones.
	Host string
	// In and Out are the interfaces that the request uses, nil where they are not known.
	In, Out *packet.Names
	// Profile, Program and Service are what is known of the host.
	Profile          packet.Profiles
	Program, Service *packet.Names
	Assume           func(*model.Condition) (holds, known bool)
	// Elsewhere are other hosts' addresses to which answers go without passing the filter.
	Elsewhere func(packet.Family) *packet.Addrs
}

// Hop is what one filter does.
type Hop struct {
	Filter *Filter
	Legs   []engine.LegResult
	// Need are the connections that the filter was asked about; Surely and May those
	// that surely and that possibly pass it on all legs.
	Need, Surely, May packet.Set
	// Neighbours is set where the filter's host drops, or may drop, IPv6 neighbour
	// discovery: none of the IPv6 connections passes then.
	Neighbours *Neighbours
}

// Stray are connections that NAT sends elsewhere than to their destination.
type Stray struct {
	Space packet.Box
	// Filter is the last one that rewrote them, nil where none did.
	Filter *Filter
	By     engine.Decision
	// To is where they end: an address of the box's family; the firewall itself where Itself is set.
	To     packet.Box
	Itself bool
	// Depends is what sends them there, where something may; nil where NAT surely does.
	Depends []*model.Condition
}

// Result is what becomes of connections on a way.
type Result struct {
	Hops              []Hop
	Need, Surely, May packet.Set
	Strays            []Stray
	// Arrives are the opening packets as they arrive at the end.
	Arrives packet.Set
	// Rewritten tells that NAT has changed some.
	Rewritten bool

	ends packet.Set // the packets, as sent, that may end where they should
}

// Query asks what becomes of connections.
type Query struct {
	Filters []Filter
	// Need are the opening packets as their sender sends them.
	Need packet.Set
	// Expect is where they must end: destination and port; nil leaves it open.
	Expect packet.Set
	// Moves tells that NAT must bring them to another destination than they are sent to;
	// else each must end where it was sent.
	Moves   bool
	Answers bool
}

// stream is a part of the connections, with what NAT has made of it so far.
type stream struct {
	now   packet.Box
	parts []rewritten // the rewritings, first to last
	// depends are the conditions that were chosen to make this stream, not another.
	depends []*model.Condition
}

type rewritten struct {
	part   *engine.Part
	filter *Filter
}

// origin returns the packets as sent of those that are b here.
func (s *stream) origin(b packet.Box, surely bool) packet.Box {
	for _, r := range slices.Backward(s.parts) {
		b = r.part.Back(b, surely)
	}
	return b
}

func (s *stream) origins(set packet.Set, surely bool) packet.Set {
	if len(s.parts) == 0 {
		return set
	}
	var out []packet.Box
	for _, b := range set {
		if o := s.origin(b, surely); !o.IsEmpty() {
			out = append(out, o)
		}
	}
	return packet.Of(out...)
}

// Run answers a query.
func Run(q Query) Result {
	r := Result{Need: q.Need, Surely: q.Need, May: q.Need}
	var streams []stream
	for _, b := range q.Need {
		streams = append(streams, stream{now: b})
	}
	for i := range q.Filters {
		var hop Hop
		hop, streams = r.pass(&q.Filters[i], streams, q.Answers)
		r.Surely = r.Surely.SubtractSet(hop.Need.SubtractSet(hop.Surely))
		r.May = r.May.SubtractSet(hop.Need.SubtractSet(hop.May))
		if n := hop.Neighbours; n != nil {
			r.Surely = r.Surely.Subtract(anyIPv6)
			if n.Depends == nil {
				r.May = r.May.Subtract(anyIPv6)
			}
		}
		r.Hops = append(r.Hops, hop)
	}
	reached := map[packet.Family]*packet.Addrs{packet.IPv4: packet.Union[packet.Addr](), packet.IPv6: packet.Union[packet.Addr]()}
	for i := range streams {
		r.end(&streams[i], streams[:i], q, reached)
	}
	r.settle()
	return r
}

// settle takes off what goes astray. What may as well arrive, since NAT chooses, is in doubt only.
func (r *Result) settle() {
	var strays []Stray
	for _, s := range r.Strays {
		all := packet.Set{s.Space}
		lost := all.SubtractSet(r.ends)
		r.Surely, r.May = r.Surely.Subtract(s.Space), r.May.SubtractSet(lost)
		for _, b := range all.SubtractSet(lost) {
			perhaps := s
			perhaps.Space = b
			if len(s.Depends) == 0 {
				perhaps.Depends = []*model.Condition{severalAddresses(s.By)}
			}
			strays = append(strays, perhaps)
		}
		for _, b := range lost {
			surely := s
			surely.Space, surely.Depends = b, nil
			strays = append(strays, surely)
		}
	}
	r.Strays = strays
}

// severalAddresses is the condition that NAT chooses the right address.
func severalAddresses(by engine.Decision) *model.Condition {
	c := &model.Condition{Kind: "address", Text: "which of several addresses NAT chooses"}
	if by.Rule != nil {
		c.Span = by.Rule.Span
	}
	return c
}

// anyIPv6 is every IPv6 packet.
var anyIPv6 = func() packet.Box {
	b := packet.Any()
	b.Family = packet.IPv6
	return b
}()

// pass sends streams through a filter.
func (r *Result) pass(f *Filter, streams []stream, answers bool) (Hop, []stream) {
	hop := Hop{Filter: f}
	var next []stream
	var src, dst []*packet.Addrs
	for i := range streams {
		if b := &streams[i].now; b.Family == packet.IPv6 {
			src, dst = append(src, b.Src), append(dst, b.Dst)
		}
	}
	if len(src) > 0 {
		hop.Neighbours = neighbours(f, packet.Union(src...), packet.Union(dst...))
	}
	for i := range streams {
		s := &streams[i]
		space := s.now
		space.In, space.Out, space.Program, space.Service = f.In, f.Out, f.Program, f.Service
		if f.Profile != 0 {
			space.Profile = f.Profile
		}
		result := engine.Evaluate(engine.Query{Firewall: f.Model, Place: f.Place, Space: space, Answers: answers,
			Own: own(f.Model, space.Family), Elsewhere: f.Elsewhere, Assume: f.Assume})
		hop.add(s, result)
		next = append(next, r.leave(f, s, result)...)
	}
	hop.forgetNeighbours()
	return hop, next
}

// add puts the result for one stream beside the others', in terms of the packets sent.
func (h *Hop) add(s *stream, result engine.Result) {
	h.Need = h.Need.UnionSet(s.origins(result.Legs[0].Need, false))
	h.Surely = h.Surely.UnionSet(s.origins(result.Surely, true))
	h.May = h.May.UnionSet(s.origins(result.May, false))
	for i, leg := range result.Legs {
		leg.Need, leg.Surely, leg.May = s.origins(leg.Need, false), s.origins(leg.Surely, true), s.origins(leg.May, false)
		if len(s.parts) > 0 {
			leg.Parts, leg.Accepts = s.originParts(leg.Parts), s.originParts(leg.Accepts)
		}
		if i == len(h.Legs) {
			h.Legs = append(h.Legs, leg)
			continue
		}
		mine := &h.Legs[i]
		mine.Need, mine.Surely, mine.May = mine.Need.UnionSet(leg.Need), mine.Surely.UnionSet(leg.Surely), mine.May.UnionSet(leg.May)
		mine.Parts, mine.Accepts = append(mine.Parts, leg.Parts...), append(mine.Accepts, leg.Accepts...)
	}
}

func (s *stream) originParts(parts []engine.Part) []engine.Part {
	out := slices.Clone(parts)
	for i := range out {
		out[i].Space = s.origin(out[i].Space, false)
	}
	return out
}

// leave makes the streams that the next filter sees. Where this one rewrites, what
// it stops goes no further: nobody knows what would have become of it.
func (r *Result) leave(f *Filter, s *stream, result engine.Result) []stream {
	rewrites := false
	parts := result.Legs[0].Parts
	for i := range parts {
		if parts[i].Redirected {
			r.Strays = append(r.Strays, Stray{Space: s.origin(parts[i].Space, false), Filter: f, By: parts[i].By, Itself: true, Depends: s.and(f, &parts[i])})
			rewrites = true
		}
		rewrites = rewrites || parts[i].Passes && parts[i].Translated()
	}
	if !rewrites {
		return []stream{*s}
	}
	r.Rewritten = true
	var next []stream
	for i := range parts {
		p := &parts[i]
		switch {
		case !p.Passes:
		case p.Translated():
			next = append(next, stream{now: p.Leaves, parts: append(slices.Clip(s.parts), rewritten{p, f}), depends: s.and(f, p)})
		default:
			next = append(next, stream{now: p.Space, parts: s.parts, depends: s.and(f, p)})
		}
	}
	return next
}

// and are the stream's conditions with those of a part of it.
func (s *stream) and(f *Filter, p *engine.Part) []*model.Condition {
	out := slices.Clip(s.depends)
	for _, c := range p.Choice.Choices() {
		out = append(out, c.Condition)
	}
	return append(out, p.Narrowed(f.In, f.Out, f.Profile)...)
}

// end notes where a stream ends, and whether that is where it should: each address of
// its own, so that NAT which sends two of them to one is found out.
func (r *Result) end(s *stream, before []stream, q Query, reached map[packet.Family]*packet.Addrs) {
	r.Arrives = append(r.Arrives, s.now)
	if q.Expect == nil {
		r.ends = append(r.ends, s.origin(s.now, false))
		return
	}
	astray := packet.Set{s.now}.SubtractSet(q.Expect)
	if s.movesDestination() {
		sent, f := s.origin(s.now, false), s.now.Family
		switch {
		case !q.Moves && !(sent.Dst.Equal(s.now.Dst) && sent.DstPort.Equal(s.now.DstPort) && single(sent.Dst) && single(sent.DstPort)),
			q.Moves && s.collapses(&sent), q.Moves && s.now.Dst.Overlaps(reached[f]) && s.meets(before):
			astray = packet.Set{s.now}
		}
		reached[f] = reached[f].Union(s.now.Dst)
	}
	for _, b := range (packet.Set{s.now}).SubtractSet(astray) {
		r.ends = append(r.ends, s.origin(b, false))
	}
	for _, away := range astray {
		stray := Stray{Space: s.origin(away, false), To: away, Depends: s.depends}
		if n := len(s.parts); n > 0 {
			stray.Filter = s.parts[n-1].filter
			stray.By = s.parts[n-1].part.Rewriter()
		}
		r.Strays = append(r.Strays, stray)
	}
}

// meets tells that one of the streams before ends at the same address, sent to another one.
// Those that were made of the same packets, by the answers to a condition, do not.
func (s *stream) meets(before []stream) bool {
	return slices.ContainsFunc(before, func(o stream) bool {
		both := s.now
		both.Dst = s.now.Dst.Intersect(o.now.Dst)
		if both.Family != o.now.Family || both.Dst.IsEmpty() || !o.movesDestination() {
			return false
		}
		mine, other := s.origin(both, false), o.origin(both, false)
		return !mine.Dst.Equal(other.Dst)
	})
}

// movesDestination tells that NAT has rewritten the destination on the way.
func (s *stream) movesDestination() bool {
	return slices.ContainsFunc(s.parts, func(r rewritten) bool { return r.part.MovesDestination() })
}

// collapses tells that several destinations became one.
func (s *stream) collapses(sent *packet.Box) bool {
	return !single(sent.Dst) && slices.ContainsFunc(s.parts, func(r rewritten) bool { return r.part.CollapsesDestination() })
}

// single tells that a set holds one point, or is open on both sides alike.
func single[T packet.Point[T]](s *packet.Intervals[T]) bool {
	first, ok := s.Min()
	return s == nil || ok && s.Equal(packet.Only(first))
}

// own are a firewall's own addresses of a family; nil where none is known.
func own(fw *model.Firewall, f packet.Family) *packet.Addrs {
	var all []*packet.Addrs
	for _, i := range fw.Interfaces {
		for _, p := range i.Addresses {
			if a, family := packet.FromNetip(p.Addr()); family == f {
				all = append(all, packet.Only(a))
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return packet.Union(all...)
}
