package sumlint_test

import data.sumlint
import data.sumlint.lib.result
import data.sumlint.lib.samples

waived(change) := found if {
	found := {[f.rule, f.waived, f.waived_by] | some f in sumlint.findings} with input as samples.facts({
		"classes": [object.union(samples.class, {"waivers": [0]})],
		"waivers": [object.union(samples.waiver, change)],
	})
}

test_waiver_holds if {
	every change in [{}, {"firewall": "core"}, {"until": "2026-11-22"}, {"until": "2027-01-01"}] {
		waived(change) == {["missing-allowance", true, "the new firewall comes in spring"]}
	}
}

test_waiver_of_another_rule_or_firewall_does_not if {
	every change in [{"rule": "no-route"}, {"firewall": "edge"}, {"until": "2026-11-21"}] {
		["missing-allowance", false, ""] in waived(change)
	}
}

test_waiver_whose_scope_does_not_fit_does_not if {
	document := samples.facts({"classes": [samples.class], "waivers": [samples.waiver]})
	some f in sumlint.findings with input as document
	f.rule == "missing-allowance"
	not f.waived
}

test_first_waiver_gives_the_reason if {
	document := samples.facts({
		"classes": [object.union(samples.class, {"waivers": [0, 1, 2]})],
		"waivers": [
			object.union(samples.waiver, {"until": "2020-01-01"}),
			object.union(samples.waiver, {"reason": "second"}),
			object.union(samples.waiver, {"reason": "third"}),
		],
	})
	some f in sumlint.findings with input as document
	f.rule == "missing-allowance"
	f.waived_by == "second"
}

# A waiver of a finding that has no class: by topology, server, target and firewall.
conflict_waived(change) if {
	at := {"file": "a.sum.hcl", "line": 5}
	some f in sumlint.findings with input as samples.facts({
		"servers": [{"topology": "plan", "name": "sum01", "port": 80, "ssl_port": 80, "ftp_port": 0, "location": at, "port_location": at}],
		"waivers": [object.union(samples.waiver, object.union({"rule": "port-conflict"}, change))],
	})
	f.rule == "port-conflict"
	f.waived
}

test_waivers_without_classes if {
	conflict_waived({})
	conflict_waived({"server": "sum01"})
	not conflict_waived({"server": "sum02"})
	not conflict_waived({"target": "db01"})
	not conflict_waived({"firewall": "core"})
	not conflict_waived({"port": 22})
	not conflict_waived({"direction": "local"})
	not conflict_waived({"topology": "other"})
	not conflict_waived({"until": "2026-01-01"})
}

test_malformed_findings if {
	found := sumlint.malformed with data.sumlint.rules as {"odd": {"finding": {{"rule": "odd"}}, "review": {"a text"}}}
	{[p["package"], p.finding] | some p in found} == {["odd", {"rule": "odd"}], ["odd", "a text"]}
	every problem in found {
		"message" in problem.missing
	}
}

severities(settings) := found if {
	found := {f.severity | some f in sumlint.findings} with input as samples.facts({
		"classes": [samples.class],
		"settings": settings,
	})
}

setting(topology, rule, severity) := {"topology": topology, "rule": rule, "severity": severity}

test_settings if {
	severities([]) == {"error"}
	severities([setting("plan", "missing-allowance", "note")]) == {"note"}
	severities([setting("plan", "missing-allowance", "off")]) == set()
	severities([setting("other", "missing-allowance", "off")]) == {"error"}
	severities([setting("plan", "no-route", "off")]) == {"error"}
	severities([setting("plan", "missing-allowance", "off"), setting("plan", "missing-allowance", "warning")]) == {"warning"}
}

test_settings_count_for_reviews_and_for_severities_of_needs if {
	unused := samples.facts({"waivers": [samples.waiver], "settings": [setting("plan", "unused-waiver", "error")]})
	{f.severity | some f in sumlint.findings} == {"error"} with input as unused
	off := object.union(unused, {"settings": [setting("plan", "unused-waiver", "off")]})
	count(sumlint.findings) == 0 with input as off
	reply := object.union(samples.with_hop({"need": "optional"}, {"leg": "reply"}), {"settings": [setting("plan", "reply-blocked", "error")]})
	{f.severity | some f in sumlint.findings} == {"error"} with input as reply
}

# The same firewall twice in one class is one finding only if it does the same.
test_hops_that_differ_are_findings_of_their_own if {
	every change in [
		{"firewall": "edge"},
		{"hook": "input"},
		{"leg": "reply"},
		{"causes": "-P FORWARD DROP"},
		{"verdict": "conditional"},
		{"redirected": "10.9.9.9"},
	] {
		document := samples.with_class({"hops": [samples.hop, object.union(samples.hop, change)]})
		count(sumlint.findings) == 2 with input as document
	}
	same := samples.with_class({"hops": [samples.hop, object.union(samples.hop, {"path": 2})]})
	count(sumlint.findings) == 1 with input as same
}

test_allowed_hops_and_classes_are_silent if {
	allowed := object.union(samples.hop, {"verdict": "allowed", "firewall": "edge"})
	{f.firewall | some f in sumlint.findings} == {"core"} with input as samples.with_class({"hops": [allowed, samples.hop]})
	count(sumlint.findings) == 0 with input as samples.with_class({"verdict": "allowed", "hops": []})
}

fingerprint(document) := f.fingerprint if some f in sumlint.findings with input as document

test_fingerprints_stay if {
	base := fingerprint(samples.with_class({}))
	count(base) == 32
	every same in [
		samples.with_hop({}, {"location": {"file": "exports/core.v4", "line": 99}, "path": 2}),
		samples.with_hop({}, {"decided_by": [{"file": "exports/core.v4", "line": 99, "text": "-A FORWARD -j DROP"}]}),
		samples.with_class({"id": "c7", "words": "others"}),
	] {
		fingerprint(same) == base
	}
}

test_fingerprints_differ if {
	documents := [
		samples.with_class({}),
		samples.with_class({"topology": "other"}),
		samples.with_class({"digest": "d2"}),
		samples.with_class({"need": "derived"}),
		samples.with_hop({}, {"firewall": "edge"}),
		samples.with_hop({}, {"hook": "input"}),
		samples.with_hop({}, {"leg": "reply"}),
		samples.with_hop({}, {"causes": "-P FORWARD DROP"}),
	]
	count({fingerprint(document) | some document in documents}) == count(documents)
}

test_fields if {
	some f in sumlint.findings with input as samples.with_class({})
	object.keys(f) == {
		"rule", "severity", "message", "advice", "effect", "flows", "servers", "targets", "firewall",
		"location", "related", "fingerprint", "waived", "waived_by", "class", "hop",
	}
}

test_malformed if {
	count(sumlint.malformed) == 0 with input as samples.with_class({})
	found := sumlint.malformed with data.sumlint.rules.odd.finding as {{"message": "x"}} with input as samples.facts({})
	{m["package"] | some m in found} == {"odd"}
}

test_results_take_the_rule_from_the_chain if {
	chain := [
		{"path": ["sumlint", "rules", "a_b", "finding"], "annotations": {"custom": {"severity": "error"}}},
		{"path": ["sumlint", "rules", "a_b"], "annotations": {"custom": {"severity": "note"}}},
	]
	made := result.of_plan(chain, {"message": "m", "topology": "plan", "location": {"file": "f"}, "servers": ["s"]})
	[made.rule, made.severity, made.hop, made.key] == ["a-b", "note", -1, [["s"], null, null, null]]
}
