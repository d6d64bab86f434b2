package netsh

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// conn is one concrete packet as a host sees it.
type conn struct {
	direction        string // "in" or "out"
	profile          packet.Profiles
	protocol         uint8
	local, remote    netip.Addr
	lport, rport     int
	kind, code       int // ICMP
	program, service string
	established      bool
	loopback         bool
}

// parseConn reads "in tcp 10.0.0.9:50000 10.1.1.1:445 system" (remote, then local side).
func parseConn(text string) conn {
	c := conn{profile: packet.Domain}
	words := strings.Fields(text)
	c.direction = words[0]
	c.protocol, _ = packet.ProtocolNumber(words[1])
	side := func(w string) (netip.Addr, int) {
		if ap, err := netip.ParseAddrPort(w); err == nil {
			return ap.Addr(), int(ap.Port())
		}
		return netip.MustParseAddr(w), 0
	}
	c.remote, c.rport = side(words[2])
	c.local, c.lport = side(words[3])
	for _, w := range words[4:] {
		switch {
		case w == "established":
			c.established = true
		case w == "loopback":
			c.loopback = true
		case w == "private":
			c.profile = packet.Private
		case w == "public":
			c.profile = packet.Public
		case strings.HasPrefix(w, "type="):
			kind, code, _ := strings.Cut(w[5:], "/")
			c.kind, _ = strconv.Atoi(kind)
			c.code, _ = strconv.Atoi(code)
		default:
			c.program, c.service, _ = strings.Cut(w, "/")
		}
	}
	return c
}

// in tells whether the packet is in the box, dimension by dimension.
func (c conn) in(b *packet.Box) bool {
	local, family := packet.FromNetip(c.local)
	remote, _ := packet.FromNetip(c.remote)
	state, in, out := packet.New, packet.Name("nic"), packet.Name("")
	if c.established {
		state = packet.Established
	}
	if c.loopback {
		in = "lo"
	}
	src, dst, sport, dport := remote, local, c.rport, c.lport
	if c.direction == "out" {
		src, dst, sport, dport = dst, src, dport, sport
		in, out = out, in
	}
	icmp := c.protocol != packet.ICMP && c.protocol != packet.ICMPv6 || b.ICMP.Contains(packet.ICMPType(c.kind<<8|c.code))
	return b.Family&family != 0 && b.Profile&c.profile != 0 && b.State&state != 0 && b.Protocol.Contains(c.protocol) &&
		b.Src.Contains(src) && b.Dst.Contains(dst) && b.SrcPort.Contains(packet.Port(sport)) && b.DstPort.Contains(packet.Port(dport)) &&
		icmp && b.In.Contains(in) && b.Out.Contains(out) && b.Program.Contains(packet.Name(c.program)) && b.Service.Contains(packet.Name(c.service))
}

// outcomes is what can happen to a packet: bit 0 it passes, bit 1 it does not.
type outcomes uint8

func (o outcomes) String() string {
	return [...]string{"nothing", "allowed", "blocked", "conditional"}[o]
}

// evalChain walks a chain with a packet; an unknown condition goes both ways, each
// one for itself.
func evalChain(chain *model.Chain, c conn) (o outcomes) {
	for i := range chain.Rules {
		rule := &chain.Rules[i]
		if !c.in(&rule.Where) {
			continue
		}
		unknown := rule.Tests != nil && len(rule.Tests.Unknown) > 0
		switch rule.Action.Kind {
		case model.Accept:
			o |= 1
		case model.Drop:
			o |= 2
		case model.Undecided:
			o |= 3
			unknown = unknown || !rule.Action.NeverContinues
		}
		if !unknown {
			return o
		}
	}
	if chain.Default.Kind == model.Accept {
		return o | 1
	}
	return o | 2
}

func evalFirewall(fw *model.Firewall, c conn) outcomes {
	hook := model.Input
	if c.direction == "out" {
		hook = model.Output
	}
	return evalChain(fw.Hooks[hook][0], c)
}

// naive judges one packet straight from Microsoft's documented order, on the words
// of the rules, with nothing of the reader or the compiler.
func naive(specs []spec, settings [3]string, verbose bool, subnet netip.Prefix, c conn) outcomes {
	i := map[packet.Profiles]int{packet.Domain: 0, packet.Private: 1, packet.Public: 2}[c.profile]
	state, policy, _ := strings.Cut(settings[i], " ")
	inbound, outbound, _ := strings.Cut(policy, ",")
	switch {
	case c.local.IsLoopback(), c.established, state == "off":
		return 1
	case c.direction == "in" && inbound == "BlockInboundAlways":
		return 2
	}
	var o outcomes
	for _, action := range []string{"bypass", "block", "allow"} {
		best := 0
		for _, s := range specs {
			if s["action"] == action {
				best = max(best, naiveMatch(s, c, verbose, subnet))
			}
		}
		if best == 0 {
			continue
		}
		if action == "block" {
			o |= 2
		} else {
			o |= 1
		}
		if best == 2 && action != "bypass" {
			return o
		}
	}
	if c.direction == "in" && inbound == "BlockInbound" || c.direction == "out" && outbound == "BlockOutbound" {
		return o | 2
	}
	return o | 1
}

// naiveMatch tells how a rule matches: 0 not, 1 perhaps, 2 surely.
func naiveMatch(s spec, c conn, verbose bool, subnet netip.Prefix) int {
	name := map[packet.Profiles]string{packet.Domain: "Domain", packet.Private: "Private", packet.Public: "Public"}[c.profile]
	if s["enabled"] != "yes" || s["direction"] != c.direction || !slices.Contains(strings.Split(s["profiles"], ","), name) {
		return 0
	}
	if strings.HasPrefix(s["name"], "@{") && s["protocol"] == "Any" && (!verbose || s["program"] == "Any") {
		return 0
	}
	sure := 2
	and := func(m int) { sure = min(sure, m) }
	and(naiveProtocol(s, c))
	and(naiveAddress(s["localip"], c.local, subnet))
	and(naiveAddress(s["remoteip"], c.remote, subnet))
	if s.hasPorts() {
		and(naivePort(s["localport"], c.lport))
		and(naivePort(s["remoteport"], c.rport))
	}
	listening := s["localport"]
	if c.direction == "out" {
		listening = s["remoteport"]
	}
	switch {
	case !verbose && (strings.EqualFold(s["protocol"], "any") || s.hasPorts() && listening == "Any"):
		and(1)
	case verbose && s["program"] != "Any":
		path := strings.Split(s["program"], `\`)
		if !strings.EqualFold(path[len(path)-1], c.program) {
			return 0
		}
	}
	if verbose && s["service"] != "" && !strings.EqualFold(s["service"], c.service) {
		return 0
	}
	if verbose && (s["security"] != "NotRequired" || s["interfacetypes"] != "Any") || s["action"] == "bypass" {
		and(1)
	}
	return sure
}

func naiveProtocol(s spec, c conn) int {
	switch p := strings.ToLower(s["protocol"]); p {
	case "any":
		return 2
	case "icmpv4", "icmpv6":
		if p == "icmpv4" && (c.protocol != 1 || !c.local.Is4()) || p == "icmpv6" && (c.protocol != 58 || c.local.Is4()) {
			return 0
		}
		for _, entry := range strings.Split(s["icmp"], ",") {
			w := strings.Fields(entry)
			if (w[0] == "Any" || w[0] == strconv.Itoa(c.kind)) && (w[1] == "Any" || w[1] == strconv.Itoa(c.code)) {
				return 2
			}
		}
		return 0
	case "tcp", "udp":
		if p == "tcp" && c.protocol == 6 || p == "udp" && c.protocol == 17 {
			return 2
		}
		return 0
	default:
		if p == strconv.Itoa(int(c.protocol)) {
			return 2
		}
		return 0
	}
}

func naiveAddress(list string, a netip.Addr, subnet netip.Prefix) int {
	best := 0
	for _, w := range strings.Split(list, ",") {
		first, last, isRange := strings.Cut(w, "-")
		switch {
		case w == "Any":
			return 2
		case w == "LocalSubnet":
			if a.Is4() && subnet.IsValid() {
				if subnet.Contains(a) {
					return 2
				}
			} else {
				best = 1
			}
		case w == "DNS":
			best = 1
		case isRange:
			if l, h := netip.MustParseAddr(first), netip.MustParseAddr(last); l.Is4() == a.Is4() && !a.Less(l) && !h.Less(a) {
				return 2
			}
		case strings.Contains(w, "/"):
			if netip.MustParsePrefix(w).Contains(a) {
				return 2
			}
		case netip.MustParseAddr(w) == a:
			return 2
		}
	}
	return best
}

func naivePort(list string, p int) int {
	for _, w := range strings.Split(list, ",") {
		first, last, isRange := strings.Cut(w, "-")
		if !isRange {
			last = first
		}
		l, _ := strconv.Atoi(first)
		h, _ := strconv.Atoi(last)
		if w == "Any" || l <= p && p <= h || w == "RPC-EPMap" && p == 135 || w == "IPHTTPS" && p == 443 {
			return 2
		}
	}
	return 0
}
