# METADATA
# title: A forbidden flow may pass
# description: |
#   A policy of the team (package sumlint.needs) forbids this flow, and the firewalls let it
#   through, in whole or in part. Where that depends on a condition, it is a warning.
#
#   For example, a policy that keeps SUM's port to the admin zone:
#
#       flow contains {
#         "from": {"zone": zone.name}, "to": {"server": server.name},
#         "protocol": "tcp", "port": server.port, "must": "never",
#         "why": "SUM is for administrators",
#       } if {
#         some server in input.servers
#         some zone in input.zones
#         zone.name != "admin"
#       }
# custom:
#   severity: error
# schemas:
#   - input: schema.facts
package sumlint.rules.forbidden_allowance

import data.sumlint.lib.kinds
import data.sumlint.lib.result
import data.sumlint.lib.words

finding contains result.of_class(rego.metadata.chain(), class, {
	"message": sprintf("%s: must never pass (policy %s: %s), and %s%s.", [class.words, class.policy, class.row, _passes[class.verdict], place.words]),
	"advice": "Close it in one of the firewalls on the way, or correct the policy that forbids it.",
	"severity": _severity(class),
	"firewall": place.firewall,
	"location": place.location,
}) if {
	some class in input.classes
	class.must == "never"
	_passes[class.verdict]
	place := _place(class)
}

# What says best why it passes: the last firewall of the first list that has one.
_place(class) := {
	"words": sprintf(": %s (%s) %s%s", [last.firewall, last.hook, last.summary, words.decided(last)]),
	"firewall": last.firewall,
	"location": last.location,
} if {
	lists := [found |
		some verdict in ["partial", "conditional", "allowed"]
		some between in [true, false]
		found := [hop | some hop in class.hops; _lets(hop, verdict, between)]
		count(found) > 0
	]
	last := lists[0][count(lists[0]) - 1]
} else := {"words": "", "firewall": "", "location": class.location}

_lets(hop, verdict, between) if {
	hop.leg == "request"
	hop.verdict == verdict
	hop.firewall != ""
	hop.location.file != ""
	_between(hop) == between
}

default _between(_) := false

_between(hop) if hop.host == ""

_passes := {
	"allowed": "the firewalls let it pass",
	"partial": "the firewalls let a part of it pass",
	"conditional": "it may pass, depending on conditions",
}

_severity(class) := kinds.by_need[class.need] if class.verdict != "conditional"

_severity(class) := {"required": "warning", "derived": "warning", "optional": "note"}[class.need] if class.verdict == "conditional"
