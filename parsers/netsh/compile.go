package netsh

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// Input is what one host's firewall is compiled from.
type Input struct {
	Name string
	Docs []*Doc
	// Interfaces are the host's, as far as the topology tells them: LocalSubnet is
	// the on-link prefixes of their addresses.
	Interfaces []model.Interface
	// Profile is the active profile, or several where it is not known; 0 is any.
	Profile packet.Profiles
}

// The advice that decides a condition.
const (
	supplyVerbose   = "`" + showCommand + "`"
	supplyAddresses = "the host's interface addresses in the topology"
	supplyProfiles  = "`netsh advfirewall show allprofiles` of an English Windows"
)

// predefined is a number of rules that Windows exceeds by far in each direction as
// it is installed: a dump with as many in one and none in the other was filtered.
const predefined = 20

// hiddenPrograms is the text of the condition that a plain dump leaves open.
const hiddenPrograms = "the dump hides programs and services"

// compiler compiles one firewall.
type compiler struct {
	in       Input
	fw       *model.Firewall
	diags    diag.List
	settings [3]Settings
	base     source.Span // where a report points for what no line says
	subnets  [2]*packet.Addrs
	whole    []part  // the one part of a side that is not restricted
	in4, in6 bool    // whether the on-link prefixes of the family are known
	hidden   bool    // a rule's program is hidden
	byFile   bool    // a rule's program is known by its file name
	stale    [3]bool // by direction: two listings of its rules differ
	staleAt  [3]source.Span
	byName   bool // a rule is taken for a Store app's or a paired device's by its name
}

// Compile builds the model of a Windows host's firewall: for each of the hooks Input and
// Output one base chain. Windows' rules have no order; classes of rules have: profile off,
// all inbound blocked, authenticated bypass, block, allow, the profile's default (cc755191).
func Compile(in Input) (*model.Firewall, diag.List) {
	if in.Profile&packet.AnyProfile == 0 {
		in.Profile = packet.AnyProfile
	}
	c := &compiler{in: in, whole: []part{{}}, fw: &model.Firewall{Name: in.Name, Interfaces: in.Interfaces}}
	for _, d := range in.Docs {
		if c.base.IsZero() {
			c.base = d.File.Span(0, 0)
		}
		c.fw.Exports = append(c.fw.Exports, model.Export{File: d.File.Name, Format: "netsh", RuleCount: d.RuleCount})
	}
	c.mergeSettings()
	c.findStaleListings()
	c.findSubnets()
	for _, side := range []struct {
		direction Direction
		hook      model.Hook
		name      string
	}{{In, model.Input, "inbound"}, {Out, model.Output, "outbound"}} {
		chain := c.chain(side.direction, side.hook, side.name)
		c.fw.Hooks[side.hook] = []*model.Chain{chain}
		c.fw.Chains = append(c.fw.Chains, chain)
	}
	c.assume()
	return c.fw, c.diags
}

// findSubnets collects the on-link prefixes. A host's address alone tells none.
func (c *compiler) findSubnets() {
	var v4, v6 []*packet.Addrs
	for _, i := range c.in.Interfaces {
		for _, p := range i.Addresses {
			if p.IsSingleIP() || p.Bits() == 0 {
				continue
			}
			set, family := packet.PrefixAddrs(p)
			if family == packet.IPv4 {
				v4 = append(v4, set)
			} else {
				v6 = append(v6, set)
			}
		}
	}
	c.in4, c.in6 = len(v4) > 0, len(v6) > 0
	if c.in6 { // link-local addresses are on each link
		linkLocal := packet.Addr{Hi: 0xfe80 << 48}
		v6 = append(v6, packet.Span(linkLocal, linkLocal.Or(packet.HostMask(64))))
	}
	c.subnets = [2]*packet.Addrs{packet.Union(v4...), packet.Union(v6...)}
}

// chain builds one direction's chain.
func (c *compiler) chain(direction Direction, hook model.Hook, name string) *model.Chain {
	chain := &model.Chain{Name: name, Priority: model.PriorityFilter, Default: model.Action{Kind: model.Accept}, Span: c.base}
	if direction == In {
		chain.Default.Kind = model.Drop
	}
	classes := c.sort(direction, hook)
	chain.Rules = make([]model.Rule, 0, 16+len(classes.bypass)+len(classes.block)+len(classes.undecided)+len(classes.allow))
	c.head(chain, direction)
	chain.Rules = append(chain.Rules, classes.bypass...)
	chain.Rules = append(chain.Rules, classes.block...)
	c.uncovered(chain, direction)
	chain.Rules = append(chain.Rules, classes.undecided...)
	chain.Rules = append(chain.Rules, classes.allow...)
	c.defaults(chain, direction)
	return chain
}

// where is a box for these profiles; a profile that is surely active is no test.
func (c *compiler) where(p packet.Profiles) packet.Box {
	b := packet.Any()
	if c.in.Profile&^p != 0 {
		b.Profile = p
	}
	return b
}

// head adds what comes before all rules: loopback, answers, profiles that are off.
func (c *compiler) head(chain *model.Chain, direction Direction) {
	accept := model.Action{Kind: model.Accept}
	for _, where := range c.loopback(direction) {
		chain.Rules = append(chain.Rules, model.Rule{Where: where, Action: accept, Span: c.base, Note: "Windows does not filter loopback"})
	}
	answers := packet.Any()
	answers.State = packet.Established | packet.Related
	chain.Rules = append(chain.Rules, model.Rule{Where: answers, Action: accept, Span: c.base, Note: "Windows lets pass what belongs to an allowed connection"})
	chain.Rules = append(chain.Rules, c.security(direction)...)
	for i, p := range profileList() {
		s := &c.settings[i]
		if c.in.Profile&p == 0 {
			continue
		}
		switch s.State {
		case StateOff:
			chain.Rules = append(chain.Rules, model.Rule{Where: c.where(p), Action: accept, Span: s.StateSpan, Note: fmt.Sprintf("the firewall is off in the %s profile", p)})
		case UnknownState:
			chain.Rules = append(chain.Rules, model.Rule{Where: c.where(p), Action: accept, Span: s.StateSpan, Tests: &model.Tests{Unknown: []model.Condition{{
				Kind: "profile", Text: fmt.Sprintf("the firewall is off in the %s profile", p), Key: "state:" + p.String(), Memory: model.PerFlow, Supply: supplyProfiles, Span: s.StateSpan}}}})
		}
		if direction == In {
			c.shield(chain, p, s)
		}
	}
}

// shield adds that a profile blocks all inbound connections, or may.
func (c *compiler) shield(chain *model.Chain, p packet.Profiles, s *Settings) {
	text := fmt.Sprintf("the %s profile blocks all inbound connections, whatever rules allow", p)
	rule := model.Rule{Where: c.where(p), Action: model.Action{Kind: model.Drop}, Span: s.ShieldSpan}
	switch s.Shielded {
	case StateOn:
		rule.Note = text
	case UnknownState:
		rule.Tests = &model.Tests{Unknown: []model.Condition{{Kind: "profile", Text: text, Key: "shield:" + p.String(), Memory: model.PerFlow, Supply: supplyProfiles, Span: s.ShieldSpan}}}
	default:
		return
	}
	chain.Rules = append(chain.Rules, rule)
}

// loopback returns the packets that the host sends itself: to 127.0.0.0/8 and ::1,
// and on "lo" to its own addresses. A packet on "lo" to another address is none, so
// that a packet whose interface is not known does not count as perhaps one of these.
func (c *compiler) loopback(direction Direction) (out []packet.Box) {
	add := func(p netip.Prefix, onLoopback bool) {
		b := packet.Any()
		b.Dst, b.Family = packet.PrefixAddrs(p)
		switch {
		case onLoopback && direction == In:
			b.In = packet.OneName("lo")
		case onLoopback:
			b.Out = packet.OneName("lo")
		}
		out = append(out, b)
	}
	add(netip.PrefixFrom(netip.AddrFrom4([4]byte{127}), 8), false)
	add(netip.PrefixFrom(netip.IPv6Loopback(), 128), false)
	for _, i := range c.in.Interfaces {
		for _, p := range i.Addresses {
			add(netip.PrefixFrom(p.Addr(), p.Addr().BitLen()), true)
		}
	}
	return out
}

// undecided is a rule that may accept, drop or do nothing.
func (c *compiler) undecided(p packet.Profiles, why model.Condition) model.Rule {
	why.Memory = model.PerFlow
	if why.Span.IsZero() {
		why.Span = c.base
	}
	return model.Rule{Where: c.where(p), Action: model.Action{Kind: model.Undecided, Unknown: &why}, Span: why.Span}
}

// uncovered adds what no export shows: it may allow or block.
func (c *compiler) uncovered(chain *model.Chain, direction Direction) {
	for _, d := range c.in.Docs {
		if d.opaque {
			chain.Rules = append(chain.Rules, c.undecided(packet.AnyProfile, model.Condition{Kind: unreadable, Text: "rules that could not be read",
				Key: unreadable + ":" + d.File.Name, Supply: "an export that can be read in full", Span: d.File.Span(0, 0)}))
		}
	}
	if c.stale[direction] {
		chain.Rules = append(chain.Rules, c.undecided(packet.AnyProfile, model.Condition{Kind: unreadable, Text: "which of two listings that differ shows the host's rules",
			Key: "stale:" + chain.Name, Supply: "the new listing, without the old one", Span: c.staleAt[direction]}))
	}
	missing := (packet.AnyProfile &^ c.covered(direction)) & c.in.Profile
	if missing == 0 {
		return
	}
	text := fmt.Sprintf("no export shows all %s rules", chain.Name)
	if c.in.Profile&^missing != 0 {
		text += " of the " + missing.String() + " profile"
	}
	chain.Rules = append(chain.Rules, c.undecided(missing, model.Condition{Kind: "uncovered", Text: text, Key: "uncovered:" + chain.Name, Supply: supplyVerbose}))
}

// covered tells for which profiles the exports hold all rules of a direction.
func (c *compiler) covered(direction Direction) packet.Profiles {
	var covered packet.Profiles
	counts := [3]int{}
	told := false
	for _, d := range c.in.Docs {
		for i := range d.Rules {
			counts[d.Rules[i].Direction]++
		}
		switch {
		case d.GroupPolicy: // the host's own rules come on top, where they count
			continue
		case d.form == formScript, d.form == formRegistry && (d.rulesKey || len(d.Rules) > 0):
			told = true
			covered = packet.AnyProfile
		}
		for _, q := range d.queries {
			if q.all && (direction == In && q.inbound || direction == Out && q.outbound) {
				covered |= q.profiles
			}
			told = told || q != everything()
		}
	}
	if !told && counts[In]+counts[Out] >= predefined && counts[direction] == 0 {
		covered = 0
	}
	for i, p := range profileList() {
		if c.settings[i].IgnoreLocalRules {
			covered |= p
		}
	}
	return covered
}

// defaults adds what happens to connections that no rule matches: what the profiles'
// settings say, and for a profile without settings what Windows does as it is installed.
func (c *compiler) defaults(chain *model.Chain, direction Direction) {
	var unset packet.Profiles
	for i, p := range profileList() {
		s := &c.settings[i]
		setting, span := s.Outbound, s.OutboundSpan
		if direction == In {
			setting, span = s.Inbound, s.InboundSpan
		}
		if c.in.Profile&p == 0 {
			continue
		}
		rule := model.Rule{Where: c.where(p), Span: span}
		switch setting {
		case DefaultUnset:
			unset |= p
			continue
		case DefaultAllow:
			rule.Action.Kind = model.Accept
			rule.Note = fmt.Sprintf("the default of the %s profile: allow", p)
		case UnknownDefault:
			rule = c.undecided(p, model.Condition{Kind: "profile", Text: fmt.Sprintf("the default action of the %s profile", p), Key: "default:" + chain.Name + ":" + p.String(),
				Supply: supplyProfiles, Span: span})
			rule.Action.NeverContinues = true
		default:
			rule.Action.Kind = model.Drop
			rule.Note = fmt.Sprintf("the default of the %s profile: block", p)
			if s.IgnoreLocalRules {
				rule.Note += "; group policy lets no local rule count"
			}
		}
		chain.Rules = append(chain.Rules, rule)
	}
	if unset != 0 {
		rule := model.Rule{Where: c.where(unset), Action: chain.Default, Span: c.base, Note: "Windows' own default, assumed: allow"}
		if direction == In {
			rule.Note = "Windows' own default, assumed: block"
		}
		chain.Rules = append(chain.Rules, rule)
	}
}

// assume writes down what the exports can't show.
func (c *compiler) assume() {
	add := func(id, format string, args ...any) {
		c.fw.Assumptions = append(c.fw.Assumptions, model.Assumption{ID: id, Message: fmt.Sprintf(format, args...)})
	}
	policy, script := false, false
	for _, d := range c.in.Docs {
		policy = policy || d.Effective || d.GroupPolicy || d.Policy != [3]Settings{} || d.policyRules()
		script = script || d.form == formScript
	}
	if !policy {
		add("no-group-policy", "The exports show the host's own rules; that no group policy adds rules or settings to them is assumed. `netsh advfirewall monitor show firewall rule name=all verbose` shows the policy in effect.")
	}
	var unset []string
	for i, p := range profileList() {
		if s := &c.settings[i]; c.in.Profile&p != 0 && s.State != StateOff && (s.State == StateUnset || s.Inbound == DefaultUnset || s.Outbound == DefaultUnset) {
			unset = append(unset, p.String())
		}
	}
	if len(unset) > 0 {
		add("default-profile-policy", "No export shows all settings of the profile %s; Windows' own are assumed: the firewall is on, blocks inbound and allows outbound connections that no rule matches. `netsh advfirewall show allprofiles` shows them.", strings.Join(unset, ", "))
	}
	if c.hidden {
		add("programs-hidden", "The dump hides programs and services; a rule that names a port counts for whoever listens there. %s shows them.", supplyVerbose)
	}
	if c.byName {
		add("store-apps", "Rules with names such as \"@{…}\", \"WFD …\" or \"Wi-Fi Direct …\" are Windows' own for Store apps and paired devices; that each holds for its app or its devices only is assumed.")
	}
	if c.byFile {
		add("program-folders", "A rule for a program that is none of Windows' own counts for each program of that file name; that the one in the rule's folder is the one that runs is assumed.")
	}
	if script {
		add("script-complete", "A script shows the rules that it adds; that the host has no others is assumed.")
	}
}
