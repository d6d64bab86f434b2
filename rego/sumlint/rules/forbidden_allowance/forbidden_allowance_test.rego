package sumlint.rules.forbidden_allowance_test

import data.sumlint
import data.sumlint.lib.samples
import data.sumlint.rules.forbidden_allowance

test_severity_by_verdict if {
	every verdict, severity in {"allowed": "error", "partial": "error", "conditional": "warning"} {
		document := samples.with_class({"must": "never", "policy": "admin-only", "verdict": verdict})
		{[f.rule, f.severity] | some f in sumlint.findings} == {["forbidden-allowance", severity]} with input as document
	}
}

test_severity_by_need if {
	found := {[need, verdict, f.severity] |
		some need in ["derived", "optional"]
		some verdict in ["allowed", "conditional"]
		some f in forbidden_allowance.finding with input as samples.with_class({"must": "never", "need": need, "verdict": verdict})
	}
	found == {
		["derived", "allowed", "warning"],
		["derived", "conditional", "warning"],
		["optional", "allowed", "note"],
		["optional", "conditional", "note"],
	}
}

test_message if {
	some f in forbidden_allowance.finding with input as samples.with_class({
		"must": "never",
		"policy": "admin-only",
		"row": "SUM is for administrators",
		"words": "zone lab → sum01, tcp 63001",
		"verdict": "allowed",
	})
	f.message == "zone lab → sum01, tcp 63001: must never pass (policy admin-only: SUM is for administrators), and the firewalls let it pass."
}

test_place if {
	letting := object.union(samples.hop, {"verdict": "allowed", "summary": "lets tcp 63001 pass"})
	document := samples.with_class({
		"must": "never",
		"policy": "admin-only",
		"verdict": "allowed",
		"hops": [object.union(letting, {"firewall": "edge"}), letting, object.union(letting, {"leg": "reply"})],
	})
	some f in forbidden_allowance.finding with input as document
	endswith(f.message, "and the firewalls let it pass: core (forward) lets tcp 63001 pass at exports/core.v4:41, -A FORWARD -j DROP.")
	[f.firewall, f.location.line] == ["core", 41]
}

test_silent_where_blocked if {
	every change in [{"verdict": "blocked"}, {"verdict": "blocked", "reason": "no-route", "hops": []}] {
		document := samples.with_class(object.union({"must": "never", "policy": "admin-only"}, change))
		count(forbidden_allowance.finding) == 0 with input as document
		count(sumlint.findings) == 0 with input as document
	}
}
