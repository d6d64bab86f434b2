# METADATA
# title: A waiver holds nothing
# description: |
#   No finding fits this waiver: the cause is gone, or the waiver names the wrong rule,
#   server, target, firewall, port or direction. Left in place it would hide a later finding.
# custom:
#   severity: warning
# schemas:
#   - input: schema.facts
package sumlint.rules.unused_waiver

import data.sumlint.lib.result
import data.sumlint.lib.waivers

review contains result.of_plan(rego.metadata.chain(), {
	"message": sprintf("The waiver of %s%s holds no finding (%s).", [waiver.rule, _scope(waiver), waiver.reason]),
	"advice": "Remove it, or correct what it names.",
	"topology": waiver.topology,
	"location": waiver.location,
	"firewall": waiver.firewall,
	"servers": [name | name := waiver.server; name != ""],
	"targets": [name | name := waiver.target; name != ""],
	"key": [waiver.rule, waivers.scope(waiver), waiver.until],
}) if {
	some i, waiver in input.waivers
	not i in data.sumlint.held_by
}

_scope(waiver) := sprintf(" for %s", [waivers.scope(waiver)]) if waivers.scope(waiver) != ""

_scope(waiver) := "" if waivers.scope(waiver) == ""
