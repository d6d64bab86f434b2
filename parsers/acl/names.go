package acl

import "github.com/sumlint/sumlint/parsers/packet"

// The port names of the devices, each with its own list: a name that a device does
// not know makes it refuse the entry. IOS: its own help for access-list (15 and
// later); ASA: "Addresses, Protocols, and Ports" and the help of 9.12; "Arista EOS
// User Manual", ACLs; Junos "firewall filter match conditions". A name on which the
// sources disagree is left out, so that it is an error.
var (
	// ciscoTCP and ciscoUDP are what IOS, EOS and ASA have in common.
	ciscoTCP = map[string]int{
		"bgp": 179, "chargen": 19, "cmd": 514, "daytime": 13, "discard": 9, "domain": 53, "echo": 7, "exec": 512, "finger": 79, "ftp": 21,
		"ftp-data": 20, "gopher": 70, "hostname": 101, "ident": 113, "irc": 194, "klogin": 543, "kshell": 544, "login": 513, "lpd": 515,
		"nntp": 119, "pim-auto-rp": 496, "pop2": 109, "pop3": 110, "smtp": 25, "sunrpc": 111, "tacacs": 49, "talk": 517, "telnet": 23,
		"time": 37, "uucp": 540, "whois": 43, "www": 80,
	}
	ciscoUDP = map[string]int{
		"biff": 512, "bootpc": 68, "bootps": 67, "discard": 9, "dnsix": 195, "domain": 53, "echo": 7, "isakmp": 500, "mobile-ip": 434,
		"nameserver": 42, "netbios-dgm": 138, "netbios-ns": 137, "ntp": 123, "pim-auto-rp": 496, "rip": 520, "snmp": 161, "snmptrap": 162,
		"sunrpc": 111, "syslog": 514, "tacacs": 49, "talk": 517, "tftp": 69, "time": 37, "who": 513, "xdmcp": 177,
	}
	iosTCP = with(ciscoTCP, map[string]int{"drip": 3949, "msrpc": 135, "onep-plain": 15001, "onep-tls": 15002, "syslog": 514})
	iosUDP = with(ciscoUDP, map[string]int{"netbios-ss": 139, "non500-isakmp": 4500, "ripv6": 521})
	eosTCP = with(ciscoTCP, map[string]int{
		"https": 443, "imap": 143, "imaps": 993, "kerberos": 88, "ldap": 389, "ldaps": 636, "microsoft-ds": 445, "mlag": 4432, "msdp": 639, "nfs": 2049,
		"pop3s": 995, "rtsp": 554, "snmp": 161, "ssh": 22,
	})
	eosUDP = with(ciscoUDP, map[string]int{
		"bfd": 3784, "bfd-echo": 3785, "kerberos": 88, "mlag": 4432, "netbios-ss": 139, "nfs": 2049, "non500-isakmp": 4500, "radius": 1812, "radius-acct": 1813,
	})
	asaTCP = with(ciscoTCP, map[string]int{
		"aol": 5190, "cifs": 3020, "citrix-ica": 1494, "ctiqbe": 2748, "h323": 1720, "http": 80, "https": 443, "imap4": 143, "ldap": 389, "ldaps": 636,
		"lotusnotes": 1352, "netbios-ssn": 139, "nfs": 2049, "pcanywhere-data": 5631, "pptp": 1723, "rsh": 514, "rtsp": 554, "sip": 5060, "ssh": 22,
	})
	asaUDP = with(ciscoUDP, map[string]int{
		"cifs": 3020, "http": 80, "nfs": 2049, "pcanywhere-status": 5632, "radius": 1645, "radius-acct": 1646, "secureid-udp": 5510, "sip": 5060, "vxlan": 4789, "www": 80,
	})
	// junosPorts serve TCP and UDP alike: Junos does not ask the protocol.
	junosPorts = map[string]int{
		"afs": 1483, "bgp": 179, "biff": 512, "bootpc": 68, "bootps": 67, "cmd": 514, "cvspserver": 2401, "dhcp": 67, "domain": 53,
		"eklogin": 2105, "ekshell": 2106, "exec": 512, "finger": 79, "ftp": 21, "ftp-data": 20, "http": 80, "https": 443, "ident": 113,
		"imap": 143, "kerberos-sec": 88, "klogin": 543, "kpasswd": 761, "krb-prop": 754, "krbupdate": 760, "kshell": 544, "ldap": 389,
		"ldp": 646, "login": 513, "mobileip-agent": 434, "mobilip-mn": 435, "msdp": 639, "netbios-dgm": 138, "netbios-ns": 137,
		"netbios-ssn": 139, "nfsd": 2049, "nntp": 119, "ntalk": 518, "ntp": 123, "pop3": 110, "pptp": 1723, "printer": 515,
		"radacct": 1813, "radius": 1812, "rip": 520, "rkinit": 2108, "smtp": 25, "snmp": 161, "snmptrap": 162, "snpp": 444,
		"socks": 1080, "ssh": 22, "sunrpc": 111, "syslog": 514, "tacacs": 49, "tacacs-ds": 65, "talk": 517, "telnet": 23, "tftp": 69,
		"timed": 525, "who": 513, "xdmcp": 177,
	}
	// vyosPorts are names of /etc/services, which VyOS asks.
	vyosPorts = map[string]int{
		"bootpc": 68, "bootps": 67, "domain": 53, "ftp": 21, "ftp-data": 20, "http": 80, "https": 443, "imap": 143, "imaps": 993, "isakmp": 500,
		"ldap": 389, "ldaps": 636, "ntp": 123, "pop3": 110, "pop3s": 995, "smtp": 25, "snmp": 161, "snmp-trap": 162, "ssh": 22, "submission": 587,
		"sunrpc": 111, "syslog": 514, "telnet": 23, "tftp": 69, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139, "microsoft-ds": 445, "bgp": 179,
	}
	// ciscoProtocols are the names that differ from IANA's.
	ciscoProtocols = map[string]uint8{
		"ahp": 51, "eigrp": 88, "esp": 50, "gre": 47, "icmp": 1, "icmp6": 58, "icmpv6": 58, "igmp": 2, "igrp": 9, "ipinip": 4, "nos": 94, "ospf": 89,
		"pcp": 108, "pim": 103, "sctp": 132, "tcp": 6, "udp": 17, "hbh": 0, "vrrp": 112, "snp": 109, "ipsec": 50, "pptp": 47, "rsvp": 46,
	}
)

// with returns the names of both tables.
func with(base, more map[string]int) map[string]int {
	out := make(map[string]int, len(base)+len(more))
	for k, v := range base {
		out[k] = v
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// icmpType is a type and a code; code -1 is each code.
type icmpType struct{ number, code int }

func (t icmpType) types() *packet.ICMPTypes {
	first := packet.ICMPType(t.number << 8)
	if t.code < 0 {
		return packet.Span(first, first|255)
	}
	return packet.Only(first | packet.ICMPType(t.code))
}

// icmpNames are the ICMP messages as the modules spell them (IANA "ICMP Parameters").
var icmpNames = map[string]icmpType{
	"administratively_prohibited": {3, 13}, "alternate_address": {6, -1}, "conversion_error": {31, -1}, "dod_host_prohibited": {3, 10},
	"dod_net_prohibited": {3, 9}, "echo": {8, -1}, "echo_request": {8, -1}, "echo_reply": {0, -1}, "general_parameter_problem": {12, 0}, "host_isolated": {3, 8},
	"host_precedence_unreachable": {3, 14}, "host_redirect": {5, 1}, "host_tos_redirect": {5, 3}, "host_tos_unreachable": {3, 12},
	"host_unknown": {3, 7}, "host_unreachable": {3, 1}, "information_reply": {16, -1}, "information_request": {15, -1}, "mask_reply": {18, -1},
	"mask_request": {17, -1}, "mobile_redirect": {32, -1}, "net_redirect": {5, 0}, "net_tos_redirect": {5, 2}, "net_tos_unreachable": {3, 11},
	"net_unreachable": {3, 0}, "network_unknown": {3, 6}, "no_room_for_option": {12, 2}, "option_missing": {12, 1}, "packet_too_big": {3, 4},
	"parameter_problem": {12, -1}, "port_unreachable": {3, 3}, "precedence_unreachable": {3, 15}, "protocol_unreachable": {3, 2},
	"reassembly_timeout": {11, 1}, "redirect": {5, -1}, "router_advertisement": {9, -1}, "router_solicitation": {10, -1},
	"source_quench": {4, -1}, "source_route_failed": {3, 5}, "time_exceeded": {11, -1}, "timestamp_reply": {14, -1},
	"timestamp_request": {13, -1}, "traceroute": {30, -1}, "ttl_exceeded": {11, 0}, "unreachable": {3, -1},
}

// icmp6Names are the ICMPv6 messages as the modules spell them (IANA "ICMPv6 Parameters").
var icmp6Names = map[string]icmpType{
	"unreachable": {1, -1}, "no_route": {1, 0}, "no_admin": {1, 1}, "beyond_scope": {1, 2}, "address_unreachable": {1, 3}, "port_unreachable": {1, 4},
	"source_address_failed": {1, 5}, "reject_route": {1, 6}, "source_routing_error": {1, 7}, "packet_too_big": {2, -1}, "time_exceeded": {3, -1},
	"hop_limit_exceeded": {3, 0}, "fragment_reassembly_exceeded": {3, 1}, "parameter_problem": {4, -1}, "erroneous_header": {4, 0},
	"unrecognized_next_header": {4, 1}, "unrecognized_ipv6_option": {4, 2}, "echo": {128, -1}, "echo_request": {128, -1}, "echo_reply": {129, -1},
	"membership_query": {130, -1}, "membership_report": {131, -1}, "membership_reduction": {132, -1}, "router_solicitation": {133, -1},
	"router_advertisement": {134, -1}, "neighbor_solicitation": {135, -1}, "neighbor_advertisement": {136, -1}, "redirect_message": {137, -1},
	"neighbor_redirect": {137, -1}, "router_renumbering": {138, -1},
}
