# METADATA
# title: A waiver has expired
# description: |
#   The last day of this waiver has passed, and it would still hold a finding. The finding
#   counts again.
#
#   Fix the cause, or renew the waiver with a new date.
# custom:
#   severity: warning
# schemas:
#   - input: schema.facts
package sumlint.rules.expired_waiver

import data.sumlint.lib.result
import data.sumlint.lib.waivers

review contains result.of_plan(rego.metadata.chain(), {
	"message": sprintf("The waiver of %s%s expired on %s and holds no longer (%s).", [
		waiver.rule,
		_scope(waiver),
		waiver.until,
		waiver.reason,
	]),
	"advice": "Fix the finding, or renew the waiver's date.",
	"topology": waiver.topology,
	"location": waiver.location,
	"firewall": waiver.firewall,
	"servers": [name | name := waiver.server; name != ""],
	"targets": [name | name := waiver.target; name != ""],
	"key": [waiver.rule, waivers.scope(waiver), waiver.until],
}) if {
	some i, waiver in input.waivers
	waivers.expired(waiver)
	i in data.sumlint.held_by
}

_scope(waiver) := sprintf(" for %s", [waivers.scope(waiver)]) if waivers.scope(waiver) != ""

_scope(waiver) := "" if waivers.scope(waiver) == ""
