package sumlint.rules.no_route_test

import data.sumlint
import data.sumlint.lib.samples
import data.sumlint.rules.no_route

test_one_finding_for_all_ports if {
	change := {"reason": "no-route", "hops": []}
	document := samples.facts({"classes": [
		object.union(samples.class, change),
		object.union(samples.class, object.union(change, {"id": "c2", "digest": "d2", "flows": ["f2"], "port": "443", "need": "optional"})),
	]})
	some f in no_route.finding with input as document
	f.severity == "error"
	f.flows == ["f1", "f2"]
	f.message == concat("", [
		"rack-a (ilo) → sum01, tcp 63001, deployment (and 1 more kinds of flow): ",
		"no firewall or router of the plan connects the two zones.",
	])
	{g.rule | some g in sumlint.findings} == {"no-route"} with input as document
}

test_silent_with_a_route if {
	count(no_route.finding) == 0 with input as samples.with_class({})
}

test_one_kind_of_flow if {
	some f in no_route.finding with input as samples.with_class({"reason": "no-route", "hops": []})
	f.message == "rack-a (ilo) → sum01, tcp 63001, deployment: no firewall or router of the plan connects the two zones."
}
