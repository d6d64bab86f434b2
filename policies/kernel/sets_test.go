//go:build linux

package kernel

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
)

// setName is an ipset of the host and the directions that its dimensions take.
type setName struct {
	name, directions string
	ports            bool // needs a protocol with ports
}

// setMaker writes the lines of an ipset restore.
type setMaker struct {
	*generator
	lines []string
	bits  int // of an address
	half  int // a prefix length that divides the lab's links
}

// makeSets creates some of the host's ipsets and fills them. A set's name tells its type
// and family, so that a later ruleset never has to change a set's type.
func (g *generator) makeSets() []string {
	m := &setMaker{generator: g, bits: 32, half: 24}
	if g.family == packet.IPv6 {
		m.bits, m.half = 128, 64
	}
	g.sets = nil
	first, second := g.IntN(setKinds), g.IntN(setKinds)
	m.kind(first)
	if second != first {
		m.kind(second)
	}
	return m.lines
}

// create writes one set; an element that is there already is left out.
func (m *setMaker) create(name, kind, directions string, ports bool, elements ...string) {
	name += map[packet.Family]string{packet.IPv4: ".4", packet.IPv6: ".6"}[m.family]
	if strings.HasPrefix(kind, "hash:") {
		kind += map[packet.Family]string{packet.IPv4: " family inet", packet.IPv6: " family inet6"}[m.family]
	}
	m.sets = append(m.sets, setName{name, directions, ports})
	m.lines = append(m.lines, "create "+name+" "+kind)
	var seen []string
	for _, e := range elements {
		if key, _, _ := strings.Cut(e, " nomatch"); !slices.Contains(seen, key) {
			seen = append(seen, key)
			m.lines = append(m.lines, "add "+name+" "+e)
		}
	}
}

func (m *setMaker) host() string { return oneOf(m.generator, m.pool...).String() }
func (m *setMaker) net(bits int) string {
	return netip.PrefixFrom(oneOf(m.generator, m.pool...), bits).Masked().String()
}
func (m *setMaker) way() string { return oneOf(m.generator, "src", "dst") }

// service is a protocol and port as sets write them.
func (m *setMaker) service() string {
	return fmt.Sprintf("%s:%d", oneOf(m.generator, "tcp", "udp"), m.port())
}

// setKinds is how many kinds of sets there are.
const setKinds = 11

// kind makes one kind of set. Of hash:net,iface only what has one prefix length for each
// address is made: where a shorter one has the interface, the kernel does not look.
func (m *setMaker) kind(n int) {
	switch n {
	case 0:
		m.create("ip", "hash:ip", m.way(), false, m.host(), m.host(), m.host())
	case 1:
		m.create("net", "hash:net", m.way(), false, m.net(m.half), m.net(m.bits)+" nomatch", m.net(m.bits-1)+" nomatch", m.net(m.bits-8))
	case 2:
		m.create("ipport", "hash:ip,port", m.way()+","+m.way(), true, m.host()+","+m.service(), m.host()+","+m.service(), m.host()+",udp:30000-30200")
	case 3:
		m.create("netport", "hash:net,port", m.way()+","+m.way(), true, m.net(m.half)+","+m.service(), m.net(m.bits-1)+","+m.service()+" nomatch",
			m.net(m.half)+","+m.service())
	case 4:
		m.create("port", "bitmap:port range 0-65535", m.way(), true, "22", "443", "63001-63002")
	case 5:
		m.create("ipportip", "hash:ip,port,ip", m.way()+",dst,"+m.way(), true, m.host()+","+m.service()+","+m.host(), m.host()+","+m.service()+","+m.host())
	case 6:
		m.create("netiface", "hash:net,iface", oneOf(m.generator, "src,src", "dst,dst", "src,dst"), false, m.net(m.half)+",lan0", m.net(m.half)+",wan0")
	case 7:
		m.create("m0", "hash:ip", m.way(), false, m.host(), m.host())
		m.create("m1", "hash:net", m.way(), false, m.net(m.half))
		m.create("list", "list:set size 8", m.way(), false, m.sets[len(m.sets)-2].name, m.sets[len(m.sets)-1].name)
	case 8:
		m.create("ipportnet", "hash:ip,port,net", m.way()+",dst,"+m.way(), true, m.host()+","+m.service()+","+m.net(m.half),
			m.host()+","+m.service()+","+m.net(m.bits-1), m.host()+","+m.service()+","+m.net(m.bits)+" nomatch")
	case 9:
		if m.family == packet.IPv4 {
			link := len(m.lab.hosts) - 1
			m.create(fmt.Sprintf("bits%d", link), fmt.Sprintf("bitmap:ip range 10.%d.0.0-10.%d.255.255", link, link), m.way(), false,
				fmt.Sprintf("10.%d.0.%d", link, oneOf(m.generator, endNumbers...)), fmt.Sprintf("10.%d.0.%d-10.%d.0.255", link, 3+m.IntN(3), link))
		}
	case 10:
		m.create("masked", fmt.Sprintf("hash:ip netmask %d", m.bits-1), m.way(), false, m.host(), m.host())
	}
}
