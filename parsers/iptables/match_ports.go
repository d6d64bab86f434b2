package iptables

import (
	"bytes"
	"strconv"

	"github.com/sumlint/sumlint/parsers/iptables/icmp"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// The transport protocols besides those that packet names (IANA).
const (
	protoDCCP    = 33
	protoSCTP    = 132
	protoUDPLite = 136
)

// cachedPorts is a port range that was read lately. Ranges repeat: sharing their set
// saves memory and makes intersections cheap.
type cachedPorts struct {
	first, last packet.Port
	set         *packet.Ports
}

// portSet returns the set of a range of ports.
func (p *parser) portSet(first, last packet.Port) *packet.Ports {
	slot := &p.ports[(first*31+last)%packet.Port(len(p.ports))]
	if slot.set == nil || slot.first != first || slot.last != last {
		*slot = cachedPorts{first, last, packet.Span(first, last)}
	}
	return slot.set
}

// number reads a number as strtoul(3) does in base 0, of at most 32 bits: 0x is
// hexadecimal, and a leading 0 octal.
func number(text []byte) (uint64, bool) {
	if len(text) == 0 || len(text) > 12 || text[0] == '0' && len(text) > 1 {
		return oddNumber(text)
	}
	var n uint64
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, n <= 0xffffffff
}

// oddNumber reads a number that begins with 0.
func oddNumber(text []byte) (uint64, bool) {
	base, digits := 8, text
	if len(text) > 2 && (text[1] == 'x' || text[1] == 'X') {
		base, digits = 16, text[2:]
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	return n, err == nil && digits[0] != '+'
}

// port reads a port: a number or a service's name.
func (r *ruleReader) port(t *token, text []byte) (packet.Port, bool) {
	n, ok := number(text)
	if ok && n <= 65535 {
		return packet.Port(n), true
	}
	if p, known := servicePort(string(text)); known && !ok {
		return p, true
	}
	r.fail(t, "Expected a port from 0 to 65535 or the name of a common service. Other names depend on the host's /etc/services: write the number.", "port %q is not known", clip(text))
	return 0, false
}

// portRange reads "22", "1024:", ":1023" or "1:10". A range whose first port is the
// larger is an error, but for the match udp, which takes it and never matches.
func (r *ruleReader) portRange(t *token, text []byte, reversed bool) (*packet.Ports, bool) {
	low, high, isRange := bytes.Cut(text, []byte{':'})
	if !isRange {
		n, ok := r.port(t, text)
		return r.p.portSet(n, n), ok
	}
	first, last := packet.Port(0), packet.Port(65535)
	ok := true
	if len(low) > 0 {
		first, ok = r.port(t, low)
	}
	if len(high) > 0 && ok {
		last, ok = r.port(t, high)
	}
	if ok && first > last && !reversed {
		r.fail(t, "The lower port comes first.", "port range %q is empty", clip(text))
		return nil, false
	}
	return r.p.portSet(first, last), ok
}

// limitPorts narrows the rule to source or destination ports.
func (r *ruleReader) limitPorts(source bool, ports *packet.Ports, not bool) {
	if not {
		ports = ports.Complement()
	}
	if source {
		r.where.SrcPort = r.where.SrcPort.Intersect(ports)
	} else {
		r.where.DstPort = r.where.DstPort.Intersect(ports)
	}
}

// portOption reads an option of the matches udp, sctp and dccp.
func (r *ruleReader) portOption(m *match, o *option, not bool, values []token) {
	if o.same > 2 { // after the two ports with two names each
		r.condition(m, o, not, values)
		return
	}
	ports, ok := r.portRange(&values[0], values[0].text, m.def.name == "udp")
	switch first, some := ports.Min(); {
	case !ok:
	case not && some && first == 0 && portCount(ports) == 65536:
		r.fail(&values[0], "One variant of iptables takes it for any port, the other for none.", "\"! --%s %s\" has no clear meaning", o.name, clip(values[0].text))
	default:
		r.limitPorts(o.same == 0, ports, not)
	}
}

// tcpOption reads an option of the match tcp.
func (r *ruleReader) tcpOption(m *match, o *option, not bool, values []token) {
	switch o.name {
	case "syn":
		r.limitFlags(packet.FlagsWhere(packet.SYN|packet.RST|packet.ACK|packet.FIN, packet.SYN), not)
	case "tcp-flags":
		mask, ok := r.flags(&values[0])
		value, ok2 := r.flags(&values[1])
		if ok && ok2 {
			r.limitFlags(packet.FlagsWhere(mask, value), not)
		}
	case "tcp-option":
		r.condition(m, o, not, values)
	default:
		r.portOption(m, o, not, values)
	}
}

func (r *ruleReader) limitFlags(flags packet.Flags, not bool) {
	if not {
		flags = ^flags
	}
	r.where.Flags &= flags
}

// flags reads a list of TCP flags: "SYN,RST", "ALL", "NONE".
func (r *ruleReader) flags(t *token) (int, bool) {
	sum := 0
	for _, name := range bytes.Split(t.text, []byte{','}) {
		switch string(bytes.ToUpper(name)) {
		case "FIN":
			sum |= packet.FIN
		case "SYN":
			sum |= packet.SYN
		case "RST":
			sum |= packet.RST
		case "PSH":
			sum |= packet.PSH
		case "ACK":
			sum |= packet.ACK
		case "URG":
			sum |= packet.URG
		case "ALL":
			sum |= 63
		case "NONE":
		default:
			r.legalWord(t, "TCP flag", []string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ALL", "NONE"})
			return 0, false
		}
	}
	return sum, true
}

// multiport reads --sports, --dports and --ports.
func (r *ruleReader) multiport(_ *match, o *option, not bool, values []token) {
	ports, ok := r.portList(&values[0])
	switch {
	case !ok:
	case o.name != "ports":
		r.limitPorts(o.same == 0, ports, not)
	case not:
		r.limitPorts(true, ports, true)
		r.limitPorts(false, ports, true)
	default:
		source, destination := packet.Any(), packet.Any()
		source.Protocol, destination.Protocol = r.where.Protocol, r.where.Protocol
		source.SrcPort, destination.DstPort = ports, ports
		r.tests.OneOf = append(r.tests.OneOf, model.OneOf{Boxes: []packet.Box{source, destination}})
	}
}

// portList reads a list of ports and ranges; it has 15 places, and a range takes two.
func (r *ruleReader) portList(t *token) (*packet.Ports, bool) {
	var sets []*packet.Ports
	places := 0
	for text := range bytes.SplitSeq(t.text, []byte{','}) {
		places++
		if bytes.IndexByte(text, ':') >= 0 {
			places++
		}
		set, ok := r.portRange(t, text, false)
		if !ok {
			return nil, false
		}
		sets = append(sets, set)
	}
	if places > 15 {
		r.fail(t, "The kernel has 15 places; a range takes two. Write several rules.", "too many ports")
		return nil, false
	}
	return packet.Union(sets...), true
}

func needsTCP(r *ruleReader, m *match)  { r.requireProtocol(m, "-p tcp", packet.TCP) }
func needsUDP(r *ruleReader, m *match)  { r.requireProtocol(m, "-p udp", packet.UDP) }
func needsSCTP(r *ruleReader, m *match) { r.requireProtocol(m, "-p sctp", protoSCTP) }
func needsDCCP(r *ruleReader, m *match) { r.requireProtocol(m, "-p dccp", protoDCCP) }
func needsPorts(r *ruleReader, m *match) {
	r.requireProtocol(m, "-p tcp, udp, udplite, sctp or dccp", packet.TCP, packet.UDP, protoUDPLite, protoSCTP, protoDCCP)
}
func needsICMP(r *ruleReader, m *match)   { r.requireProtocol(m, "-p icmp", packet.ICMP) }
func needsICMPv6(r *ruleReader, m *match) { r.requireProtocol(m, "-p ipv6-icmp", packet.ICMPv6) }

// icmpType reads --icmp-type and --icmpv6-type: a name, a type or type/code.
func (r *ruleReader) icmpType(_ *match, _ *option, not bool, values []token) {
	t := &values[0]
	set, ok := icmp.Types(string(t.text), r.s.Family)
	if !ok {
		r.fail(t, "Expected a type (8), a type and code (3/4), or a name such as echo-request.", "ICMP type %q is not known", clip(t.text))
		return
	}
	if not {
		set = set.Complement()
	}
	r.where.ICMP = r.where.ICMP.Intersect(set)
}
