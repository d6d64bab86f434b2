# METADATA
# title: A forbidden flow may pass
# description: |
#   A policy of the team (package sumlint.needs) forbids this flow, and the firewalls let it
#   through, in whole or in part. Where that depends on a condition, it is a warning.
# custom:
#   severity: error
# schemas:
#   - input: schema.facts
package sumlint.rules.forbidden_allowance

import data.sumlint.lib.result

finding contains result.of_class(rego.metadata.chain(), class, {
	"message": sprintf("%s: must never pass (policy %s), and %s.", [class.words, class.policy, _passes[class.verdict]]),
	"advice": "Close it in one of the firewalls on the way, or correct the policy that forbids it.",
	"severity": _severities[class.verdict],
}) if {
	some class in input.classes
	class.must == "never"
	_passes[class.verdict]
}

_passes := {
	"allowed": "the firewalls let it pass",
	"partial": "the firewalls let a part of it pass",
	"conditional": "it may pass, depending on conditions",
}

_severities := {"allowed": "error", "partial": "error", "conditional": "warning"}
