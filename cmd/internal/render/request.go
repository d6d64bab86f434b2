package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/policies/report"
)

// Request writes the flows of a plan as a firewall change request. The format is
// text, csv, json or markdown.
func Request(w io.Writer, r *report.Report, format string, s Style) error {
	switch format {
	case "json":
		return FlowsJSON(w, r)
	case "csv":
		return requestCSV(w, entries(r.Flows))
	case "markdown":
		return requestMarkdown(w, entries(r.Flows))
	}
	return requestText(w, entries(r.Flows), s)
}

// entry is what a network engineer enters at once: nodes of one kind, with the
// services that each of them needs in one direction.
type entry struct {
	from, to            []string // names
	fromType, toType    string   // a target's type, "" for other ends
	sources, receivers  []string // addresses
	services            []service
	loopback            bool   // on a host itself
	pairs               int    // how many pairs of ends it joins
	serverEnd, nodeEnds string // what must agree for two entries to be one
}

// service is one protocol with its ports.
type service struct {
	protocol, sourcePort string
	ports                []string
	names                []string // "SSH", "HTTPS"
	need                 string
	phases               []string
	row                  string
}

// entries groups flows: first the services between two ends, then the ends that
// need the same services of the same server. Flows that must never pass are no
// request.
func entries(flows []report.Flow) []entry {
	type pair struct{ topology, server, target, direction, addresses string }
	index := map[pair]int{}
	var pairs []entry
	for i := range flows {
		f := &flows[i]
		if f.Must == report.Never {
			continue
		}
		key := pair{f.Topology, f.Server, f.Target, f.Direction, strings.Join(f.Source, " ") + ">" + strings.Join(f.Destination, " ")}
		at, ok := index[key]
		if !ok {
			at = len(pairs)
			index[key] = at
			pairs = append(pairs, newEntry(f))
		}
		pairs[at].add(f)
	}
	return joinEntries(pairs)
}

// newEntry is an entry for a flow's two ends.
func newEntry(f *report.Flow) entry {
	e := entry{pairs: 1, from: []string{f.Server}, to: []string{f.Target}, toType: f.TargetType,
		sources: slices.Clone(f.Source), receivers: slices.Clone(f.Destination)}
	e.serverEnd = strings.Join(f.Source, " ")
	switch f.Direction {
	case "from-target":
		e.from, e.to, e.fromType, e.toType = e.to, e.from, e.toType, ""
		e.serverEnd = strings.Join(f.Destination, " ")
	case "browser":
		e.from, e.to = []string{"browsers"}, []string{f.Server}
		e.serverEnd += ">" + strings.Join(f.Destination, " ")
	case "local":
		e.to, e.toType, e.loopback = []string{itself}, "", true
		if f.Target != "" { // SUM runs on the target
			e.from, e.fromType = []string{f.Target}, f.TargetType
		}
	case "to-target":
	default: // a policy's own, between addresses
		e.from, e.to, e.toType = slices.Clone(f.Source), slices.Clone(f.Destination), ""
		e.serverEnd += ">" + strings.Join(f.Destination, " ")
	}
	e.nodeEnds = f.Topology + " " + f.Direction + " " + f.TargetType
	return e
}

// add gives an entry a flow's port: to a service that differs in its ports only,
// else as a service of its own.
func (e *entry) add(f *report.Flow) {
	i := slices.IndexFunc(e.services, func(s service) bool {
		return s.protocol == f.Protocol && s.sourcePort == f.SourcePort && s.need == f.Need &&
			s.row == f.Row && slices.Equal(s.phases, f.Phases)
	})
	if i < 0 {
		i = len(e.services)
		e.services = append(e.services, service{protocol: f.Protocol, sourcePort: f.SourcePort,
			need: f.Need, row: f.Row, phases: f.Phases})
	}
	s := &e.services[i]
	s.ports = append(s.ports, f.Port)
	if f.Service != "" && !slices.Contains(s.names, f.Service) {
		s.names = append(s.names, f.Service)
	}
}

// loopbackHead stands above the entries of hosts with themselves.
const loopbackHead = "On the host itself: no network firewall is between, but its own packet filter must let its loopback pass"

// joinEntries joins the entries of nodes that need the same of the same server. Those
// of hosts with themselves come last.
func joinEntries(pairs []entry) []entry {
	index := map[string]int{}
	var out []entry
	for _, e := range pairs {
		key := e.key()
		at, ok := index[key]
		if !ok {
			index[key] = len(out)
			out = append(out, e)
			continue
		}
		to := &out[at]
		to.pairs++
		to.from, to.to = append(to.from, e.from...), append(to.to, e.to...)
		to.sources, to.receivers = append(to.sources, e.sources...), append(to.receivers, e.receivers...)
	}
	for i := range out {
		e := &out[i]
		e.from, e.to, e.sources, e.receivers = distinct(e.from), distinct(e.to), distinct(e.sources), distinct(e.receivers)
		slices.SortStableFunc(e.services, func(a, b service) int { return cmp.Compare(needRank(a.need), needRank(b.need)) })
	}
	slices.SortStableFunc(out, func(a, b entry) int {
		if a.loopback == b.loopback {
			return 0
		}
		if a.loopback {
			return 1
		}
		return -1
	})
	return out
}

// beginsLoopback tells that the i-th entry is the first of hosts with themselves.
func beginsLoopback(list []entry, i int) bool {
	return list[i].loopback && (i == 0 || !list[i-1].loopback)
}

func needRank(need string) int {
	return slices.Index([]string{"required", "derived", "optional"}, need)
}

// key is equal for entries that can be entered as one.
func (e *entry) key() string {
	var b strings.Builder
	server := e.from
	if e.fromType != "" {
		server = e.to
	}
	fmt.Fprintf(&b, "%q %q %q", server, e.serverEnd, e.nodeEnds)
	for _, s := range e.services {
		fmt.Fprintf(&b, "%q %q %q %q %q %q %q", s.protocol, s.sourcePort, s.ports, s.names, s.need, s.phases, s.row)
	}
	return b.String()
}

// requestHead counts what is asked for.
func requestHead(list []entry) string {
	flows := 0
	for _, e := range list {
		for _, s := range e.services {
			flows += len(s.ports) * e.pairs
		}
	}
	return fmt.Sprintf("%s in %s; answers must pass back", count(flows, "flow"), plural(len(list), "entry", "entries"))
}

// ends names the two ends: "sum01", "rack-a, rack-b (ilo)".
func (e *entry) ends() (from, to string) {
	name := func(names []string, kind string) string {
		text := strings.Join(names, ", ")
		if kind != "" {
			text += " (" + kind + ")"
		}
		return text
	}
	return name(e.from, e.fromType), name(e.to, e.toType)
}

// protocolPorts is "tcp 22, 443", with the client's port where it is fixed.
func (s *service) protocolPorts() string {
	text := s.protocol + " " + strings.Join(s.ports, ", ")
	if s.sourcePort != "" {
		text += " from port " + s.sourcePort
	}
	return text
}

// why is "required, inventory, deployment: SSH, HTTPS".
func (s *service) why() string {
	text := strings.Join(append([]string{s.need}, s.phases...), ", ")
	if len(s.names) > 0 {
		text += ": " + strings.Join(s.names, ", ")
	}
	return text
}
