package sumlint.rules.missing_allowance_test

import data.sumlint.lib.samples
import data.sumlint.rules.missing_allowance

test_request_of_a_required_flow if {
	found := missing_allowance.finding with input as samples.with_class({})
	{[f.rule, f.severity, f.firewall, f.hop, f.class] | some f in found} == {["missing-allowance", "error", "core", 0, "c1"]}
	some f in found
	f.location == {"file": "exports/core.v4", "line": 41, "column": 1}
	f.message == "rack-a (ilo) → sum01, tcp 63001, deployment: core (forward) drops 10.20.1.0/26 → 10.10.0.5 at exports/core.v4:41, -A FORWARD -j DROP."
	f.advice == concat(" ", [
		"Allow tcp 63001 from 10.20.1.0/26 to 10.10.0.5 in core (forward), ahead of exports/core.v4:41.",
		"If it must stay closed, update it through its own web interface (mode = \"web\").",
	])
	f.effect == "Targets can't fetch firmware or post their status. Updates are blocked, and the status is late or missing."
}

test_partial_too if {
	count(missing_allowance.finding) == 1 with input as samples.with_hop({"verdict": "partial"}, {"verdict": "partial"})
}

test_silent[name] if {
	some name, document in {
		"allowed": samples.with_class({"verdict": "allowed", "hops": []}),
		"optional": samples.with_class({"need": "optional"}),
		"derived": samples.with_class({"need": "derived"}),
		"reply": samples.with_hop({}, {"leg": "reply"}),
		"redirected": samples.with_hop({}, {"redirected": "10.9.9.9"}),
		"conditional": samples.with_hop({"verdict": "conditional"}, {"verdict": "conditional"}),
		"forbidden": samples.with_class({"must": "never"}),
		"no route": samples.with_class({"reason": "no-route", "hops": []}),
	}
	count(missing_allowance.finding) == 0 with input as document
}

test_every_case_is_silent if count(test_silent) == 8

windows_smb := {"direction": "to-target", "target_type": "windows", "port": "445", "windows_rules": ["File and Printer Sharing (SMB-In)"], "service": "SMB (share ADMIN$)"}

windows_hop := {"host": "target", "host_os": "windows", "hook": "input", "firewall": "win-host"}

disabled(line, name) := {
	"file": "exports/win.txt",
	"line": line,
	"text": "Rule Name:   x",
	"field": "enabled",
	"reason": sprintf("is disabled; enable \"%s\"", [name]),
}

test_windows_rule_is_named if {
	some f in missing_allowance.finding with input as samples.with_hop(
		windows_smb,
		object.union(windows_hop, {"near": [disabled(3, "File and Printer Sharing (SMB-In)")]}),
	)
	startswith(f.advice, concat("", [
		"Enable the predefined rule \"File and Printer Sharing (SMB-In)\" on win-host: ",
		"netsh advfirewall firewall set rule name=\"File and Printer Sharing (SMB-In)\" new enable=yes.",
	]))
	f.effect == "SUM can't copy itself to the share ADMIN$, so the discovery fails with a connection error."
}

test_another_disabled_rule_is_named if {
	some f in missing_allowance.finding with input as samples.with_hop(windows_smb, object.union(windows_hop, {"near": [disabled(3, "Mine"), disabled(9, "Mine too")]}))
	startswith(f.advice, "Enable the rule at exports/win.txt:3, exports/win.txt:9 on win-host. ")
}

test_without_a_disabled_rule_it_is_allowed if {
	scoped := {"file": "exports/win.txt", "line": 3, "text": "x", "field": "source", "reason": "allows 10.9.0.0/16; the flow comes from 10.10.0.5"}
	every near in [[], [scoped]] {
		some f in missing_allowance.finding with input as samples.with_hop(windows_smb, object.union(windows_hop, {"near": near}))
		startswith(f.advice, "Allow tcp 63001 from 10.20.1.0/26 to 10.10.0.5 in win-host (input)")
	}
}

test_block_rule_is_named if {
	some f in missing_allowance.finding with input as samples.with_hop(windows_smb, object.union(windows_hop, {
		"near": [disabled(3, "File and Printer Sharing (SMB-In)")],
		"decided_by": [
			{"file": "exports/win.txt", "line": 7, "text": "Rule Name:   b", "note": "block rule of the profile domain"},
			{"file": "exports/win.txt", "line": 9, "text": "Rule Name:   c", "note": "block rule"},
		],
	}))
	startswith(f.advice, "Remove or narrow the block rule at exports/win.txt:7, exports/win.txt:9 on win-host: it beats each rule that allows.")
}

test_group_policy_is_named if {
	some f in missing_allowance.finding with input as samples.with_hop(windows_smb, object.union(windows_hop, {"decided_by": [{
		"file": "exports/win.txt",
		"line": 7,
		"text": "Firewall Policy",
		"note": "the default of the domain profile: block; group policy lets no local rule count",
	}]}))
	startswith(f.advice, "Allow tcp 63001 from 10.20.1.0/26 to 10.10.0.5 on win-host by a rule of group policy, which lets no local rule count.")
}

test_windows_rules_have_no_order if {
	some f in missing_allowance.finding with input as samples.with_hop(windows_smb, windows_hop)
	not contains(f.advice, "ahead of")
}

test_block_of_all_inbound_is_named if {
	some f in missing_allowance.finding with input as samples.with_hop(windows_smb, object.union(windows_hop, {
		"near": [disabled(3, "File and Printer Sharing (SMB-In)")],
		"decided_by": [{"file": "exports/win.txt", "line": 7, "text": "Firewall Policy", "note": "the domain profile blocks all inbound connections, whatever rules allow"}],
	}))
	startswith(f.advice, "Let rules count again on win-host, which blocks all inbound connections at exports/win.txt:7: netsh advfirewall set ")
}

test_all_addresses_are_counted if {
	many := [sprintf("10.20.%d.%d", [n / 256, n % 256]) | some n in numbers.range(1, 1000)]
	part := object.union(samples.hop.missing[0], {"source": many, "more": 200})
	some f in missing_allowance.finding with input as samples.with_hop({}, {"missing": [part]})
	contains(f.advice, " and 1197 more to 10.10.0.5")
}

test_neighbour_discovery_is_named if {
	some f in missing_allowance.finding with input as samples.with_hop({}, {"decided_by": [
		{"file": "exports/core.v6", "line": 4, "text": ":INPUT DROP [0:0]", "note": "drops neighbour discovery"},
	]})
	startswith(f.advice, "Allow ICMPv6 types 135 and 136 in core (forward), ahead of exports/core.v6:4.")
}

test_nat_rule_is_named if {
	some f in missing_allowance.finding with input as samples.with_hop({}, {"decided_by": [
		{"file": "exports/core.v4", "line": 4, "text": "-A POSTROUTING -j SNAT --to-source 127.0.0.1", "note": "gives the packets a source that no router carries"},
	]})
	startswith(f.advice, "Correct the NAT rule at exports/core.v4:4 on core: it gives the packets a source that no router carries.")
}

test_nearest_rule_is_named if {
	some f in missing_allowance.finding with input as samples.with_hop({}, {"near": [{
		"file": "exports/core.v4",
		"line": 12,
		"text": "-A FORWARD -s 10.20.2.0/24 -j ACCEPT",
		"field": "source",
		"reason": "it allows 10.20.2.0/24, the flow comes from 10.20.1.0/26",
	}]})
	contains(f.advice, "exports/core.v4:12 nearly allows it: it allows 10.20.2.0/24, the flow comes from 10.20.1.0/26.")
}

test_one_firewall_on_two_ways_is_one_finding if {
	document := samples.with_class({"hops": [samples.hop, object.union(samples.hop, {"path": 2})]})
	count(missing_allowance.finding) == 1 with input as document
}

test_two_firewalls_are_two_findings if {
	document := samples.with_class({"hops": [samples.hop, object.union(samples.hop, {"firewall": "edge"})]})
	count(missing_allowance.finding) == 2 with input as document
}

test_local_and_browser_say_what_users_see if {
	effects := {f.effect |
		some direction in ["local", "browser"]
		some f in missing_allowance.finding with input as samples.with_class({"direction": direction, "target_type": ""})
	}
	count(effects) == 2
	every effect in effects {
		contains(effect, "SUM")
	}
}

test_flows_of_a_policy_have_no_effect_on_sum if {
	some f in missing_allowance.finding with input as samples.with_class({"policy": "backup"})
	f.effect == ""
	not contains(f.advice, "web interface")
}

test_details_of_deciders if {
	messages := {f.message |
		some decided in [
			[],
			[{"file": "a", "line": 3, "text": "", "note": "implicit deny"}],
			[{"file": "a", "line": 3, "text": "x"}, {"file": "a", "line": 4, "text": "y"}],
			[{"file": "a", "line": 3, "text": sprintf("%0200d", [0])}],
		]
		some f in missing_allowance.finding with input as samples.with_hop({}, {"summary": "", "decided_by": decided})
	}
	start := "rack-a (ilo) → sum01, tcp 63001, deployment: core (forward) blocks it"
	sprintf("%s.", [start]) in messages
	sprintf("%s at a:3 (implicit deny).", [start]) in messages
	sprintf("%s at a:3, x and 1 more.", [start]) in messages
	sprintf("%s at a:3, %0160d….", [start, 0]) in messages
}

test_details_of_what_is_missing if {
	some f in missing_allowance.finding with input as samples.with_hop({}, {"missing": [{
		"source": ["10.0.0.1", "10.0.0.3", "10.0.0.5", "10.0.0.7"],
		"destination": ["10.10.0.5"],
		"protocol": "tcp",
		"source_port": "1024-32767",
		"port": "63001",
	}]})
	startswith(f.advice, "Allow tcp 63001 from 10.0.0.1, 10.0.0.3, 10.0.0.5 and 1 more port 1024-32767 to 10.10.0.5 in core")
	some g in missing_allowance.finding with input as samples.with_hop({}, {"missing": [], "decided_by": []})
	startswith(g.advice, "Allow tcp 63001 in core (forward). ")
}

test_place_of_the_advice_is_left_out_without_a_line if {
	some f in missing_allowance.finding with input as samples.with_hop({}, {"decided_by": [{"file": "exports/core.v4", "line": 0, "text": "x"}]})
	not contains(f.advice, "ahead of")
}

test_place_falls_back_to_the_topology if {
	some f in missing_allowance.finding with input as samples.with_hop({}, {"location": {"file": ""}})
	f.location.file == "a.sum.hcl"
}

test_without_a_hop_it_is_reported_at_the_topology if {
	some f in missing_allowance.finding with input as samples.with_class({"hops": [], "need": "required", "verdict": "blocked"})
	f.hop == -1
	f.location.file == "a.sum.hcl"
}
