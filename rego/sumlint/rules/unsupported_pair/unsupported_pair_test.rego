package sumlint.rules.unsupported_pair_test

import data.sumlint
import data.sumlint.lib.samples
import data.sumlint.rules.unsupported_pair

pair := {
	"topology": "plan",
	"server": "sum01",
	"server_os": "linux",
	"target_type": "windows",
	"reason": "no-row",
	"version": "8.9.0",
	"words": "db01",
	"targets": ["db01"],
	"waivers": [],
	"digest": "p1",
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

test_another_type if {
	found({"target_type": "moonshot", "version": ""}) == [
		"sum01 (linux) → db01 (moonshot): the port table of SUM has no row for this pair.",
		"Check the type and the version. Otherwise update it through its own web interface (mode = \"web\").",
		["sum01"],
	]
}

test_no_common_family if {
	found({"reason": "no-common-family"}) == [
		"sum01 → db01 (windows): the two have no address family in common.",
		"Give both an address of one family, IPv4 or IPv6.",
		["sum01"],
	]
}

test_silent_without_pairs if count(unsupported_pair.finding) == 0 with input as samples.facts({})

test_one_finding_for_each_class if {
	document := samples.facts({
		"pairs": [
			object.union(pair, {"words": "db01, db03", "targets": ["db01", "db03"], "digest": "p2"}),
			object.union(pair, {"words": "db02", "targets": ["db02"], "digest": "p3", "waivers": [0]}),
		],
		"waivers": [object.union(samples.waiver, {"rule": "unsupported-pair", "target": "db02"})],
	})
	found := {[f.targets, f.waived] | some f in sumlint.findings} with input as document
	found == {[["db01", "db03"], false], [["db02"], true]}
	some f in unsupported_pair.finding with input as document
	f.message == "sum01 (linux) → db01, db03 (windows): the port table of SUM 8.9.0 has no row for this pair."
}
