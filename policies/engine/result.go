package engine

import (
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// sum adds up a leg's parts. A connection may pass where each TCP packet of the leg
// does in some part, and surely passes where no part fails.
func (w *walk) sum(need packet.Set) LegResult {
	l := LegResult{Leg: w.leg0, Need: need, Parts: w.parts, Accepts: w.accepts}
	var fails []packet.Box
	for i := range l.Parts {
		if !l.Parts[i].Passes {
			fails = append(fails, l.Parts[i].Space)
		}
	}
	if w.tcp {
		l.May = need
		for _, flags := range l.flagClasses(w.flags0) {
			l.May = l.May.IntersectSet(l.passing(flags))
		}
	} else {
		l.May = need.IntersectSet(l.passing(packet.AnyFlags))
	}
	l.Surely = l.May.SubtractSet(packet.Of(fails...))
	return l
}

// flagClasses divides the flags of the leg's packets into those that fare alike.
func (l *LegResult) flagClasses(all packet.Flags) []packet.Flags {
	classes := []packet.Flags{all}
	for i := range l.Parts {
		var finer []packet.Flags
		for _, c := range classes {
			if in := c & l.Parts[i].flags; in != 0 && in != c {
				finer = append(finer, in, c&^in)
			} else {
				finer = append(finer, c)
			}
		}
		classes = finer
	}
	return classes
}

// passing are the connections of the passing parts that hold such packets.
func (l *LegResult) passing(flags packet.Flags) packet.Set {
	var boxes []packet.Box
	for i := range l.Parts {
		if l.Parts[i].Passes && l.Parts[i].flags&flags != 0 {
			boxes = append(boxes, l.Parts[i].Space)
		}
	}
	return packet.Of(boxes...)
}

// Ends are the parts that keep some of these connections from passing.
func (l *LegResult) Ends(of packet.Set) []*Part {
	return among(l.Parts, of, func(p *Part) bool { return !p.Passes })
}

// among are those of the parts that hold some of these connections.
func among(parts []Part, of packet.Set, counts func(*Part) bool) []*Part {
	var out []*Part
	index := packet.NewIndex(of)
	for i := range parts {
		if p := &parts[i]; counts(p) && index.Any(&p.Space) {
			out = append(out, p)
		}
	}
	return out
}

// AcceptedBy are the parts that let some of these connections pass.
func (l *LegResult) AcceptedBy(of packet.Set) []*Part {
	return among(l.Accepts, of, func(*Part) bool { return true })
}

// maxPairs bounds how many pairs of parts are compared to find what tells them apart.
const maxPairs = 100_000

// DependsOn tells what decides whether these connections pass the leg: what tells
// the parts that pass from those that fail. Where these are very many, it is all that
// was chosen on the way to those that fail.
func (l *LegResult) DependsOn(of packet.Set) []*model.Condition {
	var out dependences
	asked, pairs := packet.NewIndex(of), 0
	near := among(l.Parts, of, func(*Part) bool { return true })
	parts := packet.NewIndex(spaces(near))
	for _, fail := range near {
		if fail.Passes {
			continue
		}
		if pairs > maxPairs {
			out.add(out.reasons(fail))
			continue
		}
		where := asked.Within(&fail.Space)
		chosen := choicesOf(fail)
		var nearest []*model.Condition
		fewest := 1 << 30
		for i := range parts.Overlapping(&fail.Space) {
			pass := near[i]
			pairs++
			if !pass.Passes || pass.flags&fail.flags == 0 || len(where.Intersect(pass.Space)) == 0 {
				continue
			}
			apart := separators(pass, fail, chosen)
			if len(apart) == 0 {
				continue // no alternative, but an earlier or later packet of the connection
			}
			if len(apart) < fewest {
				nearest, fewest = nil, len(apart)
			}
			if len(apart) == fewest {
				nearest = append(nearest, apart...)
			}
		}
		if len(nearest) == 0 && len(where) > 0 {
			nearest = out.reasons(fail)
		}
		out.add(nearest)
	}
	return out.list
}

// dependences are conditions, each once.
type dependences struct {
	list []*model.Condition
	seen map[dependence]bool
	told map[*Choice]bool // whose conditions, and those before, are in the list
}

type dependence struct {
	kind, text string
	span       source.Span
}

func (d *dependences) add(conditions []*model.Condition) {
	if d.seen == nil {
		d.seen = map[dependence]bool{}
	}
	for _, c := range conditions {
		if key := (dependence{c.Kind, c.Text, c.Span}); !d.seen[key] {
			d.seen[key] = true
			d.list = append(d.list, c)
		}
	}
}

// reasons are what had to hold for a part to fail, where no part that passes is
// comparable; there is always one, in the list already or here.
func (d *dependences) reasons(fail *Part) []*model.Condition {
	if fail.Choice == nil {
		c := &model.Condition{Kind: "connection", Text: "which packets of the connection come before this one"}
		if fail.By.Rule != nil {
			c.Span = fail.By.Rule.Span
		}
		return []*model.Condition{c}
	}
	if d.told == nil {
		d.told = map[*Choice]bool{}
	}
	var out []*model.Condition
	for c := fail.Choice; c != nil && !d.told[c]; c = c.before {
		d.told[c] = true
		out = append(out, c.Condition)
	}
	return out
}

// choicesOf are the choices that lead to a part, by their unknowns.
func choicesOf(p *Part) map[int]*Choice {
	out := map[int]*Choice{}
	for c := p.Choice; c != nil; c = c.before {
		out[c.id] = c
	}
	return out
}

func spaces(parts []*Part) []packet.Box {
	out := make([]packet.Box, len(parts))
	for i := range parts {
		out[i] = parts[i].Space
	}
	return out
}

// separators are the conditions that have another answer in one part than in the other.
func separators(pass, fail *Part, chosen map[int]*Choice) []*model.Condition {
	var out []*model.Condition
	for c := pass.piece.choice; c != nil && len(chosen) > 0; c = c.before {
		if other := chosen[c.id]; other != nil && other.value != c.value {
			out = append(out, other.Condition)
		}
	}
	a, b := &pass.seen, &fail.seen
	if !a.In.Overlaps(b.In) {
		out = append(out, openInterface("incoming", a.In))
	}
	if !a.Out.Overlaps(b.Out) {
		out = append(out, openInterface("outgoing", a.Out))
	}
	if a.Profile&b.Profile == 0 {
		out = append(out, &model.Condition{Kind: "profile", Supply: supplyProfile,
			Text: "the active profile: passes in " + a.Profile.String() + ", not in " + b.Profile.String()})
	}
	if !a.Program.Overlaps(b.Program) || !a.Service.Overlaps(b.Service) {
		out = append(out, &model.Condition{Kind: "program", Text: "which program it is on the host: the rule is for " + programs(a)})
	}
	if len(out) == 0 && (!a.Src.Overlaps(b.Src) || !a.Dst.Overlaps(b.Dst) || !a.SrcPort.Overlaps(b.SrcPort) || !a.DstPort.Overlaps(b.DstPort)) {
		out = append(out, chosenAddress(pass, fail))
	}
	return out
}

// chosenAddress is the condition that NAT chooses an address with which the packet passes.
func chosenAddress(pass, fail *Part) *model.Condition {
	c := &model.Condition{Kind: "address", Text: "the address or port that NAT chooses"}
	for _, p := range []*Part{pass, fail} {
		by := p.Rewriter()
		if by.Rule == nil {
			continue
		}
		c.Span = by.Rule.Span
		if t := by.Rule.Action.Translation; t != nil && t.Kind == model.ToInterface {
			c.Supply = "the interface's addresses in the topology"
		}
		break
	}
	return c
}

// Narrowed is what the part depends on beside its choices: interfaces and the profile,
// where these were open and it has only some of them.
func (p *Part) Narrowed(in, out *packet.Names, profile packet.Profiles) []*model.Condition {
	var found []*model.Condition
	for _, side := range []struct {
		which        string
		known, shown *packet.Names
	}{{"incoming", in, p.seen.In}, {"outgoing", out, p.seen.Out}} {
		if !side.known.Within(side.shown) {
			c := openInterface(side.which, side.shown)
			c.Text = "the " + side.which + " interface: the rule is for " + packet.FormatNames(side.shown)
			found = append(found, c)
		}
	}
	if profile&^p.seen.Profile != 0 {
		found = append(found, &model.Condition{Kind: "profile", Supply: supplyProfile, Text: "the active profile: the rule is for " + p.seen.Profile.String()})
	}
	return found
}

// supplyProfile is how to tell the active profile.
const supplyProfile = "`profile` in the firewall's block"

func openInterface(which string, passes *packet.Names) *model.Condition {
	return &model.Condition{Kind: "interface", Supply: "`interface` blocks in the firewall's block",
		Text: "the " + which + " interface: passes on " + packet.FormatNames(passes)}
}

func programs(b *packet.Box) string {
	text := packet.FormatNames(b.Program)
	if b.Service != nil {
		text += " (service " + packet.FormatNames(b.Service) + ")"
	}
	return text
}

// Translated tells whether NAT changes the opening packets of the part.
func (p *Part) Translated() bool { return p.piece.client != nil || p.piece.server != nil }

// MovesDestination tells whether NAT changes the destination, address or port.
func (p *Part) MovesDestination() bool { return p.piece.server != nil }

// CollapsesDestination tells whether several destinations may become one.
func (p *Part) CollapsesDestination() bool { return p.piece.server != nil && !p.piece.server.shifted }

// Rewriter is the NAT rule that rewrote the part's destination, else its source.
func (p *Part) Rewriter() Decision {
	for _, r := range []*rewriting{p.piece.server, p.piece.client} {
		if r != nil && r.by != nil {
			return *r.by
		}
	}
	return Decision{}
}

// Back returns the opening packets, as they arrived, of those that leave as leaves.
// Where NAT chooses among several addresses and leaves holds only some of these,
// all that may have become one of them are returned, or with surely none.
func (p *Part) Back(leaves packet.Box, surely bool) packet.Box {
	out := p.Space
	back := func(r *rewriting, addrs *packet.Addrs, ports *packet.Ports, toAddrs **packet.Addrs, toPorts **packet.Ports, whole side) {
		if r == nil {
			*toAddrs, *toPorts = (*toAddrs).Intersect(addrs), (*toPorts).Intersect(ports)
			return
		}
		if r.shifted {
			*toAddrs = (*toAddrs).Intersect(r.hidden(addrs))
		}
		if r.keepsPorts {
			*toPorts = (*toPorts).Intersect(ports)
		}
		if surely && (!r.shifted && !whole.addrs.Within(addrs) || !r.keepsPorts && !whole.ports.Within(ports)) {
			*toAddrs = packet.Union[packet.Addr]()
		}
	}
	back(p.piece.client, leaves.Src, leaves.SrcPort, &out.Src, &out.SrcPort, side{p.Leaves.Src, p.Leaves.SrcPort})
	back(p.piece.server, leaves.Dst, leaves.DstPort, &out.Dst, &out.DstPort, side{p.Leaves.Dst, p.Leaves.DstPort})
	return out
}
