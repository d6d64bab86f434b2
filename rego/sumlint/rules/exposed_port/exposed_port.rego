# METADATA
# title: Others reach SUM's ports on the server
# description: |
#   Beyond the flows that the plan needs, these zones or networks reach a port of SUM's on its
#   server. SUM before 8.5.6 let strangers in over its ports (CVE-2020-7136).
#
#   Allow the ports from the targets and the browsers only. There is one finding for each
#   server and port.
# related_resources:
#   - ref: https://www.cve.org/CVERecord?id=CVE-2020-7136
#     description: "CVE-2020-7136: unauthorized access to SUM before 8.5.6"
# custom:
#   severity: note
# schemas:
#   - input: schema.facts
package sumlint.rules.exposed_port

import data.sumlint.lib.result
import data.sumlint.lib.words

finding contains result.of_plan(rego.metadata.chain(), {
	"message": sprintf("%s, tcp %d: %s %s it, beyond what the plan needs.", [
		exposure.server,
		exposure.port,
		words.listed(_who(exposure), 6),
		_reach(exposure.sure),
	]),
	"advice": "Allow this port from the targets and the browsers of the plan only.",
	"topology": exposure.topology,
	"location": exposure.location,
	"servers": [exposure.server],
	"port": exposure.port,
	"key": [exposure.server, exposure.port],
}) if {
	some exposure in input.exposures
}

_who(exposure) := array.concat([sprintf("zone %s", [zone]) | some zone in exposure.zones], exposure.sources)

_reach(true) := "can reach"

_reach(false) := "may reach"
