# METADATA
# title: Hosts whose own firewall is not in the plan
# description: |
#   Linux, Windows and VMware hosts filter for themselves. Without a firewall block such a
#   host is taken as unfiltered, which may be wrong: ESXi, for instance, blocks outgoing
#   connections too.
#
#   Export the host's own firewall and add a firewall block with host = "…". There is one
#   finding for each type of host.
# related_resources:
#   - ref: https://ftp.yandex.ru/hpe/repo/spp/2018.11.0/packages/assets/doc/help/en/v33312880.htm
#     description: "SUM network ports used (a mirror of HPE's help)"
# custom:
#   severity: warning
# schemas:
#   - input: schema.facts
package sumlint.rules.unknown_host_firewall

import data.sumlint.lib.result
import data.sumlint.lib.words

finding contains result.of_plan(rego.metadata.chain(), {
	"message": sprintf("%d %s without an export of its own firewall, taken as unfiltered: %s.", [
		count(hosts),
		_hosts(count(hosts), group[1]),
		words.listed([host.name | some host in hosts], 5),
	]),
	"advice": sprintf("Export it (%s) and add a firewall block with host = \"%s\".", [_export[group[1]], hosts[0].name]),
	"topology": group[0],
	"location": hosts[0].location,
	"servers": [host.name | some host in hosts; host.name in _servers],
	"targets": [host.name | some host in hosts; not host.name in _servers],
	"key": group,
}) if {
	some group, _ in _unknown
	hosts := [host |
		some host in input.hosts
		not host.known
		[host.topology, host.type] == group
	]
}

_unknown[[host.topology, host.type]] if {
	some host in input.hosts
	not host.known
}

_servers := {server.name | some server in input.servers}

_hosts(1, type) := sprintf("%s host", [type])

_hosts(n, type) := sprintf("%s hosts", [type]) if n > 1

_export := {
	"linux": "iptables-save, ip6tables-save",
	"windows": "netsh advfirewall firewall show rule name=all verbose",
	"vmware": "esxcli network firewall ruleset list, written as an ACL",
}
