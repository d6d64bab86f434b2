package sumlint.rules.optional_blocked_test

import data.sumlint.lib.samples
import data.sumlint.rules.optional_blocked

test_blocked_and_partial if {
	every verdict in {"blocked", "partial"} {
		document := samples.with_hop({"need": "optional", "verdict": verdict}, {"verdict": verdict})
		{[f.rule, f.severity] | some f in optional_blocked.finding} == {["optional-blocked", "note"]} with input as document
	}
}

test_silent_on_required if {
	count(optional_blocked.finding) == 0 with input as samples.with_class({})
}

test_without_a_hop_it_is_reported_at_the_topology if {
	some f in optional_blocked.finding with input as samples.with_class({"hops": [], "need": "optional", "verdict": "blocked"})
	f.hop == -1
	f.location.file == "a.sum.hcl"
}
