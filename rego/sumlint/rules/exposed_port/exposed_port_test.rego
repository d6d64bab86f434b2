package sumlint.rules.exposed_port_test

import data.sumlint
import data.sumlint.lib.samples
import data.sumlint.rules.exposed_port

exposure := {
	"topology": "plan",
	"server": "sum01",
	"port": 63001,
	"zones": ["lab"],
	"sources": ["10.30.0.0/24"],
	"sure": true,
	"location": {"file": "a.sum.hcl", "line": 1},
}

test_names_who if {
	some f in exposed_port.finding with input as samples.facts({"exposures": [exposure]})
	f.severity == "note"
	f.message == "sum01, tcp 63001: zone lab, 10.30.0.0/24 can reach it, beyond what the plan needs."
	some g in exposed_port.finding with input as samples.facts({"exposures": [object.union(exposure, {"sure": false, "sources": []})]})
	g.message == "sum01, tcp 63001: zone lab may reach it, beyond what the plan needs."
}

test_waived_by_port if {
	waiver := object.union(samples.waiver, {"rule": "exposed-port", "server": "sum01", "port": 63001})
	document := samples.facts({"exposures": [exposure, object.union(exposure, {"port": 63002})], "waivers": [waiver]})
	{[f.rule, f.waived] | some f in sumlint.findings} == {["exposed-port", true], ["exposed-port", false]} with input as document
}

test_silent_without if count(exposed_port.finding) == 0 with input as samples.facts({})
