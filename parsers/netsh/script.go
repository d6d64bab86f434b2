package netsh

import (
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// ruleKeys are the arguments of `add rule`.
func ruleKeys() []string {
	return []string{"name", "dir", "action", "program", "service", "description", "enable", "profile", "localip", "remoteip", "localport",
		"remoteport", "protocol", "interfacetype", "rmtcomputergrp", "rmtusrgrp", "edge", "security"}
}

// addRule reads `add rule`; what it does not say is at its default (netsh's help).
func (r *reader) addRule(words []arg, l textLine) {
	span := r.lineSpan(l)
	rule := newRule(span)
	rule.Enabled, rule.ProgramShown = true, true
	given := r.setArgs(&rule, words, span)
	var missing []string
	for _, key := range []string{"name", "dir", "action"} {
		if !given[key] {
			missing = append(missing, key+"=")
		}
	}
	if len(missing) > 0 {
		r.reject(&rule, span, "netsh refuses the command. The rule counts as undecided.", "`add rule` without %s", strings.Join(missing, ", "))
	}
	if !hasPorts(rule.Protocol) && (given["localport"] || given["remoteport"]) && (!rule.LocalPorts.Any || !rule.RemotePorts.Any) {
		r.reject(&rule, span, "netsh refuses the command. Add protocol=tcp or protocol=udp. The rule counts as undecided.", "ports need a protocol that has ports")
		rule.LocalPorts, rule.RemotePorts = anyPorts(), anyPorts()
	}
	r.scripted(rule)
}

// scripted adds a script's rule.
func (r *reader) scripted(rule Rule) {
	r.sawForm(formScript)
	r.doc.listings = nil
	r.doc.Rules = append(r.doc.Rules, rule)
	r.doc.RuleCount++
}

// reject reports a part of a command and makes its rule undecided.
func (r *reader) reject(rule *Rule, span source.Span, detail, format string, args ...any) {
	r.errorf(span, detail, format, args...)
	rule.narrow(unreadable, "the command that can't be read", "", span)
}

// setArgs sets a rule's fields and tells which were given.
func (r *reader) setArgs(rule *Rule, words []arg, span source.Span) map[string]bool {
	given, twice := map[string]bool{}, false
	for _, a := range words {
		switch {
		case a.key == "":
			r.reject(rule, span, "Arguments are written key=value; a value with blanks stands in double quotes.", "the word %q is not an argument", a.value)
		case given[a.key]:
			r.reject(rule, span, "", "the argument %q is there twice", a.key)
		default:
			r.setArg(rule, a, span)
		}
		twice = twice || given[a.key]
		given[a.key] = true
	}
	if twice {
		rule.forget()
	}
	return given
}

func (r *reader) setArg(rule *Rule, a arg, span source.Span) {
	ok := true
	switch a.key {
	case "name":
		rule.Name = a.value
	case "description", "edge":
	case "dir":
		rule.Direction, ok = directionOf(a.value)
	case "action":
		rule.Action, ok = actionOf(a.value)
	case "enable":
		rule.Enabled, ok = yesNo(a.value)
		rule.Enabled = rule.Enabled || !ok
	case "program":
		ok = rule.setProgram(a.value)
	case "service":
		rule.Service = ""
		if !isAny(a.value) {
			rule.setService(a.value, span)
		}
	case "profile":
		rule.Profiles = 0
		list, _ := items(a.value)
		for _, it := range list {
			p, known := profileOf(it.text)
			rule.Profiles, ok = rule.Profiles|p, ok && known
		}
		if !ok || rule.Profiles == 0 {
			rule.Profiles, ok = packet.AnyProfile, false
		}
	case "protocol":
		ok = rule.setProtocolArg(a.value)
	case "interfacetype":
		rule.widen("interface-type")
		rule.setInterfaceTypes(a.value, span)
	case "rmtcomputergrp", "rmtusrgrp":
		rule.narrow("ipsec", a.key+"="+a.value, "", span)
	case "security":
		rule.widen("ipsec")
		rule.setSecurity(a.value, span)
	default:
		ok = r.setListArg(rule, a, span)
	}
	if !ok {
		r.reject(rule, span, "See `netsh advfirewall firewall add rule help`. The rule counts as undecided.", "the value of %s=%s is not known", a.key, a.value)
	}
}

// setListArg reads the arguments that are lists of addresses or ports.
func (r *reader) setListArg(rule *Rule, a arg, span source.Span) bool {
	list, tooMany := items(a.value)
	ok := len(list) > 0 && !tooMany
	switch a.key {
	case "localip", "remoteip":
		addresses := addressList{any: tooMany}
		for _, it := range list {
			ok = addresses.add(it.text, packet.AnyFamily) && ok
		}
		if a.key == "localip" {
			rule.Local = addresses.addresses()
		} else {
			rule.Remote = addresses.addresses()
		}
	case "localport", "remoteport":
		ports := portList{any: tooMany}
		for _, it := range list {
			ok = ports.add(it.text) && ok
		}
		if a.key == "localport" {
			rule.LocalPorts = ports.ports()
		} else {
			rule.RemotePorts = ports.ports()
		}
	default:
		r.reject(rule, span, diag.Legal(a.key, ruleKeys()), "the argument %q is not known", a.key)
		return true
	}
	return ok
}

// setProtocolArg reads "tcp", "47" or "icmpv4:8,any".
func (r *Rule) setProtocolArg(value string) bool {
	name, types, typed := strings.Cut(value, ":")
	protocol, ok := protocolOf(name)
	if !ok {
		r.Protocol = packet.AnyProtocol
		return false
	}
	r.Protocol, r.ICMP = protocol, nil
	if !typed {
		return true
	}
	kind, code, _ := strings.Cut(types, ",")
	if lower(name) != "icmpv4" && lower(name) != "icmpv6" {
		return false
	}
	r.ICMP, ok = icmpType(trimBlanks(kind), trimBlanks(code))
	return ok
}

// widen takes back the narrowings of a kind, since the field is set again.
func (r *Rule) widen(kind string) {
	var kept []Narrowing
	for _, n := range r.Narrowing {
		if n.Kind != kind {
			kept = append(kept, n)
		}
	}
	r.Narrowing = kept
}

// selection is what `set rule` and `delete rule` choose rules by.
type selection struct {
	rule  Rule
	group string
	given map[string]bool
}

func (r *reader) selectionOf(words []arg, span source.Span) selection {
	s := selection{rule: newRule(span)}
	var rest []arg
	for _, a := range words {
		if a.key == "group" {
			s.group = a.value
		} else {
			rest = append(rest, a)
		}
	}
	s.given = r.setArgs(&s.rule, rest, span)
	return s
}

// matches tells whether the selection chooses the rule.
func (s *selection) matches(rule *Rule) bool {
	want := &s.rule
	switch {
	case s.group != "" && !strings.EqualFold(s.group, rule.Group),
		s.given["name"] && !strings.EqualFold(want.Name, "all") && !strings.EqualFold(want.Name, rule.Name),
		s.given["dir"] && want.Direction != rule.Direction,
		s.given["profile"] && want.Profiles != rule.Profiles,
		s.given["program"] && !s.programMatches(rule),
		s.given["service"] && want.Service != rule.Service,
		s.given["protocol"] && want.Protocol != rule.Protocol,
		s.given["localport"] && !want.LocalPorts.equal(&rule.LocalPorts),
		s.given["remoteport"] && !want.RemotePorts.equal(&rule.RemotePorts),
		s.given["localip"] && !want.Local.equal(&rule.Local),
		s.given["remoteip"] && !want.Remote.equal(&rule.Remote):
		return false
	}
	return true
}

// programMatches tells whether the rule's program is the chosen one, or may be.
func (s *selection) programMatches(rule *Rule) bool {
	same, unclear := samePath(&s.rule, rule)
	return same || unclear
}

// sure tells that a rule that matches is chosen without doubt.
func (s *selection) sure(rule *Rule) bool {
	same, _ := samePath(&s.rule, rule)
	return len(s.rule.unread()) == 0 && (same || !s.given["program"])
}

// refuses reports what netsh's `set rule` and `delete rule` refuse before they do
// anything. Both choose rules by what the rules match; set by group besides.
func (r *reader) refuses(verb string, words []arg, span source.Span) bool {
	problem, named := "", false
	for _, a := range words {
		switch a.key {
		case "name":
			named = true
		case "group":
			named = true
		case "dir", "profile", "program", "service", "localip", "remoteip", "localport", "remoteport", "protocol":
		default:
			problem = strings.TrimPrefix(a.key+"="+a.value, "=")
		}
	}
	switch {
	case problem != "":
		r.errorf(span, "netsh refuses the command, so it changes nothing. Expected name= and what the rule matches: dir, profile, program, service, localip, remoteip, localport, remoteport, protocol.", "`%s rule` does not choose by %q", verb, problem)
	case !named:
		r.errorf(span, "netsh refuses the command, so it changes nothing.", "`%s rule` without name=", verb)
	}
	return problem != "" || !named
}

func (p *Ports) equal(q *Ports) bool {
	return p.Any == q.Any && (p.Any || p.Numbers.Equal(q.Numbers)) && strings.Join(p.Keywords, ",") == strings.Join(q.Keywords, ",")
}

func (a *Addresses) equal(b *Addresses) bool {
	if a.Any || b.Any || len(a.Keywords) != len(b.Keywords) {
		return a.Any && b.Any
	}
	for i := range a.Keywords {
		if a.Keywords[i] != b.Keywords[i] {
			return false
		}
	}
	return a.V4.Equal(b.V4) && a.V6.Equal(b.V6)
}

// maxComparisons bounds the work of `set rule` and `delete rule` in one file.
const maxComparisons = 50_000_000

// tooMuch tells that the file asks for more comparisons than the limit allows.
func (r *reader) tooMuch(span source.Span) bool {
	if r.compared += len(r.doc.Rules); r.compared <= maxComparisons {
		return false
	}
	r.doc.opaque = true
	if !r.warned["comparisons"] {
		r.warned["comparisons"] = true
		r.errorf(span, "Export the rules that the script leads to: `"+showCommand+"`.", "`set rule` and `delete rule` make more than %d comparisons: the limit", maxComparisons)
	}
	return true
}

// setRule reads `set rule … new …`. It changes the file's rules so far; where it
// changes others, these are unknown.
func (r *reader) setRule(words []arg, l textLine) {
	span := r.lineSpan(l)
	at := len(words)
	for i, a := range words {
		if a.key == "" && lower(a.value) == "new" {
			at = i
			break
		}
	}
	if at >= len(words)-1 {
		r.warnf(span, "netsh changes what stands behind the word \"new\".", "`set rule` changes nothing")
		return
	}
	r.doc.listings = nil
	if r.tooMuch(span) {
		return
	}
	if r.refuses("set", words[:at], span) {
		return
	}
	choice := r.selectionOf(words[:at], span)
	found := false
	for i := range r.doc.Rules {
		rule := &r.doc.Rules[i]
		if !choice.matches(rule) {
			continue
		}
		found = true
		unread, sure := len(rule.unread()), choice.sure(rule)
		r.setArgs(rule, words[at+1:], span)
		if !sure {
			rule.narrow(unreadable, "whether `set rule` changes it", "`"+showCommand+"`", span)
		}
		if len(rule.unread()) > unread {
			rule.forget()
		}
	}
	if found {
		return
	}
	changed := choice.rule
	changed.Enabled = true
	r.setArgs(&changed, words[at+1:], span)
	r.warnf(span, "Add an export that holds the rule, such as `"+showCommand+"`.", "`set rule` changes rules that this file does not show")
	if changed.Enabled {
		changed.Action = UnknownAction
		changed.narrow(unreadable, "a rule that this file does not show", "`"+showCommand+"`", span)
		r.scripted(changed)
	}
}

func (r *reader) deleteRule(words []arg, l textLine) {
	span := r.lineSpan(l)
	r.doc.listings = nil
	if r.tooMuch(span) || r.refuses("delete", words, span) {
		return
	}
	choice := r.selectionOf(words, span)
	kept := r.doc.Rules[:0]
	for i := range r.doc.Rules {
		rule := &r.doc.Rules[i]
		chosen := choice.matches(rule)
		if chosen && choice.sure(rule) {
			continue
		}
		if chosen {
			rule.narrow(unreadable, "whether `delete rule` deletes it", "`"+showCommand+"`", span)
		}
		kept = append(kept, *rule)
	}
	r.doc.Rules = kept
}

// setProfileCommand reads `set allprofiles state off` and `… firewallpolicy a,b`.
func (r *reader) setProfileCommand(object string, words []arg, l textLine) {
	span := r.lineSpan(l)
	key := ""
	if len(words) > 1 && words[0].key == "" {
		key = spelled(lower(words[0].value), []string{"firewallpolicy", "logging", "settings", "state"})
	}
	switch key {
	case "":
		r.strangeCommand(l)
		return
	case "logging", "settings":
		return
	}
	profiles, known := profilesOf(object)
	for i, p := range profileList() {
		if profiles&p == 0 {
			continue
		}
		s := &r.doc.Profiles[i]
		switch {
		case !known && key == "state":
			s.State, s.StateSpan = UnknownState, span
		case !known:
			s.Inbound, s.Outbound, s.Shielded = UnknownDefault, UnknownDefault, UnknownState
			s.InboundSpan, s.OutboundSpan, s.ShieldSpan = span, span, span
		case key == "state":
			r.setState(s, words[1].value, span)
		default:
			r.setPolicy(s, words[1].value, span)
		}
	}
	r.sawForm(formScript)
}

// addSecurityRule reads `consec add rule`, as far as it tells which connections it is
// about.
func (r *reader) addSecurityRule(words []arg, l textLine) {
	span := r.lineSpan(l)
	rule := newRule(span)
	rule.Enabled = true
	action := ""
	keys := []string{"name", "endpoint1", "endpoint2", "action", "description", "mode", "enable", "profile", "type", "localtunnelendpoint", "remotetunnelendpoint", "port1", "port2", "protocol",
		"interfacetype", "auth1", "auth2"}
	for _, a := range spelledKeys(words, keys) {
		switch a.key {
		case "action":
			action = a.value
		case "name", "enable", "profile", "protocol":
			r.setArg(&rule, a, span)
		case "endpoint1":
			r.setArg(&rule, arg{"localip", a.value}, span)
		case "endpoint2":
			r.setArg(&rule, arg{"remoteip", a.value}, span)
		case "port1":
			r.setArg(&rule, arg{"localport", a.value}, span)
		case "port2":
			r.setArg(&rule, arg{"remoteport", a.value}, span)
		}
	}
	r.sawForm(formScript)
	r.secure(rule, action)
}
