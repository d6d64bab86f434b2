package netsh

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
)

// maxItems bounds the entries of one list.
const maxItems = 200_000

// item is an entry of a list and its offset in the list's text.
type item struct {
	text string
	at   int
}

// items splits a comma list; empty entries are left out.
func items(list string) (out []item, tooMany bool) {
	for at := 0; at <= len(list); {
		end := len(list)
		if n := strings.IndexByte(list[at:], ','); n >= 0 {
			end = at + n
		}
		if text := trimBlanks(list[at:end]); text != "" {
			if len(out) == maxItems {
				return out, true
			}
			out = append(out, item{text, at + strings.Index(list[at:end], text)})
		}
		at = end + 1
	}
	return out, false
}

// addressList collects the entries of one side.
type addressList struct {
	v4, v6   []*packet.Addrs
	keywords []Keyword
	any      bool
	filled   bool
}

// add reads one entry; families limits what a keyword stands for. An entry that
// can't be read makes the list one of any address: it must not seem narrower than it is.
func (l *addressList) add(text string, families packet.Family) bool {
	l.filled = true
	if isAny(text) || text == "*" {
		l.any = true
		return true
	}
	if name, family, ok := addressKeyword(text); ok {
		if k := (Keyword{name, family & families}); !slices.Contains(l.keywords, k) {
			l.keywords = append(l.keywords, k)
		}
		return true
	}
	set, family, ok := parseAddress(text)
	if !ok || family&families == 0 {
		l.any = true
		return false
	}
	if family == packet.IPv4 {
		l.v4 = append(l.v4, set)
	} else {
		l.v6 = append(l.v6, set)
	}
	return true
}

func (l *addressList) addresses() Addresses {
	if l.any || !l.filled {
		return anyAddresses()
	}
	return Addresses{V4: packet.Union(l.v4...), V6: packet.Union(l.v6...), Keywords: l.keywords}
}

// addressKeyword knows the words for addresses that depend on the host: those of
// `add rule`, of MS-GPFAS 2.2.2.19 and of PowerShell.
func addressKeyword(text string) (string, packet.Family, bool) {
	switch name := lower(text); name {
	case "localsubnet", "dns", "dhcp", "wins", "defaultgateway", "intranet", "rmtintranet", "internet", "ply2renders", "playtodevice", "captiveportal":
		return name, packet.AnyFamily, true
	case "localsubnet4":
		return "localsubnet", packet.IPv4, true
	case "localsubnet6":
		return "localsubnet", packet.IPv6, true
	case "lokales subnetz", "ローカル サブネット", "本地子网":
		return "localsubnet", packet.AnyFamily, true
	}
	return "", 0, false
}

// parseAddress reads a host, "first-last", "network/length" or "network/mask".
func parseAddress(text string) (*packet.Addrs, packet.Family, bool) {
	if first, last, ok := strings.Cut(text, "-"); ok {
		a, errA := netip.ParseAddr(trimBlanks(first))
		b, errB := netip.ParseAddr(trimBlanks(last))
		if errA != nil || errB != nil || a.Zone() != "" || b.Zone() != "" || a.Is4() != b.Is4() || b.Less(a) {
			return nil, 0, false
		}
		low, family := packet.FromNetip(a)
		high, _ := packet.FromNetip(b)
		return packet.Span(low, high), family, true
	}
	if network, mask, ok := strings.Cut(text, "/"); ok {
		return parseNetwork(network, mask)
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return nil, 0, false
	}
	n, family := packet.FromNetip(a)
	return packet.Only(n), family, true
}

// parseNetwork reads a network with a prefix length or, in IPv4, a mask without gaps.
func parseNetwork(network, mask string) (*packet.Addrs, packet.Family, bool) {
	a, err := netip.ParseAddr(network)
	if err != nil || a.Zone() != "" {
		return nil, 0, false
	}
	low, family := packet.FromNetip(a)
	length, err := strconv.Atoi(mask)
	if err != nil {
		if length, err = maskLength(mask); err != nil || family != packet.IPv4 {
			return nil, 0, false
		}
	}
	if length < 0 || length > family.Bits() {
		return nil, 0, false
	}
	host := packet.HostMask(family.Bits() - length)
	return packet.Span(low.And(host.Not()), low.Or(host)), family, true
}

// maskLength turns 255.255.0.0 into 16.
func maskLength(mask string) (int, error) {
	a, err := netip.ParseAddr(mask)
	if err != nil || !a.Is4() {
		return 0, strconv.ErrSyntax
	}
	n, _ := packet.FromNetip(a)
	for length := range 33 {
		if n == packet.HostMask(32-length).Not().And(packet.HostMask(32)) {
			return length, nil
		}
	}
	return 0, strconv.ErrRange
}

// portList collects the entries of one side.
type portList struct {
	numbers  []*packet.Ports
	keywords []string
	any      bool
	filled   bool
}

// add reads a port, a range or a keyword. An entry that can't be read makes the
// list one of any port.
func (l *portList) add(text string) bool {
	l.filled = true
	if text == "" || text[0] < '0' || text[0] > '9' {
		if name, ok := portKeyword(text); ok {
			if !slices.Contains(l.keywords, name) {
				l.keywords = append(l.keywords, name)
			}
			return true
		}
		l.any = true
		return isAny(text) || text == "*"
	}
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	a, errA := strconv.ParseUint(trimBlanks(first), 10, 16)
	b, errB := strconv.ParseUint(trimBlanks(last), 10, 16)
	if errA != nil || errB != nil || b < a {
		l.any = true
		return false
	}
	l.numbers = append(l.numbers, packet.Span(packet.Port(a), packet.Port(b)))
	return true
}

func (l *portList) ports() Ports {
	if l.any || !l.filled {
		return anyPorts()
	}
	return Ports{Numbers: packet.Union(l.numbers...), Keywords: l.keywords}
}

// portKeyword knows the words for ports; PowerShell and the registry spell some otherwise.
func portKeyword(text string) (string, bool) {
	switch name := lower(text); name {
	case "rpc", "rpc-epmap", "iphttps", "teredo", "ply2disc", "mdns":
		return name, true
	case "rpcepmap":
		return "rpc-epmap", true
	case "iphttpsin", "iphttpsout", "iptlsin", "iptlsout": // IP-TLS is IP-HTTPS without HTTP, on the same port
		return "iphttps", true
	case "cortana":
		return name, true
	case "playtodiscovery":
		return "ply2disc", true
	}
	return "", false
}

// protocolOf reads a protocol's name or number; netsh prints other names as numbers.
func protocolOf(text string) (packet.Protocols, bool) {
	switch name := lower(text); {
	case name == "tcp":
		return packet.OneProtocol(packet.TCP), true
	case isAny(name):
		return packet.AnyProtocol, true
	case name == "icmpv4":
		return packet.OneProtocol(packet.ICMP), true
	default:
		n, ok := packet.ProtocolNumber(name)
		return packet.OneProtocol(n), ok
	}
}

// icmpType reads a type and a code, each a number or "Any", as a set; nil is every one.
func icmpType(kind, code string) (set *packet.ICMPTypes, ok bool) {
	if isAny(kind) || kind == "*" {
		return nil, true
	}
	t, err := strconv.ParseUint(kind, 10, 8)
	if err != nil {
		return nil, false
	}
	first := packet.ICMPType(t << 8)
	if code == "" || isAny(code) || code == "*" {
		return packet.Span(first, first|255), true
	}
	c, err := strconv.ParseUint(code, 10, 8)
	if err != nil {
		return nil, false
	}
	return packet.Only(first | packet.ICMPType(c)), true
}
