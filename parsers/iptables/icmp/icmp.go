// Package icmp knows the names of ICMP and ICMPv6 types that iptables and ipset use.
package icmp

import (
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
)

// icmpName is a name of ICMP types, as iptables -p icmp -h lists them.
type icmpName struct {
	name        string
	kind        uint32
	first, last uint32 // codes
}

// icmpv4Names are the names of libxt_icmp and libipt_icmp.
var icmpv4Names = []icmpName{
	{"echo-reply", 0, 0, 255}, {"pong", 0, 0, 255},
	{"destination-unreachable", 3, 0, 255}, {"network-unreachable", 3, 0, 0}, {"host-unreachable", 3, 1, 1},
	{"protocol-unreachable", 3, 2, 2}, {"port-unreachable", 3, 3, 3}, {"fragmentation-needed", 3, 4, 4},
	{"source-route-failed", 3, 5, 5}, {"network-unknown", 3, 6, 6}, {"host-unknown", 3, 7, 7},
	{"network-prohibited", 3, 9, 9}, {"host-prohibited", 3, 10, 10}, {"TOS-network-unreachable", 3, 11, 11},
	{"TOS-host-unreachable", 3, 12, 12}, {"communication-prohibited", 3, 13, 13}, {"host-precedence-violation", 3, 14, 14},
	{"precedence-cutoff", 3, 15, 15},
	{"source-quench", 4, 0, 255},
	{"redirect", 5, 0, 255}, {"network-redirect", 5, 0, 0}, {"host-redirect", 5, 1, 1},
	{"TOS-network-redirect", 5, 2, 2}, {"TOS-host-redirect", 5, 3, 3},
	{"echo-request", 8, 0, 255}, {"ping", 8, 0, 255},
	{"router-advertisement", 9, 0, 255}, {"router-solicitation", 10, 0, 255},
	{"time-exceeded", 11, 0, 255}, {"ttl-exceeded", 11, 0, 255}, {"ttl-zero-during-transit", 11, 0, 0},
	{"ttl-zero-during-reassembly", 11, 1, 1},
	{"parameter-problem", 12, 0, 255}, {"ip-header-bad", 12, 0, 0}, {"required-option-missing", 12, 1, 1},
	{"timestamp-request", 13, 0, 255}, {"timestamp-reply", 14, 0, 255},
	{"address-mask-request", 17, 0, 255}, {"address-mask-reply", 18, 0, 255},
}

// icmpv6Names are the names of libip6t_icmp6.
var icmpv6Names = []icmpName{
	{"destination-unreachable", 1, 0, 255}, {"no-route", 1, 0, 0}, {"communication-prohibited", 1, 1, 1},
	{"beyond-scope", 1, 2, 2}, {"address-unreachable", 1, 3, 3}, {"port-unreachable", 1, 4, 4},
	{"failed-policy", 1, 5, 5}, {"reject-route", 1, 6, 6},
	{"packet-too-big", 2, 0, 255},
	{"time-exceeded", 3, 0, 255}, {"ttl-exceeded", 3, 0, 255}, {"ttl-zero-during-transit", 3, 0, 0}, {"ttl-zero-during-reassembly", 3, 1, 1},
	{"parameter-problem", 4, 0, 255}, {"bad-header", 4, 0, 0}, {"unknown-header-type", 4, 1, 1}, {"unknown-option", 4, 2, 2},
	{"echo-request", 128, 0, 255}, {"ping", 128, 0, 255}, {"echo-reply", 129, 0, 255}, {"pong", 129, 0, 255},
	{"mld-listener-query", 130, 0, 255}, {"mld-listener-report", 131, 0, 255},
	{"mld-listener-done", 132, 0, 255}, {"mld-listener-reduction", 132, 0, 255},
	{"router-solicitation", 133, 0, 255}, {"router-advertisement", 134, 0, 255},
	{"neighbour-solicitation", 135, 0, 255}, {"neighbor-solicitation", 135, 0, 255},
	{"neighbour-advertisement", 136, 0, 255}, {"neighbor-advertisement", 136, 0, 255},
	{"redirect", 137, 0, 255},
}

// Types reads an ICMP type of a family: a name, which may be shortened, a type,
// type/code, or type/first:last. "any" and 255 are every type.
func Types(text string, family packet.Family) (*packet.ICMPTypes, bool) {
	if text == "any" && family == packet.IPv4 {
		return nil, true
	}
	kind, code, hasCode := strings.Cut(text, "/")
	if n, err := strconv.ParseUint(kind, 0, 8); err == nil {
		first, last := uint64(0), uint64(255)
		if hasCode {
			low, high, isRange := strings.Cut(code, ":")
			if first, err = strconv.ParseUint(low, 0, 8); err != nil {
				return nil, false
			}
			last = first
			if isRange {
				if last, err = strconv.ParseUint(high, 0, 8); err != nil {
					return nil, false
				}
			}
		}
		if n == 255 && family == packet.IPv4 {
			return nil, true
		}
		return packet.Span(packet.ICMPType(n<<8|first), packet.ICMPType(n<<8|last)), true
	}
	names := icmpv4Names
	if family == packet.IPv6 {
		names = icmpv6Names
	}
	var found *icmpName
	for i := range names {
		n := &names[i]
		if strings.EqualFold(n.name, text) {
			found = n
			break
		}
		if len(text) > 0 && len(n.name) > len(text) && strings.EqualFold(n.name[:len(text)], text) {
			if found != nil {
				return nil, false
			}
			found = n
		}
	}
	if found == nil {
		return nil, false
	}
	return packet.Span(packet.ICMPType(found.kind<<8|found.first), packet.ICMPType(found.kind<<8|found.last)), true
}
