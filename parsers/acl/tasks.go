package acl

import (
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
	if state.IsNull() || state.Kind != yamltree.Scalar || !n.Has("config") {
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
	if !deletes {
		if at = n.Get("when"); at == nil || at.Kind != yamltree.Scalar || !isOff(at) || at.IsNull() {
			return false
		}
		text = "this never runs (when: " + at.Text + "), so it is not read"
	}
	w.refused++
	w.diags.Add(diag.Diagnostic{Severity: diag.Note, Origin: diag.Export, Span: at.Span, Summary: text})
	return true
}

// doubt reports what makes it unsure whether the ACLs of a task, which were read
// since, are on the device.
func (w *walker) doubt(n *yamltree.Node, since mark) {
	if w.doc.mark() == since {
		return
	}
	switch state, _ := ansibleState(n); {
	case state == nil:
	case state.IsTemplate():
		w.template(state, "state")
		w.doc.spoil(since, state.Span)
	default:
		w.errorf(state, diag.Legal(state.Text, []string{"merged", "replaced", "overridden", "deleted", "purged"}),
			"the state %q does not put the ACLs of this task on the device", state.Text)
		w.doc.spoil(since, state.Span)
	}
	if when := n.Get("when"); when != nil && strings.ToLower(when.Text) != "true" {
		w.errorf(when, "Give what the device has, or the tasks that run for it.", "whether this task runs is a condition that is not decided here")
		w.doc.spoil(since, when.Span)
	}
}

// mark counts what was read so far.
type mark struct{ lists, policies, bindings, states, zoned, definitions int }

func (d *Doc) mark() mark {
	m := mark{lists: len(d.lists), policies: len(d.policies), bindings: len(d.bindings), states: len(d.states)}
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
	d.zonesUnsure = d.zonesUnsure || len(d.zones) > 0
	d.ports, d.zones = nil, nil
}
