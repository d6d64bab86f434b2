# METADATA
# title: SUM has no way to update this target from this server
# description: |
#   The port table of this SUM version has no row for the pair of systems, such as SUM on
#   Linux and a Windows target, or the two have no address family in common.
#
#   Run SUM on a system that the table lists, or locally on the target.
#
#   For example, a second server for the Windows targets:
#
#       server "sum-win" {
#         os        = "windows"
#         addresses = ["10.10.0.6"]
#       }
# related_resources:
#   - ref: https://ftp.yandex.ru/hpe/repo/spp/2018.11.0/packages/assets/doc/help/en/v33312880.htm
#     description: "SUM network ports used (a mirror of HPE's help)"
# custom:
#   severity: error
# schemas:
#   - input: schema.facts
package sumlint.rules.unsupported_pair

import data.sumlint.lib.result
import data.sumlint.ports as table

finding contains result.of_plan(rego.metadata.chain(), {
	"message": _message(pair),
	"advice": _advice(pair),
	"effect": "SUM can't update this target from there.",
	"topology": pair.topology,
	"location": pair.location,
	"servers": [pair.server],
	"targets": pair.targets,
	"waivers": pair.waivers,
	"key": [pair.server, pair.digest, pair.reason],
}) if {
	some pair in input.pairs
}

_message(pair) := sprintf("%s (%s) → %s (%s): the port table of SUM%s has no row for this pair.", [
	pair.server,
	pair.server_os,
	pair.words,
	pair.target_type,
	_version(pair),
]) if {
	pair.reason == "no-row"
}

_message(pair) := sprintf("%s → %s (%s): the two have no address family in common.", [
	pair.server,
	pair.words,
	pair.target_type,
]) if {
	pair.reason == "no-common-family"
}

_advice(pair) := "Give both an address of one family, IPv4 or IPv6." if pair.reason == "no-common-family"

_advice(pair) := "Update this target from a server that runs SUM on Windows, or run SUM locally on it (mode = \"local\")." if {
	pair.reason == "no-row"
	pair.target_type == "windows"
}

_advice(pair) := sprintf("Check the type and the version. Otherwise %s.", [table.ways_out[pair.target_type]]) if {
	pair.reason == "no-row"
	pair.target_type != "windows"
}

_version(pair) := sprintf(" %s", [pair.version]) if pair.version != ""

_version(pair) := "" if pair.version == ""
