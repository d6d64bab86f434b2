# METADATA
# title: A flow passes only under a condition
# description: |
#   Whether the flow passes depends on something that no export can tell: a rate limit, the
#   time of day, the owner of a process, a match that is not known.
#
#   Check the condition by hand. If the team knows the answer, an `assume` block in the
#   topology says so. A flow that is optional gets a note.
#
#   For example, a rule that lets a few connections a minute through stalls a rollout to 400 targets:
#
#       -A FORWARD -p tcp --dport 63001 -m limit --limit 5/min -j ACCEPT
# related_resources:
#   - ref: https://ipset.netfilter.org/iptables-extensions.man.html
#     description: "iptables-extensions(8)"
# custom:
#   severity: warning
# schemas:
#   - input: schema.facts
package sumlint.rules.conditional_allowance

import data.sumlint.lib.kinds
import data.sumlint.lib.result
import data.sumlint.lib.words

finding contains result.at_hop(rego.metadata.chain(), class, h, object.union(kinds.doubtful(class), {
	"message": sprintf("%s: %s (%s) decides about it by a condition: %s.", [class.words, hop.firewall, hop.hook, words.depends(hop)]),
	"advice": "Check the condition by hand, or allow the flow by a rule without it. An assume block in the topology tells sumlint the answer.",
	"effect": words.effect(class),
})) if {
	some [c, h] in kinds.hops["conditional-allowance"]
	class := input.classes[c]
	hop := class.hops[h]
}

finding contains result.of_class(rego.metadata.chain(), class, {
	"message": sprintf("%s: whether it passes can't be told", [class.words]),
	"advice": "Nothing on the way says why. Run with --verbose and check the path of this flow.",
	"effect": words.effect(class),
}) if {
	some c in kinds.classes["conditional-allowance"]
	class := input.classes[c]
}
