// Package acl reads router and firewall policies that are kept as YAML, as what
// the device does with them, and compiles them into the firewall model.
//
// Each schema has a reader that turns its entries into one normal form (List,
// Entry); Compile binds lists to interfaces. What a reader does not understand is
// an error and an entry that may do anything: nothing is ever read as "any".
//
// The schemas: our own plain one (schema/acl.schema.json), cisco.ios.ios_acls,
// cisco.asa.asa_acls, arista.eos.eos_acls, junipernetworks.junos.junos_acls and
// junos_security_policies, vyos.vyos.vyos_firewall_rules, Aerleon, OpenConfig and
// RFC 8519; with them what they refer to: interfaces' bindings, groups, address
// books, prefix lists and naming definitions.
package acl

import (
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// Doc is what one export holds.
type Doc struct {
	File *source.File
	// Schemas names the schemas that were found, in the order of the file.
	Schemas []string
	// RuleCount counts the entries, also the unreadable ones.
	RuleCount int
	// Broken tells that some part of the file could not be read, so that an ACL
	// which is missing may be in that part.
	Broken bool

	lists    []*list
	zoned    *zonePolicy
	policies []aerleonFilter
	includes map[string][]aerleonTerm // by file name
	defs     definitions
	bindings []binding
	listed   []string    // the interfaces of the lists that bind ACLs
	states   []stateRule // VyOS's global state policy
	changes  []change
	anything []source.Span // the tasks that may change any ACL
}

// Input is what one firewall is compiled from.
type Input struct {
	Name string
	Docs []*Doc
	// Interfaces are the topology's, with the ACLs bound to them.
	Interfaces []model.Interface
	// Host tells that it is a host's own packet filter, not one between zones.
	Host bool
	// Today is the day for which dated terms count, as YYYY-MM-DD; "": all count.
	Today string
}

// verdict is what an entry does with a packet that matches.
type verdict uint8

const (
	permit verdict = iota
	deny
	reject
	next // goes on with the following entry
	unknown
)

// list is one ACL in normal form.
type list struct {
	name   string
	schema string
	// family holds the families that the ACL filters; others pass it by.
	family packet.Family
	// stateful lists pass what belongs to a connection that was let through.
	stateful bool
	// fallback is what happens to a packet that no entry matches.
	fallback verdict
	// implicit tells that the fallback is the device's rule, not written.
	implicit bool
	entries  []entry
	span     source.Span // the name
	// gone: a later task takes it away.
	gone bool
	// unread: it stands for what a task does to an ACL of this name that is not read.
	unread bool
}

// entry is one line of an ACL in normal form. A packet must match each part.
type entry struct {
	verdict verdict
	// key is the entry's name where the device keeps one entry of a name; else "".
	key string
	// family narrows the list's; 0 is the list's.
	family   packet.Family
	protocol packet.Protocols
	// source and destination say which ends.
	source, destination side
	flags               packet.Flags      // of TCP; needs protocol TCP
	states              packet.States     // 0 is any
	icmp                *packet.ICMPTypes // needs protocol ICMP or ICMPv6
	oneOf               []model.OneOf
	conditions          []model.Condition
	// laterFragments: the entry is for fragments other than the first.
	laterFragments bool
	// reason says why the verdict is unknown.
	reason string
	span   source.Span
	note   string
}

// side is one end of a packet. Addresses are those of the family's set, or those
// of the groups; ports likewise.
type side struct {
	// v4 and v6 are the addresses; nil is any, empty is none of the family.
	v4, v6     *packet.Addrs
	mask       *model.AddrMask // wildcard bits that are no prefix
	groups     []group
	excluded   bool          // all but the groups' addresses
	ports      *packet.Ports // nil is any
	portGroups []group
}

// group is a name for addresses or ports that is defined elsewhere.
type group struct {
	kind string // "address group", "port group", "prefix list", "address book entry", "object group" …
	name string
	not  bool // all but the group's
	// supply says what would define it.
	supply string
	span   source.Span
}

func (s *side) addrs(f packet.Family) *packet.Addrs {
	if f == packet.IPv4 {
		return s.v4
	}
	return s.v6
}

// anyEntry returns an entry that matches each packet.
func anyEntry(span source.Span) entry {
	return entry{protocol: packet.AnyProtocol, flags: packet.AnyFlags, span: span}
}

// brokenEntry returns the entry for a line that could not be read: it may match
// anything and do anything.
func brokenEntry(span source.Span) entry {
	e := anyEntry(span)
	e.verdict, e.reason = unknown, "this entry could not be read"
	return e
}

// established returns the flags that Cisco's "established" and its like look for:
// ACK or RST, and nothing else.
func established() packet.Flags {
	return packet.FlagsWhere(packet.ACK, packet.ACK) | packet.FlagsWhere(packet.RST, packet.RST)
}

// ported holds the protocols that have ports.
func ported() packet.Protocols { return packet.OneProtocol(6, 17, 33, 132, 136) }

// fragments makes an entry one for fragments other than the first, which have no
// ports. None of them is asked about (assumption no-fragments), so it goes on.
func (e *entry) fragments() {
	e.verdict, e.laterFragments, e.note = next, true, "for later fragments only"
}
