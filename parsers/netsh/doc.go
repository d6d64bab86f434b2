// Package netsh reads what Windows tells about its firewall and compiles it into
// the common model.
//
// It reads the output of `netsh advfirewall firewall show rule` and `monitor show
// firewall`, of `show allprofiles` and its kin, scripts of `add rule` commands, and
// the registry's own rule strings: as lines, as a .reg file and inside the hive that
// `netsh advfirewall export` writes. A file may hold several of them.
package netsh

import (
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// Doc is one export, read.
type Doc struct {
	// File is the decoded text: spans point into it. For a hive it is a listing of
	// the hive's values.
	File *source.File
	// Rules are the rules in the order of the file, also the disabled ones and those
	// that could be read in part only.
	Rules []Rule
	// Security are the connection security rules that are switched on and require that
	// IPsec authenticates connections.
	Security []SecurityRule
	// Profiles holds the settings of the domain, the private and the public profile,
	// as far as the file tells them; Policy those that group policy sets.
	Profiles, Policy [3]Settings
	// RuleCount counts the rules in the file, also the unreadable ones and those of
	// a form that is refused.
	RuleCount int
	// Language is that of the labels: "en", "es" …; "" where there are none.
	Language string
	// Encoding is the name of the encoding that the text was decoded from.
	Encoding string
	// Effective tells that the file shows the policy in effect, group policy included.
	Effective bool
	// GroupPolicy tells that the file shows a group policy's store, and no other.
	GroupPolicy bool

	form    form
	queries []query
	// listings are the listings of rules, in the order of the file; none where a command
	// in the file changed rules.
	listings []listed
	// opaque tells that the file holds rules that could not be read at all.
	opaque bool
	// rulesKey tells that the registry key with the rules is there, even if empty.
	rulesKey bool
}

// form is what a file was found to be.
type form uint8

const (
	formNone     form = iota
	formDump          // rule blocks of "show rule"
	formRegistry      // rule strings
	formScript        // add rule commands
	formRefused       // recognised, but of no use
)

// query is a show command, or what a dump tells of the command that printed it:
// which rules of the store it covers.
type query struct {
	inbound, outbound bool
	profiles          packet.Profiles
	// all is false where only some rules were asked for, by name or type.
	all bool
}

// listed is one listing of rules: those of the file from first on, up to the next one's.
type listed struct {
	first int
	// asked tells that the command that printed it is there, and effective that it
	// showed the policy in effect; query is what it asked for.
	asked, effective bool
	query            query
}

// everything is the query of a dump that tells of no filter.
func everything() query {
	return query{inbound: true, outbound: true, profiles: packet.AnyProfile, all: true}
}

// Direction is the way of the connections that a rule is about.
type Direction uint8

// The directions. AnyDirection is that of a rule whose direction can't be read.
const (
	AnyDirection Direction = iota
	In
	Out
)

// Action is what a rule does.
type Action uint8

// The actions; Bypass lets IPsec-authenticated connections pass block rules.
// UnknownAction is that of a rule whose action can't be read.
const (
	UnknownAction Action = iota
	Allow
	Block
	Bypass
)

// Rule is one rule as it was read. What the text could not tell stands in Narrowing,
// with the field left as wide as it can be.
type Rule struct {
	// Span is the line with the rule's name; of a rule string the string.
	Span source.Span
	Name string
	// ID is the name of the registry value, "" in a dump.
	ID        string
	Group     string
	Enabled   bool
	Direction Direction
	Action    Action
	Profiles  packet.Profiles
	Protocol  packet.Protocols
	ICMP      *packet.ICMPTypes
	Local     Addresses
	Remote    Addresses
	// LocalPorts and RemotePorts count for TCP and UDP only.
	LocalPorts, RemotePorts Ports
	// Program is the file name of the program in lower case, without its folder unless
	// Windows' own program of that name lies in another one; Service is the service's
	// short name, in lower case. "" is any, or with a Path one that the path does not tell.
	Program, Service string
	// Path is the program's path as the rule has it, in lower case and with the usual
	// folders for Windows' variables.
	Path string
	// ProgramShown is false where the form hides program and service.
	ProgramShown bool
	// Elsewhere tells that the rule is for one Store app only, or for devices that were
	// paired with the host (Wi-Fi Direct, UPnP): nothing that is asked about. A dump
	// hides that, so there it goes by the rule's name.
	Elsewhere bool
	// LocalStore tells that the rule comes from the local store, as far as the file says.
	LocalStore bool
	Narrowing  []Narrowing
}

// Narrowing is something that makes a rule match less than its other fields say, to
// an extent that can't be told.
type Narrowing struct {
	Kind string // the kind of the model's condition
	Text string // as the reader knows it
	// Supply says what would decide it, "" where nothing can.
	Supply string
	// Not: the rule counts where the condition does not hold.
	Not  bool
	Span source.Span
}

// Addresses is one side's address list.
type Addresses struct {
	// Any tells that the list does not restrict.
	Any bool
	// V4 and V6 are never nil unless Any: empty where the list has none of the family.
	V4, V6   *packet.Addrs
	Keywords []Keyword
}

// Keyword is a word in an address list, such as LocalSubnet, in lower case.
type Keyword struct {
	Name   string
	Family packet.Family
}

// Ports is one side's port list.
type Ports struct {
	Any      bool
	Numbers  *packet.Ports // never nil unless Any
	Keywords []string      // in lower case: "rpc", "rpc-epmap", "iphttps", "teredo", "ply2disc" …
}

// Settings are one profile's settings. The zero value tells nothing.
type Settings struct {
	State    State
	Inbound  Default
	Outbound Default
	// Shielded tells whether all inbound connections are blocked, whatever rules allow:
	// an option of its own beside the default action (MS-FASP 2.2.38).
	Shielded State
	// IgnoreLocalRules: group policy does not let local rules count.
	IgnoreLocalRules bool
	// StateSpan, InboundSpan, OutboundSpan and ShieldSpan are the rows that say so.
	StateSpan, InboundSpan, OutboundSpan, ShieldSpan source.Span
}

// State tells whether a profile's firewall is on, or another option.
type State uint8

// The states. UnknownState is one whose word can't be read.
const (
	StateUnset State = iota
	StateOn
	StateOff
	UnknownState
)

// Default is what happens to connections that no rule matches.
type Default uint8

// The defaults. UnknownDefault is one whose word can't be read.
const (
	DefaultUnset Default = iota
	DefaultBlock
	DefaultAllow
	UnknownDefault
)

// forget makes what the settings do not tell unknown.
func (s *Settings) forget(span source.Span) {
	if s.State == StateUnset {
		s.State, s.StateSpan = UnknownState, span
	}
	if s.Shielded == StateUnset {
		s.Shielded, s.ShieldSpan = UnknownState, span
	}
	if s.Inbound == DefaultUnset {
		s.Inbound, s.InboundSpan = UnknownDefault, span
	}
	if s.Outbound == DefaultUnset {
		s.Outbound, s.OutboundSpan = UnknownDefault, span
	}
}

// profileList gives the profiles in the order of Doc.Profiles.
func profileList() [3]packet.Profiles {
	return [3]packet.Profiles{packet.Domain, packet.Private, packet.Public}
}

func anyAddresses() Addresses { return Addresses{Any: true} }

func anyPorts() Ports { return Ports{Any: true} }

// newRule returns a rule that matches everything.
func newRule(span source.Span) Rule {
	return Rule{
		Span: span, Profiles: packet.AnyProfile, Protocol: packet.AnyProtocol, LocalStore: true,
		Local: anyAddresses(), Remote: anyAddresses(), LocalPorts: anyPorts(), RemotePorts: anyPorts(),
	}
}

// maxNarrowings bounds the narrowings of a rule: more make it no less certain.
const maxNarrowings = 100

// narrow notes that the rule matches less than its fields say.
func (r *Rule) narrow(kind, text, supply string, span source.Span) {
	if len(r.Narrowing) == maxNarrowings {
		return
	}
	r.Narrowing = append(r.Narrowing, Narrowing{Kind: kind, Text: text, Supply: supply, Span: span})
}

// forget makes a rule of which two readings exist one that may do anything.
func (r *Rule) forget() {
	wide := newRule(r.Span)
	wide.Name, wide.ID, wide.Enabled, wide.Narrowing = r.Name, r.ID, true, r.Narrowing
	*r = wide
}
