package acl

import (
	"strings"
	"testing"
)

// TestNamesakes proves that two entries of one name may do anything where the name is
// the key: a device merges them or keeps one.
func TestNamesakes(t *testing.T) {
	junos := func(second string) string {
		return "junos_acls: {config: [{afi: ipv4, acls: [{name: A, aces: [{name: t, grant: permit, protocol: tcp}, {name: " + second + ", grant: deny}]}]}]}"
	}
	rfc := func(second string) string {
		return "acls: {acl: [{name: A, aces: {ace: [{name: t, matches: {ipv4: {protocol: 6}}, actions: {forwarding: accept}}, {name: " + second + ", actions: {forwarding: drop}}]}}]}"
	}
	aerleon := func(target, second string) string {
		return "filters: [{header: {targets: {" + target + "}}, terms: [{name: t, protocol: tcp, action: accept}, {name: " + second + ", action: deny}]}]"
	}
	judge(t, "a in=A;b", []entryCase{
		{"junos: two names", junos("u"), "", "pass"},
		{"junos: one name", junos("t"), `the name "t" is in the ACL "A" twice, first in export0.yaml, line 1`, "maybe"},
		{"junos: the entry twice", strings.Replace(junos("t"), "grant: deny", "grant: permit, protocol: tcp", 1), "", "pass"},
		{"rfc 8519: two names", rfc("u"), "", "pass"},
		{"rfc 8519: one name", rfc("t"), `the name "t" is in the ACL "A" twice`, "maybe"},
		{"aerleon: two names", aerleon("juniper: A", "u"), "", "pass"},
		{"aerleon: one name", aerleon("juniper: A", "t"), `the name "t" is in the filter for juniper twice`, "maybe"},
		{"aerleon: one name, which is a remark there", aerleon("cisco: A", "t"), "", "pass"},
		{"aerleon: one name, and the second is for another platform", strings.Replace(aerleon("juniper: A", "t"), "action: deny", "action: deny, platform: cisco", 1), "", "pass"},
	})
	policy := func(name, then string) string {
		return "{name: " + name + ", match: {source_address: {any: true}, destination_address: {any: true}, application: {any: true}}, then: {" + then + ": true}}"
	}
	pair := func(policies ...string) string {
		return "from_zones: [{name: x, to_zones: [{name: y, policies: [" + strings.Join(policies, ", ") + "]}]}]\n"
	}
	global := func(policies ...string) string {
		return "global: {policies: [" + strings.Join(policies, ", ") + "]}\nfrom_zones: [{name: x, to_zones: [{name: y, policies: []}]}]\n"
	}
	judge(t, "a zone=x;b zone=y", []entryCase{
		{"policies: two names", pair(policy("p", "permit"), policy("q", "deny")), "", "pass"},
		{"policies: one name", pair(policy("p", "permit"), policy("p", "deny")), `the name "p" is in the policies from x to y twice`, "maybe"},
		{"policies: one name in two parts", pair(policy("p", "permit")) + "---\n" + pair(policy("p", "deny")), `the name "p" is in the policies from x to y twice`, "maybe"},
		{"policies: one name in two exports", pair(policy("p", "permit")) + "\n===\n" + pair(policy("p", "deny")), "twice, first in export0.yaml, line 1", "maybe"},
		{"policies: a name of another pair's", pair(policy("p", "permit")) + "---\n" + strings.Replace(pair(policy("p", "deny")), "name: y", "name: z", 1), "", "pass"},
		{"global policies: two names", global(policy("p", "permit"), policy("q", "deny")), "", "pass"},
		{"global policies: one name", global(policy("p", "permit"), policy("p", "deny")), `the name "p" is in the global policies twice`, "maybe"},
	})
}

// TestAerleonWords proves that a word which Aerleon does not know is not read as another.
func TestAerleonWords(t *testing.T) {
	deny := func(rest string) string {
		return "filters: [{header: {targets: {cisco: A}}, terms: [{name: x, " + rest + "}, {name: y, action: accept}]}]"
	}
	judge(t, "a in=A;b", []entryCase{
		{"inet", deny("action: deny, restrict-address-family: inet"), "", "drop"},
		{"inet6", deny("action: deny, restrict-address-family: inet6"), "", "pass"},
		{"ipv6", deny("action: deny, restrict-address-family: ipv6"), `restrict-address-family is "ipv6"`, "maybe"},
		{"both families", deny("action: deny, restrict-address-family: inet inet6"), "A term has one", "maybe"},
		{"two actions", deny("action: [accept, deny]"), `action is "[accept, deny]"`, "maybe"},
		{"an unknown action", deny("action: [deny, drop]"), `action is "drop"`, "maybe"},
		{"another platform", deny("action: deny, platform: juniper srx"), "", "pass"},
		{"a misspelt platform", deny("action: deny, platform: cico"), `Did you mean "cisco"?`, "maybe"},
		{"a misspelt platform to leave out", deny("action: deny, platform-exclude: junos"), `platform-exclude is "junos"`, "maybe"},
	})
}
