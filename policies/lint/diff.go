package lint

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/sumlint/sumlint/parsers/tree"
	"github.com/sumlint/sumlint/policies/report"
)

// Change is what a change of the exports or the plan does to one flow.
type Change struct {
	Flow report.Flow `json:"flow"`
	// Before and After are its verdicts; "" where the plan did not, or no longer needs it.
	Before report.Verdict `json:"before"`
	After  report.Verdict `json:"after"`
	// Cause tells that the verdict is the same and what decides it is not.
	Cause bool `json:"cause_changed,omitempty"`
	// Was are the hops before.
	Was []report.Hop `json:"was,omitempty"`
}

// Worse tells that the flow was surely allowed, or not needed, and no longer is; of a
// flow that a policy forbids, that more of it passes than before.
func (c *Change) Worse() bool {
	if c.Flow.Must == report.Never {
		return c.After != "" && c.After != report.Blocked && (c.Before == "" || rank(c.After) < rank(c.Before))
	}
	return c.After != "" && c.After != report.Allowed && rank(c.After) > rank(c.Before)
}

// rank orders verdicts by how much surely can't pass.
func rank(v report.Verdict) int {
	return slices.Index([]report.Verdict{"", report.Allowed, report.Conditional, report.Partial, report.Blocked}, v)
}

// Compare tells what differs between two reports, flow by flow, in the order of the
// newer one; flows that are gone come last.
func Compare(before, after *report.Report) []Change {
	old := map[string]*report.Flow{}
	for i := range before.Flows {
		old[before.Flows[i].ID] = &before.Flows[i]
	}
	changes := []Change{}
	for _, f := range after.Flows {
		was, ok := old[f.ID]
		delete(old, f.ID)
		c := Change{Flow: f, After: f.Verdict}
		if ok {
			c.Before, c.Was = was.Verdict, was.Hops
			if was.Verdict == f.Verdict {
				c.Cause = cause(was) != cause(&f)
			}
		}
		if c.Before != c.After || c.Cause {
			changes = append(changes, c)
		}
	}
	for i := range before.Flows {
		if f, ok := old[before.Flows[i].ID]; ok {
			changes = append(changes, Change{Flow: *f, Before: f.Verdict, Was: f.Hops})
		}
	}
	return changes
}

// cause is what decides a flow, without line numbers: an unrelated rule above must
// not count as a change.
func cause(f *report.Flow) string {
	var b strings.Builder
	for _, h := range f.Hops {
		if h.Verdict == report.Allowed {
			continue
		}
		b.WriteString(h.Firewall + " " + h.Hook + " " + h.Leg + " " + string(h.Verdict) + " " + h.Redirected)
		for _, m := range h.Missing {
			b.WriteString(strings.Join(m.Source, ",") + ">" + strings.Join(m.Destination, ",") + m.SourcePort)
		}
		for _, d := range h.DecidedBy {
			b.WriteString("\n" + d.File + " " + d.Chain + " " + d.Text)
		}
		for _, d := range h.DependsOn {
			b.WriteString("\n" + d.Text)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Diff lints the topologies as they are and as they were at a base: a git revision
// or a folder that holds another state of the root. Both are traced side by side, and
// where the topology is the same, the older one's flows only as far as they cross a
// firewall whose exports differ.
func Diff(ctx context.Context, o Options, base string) (before, after *report.Report, err error) {
	if len(o.Paths) == 0 {
		o.Paths = []string{"."}
	}
	if o.Root == "" {
		o.Root = tree.Find(folderOf(o.Paths[0]))
	}
	was, err := openBase(ctx, o.Root, base)
	if err != nil {
		return nil, nil, err
	}
	defer was.Close()
	newer := &run{options: o, records: true}
	if err := newer.prepare(ctx, true); err != nil {
		return nil, nil, err
	}
	older := &run{options: o, base: was, newer: newer}
	if err := older.prepare(ctx, true); err != nil {
		return nil, nil, err
	}
	for _, p := range newer.plans {
		p.record = nil // with all that was read
	}
	group, both := errgroup.WithContext(ctx)
	for _, r := range []*run{newer, older} {
		group.Go(func() error {
			if err := r.trace(both); err != nil {
				return err
			}
			return r.finish(both)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	older.adopt()
	return older.report(nil), newer.report(nil), nil
}

// openBase opens the older state of a root.
func openBase(ctx context.Context, root, base string) (*tree.Tree, error) {
	if info, err := os.Stat(base); err == nil && info.IsDir() {
		if tree.IsRevision(ctx, root, base) {
			return nil, fmt.Errorf("the base %q is a folder and a git revision: write ./%s for the folder, or the commit's hash", base, base)
		}
		return tree.Open(base)
	}
	return tree.OpenRevision(ctx, root, base)
}
