package sumlint.rules.derived_blocked_test

import data.sumlint.lib.samples
import data.sumlint.rules.derived_blocked

test_blocked_and_partial if {
	every verdict in {"blocked", "partial"} {
		document := samples.with_hop({"need": "derived", "verdict": verdict}, {"verdict": verdict})
		{[f.rule, f.severity] | some f in derived_blocked.finding} == {["derived-blocked", "warning"]} with input as document
	}
}

test_needs_no_way_out if {
	some f in derived_blocked.finding with input as samples.with_class({"need": "derived"})
	not contains(f.advice, "must stay closed")
}

test_silent_on_required if {
	count(derived_blocked.finding) == 0 with input as samples.with_class({})
}

test_without_a_hop_it_is_reported_at_the_topology if {
	some f in derived_blocked.finding with input as samples.with_class({"hops": [], "need": "derived", "verdict": "blocked"})
	f.hop == -1
	f.location.file == "a.sum.hcl"
}
