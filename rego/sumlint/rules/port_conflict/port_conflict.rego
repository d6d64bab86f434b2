# METADATA
# title: SUM's ports can't be used as planned
# description: |
#   Two of SUM's ports (port, ssl_port, ftp_port) are equal, or one is no port number at all.
#   SUM could not start its servers.
#
#   For example, two ports that differ, and no FTP:
#
#       sum {
#         port     = 80
#         ssl_port = 443
#       }
# related_resources:
#   - ref: https://ftp.yandex.ru/hpe/repo/spp/2018.11.0/packages/assets/doc/help/en/v33312880.htm
#     description: "SUM network ports used (a mirror of HPE's help)"
# custom:
#   severity: error
# schemas:
#   - input: schema.facts
package sumlint.rules.port_conflict

import data.sumlint.lib.result

finding contains result.of_plan(rego.metadata.chain(), {
	"message": sprintf("%s: %s.", [server.name, problem]),
	"advice": "Choose three different ports between 1 and 65535 that nothing else on the server uses; the defaults are 63001 and 63002, and no FTP.",
	"effect": "SUM's own servers can't start on the ports as planned.",
	"topology": server.topology,
	"location": _place(server),
	"servers": [server.name],
	"key": [server.name, problem],
}) if {
	some server in input.servers
	some problem in _problems(server)
}

_problems(server) := {sprintf("%s %d is no port number", [name, number]) |
	some name, number in _ports(server)
	not _possible(number)
} | {sprintf("%s and %s are both %d", [name, other, number]) |
	some name, number in _ports(server)
	some other, same in _ports(server)
	name < other
	number == same
	_possible(number)
}

_ports(server) := {name: number |
	some name, number in {"port": server.port, "ssl_port": server.ssl_port, "ftp_port": server.ftp_port}
	not _off(name, number)
}

_off("ftp_port", 0)

_possible(number) if {
	number >= 1
	number <= 65535
}

_place(server) := server.port_location if server.port_location.file != ""

_place(server) := server.location if server.port_location.file == ""
