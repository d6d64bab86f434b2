# METADATA
# title: Waivers
# description: Tells which waivers of the plan hold a finding.
# schemas:
#   - input: schema.facts
package sumlint.lib.waivers

# holding are the places in input.waivers of the waivers that hold a finding, expired ones too.
holding(finding) := {i |
	some i in finding.waivers
	_agrees(input.waivers[i], finding)
} if {
	finding.waivers
}

holding(finding) := {i |
	some i in scoped(finding)
	_agrees(input.waivers[i], finding)
} if {
	not finding.waivers
}

# scoped are the places of the waivers whose topology, server, target, port and
# direction fit; a finding that gathers several things is split by them first, so that
# no part of it is waived alone.
scoped(finding) := [i |
	some i, waiver in input.waivers
	waiver.topology == finding.topology
	_all(waiver.server, finding.servers)
	_all(waiver.target, finding.targets)
	waiver.port in {0, object.get(finding, "port", 0)}
	waiver.direction in {"", object.get(finding, "direction", "")}
]

# current are those of them that have not expired.
current(places) := {i |
	some i in places
	not expired(input.waivers[i])
}

# expired tells that a waiver's last day has passed.
expired(waiver) if {
	waiver.until != ""
	waiver.until < input.today
}

# scope says in words what a waiver is about.
scope(waiver) := concat(", ", array.concat(
	[sprintf("%s %s", [field, waiver[field]]) |
		some field in ["server", "target", "firewall", "direction"]
		waiver[field] != ""
	],
	[sprintf("port %d", [waiver.port]) | waiver.port != 0],
))

_agrees(waiver, finding) if {
	waiver.rule == finding.rule
	waiver.firewall in {"", finding.firewall}
}

_all("", _)

_all(name, names) if {
	name != ""
	count(names) > 0
	every other in names {
		other == name
	}
}
