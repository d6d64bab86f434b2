package sumlint.flows_test

import data.sumlint.flows
import data.sumlint.ports as table

combination := {
	"version": "",
	"server_os": "windows",
	"target_type": "windows",
	"mode": "remote",
	"phases": ["inventory", "deployment"],
	"port": 63001,
	"ssl_port": 63002,
	"ftp_port": 0,
	"netbios": true,
	"rpc_ports": "49152-65535",
	"open_firewall": false,
}

lines(change) := {sprintf("%s %s %s %s %s", [t.direction, t.protocol, t.port, t.need, concat("+", t.phases)]) |
	some t in flows.templates with input as object.union(combination, change)
}

# A row of the page: type, ports to the target in both phases, ports back in each.
rows := [
	["linux", {"22 required"}, {}, {}],
	["vmware", {"443 required", "5989 required"}, {"63001"}, {"63001"}],
	["oa", {"22 required", "80 optional", "443 required"}, {}, {}],
	["superdome-x", {"22 required", "80 optional", "443 required"}, {}, {"63001", "63002"}],
	["ilo", {"22 required", "80 optional", "443 required"}, {}, {"63001"}],
	["vc", {"22 required", "80 optional", "443 required"}, {}, {"63001"}],
	["fc-switch", {"22 required", "80 optional", "443 required"}, {}, {"63001"}],
	["sas-switch", {"22 required", "80 optional", "443 required"}, {}, {"63001"}],
	["superdome-flex", {"443 required"}, {}, {"63002"}],
]

test_each_row_and_phase if {
	every row in rows {
		[type, to_target, inventory, deployment] := row
		every system in ["windows", "linux"] {
			wanted("inventory", to_target, inventory) == lines({"target_type": type, "server_os": system, "phases": ["inventory"]})
			wanted("deployment", to_target, deployment) == lines({"target_type": type, "server_os": system, "phases": ["deployment"]})
		}
	}
}

wanted(phase, to_target, from_target) := {sprintf("to-target tcp %s %s", [port, phase]) | some port in to_target} | {sprintf("from-target tcp %s required %s", [port, phase]) | some port in from_target}

test_windows_row if {
	lines({}) == {
		"to-target tcp 445 required inventory+deployment",
		"to-target tcp 135 required inventory+deployment",
		"to-target udp 137 required inventory+deployment",
		"to-target udp 138 required inventory+deployment",
		"to-target tcp 139 required inventory+deployment",
		"to-target tcp 49152-65535 derived inventory+deployment",
		"from-target tcp 49152-65535 derived inventory+deployment",
	}
}

test_netbios_can_be_spared if {
	optional := {line | some line in lines({"netbios": false}); contains(line, "optional")}
	optional == {
		"to-target udp 137 optional inventory+deployment",
		"to-target udp 138 optional inventory+deployment",
		"to-target tcp 139 optional inventory+deployment",
	}
}

test_a_flow_of_both_phases_is_one if {
	lines({"target_type": "vmware"}) == {
		"to-target tcp 443 required inventory+deployment",
		"to-target tcp 5989 required inventory+deployment",
		"from-target tcp 63001 required inventory+deployment",
	}
}

test_ports_that_look_like_the_other_direction if {
	lines({"target_type": "superdome-x", "port": 80, "ssl_port": 443, "phases": ["deployment"]}) == {
		"to-target tcp 22 required deployment",
		"to-target tcp 80 optional deployment",
		"to-target tcp 443 required deployment",
		"from-target tcp 80 required deployment",
		"from-target tcp 443 required deployment",
	}
}

test_impossible_ports_make_no_flow if {
	lines({"target_type": "superdome-x", "port": 65536, "ssl_port": 0, "phases": ["deployment"]}) == {
		"to-target tcp 22 required deployment",
		"to-target tcp 80 optional deployment",
		"to-target tcp 443 required deployment",
	}
}

test_equal_ports_are_one_flow if {
	from_target := {line | some line in lines({"target_type": "superdome-x", "port": 8080, "ssl_port": 8080}); startswith(line, "from-")}
	from_target == {"from-target tcp 8080 required deployment"}
}

test_ftp if {
	"from-target tcp 2121 derived inventory+deployment" in lines({"target_type": "linux", "ftp_port": 2121})
}

test_rows_in_words if {
	{t.row | some t in flows.templates} == {
		"iLO, VC, FC switch, SAS switch: inventory and deployment, to target",
		"iLO, VC, FC switch, SAS switch: deployment, from target",
	} with input as object.union(combination, {"target_type": "ilo"})
}

test_windows_rules_where_windows_listens if {
	{t.port: t.windows_rules | some t in flows.templates; t.direction == "to-target"}["135"] == ["Windows Management Instrumentation (DCOM-In)"] with input as combination
	{rule | some t in flows.templates; some rule in t.windows_rules} == set() with input as object.union(combination, {"target_type": "linux"})
}

test_server_alone if {
	lines({"target_type": ""}) == {
		"local tcp 63002 required inventory+deployment",
		"browser tcp 63001 derived inventory+deployment",
		"browser tcp 63002 derived inventory+deployment",
	}
}

test_modes if {
	lines({"mode": "local"}) == {"local tcp 63002 required inventory+deployment"}
	lines({"mode": "web"}) == set()
}

test_editions if {
	editions := {version: edition.id |
		some version in ["", "8", "8.9.0", "12.6.0", "7.3", "7.3.0", "7.9.1", "7.0", "7.2.1"]
		edition := flows.edition with input as object.union(combination, {"version": version})
	}
	editions == {
		"": "8", "8": "8", "8.9.0": "8", "12.6.0": "8",
		"7.3": "7.3", "7.3.0": "7.3", "7.9.1": "7.3",
		"7.0": "7.0", "7.2.1": "7.0",
	}
}

test_problems if {
	problem({"version": "6.4"}).kind == "unknown-version"
	problem({"version": "6.4"}).known == [edition.name | some edition in table.editions]
	problem({"version": "6.4"}).message == "No port table is known for SUM 6.4."
	every version in ["8.x", "v8.9", "8.9.0-beta", "8.", " 8"] {
		problem({"version": version}).kind == "unknown-version"
		startswith(problem({"version": version}).message, sprintf("%q is no version number", [version]))
	}
	problem({"server_os": "linux"}).kind == "no-row"
	problem({"server_os": "linux"}).known == []
	problem({"target_type": "hp-ux"}).known == ["SUM 7.3 to 7.x", "SUM 7.0 to 7.2.1"]
	not problem({})
	not problem({"target_type": ""})
	not problem({"server_os": "linux", "mode": "local"})
}

problem(change) := found if found := flows.problem with input as object.union(combination, change)

test_every_port_of_the_table_is_explained if {
	every edition in table.editions {
		every row in edition.rows {
			every phase in ["inventory", "deployment"] {
				every cell in array.concat(row[phase]["to-target"], row[phase]["from-target"]) {
					table.ports[trim(cell, "()")].service
				}
			}
		}
	}
}
