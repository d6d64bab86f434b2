package render

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/policies/report"
)

// flowGroup is what flows have in common that do not fare as wanted, for the same
// reason: documents explain it once.
type flowGroup struct {
	// First stands for all; its Hops are those of each, but for the addresses in Missing.
	First *report.Flow
	Flows []*report.Flow
	// Findings are indexes of the report's findings about these flows.
	Findings []int
	// Waived tells that every finding about them is waived, and that there is one.
	Waived bool
}

// flowGroups returns the groups of all flows that do not fare as wanted: the worst first, what is waived last.
func flowGroups(r *report.Report) []*flowGroup {
	findings := findingsByFlow(r)
	byKey := map[string]*flowGroup{}
	var groups []*flowGroup
	for i := range r.Flows {
		f := &r.Flows[i]
		if asWanted(f) {
			continue
		}
		key := groupKey(f)
		g := byKey[key]
		if g == nil {
			g = &flowGroup{First: f, Waived: true}
			byKey[key] = g
			groups = append(groups, g)
		}
		g.Flows = append(g.Flows, f)
		about := findings[f.ID]
		g.Waived = g.Waived && len(about) > 0
		for _, at := range about {
			g.Waived = g.Waived && r.Findings[at].Waived
			if len(g.Findings) == 0 || g.Findings[len(g.Findings)-1] != at {
				g.Findings = append(g.Findings, at)
			}
		}
	}
	for _, g := range groups {
		slices.Sort(g.Findings)
		g.Findings = slices.Compact(g.Findings)
	}
	slices.SortStableFunc(groups, func(a, b *flowGroup) int {
		if a.Waived != b.Waived {
			if a.Waived {
				return 1
			}
			return -1
		}
		return verdictRank(b.First.Verdict) - verdictRank(a.First.Verdict)
	})
	return groups
}

// findingsByFlow tells which findings are about a flow, by its id.
func findingsByFlow(r *report.Report) map[string][]int {
	byFlow := map[string][]int{}
	for i := range r.Findings {
		for _, id := range r.Findings[i].Flows {
			byFlow[id] = append(byFlow[id], i)
		}
	}
	return byFlow
}

// groupKey is equal for flows that one explanation fits.
func groupKey(f *report.Flow) string {
	hops := slices.Clone(f.Hops)
	for i := range hops {
		hops[i].Missing = nil
	}
	// Reports consist of strings, numbers and lists: encoding them cannot fail.
	text, _ := json.Marshal(hops)
	return strings.Join([]string{f.Topology, string(f.Verdict), f.Direction, f.TargetType, f.Need, f.Row, f.Protocol, f.Port, f.SourcePort, f.Policy, f.Must, string(text)}, "\x00")
}

// flowEnds names a flow's source and destination, as short as a cell of a table.
func flowEnds(f *report.Flow) (from, to string) { return endsAs(f, f.Target, 2) }

// flowNeed says what wants the flow: "required", "must never pass, policy x".
func flowNeed(f *report.Flow) string {
	text := f.Need
	if f.Must == report.Never {
		text = "must never pass"
	}
	if f.Policy != "" {
		text += ", policy " + f.Policy
	}
	return text
}

// flowPorts is "tcp 63001".
func flowPorts(f *report.Flow) string {
	text := f.Protocol
	if f.Port != "" {
		text += " " + f.Port
	}
	if f.SourcePort != "" {
		text += " from port " + f.SourcePort
	}
	return text
}

// hopTitle is "core, forward, request".
func hopTitle(h *report.Hop) string {
	parts := make([]string, 0, 3)
	for _, p := range []string{h.Firewall, h.Hook, h.Leg} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}
