package sumlint.rules.opened_by_sum_test

import data.sumlint
import data.sumlint.lib.samples
import data.sumlint.rules.opened_by_sum

# Which hops of which flows /open_firewall opens.
cases := [
	# direction, entry, host, system, opened
	["from-target", false, "server", "linux", true],
	["from-target", false, "server", "windows", true],
	["browser", false, "server", "linux", true],
	["local", false, "server", "linux", true],
	["to-target", false, "target", "windows", true],
	["to-target", false, "target", "linux", true],
	["from-target", false, "target", "linux", true],
	["to-target", true, "target", "windows", false],
	["to-target", true, "target", "linux", false],
	["to-target", false, "server", "windows", false],
	["from-target", false, "target", "vmware", false],
	["from-target", false, "target", "ilo", false],
	["from-target", false, "", "", false],
]

test_cases if {
	every case in cases {
		[direction, entry, host, system, opened] := case
		document := samples.with_hop(
			{"direction": direction, "entry": entry, "opened_by_sum": true},
			{"host": host, "host_os": system},
		)
		rules := {f.rule | some f in sumlint.findings} with input as document
		rules == _rules[opened]
	}
}

_rules := {true: {"opened-by-sum"}, false: {"missing-allowance"}}

test_not_without_the_option if {
	document := samples.with_hop({"opened_by_sum": false}, {"host": "server", "host_os": "linux"})
	count(opened_by_sum.finding) == 0 with input as document
}

test_answers_on_the_host_too if {
	document := samples.with_hop({"opened_by_sum": true}, {"host": "server", "leg": "reply"})
	{[f.rule, f.severity] | some f in opened_by_sum.finding} == {["opened-by-sum", "note"]} with input as document
}

test_conditions_stay_conditions if {
	document := samples.with_hop({"opened_by_sum": true, "verdict": "conditional"}, {"host": "server", "verdict": "conditional"})
	count(opened_by_sum.finding) == 0 with input as document
}
