package acl

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
)

// The schemas, as Doc.Schemas and messages name them.
const (
	schemaPlain      = "plain"
	schemaIOS        = "cisco.ios.ios_acls"
	schemaEOS        = "arista.eos.eos_acls"
	schemaASA        = "cisco.asa.asa_acls"
	schemaJunos      = "junipernetworks.junos.junos_acls"
	schemaJunosZones = "junipernetworks.junos.junos_security_policies"
	schemaVyOS       = "vyos.vyos.vyos_firewall_rules"
	schemaAerleon    = "aerleon"
	schemaOpenConfig = "openconfig-acl"
	schemaRFC8519    = "ietf-access-control-list"
	schemaDefs       = "definitions"
	schemaBindings   = "interfaces"
)

const supported = "Supported: our plain schema (`acls:` with `rules:`), cisco.ios.ios_acls, cisco.asa.asa_acls, arista.eos.eos_acls, junipernetworks.junos.junos_acls and junos_security_policies, " +
	"vyos.vyos.vyos_firewall_rules, Aerleon policies and definitions, OpenConfig ACLs and RFC 8519."

var (
	yamlKey  = regexp.MustCompile(`^\s*(?:-\s+)*["']?[A-Za-z_][\w.:{}-]*["']?\s*:(?:\s|$)`)
	notYAML  = regexp.MustCompile(`^(?:\*[a-z]+\s*$|:[\w-]+ (?:ACCEPT|DROP|-)|-[ANPI] \w|COMMIT\s*$|create \S+ (?:hash|bitmap|list):|-{10,}\s*$)`)
	yamlOpen = regexp.MustCompile(`^(?:---(?:\s|$)|%YAML|\s*[\[{])`)
)

// Recognise tells whether the text looks like YAML. It does not tell whether it
// holds ACLs: Parse says what is wrong where it does not. Ask the other formats first.
func Recognise(data []byte) bool {
	data = bytes.TrimPrefix(data[:min(len(data), 1<<16)], []byte("\ufeff"))
	if head := data[:min(len(data), 200)]; bytes.HasPrefix(bytes.TrimSpace(head), []byte("{")) && bytes.Contains(head, []byte(`"nftables"`)) {
		return false // nft -j: JSON is YAML
	}
	found := false
	for line := range bytes.Lines(data) {
		line = bytes.TrimRight(line, "\r\n")
		switch text := bytes.TrimSpace(line); {
		case len(text) == 0 || text[0] == '#':
		case notYAML.Match(line):
			return false
		case yamlOpen.Match(line) || yamlKey.Match(line):
			found = true
		}
	}
	return found
}

// Parse reads all documents of an export. It returns what it could read, and
// errors of origin Export.
func Parse(f *source.File) (*Doc, diag.List) {
	doc := &Doc{File: f}
	documents, diags := yamltree.Read(f)
	r := &reader{doc: doc, diags: &diags}
	doc.Broken = diags.HasErrors()
	for _, d := range documents {
		if d.Root == nil {
			doc.Broken = doc.Broken || d.Broken
			continue
		}
		w := walker{reader: r, seen: map[*yamltree.Node]bool{}, tasks: map[*yamltree.Node]mark{}}
		w.walk(d.Root)
		if w.found == 0 && w.refused == 0 {
			r.errors++
			diags.Errorf(diag.Export, d.Span, supported, "no ACL was recognised in this document")
		}
	}
	if len(documents) == 0 || !slices.ContainsFunc(documents, func(d yamltree.Document) bool { return d.Root != nil || d.Broken }) {
		r.errors++
		diags.Errorf(diag.Export, f.Span(0, 0), supported, "the file is empty")
	}
	doc.dropGone()
	doc.Broken = doc.Broken || r.errors > 0
	return doc, diags
}

// walker looks for the schemas at any depth, under any variable name.
type walker struct {
	*reader
	seen           map[*yamltree.Node]bool
	found, refused int
	// dialect is the schema of the last "afi" list: lists that could be of several
	// dialects are taken for it.
	dialect string
	// module is the schema of the module whose arguments are being walked.
	module string
	// unsure counts the mappings around that may not be on the device.
	unsure int
	// tasks are the arguments of modules that were read, with what was read up to there.
	tasks map[*yamltree.Node]mark
	// work counts what changes were held against, up to a limit.
	work  int
	spent bool
}

// walk looks at a node.
func (w *walker) walk(n *yamltree.Node) {
	if w.seen[n] {
		return
	}
	w.seen[n] = true
	switch n.Kind {
	case yamltree.List:
		if w.afiList(n) {
			return
		}
		w.listInterfaces(n)
		for _, item := range n.Items {
			w.walk(item)
		}
	case yamltree.Map:
		since := w.doc.mark()
		if n.Damaged {
			defer w.doc.spoil(since, n.Span)
		}
		if !w.recognise(n) {
			w.pairs(n, since)
		}
	}
}

func (w *walker) is(schema string) {
	w.found++
	if !slices.Contains(w.doc.Schemas, schema) {
		w.doc.Schemas = append(w.doc.Schemas, schema)
	}
}

// recognise reads a mapping where it is one of a schema; then nothing in it is
// looked at again.
func (w *walker) recognise(n *yamltree.Node) bool {
	switch {
	case w.refuse(n), w.idle(n):
		return true
	case isAerleonPolicy(n):
		w.is(schemaAerleon)
		w.aerleonPolicy(n)
	case isAerleonInclude(n):
		w.is(schemaAerleon)
		w.aerleonInclude(n)
	case isAerleonDefinitions(n):
		w.is(schemaDefs)
		w.aerleonDefinitions(n)
	case isOpenConfig(n):
		w.is(schemaOpenConfig)
		w.openConfig(n)
	case isRFC8519(n):
		w.is(schemaRFC8519)
		w.rfc8519(n)
	case n.Has("from_zones") || n.Get("global").Has("policies"):
		w.is(schemaJunosZones)
		w.junosPolicies(n)
	case n.Has("rule_sets"):
		w.is(schemaVyOS)
		w.vyosRuleSets(n)
	case n.Has("access_groups") || n.Has("access_rules"):
		w.is(schemaBindings)
		w.interfaceBindings(n)
	case n.Has("acls") && n.Has("afi"):
		return w.afiMaps([]*yamltree.Node{n})
	case n.Has("acls") && isASA(n):
		w.is(schemaASA)
		w.asa(n)
	case n.Has("acls") && isPlain(n):
		w.is(schemaPlain)
		w.plain(n)
	default:
		return w.definitions(n) || w.stray(n)
	}
	return true
}

// refuse reports policies of other kinds, which people keep in YAML too.
func (w *walker) refuse(n *yamltree.Node) bool {
	kind, api := n.Get("kind"), n.Get("apiVersion")
	if kind == nil || api == nil || !strings.Contains(kind.Text, "NetworkPolicy") && !strings.Contains(kind.Text, "NetworkSet") {
		return false
	}
	w.refused++
	w.errorf(kind, supported, "%s is a policy for pods, which SUM's flows do not meet; it is not read", kind.Text)
	return true
}

// stray reports a mapping that has a schema's key without the rest of it: a
// misspelt key beside it would make its rules vanish.
func (w *walker) stray(n *yamltree.Node) bool {
	for _, key := range []string{"afi", "aces", "ace", "grant", "acl-entries", "wildcard_bits"} {
		if k := n.Key(key); k != nil && n.Kind == yamltree.Map {
			w.refused++
			w.errorf(k, supported, "%q is a key of ACLs, but this mapping is none of the known forms", key)
			return true
		}
	}
	return false
}
