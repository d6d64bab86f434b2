package acl

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sumlint/sumlint/parsers/diag"
)

// entryCase is an entry in one schema that is followed, or preceded, by entries that
// would let a packet pass if it were misread.
type entryCase struct {
	name, text string
	want       string // a part of the error; "" for none
	verdict    string // of the packet
}

const (
	probe  = "a>b tcp 10.0.0.1:4000 10.0.0.2:23 S"
	anyone = "source: {any: true}, destination: {any: true}"
)

// judge compiles each text and checks its first error and the probe's verdict.
func judge(t *testing.T, ports string, cases []entryCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fw, diags := compile(t, bound(strings.Split(ports, ";")...), strings.Split(c.text, "\n===\n")...)
			found := c.want == ""
			for _, d := range diags {
				if d.Severity == diag.Error {
					if found = found || strings.Contains(d.Error(), c.want); c.want == "" {
						t.Error("unexpected:", d.Error())
					}
				}
			}
			if !found {
				t.Errorf("no error %q in %v", c.want, diags)
			}
			if got := verdictOf(fw, parsePoint(t, probe)); got != c.verdict {
				t.Errorf("%s: got %s, want %s", probe, got, c.verdict)
			}
		})
	}
}

func iosDeny(entry string) string {
	return iosACE("grant: deny, protocol: tcp, "+entry) + "          - {grant: permit, protocol: ip, " + anyone + "}\n"
}

func asaDeny(entry string) string {
	return "acls: [{name: A, acl_type: extended, aces: [{grant: deny, protocol: tcp, " + entry + "}, {grant: permit, protocol: ip, " + anyone + "}]}]\n"
}

// TestSwitches proves that a switch is read as what Ansible takes for a boolean, and
// that any other word is an error and an entry that may do anything.
func TestSwitches(t *testing.T) {
	var cases []entryCase
	add := func(name, text, want, verdict string) { cases = append(cases, entryCase{name, text, want, verdict}) }
	eos := func(entry string) string {
		return "config: [{afi: ipv4, acls: [{name: A, standard: false, aces: [{grant: deny, protocol: tcp, " + entry + "}, {grant: permit, protocol: ip, " + anyone + "}]}]}]"
	}
	for _, off := range []string{"false", "no", "off", "0", "n", "f", `"0"`} {
		add("ios: fragments "+off, iosDeny(anyone+", enable_fragments: "+off), "", "drop")
		add("ios: any "+off, iosDeny("source: {any: "+off+", host: 10.0.0.9}, destination: {any: true}"), "", "pass")
		add("ios: any only "+off, iosDeny("source: {any: "+off+"}, destination: {any: true}"), "source has no address", "maybe")
		add("asa: inactive "+off, asaDeny(anyone+", inactive: "+off), "", "drop")
		add("vyos: disable "+off, vyosDrop("disable: "+off), "", "drop")
	}
	for _, on := range []string{"true", "yes", "1", "t"} {
		add("ios: fragments "+on, iosDeny(anyone+", enable_fragments: "+on), "", "pass")
		add("asa: inactive "+on, asaDeny(anyone+", inactive: "+on), "", "pass")
		add("vyos: disable "+on, vyosDrop("disable: "+on), "", "pass")
	}
	for _, bad := range []string{`"{{ x }}"`, "maybe", "nope", "2"} {
		add("ios: fragments "+bad, iosDeny(anyone+", enable_fragments: "+bad), "enable_fragments is", "maybe")
		add("ios: older fragments "+bad, iosDeny(anyone+", fragments: "+bad), "fragments is", "maybe")
		add("ios: any "+bad, iosDeny("source: {any: "+bad+"}, destination: {any: true}"), "any is", "maybe")
		add("ios: a flag "+bad, iosDeny(anyone+", protocol_options: {tcp: {ack: "+bad+"}}"), "ack is", "maybe")
		add("eos: fragments "+bad, eos(anyone+", fragments: "+bad), "fragments is", "maybe")
		add("asa: any4 "+bad, asaDeny("source: {any4: "+bad+"}, destination: {any: true}"), "any4 is", "maybe")
		add("asa: inactive "+bad, asaDeny(anyone+", inactive: "+bad), "inactive is", "maybe")
		add("asa: inactive permit "+bad, strings.Replace(asaDeny(anyone+", inactive: "+bad), "deny", "permit", 1), "inactive is", "maybe")
		add("vyos: disable "+bad, vyosDrop("disable: "+bad), "disable is", "maybe")
		add("vyos: disabled "+bad, vyosDrop("disabled: "+bad), "disabled is", "maybe")
	}
	cases = append(cases, entryCase{"a flag that is 0", iosDeny(anyone + ", protocol_options: {tcp: {ack: 0}}"), "", "drop"})
	judge(t, "a in=A;b", cases)
}

func vyosDrop(rest string) string {
	return "- afi: ipv4\n  rule_sets:\n    - name: A\n      rules:\n        - {number: 1, action: drop, " + rest + "}\n        - {number: 2, action: accept}\n"
}

// TestJunosSwitches does the same for policies between zones.
func TestJunosSwitches(t *testing.T) {
	policy := func(match, then string) string {
		all := map[string]string{"source_address": "{any: true}", "destination_address": "{any: true}", "application": "{any: true}"}
		for _, part := range strings.Split(match, ";") {
			if key, value, ok := strings.Cut(part, ": "); ok {
				all[key] = value
			}
		}
		text := ""
		for key, value := range all {
			text += key + ": " + value + ", "
		}
		return "from_zones: [{name: x, to_zones: [{name: y, policies: [{name: p, match: {" + text + "}, then: " + then + "}]}]}]"
	}
	var cases []entryCase
	for _, bad := range []string{`"{{ x }}"`, "maybe"} {
		for _, match := range []string{"source_address: {any: %s}", "source_address: {any_ipv4: %s}", "application: {any: %s}", "source_address_excluded: %s", "source_identity: {any: %s}"} {
			text := fmt.Sprintf(match, bad)
			cases = append(cases, entryCase{text, policy(text, "{permit: {}}"), " is ", "maybe"})
		}
		for _, then := range []string{"{permit: %s}", "{reject: {enable: %s}}", "{permit: {}, deny: %s}"} {
			text := fmt.Sprintf(then, bad)
			cases = append(cases, entryCase{text, policy("", text), " is ", "maybe"})
		}
	}
	cases = append(cases,
		entryCase{"any: 0", policy("source_address: {any: 0}", "{permit: {}}"), "source_address is empty", "maybe"},
		entryCase{"application any: 0", policy("application: {any: 0}", "{permit: {}}"), "application is empty", "maybe"},
		entryCase{"permit: 0", policy("", "{permit: 0}"), "a policy has 0 actions", "maybe"},
		entryCase{"permit without a value", policy("", "{permit: }"), "a policy has 0 actions", "maybe"},
		entryCase{"permit: true", policy("", "{permit: true}"), "", "pass"},
		entryCase{"deny beside permit: 0", policy("", "{permit: 0, deny: true}"), "", "drop"},
		entryCase{"reject", policy("", "{reject: {enable: true}}"), "", "drop"},
		entryCase{"any excluded", policy("source_address: {any: true};source_address_excluded: true", "{permit: {}}"), "", "drop"},
		entryCase{"any_ipv4 excluded", policy("source_address: {any_ipv4: true};source_address_excluded: true", "{permit: {}}"), "", "drop"},
		entryCase{"any_ipv6 excluded", policy("source_address: {any_ipv6: true};source_address_excluded: true", "{permit: {}}"), "", "pass"},
		entryCase{"excluded: 0", policy("source_address_excluded: 0", "{permit: {}}"), "", "pass"},
		entryCase{"a global policy for no zone", "global: {policies: [{name: p, match: {source_address: {any: true}, destination_address: {any: true}, application: {any: true}, from_zone: {names: []}}, then: {permit: {}}}]}\nx: 1",
			"from_zone names no zone", "maybe"},
	)
	judge(t, "a zone=x;b zone=y", cases)
}

// TestOptions holds parts of entries that are not mappings where they must be, keys
// at the wrong place, and values that are missing.
func TestOptions(t *testing.T) {
	plain := func(rule string) string {
		return "acls: [{name: A, rules: [{action: deny, " + rule + "}, {action: permit}]}]"
	}
	oc := func(entry string) string {
		return "acl-sets: {acl-set: [{name: A, type: ACL_IPV4, acl-entries: {acl-entry: [{sequence-id: 1, " + entry + "}]}}]}"
	}
	accept := ", actions: {config: {forwarding-action: ACCEPT}}"
	rfc := func(match string) string {
		return "acls: {acl: [{name: A, type: ipv4-acl-type, aces: {ace: [{name: x, matches: " + match + ", actions: {forwarding: accept}}]}}]}"
	}
	junos := func(source string) string {
		return "junos_acls: {config: [{afi: ipv4, acls: [{name: A, aces: [{name: x, grant: deny, source: " + source + "}, {name: y, grant: permit}]}]}]}"
	}
	set := func(name, replaced, by string) entryCase {
		return entryCase{name, strings.Replace(oc("transport: {config: {destination-port: 23}}"+accept), replaced, by, 1), "has no key", "maybe"}
	}
	cases := []entryCase{
		{"ios: tcp: established", strings.Replace(iosDeny(anyone+", protocol_options: {tcp: established}"), "deny", "permit", 1), `tcp is "established"`, "maybe"},
		{"ios: tcp: [established]", strings.Replace(iosDeny(anyone+", protocol_options: {tcp: [established]}"), "deny", "permit", 1), "must be text", "maybe"},
		{"ios: tcp: a template", strings.Replace(iosDeny(anyone+`, protocol_options: {tcp: "{{ x }}"}`), "deny", "permit", 1), "was not rendered", "maybe"},
		{"asa: tcp: established", strings.Replace(asaDeny(anyone+", protocol_options: {tcp: established}"), "deny", "permit", 1), `tcp is "established"`, "maybe"},
		{"openconfig: ports outside config", oc("transport: {destination-port: 23}" + accept), `transport has no key "destination-port"`, "maybe"},
		{"openconfig: config misspelt", oc("transport: {cfg: {destination-port: 23}}" + accept), `transport has no key "cfg"`, "maybe"},
		{"openconfig: transport is a template", oc(`transport: "{{ x }}"` + accept), "was not rendered", "maybe"},
		{"openconfig: the action outside config", oc("actions: {forwarding-action: ACCEPT}"), `actions has no key "forwarding-action"`, "maybe"},
		set("openconfig: misspelt port", "destination-port", "dest-port"),
		set("openconfig: misspelt entries", "acl-entry:", "acl-entrys:"),
		{"plain: protocol without a value", plain("protocol: "), "protocol is empty", "maybe"},
		{"plain: a template in a name", plain(`name: "{{ x }}"`), "was not rendered", "maybe"},
		{"plain: a template in a comment", plain(`comment: "{% if x %}"`), "was not rendered", "maybe"},
		{"plain: rules without a value", "acls: [{name: A, rules: }]", "rules must be a list, not an empty value", "maybe"},
		{"junos: an empty list of addresses", junos("{address: []}"), "empty list of addresses", "maybe"},
		{"junos: an address without a value is left out", junos("{address: }"), "", "drop"},
		{"rfc 8519: a range and a port", rfc("{tcp: {destination-port: {port: 22, lower-port: 1}}}"), "mixes a range", "maybe"},
		{"rfc 8519: half of a range", rfc("{tcp: {destination-port: {lower-port: 1}}}"), "half of a range", "maybe"},
		{"ios: no entries", "config: [{afi: ipv4, acls: [{name: A, acl_type: extended, aces: []}]}]", "", "maybe"},
		{"ios: only remarks", "config: [{afi: ipv4, acls: [{name: A, acl_type: extended, aces: [{remarks: [x]}]}]}]", "", "maybe"},
		{"ios: entries are a template", `config: [{afi: ipv4, acls: [{name: A, acl_type: extended, aces: "{{ x }}"}]}]`, "was not rendered", "maybe"},
		{"af for afi", "config: [{af: ipv4, acls: [{name: A, aces: [{grant: deny, " + anyone + "}]}]}]", `Did you mean "afi"?`, "maybe"},
	}
	judge(t, "a in=A;b", cases)
}

// TestGroups proves that what can't be read of a group, a network or a service makes
// it unknown, never smaller.
func TestGroups(t *testing.T) {
	ogs := func(g string) string {
		return asaDeny("source: {object_group: G}, destination: {any: true}") + "---\nx: [{object_type: network, object_groups: [" + g + "]}]"
	}
	vyos := func(rest, groups string) string {
		return vyosDrop(rest) + "---\ngroup: {" + groups + "}"
	}
	aerleon := func(term, networks string) string {
		return "filters: [{header: {targets: {cisco: A}}, terms: [{name: x, " + term + ", action: deny}, {name: y, action: accept}]}]\n---\nnetworks: {" + networks + "}"
	}
	dated := func(date string) string {
		return aerleon("expiration: "+date, "N: {values: [{address: 10.0.0.0/8}]}")
	}
	judge(t, "a in=A;b", []entryCase{
		{"asa: a group", ogs("{name: G, network_object: {host: [10.0.0.1]}}"), "", "drop"},
		{"asa: hosts for host", ogs("{name: G, network_object: {hosts: [10.0.0.1]}}"), `network_object has no key "hosts"`, "maybe"},
		{"asa: network_objects", ogs("{name: G, network_objects: {host: [10.0.0.1]}}"), `a network group has no key "network_objects"`, "maybe"},
		{"asa: nothing in it", ogs("{name: G}"), "", "maybe"},
		{"vyos: memebers", vyos("source: {group: {address_group: G}}", "address_group: [{name: G, memebers: [{address: 10.0.0.1}]}]"), `a group has no key "memebers"`, "maybe"},
		{"vyos: membrs of ports", vyos("protocol: tcp, destination: {group: {port_group: G}}", "port_group: [{name: G, membrs: [{port: 23}]}]"), `a group has no key "membrs"`, "maybe"},
		{"vyos: ports", vyos("protocol: tcp, destination: {group: {port_group: G}}", "port_group: [{name: G, members: [{port: 23}]}]"), "", "drop"},
		{"vyos: a state policy", vyosDrop("protocol: udp") + "---\nstate_policy: [{connection_type: established, action: acept}]", `action is "acept"`, "maybe"},
		{"aerleon: vals", aerleon("source-address: N", "N: {vals: [{address: 10.0.0.1/32}]}, M: {values: []}"), `a network has no key "vals"`, "maybe"},
		{"aerleon: empty", aerleon("source-address: EMPTY", "EMPTY: {values: []}, M: {values: [{address: 10.0.0.1/32}]}"), `the network "EMPTY" has no addresses`, "maybe"},
		{"aerleon: circular", aerleon("source-address: LOOP", "LOOP: {values: [{name: POOL}]}, POOL: {values: [{name: LOOP}, {address: 10.9.0.0/16}]}"), `the network "LOOP" contains itself`, "maybe"},
		{"aerleon: twice by other ways", aerleon("source-address: ALL", "ALL: {values: [{name: A1}, {name: A2}]}, A1: {values: [{name: B}]}, A2: {values: [{name: B}]}, B: {values: [{address: 10.0.0.0/8}]}"), "", "drop"},
		{"aerleon: a service that is half read", aerleon("protocol: tcp, destination-port: S", "N: {values: []}") + "\nservices: {S: [{protocol: tcp, port: 80}, {protocol: tcp, prt: 23}]}", `the service "S" could not be read`, "maybe"},
		{"asa: a group twice, alike", ogs("{name: G, network_object: {host: [10.0.0.1]}}, {name: G, network_object: {host: [10.0.0.1]}}"), "", "drop"},
		{"asa: a group twice, not alike", ogs("{name: G, network_object: {host: [10.0.0.1]}}, {name: G, network_object: {host: [10.0.0.9]}}"), "", "maybe"},
		{"vyos: ports twice, not alike", vyos("protocol: tcp, destination: {group: {port_group: G}}", "port_group: [{name: G, members: [{port: 23}]}, {name: G, members: [{port: 24}]}]"), "", "maybe"},
		{"aerleon: a network in two documents", aerleon("source-address: N", "N: {values: [{address: 10.0.0.0/8}]}") + "\n---\nnetworks: {N: {values: [{address: 10.9.0.0/16}]}}", `the network "N" is defined twice, first on line 3`, "maybe"},
		{"aerleon: a service in two documents", aerleon("protocol: tcp, destination-port: S", "M: {values: []}") + "\nservices: {S: [{protocol: tcp, port: 23}]}\n---\nservices: {S: [{protocol: tcp, port: 24}]}", `the service "S" is defined twice, first on line 4`, "maybe"},
		{"aerleon: two documents", aerleon("source-address: N", "N: {values: [{address: 10.0.0.0/8}]}") + "\n---\nnetworks: {M: {values: [{address: 10.9.0.0/16}]}}", "", "drop"},
		{"aerleon: expired", dated("2026-11-21"), "", "pass"},
		{"aerleon: not expired", dated("2030-01-02"), "", "drop"},
		{"aerleon: a date of another form", dated("01/02/2030"), `expiration is "01/02/2030"`, "maybe"},
		{"aerleon: a date in words", dated("1 Jan 2030"), `expiration is "1 Jan 2030"`, "maybe"},
		{"aerleon: no terms", "filters: [{header: {targets: {cisco: A}}, terms: }]", "a filter has no terms", "maybe"},
	})
}

// TestUnreadableBindings proves that an interface is undecided where what the export
// says about it could not be read.
func TestUnreadableBindings(t *testing.T) {
	plain := "acls: [{name: A, rules: [{action: permit}]}, {name: D, rules: []}]\n===\n"
	ios := func(rest string) string {
		return plain + "interfaces: [{name: a, access_groups: [{afi: ipv4, acls: [{name: A, direction: in}]}]}, {name: b, " + rest + "}]"
	}
	rfc := func(rest string) string {
		return "acls: {acl: [{name: A, aces: {ace: [{name: x, actions: {forwarding: accept}}]}}], attachment-points: {" + rest + "}}"
	}
	oc := func(rest string) string {
		return "acl-sets: {acl-set: [{name: A, type: ACL_IPV4, acl-entries: {acl-entry: [{sequence-id: 1, actions: {config: {forwarding-action: ACCEPT}}}]}}]}\ninterfaces: {interface: [{id: a, " + rest + "}]}"
	}
	one := func(rest string) string {
		return rfc("interface: [{interface-id: a, ingress: {acl-sets: {acl-set: [{name: A}]}}}, {interface-id: b, " + rest + "}]")
	}
	judge(t, "a;b", []entryCase{
		{"ios: read", ios("access_groups: [{afi: ipv4, acls: [{name: A, direction: in}]}]"), "", "pass"},
		{"ios: outt", ios("access_groups: [{afi: ipv4, acls: [{name: A, direction: out}, {name: D, direction: outt}]}]"), `direction is "outt"`, "maybe"},
		{"ios: acl for acls", ios("access_groups: [{afi: ipv4, acl: [{name: D, direction: in}]}]"), `has no key "acl"`, "maybe"},
		{"ios: a template", ios(`access_groups: "{{ g }}"`), "was not rendered", "maybe"},
		{"ios: no direction", ios("access_groups: [{afi: ipv4, acls: [{name: D}]}]"), `no "direction"`, "maybe"},
		{"rfc 8519: read", one("egress: {acl-sets: {acl-set: [{name: A}]}}"), "", "pass"},
		{"rfc 8519: acl-set outside", one("egress: {acl-set: [{name: A}]}"), `egress has no key "acl-set"`, "maybe"},
		{"rfc 8519: acl-sets in it", one("egress: {acl-sets: {acl-sets: [{name: A}]}}"), `acl-sets has no key "acl-sets"`, "maybe"},
		{"rfc 8519: a template", one(`egress: "{{ x }}"`), "was not rendered", "maybe"},
		{"rfc 8519: egres", one("egres: {}"), `has no key "egres"`, "maybe"},
		{"rfc 8519: interfaces", rfc("interfaces: []"), `attachment-points has no key "interfaces"`, "maybe"},
		{"openconfig: read", oc("ingress-acl-sets: {ingress-acl-set: [{set-name: A, type: ACL_IPV4}]}"), "", "pass"},
		{"openconfig: egress-acl-sets twice", oc("egress-acl-sets: {egress-acl-sets: [{set-name: A}]}"), `has no key "egress-acl-sets"`, "maybe"},
		{"openconfig: the other direction's", oc("egress-acl-sets: {ingress-acl-set: [{set-name: A}]}"), `has no key "ingress-acl-set"`, "maybe"},
		{"an ACL of the other family", strings.Replace(ios("access_groups: [{afi: ipv4, acls: [{name: B, direction: out}]}]"), "[{name: A", "[{name: B, family: ipv6, rules: []}, {name: A", 1),
			`the ACL "B" is one for IPv6, and it is bound for IPv4`, "maybe"},
		{"openconfig: a key twice", oc("egress-acl-sets: {}, oc:egress-acl-sets: {egress-acl-set: [{set-name: A}]}"), `has "egress-acl-sets" twice`, "maybe"},
		{"openconfig: an unreadable id", strings.Replace(oc("egress-acl-sets: {}"), "id: a", `id: "{{ i }}"`, 1), "was not rendered", "maybe"},
		{"openconfig: a type that is none", oc("ingress-acl-sets: {ingress-acl-set: [{set-name: A, type: ACL_IP4}]}"), `type of the ACL set is "ACL_IP4"`, "maybe"},
	})
}

// TestOtherInterfaces judges a topology whose names are not all those of the export.
func TestOtherInterfaces(t *testing.T) {
	export := `acls: [{name: A, rules: [{action: permit}]}, {name: D, rules: []}]
===
interfaces:
  - {name: GigabitEthernet0/1, access_groups: [{afi: ipv4, acls: [{name: A, direction: in}]}]}
  - {name: GigabitEthernet0/2, access_groups: [{afi: ipv4, acls: [{name: D, direction: out}]}]}
  - {name: Vlan7}
`
	for _, c := range []struct{ ports, want, verdict string }{
		{"Gi0/1;Gi0/2", "", "drop"},
		{"Gi0/1;GigE0/2", `it has GigE0/2, for which the export binds none`, "maybe"},
		{"Gi0/1;oob", `it has oob, for which the export binds none`, "maybe"},
		{"Gi0/1;oob in=A", `it has oob, for which the export binds none`, "maybe"},
		{"Gi0/1;Gi0/3", "", "pass"},
		{"Gi0/1;Vlan7", "", "pass"},
		{"Gi0/1;Gi0/0/2", "it has Gi0/0/2", "maybe"},
	} {
		t.Run(c.ports, func(t *testing.T) {
			ports := strings.Split(c.ports, ";")
			fw, diags := compile(t, bound(ports...), strings.Split(export, "\n===\n")...)
			if c.want == "" {
				noErrors(t, diags)
			} else if len(diags) != 1 || diags[0].Origin != diag.Topology || !strings.Contains(diags[0].Error(), c.want) {
				t.Error(diags)
			}
			packets(t, fw, ports[0]+">"+strings.TrimSuffix(ports[1], " in=A")+" tcp 1.1.1.1:1 2.2.2.2:2 S -> "+c.verdict)
		})
	}
}

// TestTasks proves that the ACLs of a task count where it surely puts them on the
// device only.
func TestTasks(t *testing.T) {
	task := func(state, rest string) string {
		return "- cisco.ios.ios_acls:\n    state: " + state + "\n    config: [{afi: ipv4, acls: [{name: A, acl_type: extended, aces: [{grant: permit, protocol: ip, " + anyone + "}]}]}]\n" + rest
	}
	other := "- {x: 1}\n---\nacls: [{name: B, rules: []}]\n"
	judge(t, "a in=A;b", []entryCase{
		{"merged", task("merged", ""), "", "pass"},
		{"no state", task("", ""), "", "pass"},
		{"when: true", task("merged", "  when: true\n"), "", "pass"},
		{"a template", task(`"{{ s }}"`, ""), "was not rendered", "maybe"},
		{"absent", task("absent", ""), `the state "absent"`, "maybe"},
		{"mergd", task("mergd", ""), `Did you mean "merged"?`, "maybe"},
		{"when: false", task("merged", "  when: false\n"+other), `defines the ACL "A"`, "maybe"},
		{"a condition", task("merged", "  when: site == 'x'\n"), "whether this task runs", "maybe"},
		{"a block that is off", "- block:\n    - cisco.ios.ios_acls: {config: [{afi: ipv4, acls: [{name: A, aces: []}]}]}\n  when: no\n" + other, `defines the ACL "A"`, "maybe"},
	})
}

// TestZoneMembers proves that the export's zones count before the topology's.
func TestZoneMembers(t *testing.T) {
	policy := "from_zones: [{name: x, to_zones: [{name: y, policies: [{name: p, match: {source_address: {any: true}, destination_address: {any: true}, application: {any: true}}, then: {permit: {}}}]}]}]\n---\n"
	judge(t, "a zone=x;b zone=y", []entryCase{
		{"no zones in the export", policy + "x: {security_zones: []}", "", "pass"},
		{"agree", policy + "security_zones: [{name: x, interfaces: [a]}, {name: y, interfaces: [b]}]", "", "pass"},
		{"without interfaces", policy + "security_zones: [{name: x}, {name: y}]", "", "pass"},
		{"the zone has others", policy + "security_zones: [{name: x, interfaces: [ge-0/0/9]}, {name: y, interfaces: [b]}]", "", "maybe"},
		{"a misspelt key", policy + "security_zones: [{name: z, interface: [a]}]", `a security zone has no key "interface"`, "maybe"},
	})
}

// TestNoACLNote: what passes because no ACL is bound says so.
func TestNoACLNote(t *testing.T) {
	fw, _ := compile(t, bound("a in=A", "b"), "acls: [{name: A, rules: []}]")
	for _, ch := range fw.Chains {
		if last := len(ch.Rules) - 1; (ch.Name == "ingress" || ch.Name == "egress") && ch.Rules[last].Note != "no ACL is bound here" {
			t.Errorf("%s ends with %+v", ch.Name, ch.Rules[last])
		}
	}
}
