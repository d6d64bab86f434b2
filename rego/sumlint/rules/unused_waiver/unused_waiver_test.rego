package sumlint.rules.unused_waiver_test

import data.sumlint.lib.samples
import data.sumlint.rules.unused_waiver

document(change) := samples.facts({
	"classes": [object.union(samples.class, {"waivers": [0]})],
	"waivers": [object.union(samples.waiver, change)],
})

test_wrong_scope[name] if {
	some name, change in {"rule": {"rule": "no-route"}, "firewall": {"firewall": "edge"}}
	some f in unused_waiver.review with input as document(change)
	f.severity == "warning"
}

test_every_scope if count(test_wrong_scope) == 2

test_message if {
	some f in unused_waiver.review with input as document({"firewall": "edge", "port": 63001, "server": "sum01"})
	f.message == "The waiver of missing-allowance for server sum01, firewall edge, port 63001 holds no finding (the new firewall comes in spring)."
	[f.firewall, f.servers, f.targets] == ["edge", ["sum01"], []]
	some g in unused_waiver.review with input as document({"rule": "no-route"})
	g.message == "The waiver of no-route holds no finding (the new firewall comes in spring)."
}

test_silent_where_it_holds if {
	count(unused_waiver.review) == 0 with input as document({})
	count(unused_waiver.review) == 0 with input as document({"firewall": "core"})
}
