# METADATA
# title: A required flow is blocked
# description: |
#   The port table asks for this flow, and a firewall on its way drops or rejects the packet
#   that opens the connection, for all or some of the addresses.
#
#   The finding names the firewall, the hook and the rule or default that decides. Add a rule
#   that allows the flow ahead of it.
#
#   For example, a firewall without a rule for SUM's callback:
#
#       -A FORWARD -s 10.10.0.5 -d 10.20.0.0/16 -p tcp --dport 443 -j ACCEPT
#       -A FORWARD -j DROP
#
#   lets the deployment through once this stands ahead of the last rule:
#
#       -A FORWARD -s 10.20.0.0/16 -d 10.10.0.5 -p tcp --dport 63001 -j ACCEPT
# related_resources:
#   - ref: https://ftp.yandex.ru/hpe/repo/spp/2018.11.0/packages/assets/doc/help/en/v33312880.htm
#     description: "SUM network ports used (a mirror of HPE's help)"
#   - ref: https://learn.microsoft.com/en-us/windows/win32/wmisdk/connecting-to-wmi-remotely-starting-with-vista
#     description: "Connecting to WMI remotely"
# custom:
#   severity: error
# schemas:
#   - input: schema.facts
package sumlint.rules.missing_allowance

import data.sumlint.lib.kinds
import data.sumlint.lib.result
import data.sumlint.lib.words

finding contains result.at_hop(rego.metadata.chain(), class, h, {
	"message": words.happens(class, hop, "blocks it"),
	"advice": words.open(class, hop),
	"effect": words.effect(class),
}) if {
	some [c, h] in kinds.hops["missing-allowance"]
	class := input.classes[c]
	hop := class.hops[h]
}

finding contains result.of_class(rego.metadata.chain(), class, {
	"message": sprintf("%s: this required flow does not pass", [class.words]),
	"advice": "Nothing on the way says why. Run with --verbose and check the path of this flow.",
	"effect": words.effect(class),
}) if {
	some c in kinds.classes["missing-allowance"]
	class := input.classes[c]
}
