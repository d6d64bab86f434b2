package sumlint.rules.conditional_allowance_test

import data.sumlint.lib.samples
import data.sumlint.rules.conditional_allowance

test_names_the_condition if {
	document := samples.with_hop({"verdict": "conditional"}, {"verdict": "conditional", "depends_on": [samples.limit]})
	some f in conditional_allowance.finding with input as document
	f.severity == "warning"
	f.message == concat("", [
		"rack-a (ilo) → sum01, tcp 63001, deployment: core (forward) decides about it by a condition: ",
		"-m limit --limit 5/min (exports/core.v4:7).",
	])
}

test_optional_is_a_note if {
	document := samples.with_hop({"need": "optional", "verdict": "conditional"}, {"verdict": "conditional", "depends_on": [samples.limit]})
	{f.severity | some f in conditional_allowance.finding} == {"note"} with input as document
}

test_answers_too if {
	document := samples.with_hop({"verdict": "conditional"}, {"leg": "reply", "verdict": "conditional"})
	count(conditional_allowance.finding) == 1 with input as document
}

test_silent_where_something_can_be_supplied if {
	document := samples.with_hop({"verdict": "conditional"}, {"verdict": "conditional", "depends_on": [samples.limit, samples.members]})
	count(conditional_allowance.finding) == 0 with input as document
}

test_without_a_hop_it_is_reported_at_the_topology if {
	some f in conditional_allowance.finding with input as samples.with_class({"hops": [], "need": "required", "verdict": "conditional"})
	f.hop == -1
	f.location.file == "a.sum.hcl"
}
