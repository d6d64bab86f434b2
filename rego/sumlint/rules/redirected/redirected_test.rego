package sumlint.rules.redirected_test

import data.sumlint
import data.sumlint.lib.samples
import data.sumlint.rules.redirected

test_says_where_to if {
	some f in redirected.finding with input as samples.with_hop({}, {"redirected": "10.9.9.9:8080"})
	f.severity == "error"
	contains(f.message, "core (forward) sends it to 10.9.9.9:8080 instead at exports/core.v4:41")
}

test_comes_before_every_other_kind if {
	document := samples.with_hop(
		{"need": "optional", "opened_by_sum": true},
		{"redirected": "10.9.9.9", "host": "server", "leg": "reply"},
	)
	{f.rule | some f in sumlint.findings} == {"redirected"} with input as document
}

test_silent_without if {
	count(redirected.finding) == 0 with input as samples.with_class({})
}
