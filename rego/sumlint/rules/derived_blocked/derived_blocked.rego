# METADATA
# title: A flow that follows from the notes is blocked
# description: |
#   The port table does not print this flow; the notes beside it call for it: WMI's dynamic
#   RPC ports and its asynchronous callbacks, the browser's access to SUM's web page, the FTP
#   service.
#
#   SUM may work in part without it.
# related_resources:
#   - ref: https://ftp.yandex.ru/hpe/repo/spp/2018.11.0/packages/assets/doc/help/en/v33312880.htm
#     description: "SUM network ports used (a mirror of HPE's help)"
#   - ref: https://learn.microsoft.com/en-us/windows/win32/wmisdk/connecting-to-wmi-remotely-starting-with-vista
#     description: "Connecting to WMI remotely"
# custom:
#   severity: warning
# schemas:
#   - input: schema.facts
package sumlint.rules.derived_blocked

import data.sumlint.lib.kinds
import data.sumlint.lib.result
import data.sumlint.lib.words

finding contains result.at_hop(rego.metadata.chain(), class, h, {
	"message": words.happens(class, hop, "blocks it"),
	"advice": words.open(class, hop),
	"effect": words.effect(class),
}) if {
	some [c, h] in kinds.hops["derived-blocked"]
	class := input.classes[c]
	hop := class.hops[h]
}

finding contains result.of_class(rego.metadata.chain(), class, {
	"message": sprintf("%s: this flow, which follows from the table's notes, does not pass", [class.words]),
	"advice": "Nothing on the way says why. Run with --verbose and check the path of this flow.",
	"effect": words.effect(class),
}) if {
	some c in kinds.classes["derived-blocked"]
	class := input.classes[c]
}
