//go:build linux

package kernel

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
)

// generator makes random rulesets for a lab. Each is one that the tools accept:
// targets stand only where they may, jumps lead only to later chains.
type generator struct {
	*rand.Rand
	lab    *lab
	family packet.Family
	sets   []setName // of the host at hand
	// The addresses that rules are about: the ends' and the firewalls' own, and some
	// that no host has, for NAT.
	pool []netip.Addr
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func oneOf[T any](g *generator, values ...T) T { return values[g.IntN(len(values))] }

// unowned are addresses that are routed to the first firewall and that no host has.
func unowned(family packet.Family, n int) netip.Addr {
	v4, v6 := address(9, n)
	if family == packet.IPv6 {
		return v6
	}
	return v4
}

// generate makes a ruleset of one family for some of the lab's hosts.
func generate(random *rand.Rand, l *lab) *ruleset {
	g := &generator{Rand: random, lab: l, family: packet.IPv4}
	if g.chance(40) {
		g.family = packet.IPv6
	}
	for _, h := range l.hosts {
		for _, a := range h.addrs {
			if a.Is4() == (g.family == packet.IPv4) {
				g.pool = append(g.pool, a)
			}
		}
	}
	g.pool = append(g.pool, unowned(g.family, 2), unowned(g.family, 3))
	s := &ruleset{sets: map[string][]string{}}
	for _, h := range l.hosts {
		if !middle(h, l) && !g.chance(30) {
			continue
		}
		if g.chance(40) {
			s.sets[h.name] = g.makeSets()
		} else {
			g.sets = nil
		}
		s.filters = append(s.filters, g.filter(h))
	}
	return s
}

// filter fills the tables of one host.
func (g *generator) filter(h *host) *filter {
	f := newFilter(h.name, g.family)
	for _, t := range f.tables {
		share := map[string]int{"raw": 15, "mangle": 35, "nat": 35, "filter": 95, "security": 8}[t.name]
		if g.chance(share) {
			g.fill(h, t)
		}
	}
	return f
}

// hooksOf says from which base chains each user chain of a table may be reached.
var hooksOf = map[string][][]string{
	"raw":      {{"PREROUTING", "OUTPUT"}},
	"mangle":   {{"PREROUTING", "FORWARD"}, {"INPUT", "FORWARD", "OUTPUT"}, {"OUTPUT", "POSTROUTING"}},
	"nat":      {{"PREROUTING", "OUTPUT"}, {"POSTROUTING"}, {"INPUT"}},
	"filter":   {{"INPUT", "FORWARD", "OUTPUT"}, {"FORWARD"}, {"INPUT", "FORWARD"}},
	"security": {{"INPUT", "FORWARD", "OUTPUT"}},
}

func (g *generator) fill(h *host, t *table) {
	base := map[string]bool{}
	for i := range t.chains {
		base[t.chains[i].name] = true
		if t.name == "filter" && g.chance(30) || t.name != "nat" && g.chance(3) {
			t.chains[i].policy = "DROP"
		}
	}
	kind := map[string][]string{} // the base chains from which a chain may be reached
	for name := range base {
		kind[name] = []string{name}
	}
	names := make([]string, 0, 8)
	for _, c := range t.chains {
		names = append(names, c.name)
	}
	for i := range g.IntN(4) {
		name := fmt.Sprintf("%s-%d", oneOf(g, "zone", "svc", "IN_x"), i)
		kind[name] = oneOf(g, hooksOf[t.name]...)
		t.chains = append(t.chains, chain{name, "-"})
		names = append(names, name)
	}
	for i, name := range names {
		n := 1 + g.IntN(4)
		if base[name] && !g.relevant(h, name) {
			n = g.IntN(2)
		}
		if t.name == "filter" && base[name] && g.chance(60) {
			t.rules = append(t.rules, rule{chain: name, text: "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"})
		}
		if t.name == "filter" && base[name] {
			n += g.IntN(6)
		}
		var later []string
		for _, other := range names[i+1:] {
			if !base[other] && within(kind[name], kind[other]) {
				later = append(later, other)
			}
		}
		for range n {
			t.rules = append(t.rules, rule{chain: name, text: g.rule(h, t.name, kind[name], later)})
		}
	}
}

func within(some, all []string) bool {
	for _, s := range some {
		if !strings.Contains(" "+strings.Join(all, " ")+" ", " "+s+" ") {
			return false
		}
	}
	return true
}

// relevant tells whether flows meet the base chain on the host.
func (g *generator) relevant(h *host, chain string) bool {
	return middle(h, g.lab) || chain != "FORWARD"
}

// middle tells whether the host is a firewall.
func middle(h *host, l *lab) bool { return h.index > 0 && h != l.last() }

// rule makes a rule's text: its matches and its target.
func (g *generator) rule(h *host, table string, hooks, later []string) string {
	m := g.matches(h, table, hooks)
	target := g.target(h, table, hooks, later, &m)
	return strings.TrimSpace(strings.Join(m.words, " ") + " " + target)
}

// target chooses what the rule does; it may ask more of the match.
func (g *generator) target(h *host, table string, hooks, later []string, m *match) string {
	if len(later) > 0 && g.chance(35) {
		return oneOf(g, "-j ", "-j ", "-g ") + oneOf(g, later...)
	}
	if g.chance(8) {
		return oneOf(g, "-j RETURN", "")
	}
	if g.chance(4) {
		return g.idleTarget(table)
	}
	switch table {
	case "raw":
		if g.chance(60) {
			return oneOf(g, "-j CT --notrack", "-j NOTRACK")
		}
		return oneOf(g, "-j ACCEPT", "-j DROP")
	case "mangle":
		if g.chance(75) {
			return g.markTarget()
		}
		return oneOf(g, "-j ACCEPT", "-j ACCEPT", "-j DROP")
	case "nat":
		return g.natTarget(h, hooks, m)
	}
	if table == "filter" && g.chance(12) {
		return g.rejectTarget(m)
	}
	return oneOf(g, "-j ACCEPT", "-j ACCEPT", "-j ACCEPT", "-j DROP")
}

func (g *generator) markTarget() string {
	value, mask := g.IntN(4), oneOf(g, 1, 2, 3, 0xff)
	return oneOf(g,
		fmt.Sprintf("-j MARK --set-xmark %#x/0xffffffff", value),
		fmt.Sprintf("-j MARK --set-xmark %#x/%#x", value, mask),
		fmt.Sprintf("-j MARK --and-mark %#x", mask),
		fmt.Sprintf("-j MARK --or-mark %#x", value),
		fmt.Sprintf("-j MARK --xor-mark %#x", value),
		fmt.Sprintf("-j MARK --set-mark %d", value),
		fmt.Sprintf("-j CONNMARK --set-xmark %#x/%#x", value, mask),
		fmt.Sprintf("-j CONNMARK --set-mark %d", value),
		"-j CONNMARK --save-mark",
		"-j CONNMARK --restore-mark",
		fmt.Sprintf("-j CONNMARK --save-mark --nfmask %#x --ctmask %#x", mask, mask),
		fmt.Sprintf("-j CONNMARK --restore-mark --nfmask %#x --ctmask %#x", mask, mask),
	)
}

// idleTarget does something that no verdict depends on.
func (g *generator) idleTarget(table string) string {
	if table == "mangle" {
		return oneOf(g, "-j DSCP --set-dscp 0x12", "-j TOS --set-tos 0x10/0x3f")
	}
	return oneOf(g, `-j LOG --log-prefix "a -j DROP "`, "-j NFLOG --nflog-group 7")
}

func (g *generator) rejectTarget(m *match) string {
	if m.protocol == "tcp" && g.chance(50) {
		return "-j REJECT --reject-with tcp-reset"
	}
	if g.family == packet.IPv6 {
		return oneOf(g, "-j REJECT", "-j REJECT --reject-with icmp6-adm-prohibited", "-j REJECT --reject-with icmp6-addr-unreachable")
	}
	return oneOf(g, "-j REJECT", "-j REJECT --reject-with icmp-admin-prohibited", "-j REJECT --reject-with icmp-host-prohibited")
}

// natTarget rewrites what the hooks allow: the destination before routing, the
// source after it.
func (g *generator) natTarget(h *host, hooks []string, m *match) string {
	if g.chance(15) {
		return "-j ACCEPT"
	}
	server, firewall := g.endAddress(g.lab.last()), g.endAddress(g.lab.hosts[1])
	port := ""
	if m.hasPorts && g.chance(40) {
		port = fmt.Sprint(g.port())
	}
	if hooks[0] == "PREROUTING" || hooks[0] == "OUTPUT" {
		m.add("-d " + oneOf(g, unowned(g.family, 2), unowned(g.family, 3), server, firewall).String())
		switch g.IntN(6) {
		case 0:
			if m.hasPorts {
				return fmt.Sprintf("-j REDIRECT --to-ports %d", g.port())
			}
			return "-j REDIRECT"
		case 1:
			return "-j NETMAP --to " + g.network(server)
		}
		return "-j DNAT --to-destination " + withPort(server, port)
	}
	if hooks[0] == "POSTROUTING" && g.chance(40) {
		return "-j MASQUERADE"
	}
	client := g.endAddress(h)
	switch nobody := unowned(g.family, sourceNumber); {
	case hooks[0] == "INPUT" && middle(h, g.lab):
		return "-j ACCEPT" // a firewall would route its answers by the address that SNAT gave
	case hooks[0] == "INPUT", middle(h, g.lab) && g.chance(50):
		client = nobody
	}
	if m.hasPorts && g.chance(25) {
		port = fmt.Sprintf("%d-%d", 40000, 40000+g.IntN(2)*20000)
	} else {
		port = ""
	}
	return "-j SNAT --to-source " + withPort(client, port)
}

func withPort(a netip.Addr, port string) string {
	switch {
	case port == "":
		return a.String()
	case a.Is4():
		return a.String() + ":" + port
	}
	return "[" + a.String() + "]:" + port
}

// endAddress is one of the host's addresses.
func (g *generator) endAddress(h *host) netip.Addr {
	for {
		if a := oneOf(g, h.addrs...); a.Is4() == (g.family == packet.IPv4) {
			return a
		}
	}
}

func (g *generator) port() uint16 { return oneOf(g, listenPorts...) }

// network is the network of an address: a small prefix of random length, or the link's.
func (g *generator) network(a netip.Addr) string {
	p, err := a.Prefix(g.linkBits())
	if err != nil {
		return a.String()
	}
	return p.String()
}

func (g *generator) linkBits() int {
	if g.family == packet.IPv6 {
		return oneOf(g, 64, 120)
	}
	return 24
}
