package sumlint.rules.unknown_host_firewall_test

import data.sumlint
import data.sumlint.lib.samples
import data.sumlint.rules.unknown_host_firewall

host(name, type, known) := {"topology": "plan", "name": name, "type": type, "known": known, "location": {"file": "a.sum.hcl", "line": 4}}

test_one_for_each_type if {
	document := samples.facts({
		"hosts": [
			host("sum01", "linux", false), host("db1", "linux", false), host("db2", "linux", true),
			host("esx", "vmware", false), host("win", "windows", true),
		],
		"servers": [{"topology": "plan", "name": "sum01"}],
	})
	found := unknown_host_firewall.finding with input as document
	{[f.severity, f.message, f.servers, f.targets] | some f in found} == {
		["warning", "2 linux hosts without an export of their own firewall, taken as unfiltered: sum01, db1.", ["sum01"], ["db1"]],
		["warning", "1 vmware host without an export of its own firewall, taken as unfiltered: esx.", [], ["esx"]],
	}
}

test_silent_where_all_are_known if {
	count(unknown_host_firewall.finding) == 0 with input as samples.facts({"hosts": [host("sum01", "linux", true)]})
}

test_waived_by_host if {
	document := samples.facts({
		"hosts": [host("sum01", "linux", false), host("db1", "linux", false), host("db2", "linux", false)],
		"servers": [{"topology": "plan", "name": "sum01"}],
		"waivers": [object.union(samples.waiver, {"rule": "unknown-host-firewall", "target": "db1"})],
	})
	found := {[f.rule, f.waived, f.servers, f.targets] | some f in sumlint.findings} with input as document
	found == {
		["unknown-host-firewall", false, ["sum01"], ["db2"]],
		["unknown-host-firewall", true, [], ["db1"]],
	}
}
