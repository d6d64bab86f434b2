// Package lint is the whole run, from a topology's path to the report: it reads,
// derives the flows, traces them, classifies what it found and has it judged.
package lint

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/parsers/tree"
	"github.com/sumlint/sumlint/policies/derive"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/judge"
	"github.com/sumlint/sumlint/policies/report"
)

// Options say what to lint and how.
type Options struct {
	// Paths are folders or *.sum.hcl files; none is the current folder.
	Paths []string
	// Root is the folder outside of which nothing is read; "" is the enclosing git
	// work tree, else each topology's own folder.
	Root string
	// Today is the day for waivers, YYYY-MM-DD.
	Today string
	// PolicyDirs hold more Rego.
	PolicyDirs []string
	// Verbose keeps the hops of allowed flows.
	Verbose bool
	// Policies judges and declares flows in place of the process itself, so that a
	// team's policies can be stopped; nil judges here.
	Policies Policies
	// Progress is told how far the run is; it may be nil.
	Progress func(done, total int)
}

// Policies are compiled policies: a judge.Judge, or one in another process.
type Policies interface {
	Needs(context.Context, *facts.Plan) ([]facts.NeedFlow, error)
	Judge(context.Context, *facts.Facts) ([]report.Finding, error)
}

// at is a place that stands for a whole file.
func at(path string) source.Location { return source.Location{File: path, Line: 1, Column: 1} }

// run is one run over several topologies.
type run struct {
	options Options
	plans   []*plan
	diags   diag.List
	deriver *derive.Deriver
	policy  *judge.Judge
	// records tells to record what each topology was read from, for a run of an older
	// state: newer is the other one there, and base the older state.
	records bool
	base    *tree.Tree
	newer   *run
	// waivers of all plans, as the facts number them.
	waivers []facts.Waiver
	facts   facts.Facts
}

// plan is one topology with all that was found out about it.
type plan struct {
	*planner
	tree      *tree.Tree
	loader    *loader // nil where no exports are wanted
	pairs     []pair
	decisions []report.Decision
	assessor  *assessor
	waiver    int // place of its first waiver in the run's
	record    *tree.Record

	// In an older state with the same topology: the newer one's plan, the firewalls whose
	// exports differ, and the ways on which one stands, as far as they were asked for.
	newer    *plan
	changed  map[string]bool
	crossing map[[2]*topology.Zone]bool
}

// Check lints topologies. Everything that is wrong with an input is a diagnostic in
// the report; an error is what has nothing to do with the inputs (a cancelled run).
func Check(ctx context.Context, o Options) (*report.Report, error) {
	r := &run{options: o}
	if err := r.prepare(ctx, true); err != nil {
		return nil, err
	}
	if err := r.trace(ctx); err != nil {
		return nil, err
	}
	if err := r.gather(ctx); err != nil {
		return nil, err
	}
	var err error
	var findings []report.Finding
	if r.policy != nil {
		if findings, err = r.policies().Judge(ctx, &r.facts); err != nil {
			r.diags = append(r.diags, r.policy.FindingProblems(err)...)
		}
	}
	return r.report(findings), nil
}

// Flows lists the flows that topologies need; it reads no exports.
func Flows(ctx context.Context, o Options) (*report.Report, error) {
	r := &run{options: o}
	if err := r.prepare(ctx, false); err != nil {
		return nil, err
	}
	for _, p := range r.plans {
		for _, pair := range p.pairs {
			r.diags.Add(leftOut(pair))
		}
	}
	return r.report(nil), nil
}

// leftOut says that a pair has no flows, where no rule will.
func leftOut(p pair) diag.Diagnostic {
	why := "SUM's port table has no row for it"
	if p.reason == "no-common-family" {
		why = "they have no address family in common"
	}
	return diag.Diagnostic{Severity: diag.Warning, Origin: diag.Topology, Span: p.target.Span,
		Summary: fmt.Sprintf("%s server %q and %s target %q are left out: %s", p.server.OS, p.server.Name, p.target.Type, p.target.Name, why)}
}

// Facts returns the document that the policies see, as JSON.
func Facts(ctx context.Context, o Options) ([]byte, diag.List, error) {
	r := &run{options: o}
	if err := r.prepare(ctx, true); err != nil {
		return nil, nil, err
	}
	if err := r.trace(ctx); err != nil {
		return nil, nil, err
	}
	if err := r.gather(ctx); err != nil {
		return nil, nil, err
	}
	text, err := judge.FactsJSON(&r.facts)
	return text, r.diags.Sorted(), err
}

// prepare reads topologies and policies, derives the flows and, if wanted, loads the exports.
func (r *run) prepare(ctx context.Context, exports bool) error {
	if len(r.options.Paths) == 0 {
		r.options.Paths = []string{"."}
	}
	loaded, err := r.policiesAndTable(ctx)
	if err != nil {
		return err
	}
	for _, path := range r.options.Paths {
		if err := r.read(ctx, path, exports); err != nil {
			return err
		}
	}
	loaded()
	r.unknownRules()
	if err := r.needs(ctx); err != nil {
		return err
	}
	r.nothing(exports)
	return ctx.Err()
}

// policiesAndTable makes the deriver, and the judge while the inputs are read: loaded
// waits for it. An older state has those of the newer one.
func (r *run) policiesAndTable(ctx context.Context) (loaded func(), err error) {
	if r.newer != nil {
		r.deriver, r.policy = r.newer.deriver, r.newer.policy
		return func() {}, nil
	}
	policies := make(chan func(), 1)
	go func() {
		j, diags := judge.Load(ctx, judge.Options{PolicyDirs: r.options.PolicyDirs})
		policies <- func() { r.policy = j; r.diags = append(r.diags, diags...) }
	}()
	r.deriver, err = derive.New(ctx)
	return func() { (<-policies)() }, err
}

// read reads one topology, its flows and its exports.
func (r *run) read(ctx context.Context, path string, exports bool) error {
	t, rel, err := r.open(path)
	if err != nil {
		r.diags.Add(diag.Diagnostic{Severity: diag.Error, Origin: diag.Topology, Summary: err.Error()})
		return nil
	}
	if slices.ContainsFunc(r.plans, func(p *plan) bool { return p.tree.Root() == t.Root() && p.topology.Path == rel }) {
		return nil // named twice
	}
	if same := r.sameTopology(t, rel); same != nil {
		p, err := same.older(ctx, t, r.options.Today)
		r.plans = append(r.plans, p)
		return err
	}
	from, record := t, (*tree.Record)(nil)
	if r.records {
		from, record = t.Recorded()
	}
	top, diags := topology.Read(from, rel)
	if !exports {
		diags = withoutExports(diags, top)
	}
	r.diags = append(r.diags, diags...)
	p := &plan{planner: newPlanner(top), tree: t, waiver: len(r.waivers), record: record}
	if err := p.build(ctx, r.deriver, &r.diags); err != nil {
		return err
	}
	for _, w := range top.Waivers {
		r.waivers = append(r.waivers, facts.Waiver{Topology: top.Path, Rule: w.Rule, Server: w.Server, Target: w.Target,
			Firewall: w.Firewall, Direction: w.Direction, Port: w.Port, Reason: w.Reason, Until: w.Until, Location: w.Span.Location()})
	}
	if exports {
		p.loader = newLoader(t, top, r.options.Today)
	}
	r.plans = append(r.plans, p)
	return nil
}

// sameTopology is the newer state's plan, where the older state t has the same
// topology at that place; nil where it has another one, or this is no older state.
func (r *run) sameTopology(t *tree.Tree, rel string) *plan {
	if r.newer == nil {
		return nil
	}
	for _, p := range r.newer.plans {
		if p.topology.Path == rel && p.record.Holds(t) {
			return p
		}
	}
	return nil
}

// withoutExports leaves out what is wrong with export files that nobody will read.
func withoutExports(diags diag.List, t *topology.Topology) diag.List {
	return slices.DeleteFunc(diags, func(d diag.Diagnostic) bool {
		return slices.ContainsFunc(t.Firewalls, func(fw *topology.Firewall) bool {
			return slices.ContainsFunc(fw.Exports, func(e topology.ExportFile) bool { return e.Missing && e.Span == d.Span })
		})
	})
}

// open finds the root of a path and the path's place below it.
func (r *run) open(path string) (*tree.Tree, string, error) {
	if r.base != nil {
		return r.openOlder(path)
	}
	if _, err := os.Stat(path); err != nil {
		return nil, "", fmt.Errorf("the path %q can't be read: %w", path, errors.Unwrap(err))
	}
	root := r.options.Root
	if root == "" {
		root = tree.Find(folderOf(path))
	}
	t, err := tree.Open(root)
	if err != nil {
		return nil, "", err
	}
	rel, err := t.Rel(path)
	return t, rel, err
}

// openOlder finds the place of a path in an older state of its root.
func (r *run) openOlder(path string) (*tree.Tree, string, error) {
	now, err := tree.Open(r.options.Root)
	if err != nil {
		return nil, "", err
	}
	defer now.Close()
	rel, err := now.Rel(path)
	return r.base, rel, err
}

// folderOf is the folder of a topology's path.
func folderOf(path string) string {
	if strings.HasSuffix(path, tree.Ending) || strings.HasSuffix(path, tree.EndingJSON) {
		return filepath.Dir(path)
	}
	return path
}

// policies are those that judge: in another process where the options say so.
func (r *run) policies() Policies {
	if r.options.Policies != nil {
		return r.options.Policies
	}
	return r.policy
}

// unknownRules reports policy and waive blocks for rules that do not exist.
func (r *run) unknownRules() {
	if r.policy == nil {
		return
	}
	legal := r.policy.RuleIDs()
	check := func(block, id string, span source.Span) {
		if !slices.Contains(legal, id) {
			r.diags.Errorf(diag.Topology, span, diag.Legal(id, legal), "%s names the rule %q, which does not exist", block, id)
		}
	}
	for _, p := range r.plans {
		for _, b := range p.topology.Policies {
			check("the policy block", b.Rule, b.Span)
		}
		for _, w := range p.topology.Waivers {
			check("the waiver", w.Rule, w.Span)
		}
	}
}

// nothing reports a run that looked at nothing: it must never pass.
func (r *run) nothing(exports bool) {
	flows, firewalls := 0, 0
	for _, p := range r.plans {
		flows += len(p.flows)
		firewalls += len(p.topology.Firewalls)
	}
	say := func(summary, detail string) {
		if !r.diags.HasErrors() {
			r.diags.Add(diag.Diagnostic{Severity: diag.Error, Origin: diag.Topology, Place: r.place(), Summary: summary, Detail: detail})
		}
	}
	switch {
	case len(r.plans) == 0:
		say("there is no topology to lint", "Name a folder that holds *.sum.hcl files, or such a file.")
	case flows == 0:
		say("the topology needs no flow", "Describe at least one server and one target that it updates from remote.")
	case exports && firewalls == 0:
		say("the topology has no firewall", "Describe at least one firewall with its exports; `sumlint flows` lists what must be open without any.")
	}
}

func (r *run) place() source.Location {
	for _, p := range r.plans {
		return p.topology.Span.Location()
	}
	return source.Location{}
}

// trace finds out what becomes of each flow.
func (r *run) trace(ctx context.Context) error {
	for i, p := range r.plans {
		p.assessor = &assessor{plan: p.planner, filters: newFilters(p.topology, p.network, p.loader), verbose: r.options.Verbose}
		p.keepModels = r.policy != nil && r.policy.UsesFirewalls()
		if p.newer != nil {
			for _, f := range p.flows {
				f.adopted = !p.crosses(f)
			}
		}
		if err := p.assessor.assess(ctx); err != nil {
			return err
		}
		if r.options.Progress != nil {
			r.options.Progress(i+1, len(r.plans))
		}
	}
	return nil
}
