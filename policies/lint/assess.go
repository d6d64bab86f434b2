package lint

import (
	"context"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

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
	filter *trace.Filter
	hook   string
	leg    engine.Leg
	// need are the flow's packets that come here, missing those that surely can't pass.
	need, missing packet.Set
	verdict       report.Verdict
	ends          []engine.Decision
	depends       []*model.Condition
	accepts       []engine.Decision
	redirected    string
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

// assess finds out what becomes of each flow of the plan.
func (a *assessor) assess(ctx context.Context) error {
	batches, outcomes := a.batches()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, b := range batches {
		group.Go(func() error {
			if ctx.Err() == nil {
				a.run(b)
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, f := range a.plan.flows {
		f.settle(outcomes[i])
	}
	return nil
}

// batches puts the strands of all flows into batches, in the order of the flows.
func (a *assessor) batches() ([]*batch, [][]outcome) {
	at := map[batchKey]*batch{}
	var list []*batch
	outcomes := make([][]outcome, len(a.plan.flows))
	for i, f := range a.plan.flows {
		outcomes[i] = make([]outcome, len(f.strands))
		for j := range f.strands {
			s := &f.strands[j]
			key := a.key(f, s, len(list))
			b := at[key]
			if b == nil {
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
	rewritten := f.target != nil && len(f.target.NATAddresses.List) > 0
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
	if b.template.Direction == "local" {
		a.runLocal(b)
		return
	}
	need, expect := b.union()
	ways, _ := a.plan.network.Ways(b.strands[0].from, b.strands[0].to)
	for i, way := range ways {
		a.runWay(b, i+1, way, need, expect)
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

func (a *assessor) runLocal(b *batch) {
	for i, s := range b.strands {
		host := hostName(b.flows[i])
		own, ok := a.filters.host(host, engine.Loopback, b.template)
		if !ok {
			b.outcomes[i].verdict = report.Allowed
			continue
		}
		result := trace.Run(trace.Query{Filters: []trace.Filter{own}, Need: packet.Set{s.need}, Expect: packet.Set{s.expect}, Answers: b.template.Answer})
		b.outcomes[i].add(1, s, a.verbose, []*view{newView(&result)})
	}
}

// hostName is the host on which a local flow runs.
func hostName(f *flow) string {
	if f.target != nil {
		return f.target.Name
	}
	return f.server.Name
}

// runWay traces a batch along one way: the firewalls that all its strands pass
// once, each target's own filter for its strand.
func (a *assessor) runWay(b *batch, path int, way route.Way, need, expect packet.Box) {
	t := b.template
	shared := a.filters.way(way)
	outgoing := t.Direction == "to-target"
	if server := b.flows[0].server; server != nil {
		place := engine.Into
		if outgoing {
			place = engine.OutOf
		}
		if own, ok := a.filters.host(server.Name, place, t); ok && outgoing {
			shared = slices.Insert(shared, 0, own)
		} else if ok {
			shared = append(shared, own)
		}
	}
	result := trace.Run(trace.Query{Filters: shared, Need: packet.Set{need}, Expect: packet.Set{expect}, Answers: t.Answer})
	common := newView(&result)
	for i, s := range b.strands {
		views := []*view{common}
		if own, ok := a.targetFilter(b.flows[i], outgoing, t); ok {
			views = a.withOwn(own, outgoing, shared, s, t, common)
		}
		b.outcomes[i].add(path, s, a.verbose, views)
	}
}

// targetFilter is the filter on the target itself.
func (a *assessor) targetFilter(f *flow, outgoing bool, t *facts.Template) (trace.Filter, bool) {
	if f.target == nil {
		return trace.Filter{}, false
	}
	place := engine.OutOf
	if outgoing {
		place = engine.Into
	}
	return a.filters.host(f.target.Name, place, t)
}

// withOwn traces a strand through its target's own filter beside the shared ones;
// where NAT rewrites its packets on the way, through all of them in a row.
func (a *assessor) withOwn(own trace.Filter, outgoing bool, shared []trace.Filter, s *strand, t *facts.Template, common *view) []*view {
	q := trace.Query{Filters: []trace.Filter{own}, Need: packet.Set{s.need}, Expect: packet.Set{s.expect}, Answers: t.Answer}
	mine := trace.Run(q)
	if !common.result.Rewritten && !mine.Rewritten {
		if outgoing {
			return []*view{common, newView(&mine)}
		}
		return []*view{newView(&mine), common}
	}
	q.Filters = append(slices.Clone(shared), own)
	if !outgoing {
		q.Filters = append([]trace.Filter{own}, shared...)
	}
	whole := trace.Run(q)
	return []*view{newView(&whole)}
}
