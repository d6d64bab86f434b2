# METADATA
# title: Blocked now, and SUM opens it itself
# description: |
#   A host's own firewall blocks the flow, and the plan sets open_firewall: SUM opens its HTTP
#   and HTTPS ports on its own host, and on Windows and Linux targets the ports that it needs
#   beyond those by which it gets in (22; 445 and 135).
#
#   Firewalls between zones and appliances are never opened this way.
# related_resources:
#   - ref: https://ftp.yandex.ru/hpe/repo/spp/2018.11.0/packages/assets/doc/help/en/v33312880.htm
#     description: "SUM network ports used (a mirror of HPE's help)"
# custom:
#   severity: note
# schemas:
#   - input: schema.facts
package sumlint.rules.opened_by_sum

import data.sumlint.lib.kinds
import data.sumlint.lib.result
import data.sumlint.lib.words

finding contains result.at_hop(rego.metadata.chain(), class, h, {
	"message": words.happens(class, hop, "blocks it"),
	"advice": "Nothing, as long as SUM runs with /open_firewall. If security policy forbids SUM to change the host's firewall, allow the flow there and set open_firewall = false.",
	"effect": "",
}) if {
	some [c, h] in kinds.hops["opened-by-sum"]
	class := input.classes[c]
	hop := class.hops[h]
}
