# METADATA
# title: No flow crosses a firewall
# description: |
#   The plan names a firewall that no flow of any server and target crosses. Its exports have
#   no say in the verdicts.
#
#   Perhaps an interface names the wrong zone, or a zone lacks a network.
# custom:
#   severity: note
# schemas:
#   - input: schema.facts
package sumlint.rules.unused_firewall

import data.sumlint.lib.result

finding contains result.of_plan(rego.metadata.chain(), {
	"message": sprintf("No flow of the plan crosses firewall %s.", [filter.name]),
	"advice": "Check the zones of its interfaces, or remove the block.",
	"topology": filter.topology,
	"location": filter.location,
	"firewall": filter.name,
	"key": [filter.name],
}) if {
	some filter in input.filters
	not filter.used
}
