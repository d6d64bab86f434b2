package acl

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// ansibleState tells what the "state" of a module's arguments makes of its
// "config" ("Network Resource Modules", states): nil where the config is put on
// the device, else the state's node, and whether the task takes ACLs away.
func ansibleState(n *yamltree.Node) (state *yamltree.Node, deletes bool) {
	state = n.Get("state")
	if state.IsNull() || state.Kind != yamltree.Scalar {
		return nil, false
	}
	switch state.Text {
	case "merged", "replaced", "overridden":
		return nil, false
	case "deleted", "purged":
		return state, true
	}
	return state, false
}

// idle reports a task that leaves no ACLs on the device: it deletes them, or never
// runs. Nothing in it is read.
func (w *walker) idle(n *yamltree.Node) bool {
	text := "this task deletes ACLs; it is not read as defining them"
	at, deletes := ansibleState(n)
	switch deletes = deletes && n.Has("config"); {
	case deletes && !isACLConfig(n.Get("config")): // of something else
		return true
	case deletes: // of a module that is not told: it may delete what was read
		w.apply(change{touched: touched{all: true}, unsure: true, at: at.Span})
	default:
		if at = n.Get("when"); at == nil || at.Kind != yamltree.Scalar || !isOff(at) || at.IsNull() {
			return false
		}
		text = "this never runs (when: " + at.Text + "), so it is not read"
	}
	w.refused++
	w.diags.Add(diag.Diagnostic{Severity: diag.Note, Origin: diag.Export, Span: at.Span, Summary: text})
	return true
}

// uncertain returns what makes it unsure whether a task, a block or a play changes
// the device; nil where it surely does.
func uncertain(n *yamltree.Node) (at *yamltree.Node, text string) {
	if when := n.Get("when"); when != nil && strings.ToLower(when.Text) != "true" {
		return when, "whether this task runs is a condition that is not decided here"
	}
	if tags := n.Get("tags"); tags != nil {
		for _, tag := range append([]*yamltree.Node{tags}, tags.Items...) {
			for t := range strings.SplitSeq(scalarText(tag), ",") {
				if strings.TrimSpace(t) == "never" {
					return tag, "this task runs only where its tags are asked for (never)"
				}
			}
		}
	}
	if check := n.Get("check_mode"); !isOff(check) && scalarText(check) != "0" {
		return check, "this task may only be tried out (check_mode)"
	}
	return nil, ""
}

// sometimes are the keys of a play or block whose tasks run only where something
// else happens.
var sometimes = map[string]string{
	"handlers": "these tasks run only where another one notifies them",
	"rescue":   "these tasks run only where another one fails",
}

// pairs walks the values of a mapping. What may not be on the device is unknown, and
// takes nothing away for sure.
func (w *walker) pairs(n *yamltree.Node, since mark) {
	at, _ := uncertain(n)
	doubtful := at != nil || n.Damaged
	if doubtful {
		w.unsure++
	}
	w.takeLoose(n)
	args := n.Get("args")
	for _, p := range inTurn(n.Pairs) {
		if text := sometimes[p.Key.Text]; text != "" && p.Value.Kind == yamltree.List {
			w.sometimes(p, text)
			continue
		}
		if w.task(p, args) {
			continue
		}
		outer := w.module
		w.module = cmp.Or(moduleOf(p.Key.Text).dialect(), w.module)
		w.walk(p.Value)
		w.module = outer
	}
	if doubtful {
		w.unsure--
	}
	w.doubt(n, since)
}

// takeLoose makes unknown what arguments without their module may take away.
func (w *walker) takeLoose(n *yamltree.Node) {
	state := n.Get("state")
	if word := scalarText(state); word != "overridden" && word != "replaced" || !isACLConfig(n.Get("config")) {
		return
	}
	if _, known := w.tasks[n]; known {
		return
	}
	ch := change{touched: touched{all: true}, replaces: true, unsure: true, at: state.Span}
	if state.Text == "replaced" {
		ch.touched = namesOf(n.Get("config"))
	}
	w.apply(ch)
}

// isACLConfig tells of a module's config whether it is of ACLs or what applies them.
func isACLConfig(config *yamltree.Node) bool {
	if config == nil {
		return false
	}
	return slices.ContainsFunc(append([]*yamltree.Node{config}, config.Items...), func(n *yamltree.Node) bool {
		return n.Has("acls") || n.Has("rule_sets") || n.Has("from_zones") || n.Has("access_groups") || n.Has("access_rules") || n.Has("afi") && len(n.Pairs) == 1
	})
}

// turns are the keys of plays and blocks in the order in which their tasks run; those
// of other keys come after the first.
var turns = map[string]int{"pre_tasks": -1, "tasks": 1, "post_tasks": 2, "handlers": 3, "block": 1, "rescue": 2, "always": 3}

// inTurn returns a mapping's pairs in the order in which they run.
func inTurn(pairs []yamltree.Pair) []yamltree.Pair {
	turn := func(a, b yamltree.Pair) int { return cmp.Compare(turns[a.Key.Text], turns[b.Key.Text]) }
	if slices.IsSortedFunc(pairs, turn) {
		return pairs
	}
	pairs = slices.Clone(pairs)
	slices.SortStableFunc(pairs, turn)
	return pairs
}

// sometimes walks tasks that may run or not.
func (w *walker) sometimes(p yamltree.Pair, text string) {
	since := w.doc.mark()
	w.unsure++
	w.walk(p.Value)
	if w.unsure--; w.doc.mark() != since {
		w.errorf(p.Key, "Give what the device has, or the tasks that run for it.", "%s", text)
		w.doc.spoil(since, p.Key.Span)
	}
}

// doubt reports what makes it unsure whether the ACLs of a task, which were read
// since, are on the device.
func (w *walker) doubt(n *yamltree.Node, since mark) {
	if w.doc.mark() == since {
		return
	}
	switch state, _ := ansibleState(n); {
	case state == nil || !n.Has("config"):
	case state.IsTemplate():
		w.template(state, "state")
		w.doc.spoil(since, state.Span)
	default:
		w.errorf(state, diag.Legal(state.Text, []string{"merged", "replaced", "overridden", "deleted", "purged"}),
			"the state %q does not put the ACLs of this task on the device", state.Text)
		w.doc.spoil(since, state.Span)
	}
	if at, text := uncertain(n); at != nil {
		w.errorf(at, "Give what the device has, or the tasks that run for it.", "%s", text)
		w.doc.spoil(since, at.Span)
	}
}

// mark counts what was read so far.
type mark struct{ lists, policies, bindings, states, zoned, definitions, changes, anything int }

func (d *Doc) mark() mark {
	m := mark{lists: len(d.lists), policies: len(d.policies), bindings: len(d.bindings), states: len(d.states), changes: len(d.changes), anything: len(d.anything)}
	if d.zoned != nil {
		m.zoned = len(d.zoned.pairs) + len(d.zoned.global)
	}
	m.definitions = len(d.includes) + len(d.defs.addresses) + len(d.defs.ports) + len(d.defs.networks) + len(d.defs.services) + len(d.defs.zones)
	return m
}

// spoil makes unknown what was read since: a mapping around it is not sure.
func (d *Doc) spoil(since mark, span source.Span) {
	for _, l := range d.lists[since.lists:] {
		l.entries = []entry{brokenEntry(span)}
	}
	for i := range d.policies[since.policies:] {
		breakTerms(d.policies[since.policies+i].terms)
	}
	for i := range d.bindings[since.bindings:] {
		d.bindings[since.bindings+i].broken = true
	}
	for i := range d.states[since.states:] {
		d.states[since.states+i] = stateRule{states: packet.AnyState, verdict: unknown, span: span}
	}
	now := d.mark()
	if d.zoned != nil && now.zoned > since.zoned {
		d.zoned.global = append([]globalEntry{{entry: brokenEntry(span)}}, d.zoned.global...)
		for _, p := range d.zoned.pairs {
			p.list.entries = []entry{brokenEntry(span)}
		}
	}
	if now.definitions > since.definitions {
		d.defs.spoil(span)
		for _, terms := range d.includes {
			breakTerms(terms)
		}
	}
}

func breakTerms(terms []aerleonTerm) {
	for i := range terms {
		terms[i].broken = true
	}
}

// spoil makes every name unknown.
func (d *definitions) spoil(span source.Span) {
	for _, a := range d.addresses {
		a.opaque = true
	}
	for _, n := range d.networks {
		n.fqdns = append(n.fqdns, word{"a definition that is not sure", span})
	}
	for _, s := range d.services {
		s.broken = true
	}
	for _, p := range d.ports {
		p.opaque = true
	}
	for name := range d.zones {
		d.zones[name], d.zonesUnsure = nil, true
	}
}
