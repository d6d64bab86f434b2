package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

// Words says in words who speaks to whom: "rack-a (ilo) → sum01, tcp 63001, deployment".
func Words(f *report.Flow) string {
	from, to := ends(f)
	return words(from, to, f)
}

// ends names a flow's two ends in its direction; those of a flow that a policy
// declares are addresses.
func ends(f *report.Flow) (from, to string) {
	target := f.Target
	if f.TargetType != "" {
		target += " (" + f.TargetType + ")"
	}
	from, to = endsAs(f, target, maxNames)
	return Escape(from), Escape(to)
}

// itself is the destination of a host's loopback flows.
const itself = "itself"

// endsAs names a flow's source and destination with this name for its target. A flow
// that a policy declares has neither server nor target: the first few addresses stand
// for them.
func endsAs(f *report.Flow, target string, most int) (from, to string) {
	switch f.Direction {
	case "to-target":
		return f.Server, target
	case "from-target":
		return target, f.Server
	case "browser":
		return "browsers", f.Server
	case "local":
		if f.Target != "" { // SUM runs on the target
			return target, itself
		}
		return f.Server, itself
	}
	return shortList(f.Source, most), shortList(f.Destination, most)
}

func words(from, to string, f *report.Flow) string {
	text := from + " → " + to + ", " + Escape(flowPorts(f))
	if len(f.Phases) > 0 {
		text += ", " + Escape(strings.Join(f.Phases, ", "))
	}
	return text
}

// words says in words which flows a finding is about; they share all but their ends.
func (p *page) words(flows []*report.Flow) string {
	var from, to []string
	for _, f := range flows {
		a, b := ends(f)
		from, to = append(from, a), append(to, b)
	}
	return words(p.names(from), p.names(to), flows[0])
}

// names joins distinct names, the first few of many.
func (p *page) names(list []string) string {
	slices.Sort(list)
	list = slices.Compact(list)
	return shortList(list, p.limit(len(list), maxNames))
}

// part is what can't pass, merged over the flows of a finding.
type part struct {
	sources, destinations []string
	service               string // protocol, port and source port
}

// missing writes the parts of the flows that surely can't pass.
func (p *page) missing(f *report.Finding, flows []*report.Flow) {
	var parts []part
	unlisted := 0
	for _, flow := range flows {
		hop := failing(f, flow)
		if hop == nil {
			continue
		}
		for _, m := range hop.Missing {
			service := Escape(m.Protocol) + " " + Escape(m.Port)
			if m.SourcePort != "" {
				service += " from port " + Escape(m.SourcePort)
			}
			parts = append(parts, part{m.Source, m.Destination, service})
			unlisted += m.More
		}
	}
	parts = merge(parts)
	for i, m := range parts[:p.limit(len(parts), maxParts)] {
		p.row(labelOnce("missing", i), fmt.Sprintf("%s → %s, %s", p.addresses(m.sources), p.addresses(m.destinations), m.service))
	}
	p.more(len(parts), maxParts, "part")
	if unlisted > 0 {
		p.row("", fmt.Sprintf("and %d more, which the report leaves out", unlisted))
	}
}

// merge joins the sources of parts with the same destinations, then the
// destinations of parts with the same sources.
func merge(parts []part) []part {
	parts = mergeBy(parts, func(m *part) (*[]string, *[]string) { return &m.sources, &m.destinations })
	return mergeBy(parts, func(m *part) (*[]string, *[]string) { return &m.destinations, &m.sources })
}

// mergeBy joins one side of the parts that agree in the other.
func mergeBy(parts []part, sides func(*part) (join, same *[]string)) []part {
	index := map[string]int{}
	var out []part
	for _, m := range parts {
		join, same := sides(&m)
		key := strings.Join(*same, " ") + "|" + m.service
		if at, ok := index[key]; ok {
			sum, _ := sides(&out[at])
			*sum = append(*sum, *join...)
			continue
		}
		index[key] = len(out)
		*join = slices.Clone(*join)
		out = append(out, m)
	}
	for i := range out {
		join, _ := sides(&out[i])
		*join = distinct(*join)
	}
	return out
}

// distinct drops what stands in a list before, in its order.
func distinct(list []string) []string {
	seen := make(map[string]bool, len(list))
	return slices.DeleteFunc(list, func(s string) bool {
		if seen[s] {
			return true
		}
		seen[s] = true
		return false
	})
}

func (p *page) addresses(list []string) string {
	return Escape(shortList(list, p.limit(len(list), maxNames)))
}

// flows lists all flows with their hops: what --verbose adds.
func (p *page) flows(list []report.Flow) {
	if len(list) == 0 {
		return
	}
	p.block()
	p.heading("Flows")
	for i := range list {
		f := &list[i]
		verdict := string(cmp.Or(f.Verdict, "unjudged"))
		lead := fmt.Sprintf("  %s%*s", p.style.paint(flowColor(f), verdict), max(1, 12-len(verdict)), "")
		text := Words(f)
		if f.Must == report.Never {
			text += " (must never pass)"
		}
		p.line(lead, 14, text, 14)
		for _, h := range f.Hops {
			p.hop(&h)
		}
	}
}

// flowColor is the colour of a flow's verdict: of one that must never pass, blocked is
// what is wanted.
func flowColor(f *report.Flow) string {
	if f.Must != report.Never {
		return verdictColor(f.Verdict)
	}
	if f.Verdict == report.Blocked {
		return green
	}
	return red
}

// hop writes one hop of a flow and the lines that decide it.
func (p *page) hop(h *report.Hop) {
	text := Escape(hopTitle(h)) + ": " + p.style.paint(verdictColor(h.Verdict), string(h.Verdict))
	if h.Path > 1 {
		text += fmt.Sprintf(" (path %d)", h.Path)
	}
	p.line("    ", 4, text, 6)
	for _, d := range h.DecidedBy {
		at := p.style.paint(cyan, Place(source.Location{File: d.File, Line: d.Line}))
		text := strings.TrimSpace(clip(Escape(d.Text), maxText) + " " + Escape(d.Note))
		p.line("      ", 6, at+"  "+text, 8)
	}
	for _, d := range h.DependsOn {
		p.line("      ", 6, "depends on "+Escape(d.Kind)+": "+Escape(d.Text), 8)
	}
}
