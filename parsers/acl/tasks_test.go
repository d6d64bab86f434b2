package acl

import (
	"strings"
	"testing"
)

// permitAll is a task that puts an ACL on the device which passes all.
func permitAll(name, state, rest string) string {
	return "- cisco.ios.ios_acls:\n    state: " + state + "\n    config: [{afi: ipv4, acls: [{name: " + name + ", acl_type: extended, aces: [{grant: permit, protocol: ip, " + anyone + "}]}]}]\n" + rest
}

func denyAll(name, state, rest string) string {
	return strings.Replace(permitAll(name, state, rest), "grant: permit", "grant: deny", 1)
}

// TestCommands proves that a task which configures by commands is an error where it may
// change an ACL, and that what it may change is unknown; and that others are no matter.
func TestCommands(t *testing.T) {
	first := permitAll("A", "merged", "")
	after := func(task string) string { return first + "- " + task + "\n" }
	may := func(name, task, want string) entryCase { return entryCase{name, after(task), want, "maybe"} }
	other := func(name, task, want string) entryCase { return entryCase{name, after(task), want, "pass"} }
	harmless := func(task string) entryCase { return entryCase{task, after(task), "", "pass"} }
	judge(t, "a in=A;b", []entryCase{
		may("an entry", "cisco.ios.ios_config: {parents: ip access-list extended A, lines: [5 deny tcp any any eq 23]}", `the task cisco.ios.ios_config may change the ACL "A", and it is not read`),
		{"before the other task", "- ios_config: {parents: [ip access-list extended A], lines: [5 deny tcp any any eq 23]}\n" + first, `may change the ACL "A"`, "maybe"},
		{"in another export", first + "\n===\n- ios_config: {parents: ip access-list extended A, lines: [5 deny ip any any]}\n", `may change the ACL "A"`, "maybe"},
		may("a list in the lines", "ios_config: {lines: [no ip access-list extended A, ip access-list extended A, deny ip any any]}", `may change the ACL "A"`),
		may("a numbered list", "ios_config: {lines: ['access-list 101 permit ip any any', 'ip access-list extended A', ' 5 deny ip any any']}", `the ACL "101" and the ACL "A"`),
		may("without a parent", "ios_config: {lines: [5 deny ip any any]}", "may change any ACL"),
		may("abbreviated", "ios_config: {lines: [ip access-l ext A, den ip any any]}", "may change any ACL"),
		may("a template", "ios_config: {lines: '{{ acl_lines }}'}", "may change any ACL"),
		may("the name is a template", "ios_config: {parents: 'ip access-list extended {{ n }}', lines: [deny ip any any]}", "may change any ACL"),
		may("a file", "eos_config: {src: acl.j2}", "may change any ACL"),
		may("a binding", "ios_config: {parents: interface a, lines: [ip access-group B in]}", "may change what a applies"),
		may("a binding, the interface is a template", "ios_config: {parents: 'interface {{ i }}', lines: [ip access-group B in]}", "may change any ACL"),
		may("an interface is reset", "ios_config: {lines: [default interface a]}", "may change what a applies"),
		may("asa: a binding", "asa_config: {lines: [access-group B in interface a]}", "may change what a applies"),
		may("asa: an older module", "asa_acl: {lines: ['access-list A extended deny ip any any']}", `may change the ACL "A"`),
		may("asa: an object group", "asa_config: {lines: [object-group network X, network-object host 10.0.0.1]}", "may change any ACL"),
		may("junos", "junos_config: {lines: [set firewall family inet filter A term x then discard]}", `may change the ACL "A"`),
		may("junos: a binding", "junos_config: {lines: [set interfaces ge-0/0/0 unit 0 family inet filter input B]}", "may change any ACL"),
		may("junos: an interface is deleted", "junos_config: {lines: [delete interfaces ge-0/0/0]}", "may change any ACL"),
		may("vyos", "vyos_config: {lines: ['set firewall name A rule 1 action drop']}", `may change the ACL "A"`),
		may("nxos", "cisco.nxos.nxos_config: {parents: ip access-list A, lines: [5 deny ip any any]}", `may change the ACL "A"`),
		may("cli_config", "ansible.netcommon.cli_config: {config: \"ip access-list extended A\\n 5 deny ip any any\"}", `may change the ACL "A"`),
		may("cli_config: a file", "cli_config: {replace: flash:/x.cfg}", "may change any ACL"),
		may("a command", "ios_command: {commands: [configure terminal, ip access-list extended A, deny ip any any]}", `may change the ACL "A"`),
		may("a command with an answer", "ios_command: {commands: [{command: reload, prompt: sure, answer: y}]}", "may change any ACL"),
		may("asa: clear", "asa_command: {commands: [clear configure all]}", "may change any ACL"),
		may("as an action", "action: {module: ios_config, lines: [ip access-list extended A, deny ip any any]}", `the task ios_config may change the ACL "A"`),
		may("as args", "ios_config:\n  args: {lines: [ip access-list extended A, deny ip any any]}", `may change the ACL "A"`),
		may("text that is parsed", "ios_acls: {state: parsed, running_config: \"ip access-list extended A\\n deny ip any any\"}", `may change the ACL "A"`),
		may("another platform's lists", "cisco.nxos.nxos_acls: {config: [{afi: ipv4, acls: [{name: A, aces: [{grant: deny, protocol: ip, "+anyone+"}]}]}]}", `may change the ACL "A"`),
		may("a config that is a template", "ios_acls: {config: '{{ acls }}'}", "may change any ACL"),
		may("arguments that are a template", "ios_acls: '{{ acls }}'", "was not rendered"),
		may("in a block", "block: [{ios_config: {lines: [ip access-list extended A, deny ip any any]}}]", `may change the ACL "A"`),
		may("an older module", "nxos_acl: {name: A, seq: 5, action: deny}", "may change any ACL"),
		may("netconf", "netconf_config: {content: '<config><access-lists><acl/></access-lists></config>'}", "may change any ACL"),
		may("netconf, a template", "netconf_config: {content: '{{ c }}'}", "may change any ACL"),
		may("a file is restored", "cli_restore: {filename: x.cfg}", "may change any ACL"),
		harmless("netconf_config: {content: '<config><system><ntp/></system></config>'}"),
		other("another ACL", "ios_config: {parents: ip access-list standard VTY, lines: [permit 10.0.0.0 0.255.255.255]}", `may change the ACL "VTY"`),
		other("another family's", "ios_config: {parents: ipv6 access-list A, lines: [deny ipv6 any any]}", `may change the ACL "A"`),
		{"never", after("ios_config: {lines: [ip access-list extended A, deny ip any any]}\n  when: false"), "", "pass"},
		harmless("ios_config: {lines: [hostname access-1, ntp server 10.0.0.1, 'banner motd permit nobody', no ip domain-lookup]}"),
		harmless("ios_config: {parents: 'interface {{ item }}', lines: ['description filter in', no shutdown, switchport access vlan 7]}"),
		harmless("ios_config: {lines: [aaa authentication login default group tacacs+ local, aaa accounting exec default start-stop group tacacs+, username x secret y]}"),
		harmless("ios_config: {parents: line vty 0 4, lines: [access-class VTY in, transport input ssh]}"),
		harmless("ios_command: {commands: [show access-lists, show running-config | section access-list, write memory, copy running-config startup-config]}"),
		harmless("junos_config: {lines: [set system host-name x, set system ntp server 10.0.0.1]}"),
		harmless("vyos_config: {lines: ['set system host-name x', 'set interfaces ethernet eth0 description x'], save: true}"),
		harmless("cisco.ios.ios_vlans: {state: overridden, config: [{vlan_id: 10, name: x}]}"),
		harmless("cisco.ios.ios_interfaces: {state: replaced, config: [{name: a, description: x}]}"),
		harmless("cisco.ios.ios_prefix_lists: {state: deleted, config: [{afi: ipv4, prefix_lists: [{name: x}]}]}"),
		{"a variable of a module's name", "ios_acl:" + strings.TrimPrefix(iosACE("grant: permit, protocol: ip, "+anyone), "config:"), "", "pass"},
		{"a variable that begins like a module", "ios_acl_data:" + strings.TrimPrefix(iosACE("grant: permit, protocol: ip, "+anyone), "config:"), "", "pass"},
		{"a variable of commands' name", "ios_config: [{afi: ipv4, acls: [{name: A, acl_type: extended, aces: [{grant: permit, protocol: ip, " + anyone + "}]}]}]", "", "pass"},
		harmless("cisco.ios.ios_hostname: {config: {hostname: x}}"),
		harmless("ios_facts: {gather_subset: [all]}"),
		harmless("ios_acls: {state: gathered}"),
	})
}

// TestUncertainTasks proves that what may not run puts nothing on the device for sure,
// and takes nothing away for sure.
func TestUncertainTasks(t *testing.T) {
	play := func(key, task string) string {
		return "- hosts: x\n  " + key + ":\n" + indent(task)
	}
	judge(t, "a in=A;b", []entryCase{
		{"tags", permitAll("A", "merged", "  tags: [acl, config]\n"), "", "pass"},
		{"tags: never", permitAll("A", "merged", "  tags: [acl, never]\n"), "only where its tags are asked for", "maybe"},
		{"tags: a word", permitAll("A", "merged", "  tags: never\n"), "only where its tags are asked for", "maybe"},
		{"tags: words", permitAll("A", "merged", "  tags: acl, never\n"), "only where its tags are asked for", "maybe"},
		{"check_mode", permitAll("A", "merged", "  check_mode: true\n"), "only be tried out", "maybe"},
		{"check_mode: a template", permitAll("A", "merged", "  check_mode: '{{ c }}'\n"), "only be tried out", "maybe"},
		{"check_mode: false", permitAll("A", "merged", "  check_mode: false\n"), "", "pass"},
		{"tasks", play("tasks", permitAll("A", "merged", "")), "", "pass"},
		{"handlers", play("handlers", permitAll("A", "merged", "")), "only where another one notifies them", "maybe"},
		{"overridden, with a condition", permitAll("A", "merged", "") + denyAll("B", "overridden", "  when: x\n"), "whether this task runs", "maybe"},
		{"deleted, never asked for", permitAll("A", "merged", "") + "- ios_acls: {state: deleted}\n  tags: never\n", "only where its tags", "maybe"},
	})
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ") + "\n"
}

// TestStates proves that tasks take from the device what their states say: replaced the
// ACLs of their names, overridden all, deleted those that it names or all.
func TestStates(t *testing.T) {
	permit, deny := permitAll("A", "merged", ""), denyAll("A", "merged", "")
	const gone = `no export of the firewall "fw" defines the ACL "A"`
	judge(t, "a in=A;b", []entryCase{
		{"merged twice", permit + deny, "Tasks that merge add up on the device", "maybe"},
		{"replaced", deny + permitAll("A", "replaced", ""), "", "pass"},
		{"replaced by a stricter one", permit + denyAll("A", "replaced", ""), "", "drop"},
		{"another one replaced", permit + denyAll("B", "replaced", ""), "", "pass"},
		{"overridden", deny + permitAll("A", "overridden", ""), "", "pass"},
		{"overridden by another one", permit + denyAll("B", "overridden", ""), gone, "maybe"},
		{"overridden, and merged again", deny + denyAll("B", "overridden", "") + permit, "", "pass"},
		{"deleted", permit + "- ios_acls: {state: deleted, config: [{afi: ipv4, acls: [{name: A}]}]}\n", gone, "maybe"},
		{"deleted, and merged again", deny + "- ios_acls: {state: deleted, config: [{afi: ipv4, acls: [{name: A}]}]}\n" + permit, "", "pass"},
		{"another one deleted", permit + "- ios_acls: {state: deleted, config: [{afi: ipv4, acls: [{name: B}]}]}\n", "", "pass"},
		{"all deleted", permit + "- ios_acls: {state: deleted}\n", gone, "maybe"},
		{"all of the family deleted", permit + "- ios_acls: {state: deleted, config: [{afi: ipv4}]}\n", gone, "maybe"},
		{"all of the other family deleted", permit + "- ios_acls: {state: deleted, config: [{afi: ipv6}]}\n", "", "pass"},
		{"deleted, by a template", permit + "- ios_acls: {state: deleted, config: '{{ x }}'}\n", "", "maybe"},
		{"another module's", permit + "- eos_acls: {state: deleted}\n", "", "pass"},
		{"a state that is a template", permit + "- ios_acls: {state: '{{ s }}'}\n", "may change any ACL", "maybe"},
		{"commands before it is overridden", "- ios_config: {lines: [ip access-list extended A, deny ip any any]}\n" + permitAll("A", "overridden", ""), `may change the ACL "A"`, "pass"},
		{"overridden in another export", permit + "\n===\n" + denyAll("B", "overridden", ""), "this task takes away what export0.yaml puts on the device", "maybe"},
		{"deleted in another export", permit + "\n===\n- ios_acls: {state: deleted, config: [{afi: ipv4, acls: [{name: A}]}]}\n", "takes away what export0.yaml puts", "maybe"},
		{"the same task twice", "- ios_acls: &a {state: overridden, config: [{afi: ipv4, acls: [{name: A, acl_type: extended, aces: [{grant: permit, protocol: ip, " + anyone + "}]}]}]}\n- ios_acls: *a\n", "", "pass"},
		{"the same task twice, and others between", "- ios_acls: &a {state: overridden, config: [{afi: ipv4, acls: [{name: A, acl_type: extended, aces: [{grant: permit, protocol: ip, " + anyone + "}]}]}]}\n" + denyAll("B", "merged", "") + "- ios_acls: *a\n", "may change any ACL", "maybe"},
		{"arguments that override, without their module", permit + "---\nstate: overridden\nconfig: [{afi: ipv4, acls: [{name: A, acl_type: extended, aces: [{grant: permit, protocol: ip, " + anyone + "}]}]}]\n", `the ACL "A" is defined differently`, "maybe"},
		{"tasks in the order in which they run", "- hosts: x\n  post_tasks:\n" + indent(permitAll("A", "overridden", "")) + "  pre_tasks:\n" + indent(denyAll("B", "merged", "")) + "  tasks:\n" + indent(deny), "", "pass"},
		{"arguments without their module", permit + "---\nstate: deleted\nconfig: [{afi: ipv4, acls: [{name: A}]}]\n", "", "maybe"},
	})
}

// TestManyChanges bounds what the tasks of a hostile playbook cost.
func TestManyChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	text := permitAll("A", "merged", "") + strings.Repeat("- ios_acls: {state: overridden, config: [{afi: ipv4, acls: [{name: A}]}]}\n", 8000)
	judge(t, "a in=A;b", []entryCase{
		{"many", text, "which is the limit", "maybe"},
		{"many that take from another export", strings.Repeat("- ios_acls: {state: deleted}\n", 4000) + "\n===\n" + strings.Repeat(permitAll("A", "merged", ""), 6000), "takes away what export1.yaml puts", "maybe"},
	})
}

// TestBindingStates does the same for what interfaces apply.
func TestBindingStates(t *testing.T) {
	bind := func(state, iface, acl string) string {
		return "- ios_acl_interfaces: {state: " + state + ", config: [{name: " + iface + ", access_groups: [{afi: ipv4, acls: [{name: " + acl + ", direction: in}]}]}]}\n"
	}
	lists := permitAll("P", "merged", "") + denyAll("D", "merged", "")
	judge(t, "a;b", []entryCase{
		{"merged", lists + bind("merged", "a", "P"), "", "pass"},
		{"overridden", lists + bind("merged", "a", "D") + bind("overridden", "a", "P"), "", "pass"},
		{"overridden by another interface's", lists + bind("merged", "a", "D") + bind("overridden", "b", "D"), "", "pass"},
		{"replaced", lists + bind("merged", "a", "P") + bind("replaced", "A", "D"), "", "drop"},
		{"another one replaced", lists + bind("merged", "a", "D") + bind("replaced", "b", "P"), "", "drop"},
		{"deleted", lists + bind("merged", "a", "D") + bind("merged", "b", "D") + "- ios_acl_interfaces: {state: deleted, config: [{name: a}]}\n", "", "pass"},
		{"all deleted", lists + bind("merged", "a", "P") + "- ios_acl_interfaces: {state: deleted}\n", "", "maybe"},
		{"replaced by none", lists + bind("merged", "a", "D") + bind("merged", "b", "P") + "- ios_acl_interfaces: {state: replaced, config: [{name: a}]}\n", "", "pass"},
		{"overridden in another export", lists + bind("merged", "a", "P") + "\n===\n" + bind("overridden", "b", "P"), "takes away what export0.yaml puts", "maybe"},
	})
}
