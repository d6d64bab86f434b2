package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/policies/report"
)

// drawing is a topology as diagrams show it: boxes in zones, firewalls between
// them, and a tie for each kind of flow that does not fare as wanted.
type drawing struct {
	Path      string
	Zones     []*drawnZone
	Firewalls []*box // firewalls and routers between zones
	Ties      []*tie
}

// drawnZone is a zone with its boxes. Column counts the firewalls between it and
// the nearest zone with a server.
type drawnZone struct {
	Name     string // "" for nodes that no zone holds
	Networks []string
	Column   int
	Boxes    []*box
}

// box is a server, a firewall, a target or a group of targets of one type.
type box struct {
	Kind   string // "server", "target", "firewall" or "router"
	Title  string
	Detail string
	Zones  []string // a firewall's zones
	Column int      // a firewall's column: that of its nearest zone
	Counts map[report.Verdict]int
	// Filters are the firewalls on this host.
	Filters []string
	Members int
}

// tie is a kind of flow that does not fare as wanted, and the box that stops it.
type tie struct {
	From, Stop *box // nil where the plan has no such box
	To         *box
	Verdict    report.Verdict
	Never      bool   // it passes, or may, and never must
	Label      string // "tcp 63001  rack-a → sum01"
	At         string // the name of what stops it, where that is a filter on a host
	Flows      int
}

// color is the verdict whose colour a tie has: a flow that never must pass and does is as bad as one that is blocked.
func (t *tie) color() report.Verdict {
	if t.Never {
		return report.Blocked
	}
	return t.Verdict
}

// groupAbove is how many targets of a type a zone may hold before they share a box.
const groupAbove = 6

// draw returns the drawing of the report's topology with that index.
func draw(r *report.Report, index int) *drawing {
	t := &r.Topologies[index]
	d := &drawing{Path: t.Path}
	b := drawer{d: d, nodes: map[string]*box{}, firewalls: map[string]*box{}, zones: map[string]*drawnZone{}}
	b.addZones(t)
	b.addNodes(t)
	b.addFirewalls(t)
	b.layColumns()
	byKey := map[string]*tie{}
	for i := range r.Flows {
		f := &r.Flows[i]
		if belongs(f, r, index) {
			b.addFlow(f, byKey)
		}
	}
	slices.SortStableFunc(d.Ties, func(a, c *tie) int { return verdictRank(c.Verdict) - verdictRank(a.Verdict) })
	return d
}

// belongs tells whether a flow is of the topology with that index; a report from
// an engine that does not say so counts it to the first that has its server.
func belongs(f *report.Flow, r *report.Report, index int) bool {
	if f.Topology != "" || len(r.Topologies) == 1 {
		return f.Topology == "" || f.Topology == r.Topologies[index].Path
	}
	for i := range r.Topologies {
		if slices.ContainsFunc(r.Topologies[i].Servers, func(n report.Node) bool { return n.Name == f.Server }) {
			return i == index
		}
	}
	return index == 0
}

// drawer builds a drawing.
type drawer struct {
	d         *drawing
	nodes     map[string]*box // "server NAME", "target NAME"
	firewalls map[string]*box // host firewalls name their host's box
	zones     map[string]*drawnZone
}

func (b *drawer) addZones(t *report.Topology) {
	for _, z := range t.Zones {
		b.zone(z.Name).Networks = z.Networks
	}
}

// zone returns the zone of that name, adding it where there is none.
func (b *drawer) zone(name string) *drawnZone {
	z := b.zones[name]
	if z == nil {
		z = &drawnZone{Name: name, Column: -1}
		b.zones[name] = z
		b.d.Zones = append(b.d.Zones, z)
	}
	return z
}

// home is the zone that a node is drawn in; a plan without zones has one for
// servers and one for targets.
func (b *drawer) home(t *report.Topology, n *report.Node, fallback string) *drawnZone {
	switch {
	case len(n.Zones) > 0:
		return b.zone(n.Zones[0])
	case len(t.Zones) == 0:
		return b.zone(fallback)
	}
	return b.zone("")
}

func (b *drawer) addNodes(t *report.Topology) {
	for i := range t.Servers {
		n := &t.Servers[i]
		z := b.home(t, n, "servers")
		z.Column = 0
		x := newBox("server", n.Name, n.Type+" "+shortList(n.Addresses, 2))
		b.nodes["server "+n.Name] = x
		z.Boxes = append(z.Boxes, x)
	}
	type group struct {
		zone *drawnZone
		kind string
	}
	sizes := map[group]int{}
	for i := range t.Targets {
		sizes[group{b.home(t, &t.Targets[i], "targets"), t.Targets[i].Type}]++
	}
	shared := map[group]*box{}
	for i := range t.Targets {
		n := &t.Targets[i]
		g := group{b.home(t, n, "targets"), n.Type}
		x := shared[g]
		if x == nil {
			x = newBox("target", n.Name, n.Type+" "+shortList(n.Addresses, 1))
			if sizes[g] > groupAbove {
				x = newBox("target", fmt.Sprintf("%d × %s", sizes[g], n.Type), "targets")
				shared[g] = x
			}
			g.zone.Boxes = append(g.zone.Boxes, x)
		}
		x.Members++
		if n.Mode != "" && n.Mode != "remote" && sizes[g] <= groupAbove {
			x.Detail = n.Type + ", updated " + map[string]string{"local": "on the node", "web": "by its web page"}[n.Mode]
		}
		b.nodes["target "+n.Name] = x
	}
}

func newBox(kind, title, detail string) *box {
	return &box{Kind: kind, Title: title, Detail: strings.TrimSpace(detail), Counts: map[report.Verdict]int{}}
}

func (b *drawer) addFirewalls(t *report.Topology) {
	for i := range t.Firewalls {
		f := &t.Firewalls[i]
		if f.Host != "" {
			host := b.nodes["server "+f.Host]
			if host == nil {
				host = b.nodes["target "+f.Host]
			}
			b.firewalls[f.Name] = host
			if host != nil {
				host.Filters = append(host.Filters, f.Name)
			}
			continue
		}
		x := newBox("firewall", f.Name, plural(len(f.Exports), "export", "exports"))
		if f.Router {
			x.Kind, x.Detail = "router", "filters nothing"
		}
		x.Zones = f.Zones
		if len(t.Zones) == 0 {
			x.Zones = []string{"servers", "targets"}
		}
		b.firewalls[f.Name] = x
		b.d.Firewalls = append(b.d.Firewalls, x)
	}
}

// layColumns counts each zone's distance from the servers, in firewalls.
func (b *drawer) layColumns() {
	last := 0
	for near := 0; ; near++ {
		grew := false
		for _, f := range b.d.Firewalls {
			if !slices.ContainsFunc(f.Zones, func(n string) bool { return b.zone(n).Column == near }) {
				continue
			}
			for _, n := range f.Zones {
				if z := b.zone(n); z.Column < 0 {
					z.Column, grew, last = near+1, true, near+1
				}
			}
		}
		if !grew {
			break
		}
	}
	for _, z := range b.d.Zones {
		if z.Column < 0 {
			z.Column = last + 1
		}
	}
	for _, f := range b.d.Firewalls {
		f.Column = last
		for _, n := range f.Zones {
			f.Column = min(f.Column, b.zone(n).Column)
		}
	}
}

// addFlow counts a flow at its boxes and ties it to what stops it.
func (b *drawer) addFlow(f *report.Flow, byKey map[string]*tie) {
	server, target := b.nodes["server "+f.Server], b.nodes["target "+f.Target] // nil where it has none
	counted := target
	if f.Target == "" {
		counted = server
	}
	if counted != nil && f.Must != report.Never {
		counted.Counts[f.Verdict]++
	}
	if asWanted(f) {
		return
	}
	from, to := server, target
	switch f.Direction {
	case "from-target":
		from, to = target, server
	case "local":
		from, to = counted, counted
	case "browser":
		from, to = nil, server
	}
	for _, stop := range b.stops(f, to) {
		b.tie(f, from, to, stop, byKey)
	}
}

// stop is a box that is to blame for a verdict, and the name of its filter if it is a host.
type stop struct {
	box *box
	at  string
}

// stops returns what is to blame for a flow's verdict, in path order.
func (b *drawer) stops(f *report.Flow, to *box) []stop {
	if f.Must == report.Never {
		return []stop{{box: to}}
	}
	worst := report.Allowed
	for _, h := range f.Hops {
		if verdictRank(h.Verdict) > verdictRank(worst) {
			worst = h.Verdict
		}
	}
	var stops []stop
	for _, h := range f.Hops {
		x := b.firewalls[h.Firewall]
		if h.Verdict != worst || worst == report.Allowed || x == nil {
			continue
		}
		s := stop{box: x}
		if x.Kind == "server" || x.Kind == "target" {
			s.at = h.Firewall
		}
		if !slices.Contains(stops, s) {
			stops = append(stops, s)
		}
	}
	if len(stops) == 0 {
		stops = append(stops, stop{box: to}) // no way leads there, or the plan does not draw what stops it
	}
	return stops
}

func (b *drawer) tie(f *report.Flow, from, to *box, s stop, byKey map[string]*tie) {
	label := flowPorts(f)
	key := fmt.Sprintf("%p %p %p %q %q %q %q", from, s.box, to, s.at, f.Verdict, f.Must, label)
	t := byKey[key]
	if t == nil {
		a, z := flowEnds(f)
		if from != nil && from.Members > 1 {
			a = from.Title
		}
		if to != nil && to.Members > 1 {
			z = to.Title
		}
		t = &tie{From: from, Stop: s.box, To: to, At: s.at, Never: f.Must == report.Never, Verdict: f.Verdict, Label: label + "  " + a + " → " + z}
		switch {
		case t.Never:
			t.Label += " (must never pass)"
		case len(f.Hops) == 0:
			t.Label += " (no way)"
		}
		byKey[key] = t
		b.d.Ties = append(b.d.Ties, t)
	}
	t.Flows++
}

// shortList joins the first texts and counts the rest.
func shortList(texts []string, limit int) string {
	if len(texts) <= limit {
		return strings.Join(texts, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(texts[:limit], ", "), len(texts)-limit)
}
