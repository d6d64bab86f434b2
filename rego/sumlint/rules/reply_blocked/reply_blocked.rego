# METADATA
# title: The answers are blocked
# description: |
#   The packet that opens the connection passes, but the answers or the packets that follow do
#   not: a stateless list without an entry for the way back, or a stateful one without its
#   rule for established connections.
#
#   The severity is the need's: error for a required flow, warning for a derived one, note for
#   an optional one.
#
#   For example, a stateless list that lets SSH in needs an entry for the way back:
#
#       permit tcp host 10.10.0.5 10.20.0.0/16 eq 22
#       permit tcp 10.20.0.0/16 eq 22 host 10.10.0.5 established
# related_resources:
#   - ref: https://ftp.yandex.ru/hpe/repo/spp/2018.11.0/packages/assets/doc/help/en/v33312880.htm
#     description: "SUM network ports used (a mirror of HPE's help)"
#   - ref: https://ipset.netfilter.org/iptables-extensions.man.html
#     description: "iptables-extensions(8)"
# custom:
#   severity: error
# schemas:
#   - input: schema.facts
package sumlint.rules.reply_blocked

import data.sumlint.lib.kinds
import data.sumlint.lib.result
import data.sumlint.lib.words

finding contains result.at_hop(rego.metadata.chain(), class, h, {
	"message": words.happens(class, hop, "blocks the answers"),
	"advice": sprintf("Let the answers pass in %s (%s): in a stateful firewall by a rule for established connections, in a stateless list by one for %s.", [hop.firewall, hop.hook, _answers(class, hop)]),
	"effect": words.effect(class),
	"severity": kinds.by_need[class.need],
}) if {
	some [c, h] in kinds.hops["reply-blocked"]
	class := input.classes[c]
	hop := class.hops[h]
}

# What is missing is told as the flow's; its answers go the other way.
_answers(_, hop) := words.listed([_answer(part, hop.leg) | some part in hop.missing], 2) if count(hop.missing) > 0

_answers(class, hop) := sprintf("%s from port %s", [class.protocol, class.port]) if count(hop.missing) == 0

_answer(part, "reply") := sprintf("%s from %s port %s to %s", [
	part.protocol,
	words.listed(part.destination, 3),
	part.port,
	words.listed(part.source, 3),
])

_answer(part, "follow-up") := sprintf("%s from %s to %s port %s", [
	part.protocol,
	words.listed(part.source, 3),
	words.listed(part.destination, 3),
	part.port,
])
