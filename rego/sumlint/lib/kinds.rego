# METADATA
# title: Kinds
# description: |
#   Sorts each hop that does not surely let a class pass into exactly one kind: the id
#   of the rule that reports it. The order is no-route, redirected, opened-by-sum,
#   reply-blocked, then by need. Flows that a policy forbids have no kind.
# schemas:
#   - input: schema.facts
package sumlint.lib.kinds

# hops[kind] holds [place of the class, place of the hop].
hops := {kind: places |
	some kind in {kind | some [kind, _, _] in _hops}
	places := [[c, h] | some [other, c, h] in _hops; other == kind]
}

# classes[kind] holds the places of the classes that no hop explains.
classes := {kind: places |
	some kind in {kind | some [kind, _] in _classes}
	places := [c | some [other, c] in _classes; other == kind]
}

# One pass over all classes: a partial rule would make one for each kind.
_hops := [[_kind(class, hop), c, h] |
	some c, class in input.classes
	class.must != "never"
	some h, hop in class.hops
	hop.verdict != "allowed"
	not _repeated(class, h)
]

_classes := [[_unexplained(class), c] |
	some c, class in input.classes
	class.must != "never"
	class.verdict != "allowed"
]

_unexplained(class) := "no-route" if {
	class.reason == "no-route"
} else := _by_need(class, class.verdict, []) if {
	every hop in class.hops {
		hop.verdict == "allowed"
	}
}

# by_need is how bad a blocked flow is.
by_need := {"required": "error", "derived": "warning", "optional": "note"}

# doubtful is how bad an undecided flow is: nothing that is optional makes a rollout fail.
doubtful(class) := {"severity": "note"} if class.need == "optional"

doubtful(class) := {} if class.need != "optional"

_kind(class, hop) := "redirected" if {
	_fails(hop.verdict)
	object.get(hop, "redirected", "") != ""
} else := "opened-by-sum" if {
	_fails(hop.verdict)
	_opened(class, hop)
} else := "reply-blocked" if {
	_fails(hop.verdict)
	hop.leg != "request"
} else := _by_need(class, hop.verdict, hop.depends_on)

_by_need(class, verdict, _) := {
	"required": "missing-allowance",
	"optional": "optional-blocked",
	"derived": "derived-blocked",
}[class.need] if {
	_fails(verdict)
}

_by_need(_, "conditional", depends_on) := "undecided-input" if _suppliable(depends_on)

_by_need(_, "conditional", depends_on) := "conditional-allowance" if not _suppliable(depends_on)

_fails(verdict) if verdict in {"blocked", "partial"}

_suppliable(depends_on) if {
	some condition in depends_on
	object.get(condition, "supply", "") != ""
}

# /open_firewall opens SUM's own ports on its server, and on Windows and Linux
# targets what is not the way by which SUM gets in.
_opened(class, hop) if {
	class.opened_by_sum
	hop.host == "server"
	class.direction in {"from-target", "browser", "local"}
}

_opened(class, hop) if {
	class.opened_by_sum
	hop.host == "target"
	hop.host_os in {"windows", "linux"}
	not class.entry
}

# Parallel ways may cross one firewall twice; that is one finding.
_repeated(class, h) if {
	h > 0
	hop := class.hops[h]
	some i in numbers.range(0, h - 1)
	other := class.hops[i]
	other.firewall == hop.firewall
	other.hook == hop.hook
	other.leg == hop.leg
	other.verdict == hop.verdict
	other.causes == hop.causes
	object.get(other, "redirected", "") == object.get(hop, "redirected", "")
}
