package acl

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/source"
)

// iosACE is an ios_acls export with one entry.
func iosACE(entry string) string {
	return "config:\n  - afi: ipv4\n    acls:\n      - name: A\n        acl_type: extended\n        aces:\n          - {" + entry + "}\n"
}

// TestRefused holds mistakes, each with its place and a part of its message. None
// of them lets a packet pass.
func TestRefused(t *testing.T) {
	const anyone = "source: {any: true}, destination: {any: true}"
	vyos := func(rule string) string {
		return "- afi: ipv4\n  rule_sets:\n    - name: A\n      rules:\n        - {number: 1, action: accept, " + rule + "}\n"
	}
	for _, c := range []struct{ name, text, want string }{
		{"unknown key beside the destination", iosACE("grant: permit, protocol: tcp, source: {any: true}, destination: {any: true}, destination_port: {eq: 443}"), `7:91: an entry has no key "destination_port"`},
		{"misspelt key in a side", iosACE("grant: permit, protocol: tcp, source: {any: true}, destination: {any: true, port_protcol: {eq: 443}}"), `Did you mean "port_protocol"?`},
		{"ports of ip", iosACE("grant: permit, protocol: ip, source: {any: true}, destination: {any: true, port_protocol: {eq: 443}}"), "its protocol has none"},
		{"protocol and options disagree", iosACE("grant: permit, protocol: udp, protocol_options: {tcp: {ack: true}}, " + anyone), "the protocol is udp, but the options are those of tcp"},
		{"unknown port name", iosACE("grant: permit, protocol: tcp, source: {any: true}, destination: {any: true, port_protocol: {eq: wwww}}"), `eq is "wwww"`},
		{"octal port", iosACE("grant: permit, protocol: tcp, source: {any: true}, destination: {any: true, port_protocol: {eq: 0123}}"), `eq is "0123"`},
		{"base 60 port", iosACE("grant: permit, protocol: tcp, source: {any: true}, destination: {any: true, port_protocol: {eq: 22:22}}"), `eq is "22:22"`},
		{"range backwards", iosACE("grant: permit, protocol: tcp, source: {any: true}, destination: {any: true, port_protocol: {range: {start: 90, end: 80}}}"), "before it starts at 90"},
		{"two operators", iosACE("grant: permit, protocol: tcp, source: {any: true}, destination: {any: true, port_protocol: {eq: 1, gt: 5}}"), `has both "eq" and "gt"`},
		{"no destination", iosACE("grant: permit, protocol: tcp, source: {any: true}"), "needs a source and a destination"},
		{"any that is off", iosACE("grant: permit, protocol: tcp, source: {any: false}, destination: {any: true}"), "source has no address"},
		{"no grant", iosACE("protocol: tcp, " + anyone), `no "grant"`},
		{"address of the other family", iosACE("grant: permit, protocol: ip, source: {host: 'fd00::1'}, destination: {any: true}"), "no address of the ACL's family"},
		{"template in quotes", iosACE("grant: permit, protocol: tcp, source: {host: '{{ sum }}'}, destination: {any: true}"), "a template that was not rendered"},
		{"template", iosACE("grant: permit, protocol: tcp, source: {host: {{ sum }}}, destination: {any: true}"), "a template that was not rendered"},
		{"vault", iosACE("grant: permit, protocol: tcp, source: {host: !vault abc}, destination: {any: true}"), "the tag !vault"},
		{"duplicate key", iosACE("grant: deny, grant: permit, protocol: tcp, " + anyone), `the key "grant" is in this mapping twice: on line 7 and on line 7`},
		{"duplicate key, the other way round", iosACE("grant: permit, grant: deny, protocol: tcp, " + anyone), `the key "grant" is in this mapping twice`},
		{"duplicate key around it", "acls: [{name: A, rules: [{action: permit}]}]\nacls: [{name: A, rules: []}]\n", `the key "acls" is in this mapping twice: on line 1 and on line 2`},
		{"misspelt key of an ACL", strings.Replace(iosACE("grant: permit, protocol: tcp, "+anyone), "acl_type", "acl_typ", 1), `an ACL has no key "acl_typ"`},
		{"a number twice", iosACE("grant: permit, sequence: 10, protocol: tcp, "+anyone) + "          - {grant: permit, sequence: 10, protocol: udp, " + anyone + "}\n", "the number 10 is in this ACL twice: on line 7 and on line 8"},
		{"standard list with a destination", strings.Replace(iosACE("grant: permit, source: {any: true}, destination: {any: true}"), "extended", "standard", 1), "Standard ACLs look at the source only"},
		{"vyos: ports without a protocol", vyos("destination: {port: 22}"), "its protocol has none"},
		{"vyos: unknown key", vyos("desination: {port: 22}"), `Did you mean "destination"?`},
		{"vyos: bad port list", vyos("protocol: tcp, destination: {port: '22,8O'}"), `port is "8O"`},
		{"afi without acls", "config:\n  - {afi: ipv4, acl: [{name: A}]}\n", `"afi" is a key of ACLs`},
		{"acls without afi", "config:\n  - {affi: ipv4, acls: [{name: A, aces: [{grant: permit, " + anyone + "}]}]}\n", `has no key "affi"`},
		{"eos: raw text", "config: [{afi: ipv4, acls: [{name: A, aces: [{sequence: 10, line: permit ip any any}]}]}]", "raw text, which is not read"},
		{"openconfig: no action", "acl-sets: {acl-set: [{name: A, type: ACL_IPV4, acl-entries: {acl-entry: [{sequence-id: 1, ipv4: {config: {protocol: 6}}}]}}]}", `no "forwarding-action"`},
		{"openconfig: unknown key", "acl-sets: {acl-set: [{name: A, type: ACL_IPV4, acl-entries: {acl-entry: [{sequence-id: 1, ipv4: {config: {proto: 6}}, actions: {config: {forwarding-action: ACCEPT}}}]}}]}", `no key "proto"`},
		{"rfc 8519: unknown key", "acls: {acl: [{name: A, aces: {ace: [{name: x, matches: {ipv4: {protocl: 6}}, actions: {forwarding: accept}}]}}]}", `no key "protocl"`},
		{"aerleon: unknown key", "filters: [{header: {targets: {cisco: A}}, terms: [{name: x, protcol: tcp, action: accept}]}]", `Did you mean "protocol"?`},
		{"aerleon: unresolved network", "filters: [{header: {targets: {cisco: A}}, terms: [{name: x, source-address: SUM, action: accept}]}]", `the network "SUM" can't be resolved`},
		{"aerleon: unresolved service", "filters: [{header: {targets: {cisco: A}}, terms: [{name: x, protocol: tcp, destination-port: SSH, action: accept}]}]", `the service "SSH" can't be resolved`},
		{"aerleon: established without tcp", "filters: [{header: {targets: {cisco: A}}, terms: [{name: x, option: tcp-established, action: accept}]}]", "needs the protocol tcp"},
		{"aerleon: include that is not given", "filters: [{header: {targets: {cisco: A}}, terms: [{include: inc/bogons.yaml}]}]", `the included file "bogons.yaml" is not given`},
		{"kubernetes", "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec: {podSelector: {}}\n", "2:7: NetworkPolicy is a policy for pods"},
		{"role variables", "firewall_allowed_tcp_ports: [22, 80]\n", "no ACL was recognised in this document"},
		{"empty", "# nothing\n", "the file is empty"},
		{"second document", iosACE("grant: deny, protocol: ip, "+anyone) + "---\nfoo: bar\n", "no ACL was recognised in this document"},
		{"not YAML", "acls:\n\t- name: A\n", "this is not YAML"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fw, diags := compile(t, bound("a in=A", "b"), c.text)
			found := false
			for _, d := range diags {
				found = found || d.Severity == diag.Error && d.Origin == diag.Export && strings.Contains(d.Error(), c.want)
			}
			if !found {
				t.Errorf("no error %q in %v", c.want, diags)
			}
			for _, p := range []string{"a>b tcp 10.0.0.1:1 10.0.0.2:443 S", "a>b udp 10.0.0.1:1 10.0.0.2:9"} {
				if got := verdictOf(fw, parsePoint(t, p)); got == "pass" {
					t.Errorf("%s passes", p)
				}
			}
		})
	}
}

func TestNetmaskWarning(t *testing.T) {
	_, diags := compile(t, nil, iosACE("grant: permit, protocol: ip, source: {address: 192.168.3.0, wildcard_bits: 255.255.255.0}, destination: {any: true}"))
	noErrors(t, diags)
	if len(diags) != 1 || diags[0].Severity != diag.Warning || !strings.Contains(diags[0].Error(), "export0.yaml:7:89: the wildcard bits 255.255.255.0 look like a netmask") ||
		!strings.Contains(diags[0].Detail, "write 0.0.0.255") {
		t.Error(diags)
	}
}

// TestBindings tells how the topology, the exports' own bindings and the
// definitions fit together.
func TestBindings(t *testing.T) {
	acl := func(name, afi string) string {
		return fmt.Sprintf("config: [{afi: %s, acls: [{name: %s, acl_type: extended, aces: [{grant: permit, protocol: tcp, source: {any: true}, destination: {any: true}}]}]}]\n", afi, name)
	}
	bind := "interfaces: [{name: GigabitEthernet0/1, access_groups: [{afi: ipv4, acls: [{name: A, direction: in}]}]}]\n"
	for _, c := range []struct {
		name, ports string
		exports     []string
		want        string // an error, or ""
		origin      diag.Origin
		packets     string
	}{
		{"undefined in the topology", "a in=NOPE;b", []string{acl("A", "ipv4")}, `defines the ACL "NOPE"`, diag.Topology, "a>b udp 1.1.1.1:1 2.2.2.2:2 -> maybe"},
		{"undefined, but an export is unreadable", "a in=NOPE;b", []string{acl("A", "ipv4"), "acls: [\n"}, "this is not YAML", diag.Export, "a>b udp 1.1.1.1:1 2.2.2.2:2 -> maybe"},
		{"the export's own binding", "Gi0/1;Gi0/2", []string{acl("A", "ipv4"), bind}, "", "", "Gi0/1>Gi0/2 udp 1.1.1.1:1 2.2.2.2:2 -> drop\nGi0/2>Gi0/1 udp 1.1.1.1:1 2.2.2.2:2 -> pass"},
		{"both agree", "gigabitethernet0/1 in=A;Gi0/2", []string{acl("A", "ipv4"), bind}, "", "", "gigabitethernet0/1>Gi0/2 udp 1.1.1.1:1 2.2.2.2:2 -> drop"},
		{"clash", "Gi0/1 in=B;Gi0/2", []string{acl("A", "ipv4"), acl("B", "ipv4"), bind}, `the topology binds the ACL "B" to Gi0/1 (acl_in), but export2.yaml, line 1 binds "A"`, diag.Topology, ""},
		{"an export's own binding to nothing", "Gi0/1;Gi0/2", []string{acl("B", "ipv4"), bind}, `defines the ACL "A"`, diag.Export, "Gi0/1>Gi0/2 tcp 1.1.1.1:1 2.2.2.2:2 S -> maybe"},
		{"interfaces by other names", "admin;oob", []string{acl("A", "ipv4"), bind}, "has none of them but admin, oob", diag.Topology, "admin>oob udp 1.1.1.1:1 2.2.2.2:2 -> maybe"},
		{"v4 and v6 side by side", "a in=A,B;b", []string{acl("A", "ipv4"), acl("B", "ipv6")}, "", "", "a>b tcp 1.1.1.1:1 2.2.2.2:2 S -> pass\na>b udp [::1]:1 [::2]:1 -> drop"},
		{"two of one family", "a in=A,B;b", []string{acl("A", "ipv4"), acl("B", "ipv4")}, "one ACL for each family", diag.Topology, ""},
		{"equal copies", "a in=A;b", []string{acl("A", "ipv4"), acl("A", "ipv4")}, "", "", "a>b tcp 1.1.1.1:1 2.2.2.2:2 S -> pass"},
		{"the network facts' own variable name", "a in=A;b", []string{strings.Replace(acl("A", "ipv4"), "config:", "acls:", 1)}, "", "", "a>b udp 1.1.1.1:1 2.2.2.2:2 -> drop"},
		{"different copies", "a in=A;b", []string{acl("A", "ipv4"), strings.Replace(acl("A", "ipv4"), "tcp", "udp", 1)}, "defined differently in export0.yaml, line 1", diag.Export, "a>b tcp 1.1.1.1:1 2.2.2.2:2 S -> maybe"},
		{"nothing is bound", "a;b", []string{acl("A", "ipv4")}, "", "", "a>b tcp 1.1.1.1:1 2.2.2.2:2 S -> pass\na>b udp 1.1.1.1:1 2.2.2.2:2 -> maybe"},
		{"no interfaces, stateful", "", []string{"acls: [{name: S, stateful: true, rules: [{action: permit, protocol: tcp}]}]"}, "", "", "a>b udp 1.1.1.1:1 2.2.2.2:2 est -> pass\na>b udp 1.1.1.1:1 2.2.2.2:2 -> maybe"},
		{"no interfaces", "", []string{acl("A", "ipv4"), strings.Replace(acl("B", "ipv4"), "tcp", "ip", 1)}, "", "", "a>b tcp 1.1.1.1:1 2.2.2.2:2 S -> pass\na>b udp 1.1.1.1:1 2.2.2.2:2 -> maybe\na>b udp [::1]:1 [::2]:1 -> pass"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ports []model.Interface
			if c.ports != "" {
				ports = bound(strings.Split(c.ports, ";")...)
			}
			fw, diags := compile(t, ports, c.exports...)
			found := c.want == ""
			for _, d := range diags {
				if d.Severity != diag.Error {
					continue
				}
				if c.want == "" || d.Origin != c.origin {
					t.Error("unexpected:", d.Origin, d.Error())
				}
				found = found || strings.Contains(d.Error(), c.want)
			}
			if !found {
				t.Errorf("no error %q in %v", c.want, diags)
			}
			packets(t, fw, c.packets)
		})
	}
}

// TestHost judges a host's own filter, which meets what the host gets and sends.
func TestHost(t *testing.T) {
	doc, diags := Parse(source.NewFile("esx.yaml", []byte(`acls:
  - {name: IN, stateful: true, rules: [{action: permit, protocol: tcp, destination_port: 5989}]}
  - {name: OUT, stateful: true, rules: [{action: permit, protocol: tcp, destination_port: 63001}]}
`)))
	noErrors(t, diags)
	fw, diags := Compile(Input{Name: "esx", Docs: []*Doc{doc}, Interfaces: bound("vmk0 in=IN out=OUT"), Host: true})
	noErrors(t, diags)
	for _, c := range []struct {
		hook         model.Hook
		packet, want string
	}{
		{model.Input, "vmk0> tcp 10.0.0.1:1 10.0.0.2:5989 S", "pass"},
		{model.Input, "vmk0> tcp 10.0.0.1:1 10.0.0.2:22 S", "drop"},
		{model.Output, ">vmk0 tcp 10.0.0.2:5989 10.0.0.1:1 SA", "pass"},
		{model.Output, ">vmk0 tcp 10.0.0.2:1 10.0.0.1:63001 S", "pass"},
		{model.Output, ">vmk0 tcp 10.0.0.2:1 10.0.0.1:63002 S", "drop"},
	} {
		fw.Hooks[model.Forward] = fw.Hooks[c.hook]
		if got := verdictOf(fw, parsePoint(t, c.packet)); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.hook, c.packet, got, c.want)
		}
	}
}

// TestYAML holds what YAML programs read differently, and what hostile text does.
func TestYAML(t *testing.T) {
	fw, diags := compile(t, bound("a in=110", "b in=B"), `# Zugriffslisten für den Verwaltungszugang
x-ssh: &ssh {protocol: tcp, destination_port: 22}
acls:
  - name: 110   # a number stays the text that it is
    rules:
      - {<<: *ssh, action: permit, comment: "Größe 日本"}
      - &https
        action: permit
        protocol: tcp
        destination_port: 443
---
acls: [{name: B, rules: [{action: permit, protocol: udp}]}]
`)
	noErrors(t, diags)
	packets(t, fw, `
a>b tcp 1.1.1.1:1 2.2.2.2:22 S -> pass
a>b tcp 1.1.1.1:1 2.2.2.2:443 S -> pass
a>b tcp 1.1.1.1:1 2.2.2.2:23 S -> drop
b>a udp 1.1.1.1:1 2.2.2.2:443 -> pass
`)
	_, diags = compile(t, nil, "acls:\n  - {name: \"Größe 日本\", rulez: [], rules: []}\n")
	if len(diags) != 1 || diags[0].Location().Line != 2 || diags[0].Location().Column != 24 {
		t.Error("the column counts code points:", diags)
	}
}

// TestRuleText shows what a reader sees of a rule.
func TestRuleText(t *testing.T) {
	fw, diags := compile(t, bound("a in=ADMIN-IN", "b"), iosAdmin)
	noErrors(t, diags)
	ch := fw.Chains[2]
	var got []string
	for _, r := range ch.Rules {
		got = append(got, fmt.Sprintf("%d %s %s | %s", r.Span.Position().Line, r.Action.Kind, r.Span.Text(), r.Note))
	}
	want := []string{
		"9 drop sequence: 10 | sequence: 10, grant: deny, protocol: tcp, source: {any: true}, destination: {address: 10.20.9.0, wildcard_bits: 0.0.0.255}",
		"14 accept {sequence: 20, grant: permit, protocol: tcp, source: {host: 10.10.0.5}, destination: {address: 10.20.0.0, wildcard_bits: 0.0.255.255, port_protocol: {eq: 22}}} | ",
	}
	if ch.Name != "ADMIN-IN" || len(got) != 7 || got[0] != want[0] || got[1] != want[1] || !strings.HasSuffix(got[6], "drop ADMIN-IN | implicit deny") {
		t.Errorf("%s:\n%s", ch.Name, strings.Join(got, "\n"))
	}
}
