package ipset

import (
	"bytes"
	"net/netip"
	"strings"

	"github.com/sumlint/sumlint/parsers/iptables/icmp"
	"github.com/sumlint/sumlint/parsers/packet"
)

// addElement reads an element and keeps it; false where it is not valid.
func (s *Set) addElement(text []byte, nomatch, wildcard bool) bool {
	var key group
	var varying value
	others := 0
	for i, kind := range s.parts {
		var word []byte
		if i == len(s.parts)-1 {
			word, text = text, nil
		} else {
			word, text, _ = bytes.Cut(text, []byte{','})
		}
		v, ok := s.readPart(kind, word)
		if !ok {
			return false
		}
		switch {
		case kind == macPart || kind == markPart:
		case i == s.vary:
			varying = v
		case others == 0:
			v.wildcard = wildcard && kind == ifacePart
			key.a, others = v, 1
		default:
			key.b = v
		}
	}
	g := s.last
	if g == nil || s.lastKey != key {
		if g = s.groups[key]; g == nil {
			g = &entries{key: key}
			s.groups[key] = g
			s.order = append(s.order, g)
		}
		s.last, s.lastKey = g, key
	}
	g.list = append(g.list, entry{varying.first, varying.last, varying.bits, nomatch})
	return true
}

// readPart reads one part of an element.
func (s *Set) readPart(kind part, word []byte) (value, bool) {
	switch kind {
	case ipPart, netPart:
		return s.readAddress(word, kind)
	case portPart, barePort:
		return readPort(word, kind)
	case ifacePart:
		return value{name: string(word)}, len(word) > 0 && len(word) < 32
	}
	return value{}, true // MAC addresses and marks are not looked at
}

// readAddress reads an address, a network or a range. The set's netmask widens it.
func (s *Set) readAddress(word []byte, kind part) (value, bool) {
	var v value
	low, high, isRange := bytes.Cut(word, []byte{'-'})
	host, length, hasLength := bytes.Cut(low, []byte{'/'})
	addr, ok := parseAddr(host, s.Family)
	bits := s.Family.Bits()
	if ok && hasLength {
		bits, ok = smallNumber(length, bits)
	}
	if !ok {
		return v, false
	}
	if s.netmask >= 0 && kind == ipPart && !hasLength {
		bits = s.netmask
	}
	mask := packet.HostMask(s.Family.Bits() - bits)
	v.first, v.last, v.bits = addr.And(mask.Not()), addr.Or(mask), uint8(bits)
	if !isRange {
		return v, true
	}
	last, ok := parseAddr(high, s.Family)
	if !ok || last.Compare(addr) < 0 {
		return v, false
	}
	v.last = last.Or(mask)
	return v, true
}

// smallNumber reads a number up to most.
func smallNumber(text []byte, most int) (int, bool) {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' || len(text) > 6 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(text) > 0 && n <= most
}

// parseAddr reads an address of a family.
func parseAddr(text []byte, family packet.Family) (packet.Addr, bool) {
	if family == packet.IPv6 {
		a, err := netip.ParseAddr(string(text))
		if err != nil || a.Is4() || a.Zone() != "" {
			return packet.Addr{}, false
		}
		n, _ := packet.FromNetip(a)
		return n, true
	}
	var sum, part uint64
	parts, digits := 1, 0
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9' && digits < 3:
			part, digits = part*10+uint64(c-'0'), digits+1
		case c == '.' && digits > 0 && part < 256 && parts < 4:
			sum, part, digits, parts = sum<<8|part, 0, 0, parts+1
		default:
			return packet.Addr{}, false
		}
	}
	return packet.Addr{Lo: sum<<8 | part}, parts == 4 && digits > 0 && part < 256
}

// protocols are the protocols of a port part that have ports.
var protocols = map[string]uint8{"tcp": packet.TCP, "udp": packet.UDP, "sctp": 132, "udplite": 136}

// readPort reads "80", "udp:53", "tcp:80-90", "icmp:echo-request" and "gre:0".
func readPort(word []byte, kind part) (value, bool) {
	v := value{protocol: packet.TCP}
	text := string(word)
	if name, rest, ok := strings.Cut(text, ":"); ok {
		text = rest
		number, known := protocols[name]
		if !known {
			if number, known = packet.ProtocolNumber(strings.ToLower(name)); !known {
				return v, false
			}
		}
		v.protocol = number
	}
	switch v.protocol {
	case packet.ICMP, packet.ICMPv6:
		family := packet.IPv4
		if v.protocol == packet.ICMPv6 {
			family = packet.IPv6
		}
		set, ok := icmp.Types(text, family)
		first, some := set.Min()
		if !ok || !some {
			return v, false
		}
		// A name stands for its type and first code: that is what the set stores.
		v.first.Lo, v.last.Lo = uint64(first), uint64(first)
		return v, true
	case packet.TCP, packet.UDP, 132, 136:
	default:
		return v, true
	}
	low, high, isRange := strings.Cut(text, "-")
	first, ok := smallNumber([]byte(low), 65535)
	last := first
	if ok && isRange {
		last, ok = smallNumber([]byte(high), 65535)
	}
	if kind == barePort {
		v.protocol = 0
	}
	v.first.Lo, v.last.Lo = uint64(first), uint64(last)
	return v, ok && last >= first
}
