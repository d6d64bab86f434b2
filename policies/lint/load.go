package lint

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/exports"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/parsers/tree"
)

// loader reads exports and compiles firewalls when they are asked for. It keeps a
// parsed file only as long as another firewall will need it, and no model: an
// estate of 10,000 host exports passes through memory a few at a time.
type loader struct {
	tree  *tree.Tree
	today string
	mu    sync.Mutex
	// files are the exports by name, with how many firewalls still need each.
	files map[exportKey]*loaded
	// compiled holds what is kept of each firewall.
	compiled map[*topology.Firewall]*compiled
}

type exportKey struct {
	path, format string
	missing      bool
}

type loaded struct {
	once  sync.Once
	needs int
	file  *exports.File
	diags diag.List
	rules int
}

// compiled is what the report needs of a firewall once its model is gone.
type compiled struct {
	once        sync.Once
	model       *model.Firewall // only while keep is set
	assumptions []model.Assumption
	diags       diag.List
}

func newLoader(t *tree.Tree, plan *topology.Topology, today string) *loader {
	l := &loader{tree: t, today: today, files: map[exportKey]*loaded{}, compiled: map[*topology.Firewall]*compiled{}}
	for _, fw := range plan.Firewalls {
		l.compiled[fw] = &compiled{}
		for _, e := range fw.Exports {
			key := exportKey{e.Path, e.Format, e.Missing}
			if l.files[key] == nil {
				l.files[key] = &loaded{}
			}
			l.files[key].needs++
		}
	}
	return l
}

// keep returns a firewall's model and keeps it for the next who asks.
func (l *loader) keep(fw *topology.Firewall) *model.Firewall {
	c := l.compiled[fw]
	c.once.Do(func() { c.model = l.compile(fw, c) })
	return c.model
}

// once returns a firewall's model for the one who needs it.
func (l *loader) once(fw *topology.Firewall) *model.Firewall {
	c := l.compiled[fw]
	m := c.model
	c.once.Do(func() { m = l.compile(fw, c) })
	return m
}

// compile reads what is missing and makes the model.
func (l *loader) compile(fw *topology.Firewall, c *compiled) *model.Firewall {
	var files []*exports.File
	for _, e := range fw.Exports {
		files = append(files, l.file(exportKey{e.Path, e.Format, e.Missing}))
	}
	h := exports.Host{Name: fw.Name, Own: fw.Host.Value != "", Profile: fw.Profile, Today: l.today}
	for _, i := range fw.Interfaces {
		i.Interface.Zone = i.Zone.Value
		h.Interfaces = append(h.Interfaces, i.Interface)
	}
	m, diags := exports.Compile(h, files)
	c.assumptions, c.diags = m.Assumptions, diags
	return m
}

// file returns a parsed export, and forgets it when nobody else needs it.
func (l *loader) file(key exportKey) *exports.File {
	l.mu.Lock()
	f := l.files[key]
	l.mu.Unlock()
	f.once.Do(func() { f.read(l.tree, key) })
	l.mu.Lock()
	defer l.mu.Unlock()
	file := f.file
	if f.needs--; f.needs == 0 {
		f.file = nil
	}
	return file
}

func (f *loaded) read(t *tree.Tree, key exportKey) {
	if key.missing {
		f.file = &exports.File{Path: key.path}
		return
	}
	raw, err := t.Read(key.path)
	if err != nil {
		f.file = &exports.File{Path: key.path}
		f.diags.Add(diag.Diagnostic{Severity: diag.Error, Origin: diag.Topology, Place: at(key.path), Summary: fmt.Sprintf("cannot read the export: %v", err)})
		return
	}
	f.file, f.diags = exports.Parse(key.path, raw, key.format)
	f.rules = f.file.RuleCount
}

// rest reads the firewalls that no flow needed, so that their mistakes are told too.
func (l *loader) rest(ctx context.Context, plan *topology.Topology) error {
	return each(ctx, len(plan.Firewalls), func(i int) { l.once(plan.Firewalls[i]) })
}

// diags are the diagnostics of all files and firewalls.
func (l *loader) diags(plan *topology.Topology) diag.List {
	var out diag.List
	seen := map[exportKey]bool{}
	for _, fw := range plan.Firewalls {
		out = append(out, l.compiled[fw].diags...)
		for _, e := range fw.Exports {
			if key := (exportKey{e.Path, e.Format, e.Missing}); !seen[key] {
				seen[key] = true
				out = append(out, l.files[key].diags...)
			}
		}
	}
	return out
}

// counts are how many exports there are, and how many rule lines in them.
func (l *loader) counts() (files, rules int) {
	for _, f := range l.files {
		files++
		rules += f.rules
	}
	return files, rules
}

// each calls f for 0 … n-1 on all processors.
func each(ctx context.Context, n int, f func(i int)) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			f(i)
			return ctx.Err()
		})
	}
	return group.Wait()
}
