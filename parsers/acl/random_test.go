package acl

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// rules is a list in the words of a person: what naive judges, and what the schemas
// are written from.
type naiveRule struct {
	permit       bool
	proto        int       // -1: any
	src, dst     [2]uint32 // address and wildcard bits
	sport, dport [2]int    // first and last; -1: any
	flags        int       // 0: any; packets with one of these match
}

// naive is a first-match evaluator of one packet, written without the set algebra.
func naive(rules []naiveRule, p point) bool {
	for _, r := range rules {
		match := r.proto < 0 || r.proto == int(p.proto)
		match = match && (uint32(p.src.Lo)^r.src[0])&^r.src[1] == 0 && (uint32(p.dst.Lo)^r.dst[0])&^r.dst[1] == 0
		match = match && (r.sport[0] < 0 || r.sport[0] <= int(p.sport) && int(p.sport) <= r.sport[1])
		match = match && (r.dport[0] < 0 || r.dport[0] <= int(p.dport) && int(p.dport) <= r.dport[1])
		match = match && (r.flags == 0 || r.flags&p.flags != 0)
		if match {
			return r.permit
		}
	}
	return false
}

// entry is the rule in normal form.
func (r naiveRule) entry() entry {
	e := anyEntry(source.Span{})
	if !r.permit {
		e.verdict = deny
	}
	if r.proto >= 0 {
		e.protocol = packet.OneProtocol(uint8(r.proto))
	}
	e.source, e.destination = r.side(r.src, r.sport, false), r.side(r.dst, r.dport, true)
	if r.flags != 0 {
		e.flags = 0
		for _, bit := range []int{packet.SYN, packet.ACK, packet.RST, packet.FIN} {
			if r.flags&bit != 0 {
				e.flags |= packet.FlagsWhere(bit, bit)
			}
		}
	}
	return e
}

func (r naiveRule) side(a [2]uint32, ports [2]int, destination bool) side {
	var s side
	wild, v := packet.Addr{Lo: uint64(a[1])}, packet.Addr{Lo: uint64(a[0])}
	care := packet.Addr{Lo: packet.IPv4.Last().Lo &^ wild.Lo}
	if wild.Lo&(wild.Lo+1) == 0 {
		s.v4, s.v6 = prefixOf(v, wild), noAddrs()
	} else {
		s.mask, s.v6 = &model.AddrMask{Family: packet.IPv4, Destination: destination, Value: v.And(care), Mask: care}, noAddrs()
	}
	if ports[0] >= 0 {
		s.ports = packet.Span(packet.Port(ports[0]), packet.Port(ports[1]))
	}
	return s
}

// ios is the rule as an entry of ios_acls.
func (r naiveRule) ios() string {
	dotted := func(n uint32) string { return fmt.Sprintf("%d.%d.%d.%d", n>>24, n>>16&255, n>>8&255, n&255) }
	end := func(a [2]uint32, p [2]int) string {
		s := fmt.Sprintf("address: %s, wildcard_bits: %s", dotted(a[0]), dotted(a[1]))
		if p[0] >= 0 {
			s += fmt.Sprintf(", port_protocol: {range: {start: %d, end: %d}}", p[0], p[1])
		}
		return "{" + s + "}"
	}
	grant, proto, flags := "deny", "ip", ""
	if r.permit {
		grant = "permit"
	}
	if r.proto >= 0 {
		proto = fmt.Sprint(r.proto)
	}
	for name, bit := range map[string]int{"syn": packet.SYN, "ack": packet.ACK, "rst": packet.RST, "fin": packet.FIN} {
		if r.flags&bit != 0 {
			flags += name + ": true, "
		}
	}
	if flags != "" {
		flags = ", protocol_options: {tcp: {" + flags[:len(flags)-2] + "}}"
	}
	return fmt.Sprintf("{grant: %s, protocol: %s%s, source: %s, destination: %s}", grant, proto, flags, end(r.src, r.sport), end(r.dst, r.dport))
}

func randomRule(rnd *rand.Rand) naiveRule {
	wilds := []uint32{0, 1, 3, 7, 0xffffffff, 0x5, 0x101, 0xff00, 0xfffffff0}
	r := naiveRule{permit: rnd.IntN(2) == 0, proto: []int{-1, 1, 6, 6, 17}[rnd.IntN(5)], sport: [2]int{-1, -1}, dport: [2]int{-1, -1}}
	r.src = [2]uint32{0x0a000000 | uint32(rnd.IntN(8)), wilds[rnd.IntN(len(wilds))]}
	r.dst = [2]uint32{0x0a000100 | uint32(rnd.IntN(8)), wilds[rnd.IntN(len(wilds))]}
	if r.proto == 6 || r.proto == 17 {
		for _, p := range []*[2]int{&r.sport, &r.dport} {
			if rnd.IntN(2) == 0 {
				p[0] = rnd.IntN(4)
				p[1] = p[0] + rnd.IntN(3)
			}
		}
	}
	if r.proto == 6 && rnd.IntN(2) == 0 {
		r.flags = []int{packet.SYN, packet.ACK, packet.ACK | packet.RST, packet.FIN}[rnd.IntN(4)]
	}
	return r
}

func randomPoint(rnd *rand.Rand) point {
	return point{
		family: packet.IPv4, src: packet.Addr{Lo: 0x0a000000 | uint64(rnd.IntN(8)) | uint64(rnd.IntN(2))<<8}, dst: packet.Addr{Lo: 0x0a000100 | uint64(rnd.IntN(8))},
		proto: []uint8{1, 6, 6, 17}[rnd.IntN(4)], sport: packet.Port(rnd.IntN(6)), dport: packet.Port(rnd.IntN(6)), flags: rnd.IntN(64), state: 1, in: "a", out: "b",
	}
}

// TestRandom judges random packets by random lists twice: naively, and by the model
// that the normal form, or the whole way from text, compiles into.
func TestRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		rules := make([]naiveRule, 1+rnd.IntN(8))
		l := &list{name: "A", family: packet.IPv4, fallback: deny}
		text := "config:\n  - afi: ipv4\n    acls:\n      - name: A\n        acl_type: extended\n        aces:\n"
		for i := range rules {
			rules[i] = randomRule(rnd)
			l.entries = append(l.entries, rules[i].entry())
			text += "          - " + rules[i].ios() + "\n"
		}
		direct, diags := Compile(Input{Docs: []*Doc{{File: source.NewFile("x", nil), lists: []*list{l}}}, Interfaces: bound("a in=A", "b")})
		noErrors(t, diags)
		whole, diags := compile(t, bound("a in=A", "b"), text)
		noErrors(t, diags)
		for range 100 {
			p := randomPoint(rnd)
			want := "drop"
			if naive(rules, p) {
				want = "pass"
			}
			if got := verdictOf(direct, p); got != want {
				t.Fatalf("normal form: %s, naive: %s\n%+v\n%s", got, want, p, text)
			}
			if got := verdictOf(whole, p); got != want {
				t.Fatalf("text: %s, naive: %s\n%+v\n%s", got, want, p, text)
			}
		}
	}
}
