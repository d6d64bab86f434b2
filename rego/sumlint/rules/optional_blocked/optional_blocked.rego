# METADATA
# title: An optional flow is blocked
# description: |
#   The port table prints this port in parentheses, or the plan makes it optional (netbios =
#   false). SUM works without it, as far as is known.
#
#   Leave it closed, or open it like any other flow.
#
#   To stop hearing of it, waive it:
#
#       waive "optional-blocked" {
#         port   = 80
#         reason = "the redirect port stays closed"
#       }
# related_resources:
#   - ref: https://ftp.yandex.ru/hpe/repo/spp/2018.11.0/packages/assets/doc/help/en/v33312880.htm
#     description: "SUM network ports used (a mirror of HPE's help)"
# custom:
#   severity: note
# schemas:
#   - input: schema.facts
package sumlint.rules.optional_blocked

import data.sumlint.lib.kinds
import data.sumlint.lib.result
import data.sumlint.lib.words

finding contains result.at_hop(rego.metadata.chain(), class, h, {
	"message": words.happens(class, hop, "blocks it"),
	"advice": "The table has this port in parentheses, or the plan makes it optional: it may stay closed.",
	"effect": words.effect(class),
}) if {
	some [c, h] in kinds.hops["optional-blocked"]
	class := input.classes[c]
	hop := class.hops[h]
}

finding contains result.of_class(rego.metadata.chain(), class, {
	"message": sprintf("%s: this optional flow does not pass", [class.words]),
	"advice": "It may stay closed.",
	"effect": words.effect(class),
}) if {
	some c in kinds.classes["optional-blocked"]
	class := input.classes[c]
}
