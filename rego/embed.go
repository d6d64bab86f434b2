// Package rego embeds the port table and the policies: plain Rego v1 without custom
// builtins, so that the stock opa runs them too.
//
//	opa test rego/
//	sumlint facts PATH > facts.json && opa eval -d rego -i facts.json data.sumlint.findings
//
// # What is where
//
//   - sumlint/ports/data.yaml: SUM's port tables as data (data.sumlint.ports).
//   - sumlint/flows: package sumlint.flows, the flows that a combination of server
//     system, target type and options needs. Its input is policies/facts.Combination.
//   - sumlint/rules/ID: package sumlint.rules.ID, one rule each. Its input is policies/facts.Facts.
//   - sumlint/lib: what rules share.
//   - sumlint/sumlint.rego: package sumlint, all findings under the plan's severities and waivers.
//   - schemas: the inputs' schemas, against which policies are type-checked when they are loaded.
//
// # A rule
//
// A team adds rules by --policy DIR. Each is a package of its own, in one file, and its
// METADATA must hold title, description and custom.severity (error, warning or note):
//
//	# METADATA
//	# title: No SSH from the lab
//	# description: SUM servers in the lab must not log in to anything.
//	# custom:
//	#   severity: warning
//	package sumlint.rules.no_lab_ssh
//
//	import data.sumlint.lib.result
//
//	finding contains result.of_class(rego.metadata.chain(), class, {"message": sprintf("%s comes from the lab", [class.words])}) if {
//		some class in input.classes
//		class.port == "22"
//		some name in class.servers
//		startswith(name, "lab-")
//	}
//
// The rule's id is the package's last name with - for _: no-lab-ssh. result.of_class
// makes a finding about a class of flows, result.at_hop one about a firewall on its way,
// result.of_plan one about anything else. Id and severity come from METADATA, by way of
// rego.metadata.chain(). A rule that judges what the others found defines `review`
// instead of `finding` and reads data.sumlint.judged and data.sumlint.held_by; reviews can't be waived.
//
// Test documents can be made with data.sumlint.lib.samples (with_class, with_hop, facts).
//
// Helpers shared by rules go to packages below sumlint.lib, or below a name of the
// team's own. Tests stand in *_test.rego files; `sumlint test DIR` runs them.
//
// # A need
//
// A package sumlint.needs.ID, with the same METADATA, declares flows of the team's own:
// what must, or must never, be allowed. Its input is policies/facts.Plan.
//
//	# METADATA
//	# title: SUM's ports are for administrators
//	# description: Nobody but the admin zone reaches 63001.
//	# custom:
//	#   severity: error
//	package sumlint.needs.admin_only
//
//	flow contains {
//		"from": {"zone": zone.name},
//		"to": {"server": server.name},
//		"protocol": "tcp",
//		"port": server.port,
//		"must": "never",
//		"why": "SUM's HTTP server is for administrators",
//	} if {
//		some server in input.servers
//		some zone in input.zones
//		zone.name != "admin"
//	}
//
// The fields of a flow:
//
//   - from, to: exactly one of server, target, zone (a name of the plan), or networks (a list of
//     addresses and CIDRs);
//   - protocol: "tcp" or "udp";
//   - port: a number, or "first-last"; source_port likewise, any client port where it is left out;
//   - must: "allow" or "never"; why: one sentence for the report;
//   - need: "required", "derived" or "optional": how bad it is when it is blocked, or not
//     forbidden: an error, a warning, a note; where it is left out, the package's custom.severity says it;
//   - answer: false where the sender waits for no answer; true where it is left out.
//
// What must be allowed is judged like SUM's own flows. What must never be allowed and is,
// rule forbidden-allowance reports.
//
// # What policies can't do
//
// They see their input and the port table, nothing else: builtins that reach the network, the clock,
// chance or the environment are not there. Errors of builtins are errors of the run.
package rego

import "embed"

// Files holds the folders sumlint (policies, their tests, and data) and schemas.
//
//go:embed sumlint schemas
var Files embed.FS
