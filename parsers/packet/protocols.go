package packet

import "strconv"

// protocolNames holds the names that iptables-save and /etc/protocols use (IANA
// protocol numbers).
var protocolNames = map[uint8]string{
	0: "hopopt", 1: "icmp", 2: "igmp", 4: "ipencap", 6: "tcp", 8: "egp", 9: "igp", 12: "pup", 17: "udp", 22: "xns-idp", 27: "rdp",
	33: "dccp", 41: "ipv6", 43: "ipv6-route", 44: "ipv6-frag", 46: "rsvp", 47: "gre", 50: "esp", 51: "ah", 58: "ipv6-icmp",
	59: "ipv6-nonxt", 60: "ipv6-opts", 88: "eigrp", 89: "ospf", 94: "ipip", 97: "etherip", 103: "pim", 108: "ipcomp",
	112: "vrrp", 115: "l2tp", 124: "isis", 132: "sctp", 135: "mobility-header", 136: "udplite", 137: "mpls-in-ip",
}

// ProtocolName returns the name of a protocol number, or its digits.
func ProtocolName(n uint8) string {
	if name, ok := protocolNames[n]; ok {
		return name
	}
	return strconv.Itoa(int(n))
}

var protocolNumbers = func() map[string]uint8 {
	m := map[string]uint8{"icmpv6": 58, "icmp6": 58, "mh": 135, "ip-encap": 4}
	for n, name := range protocolNames {
		if _, ok := m[name]; !ok {
			m[name] = n
		}
	}
	return m
}()

// ProtocolNumber reads a name (in lower case, as in /etc/protocols) or digits.
func ProtocolNumber(text string) (uint8, bool) {
	if n, ok := protocolNumbers[text]; ok {
		return n, true
	}
	n, err := strconv.ParseUint(text, 10, 8)
	return uint8(n), err == nil
}
