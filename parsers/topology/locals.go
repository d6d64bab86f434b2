package topology

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// local is one value of a locals block.
type local struct {
	name  string
	attr  *hcl.Attribute
	needs []string // the local values that it uses
	users []*local // the local values that use it
	wait  int      // how many of needs are not evaluated yet
}

// defineLocals evaluates the locals blocks, each value after those that it uses, and
// puts them into the base context.
func (r *reader) defineLocals(blocks []*hcl.Block) {
	all, order := r.collectLocals(blocks)
	for _, l := range order {
		r.findNeeds(l, all)
	}
	var ready []*local
	for _, l := range order {
		l.wait = len(l.needs)
		for _, n := range l.needs {
			all[n].users = append(all[n].users, l)
		}
		if l.wait == 0 {
			ready = append(ready, l)
		}
	}
	values := make(map[string]cty.Value, len(order))
	for len(ready) > 0 {
		l := ready[0]
		ready = ready[1:]
		values[l.name] = r.evalLocal(l, values)
		for _, u := range l.users {
			if u.wait--; u.wait == 0 {
				ready = append(ready, u)
			}
		}
	}
	for _, l := range order {
		if _, done := values[l.name]; !done {
			r.reportCycle(l, all)
			values[l.name] = cty.DynamicVal
			r.failed[l.name] = true
		}
	}
	r.base.Variables = map[string]cty.Value{"local": cty.ObjectVal(values)}
}

// collectLocals returns the definitions, by name and in order.
func (r *reader) collectLocals(blocks []*hcl.Block) (map[string]*local, []*local) {
	all := map[string]*local{}
	var order []*local
	for _, b := range blocks {
		attrs, diags := b.Body.JustAttributes()
		r.convert(diags, b.DefRange)
		sorted := make([]*hcl.Attribute, 0, len(attrs))
		for _, a := range attrs {
			sorted = append(sorted, a)
		}
		slices.SortFunc(sorted, func(a, b *hcl.Attribute) int { return a.Range.Start.Byte - b.Range.Start.Byte })
		for _, a := range sorted {
			if first := all[a.Name]; first != nil {
				r.errorf(r.span(a.NameRange), "It is defined at "+r.place(r.span(first.attr.NameRange))+" already.", "local.%s is defined twice", a.Name)
				continue
			}
			l := &local{name: a.Name, attr: a}
			all[a.Name] = l
			order = append(order, l)
		}
	}
	return all, order
}

// findNeeds lists the local values that l uses; one that does not exist is an error.
func (r *reader) findNeeds(l *local, all map[string]*local) {
	seen := map[string]bool{}
	for _, t := range l.attr.Expr.Variables() {
		if t.RootName() != "local" {
			continue
		}
		name, rng, ok := step(t)
		if !ok {
			r.errorf(r.span(t.SourceRange()), "", "In a locals block a local value is used as local.NAME")
			continue
		}
		if all[name] == nil && r.broken {
			continue // it may be defined in what could not be read
		}
		if all[name] == nil {
			legal := make([]string, 0, len(all))
			for n := range all {
				legal = append(legal, n)
			}
			r.errorf(r.span(rng), r.legal(name, legal), "There is no local.%s", name)
			continue
		}
		if !seen[name] {
			seen[name] = true
			l.needs = append(l.needs, name)
		}
	}
}

// evalLocal evaluates one definition; what is wrong with it is reported here, so that
// its users need not report it again.
func (r *reader) evalLocal(l *local, values map[string]cty.Value) cty.Value {
	visible := make(map[string]cty.Value, len(l.needs))
	for _, n := range l.needs {
		visible[n] = values[n]
	}
	ctx := r.base.NewChild()
	ctx.Variables = map[string]cty.Value{"local": cty.ObjectVal(visible)}
	for _, t := range l.attr.Expr.Variables() {
		if name, _, ok := step(t); t.RootName() == "local" && (!ok || visible[name] == cty.NilVal) {
			r.failed[l.name] = true // reported by findNeeds
			return cty.DynamicVal
		}
	}
	v, ok := r.eval(l.attr.Expr, ctx)
	if !ok {
		r.failed[l.name] = true
		return cty.DynamicVal
	}
	return v
}

// reportCycle follows the uses from l until one comes again, and reports that cycle.
// The definitions on the way count as done.
func (r *reader) reportCycle(l *local, all map[string]*local) {
	var chain []string
	at, place := l, map[string]int{}
	for at != nil {
		if from, again := place[at.name]; again {
			chain = append(chain[from:], at.name)
			if len(chain) > maxListed {
				chain = append(chain[:maxListed], "…")
			}
			r.errorf(r.span(at.attr.NameRange), "local."+strings.Join(chain, " → local.")+".", "local.%s is defined by itself", at.name)
			return
		}
		place[at.name] = len(chain)
		chain = append(chain, at.name)
		var next *local
		for _, n := range at.needs {
			if _, again := place[n]; again || all[n].wait > 0 {
				next = all[n]
				break
			}
		}
		at.wait = 0
		at = next
	}
}
