package netsh

import (
	"fmt"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/packet"
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
		override(&s.Inbound, &s.InboundSpan, p.Inbound, p.InboundSpan)
		override(&s.Outbound, &s.OutboundSpan, p.Outbound, p.OutboundSpan)
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
	join(&all.Inbound, &all.InboundSpan, s.Inbound, s.InboundSpan, UnknownDefault, d, "the inbound policy of the %s profile", differs)
	join(&all.Outbound, &all.OutboundSpan, s.Outbound, s.OutboundSpan, UnknownDefault, d, "the outbound policy of the %s profile", differs)
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

// whole is a listing of all rules of a store, or what looks like one.
type whole struct {
	doc   *Doc
	rules []Rule
	listed
}

// wholeListings are the file's listings of all rules. Where no command tells what one
// shows, rules of several names tell that it is not one of a name.
func (d *Doc) wholeListings() (out []whole) {
	for i, l := range d.listings {
		end := len(d.Rules)
		if i+1 < len(d.listings) {
			end = d.listings[i+1].first
		}
		rules := d.Rules[l.first:end]
		if l.asked && l.query.all || !l.asked && severalNames(rules) {
			out = append(out, whole{d, rules, l})
		}
	}
	if rules := d.Rules; d.form == formRegistry && d.rulesKey && len(rules) > 0 && len(d.listings) == 0 {
		out = append(out, whole{d, rules, listed{}})
	}
	return out
}

func severalNames(rules []Rule) bool {
	for i := range rules {
		if rules[i].Name != rules[0].Name {
			return true
		}
	}
	return false
}

// findStaleListings compares the listings of all rules that show the same store: where
// two differ, one is out of date, and nothing tells which.
func (c *compiler) findStaleListings() {
	type store struct {
		form                        form
		policy, effective, inEffect bool
	}
	before := map[store][2]*whole{}
	for _, d := range c.in.Docs {
		for _, w := range d.wholeListings() {
			s := store{d.form, d.GroupPolicy, w.effective, d.Effective}
			last := before[s]
			for i, direction := range []Direction{In, Out} {
				if !w.shows(direction) {
					continue
				}
				if last[i] != nil {
					c.compareListings(last[i], &w, direction)
				}
				last[i] = &w
			}
			before[s] = last
		}
	}
}

// shows tells whether the listing holds rules of the direction.
func (w *whole) shows(direction Direction) bool {
	for i := range w.rules {
		if w.rules[i].Direction == direction {
			return true
		}
	}
	return false
}

// compareListings reports the first rule that stands in one listing only.
func (c *compiler) compareListings(a, b *whole, direction Direction) {
	if a.asked && b.asked && a.query.profiles != b.query.profiles {
		return
	}
	programs := a.rules[0].ProgramShown && b.rules[0].ProgramShown
	count := map[string]int{}
	for i := range a.rules {
		if a.rules[i].Direction == direction {
			count[a.rules[i].words(programs)]++
		}
	}
	var odd *Rule
	for i := range b.rules {
		if r := &b.rules[i]; r.Direction == direction {
			words := r.words(programs)
			if count[words]--; count[words] < 0 && odd == nil {
				odd = r
			}
		}
	}
	for i := range a.rules {
		if r := &a.rules[i]; odd == nil && r.Direction == direction && count[r.words(programs)] > 0 {
			odd = r
		}
	}
	if odd == nil || c.stale[direction] {
		return
	}
	c.stale[direction], c.staleAt[direction] = true, odd.Span
	c.diags.Errorf(diag.Export, odd.Span, "Leave out the old one. Until then what no block rule decides counts as undecided.",
		"two listings of the host's rules differ: this rule stands in one of them only")
}

// words are what a listing says of a rule.
func (r *Rule) words(programs bool) string {
	out := fmt.Sprint(r.Name, "\x00", r.ID, r.Enabled, r.Action, uint8(r.Profiles), r.Protocol, packet.FormatICMP(r.ICMP), r.Local.words(), r.Remote.words(), r.LocalPorts.words(), r.RemotePorts.words())
	if programs {
		out += fmt.Sprint(r.Path, "\x00", r.Service)
	}
	return out
}

func (a *Addresses) words() string {
	if a.Any {
		return "any"
	}
	return fmt.Sprint(packet.FormatAddrs(a.V4, packet.IPv4), packet.FormatAddrs(a.V6, packet.IPv6), a.Keywords)
}

func (p *Ports) words() string {
	if p.Any {
		return "any"
	}
	return fmt.Sprint(packet.FormatPorts(p.Numbers), p.Keywords)
}
