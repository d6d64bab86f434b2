# METADATA
# title: Hosts whose own firewall is not in the plan
# description: |
#   Linux, Windows and VMware hosts filter for themselves. Without a firewall block such a
#   host is taken as unfiltered, which may be wrong: ESXi, for instance, blocks outgoing
#   connections too.
#
#   Export the host's own firewall and add a firewall block with host = "…". There is one
#   finding for each type of host.
#
#   For example:
#
#       firewall "db01-host" {
#         host    = "db01"
#         exports = ["exports/db01.v4"]
#       }
# related_resources:
#   - ref: https://ftp.yandex.ru/hpe/repo/spp/2018.11.0/packages/assets/doc/help/en/v33312880.htm
#     description: "SUM network ports used (a mirror of HPE's help)"
# custom:
#   severity: warning
# schemas:
#   - input: schema.facts
package sumlint.rules.unknown_host_firewall

import data.sumlint.lib.result
import data.sumlint.lib.waivers
import data.sumlint.lib.words

finding contains result.of_plan(rego.metadata.chain(), {
	"message": sprintf("%s without an export of %s own firewall, taken as unfiltered: %s.", [
		_count(count(hosts), type),
		_whose(count(hosts)),
		words.listed([host.name | some host in hosts], 5),
	]),
	"advice": sprintf("Export it (%s) and add a firewall block with host = \"%s\".", [_export[type], hosts[0].name]),
	"topology": topology,
	"location": hosts[0].location,
	"servers": [host.name | some host in hosts; host.name in _servers],
	"targets": [host.name | some host in hosts; not host.name in _servers],
	"waivers": held,
	"key": [type, [host.name | some host in hosts]],
}) if {
	some [topology, type, held], places in _unknown
	hosts := [input.hosts[i] | some i in sort(places)]
}

# One finding for each type, split by the waivers.
_unknown[[host.topology, host.type, _held(host)]] contains i if {
	some i, host in input.hosts
	not host.known
}

_held(host) := waivers.scoped({
	"topology": host.topology,
	"servers": [host.name | host.name in _servers],
	"targets": [host.name | not host.name in _servers],
})

_servers := {server.name | some server in input.servers}

_count(1, type) := sprintf("1 %s host", [type])

_count(n, type) := sprintf("%d %s hosts", [n, type]) if n > 1

_whose(1) := "its"

_whose(n) := "their" if n > 1

_export := {
	"linux": "iptables-save, ip6tables-save",
	"windows": "netsh advfirewall firewall show rule name=all verbose",
	"vmware": "its rule sets, written down as a YAML ACL",
}
