package lint

import (
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/policies/engine"
	"github.com/sumlint/sumlint/policies/report"
	"github.com/sumlint/sumlint/policies/trace"
)

// view is a result that several strands look at; clean tells of the hops' legs
// that everything surely passes, so that no strand needs a closer look.
type view struct {
	result *trace.Result
	clean  [][]bool
	all    bool // everything surely passes
}

func newView(r *trace.Result) *view {
	v := &view{result: r, all: r.Need.Within(r.Surely)}
	for i := range r.Hops {
		legs := make([]bool, len(r.Hops[i].Legs))
		for j, l := range r.Hops[i].Legs {
			legs[j] = l.Need.Within(l.Surely)
		}
		v.clean = append(v.clean, legs)
	}
	return v
}

// add puts what becomes of a strand on one way to its outcome: the flow must pass on each.
func (o *outcome) add(path, ways int, s *strand, verbose bool, views []*view) {
	need := packet.Set{s.need}
	surely, may := need, need
	for _, v := range views {
		if v.all && !verbose {
			continue
		}
		surely, may = surely.IntersectSet(v.result.Surely), may.IntersectSet(v.result.May)
		for i := range v.result.Hops {
			hop := &v.result.Hops[i]
			if e, ok := neighbourEntry(path, hop, need); ok {
				o.entries = append(o.entries, e)
			}
			for j := range hop.Legs {
				if v.clean[i][j] && !verbose {
					continue
				}
				if e, ok := newEntry(path, hop.Filter, &hop.Legs[j], need, verbose); ok {
					o.entries = append(o.entries, e)
				}
			}
		}
		for i := range v.result.Strays {
			if e, ok := strayEntry(path, &v.result.Strays[i], need); ok {
				o.entries = append(o.entries, e)
			}
		}
	}
	for i := range o.entries {
		o.entries[i].ways = ways
	}
	o.verdict = worseWay(o.verdict, verdictOf(need, surely, may), path == 1)
}

// verdictOf tells the verdict on a need of which surely and may pass.
func verdictOf(need, surely, may packet.Set) report.Verdict {
	switch {
	case need.Within(surely):
		return report.Allowed
	case may.IsEmpty():
		return report.Blocked
	case !need.Within(may):
		return report.Partial
	}
	return report.Conditional
}

// worseWay is the verdict on parallel ways, or parts of a flow: blocked where all
// are, partial where some can't pass.
func worseWay(a, b report.Verdict, first bool) report.Verdict {
	switch {
	case first || a == b:
		return b
	case a == report.Blocked || b == report.Blocked || a == report.Partial || b == report.Partial:
		return report.Partial
	}
	return report.Conditional
}

// newEntry tells what a leg does to a strand; ok is false where it surely passes.
func newEntry(path int, f *trace.Filter, l *engine.LegResult, need packet.Set, verbose bool) (entry, bool) {
	mine := need.IntersectSet(l.Need)
	if len(mine) == 0 {
		return entry{}, false
	}
	e := entry{path: path, filter: f, leg: l.Leg, need: mine}
	e.missing = mine.SubtractSet(l.May)
	doubt := mine.IntersectSet(l.May).SubtractSet(l.Surely)
	switch {
	case len(e.missing) == 0 && len(doubt) == 0:
		e.verdict = report.Allowed
		if !verbose {
			return entry{}, false
		}
		e.accepts = accepting(l, mine)
	case len(e.missing) == 0:
		e.verdict = report.Conditional
		e.ends, e.depends = decisions(l.Ends(doubt)), l.DependsOn(doubt)
	default:
		e.verdict = report.Partial
		if mine.Within(e.missing) {
			e.verdict = report.Blocked
		}
		e.ends = decisions(l.Ends(e.missing))
		if verbose && e.verdict == report.Partial {
			e.passes = accepting(l, mine.SubtractSet(e.missing))
		}
		if len(doubt) > 0 {
			e.depends = l.DependsOn(doubt)
		}
	}
	e.hook = hookName(f.Place, l, e)
	return e, true
}

// hookName is input, forward or output, as the report has it.
func hookName(place engine.Place, l *engine.LegResult, e entry) string {
	switch {
	case place == engine.Through:
		return "forward"
	case place == engine.Into != (l.Leg == engine.Reply):
		if place != engine.Loopback {
			return "input"
		}
	case place != engine.Loopback:
		return "output"
	}
	for _, p := range l.Ends(e.need) {
		if p.Hook == model.Input || p.Hook == model.Prerouting {
			return "input"
		}
	}
	return "output"
}

// accepting lists what lets these packets pass, but for chains that stand in no export
// and only hand on what they are not about.
func accepting(l *engine.LegResult, of packet.Set) []engine.Decision {
	return slices.DeleteFunc(decisions(l.AcceptedBy(of)), func(d engine.Decision) bool {
		return d.Rule == nil && d.Note == "" && d.Chain.Span.IsZero()
	})
}

// decisions lists what ended or accepted parts, each once, in order.
func decisions(parts []*engine.Part) []engine.Decision {
	type decider struct {
		chain *model.Chain
		rule  *model.Rule
		note  string
	}
	var out []engine.Decision
	seen := map[decider]bool{}
	for _, p := range parts {
		if p.By.Note == "" && (p.By.Chain == nil || p.By.Rule != nil && p.By.Rule.Span.IsZero() && p.By.Rule.Note == "") {
			continue
		}
		if d := (decider{p.By.Chain, p.By.Rule, p.By.Note}); !seen[d] {
			seen[d] = true
			out = append(out, p.By)
		}
	}
	return out
}

// neighbourEntry tells that a firewall's host drops, or may drop, neighbour discovery.
func neighbourEntry(path int, hop *trace.Hop, need packet.Set) (entry, bool) {
	if hop.Neighbours == nil || need[0].Family != packet.IPv6 {
		return entry{}, false
	}
	e := entry{path: path, filter: hop.Filter, leg: engine.Request, need: need, missing: need, verdict: report.Blocked,
		hook: hop.Neighbours.Hook.String(), neighbours: true}
	if n := hop.Neighbours; n.Depends != nil {
		e.verdict, e.missing, e.neighbours, e.depends = report.Conditional, nil, false, n.Depends
	}
	for _, d := range hop.Neighbours.Ends {
		d.Note = "drops neighbour discovery"
		e.ends = append(e.ends, d)
	}
	return e, true
}

func strayEntry(path int, s *trace.Stray, need packet.Set) (entry, bool) {
	mine := need.Intersect(s.Space)
	if len(mine) == 0 {
		return entry{}, false
	}
	e := entry{path: path, filter: s.Filter, leg: engine.Request, need: need, missing: mine, verdict: report.Partial, hook: "forward"}
	switch {
	case len(s.Depends) > 0:
		e.verdict, e.need, e.missing, e.depends = report.Conditional, mine, nil, s.Depends
	case need.Within(mine):
		e.verdict = report.Blocked
	}
	switch {
	case len(s.Depends) > 0:
	case s.Itself:
		e.redirected = "the firewall itself"
	default:
		e.redirected = strings.Join(packet.FormatAddrs(s.To.Dst, s.To.Family), ", ") + " port " + packet.FormatPorts(s.To.DstPort)
	}
	if s.Filter != nil {
		e.ends = []engine.Decision{s.By}
		e.hook = map[engine.Place]string{engine.Through: "forward", engine.Into: "input", engine.OutOf: "output", engine.Loopback: "output"}[s.Filter.Place]
	}
	return e, true
}

// settle makes the flow's verdict and entries of its strands' outcomes.
func (f *flow) settle(outcomes []outcome) {
	for i, o := range outcomes {
		f.verdict = worseWay(f.verdict, o.verdict, i == 0)
		for _, e := range o.entries {
			f.merge(e)
		}
	}
	f.entries = slices.DeleteFunc(f.entries, f.repeats)
}

// repeats tells of a later leg that it depends on nothing but what an earlier one at
// the same firewall depends on already.
func (f *flow) repeats(e entry) bool {
	if e.leg == engine.Request || e.verdict != report.Conditional {
		return false
	}
	for i := range f.entries {
		first := &f.entries[i]
		if first.leg < e.leg && first.path == e.path && first.firewall() == e.firewall() && first.verdict != report.Allowed {
			return !slices.ContainsFunc(e.depends, func(c *model.Condition) bool {
				return !slices.ContainsFunc(first.depends, func(o *model.Condition) bool { return o.Kind == c.Kind && o.Text == c.Text })
			})
		}
	}
	return false
}

// merge adds an entry: those of one firewall, hook and leg on one path are one, but
// what is allowed stays apart, since only a verbose report has it.
func (f *flow) merge(e entry) {
	for i := range f.entries {
		mine := &f.entries[i]
		if mine.path != e.path || mine.filter != e.filter && (mine.filter == nil || e.filter == nil || mine.filter.Name != e.filter.Name) ||
			(mine.verdict == report.Allowed) != (e.verdict == report.Allowed) || mine.hook != e.hook || mine.leg != e.leg || mine.neighbours != e.neighbours || mine.redirected != e.redirected {
			continue
		}
		if e.verdict != mine.verdict {
			mine.verdict = worseWay(mine.verdict, e.verdict, false)
		}
		mine.need, mine.missing = mine.need.UnionSet(e.need), mine.missing.UnionSet(e.missing)
		mine.ends = united(mine.ends, e.ends)
		for _, c := range e.depends {
			if !slices.ContainsFunc(mine.depends, func(o *model.Condition) bool { return *o == *c }) {
				mine.depends = append(mine.depends, c)
			}
		}
		mine.accepts, mine.passes = united(mine.accepts, e.accepts), united(mine.passes, e.passes)
		return
	}
	f.entries = append(f.entries, e)
}

// united adds decisions to a list, each once.
func united(list, more []engine.Decision) []engine.Decision {
	for _, d := range more {
		if !slices.ContainsFunc(list, func(o engine.Decision) bool { return o.Rule == d.Rule && o.Chain == d.Chain }) {
			list = append(list, d)
		}
	}
	return list
}
