# METADATA
# title: The answers are blocked
# description: |
#   The packet that opens the connection passes, but the answers or the packets that follow do
#   not: a stateless list without an entry for the way back, or a stateful one without its
#   rule for established connections.
#
#   The severity is the need's: error for a required flow, warning for a derived one, note for
#   an optional one.
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

_answers(_, hop) := words.missing(hop) if count(hop.missing) > 0

_answers(class, hop) := sprintf("%s from port %s", [class.protocol, class.port]) if count(hop.missing) == 0
