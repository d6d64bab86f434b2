# METADATA
# title: NAT sends a flow elsewhere
# description: |
#   A rule translates the destination of the flow to another host or port, so it never reaches
#   the one it is meant for.
#
#   Exempt the flow from the translation: an ACCEPT or RETURN ahead of the rule in the nat
#   table.
#
#   For example, a transparent proxy catches SUM's HTTPS too:
#
#       -A PREROUTING -i eth0 -p tcp --dport 443 -j REDIRECT --to-ports 3129
#
#   Ahead of it, this exempts SUM's server:
#
#       -A PREROUTING -s 10.10.0.5 -p tcp --dport 443 -j ACCEPT
# related_resources:
#   - ref: https://ipset.netfilter.org/iptables-extensions.man.html
#     description: "iptables-extensions(8)"
# custom:
#   severity: error
# schemas:
#   - input: schema.facts
package sumlint.rules.redirected

import data.sumlint.lib.kinds
import data.sumlint.lib.result
import data.sumlint.lib.words

finding contains result.at_hop(rego.metadata.chain(), class, h, {
	"message": sprintf("%s: %s (%s) sends it to %s instead%s.", [class.words, hop.firewall, hop.hook, hop.redirected, words.decided(hop)]),
	"advice": sprintf("Exempt the flow from the translation, ahead of the rule that redirects it in %s.", [hop.firewall]),
	"effect": words.effect(class),
}) if {
	some [c, h] in kinds.hops.redirected
	class := input.classes[c]
	hop := class.hops[h]
}
