// Package model is the one form that every platform's firewall is compiled into.
//
// A firewall is, for each hook, a sequence of base chains. A chain is a list of
// rules with a default. A rule is a match, an action and the place it was read
// from. The engine knows nothing else: iptables compiles almost as it stands,
// Windows as block rules, allow rules and a default, a router's ACL as a list that
// the interface it is bound to jumps to.
package model

import (
	"net/netip"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// Hook is a place on a packet's way through a host (netfilter's names).
type Hook uint8

// The hooks. A forwarded packet meets Prerouting, Forward, Postrouting; one for
// the host itself Prerouting, Input; one from the host Output, Postrouting.
const (
	Prerouting Hook = iota
	Input
	Forward
	Output
	Postrouting
	NumHooks
)

func (h Hook) String() string {
	return [...]string{"prerouting", "input", "forward", "output", "postrouting", "?"}[min(h, NumHooks)]
}

// The priorities at which base chains are called on a hook, smallest first
// (linux/netfilter_ipv4.h). Connection tracking itself sits at PriorityTracking:
// chains before it see no state.
const (
	PriorityRaw            = -300
	PriorityTracking       = -200
	PriorityMangle         = -150
	PriorityNATDestination = -100
	PriorityFilter         = 0
	PrioritySecurity       = 50
	PriorityNATSource      = 100
)

// Firewall is one packet filter.
type Firewall struct {
	Name string
	// Hooks holds each hook's base chains in the order in which they are called.
	// A packet must be accepted by each of them. A hook without chains accepts.
	Hooks [NumHooks][]*Chain
	// Chains holds every chain, base chains too, in the order of the exports.
	Chains []*Chain
	// Interfaces are the firewall's own, as far as the topology names them.
	Interfaces []Interface
	// Assumptions are what the exports cannot show and is taken for granted.
	Assumptions []Assumption
	// Exports tells what the firewall was read from.
	Exports []Export
	// Disabled holds the rules that are there but switched off and would allow
	// something: the nearest fix is to enable one. They decide nothing.
	Disabled []DisabledRule
}

// DisabledRule is an allow rule that is switched off.
type DisabledRule struct {
	Hook Hook
	Rule Rule
	// Name is the rule's display name, as the export has it.
	Name string
	// Role is the English name of the platform's predefined rule that it is; "" where it is none.
	Role string
}

// Interface is a network interface of a firewall.
type Interface struct {
	Name string
	// Zone is the topology's name of the zone behind it, for firewalls whose
	// policies name zones; "" where it is not known.
	Zone string
	// Addresses are its addresses with the on-link prefix length.
	Addresses []netip.Prefix
	// In and Out name the ACLs bound to it (routers only): where each was bound, by span.
	In, Out []Binding
}

// Binding is the name of an ACL that an interface applies.
type Binding struct {
	ACL  string
	Span source.Span
}

// Assumption is something that is taken for granted because no export can show it.
type Assumption struct {
	ID      string // stable, such as "no-group-policy"
	Message string
}

// Export is one file that a firewall was read from.
type Export struct {
	File      string
	Format    string // "iptables", "ipset", "nft", "netsh" or "acl"
	RuleCount int    // the rule lines in the file, also the unreadable ones
}

// Chain is a list of rules, tried in order.
type Chain struct {
	Table string // "filter", "nat" …; "" where the platform has no tables
	Name  string
	// Priority orders the base chains of a hook.
	Priority int
	// FirstPacketOnly marks nat chains: they are asked for the first packet of a
	// connection only, and their answer holds for the rest of it.
	FirstPacketOnly bool
	Rules           []Rule
	// Default is what happens to a packet that no rule ended: Accept or Drop for
	// a base chain, Return for a chain that is called.
	Default Action
	// Span is the line that declares the default, or the chain's name.
	Span source.Span
}

// Rule is one line of a chain.
type Rule struct {
	// Where is the exact part of the match: a test for each dimension.
	Where packet.Box
	// Tests are the parts of the match that are not a product of sets; nil for most rules.
	Tests  *Tests
	Action Action
	// Span is the rule's text, or its most telling line.
	Span source.Span
	// Note says what the text alone does not show, such as "implicit deny".
	Note string
}

// Synthetic tells a rule that no export holds: it lets through what its chain is not
// asked about, such as the other address family in an iptables chain that drops by
// default. It has neither a span nor a note, and need not be shown.
func (r *Rule) Synthetic() bool {
	return r.Action.Kind == Accept && r.Note == "" && r.Span.IsZero()
}

// Tests are further parts of a match; all must hold.
type Tests struct {
	OneOf   []OneOf
	Masks   []AddrMask
	Marks   []MarkTest
	Unknown []Condition
}

// IsEmpty tells that nothing is tested.
func (t *Tests) IsEmpty() bool {
	return len(t.OneOf)+len(t.Masks)+len(t.Marks)+len(t.Unknown) == 0
}

// OneOf holds for the packets in one of the boxes (multiport --ports, a set of
// pairs); with Not for those in none. The boxes may overlap.
type OneOf struct {
	Boxes []packet.Box
	Not   bool
}

// AddrMask tests an address of one family against a mask that is no prefix:
// addr & Mask == Value; with Not the opposite.
type AddrMask struct {
	Family      packet.Family
	Destination bool
	Value, Mask packet.Addr
	Not         bool
}

// MarkTest tests the packet's mark, or its connection's: mark & Mask == Value.
type MarkTest struct {
	Connection  bool
	Value, Mask uint32
	Not         bool
}

// Memory says for how long an unknown condition keeps its answer.
type Memory uint8

// The memories.
const (
	// Fresh conditions may answer differently each time (limit, recent, statistic).
	Fresh Memory = iota
	// PerPacket conditions answer alike for the same packet (string, length, time).
	PerPacket
	// PerFlow conditions answer alike for each packet of a direction (a set, an owner).
	PerFlow
)

// OriginalDirection is the Key of the condition that a packet goes the way of its
// connection's first packet (iptables --ctdir ORIGINAL). No export can decide it, but
// who follows the connection can. Packets without a connection never meet it: the
// rule's State leaves them out.
const OriginalDirection = "conntrack --ctdir ORIGINAL"

// TupleTest is what a condition asks of the connection that its packet belongs to: an
// address or a port of the packet that opened it, as it arrived, or of the answers, as
// they arrive (iptables --ctorigdst, --ctreplsrcport …). No export can decide it, but who
// follows the connection can. As with OriginalDirection, the rule's State leaves out
// packets without a connection.
type TupleTest struct {
	Reply       bool
	Destination bool
	Addrs       *packet.Addrs // one of these is asked for, the other nil
	Ports       *packet.Ports
}

// Condition is a part of a match, or a target, that the export can't decide.
type Condition struct {
	// Kind is its class: the match's or target's name ("limit", "set", "string",
	// "NFQUEUE"), or "program", "profile", "interface", "uncovered", "group" …
	Kind string
	// Text is the condition as the reader knows it, its negation included: it is true
	// where the match holds. "-m limit --limit 5/min", "-m set ! --match-set x src".
	Text string
	// Key identifies the unknown on its firewall: conditions with one key have one
	// answer, as far as Memory goes. It does not contain a negation.
	Key    string
	Memory Memory
	// Not: the match holds where the condition does not.
	Not bool
	// Tuple is what the condition asks of the packet's connection; nil for most.
	Tuple *TupleTest
	// Supply says what could be supplied to decide it ("the output of `ipset save`");
	// "" where nothing can.
	Supply string
	Span   source.Span
}

// ActionKind is what a rule does with a packet that matches.
type ActionKind uint8

// The kinds of action.
const (
	Continue  ActionKind = iota // nothing that matters: logging, counting
	Accept                      // ends this base chain; the hook's next one is asked
	Drop                        // ends the packet
	Reject                      // ends the packet, with an answer to the sender
	Return                      // back behind the jump; from a base chain to its default
	Jump                        // calls Chain
	Goto                        // goes to Chain, which returns to this chain's caller
	SetMark                     // changes a mark and goes on
	Translate                   // rewrites an address or port and ends the chain, accepting
	Untrack                     // takes the packet out of connection tracking and goes on
	Undecided                   // accepts, drops or goes on: the export can't tell
)

func (k ActionKind) String() string {
	return [...]string{"continue", "accept", "drop", "reject", "return", "jump", "goto", "set mark", "translate", "untrack", "undecided"}[k]
}

// Action is what a rule does, or a chain by default.
type Action struct {
	Kind ActionKind
	// Chain is the target of Jump and Goto.
	Chain *Chain
	// Mark is the change of SetMark.
	Mark *MarkChange
	// Translation is the rewriting of Translate.
	Translation *Translation
	// Unknown says why an Undecided action is.
	Unknown *Condition
	// NeverContinues tells of an Undecided action that it accepts or drops.
	NeverContinues bool
}

// MarkOperation is a kind of change of a mark.
type MarkOperation uint8

// The operations; see MARK and CONNMARK in iptables-extensions(8).
const (
	SetPacketMark     MarkOperation = iota // mark = mark &^ Mask ^ Value
	SetConnectionMark                      // the same for the connection's mark
	SaveMark                               // connection mark = connection mark &^ Mask ^ (mark & PacketMask)
	RestoreMark                            // mark = mark &^ PacketMask ^ (connection mark & Mask)
)

// MarkChange changes a mark.
type MarkChange struct {
	Operation   MarkOperation
	Value, Mask uint32
	PacketMask  uint32 // SaveMark and RestoreMark
}

// TranslationKind is a kind of rewriting.
type TranslationKind uint8

// The kinds; see the targets in iptables-extensions(8).
const (
	ToAddress   TranslationKind = iota // DNAT, SNAT: to one of Addrs and Ports
	ToNetwork                          // NETMAP: the network part becomes Network
	ToInterface                        // MASQUERADE, REDIRECT: to the interface's own address
)

// Translation rewrites one side of a packet. Which side is fixed by the hook: the
// destination on Prerouting and Output, the source on Postrouting and Input.
type Translation struct {
	Kind    TranslationKind
	Family  packet.Family
	Addrs   *packet.Addrs // ToAddress; nil keeps the address
	Ports   *packet.Ports // nil keeps the port
	Network netip.Prefix  // ToNetwork
	// Random: the port may be any, even where no two connections clash.
	Random bool
}
