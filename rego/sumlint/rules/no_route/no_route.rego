# METADATA
# title: No path between two zones
# description: |
#   The topology has no way from the zone of the source to the zone of the destination: no
#   firewall or router connects them.
#
#   Draw the missing router or firewall, or give the zone its network.
#
#   For example, a router that filters nothing still has to be drawn:
#
#       router "transit" {
#         interface "a" { zone = "admin" }
#         interface "b" { zone = "oob" }
#       }
# custom:
#   severity: error
# schemas:
#   - input: schema.facts
package sumlint.rules.no_route

import data.sumlint.lib.kinds
import data.sumlint.lib.result
import data.sumlint.lib.words

# One missing way is one finding, however many ports want it.
finding contains result.of_class(rego.metadata.chain(), first, {
	"message": sprintf("%s%s: no firewall or router of the plan connects the two zones.", [first.words, _others(members)]),
	"advice": "Add the router or firewall that connects them, with an interface in each zone, or check the addresses and networks.",
	"effect": words.effect(first),
	"flows": [flow | some c in sort(members); some flow in input.classes[c].flows],
	"key": [first.digest, "no-route"],
}) if {
	some group, members in _groups
	first := input.classes[min(members)]
}

_groups[[class.topology, class.servers, class.targets, class.waivers, class.policy]] contains c if {
	some c in kinds.classes["no-route"]
	class := input.classes[c]
}

_others(members) := "" if count(members) == 1

_others(members) := sprintf(" (and %d more kinds of flow)", [count(members) - 1]) if count(members) > 1
