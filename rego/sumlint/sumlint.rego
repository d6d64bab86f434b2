# METADATA
# title: Findings
# description: |
#   `findings` is the set of everything that is wrong, with the fields of the JSON
#   report's findings: what the rules of data.sumlint.rules found, under the plan's severities and
#   waivers. A package's `finding` judges the facts; its `review` judges what the others found
#   (`judged`, `held_by`), and can't be waived.
# schemas:
#   - input: schema.facts
package sumlint

import data.sumlint.lib.waivers

findings := judged | reviewed

# judged are the findings of each package's rule `finding`.
judged := {_finished(held) | some held in _held}

# reviewed are the findings of each package's rule `review`.
reviewed contains _finished({"raw": raw, "severity": severity, "waivers": set()}) if {
	raw := data.sumlint.rules[_].review[_]
	severity := _severity(raw)
	severity != "off"
}

# held_by are the places of the waivers that hold some finding, expired ones too.
held_by := {i | some held in _held; some i in held.waivers}

# What the rules found, with the waivers that hold each. A complete rule is
# evaluated once; a partial one would be for each finding.
_held := [{"raw": raw, "severity": severity, "waivers": waivers.holding(raw)} |
	raw := data.sumlint.rules[_].finding[_]
	severity := _severity(raw)
	severity != "off"
]

# The last setting counts; without one, what the rule says.
_severity(raw) := severities[count(severities) - 1] if {
	severities := array.concat([raw.severity], [setting.severity |
		some setting in input.settings
		setting.rule == raw.rule
		setting.topology == raw.topology
	])
}

# malformed are findings that lack a field, or are no objects: each is an error in the
# rule's package.
malformed contains _malformed(id, raw) if {
	raw := data.sumlint.rules[id].finding[_]
	count(_missing(raw)) > 0
}

malformed contains _malformed(id, raw) if {
	raw := data.sumlint.rules[id].review[_]
	count(_missing(raw)) > 0
}

_malformed(id, raw) := {"package": id, "missing": _missing(raw), "finding": raw}

_missing(raw) := _fields - _keys(raw)

_keys(raw) := object.keys(raw) if is_object(raw)

_keys(raw) := set() if not is_object(raw)

_fields := {
	"rule", "severity", "topology", "message", "advice", "effect", "flows", "servers",
	"targets", "firewall", "location", "related", "class", "hop", "key",
}

_finished(held) := {
	"rule": raw.rule,
	"severity": held.severity,
	"message": raw.message,
	"advice": raw.advice,
	"effect": raw.effect,
	"flows": raw.flows,
	"servers": raw.servers,
	"targets": raw.targets,
	"firewall": raw.firewall,
	"location": raw.location,
	"related": raw.related,
	"fingerprint": substring(crypto.sha256(json.marshal([raw.rule, raw.topology, raw.key])), 0, 32),
	"waived": count(current) > 0,
	"waived_by": _reason(current),
	"class": raw.class,
	"hop": raw.hop,
} if {
	raw := held.raw
	current := waivers.current(held.waivers)
}

_reason(current) := "" if count(current) == 0

_reason(current) := input.waivers[min(current)].reason if count(current) > 0
