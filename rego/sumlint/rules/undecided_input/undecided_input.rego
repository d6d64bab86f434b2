# METADATA
# title: What would decide a flow was not supplied
# description: |
#   Whether the flow passes depends on something that can be supplied and was not: the members
#   of a set, an object group, the export of the other address family, the Windows profile.
#
#   Add it to the firewall's exports, or set the attribute that the message names. A flow that
#   is optional gets a note.
#
#   For example, this rule passes the members of a set that only the output of `ipset save` tells:
#
#       -A FORWARD -m set --match-set ilos src -p tcp --dport 63001 -j ACCEPT
# related_resources:
#   - ref: https://ftp.yandex.ru/hpe/repo/spp/2018.11.0/packages/assets/doc/help/en/v33312880.htm
#     description: "SUM network ports used (a mirror of HPE's help)"
# custom:
#   severity: error
# schemas:
#   - input: schema.facts
package sumlint.rules.undecided_input

import data.sumlint.lib.kinds
import data.sumlint.lib.result
import data.sumlint.lib.words

finding contains result.at_hop(rego.metadata.chain(), class, h, object.union(kinds.doubtful(class), {
	"message": sprintf("%s: %s (%s) can't be decided: %s.", [class.words, hop.firewall, hop.hook, words.depends(hop)]),
	"advice": sprintf("Supply what is missing: %s.", [words.supplies(hop)]),
	"effect": words.effect(class),
})) if {
	some [c, h] in kinds.hops["undecided-input"]
	class := input.classes[c]
	hop := class.hops[h]
}
