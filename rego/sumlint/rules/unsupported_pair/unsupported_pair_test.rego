package sumlint.rules.unsupported_pair_test

import data.sumlint
import data.sumlint.lib.samples
import data.sumlint.rules.unsupported_pair

pair := {
	"topology": "plan",
	"server": "sum01",
	"server_os": "linux",
	"target": "db01",
	"target_type": "windows",
	"reason": "no-row",
	"version": "8.9.0",
	"location": {"file": "a.sum.hcl", "line": 5},
}

found(change) := [f.message, f.advice, f.servers] if {
	some f in unsupported_pair.finding with input as samples.facts({"pairs": [object.union(pair, change)]})
	f.severity == "error"
	f.targets == ["db01"]
}

test_linux_to_windows if {
	found({}) == [
		"sum01 (linux) → db01 (windows): the port table of SUM 8.9.0 has no row for this pair.",
		"Update this target from a server that runs SUM on Windows, or run SUM locally on it (mode = \"local\").",
		["sum01"],
	]
}

test_no_server_fits if {
	found({"server": "", "server_os": "", "version": "", "target_type": "moonshot"}) == [
		"db01 (moonshot): no server of the plan has a row for this type in the port table of SUM.",
		"Check the type and the version. Otherwise update it through its own web interface (mode = \"web\").",
		[],
	]
}

test_no_common_family if {
	message := found({"reason": "no-common-family"})[0]
	message == "sum01 → db01 (windows): the two have no address family in common."
	other := found({"reason": "no-common-family", "server": ""})
	other[0] == "no server of the plan → db01 (windows): the two have no address family in common."
	other[1] == "Give both an address of one family, IPv4 or IPv6."
}

test_silent_without_pairs if count(unsupported_pair.finding) == 0 with input as samples.facts({})

test_one_finding_for_each_type_split_by_waivers if {
	document := samples.facts({
		"pairs": [
			pair,
			object.union(pair, {"target": "db02"}),
			object.union(pair, {"target": "db03"}),
			object.union(pair, {"target": "mx1", "target_type": "moonshot"}),
		],
		"waivers": [object.union(samples.waiver, {"rule": "unsupported-pair", "target": "db02"})],
	})
	found := {[f.targets, f.waived] | some f in sumlint.findings} with input as document
	found == {[["db01", "db03"], false], [["db02"], true], [["mx1"], false]}
	some f in unsupported_pair.finding with input as document
	f.message == "sum01 (linux) → db01, db03 (windows): the port table of SUM 8.9.0 has no row for this pair."
}
