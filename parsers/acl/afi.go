package acl

import (
	"cmp"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
)

// The three modules that list ACLs by "afi" look alike. Which one a list is for is
// told by the module's name, else by keys that only one of them has.
var (
	iosTells = []string{"acl_type", "remarks", "evaluate", "enable_fragments", "log_input", "option", "dscp", "precedence", "tos", "time_range"}
	eosTells = []string{"standard", "remark", "fragment_rules", "tracked", "vlan", "line", "hop_limit"}
)

// afiList reads a list whose items are {afi, acls}; other items are walked alone.
func (w *walker) afiList(n *yamltree.Node) bool {
	var maps []*yamltree.Node
	for _, item := range n.Items {
		if item.Has("afi") && item.Has("acls") {
			maps = append(maps, item)
		}
	}
	if len(maps) == 0 {
		return false
	}
	for _, item := range n.Items {
		if !item.Has("afi") || !item.Has("acls") {
			w.walk(item)
		}
	}
	return w.afiMaps(maps)
}

func (w *walker) afiMaps(maps []*yamltree.Node) bool {
	schema := w.module
	if schema == "" {
		schema = tellDialect(maps)
	}
	if schema == "" {
		schema = cmp.Or(w.dialect, schemaIOS)
	}
	w.dialect = schema
	w.is(schema)
	for _, m := range maps {
		w.afi(m, schema)
	}
	return true
}

func (w *walker) afi(n *yamltree.Node, schema string) {
	container := w.errors
	w.keys(n, "an address family", "afi", "acls")
	family, _ := w.family(n.Get("afi"))
	wrong := w.errors > container
	for _, a := range w.mappings(n.Get("acls"), "acls") {
		before := w.errors
		l := &list{schema: schema, family: family, fallback: deny, implicit: true}
		legal := []string{"name", "aces", "acl_type"}
		if schema == schemaEOS {
			legal[2] = "standard"
		} else if schema == schemaJunos {
			legal = legal[:2]
		}
		if !w.keys(a, "an ACL", legal...) {
			continue
		}
		if l.name, l.span = w.name(a, "name", "an ACL"); l.name == "" {
			continue
		}
		aces := w.mappings(a.Get("aces"), "aces")
		if w.errors > before {
			l.entries = append(l.entries, brokenEntry(a.Span))
		}
		if schema == schemaJunos {
			w.junosACEs(l, aces)
		} else {
			w.aces(l, a, aces)
		}
		if wrong {
			l.entries = []entry{brokenEntry(a.Span)}
		}
		w.doc.lists = append(w.doc.lists, l)
	}
}

// tellDialect looks for keys that only one of the modules has.
func tellDialect(maps []*yamltree.Node) string {
	votes := map[string]int{}
	for _, m := range maps {
		for _, a := range itemsOf(m.Get("acls")) {
			votes[schemaIOS] += count(a, iosTells)
			votes[schemaEOS] += count(a, eosTells)
			for _, ace := range itemsOf(a.Get("aces")) {
				tellACE(ace, votes)
			}
		}
	}
	best, most := "", 0
	for _, s := range []string{schemaIOS, schemaEOS, schemaJunos} {
		if votes[s] > most {
			best, most = s, votes[s]
		}
	}
	return best
}

func tellACE(ace *yamltree.Node, votes map[string]int) {
	votes[schemaIOS] += count(ace, iosTells)
	votes[schemaEOS] += count(ace, eosTells)
	if ace.Has("name") {
		votes[schemaJunos]++
	}
	if log := ace.Get("log"); log != nil && log.Kind == yamltree.Map {
		votes[schemaIOS]++
	}
	tcp := ace.Get("protocol_options").Get("tcp")
	if tcp.Has("flags") {
		votes[schemaEOS]++
	} else if tcp != nil && len(tcp.Pairs) > 0 {
		votes[schemaIOS]++
	}
	for _, s := range []string{"source", "destination"} {
		if ace.Get(s).Has("subnet_address") {
			votes[schemaEOS]++
		}
		if ace.Get(s).Has("object_group") {
			votes[schemaIOS]++
		}
		if ace.Get(s).Has("prefix_list") {
			votes[schemaJunos]++
		}
	}
}

func itemsOf(n *yamltree.Node) []*yamltree.Node {
	if n == nil {
		return nil
	}
	return n.Items
}

func count(n *yamltree.Node, keys []string) int {
	c := 0
	for _, k := range keys {
		if n.Has(k) {
			c++
		}
	}
	return c
}
