package sumlint.rules.unused_firewall_test

import data.sumlint.lib.samples
import data.sumlint.rules.unused_firewall

filter(name, used) := {"topology": "plan", "name": name, "host": "", "used": used, "location": {"file": "a.sum.hcl", "line": 20}}

test_names_it if {
	some f in unused_firewall.finding with input as samples.facts({"filters": [filter("core", true), filter("spare", false)]})
	[f.severity, f.firewall, f.message] == ["note", "spare", "No flow of the plan crosses firewall spare."]
}

test_silent_where_all_are_crossed if {
	count(unused_firewall.finding) == 0 with input as samples.facts({"filters": [filter("core", true)]})
}
