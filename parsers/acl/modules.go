package acl

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/packet"
)

// moduleKind says what an Ansible module does to a device's filters.
type moduleKind uint8

const (
	noModule   moduleKind = iota // none that is known to touch them
	writesACLs                   // by data that is read here
	writesBindings
	writesNames // groups, prefix lists, zones
	writesText  // by commands
	writesTree  // by a document that may hold anything
	notRead     // by data that is not read here
)

// module is an Ansible module, by its name.
type module struct {
	kind   moduleKind
	schema string // of the ACLs that it writes
}

var modules = map[string]module{
	"ios_acls": {writesACLs, schemaIOS}, "eos_acls": {writesACLs, schemaEOS}, "asa_acls": {writesACLs, schemaASA}, "junos_acls": {writesACLs, schemaJunos},
	"vyos_firewall_rules": {writesACLs, schemaVyOS}, "junos_security_policies": {writesACLs, schemaJunosZones},
	"ios_acl_interfaces": {kind: writesBindings}, "eos_acl_interfaces": {kind: writesBindings}, "junos_acl_interfaces": {kind: writesBindings}, "vyos_firewall_interfaces": {kind: writesBindings},
	"asa_ogs": {kind: writesNames}, "vyos_firewall_global": {kind: writesNames}, "junos_prefix_lists": {kind: writesNames}, "junos_security_zones": {kind: writesNames},
	"cli_config": {kind: writesText}, "cli_command": {kind: writesText}, "asa_acl": {kind: writesText}, "cli_restore": {kind: notRead},
	"netconf_config": {kind: writesTree}, "restconf_config": {kind: writesTree}, "grpc_config": {kind: writesTree},
}

// dialect returns the schema of a module that lists ACLs by "afi": their data look alike.
func (m module) dialect() string {
	switch m.schema {
	case schemaIOS, schemaEOS, schemaJunos:
		return m.schema
	}
	return ""
}

// moduleOf knows the modules of the platforms that are read here, and of their kin,
// with or without the collection's name before it.
func moduleOf(key string) module {
	name := key[strings.LastIndexByte(key, '.')+1:]
	if m, ok := modules[name]; ok {
		return m
	}
	platform, what, _ := strings.Cut(name, "_")
	if !slices.Contains([]string{"ios", "iosxr", "nxos", "asa", "eos", "junos", "vyos"}, platform) {
		return module{}
	}
	switch what {
	case "config", "command":
		return module{kind: writesText}
	case "acl", "acls", "acl_interface", "acl_interfaces", "ogs", "firewall_rules", "firewall_global", "firewall_interfaces", "security_policies", "security_zones":
		return module{kind: notRead}
	}
	return module{}
}

// task reads a pair of a mapping that is a module with its arguments, which may stand
// beside it as "args". It returns false where it is none: then it is looked at as any
// other data.
func (w *walker) task(p yamltree.Pair, args *yamltree.Node) bool {
	if k := p.Key.Text; k == "action" || k == "local_action" {
		if p.Value.Kind != yamltree.Map || p.Value.Get("module") == nil {
			word, rest, _ := strings.Cut(p.Value.Text, " ")
			if m := moduleOf(word); m.kind != noModule && p.Value.Kind == yamltree.Scalar {
				w.notRead(p.Value, word, m, textOf(rest))
				return true
			}
			return false
		}
		p.Key = p.Value.Get("module")
	}
	m := moduleOf(p.Key.Text)
	if args != nil && p.Value.IsNull() {
		p.Value = args
	}
	switch m.kind {
	case noModule:
		return false
	case writesText:
		if slices.ContainsFunc(p.Value.Items, func(i *yamltree.Node) bool { return i.Kind == yamltree.Map && !i.Has("command") }) { // a variable of that name
			return false
		}
		if touched := commandsOf(p.Value); !touched.isEmpty() {
			w.notRead(p.Key, p.Key.Text, m, touched)
		}
		return true
	case writesTree:
		if mentionsFilters(p.Value) {
			w.notRead(p.Key, p.Key.Text, m, touched{all: true})
		}
		return true
	case notRead:
		if p.Value.Kind == yamltree.List { // a variable of that name
			return false
		}
		w.notRead(p.Key, p.Key.Text, m, namesOf(p.Value.Get("config")))
		return true
	}
	return w.resource(p, m)
}

// notRead reports a task that may change ACLs in a way that is not read here, and
// makes those that it may change unknown.
func (w *walker) notRead(at *yamltree.Node, name string, m module, touched touched) {
	w.refused++
	what := "any ACL"
	if !touched.all {
		what = touched.String()
	}
	w.errorf(at, "What it does is unknown. Give what the device has, as "+supportedForms+".", "the task %s may change %s, and it is not read", name, what)
	w.doc.touch(touched, at.Span)
}

const supportedForms = "the configuration that a resource module (ios_acls, ios_acl_interfaces …) gathers"

// resource reads a task of a resource module: what its state takes away, then what
// its config puts on the device ("Network Resource Modules", states).
func (w *walker) resource(p yamltree.Pair, m module) bool {
	args := p.Value
	if args.IsTemplate() {
		w.refused++
		w.template(args, p.Key.Text)
		w.doc.touch(touched{all: true}, args.Span)
		return true
	}
	if args.Kind != yamltree.Map || !args.Has("state") && !args.Has("config") && !args.Has("running_config") {
		return false // a variable of that name
	}
	if before, twice := w.tasks[args]; twice {
		if w.doc.mark() != before {
			w.notRead(p.Key, p.Key.Text, m, touched{all: true}) // an alias: it does again what others changed since
		}
		return true
	}
	state, deletes := ansibleState(args)
	w.take(p, m)
	switch {
	case deletes:
		w.refused++
		w.diags.Add(diag.Diagnostic{Severity: diag.Note, Origin: diag.Export, Span: state.Span, Summary: "this task deletes ACLs; it is not read as defining them"})
	case args.Has("config"):
		w.config(p, m)
	case args.Has("running_config"):
		w.notRead(args.Key("running_config"), p.Key.Text, m, textOf(args.Get("running_config").Text))
	case state != nil && state.Text != "gathered":
		w.notRead(state, p.Key.Text, m, touched{all: true})
	}
	w.tasks[args] = w.doc.mark()
	return true
}

// config walks the arguments of a resource module. Where nothing in them is known,
// the module may do anything.
func (w *walker) config(p yamltree.Pair, m module) {
	outer := w.module
	w.module = cmp.Or(m.dialect(), w.module)
	w.tasks[p.Value] = mark{}
	found, refused, errors := w.found, w.refused, w.errors
	w.walk(p.Value)
	w.module = outer
	if w.found > found || w.refused > refused || m.kind == writesBindings && onlyNames(p.Value.Get("config")) {
		return
	}
	if w.errors == errors {
		w.notRead(p.Key, p.Key.Text, m, touched{all: true})
		return
	}
	w.doc.touch(touched{all: true}, p.Key.Span)
}

// onlyNames tells of interfaces that are listed without anything bound to them.
func onlyNames(config *yamltree.Node) bool {
	return config != nil && config.Kind == yamltree.List && !slices.ContainsFunc(config.Items, func(i *yamltree.Node) bool {
		return i.Kind != yamltree.Map || len(i.Pairs) != 1 || !i.Has("name") || templateIn(i) != nil
	})
}

// take takes away what a task's state does not leave on the device.
func (w *walker) take(p yamltree.Pair, m module) {
	state := p.Value.Get("state")
	word := "merged"
	if !state.IsNull() {
		word = state.Text
	}
	ch := change{module: m, at: p.Key.Span}
	switch word {
	case "merged", "gathered", "parsed", "rendered":
		return
	case "replaced":
		ch.touched = namesOf(p.Value.Get("config"))
		ch.replaces, ch.unsure = true, ch.touched.all
	case "overridden":
		ch.touched = touched{all: true}
	case "deleted", "purged":
		if ch.touched = (touched{all: true}); !p.Value.Get("config").IsNull() {
			ch.touched = namesOf(p.Value.Get("config"))
			ch.unsure = ch.touched.all
		}
	default: // reported where its config is read
		ch.touched, ch.unsure = touched{all: true}, true
	}
	w.apply(ch)
}

// namesOf returns the ACLs, or the interfaces, that a module's config names; all where
// one of them can't be read.
func namesOf(config *yamltree.Node) touched {
	var t touched
	items := itemsOf(config)
	if config != nil && config.Kind == yamltree.Map {
		items = []*yamltree.Node{config}
	}
	for _, item := range items {
		family := map[string]packet.Family{"ipv4": packet.IPv4, "ipv6": packet.IPv6}[scalarText(item.Get("afi"))]
		if item.Get("afi") == nil {
			family = packet.AnyFamily
		}
		lists := item.Get("acls")
		if lists == nil {
			lists = item.Get("rule_sets")
		}
		switch name := item.Get("name"); {
		case item.Kind != yamltree.Map || item.Damaged || templateIn(item) != nil || family == 0:
			return touched{all: true}
		case name != nil && name.Kind == yamltree.Scalar && lists == nil:
			t.interfaces = append(t.interfaces, name.Text)
		case lists.IsNull() && item.Has("afi"):
			t.acls = append(t.acls, aclName{family: family})
		case lists == nil || lists.Kind != yamltree.List:
			return touched{all: true}
		default:
			for _, l := range lists.Items {
				name := l.Get("name")
				if name == nil || name.Kind != yamltree.Scalar || name.IsNull() {
					return touched{all: true}
				}
				t.acls = append(t.acls, aclName{name.Text, family})
			}
		}
	}
	if t.isEmpty() {
		return touched{all: true}
	}
	return t
}

// scalarText returns a scalar's text; "" where there is none.
func scalarText(n *yamltree.Node) string {
	if n == nil || n.Kind != yamltree.Scalar {
		return ""
	}
	return n.Text
}
