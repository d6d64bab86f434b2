package netsh

import (
	"fmt"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// SecurityRule is a connection security rule that requires authentication: connections
// between its endpoints, which stand on either side, are dropped where IPsec does not
// authenticate them. Endpoint1 is the rule's local side, Endpoint2 its remote one; what
// else narrows it is left out, so that it counts for more than it may.
type SecurityRule struct {
	Rule
	// Inbound and Outbound tell whose connections must be authenticated.
	Inbound, Outbound bool
}

// requirement reads an action as netsh and the registry write it (MS-FASP 2.2.52). One
// that is not known may require anything.
func requirement(action string) (in, out, ok bool) {
	switch lower(trimBlanks(action)) {
	case "requireinrequireout", "secure":
		return true, true, true
	case "requireinrequestout", "requireinclearout", "secureserver":
		return true, false, true
	case "requestinrequestout", "boundary", "noauthentication", "donotauthenticate", "donotsecure":
		return false, false, true
	}
	return true, true, false
}

// secure notes a connection security rule. One that only asks for authentication, or
// exempts connections from it, drops nothing; that another rule's requirement does not
// hold for what it exempts is not worked out.
func (r *reader) secure(rule Rule, action string) {
	in, out, ok := requirement(action)
	if !ok {
		r.errorf(rule.Span, "Expected RequireInRequireOut, RequireInRequestOut, RequireInClearOut, RequestInRequestOut or NoAuthentication. The rule counts as one that may require authentication of all connections between its endpoints.",
			"the action %q of a connection security rule is not known", action)
	}
	if !rule.Enabled || !in && !out {
		if r.consec == 0 {
			r.consecAt = rule.Span
		}
		r.consec++
		return
	}
	rule.Narrowing, rule.ProgramShown, rule.Action, rule.Direction = nil, true, Block, AnyDirection
	if !hasPorts(rule.Protocol) {
		rule.LocalPorts, rule.RemotePorts = anyPorts(), anyPorts()
	}
	rule.Narrowing = append(rule.Narrowing, Narrowing{Kind: "ipsec", Not: true, Span: rule.Span,
		Text: fmt.Sprintf("whether IPsec authenticates the connection, as the connection security rule %q requires, or another rule exempts it", rule.Name)})
	r.doc.Security = append(r.doc.Security, SecurityRule{rule, in, out})
}

// setSecurityField reads a row of a connection security rule's block, as far as it tells
// which connections the rule is about.
func (r *reader) setSecurityField(f field, value string, l textLine) {
	rule := &r.block.rule
	switch f {
	case fieldEnabled, fieldProfiles, fieldProtocol:
		r.setField(f, value, l)
	case fieldEndpoint1:
		rule.Local = r.addressRow(value, l)
	case fieldEndpoint2:
		rule.Remote = r.addressRow(value, l)
	case fieldPort1:
		rule.LocalPorts = r.portRow(value, l)
	case fieldPort2:
		rule.RemotePorts = r.portRow(value, l)
	case fieldAction:
		r.block.action = value
	}
}

// closeSecurity ends the block of a connection security rule. Rows with unknown labels
// name methods and certificates; lines without one may go on with a list.
func (r *reader) closeSecurity() {
	b := r.block
	rule := &b.rule
	for _, s := range b.strangers {
		if s.label == "" || isListEntry(s.line.text) {
			rule.Local, rule.Remote, rule.LocalPorts, rule.RemotePorts = anyAddresses(), anyAddresses(), anyPorts(), anyPorts()
		}
	}
	rule.Enabled = rule.Enabled || !b.has(fieldEnabled)
	r.listing, r.shown = listingSecurity, rule.Span
	r.block = nil
	r.secure(*rule, b.action)
}

// securityString reads a rule string of the key ConSecRules (MS-GPFAS 2.2.6.2).
func (r *reader) securityString(span source.Span, text string) {
	rule := newRule(span)
	rule.Enabled = true
	var local, remote addressList
	var localPorts, remotePorts portList
	var profiles packet.Profiles
	action := ""
	fields, whole := r.fields(&rule, text)
	for _, f := range fields {
		key, value, ok := f[0], f[1], true
		switch key {
		case "Action":
			action = value
		case "Active":
			rule.Enabled = !strings.EqualFold(value, "FALSE")
		case "Name":
			rule.Name = value
		case "Profile":
			var p packet.Profiles
			if p, ok = profileOf(value); !ok {
				p = packet.AnyProfile
			}
			profiles |= p
		case "Protocol":
			if rule.Protocol, ok = protocolOf(value); !ok {
				rule.Protocol = packet.AnyProtocol
			}
		case "EP1_4":
			ok = local.add(value, packet.IPv4)
		case "EP1_6":
			ok = local.add(value, packet.IPv6)
		case "EP2_4":
			ok = remote.add(value, packet.IPv4)
		case "EP2_6":
			ok = remote.add(value, packet.IPv6)
		case "EP1Port", "EP1Port2_10":
			ok = localPorts.add(value)
		case "EP2Port", "EP2Port2_10":
			ok = remotePorts.add(value)
		}
		if !ok {
			r.errorf(span, "See MS-GPFAS 2.2.6.2. The rule counts for all values of the field.", "the value of %s=%s is not known", key, value)
		}
	}
	if whole {
		rule.Local, rule.Remote, rule.LocalPorts, rule.RemotePorts = local.addresses(), remote.addresses(), localPorts.ports(), remotePorts.ports()
		if profiles != 0 {
			rule.Profiles = profiles
		}
	}
	r.secure(rule, action)
}

// security compiles what connection security rules require of a direction's connections.
// It comes before the profiles' states: Windows goes on to apply these rules where a
// profile's firewall is off and the service runs.
func (c *compiler) security(direction Direction) (out []model.Rule) {
	for _, d := range c.in.Docs {
		for i := range d.Security {
			s := &d.Security[i]
			profiles := s.Profiles & c.in.Profile
			if profiles == 0 || direction == In && !s.Inbound || direction == Out && !s.Outbound {
				continue
			}
			swapped := s.Rule
			swapped.Local, swapped.Remote, swapped.LocalPorts, swapped.RemotePorts = s.Remote, s.Local, s.RemotePorts, s.LocalPorts
			rules := c.expand(&s.Rule, direction == In, profiles)
			if !s.Local.equal(&s.Remote) || !s.LocalPorts.equal(&s.RemotePorts) {
				rules = append(rules, c.expand(&swapped, direction == In, profiles)...)
			}
			for _, rule := range rules {
				rule.Action.Kind = model.Drop
				out = append(out, rule)
			}
		}
	}
	return out
}
