package lint

import (
	"context"
	"slices"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/policies/engine"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/report"
	"github.com/sumlint/sumlint/policies/route"
	"github.com/sumlint/sumlint/policies/trace"
)

// entry is what one firewall does to a flow on one leg.
type entry struct {
	path   int
	ways   int // how many parallel ways there are
	filter *trace.Filter
	hook   string
	leg    engine.Leg
	// need are the flow's packets that come here, missing those that surely can't pass.
	need, missing packet.Set
	verdict       report.Verdict
	ends          []engine.Decision
	depends       []*model.Condition
	accepts       []engine.Decision // of an entry that is allowed
	passes        []engine.Decision // what accepts the rest of an entry that is partial
	redirected    string
	near          []report.Near // rules that almost let its request pass
	// neighbours tells that it is IPv6 neighbour discovery which the firewall drops.
	neighbours bool
}

// outcome is what becomes of one strand.
type outcome struct {
	verdict report.Verdict
	entries []entry
}

// batch is a set of strands that differ in their targets' addresses only, so that
// one walk through the firewalls between zones answers for all.
type batch struct {
	template *facts.Template
	flows    []*flow
	strands  []*strand
	outcomes []*outcome
	// ways are what the shared firewalls do, and own the strands that meet a filter of
	// their target's besides.
	ways []wayResult
	own  []job
}

// wayResult is what the firewalls that a batch shares do to it on one way.
type wayResult struct {
	filters []trace.Filter
	common  *view
}

// job is a strand that waits for the filter of the host it is on.
type job struct {
	host   string
	batch  *batch
	strand int
}

// batchKey tells which strands go together.
type batchKey struct {
	server           *topology.Server
	direction        string
	protocol, port   string
	sourcePort       string
	answer           bool
	family           packet.Family
	from, to         *topology.Zone
	near             packet.Addr
	client           packet.Port
	listener, sender facts.Listener
	alone            int
}

// assessor traces the flows of one topology.
type assessor struct {
	plan    *planner
	filters *filters
	verbose bool
}

// assess finds out what becomes of each flow of the plan: first on the firewalls
// that many flows share, then on each target's own, one target after the other.
func (a *assessor) assess(ctx context.Context) error {
	batches, outcomes := a.batches()
	if err := each(ctx, len(batches), func(i int) { a.run(batches[i]) }); err != nil {
		return err
	}
	var targets []string
	jobs := map[string][]job{}
	for _, b := range batches {
		for _, j := range b.own {
			if jobs[j.host] == nil {
				targets = append(targets, j.host)
			}
			jobs[j.host] = append(jobs[j.host], j)
		}
	}
	if err := each(ctx, len(targets), func(i int) { a.runOwn(targets[i], jobs[targets[i]]) }); err != nil {
		return err
	}
	for i, f := range a.plan.flows {
		if !f.adopted {
			f.settle(outcomes[i])
		}
	}
	return nil
}

// maxBatch bounds the strands of a batch. Where each target has a rule of its own, the
// rules take their targets out of the batch one by one, which costs the square of its
// size; a walk through 100,000 rules costs milliseconds.
const maxBatch = 2048

// batches puts the strands of all flows into batches, in the order of the flows.
func (a *assessor) batches() ([]*batch, [][]outcome) {
	at := map[batchKey]*batch{}
	var list []*batch
	outcomes := make([][]outcome, len(a.plan.flows))
	for i, f := range a.plan.flows {
		if f.adopted {
			continue
		}
		outcomes[i] = make([]outcome, len(f.strands))
		for j := range f.strands {
			s := &f.strands[j]
			key := a.key(f, s, len(list))
			b := at[key]
			if b == nil || len(b.strands) == maxBatch {
				b = &batch{template: f.template}
				at[key] = b
				list = append(list, b)
			}
			b.flows, b.strands, b.outcomes = append(b.flows, f), append(b.strands, s), append(b.outcomes, &outcomes[i][j])
		}
	}
	return list, outcomes
}

func (a *assessor) key(f *flow, s *strand, next int) batchKey {
	t := f.template
	key := batchKey{server: f.server, direction: t.Direction, protocol: t.Protocol, port: t.Port, sourcePort: t.SourcePort,
		answer: t.Answer, family: s.need.Family, from: s.from, to: s.to, listener: t.Listener, sender: t.Sender}
	near := s.need.Dst
	if t.Direction == "to-target" {
		near = s.need.Src
	}
	key.near, _ = near.Min()
	key.client, _ = s.need.SrcPort.Min()
	rewritten := s.moves
	if f.policy != "" || rewritten || t.Direction == "local" {
		key.alone = next + 1
	}
	return key
}

// run traces one batch.
func (a *assessor) run(b *batch) {
	if b.strands[0].noRoute {
		for _, o := range b.outcomes {
			o.verdict = report.Blocked
		}
		return
	}
	if b.flows[0].policy != "" {
		a.runCustom(b)
		return
	}
	local := b.template.Direction == "local"
	if !local {
		need, expect := b.union()
		ways, _ := a.plan.network.Ways(b.strands[0].from, b.strands[0].to)
		for _, way := range ways {
			a.runWay(b, way, need, expect)
		}
	}
	for i, s := range b.strands {
		host := ""
		if local || b.flows[i].target != nil {
			host = hostName(b.flows[i])
		}
		switch {
		case a.filters.hosts[host] != nil:
			b.own = append(b.own, job{host, b, i})
		case local:
			b.outcomes[i].verdict = report.Allowed
		default:
			for j, w := range b.ways {
				b.outcomes[i].add(j+1, len(b.ways), s, a.verbose, []*view{w.common})
			}
		}
	}
}

// union is what all strands of the batch need together, and where it must arrive.
func (b *batch) union() (need, expect packet.Box) {
	need, expect = b.strands[0].need, b.strands[0].expect
	if len(b.strands) == 1 {
		return need, expect
	}
	var src, dst, arrive []*packet.Addrs
	for _, s := range b.strands {
		src, dst, arrive = append(src, s.need.Src), append(dst, s.need.Dst), append(arrive, s.expect.Dst)
	}
	if b.template.Direction == "to-target" {
		need.Dst, expect.Dst = packet.Union(dst...), packet.Union(arrive...)
	} else {
		need.Src = packet.Union(src...)
	}
	return need, expect
}

// hostName is the host on which a local flow runs.
func hostName(f *flow) string {
	if f.target != nil {
		return f.target.Name
	}
	return f.server.Name
}

// runWay traces a batch along one way: the firewalls that all its strands pass.
func (a *assessor) runWay(b *batch, way route.Way, need, expect packet.Box) {
	t := b.template
	shared := a.filters.way(way)
	if server := b.flows[0].server; server != nil {
		if b.outgoing() {
			if own, ok := a.filters.server(server.Name, engine.OutOf, t); ok {
				shared = slices.Insert(shared, 0, own)
			}
		} else if own, ok := a.filters.server(server.Name, engine.Into, t); ok {
			shared = append(shared, own)
		}
	}
	result := trace.Run(trace.Query{Filters: shared, Need: packet.Set{need}, Expect: packet.Set{expect}, Moves: b.strands[0].moves, Answers: t.Answer})
	b.ways = append(b.ways, wayResult{shared, newView(&result)})
}

func (b *batch) outgoing() bool { return b.template.Direction == "to-target" }

// runOwn traces what waits for one host's own filter; its model is needed only here.
func (a *assessor) runOwn(host string, jobs []job) {
	fw := a.filters.hosts[host]
	var m *model.Firewall
	if a.plan.keepModels || a.filters.sides[host] == "server" {
		m = a.filters.loader.keep(fw)
	} else {
		m = a.filters.loader.once(fw)
	}
	for _, j := range jobs {
		b, s, o := j.batch, j.batch.strands[j.strand], j.batch.outcomes[j.strand]
		place := engine.OutOf
		switch {
		case b.template.Direction == "local":
			place = engine.Loopback
		case b.outgoing():
			place = engine.Into
		}
		own, _ := a.filters.host(host, place, b.template)
		own.Model = m
		if place == engine.Loopback {
			result := trace.Run(trace.Query{Filters: []trace.Filter{own}, Need: packet.Set{s.need}, Expect: packet.Set{s.expect}, Answers: b.template.Answer})
			o.add(1, 1, s, a.verbose, []*view{newView(&result)})
			continue
		}
		for i, w := range b.ways {
			o.add(i+1, len(b.ways), s, a.verbose, w.withOwn(own, b, s))
		}
	}
}

// withOwn traces a strand through its target's own filter beside the shared ones;
// where NAT rewrites its packets on the way, through all of them in a row.
func (w *wayResult) withOwn(own trace.Filter, b *batch, s *strand) []*view {
	q := trace.Query{Filters: []trace.Filter{own}, Need: packet.Set{s.need}, Expect: packet.Set{s.expect}, Moves: s.moves, Answers: b.template.Answer}
	mine := trace.Run(q)
	rewritten := w.common.result.Rewritten || mine.Rewritten
	switch {
	case b.outgoing() && !rewritten:
		return []*view{w.common, newView(&mine)}
	case b.outgoing():
		q.Filters = append(slices.Clone(w.filters), own)
	case !rewritten:
		return []*view{newView(&mine), w.common}
	default:
		q.Filters = append([]trace.Filter{own}, w.filters...)
	}
	whole := trace.Run(q)
	return []*view{newView(&whole)}
}
