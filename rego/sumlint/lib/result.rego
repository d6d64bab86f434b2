# METADATA
# title: Results
# description: |
#   Makes findings. The rule's id and severity come from the METADATA of the rule's
#   package, so each function takes rego.metadata.chain(). `more` holds the message, and
#   may hold advice, effect, severity, key (what tells this finding from the rule's
#   others, instead of what is chosen here) and every other field of a finding.
# schemas:
#   - input: schema.facts
package sumlint.lib.result

# at_hop is a finding about a class's hop.
at_hop(chain, class, h, more) := object.union(_of(chain), object.union(
	object.union(_class(class), {
		"firewall": hop.firewall,
		"location": _place(hop.location, class.location),
		"hop": h,
		"key": [class.digest, hop.firewall, hop.hook, hop.leg, hop.causes],
	}),
	more,
)) if {
	hop := class.hops[h]
}

# of_class is a finding about a class as a whole.
of_class(chain, class, more) := object.union(_of(chain), object.union(_class(class), more))

# of_plan is a finding about something else in the plan. `more` must hold the topology
# and the location, and should hold servers, targets, firewall, port and direction where
# they apply: waivers go by them.
of_plan(chain, more) := object.union(_of(chain), object.union(
	{
		"flows": [],
		"servers": [],
		"targets": [],
		"firewall": "",
		"port": 0,
		"direction": "",
		"related": [],
		"class": "",
		"hop": -1,
		"key": [object.get(more, field, null) | some field in ["servers", "targets", "firewall", "port"]],
	},
	more,
))

_of(chain) := {
	"rule": replace(link.path[2], "_", "-"),
	"severity": link.annotations.custom.severity,
	"advice": "",
	"effect": "",
} if {
	some link in chain
	count(link.path) == 3
}

_class(class) := {
	"topology": class.topology,
	"flows": class.flows,
	"servers": class.servers,
	"targets": class.targets,
	"firewall": "",
	"location": class.location,
	"related": class.related,
	"class": class.id,
	"hop": -1,
	"waivers": class.waivers,
	"key": [class.digest, class.reason],
}

_place(location, _) := location if location.file != ""

_place(location, otherwise) := otherwise if location.file == ""
