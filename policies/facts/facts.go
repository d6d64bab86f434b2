// Package facts holds the document that the judging policies see, as data: what
// `sumlint facts` prints, and the templates that the deriving policy yields.
package facts

import (
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

// Schema names the form of the document.
const Schema = "sumlint/facts/v1"

// Combination is what the deriving policy (package sumlint.flows) is asked about,
// once for each that occurs in a topology: `data.sumlint.flows.templates` over it.
type Combination struct {
	Version      string   `json:"version"` // "" is the newest edition
	ServerOS     string   `json:"server_os"`
	TargetType   string   `json:"target_type"` // "" asks for the flows that need no target: local, browser
	Mode         string   `json:"mode"`        // remote, local, web
	Phases       []string `json:"phases"`
	Port         int      `json:"port"`
	SSLPort      int      `json:"ssl_port"`
	FTPPort      int      `json:"ftp_port"` // 0 is off
	NetBIOS      bool     `json:"netbios"`
	RPCPorts     string   `json:"rpc_ports"` // "49152-65535"
	OpenFirewall bool     `json:"open_firewall"`
}

// Template is one flow that a combination needs, without addresses.
type Template struct {
	Direction string   `json:"direction"` // to-target, from-target, local, browser
	Phases    []string `json:"phases"`
	Need      string   `json:"need"` // required, optional, derived
	// Row is the row of the table in words: "iLO, VC, FC switch, SAS switch: deployment, from target".
	Row      string `json:"row"`
	Protocol string `json:"protocol"` // tcp, udp
	Port     string `json:"port"`     // "22" or "49152-65535"
	// SourcePort is the client's port where the protocol fixes it, else "".
	SourcePort string `json:"source_port"`
	// Answer tells whether the sender waits for an answer.
	Answer bool `json:"answer"`
	// Service says in words what the port is for: "SSH", "SUM's HTTP server".
	Service string `json:"service"`
	// Listener is who listens at the destination, for firewalls that ask for it.
	Listener Listener `json:"listener"`
	// Sender is who opens the connection at its source.
	Sender Listener `json:"sender"`
	// Entry marks the ports by which SUM first gets into a target.
	Entry bool `json:"entry"`
	// OpenedBySUM tells that /open_firewall opens the port on the host it listens on.
	OpenedBySUM bool `json:"opened_by_sum"`
	// WindowsRules names the predefined Windows rules that open the port.
	WindowsRules []string `json:"windows_rules"`
}

// Listener is a program and service, in lower case; "" where any may be it.
type Listener struct {
	Program string `json:"program"`
	Service string `json:"service"`
}

// Facts is the document that rules judge.
type Facts struct {
	Schema string `json:"schema"`
	Today  string `json:"today"` // YYYY-MM-DD
	// Classes are the flows that share row, port, verdict and cause.
	Classes   []Class     `json:"classes"`
	Servers   []Server    `json:"servers"`
	Targets   []Target    `json:"targets"`
	Zones     []Zone      `json:"zones"`
	Hosts     []HostClass `json:"hosts"`
	Filters   []Filter    `json:"filters"`
	Pairs     []PairClass `json:"pairs"`
	Exposures []Exposure  `json:"exposures"`
	Waivers   []Waiver    `json:"waivers"`
	Settings  []Setting   `json:"settings"` // policy blocks: severity by rule
	// Firewalls is the normalized model of all exports, only where a policy refers to it.
	Firewalls []any `json:"firewalls,omitempty"`
}

// Class is a set of flows that share row, port, verdict and cause, and so findings.
type Class struct {
	ID         string         `json:"id"`
	Topology   string         `json:"topology"` // the topology's path
	Direction  string         `json:"direction"`
	Phases     []string       `json:"phases"`
	Need       string         `json:"need"`
	Row        string         `json:"row"`
	Service    string         `json:"service"`
	Protocol   string         `json:"protocol"`
	Port       string         `json:"port"`
	TargetType string         `json:"target_type"` // "" on local and browser flows
	ServerOS   string         `json:"server_os"`
	Verdict    report.Verdict `json:"verdict"`
	// Reason tells why a flow without hops is blocked: "no-route", "" otherwise.
	Reason string `json:"reason"`
	// Words tells the members in words: "rack-a (ilo) → sum01, tcp 63001, deployment".
	Words        string           `json:"words"`
	Entry        bool             `json:"entry"`
	OpenedBySUM  bool             `json:"opened_by_sum"` // the template's, and /open_firewall is set
	WindowsRules []string         `json:"windows_rules"` // predefined Windows rules that open the port
	Flows        []string         `json:"flows"`         // the members' ids
	Servers      []string         `json:"servers"`       // their servers and targets
	Targets      []string         `json:"targets"`       //
	Hops         []Hop            `json:"hops"`          // the hops that do not surely pass all of it
	Waivers      []int            `json:"waivers"`       // places in Facts.Waivers whose scope holds each member, its rule, firewall and date aside
	Digest       string           `json:"digest"`        // stands for the members in fingerprints
	Location     Location         `json:"location"`      // the topology's block
	Related      []report.Related `json:"related"`       // the blocks of its servers and targets (a few)
	// Policy names the sumlint.needs package that declared the flows, "" for SUM's own.
	Policy string `json:"policy"`
	// Must is "allow", or "never" for flows that a team forbids.
	Must string `json:"must"`
}

// Location is a place in a file.
type Location = source.Location

// Hop is one firewall's part in a class.
type Hop struct {
	report.Hop
	// Host is "server" or "target" where the firewall is a host's own, else "".
	Host string `json:"host"`
	// HostOS is that host's system or type.
	HostOS string `json:"host_os"`
	// Location is the deciding line; else the firewall's block in the topology.
	At Location `json:"location"`
	// Summary says in words what happens here to what: "drops 10.20.1.32/27 → 10.10.0.5".
	Summary string `json:"summary"`
	// Causes is the deciding text without line numbers, for fingerprints.
	Causes string `json:"causes"`
}

// Server is a server of the plan.
type Server struct {
	Topology     string   `json:"topology"`
	Name         string   `json:"name"`
	OS           string   `json:"os"`
	Version      string   `json:"version"`
	Port         int      `json:"port"`
	SSLPort      int      `json:"ssl_port"`
	FTPPort      int      `json:"ftp_port"`
	OpenFirewall bool     `json:"open_firewall"`
	Phases       []string `json:"phases"`
	Location     Location `json:"location"`
	PortAt       Location `json:"port_location"` // where its ports are set
}

// Target is a target of the plan.
type Target struct {
	Topology string   `json:"topology"`
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Mode     string   `json:"mode"`
	Location Location `json:"location"`
}

// Zone is a zone of the plan.
type Zone struct {
	Topology string   `json:"topology"`
	Name     string   `json:"name"`
	Networks []string `json:"networks"`
	Location Location `json:"location"`
}

// HostClass is the hosts of one type of which the plan knows the packet filter, or of
// which it does not, and that the same waivers hold.
type HostClass struct {
	Topology string   `json:"topology"`
	Type     string   `json:"type"`  // linux, windows, vmware
	Known    bool     `json:"known"` // the plan has their firewalls
	Words    string   `json:"words"` // "sum01, db1 and 8 more"
	Count    int      `json:"count"`
	First    string   `json:"first"`   // the first one's name
	Servers  []string `json:"servers"` // those that are servers
	Targets  []string `json:"targets"`
	Waivers  []int    `json:"waivers"` // as a Class has them
	Digest   string   `json:"digest"`  // stands for the hosts in fingerprints
	Location Location `json:"location"`
}

// Filter is a firewall of the plan.
type Filter struct {
	Topology string   `json:"topology"`
	Name     string   `json:"name"`
	Host     string   `json:"host"`
	Used     bool     `json:"used"` // some flow crosses it
	Location Location `json:"location"`
}

// PairClass is a server and targets of one type that the plan pairs and SUM can't, all
// for one reason and held by the same waivers.
type PairClass struct {
	Topology   string   `json:"topology"`
	Server     string   `json:"server"`
	ServerOS   string   `json:"server_os"`
	TargetType string   `json:"target_type"`
	Reason     string   `json:"reason"` // "no-row", "no-common-family"
	Version    string   `json:"version"`
	Words      string   `json:"words"` // the targets: "db01, db02 and 8 more"
	Targets    []string `json:"targets"`
	Waivers    []int    `json:"waivers"` // as a Class has them
	Digest     string   `json:"digest"`  // stands for the targets in fingerprints
	Location   Location `json:"location"`
}

// Exposure tells who beyond the plan's own flows reaches a port of SUM's on a server.
type Exposure struct {
	Topology string   `json:"topology"`
	Server   string   `json:"server"`
	Port     int      `json:"port"`
	Zones    []string `json:"zones"`   // whole zones
	Sources  []string `json:"sources"` // networks, where a part of a zone does
	Sure     bool     `json:"sure"`    // false: may reach
	Location Location `json:"location"`
}

// Waiver is a waiver of the plan.
type Waiver struct {
	Topology  string   `json:"topology"`
	Rule      string   `json:"rule"`
	Server    string   `json:"server"`
	Target    string   `json:"target"`
	Firewall  string   `json:"firewall"`
	Direction string   `json:"direction"`
	Port      int      `json:"port"`
	Reason    string   `json:"reason"`
	Until     string   `json:"until"` // "" is for ever
	Location  Location `json:"location"`
}

// Setting sets a rule's severity, or turns it "off".
type Setting struct {
	Topology string `json:"topology"`
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
}
