package lint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/policies/engine"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/report"
)

// class is the flows that share row, port, verdict and cause.
type class struct {
	members []*flow
	waivers []int
}

// classify puts flows into classes, in the order of the flows.
func classify(flows []*flow, waivers []*topology.Waiver, firstWaiver int) []*class {
	at := map[string]*class{}
	var out []*class
	for _, f := range flows {
		fit := fitting(waivers, firstWaiver, f)
		key := f.signature() + fmt.Sprint(fit)
		c := at[key]
		if c == nil {
			c = &class{waivers: fit}
			at[key] = c
			out = append(out, c)
		}
		c.members = append(c.members, f)
	}
	return out
}

// fitting lists the waivers whose scope holds a flow, rule, firewall and date aside.
func fitting(waivers []*topology.Waiver, first int, f *flow) []int {
	out := []int{}
	for i, w := range waivers {
		if w.Server != "" && (f.server == nil || w.Server != f.server.Name) ||
			w.Target != "" && (f.target == nil || w.Target != f.target.Name) ||
			w.Direction != "" && w.Direction != f.template.Direction ||
			w.Port != 0 && !holdsPort(f.template.Port, w.Port) {
			continue
		}
		out = append(out, first+i)
	}
	return out
}

func holdsPort(port string, n int) bool {
	return port != "" && portRange(port).Contains(packet.Port(n)) && n <= 65535
}

// signature is equal for flows of one class.
func (f *flow) signature() string {
	var b strings.Builder
	t := f.template
	fmt.Fprintf(&b, "%s|%v|%s|%s|%s|%s|%s|%s|%s|%s|%s|", t.Direction, t.Phases, t.Need, t.Row, t.Protocol, t.Port, t.SourcePort, f.verdict, f.policy, f.must, f.reason())
	if f.server != nil {
		b.WriteString(f.server.OS)
	}
	if f.target != nil {
		b.WriteString("|" + f.target.Type)
	}
	for _, i := range f.causes() {
		e := &f.entries[i]
		fmt.Fprintf(&b, "|%d %s %s %d %s %s %v", e.path, e.firewall(), e.hook, e.leg, e.verdict, e.redirected, e.neighbours)
		for _, d := range e.deciders() {
			fmt.Fprintf(&b, " %p %p %s", d.Chain, d.Rule, d.Note)
		}
		for _, c := range e.depends {
			fmt.Fprintf(&b, " %s %s %d", c.Kind, c.Text, c.Span.Start)
		}
	}
	return b.String()
}

// causes are the places of the entries that a class is about: those of its members are
// alike one by one, whatever else the entries hold where the report is to be verbose.
// What lets a forbidden flow pass is a cause too.
func (f *flow) causes() []int {
	var places []int
	passes := f.forbidden() && f.verdict != report.Blocked
	for i := range f.entries {
		if passes || f.entries[i].verdict != report.Allowed {
			places = append(places, i)
		}
	}
	return places
}

// reason tells why a flow without hops is blocked.
func (f *flow) reason() string {
	if slices.ContainsFunc(f.strands, func(s strand) bool { return s.noRoute }) {
		return "no-route"
	}
	return ""
}

func (e *entry) firewall() string {
	if e.filter == nil {
		return ""
	}
	return e.filter.Name
}

// words tells a class's members: "rack-a, rack-b and 38 more (ilo) → sum01, tcp 63001, deployment".
func (c *class) words() string {
	f := c.members[0]
	server := some(c.servers())
	who := server
	if f.target != nil {
		who = some(c.targets()) + " (" + f.target.Type + ")"
	}
	var way string
	switch f.template.Direction {
	case "from-target":
		way = who + " → " + server
	case "local":
		way = who + " → itself"
	case "browser":
		way = "browsers → " + server
	case "to-target":
		way = server + " → " + who
	default:
		way = strings.Join(f.describe(fromSide), ", ") + " → " + strings.Join(f.describe(toSide), ", ")
	}
	words := []string{way, strings.TrimSpace(f.template.Protocol + " " + f.template.Port)}
	if len(f.template.Phases) > 0 {
		words = append(words, strings.Join(f.template.Phases, " and "))
	}
	return strings.Join(words, ", ")
}

// some names a few of many.
func some(names []string) string {
	if len(names) <= 4 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), len(names)-3)
}

func (c *class) servers() []string {
	return c.names(func(f *flow) (string, bool) {
		if f.server == nil {
			return "", false
		}
		return f.server.Name, true
	})
}

func (c *class) targets() []string {
	return c.names(func(f *flow) (string, bool) {
		if f.target == nil {
			return "", false
		}
		return f.target.Name, true
	})
}

// names lists names of the members, each once, in the topology's order.
func (c *class) names(of func(*flow) (string, bool)) []string {
	out := []string{}
	seen := map[string]bool{}
	for _, f := range c.members {
		if name, ok := of(f); ok && !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

// fact makes the class as the policies see it.
func (c *class) fact(p *planner, near *nearest, id string) facts.Class {
	f := c.members[0]
	t := f.template
	out := facts.Class{
		ID: id, Topology: p.topology.Path, Direction: t.Direction, Phases: t.Phases, Need: t.Need, Row: t.Row, Service: t.Service,
		Protocol: t.Protocol, Port: t.Port, Verdict: f.verdict, Reason: f.reason(), Words: c.words(), Entry: t.Entry,
		WindowsRules: t.WindowsRules, Flows: []string{}, Servers: c.servers(), Targets: c.targets(), Hops: []facts.Hop{},
		Waivers: c.waivers, Location: p.topology.Span.Location(), Related: []report.Related{}, Policy: f.policy, Must: f.must,
	}
	hash := sha256.New()
	for _, m := range c.members {
		out.Flows = append(out.Flows, m.id)
		hash.Write([]byte(m.id + " " + strings.Join(m.describe(fromSide), ",") + " " + strings.Join(m.describe(toSide), ",") + "\n"))
	}
	out.Digest = hex.EncodeToString(hash.Sum(nil)[:8])
	if f.server != nil {
		out.ServerOS = f.server.OS
		out.OpenedBySUM = t.OpenedBySUM && f.server.Sum.OpenFirewall
		out.Location = f.server.Span.Location()
		out.Related = append(out.Related, report.Related{Message: "server " + f.server.Name, Location: out.Location})
	}
	if f.target != nil {
		out.TargetType = f.target.Type
		out.Location = f.target.Span.Location()
	}
	for _, m := range c.members[:min(len(c.members), 3)] {
		if m.target != nil {
			out.Related = append(out.Related, report.Related{Message: "target " + m.target.Name, Location: m.target.Span.Location()})
		}
	}
	places := make([][]int, len(c.members))
	for i, m := range c.members {
		places[i] = m.causes()
	}
	for n := range places[0] {
		out.Hops = append(out.Hops, c.hop(n, places, near, p))
	}
	return out
}

// hop makes the n-th cause as the policies see it; places are the causes of each member.
func (c *class) hop(n int, places [][]int, near *nearest, p *planner) facts.Hop {
	f, at := c.members[0], places[0][n]
	e := f.entries[at]
	var need, missing []packet.Box
	for i, m := range c.members {
		mine := &m.entries[places[i][n]]
		need, missing = append(need, mine.need...), append(missing, mine.missing...)
	}
	e.need, e.missing = packet.Of(need...), packet.Of(missing...)
	if e.filter != nil && e.verdict != report.Conditional && e.verdict != report.Allowed && e.redirected == "" && !e.neighbours {
		e.near = near.rules(e.filter, e.leg, f.strands[0].need)
		f.entries[at].near = e.near // its reasons name this member's addresses, not the others'
	}
	told := e
	if f.forbidden() && e.verdict == report.Partial {
		told = e.passing()
	}
	h := facts.Hop{Hop: e.report(), At: p.place(e.firewall(), f), Summary: told.summary(), Causes: told.causes()}
	h.DecidedBy = told.deciding()
	if e.filter != nil {
		h.Host = e.filter.Host
		if h.Host == "target" && f.target != nil {
			h.HostOS = f.target.Type
		} else if h.Host == "server" && f.server != nil {
			h.HostOS = f.server.OS
		}
	}
	switch {
	case e.verdict == report.Conditional && len(e.depends) > 0 && !e.depends[0].Span.IsZero():
		h.At = e.depends[0].Span.Location()
	case len(h.DecidedBy) > 0 && h.DecidedBy[0].File != "":
		h.At = place(told.deciders()[0])
	}
	return h
}

// passing is what passes of an entry that is partial, as an entry of its own: that is
// what counts of a flow that must never pass.
func (e entry) passing() entry {
	e.verdict, e.need, e.missing = report.Allowed, e.need.SubtractSet(e.missing), nil
	if len(e.passes) > 0 {
		e.ends, e.accepts = nil, e.passes
	}
	return e
}

// place is a firewall's block in the topology, else that of the flow's target or server.
func (p *planner) place(firewall string, f *flow) source.Location {
	if fw := p.blocks[firewall]; fw != nil {
		return fw.Span.Location()
	}
	switch {
	case f.target != nil:
		return f.target.Span.Location()
	case f.server != nil:
		return f.server.Span.Location()
	}
	return p.topology.Span.Location()
}

// deciders are what ended and what accepted the parts of an entry.
func (e *entry) deciders() []engine.Decision { return append(slices.Clip(e.ends), e.accepts...) }

// report makes the entry as the report has it.
func (e *entry) report() report.Hop {
	h := report.Hop{Path: e.path, Firewall: e.firewall(), Hook: e.hook, Leg: e.leg.String(), Verdict: e.verdict,
		Missing: missing(e.missing, e.need), DecidedBy: e.deciding(), DependsOn: []report.DependsOn{}, Near: e.near, Redirected: e.redirected}
	for _, c := range e.depends {
		h.DependsOn = append(h.DependsOn, dependence(c))
	}
	return h
}

// deciding are the deciders as the report has them.
func (e *entry) deciding() []report.Decider {
	out := []report.Decider{}
	for _, d := range e.deciders() {
		out = append(out, decider(d))
	}
	return out
}

func dependence(c *model.Condition) report.DependsOn {
	d := report.DependsOn{Kind: c.Kind, Text: c.Text, Supply: c.Supply}
	if !c.Span.IsZero() {
		l := c.Span.Location()
		d.Location = &l
	}
	return d
}

// maxListed (which words.rego knows too) bounds how many parts, and addresses of a part, a report lists: a set of
// a million addresses makes no list that anybody reads.
const maxListed = 1000

// missing lists what surely can't pass; ports of the client's side only where some of them can.
func missing(set, need packet.Set) []report.Missing {
	out := []report.Missing{}
	for i, b := range set {
		if i == maxListed {
			out[i-1].More += len(set) - i
			break
		}
		m := report.Missing{Protocol: b.Protocol.String(), Port: packet.FormatPorts(b.DstPort)}
		var left [2]int
		m.Source, left[0] = listed(b.Src, b.Family)
		m.Destination, left[1] = listed(b.Dst, b.Family)
		m.More = left[0] + left[1]
		whole := slices.ContainsFunc(need, func(n packet.Box) bool { return n.SrcPort.Equal(b.SrcPort) })
		if !whole {
			m.SourcePort = packet.FormatPorts(b.SrcPort)
		}
		out = append(out, m)
	}
	return out
}

// listed writes the first of a set's addresses, and counts the rest.
func listed(s *packet.Addrs, f packet.Family) (list []string, left int) {
	if s.Len() > maxListed {
		left = s.Len() - maxListed
		s = s.First(maxListed)
	}
	return packet.FormatAddrs(s, f), left
}

// decider makes a decision as the report has it.
func decider(d engine.Decision) report.Decider {
	out := report.Decider{Note: d.Note}
	span := source.Span{}
	if d.Chain != nil {
		span = d.Chain.Span
		out.Chain = strings.TrimPrefix(d.Chain.Table+"/"+d.Chain.Name, "/")
	}
	if d.Rule != nil {
		span = d.Rule.Span
		if out.Note == "" {
			out.Note = d.Rule.Note
		}
	}
	if !span.IsZero() {
		out.File, out.Line, out.Text = span.File.Name, span.Position().Line, span.Text()
	}
	for _, r := range d.Calls {
		if !r.Span.IsZero() {
			out.Calls = append(out.Calls, report.Decider{File: r.Span.File.Name, Line: r.Span.Position().Line, Text: r.Span.Text()})
		}
	}
	return out
}
