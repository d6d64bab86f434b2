# Samples for the tests: a class, a hop, and the facts around them.
package sumlint.lib.samples

class := {
	"id": "c1",
	"topology": "plan",
	"direction": "from-target",
	"phases": ["deployment"],
	"need": "required",
	"row": "iLO, VC, FC switch, SAS switch: deployment, from target",
	"service": "SUM's HTTP server",
	"protocol": "tcp",
	"port": "63001",
	"target_type": "ilo",
	"server_os": "linux",
	"verdict": "blocked",
	"reason": "",
	"words": "rack-a (ilo) → sum01, tcp 63001, deployment",
	"entry": false,
	"opened_by_sum": false,
	"windows_rules": [],
	"flows": ["f1"],
	"servers": ["sum01"],
	"targets": ["rack-a"],
	"hops": [hop],
	"waivers": [],
	"digest": "d1",
	"location": {"file": "a.sum.hcl", "line": 9, "column": 1},
	"related": [],
	"policy": "",
	"must": "allow",
}

hop := {
	"path": 1,
	"firewall": "core",
	"hook": "forward",
	"leg": "request",
	"verdict": "blocked",
	"missing": [{"source": ["10.20.1.0/26"], "destination": ["10.10.0.5"], "protocol": "tcp", "port": "63001"}],
	"decided_by": [{"file": "exports/core.v4", "line": 41, "text": "-A FORWARD -j DROP"}],
	"depends_on": [],
	"host": "",
	"host_os": "",
	"location": {"file": "exports/core.v4", "line": 41, "column": 1},
	"summary": "drops 10.20.1.0/26 → 10.10.0.5",
	"causes": "-A FORWARD -j DROP",
}

limit := {"kind": "limit", "text": "-m limit --limit 5/min", "location": {"file": "exports/core.v4", "line": 7}}

members := {"kind": "set", "text": "-m set --match-set ilos src", "supply": "the members of set ilos (ipset save)"}

waiver := {
	"topology": "plan",
	"rule": "missing-allowance",
	"server": "",
	"target": "",
	"firewall": "",
	"direction": "",
	"port": 0,
	"reason": "the new firewall comes in spring",
	"until": "",
	"location": {"file": "a.sum.hcl", "line": 30},
}

# with_class is a document with the sample class, changed.
with_class(change) := facts({"classes": [object.union(class, change)]})

# with_hop is a document with the sample class, changed, and its hop, changed.
with_hop(change, at_hop) := with_class(object.union(change, {"hops": [object.union(hop, at_hop)]}))

# facts is a document with these lists.
facts(lists) := object.union(
	{
		"schema": "sumlint/facts/v1",
		"today": "2026-11-22",
		"classes": [],
		"servers": [],
		"targets": [],
		"zones": [],
		"hosts": [],
		"filters": [],
		"pairs": [],
		"exposures": [],
		"waivers": [],
		"settings": [],
	},
	lists,
)
