package sumlint.rules.reply_blocked_test

import data.sumlint.lib.samples
import data.sumlint.rules.reply_blocked

test_severity_is_the_needs if {
	every need, severity in {"required": "error", "derived": "warning", "optional": "note"} {
		every leg in {"reply", "follow-up"} {
			document := samples.with_hop({"need": need}, {"leg": leg})
			{[f.rule, f.severity] | some f in reply_blocked.finding} == {["reply-blocked", severity]} with input as document
		}
	}
}

test_silent_on_requests if {
	count(reply_blocked.finding) == 0 with input as samples.with_class({})
}

test_advice if {
	some f in reply_blocked.finding with input as samples.with_hop({}, {"leg": "reply", "missing": []})
	endswith(f.advice, "in a stateless list by one for tcp from port 63001.")
	some g in reply_blocked.finding with input as samples.with_hop({}, {"leg": "reply"})
	endswith(g.advice, "by one for tcp from 10.10.0.5 port 63001 to 10.20.1.0/26.")
	some k in reply_blocked.finding with input as samples.with_hop({}, {"leg": "follow-up"})
	endswith(k.advice, "by one for tcp from 10.20.1.0/26 to 10.10.0.5 port 63001.")
}
