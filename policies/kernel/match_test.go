//go:build linux

package kernel

import (
	"fmt"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
)

// match collects a rule's matches.
type match struct {
	words    []string
	protocol string // "tcp", "udp", or "" for others and any
	hasPorts bool
}

func (m *match) add(words string) {
	// An option that a target needs replaces the one that is there.
	option, _, _ := strings.Cut(strings.TrimPrefix(words, "! "), " ")
	for i, w := range m.words {
		if strings.HasPrefix(strings.TrimPrefix(w, "! "), option+" ") && !strings.HasPrefix(option, "-m") {
			m.words[i] = words
			return
		}
	}
	m.words = append(m.words, words)
}

// not negates an option now and then.
func (g *generator) not(percent int, option string) string {
	if g.chance(percent) {
		return "! " + option
	}
	return option
}

// matches makes a random match that the table and hooks allow.
func (g *generator) matches(h *host, table string, hooks []string) match {
	var m match
	g.protocolMatch(&m)
	if g.chance(35) {
		m.add(g.not(15, "-s "+g.addresses()))
	}
	if g.chance(40) {
		m.add(g.not(15, "-d "+g.addresses()))
	}
	g.portMatch(&m)
	g.interfaceMatch(&m, h, hooks)
	// A request without tracking whose later packets are tracked is left out: conntrack
	// then takes up the connection in the middle, which the engine tells in part only.
	if m.protocol == "tcp" && table != "raw" && g.chance(12) {
		m.add(g.flagsMatch())
	}
	if g.chance(8) {
		first, last := g.span()
		m.add("-m iprange " + g.not(25, oneOf(g, "--src-range ", "--dst-range ")+first+"-"+last))
	}
	if table != "raw" && g.chance(25) {
		m.add(g.stateMatch())
	}
	if g.chance(10) && table != "raw" {
		m.add(g.markMatch())
	}
	if len(g.sets) > 0 && g.chance(35) {
		s := oneOf(g, g.sets...)
		if !s.ports || m.hasPorts || g.chance(20) {
			m.add("-m set " + g.not(25, "--match-set "+s.name+" "+s.directions))
		}
	}
	if table != "raw" && g.chance(4) {
		m.add(g.connectionMatch())
	}
	if g.chance(5) {
		m.add(`-m comment --comment "said -j DROP"`)
	}
	if g.chance(4) {
		m.add("-m addrtype " + g.not(20, oneOf(g, "--dst-type ", "--src-type ")+oneOf(g, "LOCAL", "UNICAST", "LOCAL,UNICAST")))
	}
	return m
}

func (g *generator) protocolMatch(m *match) {
	icmp := "icmp"
	if g.family == packet.IPv6 {
		icmp = "ipv6-icmp"
	}
	switch n := g.IntN(100); {
	case n < 35:
		m.protocol, m.hasPorts = "tcp", true
		m.add("-p tcp")
	case n < 60:
		m.protocol, m.hasPorts = "udp", true
		m.add("-p udp")
	case n < 64:
		m.add("! -p " + oneOf(g, "tcp", "udp", icmp))
	case n < 67:
		m.add("-p " + oneOf(g, icmp, "47", "sctp"))
	}
}

// addresses is what -s and -d take: an address, a network, an odd mask.
func (g *generator) addresses() string {
	a := oneOf(g, g.pool...)
	switch n := g.IntN(10); {
	case n < 4:
		return a.String()
	case n < 9:
		bits := oneOf(g, 8, 16, 24, 30, 31)
		if g.family == packet.IPv6 {
			bits = oneOf(g, 16, 64, 126, 127)
		}
		p, _ := a.Prefix(bits)
		return p.String()
	}
	if g.family == packet.IPv6 {
		return oneOf(g, "::2/::3", "::/::1", "fd02::/ffff::1")
	}
	return oneOf(g, "0.0.0.2/0.0.0.3", "0.0.0.0/0.0.0.1", "10.0.0.3/255.0.0.255")
}

// span is a range of addresses on one link.
func (g *generator) span() (first, last string) {
	a := oneOf(g, g.pool...)
	b := a
	for range g.IntN(3) {
		b = b.Next()
	}
	return a.String(), b.String()
}

// portSpan is what --dport and --sport take.
func (g *generator) portSpan(source bool) string {
	if source {
		return oneOf(g, "1024:65535", ":32767", "32768:60999", "40000:", "25000:25050")
	}
	return oneOf(g, fmt.Sprint(g.port()), fmt.Sprint(g.port()), "63001:63002", ":1023", "1024:", "80:443")
}

func (g *generator) portMatch(m *match) {
	if !m.hasPorts {
		return
	}
	if g.chance(45) {
		m.add("-m " + m.protocol + " " + g.not(15, "--dport "+g.portSpan(false)))
	}
	if g.chance(15) {
		m.add("-m " + m.protocol + " " + g.not(15, "--sport "+g.portSpan(true)))
	}
	if g.chance(20) {
		list := fmt.Sprintf("%d,%d,%s", g.port(), g.port(), oneOf(g, "63001:63002", "80:443", "30000:40000"))
		m.add("-m multiport " + g.not(20, oneOf(g, "--dports ", "--ports ", "--sports ")+list))
	}
}

// interfaceMatch adds -i and -o where the tools take them.
func (g *generator) interfaceMatch(m *match, h *host, hooks []string) {
	left, right := g.lab.interfaces(h)
	names := []string{"lo", "wan+", "lan+", "eth+", "w+", "nowhere0"}
	for _, n := range []string{left, right} {
		if n != "" {
			names = append(names, n, n)
		}
	}
	base := strings.Join(hooks, " ")
	user := len(hooks) > 1
	if g.chance(18) && (user || strings.Contains(base, "PREROUTING") || base == "INPUT" || base == "FORWARD") {
		m.add(g.not(20, "-i "+oneOf(g, names...)))
	}
	if g.chance(18) && (user || strings.Contains(base, "POSTROUTING") || base == "OUTPUT" || base == "FORWARD") {
		m.add(g.not(20, "-o "+oneOf(g, names...)))
	}
}

func (g *generator) flagsMatch() string {
	return "-m tcp " + g.not(20, oneOf(g, "--syn", "--tcp-flags SYN,ACK SYN", "--tcp-flags FIN,SYN,RST,ACK SYN", "--tcp-flags ACK ACK",
		"--tcp-flags SYN,ACK SYN,ACK", "--tcp-flags RST RST", "--tcp-flags FIN FIN", "--tcp-flags ALL NONE", "--tcp-flags PSH PSH"))
}

func (g *generator) stateMatch() string {
	states := oneOf(g, "NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "NEW,ESTABLISHED", "INVALID", "UNTRACKED", "NEW,UNTRACKED",
		"INVALID,UNTRACKED", "NEW,RELATED")
	if g.chance(20) {
		return "-m state " + g.not(25, "--state "+states)
	}
	if g.chance(15) {
		states = oneOf(g, "DNAT", "SNAT", "SNAT,DNAT", "NEW,DNAT", "ESTABLISHED,SNAT")
	}
	return "-m conntrack " + g.not(25, "--ctstate "+states)
}

// connectionMatch asks for what conntrack knows of the connection besides its state.
func (g *generator) connectionMatch() string {
	option := oneOf(g, "--ctdir ORIGINAL", "--ctdir REPLY", "--ctproto tcp", "--ctstatus SEEN_REPLY", "--ctstatus ASSURED",
		"--ctorigsrc "+g.addresses(), "--ctorigdst "+g.addresses(), "--ctreplsrc "+g.addresses(), fmt.Sprintf("--ctorigdstport %d", g.port()))
	if strings.HasPrefix(option, "--ctdir") {
		return "-m conntrack " + option
	}
	return "-m conntrack " + g.not(20, option)
}

func (g *generator) markMatch() string {
	value, mask := g.IntN(4), oneOf(g, 1, 2, 3, 0xff)
	option := fmt.Sprintf("--mark %#x", value)
	if g.chance(60) {
		option = fmt.Sprintf("--mark %#x/%#x", value&mask, mask)
	}
	return oneOf(g, "-m mark ", "-m connmark ") + g.not(20, option)
}
