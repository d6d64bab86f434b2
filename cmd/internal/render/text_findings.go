package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

// The text report shortens lists to so many; --verbose shows all.
const (
	maxDeciders = 4
	maxNear     = 3
	maxDepends  = 5
	maxParts    = 6
	maxNames    = 8
)

// findings writes the findings that count, each in full, then the waived ones, a
// line each.
func (p *page) findings(r *report.Report) {
	flows := make(map[string]*report.Flow, len(r.Flows))
	for i := range r.Flows {
		flows[r.Flows[i].ID] = &r.Flows[i]
	}
	var waived []*report.Finding
	for _, f := range bySeverity(r.Findings) {
		if f.Waived {
			waived = append(waived, f)
			continue
		}
		p.finding(f, flows)
	}
	if len(waived) == 0 {
		return
	}
	p.block()
	p.heading("Waived")
	for _, f := range waived {
		p.item(fmt.Sprintf("%s: %s (%s)", Escape(f.Rule), Escape(f.Message), Escape(f.WaivedBy)))
	}
}

// bySeverity orders findings: errors, warnings, notes, and each by its place.
func bySeverity(list []report.Finding) []*report.Finding {
	out := make([]*report.Finding, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	slices.SortStableFunc(out, func(a, b *report.Finding) int {
		return cmp.Or(
			cmp.Compare(b.Severity.Rank(), a.Severity.Rank()),
			cmp.Compare(a.Location.File, b.Location.File),
			cmp.Compare(a.Location.Line, b.Location.Line),
			cmp.Compare(a.Location.Column, b.Location.Column))
	})
	return out
}

// finding writes one finding: what, where, what asks for it, what to do.
func (p *page) finding(f *report.Finding, flows map[string]*report.Flow) {
	var members []*report.Flow
	for _, id := range f.Flows {
		if flow := flows[id]; flow != nil {
			members = append(members, flow)
		}
	}
	var hop *report.Hop
	if len(members) > 0 {
		hop = failing(f, members[0])
	}
	p.block()
	lead := p.style.paint(severityColor(f.Severity), string(f.Severity)) + " " + p.style.paint(bold, Escape(f.Rule)) + ": "
	p.line(lead, len(f.Severity)+cells(Escape(f.Rule))+3, Escape(title(f.Message, hop)), indent)
	if len(members) > 0 {
		p.members(f, hop, members)
	} else {
		p.place("at", f.Location)
	}
	if advice := adviceBeside(f.Advice, hop); advice != "" {
		p.row("advice", Escape(advice))
	}
	if f.Effect != "" {
		p.row("effect", Escape(f.Effect))
	}
	for i, rel := range f.Related {
		p.row(labelOnce("see", i), p.style.paint(cyan, Place(rel.Location))+" "+Escape(rel.Message))
	}
}

// title is a finding's message, without the deciding line at its end, which stands
// below it anyway.
func title(message string, hop *report.Hop) string {
	if hop == nil || len(hop.DecidedBy) == 0 {
		return message
	}
	text, _, _ := strings.Cut(message, fmt.Sprintf(" at %s:%d, ", hop.DecidedBy[0].File, hop.DecidedBy[0].Line))
	return text
}

// adviceBeside is a finding's advice without its sentences about rules that nearly
// let the flow pass: these rules have rows of their own.
func adviceBeside(advice string, hop *report.Hop) string {
	if hop == nil {
		return advice
	}
	for _, n := range hop.Near {
		advice = strings.Replace(advice, fmt.Sprintf(" %s:%d nearly allows it: %s.", n.File, n.Line, n.Reason), "", 1)
	}
	return advice
}

// place writes a location, unless it is nowhere.
func (p *page) place(label string, l source.Location) {
	if l.File != "" {
		p.at(label, l, "", "")
	}
}

// members writes what the flows of a finding tell: the hop that fails, what it
// lacks and the row of the port table.
func (p *page) members(f *report.Finding, hop *report.Hop, flows []*report.Flow) {
	if hop == nil {
		p.place("at", f.Location)
	} else {
		p.deciders(f, hop)
		p.row("firewall", Escape(hopTitle(hop))+": "+p.style.paint(verdictColor(hop.Verdict), string(hop.Verdict)))
		if hop.Redirected != "" {
			p.row("sent to", Escape(hop.Redirected))
		}
		p.depends(hop.DependsOn)
	}
	if !strings.Contains(f.Message, " → ") { // it names the flow by itself
		p.row("flow", p.words(flows))
	}
	p.missing(f, flows)
	p.row("asked by", askedBy(flows[0]))
	if hop != nil {
		p.near(hop.Near)
	}
}

// askedBy says what asks for a flow: a row of the port table, or a team's policy.
func askedBy(f *report.Flow) string {
	need := f.Need
	if f.Must == report.Never {
		need = "must never pass"
	}
	text := Escape(f.Row)
	if f.Policy != "" {
		text = strings.TrimSuffix("policy "+Escape(f.Policy)+": "+text, ": ")
	}
	return text + " (" + Escape(need) + ")"
}

// failing finds the hop of a flow that a finding is about: the one at the finding's
// firewall whose deciding line is the finding's location, else that firewall's
// first that does not surely let the flow pass.
func failing(f *report.Finding, flow *report.Flow) *report.Hop {
	var first *report.Hop
	for i := range flow.Hops {
		h := &flow.Hops[i]
		if h.Verdict == report.Allowed || h.Firewall != f.Firewall {
			continue
		}
		if first == nil {
			first = h
		}
		if slices.ContainsFunc(h.DecidedBy, func(d report.Decider) bool {
			return d.File == f.Location.File && d.Line == f.Location.Line
		}) {
			return h
		}
	}
	return first
}

// deciders writes the lines that decide, the finding's own first, and the jumps
// that lead there.
func (p *page) deciders(f *report.Finding, hop *report.Hop) {
	own := func(d report.Decider) bool { return d.File == f.Location.File && d.Line == f.Location.Line }
	if !slices.ContainsFunc(hop.DecidedBy, own) {
		p.place("at", f.Location)
	}
	list := slices.Clone(hop.DecidedBy)
	slices.SortStableFunc(list, func(a, b report.Decider) int {
		switch {
		case own(a) && !own(b):
			return -1
		case own(b) && !own(a):
			return 1
		}
		return 0
	})
	for i, d := range list[:p.limit(len(list), maxDeciders)] {
		l := source.Location{File: d.File, Line: d.Line}
		label := "and"
		if i == 0 {
			label = "decided"
		}
		if own(d) {
			l, label = f.Location, "at"
		}
		p.decider(label, l, d)
	}
	p.more(len(list), maxDeciders, "line")
}

// decider writes one deciding line, its chain and its callers.
func (p *page) decider(label string, l source.Location, d report.Decider) {
	p.at(label, l, d.Chain, d.Text)
	if d.Note != "" {
		p.row("", "("+Escape(d.Note)+")")
	}
	for i, c := range d.Calls[:p.limit(len(d.Calls), maxDeciders)] {
		p.at(labelOnce("called at", i), source.Location{File: c.File, Line: c.Line}, c.Chain, c.Text)
	}
	p.more(len(d.Calls), maxDeciders, "jump")
}

// near writes the rules that almost let the flow pass, and why they do not.
func (p *page) near(list []report.Near) {
	for i, n := range list[:p.limit(len(list), maxNear)] {
		p.at(labelOnce("nearly", i), source.Location{File: n.File, Line: n.Line}, "", n.Text)
		p.row("", Escape(n.Reason))
	}
	p.more(len(list), maxNear, "rule")
}

// depends writes what the verdict hangs on.
func (p *page) depends(list []report.DependsOn) {
	for i, d := range list[:p.limit(len(list), maxDepends)] {
		text := Escape(d.Text)
		if d.Kind != "" {
			text = Escape(d.Kind) + ": " + text
		}
		if d.Location != nil && d.Location.File != "" {
			text += " (" + p.style.paint(cyan, Place(*d.Location)) + ")"
		}
		p.row(labelOnce("depends", i), text)
		if d.Supply != "" {
			p.row("", "supply "+Escape(d.Supply))
		}
	}
	p.more(len(list), maxDepends, "condition")
}

// limit is how many of n to show.
func (p *page) limit(n, most int) int {
	if p.style.Verbose {
		return n
	}
	return min(n, most)
}

// more says how many were left out.
func (p *page) more(n, most int, noun string) {
	if left := n - p.limit(n, most); left > 0 {
		p.row("", "and "+count(left, "more "+noun)+" (--verbose)")
	}
}

// labelOnce is the label for the first of several rows.
func labelOnce(label string, i int) string {
	if i > 0 {
		return ""
	}
	return label
}
