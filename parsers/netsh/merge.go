package netsh

import (
	"fmt"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
)

// policyRules tells whether the file shows rules that group policy brought.
func (d *Doc) policyRules() bool {
	for i := range d.Rules {
		if !d.Rules[i].LocalStore {
			return true
		}
	}
	return false
}

// mergeSettings puts the profiles' settings of all exports together, option by option:
// group policy's win over the host's own, but for the one that blocks all inbound
// connections, where "on" wins (MS-FASP 2.2.38).
func (c *compiler) mergeSettings() {
	var own, policy [3]Settings
	for _, d := range c.in.Docs {
		for i := range own {
			c.mergeExport(i, &own[i], &d.Profiles[i], d)
			c.mergeExport(i, &policy[i], &d.Policy[i], d)
		}
	}
	for i := range own {
		s, p := &c.settings[i], &policy[i]
		*s = own[i]
		override(&s.State, &s.StateSpan, p.State, p.StateSpan)
		override(&s.Inbound, &s.PolicySpan, p.Inbound, p.PolicySpan)
		override(&s.Outbound, &s.PolicySpan, p.Outbound, p.PolicySpan)
		if p.Shielded == StateOn || p.Shielded == UnknownState && s.Shielded != StateOn || s.Shielded == StateUnset {
			s.Shielded, s.ShieldSpan = p.Shielded, p.ShieldSpan
		}
		s.IgnoreLocalRules = s.IgnoreLocalRules || p.IgnoreLocalRules
	}
}

// option is the value of a setting; 0 is one that is not set.
type option interface{ ~uint8 }

// override sets what is set.
func override[T option](to *T, at *source.Span, from T, span source.Span) {
	if from != 0 {
		*to, *at = from, span
	}
}

// mergeExport adds an export's settings to those of the exports before it.
func (c *compiler) mergeExport(i int, all, s *Settings, d *Doc) {
	differs := func(span source.Span, what string) {
		c.diags.Errorf(diag.Export, span, "Leave out the old export. Until then this counts as undecided.", "%s differs between exports", fmt.Sprintf(what, profileList()[i]))
	}
	join(&all.State, &all.StateSpan, s.State, s.StateSpan, UnknownState, d, "the state of the %s profile", differs)
	join(&all.Shielded, &all.ShieldSpan, s.Shielded, s.ShieldSpan, UnknownState, d, "whether the %s profile blocks all inbound connections", differs)
	join(&all.Inbound, &all.PolicySpan, s.Inbound, s.PolicySpan, UnknownDefault, d, "the inbound policy of the %s profile", differs)
	join(&all.Outbound, &all.PolicySpan, s.Outbound, s.PolicySpan, UnknownDefault, d, "the outbound policy of the %s profile", differs)
	all.IgnoreLocalRules = all.IgnoreLocalRules || s.IgnoreLocalRules
}

// join sets an option that an export tells. A script changes what was there; of two
// listings that differ, nothing tells which is the host's.
func join[T option](to *T, at *source.Span, from T, span source.Span, unknown T, d *Doc, what string, differs func(source.Span, string)) {
	switch {
	case from == 0 || from == *to:
		return
	case *to != 0 && *to != unknown && from != unknown && d.form != formScript:
		differs(span, what)
		from = unknown
	}
	*to, *at = from, span
}
