package sumlint.rules.unknown_host_firewall_test

import data.sumlint
import data.sumlint.lib.samples
import data.sumlint.rules.unknown_host_firewall

hosts(type, servers, targets) := {
	"topology": "plan",
	"type": type,
	"known": false,
	"words": concat(", ", array.concat(servers, targets)),
	"count": count(servers) + count(targets),
	"first": array.concat(servers, targets)[0],
	"servers": servers,
	"targets": targets,
	"waivers": [],
	"digest": "h1",
	"location": {"file": "a.sum.hcl", "line": 4},
}

test_one_for_each_type if {
	found := unknown_host_firewall.finding with input as samples.facts({"hosts": [
		hosts("linux", ["sum01"], ["db1"]),
		hosts("vmware", [], ["esx"]),
		object.union(hosts("windows", [], ["win"]), {"known": true}),
	]})
	{[f.severity, f.message, f.servers, f.targets] | some f in found} == {
		["warning", "2 linux hosts without an export of their own firewall, taken as unfiltered: sum01, db1.", ["sum01"], ["db1"]],
		["warning", "1 vmware host without an export of its own firewall, taken as unfiltered: esx.", [], ["esx"]],
	}
}

test_silent_where_all_are_known if {
	count(unknown_host_firewall.finding) == 0 with input as samples.facts({"hosts": [object.union(hosts("linux", ["sum01"], []), {"known": true})]})
}

test_waived_by_host if {
	document := samples.facts({
		"hosts": [hosts("linux", ["sum01"], ["db2"]), object.union(hosts("linux", [], ["db1"]), {"waivers": [0], "digest": "h2"})],
		"waivers": [object.union(samples.waiver, {"rule": "unknown-host-firewall", "target": "db1"})],
	})
	found := {[f.rule, f.waived, f.servers, f.targets] | some f in sumlint.findings} with input as document
	found == {
		["unknown-host-firewall", false, ["sum01"], ["db2"]],
		["unknown-host-firewall", true, [], ["db1"]],
	}
}
