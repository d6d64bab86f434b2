package sumlint.rules.undecided_input_test

import data.sumlint.lib.samples
import data.sumlint.rules.undecided_input

test_says_what_to_supply if {
	document := samples.with_hop({"verdict": "conditional"}, {"verdict": "conditional", "depends_on": [samples.limit, samples.members]})
	some f in undecided_input.finding with input as document
	f.severity == "error"
	f.advice == "Supply what is missing: the members of set ilos (ipset save)."
	contains(f.message, "-m set --match-set ilos src")
}

test_optional_is_a_note if {
	document := samples.with_hop({"need": "optional", "verdict": "conditional"}, {"verdict": "conditional", "depends_on": [samples.members]})
	{f.severity | some f in undecided_input.finding} == {"note"} with input as document
}

test_silent_on_conditions if {
	document := samples.with_hop({"verdict": "conditional"}, {"verdict": "conditional", "depends_on": [samples.limit]})
	count(undecided_input.finding) == 0 with input as document
}

test_silent_where_it_is_blocked_anyway if {
	document := samples.with_hop({}, {"depends_on": [samples.members]})
	count(undecided_input.finding) == 0 with input as document
}
