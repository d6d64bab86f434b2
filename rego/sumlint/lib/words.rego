# METADATA
# title: Words
# description: Says what happens to a flow, what to do about it, and what SUM's users see.
# schemas:
#   - input: schema.facts
package sumlint.lib.words

import data.sumlint.ports as table

# happens says what a hop does to a class, and what decides it.
happens(class, hop, otherwise) := sprintf("%s: %s (%s) %s%s.", [
	class.words,
	hop.firewall,
	hop.hook,
	_either(hop.summary, otherwise),
	decided(hop),
])

# depends says what a verdict depends on; `supply` selects what can be supplied.
depends(hop) := listed([_condition(condition) | some condition in hop.depends_on], 3)

# supplies says what to supply so that a hop can be decided.
supplies(hop) := listed(
	sort({condition.supply |
		some condition in hop.depends_on
		object.get(condition, "supply", "") != ""
	}),
	5,
)

# open says how to open what a hop blocks, and the page's way out.
open(class, hop) := concat(" ", array.concat(
	array.concat([_open_here(class, hop)], _near(hop)),
	way_out(class),
))

# missing says what a hop does not let through.
missing(hop) := listed([_missing(part) | some part in hop.missing], 2)

# effect says what SUM's users see while a class does not pass.
effect(class) := "" if class.policy != ""

effect(class) := table.effects[class.direction] if class.policy == ""

effect(class) := _effects[class.service] if {
	class.policy == ""
	not table.effects[class.direction]
}

# way_out is what remains when the port must stay closed, as a list of sentences.
way_out(class) := [sprintf("If it must stay closed, %s.", [table.ways_out[class.target_type]])] if {
	class.policy == ""
	class.need == "required"
	class.direction in {"to-target", "from-target"}
	table.ways_out[class.target_type]
} else := []

# listed joins the first few of a list.
listed(items, most) := concat(", ", items) if count(items) <= most

listed(items, most) := sprintf("%s and %d more", [
	concat(", ", array.slice(items, 0, most)),
	count(items) - most,
]) if {
	count(items) > most
}

_effects[port.service] := port.effect if some port in table.ports

_either(text, _) := text if text != ""

_either("", otherwise) := otherwise

# decided names the rule that decides, as the end of a sentence.
decided(hop) := sprintf(" at %s%s", [_decider(hop.decided_by[0]), _others(count(hop.decided_by))]) if {
	count(hop.decided_by) > 0
} else := ""

_others(1) := ""

_others(n) := sprintf(" and %d more", [n - 1]) if n > 1

_decider(decider) := sprintf("%s:%d, %s%s", [decider.file, decider.line, _short(decider.text), _note(decider)]) if decider.text != ""

_decider(decider) := sprintf("%s:%d%s", [decider.file, decider.line, _note(decider)]) if decider.text == ""

_note(decider) := sprintf(" (%s)", [decider.note]) if object.get(decider, "note", "") != ""

_note(decider) := "" if object.get(decider, "note", "") == ""

_condition(condition) := sprintf("%s (%s:%d)", [_short(condition.text), condition.location.file, condition.location.line]) if condition.location.line

_condition(condition) := _short(condition.text) if not condition.location.line

_short(text) := text if count(text) <= 160

_short(text) := sprintf("%s…", [substring(text, 0, 160)]) if count(text) > 160

_missing(part) := sprintf("%s %s from %s%s to %s", [
	part.protocol,
	part.port,
	_side(part.source, part),
	_from_port(object.get(part, "source_port", "")),
	_side(part.destination, part),
])

# _side names the first of a side's addresses; the facts list up to _most of them, and
# count the rest.
_side(addresses, _) := listed(addresses, 3) if count(addresses) < _most

_side(addresses, part) := sprintf("%s and %d more", [
	concat(", ", array.slice(addresses, 0, 3)),
	(count(addresses) - 3) + object.get(part, "more", 0),
]) if {
	count(addresses) >= _most
}

_most := 1000

_from_port("") := ""

_from_port(port) := sprintf(" port %s", [port]) if port != ""

# _open_here is what opens the hop. It follows from what decides there: where Windows
# blocks all that comes in, or a rule of its own blocks, no rule that allows counts.
_open_here(class, hop) := sprintf("Let rules count again on %s, which blocks all inbound connections at %s: netsh advfirewall set allprofiles firewallpolicy blockinbound,allowoutbound.", [
	hop.firewall,
	_places(shields),
]) if {
	shields := _noted(hop, "blocks all inbound connections")
	count(shields) > 0
} else := sprintf("Remove or narrow the block rule at %s on %s: it beats each rule that allows.", [_places(rules), hop.firewall]) if {
	rules := _noted(hop, "block rule")
	count(rules) > 0
} else := sprintf("Enable the predefined rule \"%s\" on %s: netsh advfirewall firewall set rule name=\"%s\" new enable=yes.", [name, hop.firewall, name]) if {
	names := [name |
		some name in class.windows_rules
		some rule in _disabled(hop)
		contains(rule.reason, sprintf("\"%s\"", [name]))
	]
	name := names[0]
} else := sprintf("Enable the rule at %s on %s.", [_places(rules), hop.firewall]) if {
	rules := _disabled(hop)
	count(rules) > 0
} else := sprintf("Allow %s on %s by a rule of group policy, which lets no local rule count.", [_wanted(class, hop), hop.firewall]) if {
	count(_noted(hop, "group policy lets no local rule count")) > 0
} else := sprintf("Allow ICMPv6 types 135 and 136 in %s (%s)%s.", [hop.firewall, hop.hook, _before(hop)]) if {
	count(_noted(hop, "neighbour discovery")) > 0
} else := sprintf("Correct the NAT rule at %s on %s: it %s.", [_places([rule]), hop.firewall, rule.note]) if {
	rule := _noted(hop, "gives the packets")[0]
} else := sprintf("Allow %s in %s (%s)%s.", [_wanted(class, hop), hop.firewall, hop.hook, _before(hop)])

# _noted lists the deciders whose note holds these words.
_noted(hop, words) := [decider |
	some decider in hop.decided_by
	contains(object.get(decider, "note", ""), words)
]

# _disabled lists the rules that would let the flow pass if they were enabled.
_disabled(hop) := [rule |
	some rule in object.get(hop, "near", [])
	rule.field == "enabled"
]

_places(list) := listed([sprintf("%s:%d", [entry.file, entry.line]) | some entry in list], 3)

_wanted(_, hop) := missing(hop) if count(hop.missing) > 0

_wanted(class, hop) := sprintf("%s %s", [class.protocol, class.port]) if count(hop.missing) == 0

_before(hop) := sprintf(", ahead of %s:%d", [first.file, first.line]) if {
	hop.host_os != "windows" # whose rules have no order
	first := hop.decided_by[0]
	first.line > 0
} else := ""

_near(hop) := [sprintf("%s:%d nearly allows it: %s.", [near.file, near.line, near.reason]) |
	some i, near in object.get(hop, "near", [])
	i < 2
]
