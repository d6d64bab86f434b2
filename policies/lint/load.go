package lint

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/exports"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/parsers/tree"
)

// loader reads the exports of firewalls; a file that serves several is parsed once.
type loader struct {
	files map[exportKey]*loaded
}

type exportKey struct{ path, format string }

type loaded struct {
	file  *exports.File
	diags diag.List
}

// load reads the exports of a topology's firewalls and compiles their models.
func (l *loader) load(ctx context.Context, t *tree.Tree, plan *topology.Topology) (map[*topology.Firewall]*model.Firewall, diag.List, error) {
	var fresh []exportKey
	for _, fw := range plan.Firewalls {
		for _, e := range fw.Exports {
			key := exportKey{e.Path, e.Format}
			if l.files[key] == nil {
				l.files[key] = &loaded{}
				fresh = append(fresh, key)
			}
		}
	}
	err := each(ctx, len(fresh), func(i int) {
		l.files[fresh[i]].read(t, fresh[i])
	})
	if err != nil {
		return nil, nil, err
	}
	models := make([]*model.Firewall, len(plan.Firewalls))
	compiled := make([]diag.List, len(plan.Firewalls))
	err = each(ctx, len(plan.Firewalls), func(i int) {
		models[i], compiled[i] = l.compile(plan.Firewalls[i])
	})
	out := map[*topology.Firewall]*model.Firewall{}
	var diags diag.List
	for i, fw := range plan.Firewalls {
		out[fw] = models[i]
		diags = append(diags, compiled[i]...)
	}
	for _, key := range fresh {
		diags = append(diags, l.files[key].diags...)
	}
	return out, diags, err
}

func (l *loaded) read(t *tree.Tree, key exportKey) {
	raw, err := t.Read(key.path)
	if err != nil {
		l.file = &exports.File{Path: key.path}
		l.diags.Add(diag.Diagnostic{Severity: diag.Error, Origin: diag.Topology, Place: at(key.path), Summary: fmt.Sprintf("cannot read the export: %v", err)})
		return
	}
	l.file, l.diags = exports.Parse(key.path, raw, key.format)
}

// compile makes the model of one firewall.
func (l *loader) compile(fw *topology.Firewall) (*model.Firewall, diag.List) {
	var files []*exports.File
	for _, e := range fw.Exports {
		if f := l.files[exportKey{e.Path, e.Format}]; f != nil && f.file != nil {
			files = append(files, f.file)
		}
	}
	h := exports.Host{Name: fw.Name, Own: fw.Host.Value != "", Profile: fw.Profile}
	for _, i := range fw.Interfaces {
		h.Interfaces = append(h.Interfaces, i.Interface)
	}
	return exports.Compile(h, files)
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
