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

finding contains result.of_plan(rego.metadata.chain(), {
	"message": sprintf("%s without an export of %s own firewall, taken as unfiltered: %s.", [
		_count(hosts.count, hosts.type),
		_whose(hosts.count),
		hosts.words,
	]),
	"advice": sprintf("Export it (%s) and add a firewall block with host = \"%s\".", [_export[hosts.type], hosts.first]),
	"topology": hosts.topology,
	"location": hosts.location,
	"servers": hosts.servers,
	"targets": hosts.targets,
	"waivers": hosts.waivers,
	"key": [hosts.type, hosts.digest],
}) if {
	some hosts in input.hosts
	not hosts.known
}

_count(1, type) := sprintf("1 %s host", [type])

_count(n, type) := sprintf("%d %s hosts", [n, type]) if n > 1

_whose(1) := "its"

_whose(n) := "their" if n > 1

_export := {
	"linux": "iptables-save, ip6tables-save",
	"windows": "netsh advfirewall firewall show rule name=all verbose",
	"vmware": "its rule sets, written down as a YAML ACL",
}
