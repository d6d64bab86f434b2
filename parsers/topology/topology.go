package topology

import (
	"net/netip"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// Topology is one planned rollout: the servers that run SUM, their targets, and
// the zones and firewalls between them. Each list is in the order of the files.
type Topology struct {
	// Path is the folder or file as reports name it: relative to the root, with '/'.
	Path      string
	Zones     []*Zone
	Servers   []*Server
	Targets   []*Target
	Firewalls []*Firewall
	Routers   []*Router
	Paths     []*Path
	Waivers   []*Waiver
	Assumes   []*Assume
	Policies  []*Policy
	Span      source.Span // the first file's start, for findings that have no better place
}

// Text is a string with the place it was written at.
type Text struct {
	Value string
	Span  source.Span
}

// Ports is an inclusive range of ports.
type Ports struct{ First, Last uint16 }

// Sum holds SUM's settings for one server: the sum block's, overridden by the server's own.
type Sum struct {
	Version      string   // as written, such as "8.9.0"; "" is the newest edition
	Port         int      // smartupdate /port; as written, so it may be impossible (rule port-conflict)
	SSLPort      int      // smartupdate /ssl_port
	FTPPort      int      // smartupdate /ftp_port; 0 is off
	OpenFirewall bool     // smartupdate /open_firewall
	Phases       []string // "inventory", "deployment", in this order
	NetBIOS      bool     // whether 137, 138 and 139 are required
	RPCPorts     Ports    // Windows' dynamic RPC range on the targets
	// Span is the sum block that counts, PortSpan, SSLPortSpan and FTPPortSpan its
	// attributes where they are written.
	Span, PortSpan, SSLPortSpan, FTPPortSpan, VersionSpan source.Span
}

// Addresses is a set of addresses as the topology lists them.
type Addresses struct {
	V4, V6 *packet.Addrs // never nil; empty where the family has none
	// List holds the prefixes, single addresses and ranges in the order of the file.
	List []Range
}

// Range is an inclusive range of addresses of one family.
type Range struct {
	First, Last netip.Addr
	Span        source.Span
}

// Family returns the addresses of one family; never nil.
func (a *Addresses) Family(f packet.Family) *packet.Addrs {
	if f == packet.IPv4 {
		return a.V4
	}
	return a.V6
}

// Zone is a part of the network inside which no firewall filters.
type Zone struct {
	Name     string
	Networks []netip.Prefix // none: a transit zone
	Span     source.Span    // the block's header line
}

// Server is a system that runs SUM.
type Server struct {
	Name      string
	OS        string // "linux" or "windows"
	Addresses Addresses
	// NATAddresses are the addresses under which targets reach it, if others.
	NATAddresses Addresses
	Browsers     Addresses
	Ephemeral    Ports
	Sum          Sum
	Span         source.Span
}

// Target is a group of nodes of one type that SUM updates.
type Target struct {
	Type, Name   string
	Addresses    Addresses
	NATAddresses Addresses
	// Servers names the servers that update it; empty: each one that can.
	Servers   []Text
	Mode      string // "remote", "local" or "web"
	Ephemeral Ports
	Span      source.Span
}

// Firewall is a packet filter: between zones, or on a host.
type Firewall struct {
	Name string
	// Host is the server or target whose own filter this is; "" for one between zones.
	Host    Text
	Exports []ExportFile
	// Profile is the active Windows profile; every profile where it is not named.
	Profile    packet.Profiles
	Interfaces []Interface
	Span       source.Span
}

// ExportFile names a firewall's export.
type ExportFile struct {
	// Path is relative to the root, with '/'.
	Path string
	// Format is "iptables", "ipset", "netsh" or "acl"; "" is recognised from the content.
	Format string
	// Missing tells that there is no such file, or that it may not be read; that was said.
	Missing bool
	Span    source.Span
}

// Interface is an interface of a firewall or router, and the zone behind it.
type Interface struct {
	model.Interface
	Zone Text
	Span source.Span
}

// Router forwards and filters nothing.
type Router struct {
	Name       string
	Interfaces []Interface
	Span       source.Span
}

// Path fixes the way between two zones, in both directions.
type Path struct {
	From, To Text
	Via      []Text // firewalls and routers, from From to To
	Span     source.Span
}

// Waiver accepts findings of one rule. Empty fields select everything.
type Waiver struct {
	Rule, Server, Target, Firewall, Direction string
	Port                                      int    // 0: every port
	Reason                                    string // never empty
	Until                                     string // YYYY-MM-DD, the last day it counts; "": for ever
	Span                                      source.Span
}

// Assume answers an unknown condition of the exports for the team.
type Assume struct {
	// Kind is the condition's kind, such as "recent" or "limit".
	Kind string
	// Firewall is the firewall it counts on; "": each.
	Firewall string
	// Text is a part of the text of the conditions that are meant; "": each of the kind.
	Text string
	// Holds tells whether the condition holds, where a "!" in its text is left aside; of
	// a target that is not known, whether it accepts.
	Holds  bool
	Reason string
	Span   source.Span
}

// Policy sets a rule's severity ("error", "warning", "note", or "off").
type Policy struct {
	Rule, Severity string
	Span           source.Span
}
