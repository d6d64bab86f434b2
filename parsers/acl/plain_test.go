package acl

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/sumlint/sumlint/parsers/acl/schema"
	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/source"
)

// instance turns a node into what a JSON Schema judges: plain scalars that are
// JSON's numbers, true, false or null are those, all others are text.
func instance(n *yamltree.Node) any {
	switch n.Kind {
	case yamltree.Map:
		m := map[string]any{}
		for _, p := range n.Pairs {
			m[p.Key.Text] = instance(p.Value)
		}
		return m
	case yamltree.List:
		l := []any{}
		for _, i := range n.Items {
			l = append(l, instance(i))
		}
		return l
	}
	if n.IsNull() {
		return nil
	}
	if !n.Quoted && json.Valid([]byte(n.Text)) {
		var v any
		d := json.NewDecoder(strings.NewReader(n.Text))
		d.UseNumber()
		if d.Decode(&v) == nil {
			return v
		}
	}
	return n.Text
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.JSON))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("acl.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("acl.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plainCases are documents of the plain schema, and whether they are right.
var plainCases = []struct {
	ok   bool
	text string
}{
	{true, plainAdmin},
	{true, "acls: [{name: A, rules: []}]"},
	{true, "acls: [{name: 110, family: any, stateful: true, default: permit, comment: 5, rules: [{action: permit}]}]"},
	{true, "acls: [{name: A, rules: [{action: permit, name: n, comment: c, protocol: any, source: any, destination: any}]}]"},
	{true, "acls: [{name: A, rules: [{action: deny, protocol: 6, destination_port: 22, source_port: ['1-2', 3]}]}]"},
	{true, "acls: [{name: A, rules: [{action: deny, protocol: '17', destination_port: '22'}]}]"},
	{true, "acls: [{name: A, rules: [{action: deny, protocol: [tcp, 17], destination_port: 0}]}]"},
	{true, "acls: [{name: A, rules: [{action: deny, protocol: tcp, established: true}]}]"},
	{true, "acls: [{name: A, rules: [{action: deny, protocol: [6], established: true}]}]"},
	{true, "acls: [{name: A, rules: [{action: deny, established: false}]}]"},
	{true, "acls: [{name: A, rules: [{action: deny, source: 10.0.0.1-10.0.0.9, destination: ['fd00::/8', '::1', 1.2.3.4/32]}]}]"},
	{true, "x-base: &b {action: permit}\nacls: [{name: A, rules: [{<<: *b, protocol: icmpv6}]}]"},

	{false, "acls: []"},
	{false, "acls: [{name: A}]"},
	{false, "acls: [{rules: []}]"},
	{false, "acls: [{name: '', rules: []}]"},
	{false, "acls: [{name: A, rules: {}}]"},
	{false, "acls: [{name: A, rulez: [], rules: []}]"},
	{false, "acls: [{name: A, rules: []}]\naclz: []"},
	{false, "acls: [{name: A, family: inet, rules: []}]"},
	{false, "acls: [{name: A, stateful: yes, rules: []}]"},
	{false, "acls: [{name: A, stateful: 'true', rules: []}]"},
	{false, "acls: [{name: A, default: drop, rules: []}]"},
	{false, "acls: [{name: A, comment: [], rules: []}]"},
	{false, "acls: [{name: A, rules: [permit]}]"},
	{false, "acls: [{name: A, rules: [{protocol: tcp}]}]"},
	{false, "acls: [{name: A, rules: [{action: allow}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, dport: 22}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: tpc}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: 256}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: []}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: [any]}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, source: }]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, source: []}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, source: 10.0.0.256}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, source: 10.0.0.0/33}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, source: 10.0.0.010}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, source: server}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, source: [any]}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, source: '{{ sum }}'}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, source: {{ sum }}}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, destination_port: 22}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: any, destination_port: 22}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: [tcp, icmp], destination_port: 22}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: tcp, destination_port: 0123}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: tcp, destination_port: 22:22}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: tcp, destination_port: yes}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: tcp, destination_port: 1_000}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: tcp, destination_port: 0x16}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: tcp, destination_port: 22.5}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: tcp, destination_port: 65536}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: tcp, destination_port: -1}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: tcp, destination_port: ssh}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: tcp, destination_port: []}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: udp, established: true}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, established: true}]}]"},
	{false, "acls: [{name: A, rules: [{action: permit, protocol: tcp, established: yes}]}]"},
}

// TestPlainSchema proves that the JSON Schema and the parser agree.
func TestPlainSchema(t *testing.T) {
	s := compileSchema(t)
	for _, c := range plainCases {
		f := source.NewFile("a.yaml", []byte(c.text))
		_, diags := Parse(f)
		if got := !diags.HasErrors(); got != c.ok {
			t.Errorf("the parser accepts: %v, want %v: %s\n%v", got, c.ok, c.text, diags)
		}
		docs, _ := yamltree.Read(f)
		if err := s.Validate(instance(docs[0].Root)); (err == nil) != c.ok {
			t.Errorf("the schema accepts: %v, want %v: %s\n%v", err == nil, c.ok, c.text, err)
		}
	}
}

// TestPlainBeyondSchema holds what only the parser can refuse.
func TestPlainBeyondSchema(t *testing.T) {
	for _, text := range []string{
		"acls: [{name: A, rules: [{action: permit, protocol: tcp, destination_port: 90-80}]}]",
		"acls: [{name: A, rules: [{action: permit, source: 10.0.0.9-10.0.0.1}]}]",
		"acls: [{name: A, rules: [{action: permit, source: '::1::'}]}]",
		"acls: [{name: A, rules: [{action: permit, action: deny}]}]",
	} {
		if _, diags := Parse(source.NewFile("a.yaml", []byte(text))); !diags.HasErrors() {
			t.Errorf("accepted: %s", text)
		}
	}
}

// TestBrokenOpensNothing proves that a rule with a mistake is never a pass, and
// that what follows it is no longer sure either.
func TestBrokenOpensNothing(t *testing.T) {
	for _, c := range plainCases {
		if c.ok || !strings.Contains(c.text, "action:") {
			continue
		}
		fw, _ := compile(t, bound("a in=A", "b"), c.text)
		for _, p := range []string{"a>b tcp 10.0.0.1:1 10.0.0.2:22 S", "a>b tcp 10.0.0.1:1 10.0.0.2:123 SA", "a>b udp 10.0.0.1:1 10.0.0.2:9"} {
			if got := verdictOf(fw, parsePoint(t, p)); got == "pass" {
				t.Errorf("%s passes: %s", p, c.text)
			}
		}
	}
}

// TestPaste reads an ACL with the fences and prompts around it, and keeps its places.
func TestPaste(t *testing.T) {
	acl := "acls:\n  - name: A\n    rules:\n      - {action: deny, protocol: tcp}\n      - {action: permit}\n"
	for _, text := range []string{"```yaml\n" + acl + "```\n", "$ cat acl.yaml\n" + acl + "$\n"} {
		fw, diags := compile(t, bound("a in=A", "b"), text)
		noErrors(t, diags)
		if len(diags) != 1 || !strings.Contains(diags[0].Error(), "export0.yaml:1:1: text around the YAML is passed over") {
			t.Error(diags)
		}
		packets(t, fw, "a>b tcp 1.1.1.1:1 2.2.2.2:22 S -> drop\na>b udp 1.1.1.1:1 2.2.2.2:22 -> pass")
		if line := fw.Chains[2].Rules[0].Span.Position().Line; line != 5 {
			t.Errorf("the rule is on line %d", line)
		}
	}
}
