package sumlint.rules.expired_waiver_test

import data.sumlint
import data.sumlint.lib.samples
import data.sumlint.rules.expired_waiver

document(change) := samples.facts({
	"classes": [object.union(samples.class, {"waivers": [0]})],
	"waivers": [object.union(samples.waiver, change)],
})

test_expired_and_needed if {
	some f in expired_waiver.review with input as document({"until": "2026-11-21", "target": "rack-a"})
	f.severity == "warning"
	f.location.line == 30
	f.message == "The waiver of missing-allowance for target rack-a expired on 2026-11-21 and holds no longer (the new firewall comes in spring)."
	{[g.rule, g.waived] | some g in sumlint.findings} == {["missing-allowance", false], ["expired-waiver", false]} with input as document({"until": "2026-11-21"})
}

test_silent_on_the_last_day if {
	count(expired_waiver.review) == 0 with input as document({"until": "2026-11-22"})
}

test_silent_for_ever if {
	count(expired_waiver.review) == 0 with input as document({})
}

test_unneeded_ones_are_unused if {
	{f.rule | some f in sumlint.findings} == {"missing-allowance", "unused-waiver"} with input as document({"until": "2026-11-21", "rule": "no-route"})
}
