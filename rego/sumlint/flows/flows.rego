# METADATA
# title: The flows that a combination needs
# description: |
#   For one combination of version, server system, target type, mode, phases and
#   options, `templates` is the set of flows that the port table asks for, without
#   addresses. `problem` says why there are none: the version has no known table, or
#   the table has no row for the pair.
# schemas:
#   - input: schema.combination
package sumlint.flows

import data.sumlint.ports as table

default edition := null

edition := table.editions[0] if input.version == ""

edition := found if {
	_is_number
	numbers := [to_number(part) | some part in split(input.version, ".")]
	version := array.slice(array.concat(numbers, [0, 0, 0]), 0, 3)
	some found in table.editions
	found.first <= version
	version <= found.last
}

default row := null

row := found if {
	input.mode == "remote"
	some found in edition.rows
	input.server_os in found.servers
	input.target_type in found.targets
}

problem := {
	"kind": "unknown-version",
	"message": _unknown,
	"known": [known.name | some known in table.editions],
} if {
	edition == null
}

_unknown := sprintf("No port table is known for SUM %s.", [input.version]) if _is_number

_unknown := sprintf("%q is no version number: write one such as 8.9.0, digits and dots only.", [input.version]) if not _is_number

_is_number if regex.match(`^[0-9]{1,4}(\.[0-9]{1,4}){0,3}$`, input.version)

problem := {
	"kind": "no-row",
	"message": sprintf("The table of %s has no row for SUM on %s and a target of type %s.", [edition.name, input.server_os, input.target_type]),
	"known": [other.name |
		some other in table.editions
		some r in other.rows
		input.server_os in r.servers
		input.target_type in r.targets
	],
} if {
	edition != null
	input.mode == "remote"
	input.target_type != ""
	row == null
}

templates contains template if {
	some key, wants in _wants
	[direction, protocol, number] := key
	ref := min({want.ref | some want in wants})
	port := table.ports[ref]
	on_windows := _listens_on(direction) == "windows"
	template := {
		"direction": direction,
		"phases": _phases(wants),
		"need": _need(wants),
		"row": concat("; ", {_row(want, wants) | some want in wants}),
		"protocol": protocol,
		"port": number,
		"source_port": object.get(port, "source", ""),
		"answer": object.get(port, "answer", true),
		"service": port.service,
		"listener": _program(object.get(port, "listener", {}), _listens_on(direction)),
		"sender": _program(_sender(port, wants), _sends_from(direction)),
		"entry": object.get(port, "entry", false),
		"opened_by_sum": object.get(port, "opened", false),
		"windows_rules": [name | on_windows; some name in object.get(port, "windows_rules", [])],
	}
}

# What is wanted, by direction, protocol and port number: the table's cells and the
# notes. Two of SUM's ports that have the same number are one flow.
_wants[[want.direction, table.ports[want.ref].protocol, _number(want.ref)]] contains want if some want in _cells

_wants[[want.direction, table.ports[want.ref].protocol, _number(want.ref)]] contains want if some want in _noted

_cells contains {
	"direction": direction,
	"phase": phase,
	"ref": ref,
	"need": _cell_need(cell, ref),
	"row": row.name,
	"note": false,
	"sender": null,
} if {
	some phase in input.phases
	some direction, cells in row[phase]
	some cell in cells
	ref := trim(cell, "()")
}

_noted contains {
	"direction": note.direction,
	"phase": phase,
	"ref": note.port,
	"need": note.need,
	"row": note.name,
	"note": true,
	"sender": object.get(note, "sender", null),
} if {
	edition != null
	some phase in input.phases
	some note in table.notes
	_applies(note)
}

_applies(note) if {
	input.target_type == ""
	note.direction in {"local", "browser"}
}

_applies(note) if {
	input.target_type != ""
	input.mode == "local"
	note.direction == "local"
}

_applies(note) if {
	row != null
	note.direction in {"to-target", "from-target"}
	input.server_os in object.get(note, "servers", row.servers)
	input.target_type in object.get(note, "targets", row.targets)
}

# A number that no port has yields no flow: rule port-conflict reports it.
_number(ref) := ref if not table.ports[ref].option

_number(ref) := input.rpc_ports if table.ports[ref].option == "rpc_ports"

_number(ref) := sprintf("%d", [number]) if {
	option := table.ports[ref].option
	option != "rpc_ports"
	number := input[option]
	number >= 1
	number <= 65535
}

_cell_need(cell, _) := "optional" if startswith(cell, "(")

_cell_need(cell, ref) := "optional" if {
	not startswith(cell, "(")
	_spared_netbios(ref)
}

_cell_need(cell, ref) := "required" if {
	not startswith(cell, "(")
	not _spared_netbios(ref)
}

_spared_netbios(ref) if {
	not input.netbios
	table.ports[ref].netbios
}

_phases(wants) := [phase |
	some phase in ["inventory", "deployment"]
	phase in {want.phase | some want in wants}
]

_need(wants) := [need |
	some need in ["required", "derived", "optional"]
	some want in wants
	want.need == need
][0]

_row(want, _) := want.row if want.note

_row(want, wants) := sprintf("%s: %s, %s", [want.row, concat(" and ", phases), replace(want.direction, "-", " ")]) if {
	not want.note
	phases := _phases({other | some other in wants; not other.note})
}

_sender(_, wants) := [want.sender | some want in wants; want.sender != null][0]

_sender(port, wants) := object.get(port, "sender", {}) if {
	every want in wants {
		want.sender == null
	}
}

_here := input.server_os if input.target_type == ""

_here := input.target_type if input.target_type != ""

_listens_on(direction) := {"to-target": _here, "from-target": input.server_os, "local": _here, "browser": input.server_os}[direction]

_sends_from(direction) := {"to-target": input.server_os, "from-target": _here, "local": _here, "browser": ""}[direction]

# Programs matter where Windows filters: elsewhere any may be it.
_program(port, system) := {
	"program": _named(object.get(port, "program", "")),
	"service": object.get(port, "service", ""),
} if {
	system == "windows"
}

_program(_, system) := {"program": "", "service": ""} if system != "windows"

_named(program) := edition.programs[substring(program, 1, -1)] if startswith(program, "@")

_named(program) := program if not startswith(program, "@")
