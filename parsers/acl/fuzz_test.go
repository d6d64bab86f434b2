package acl

import (
	"strings"
	"testing"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
)

func diagText(l diag.List) string {
	var b strings.Builder
	for _, d := range l {
		b.WriteString(d.Error() + "\n")
	}
	return b.String()
}

// FuzzParse feeds any text: no panic, sound models, places inside the text, and
// never a pass from what is not read in full.
func FuzzParse(f *testing.F) {
	for _, text := range []string{plainAdmin, iosAdmin, eosAdmin, aerleonAdmin + "---\n" + aerleonNaming, iosACE("grant: permit, protocol: tcp, source: {any: true}, destination: {any: true}")} {
		f.Add(text)
	}
	for _, c := range plainCases {
		f.Add(c.text)
	}
	for _, text := range moreSeeds {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := source.NewFile("x.yaml", []byte(text))
		Recognise(file.Data)
		doc, diags := Parse(file)
		fw, more := Compile(Input{Name: "fw", Docs: []*Doc{doc}, Interfaces: bound("a in=ADMIN-IN zone=admin", "b out=OOB-IN zone=oob")})
		for _, d := range append(diags, more...) {
			if d.Summary == "" || d.Span.File == file && (d.Span.End > uint32(len(text)) || d.Span.Start > d.Span.End || strings.Contains(d.Span.Text(), "\n")) {
				t.Errorf("%+v", d)
			}
		}
		if len(doc.Schemas) == 0 && !diags.HasErrors() && doc.RuleCount > 0 {
			t.Error("rules of no schema")
		}
		checkModel(t, fw)
	})
}

// moreSeeds show the other schemas to the fuzzer.
var moreSeeds = []string{
	"config:\n  acls:\n    - {name: IN, aces: [{grant: deny, line: 1, protocol_options: {tcp: true}, source: {any4: true}, destination: {address: 10.0.0.0, netmask: 255.0.255.0}, inactive: true}]}\n",
	"- {afi: ipv4, rule_sets: [{name: IN, default_action: accept, rules: [{number: 1, action: drop, protocol: '!tcp', source: {address: '!10.0.0.0/8', group: {port_group: X}}, tcp: {flags: 'SYN,!ACK'}, icmp: {type: 8}, limit: {burst: 5}}]}]}\n",
	"from_zones: [{name: admin, to_zones: [{name: oob, policies: [{name: p, match: {source_address: {addresses: [A]}, source_address_excluded: true, destination_address: {any: true}, application: {names: [junos-ssh]}}, then: {permit: {}}}]}]}]\n",
	"acl-sets: {acl-set: [{name: A, type: ACL_IPV4, acl-entries: {acl-entry: [{sequence-id: 1, ipv4: {config: {protocol: 6}}, transport: {config: {source-port: 1..2, builtin-detail: TCP_INITIAL}}, actions: {config: {forwarding-action: DROP}}}]}}]}\n",
	"acls: {acl: [{name: A, type: ipv6-acl-type, aces: {ace: [{name: x, matches: {ipv6: {protocol: 58}, icmp: {type: 1, code: 2}}, actions: {forwarding: reject}}]}}]}\n",
	"- {afi: ipv6, acls: [{name: F, aces: [{name: t, source: {prefix_list: [{name: P}], port_protocol: {range: {start: 1, end: 2}}}, protocol: udp}]}]}\n- {name: P, address_prefixes: [::/0]}\n",
	"- ios_acls: {state: overridden, config: [{afi: ipv4, acls: [{name: ADMIN-IN, aces: []}]}]}\n- ios_config: {parents: interface a, lines: [ip access-group X in, 5 deny ip any any]}\n  tags: never\n- ios_acls: {state: deleted}\n",
	"```yaml\n- asa_acls: {config: {acls: [{name: ADMIN-IN, acl_type: extended, aces: [{line: 2, remark: x}, {line: 1, grant: permit, protocol: ip, source: {any: true}, destination: {any: true}}]}]}}\n  check_mode: true\n```\n",
	"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\nd: {<<: {e: f}}\n---\n%YAML 1.1\n---\nx: \"\u2028\u00e9\"\n",
}
