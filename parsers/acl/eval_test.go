package acl

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// point is one concrete packet.
type point struct {
	family       packet.Family
	src, dst     packet.Addr
	proto        uint8
	sport, dport packet.Port
	icmp         packet.ICMPType
	flags        int
	state        packet.States
	in, out      string
}

// box is the set of that one packet.
func (p point) box() packet.Box {
	b := packet.Any()
	b.Family, b.State, b.Flags, b.Protocol = p.family, p.state, packet.FlagsOf(p.flags), packet.OneProtocol(p.proto)
	b.Src, b.Dst = packet.Only(p.src), packet.Only(p.dst)
	b.In, b.Out = packet.OneName(p.in), packet.OneName(p.out)
	if within(b.Protocol, ported()) {
		b.SrcPort, b.DstPort = packet.Only(p.sport), packet.Only(p.dport)
	}
	if p.proto == packet.ICMP || p.proto == packet.ICMPv6 {
		b.ICMP = packet.Only(p.icmp)
	}
	if p.proto != packet.TCP {
		b.Flags = packet.AnyFlags
	}
	return b
}

// parsePoint reads "a>b tcp 10.0.0.1:40000 10.1.0.1:443 S": interfaces, protocol,
// ends and TCP flags. A TCP packet is NEW where it is a SYN, another packet unless
// "est" is said.
func parsePoint(t *testing.T, text string) point {
	t.Helper()
	f := strings.Fields(text)
	p := point{state: packet.New & 1, flags: 0}
	p.in, p.out, _ = strings.Cut(f[0], ">")
	proto, ok := packet.ProtocolNumber(f[1])
	if !ok {
		t.Fatalf("%q: protocol", text)
	}
	p.proto = proto
	end := func(s string) (packet.Addr, packet.Port) {
		if ap, err := netip.ParseAddrPort(s); err == nil {
			a, fam := packet.FromNetip(ap.Addr())
			p.family = fam
			return a, packet.Port(ap.Port())
		}
		a, fam := packet.FromNetip(netip.MustParseAddr(s))
		p.family = fam
		return a, 0
	}
	p.src, p.sport = end(f[2])
	p.dst, p.dport = end(f[3])
	for _, w := range f[4:] {
		switch {
		case w == "est":
			p.state = packet.Established & (1 << 4)
		case strings.HasPrefix(w, "icmp="):
			var n int
			fmt.Sscanf(w, "icmp=%d", &n)
			p.icmp = packet.ICMPType(n << 8)
		default:
			for _, c := range w {
				p.flags |= map[rune]int{'F': packet.FIN, 'S': packet.SYN, 'R': packet.RST, 'P': packet.PSH, 'A': packet.ACK, 'U': packet.URG}[c]
			}
			if w != "S" {
				p.state = packet.Established & (1 << 4)
			}
		}
	}
	return p
}

// outcomes of a walk.
const (
	accepts = 1 << iota
	drops
	goesOn
)

// walk is a plain first-match evaluator of one packet: what an unknown may be, it is.
func walk(ch *model.Chain, b *packet.Box) int {
	got := 0
	for i := range ch.Rules {
		r := &ch.Rules[i]
		match := matches(r, b)
		if match == 0 {
			continue
		}
		if r.Action.Kind == model.Return {
			if got |= goesOn; match == surely {
				return got
			}
			continue
		}
		out := actionOutcomes(&r.Action, b)
		if match == maybe {
			out |= goesOn
		}
		got |= out &^ goesOn
		if out&goesOn == 0 {
			return got
		}
	}
	return got | actionOutcomes(&ch.Default, b)
}

func actionOutcomes(a *model.Action, b *packet.Box) int {
	switch a.Kind {
	case model.Accept:
		return accepts
	case model.Drop, model.Reject:
		return drops
	case model.Jump, model.Goto:
		return walk(a.Chain, b)
	case model.Undecided:
		if a.NeverContinues {
			return accepts | drops
		}
		return accepts | drops | goesOn
	}
	return goesOn
}

const (
	surely = 1
	maybe  = 2
)

func matches(r *model.Rule, b *packet.Box) int {
	if !r.Where.Overlaps(b) {
		return 0
	}
	if r.Tests == nil {
		return surely
	}
	for _, m := range r.Tests.Masks {
		side := b.Src
		if m.Destination {
			side = b.Dst
		}
		a, _ := side.Min()
		if (a.And(m.Mask) == m.Value) == m.Not {
			return 0
		}
	}
	for _, o := range r.Tests.OneOf {
		hit := false
		for i := range o.Boxes {
			hit = hit || o.Boxes[i].Overlaps(b)
		}
		if hit == o.Not {
			return 0
		}
	}
	if len(r.Tests.Unknown) > 0 {
		return maybe
	}
	return surely
}

// verdictOf asks all base chains of a hook: each must accept.
func verdictOf(fw *model.Firewall, p point) string {
	b := p.box()
	all := accepts
	for _, ch := range fw.Hooks[model.Forward] {
		got := walk(ch, &b)
		if got&drops != 0 {
			all |= drops
		}
		if got&accepts == 0 {
			all &^= accepts
		}
	}
	return map[int]string{accepts: "pass", drops: "drop", accepts | drops: "maybe"}[all]
}

// bound makes interfaces from "name in=A,B out=C zone=z" lines.
func bound(lines ...string) []model.Interface {
	f := source.NewFile("top.sum.hcl", []byte(strings.Join(lines, "\n")))
	var out []model.Interface
	for _, l := range lines {
		words := strings.Fields(l)
		i := model.Interface{Name: words[0]}
		for _, w := range words[1:] {
			key, value, _ := strings.Cut(w, "=")
			for _, acl := range strings.Split(value, ",") {
				at := strings.Index(string(f.Data), acl)
				b := model.Binding{ACL: acl, Span: f.Span(at, at+len(acl))}
				switch key {
				case "in":
					i.In = append(i.In, b)
				case "out":
					i.Out = append(i.Out, b)
				case "zone":
					i.Zone = acl
				}
			}
		}
		out = append(out, i)
	}
	return out
}

// compile parses the texts and compiles them; it returns all diagnostics.
func compile(t *testing.T, interfaces []model.Interface, texts ...string) (*model.Firewall, diag.List) {
	t.Helper()
	in := Input{Name: "fw", Interfaces: interfaces, Today: "2026-11-22"}
	var all diag.List
	for i, text := range texts {
		doc, diags := Parse(source.NewFile(fmt.Sprintf("export%d.yaml", i), []byte(text)))
		all = append(all, diags...)
		in.Docs = append(in.Docs, doc)
	}
	fw, diags := Compile(in)
	return fw, append(all, diags...)
}

// packets checks lines "packet -> verdict".
func packets(t *testing.T, fw *model.Firewall, table string) {
	t.Helper()
	for line := range strings.Lines(table) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		text, want, ok := strings.Cut(line, " -> ")
		if !ok {
			t.Fatalf("%q", line)
		}
		if got := verdictOf(fw, parsePoint(t, text)); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// noErrors fails on error diagnostics.
func noErrors(t *testing.T, l diag.List) {
	t.Helper()
	for _, d := range l {
		if d.Severity == diag.Error {
			t.Error(d.Error())
		}
	}
}
