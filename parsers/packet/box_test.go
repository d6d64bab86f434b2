package packet

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// concrete is one packet of a universe with a few values in each dimension.
type concrete struct {
	family   Family
	profile  Profiles
	state    States
	flags    int
	protocol uint8
	src, dst Addr
	dport    Port
	in       Name
}

var universe = func() (out []concrete) {
	for _, family := range []Family{IPv4, IPv6} {
		for _, profile := range []Profiles{Domain, Public} {
			for _, state := range []States{1, 1 << 4} { // NEW and ESTABLISHED, untranslated
				for _, flags := range []int{SYN, ACK} {
					for _, protocol := range []uint8{TCP, UDP} {
						for src := range uint64(2) {
							for dst := range uint64(3) {
								for _, dport := range []Port{0, 22, 65535} {
									for _, in := range []Name{"", "eth0"} {
										out = append(out, concrete{family, profile, state, flags, protocol, Addr{Lo: src}, Addr{Lo: dst}, dport, in})
									}
								}
							}
						}
					}
				}
			}
		}
	}
	return out
}()

func (b *Box) has(p *concrete) bool {
	return b.Family&p.family != 0 && b.Profile&p.profile != 0 && b.State&p.state != 0 && b.Flags>>p.flags&1 == 1 && b.Protocol.Contains(p.protocol) &&
		b.Src.Contains(p.src) && b.Dst.Contains(p.dst) && b.SrcPort.Contains(1024) && b.DstPort.Contains(p.dport) && b.ICMP.Contains(0) &&
		b.In.Contains(p.in) && b.Out.Contains("") && b.Program.Contains("") && b.Service.Contains("")
}

// members asks for each packet of the universe; no packet may be in two boxes.
func members(t *testing.T, s Set) []bool {
	t.Helper()
	out := make([]bool, len(universe))
	for i := range s {
		if s[i].IsEmpty() {
			t.Fatalf("box %d of the set is empty", i)
		}
		for j := range universe {
			if s[i].has(&universe[j]) {
				if out[j] {
					t.Fatalf("the boxes are not disjoint: %v is in two of %v", universe[j], s)
				}
				out[j] = true
			}
		}
	}
	return out
}

// pick returns a set of some of the points; sometimes nil, sometimes empty.
func pick[T Point[T]](random *rand.Rand, points ...T) *Intervals[T] {
	if random.IntN(3) == 0 {
		return nil
	}
	s := &Intervals[T]{}
	for _, p := range points {
		if random.IntN(3) > 0 {
			s = s.Union(Only(p))
		}
	}
	if random.IntN(3) == 0 {
		s = s.Complement()
	}
	return s
}

// randomBox constrains some dimensions, so that pairs of boxes meet often.
func randomBox(random *rand.Rand) Box {
	b := Any()
	some := func() bool { return random.IntN(3) == 0 }
	if some() {
		b.Family = Family(random.IntN(4))
	}
	if some() {
		b.Profile = Profiles(random.IntN(8))
	}
	if some() {
		b.State = States(random.Uint32()) & AnyState
	}
	if some() {
		b.Flags = FlagsWhere(SYN|ACK, []int{SYN, ACK, SYN | ACK}[random.IntN(3)])
	}
	if some() {
		b.Protocol = OneProtocol([]uint8{TCP, UDP}[random.IntN(2)])
		if random.IntN(2) == 0 {
			b.Protocol = b.Protocol.Not()
		}
	}
	if some() {
		b.Src = pick(random, Addr{Lo: 0}, Addr{Lo: 1})
	}
	if some() {
		b.Dst = pick(random, Addr{Lo: 0}, Addr{Lo: 1}, Addr{Lo: 2})
	}
	if some() {
		b.DstPort = pick[Port](random, 0, 22, 65535)
	}
	if some() {
		b.In = pick[Name](random, "", "eth0")
	}
	return b
}

func TestBoxesAgainstBruteForce(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 1_000 {
		a, b := randomBox(random), randomBox(random)
		both, either, beyond := a.Intersect(b), Of(a, b), a.Subtract(b)
		inBeyond, inEither := members(t, beyond), members(t, either)
		overlap, within := false, true
		for i := range universe {
			p := &universe[i]
			inA, inB := a.has(p), b.has(p)
			overlap = overlap || inA && inB
			within = within && (!inA || inB)
			if both.has(p) != (inA && inB) || inEither[i] != (inA || inB) || inBeyond[i] != (inA && !inB) {
				t.Fatalf("%v\n%v\n%v: intersect %v, union %v, subtract %v", a, b, *p, both.has(p), inEither[i], inBeyond[i])
			}
		}
		// Boxes may also meet or differ outside of the universe, so one direction is all it can tell.
		if overlap && !a.Overlaps(&b) || !within && a.Within(&b) {
			t.Fatalf("%v\n%v: overlaps %v, within %v", a, b, a.Overlaps(&b), a.Within(&b))
		}
		checkBoxLaws(t, a, b)
	}
}

// checkBoxLaws holds the questions against the operations.
func checkBoxLaws(t *testing.T, a, b Box) {
	t.Helper()
	both, beyond := a.Intersect(b), a.Subtract(b)
	if !a.IsEmpty() && !b.IsEmpty() && a.Overlaps(&b) == both.IsEmpty() {
		t.Fatalf("%v\n%v: overlaps is %v, the intersection %v", a, b, a.Overlaps(&b), both)
	}
	if a.Within(&b) != beyond.IsEmpty() {
		t.Fatalf("%v\n%v: within is %v, the rest %v", a, b, a.Within(&b), beyond)
	}
	if !beyond.Union(both).Equal(Of(a)) {
		t.Fatalf("%v\n%v: the parts are not the whole", a, b)
	}
}

func TestSetsAgainstBruteForce(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	set := func() (s Set) {
		for range random.IntN(4) {
			s = s.Union(randomBox(random))
		}
		return s
	}
	for range 200 {
		a, b, box := set(), set(), randomBox(random)
		inA, inB, inBox := members(t, a), members(t, b), members(t, Of(box))
		for _, c := range []struct {
			operation string
			got       Set
			want      func(i int) bool
		}{
			{"union", a.UnionSet(b), func(i int) bool { return inA[i] || inB[i] }},
			{"intersect", a.IntersectSet(b), func(i int) bool { return inA[i] && inB[i] }},
			{"subtract", a.SubtractSet(b), func(i int) bool { return inA[i] && !inB[i] }},
			{"union with a box", a.Union(box), func(i int) bool { return inA[i] || inBox[i] }},
			{"intersect with a box", a.Intersect(box), func(i int) bool { return inA[i] && inBox[i] }},
			{"subtract a box", a.Subtract(box), func(i int) bool { return inA[i] && !inBox[i] }},
		} {
			got := members(t, c.got)
			for i := range universe {
				if got[i] != c.want(i) {
					t.Fatalf("%s: %v is wrong\n%v\n%v\n%v", c.operation, universe[i], a, b, box)
				}
			}
			if c.got.IsEmpty() != (len(c.got) == 0) {
				t.Fatalf("%s: IsEmpty of %v is %v", c.operation, c.got, c.got.IsEmpty())
			}
		}
		if a.Within(b) != a.SubtractSet(b).IsEmpty() || !a.UnionSet(b).Equal(b.UnionSet(a)) || !a.IntersectSet(b).Within(a) {
			t.Fatalf("laws fail for\n%v\n%v", a, b)
		}
		if after := members(t, a); fmt.Sprint(after) != fmt.Sprint(inA) {
			t.Fatalf("an operand changed: %v", a)
		}
	}
}

// An empty box adds nothing to a set, however it is empty.
func TestEmptyBoxes(t *testing.T) {
	empties := map[string]func(*Box){
		"family": func(b *Box) { b.Family = 0 }, "profile": func(b *Box) { b.Profile = 0 }, "state": func(b *Box) { b.State = 0 },
		"flags": func(b *Box) { b.Flags = 0 }, "protocol": func(b *Box) { b.Protocol = Protocols{} },
		"src": func(b *Box) { b.Src = &Addrs{} }, "dst": func(b *Box) { b.Dst = &Addrs{} },
		"sport": func(b *Box) { b.SrcPort = &Ports{} }, "dport": func(b *Box) { b.DstPort = &Ports{} }, "icmp": func(b *Box) { b.ICMP = &ICMPTypes{} },
		"in": func(b *Box) { b.In = &Names{} }, "out": func(b *Box) { b.Out = &Names{} },
		"program": func(b *Box) { b.Program = &Names{} }, "service": func(b *Box) { b.Service = &Names{} },
	}
	for name, empty := range empties {
		b, all := Any(), Any()
		empty(&b)
		if !b.IsEmpty() || !b.Within(&all) {
			t.Errorf("%s: IsEmpty = %v, Within = %v", name, b.IsEmpty(), b.Within(&all))
		}
		if got := Of(b); len(got) != 0 {
			t.Errorf("%s: the union of nothing has %d boxes", name, len(got))
		}
		if got := Of(all).Intersect(b); len(got) != 0 {
			t.Errorf("%s: the intersection with nothing has %d boxes", name, len(got))
		}
		if got := all.Subtract(b); !got.Equal(Of(all)) {
			t.Errorf("%s: everything without nothing is %v", name, got)
		}
		if got := b.Subtract(all); len(got) != 0 {
			t.Errorf("%s: nothing without everything is %v", name, got)
		}
		if !Of(all).Within(Set{all}) || Of(all).Within(Set{b}) {
			t.Errorf("%s: Within is wrong", name)
		}
	}
}

func TestBoxEqual(t *testing.T) {
	a, b := Any(), Any()
	b.DstPort = Span[Port](0, 65535) // every port, put together
	if !a.Equal(&b) || !b.Equal(&a) {
		t.Error("every port is not any port")
	}
	b.DstPort = Span[Port](0, 65534)
	if a.Equal(&b) || b.Equal(&a) {
		t.Error("a box equals a smaller one")
	}
}

func TestBoxString(t *testing.T) {
	for _, c := range []struct {
		change func(*Box)
		want   string
	}{
		{func(*Box) {}, "any packet"},
		{func(b *Box) { b.Family = IPv6 }, "IPv6"},
		{func(b *Box) {
			b.Family, b.Protocol = IPv4, OneProtocol(TCP)
			b.Src, b.Dst = prefixes("10.10.0.5/32"), prefixes("10.20.0.0/16", "10.30.0.0/24")
			b.SrcPort, b.DstPort = Span[Port](1024, 65535), Only[Port](22)
		}, "IPv4 protocol tcp src 10.10.0.5 sport 1024-65535 dst 10.20.0.0/16,10.30.0.0/24 dport 22"},
		{func(b *Box) { b.Protocol = OneProtocol(TCP, UDP, 253) }, "protocol tcp,udp,253"},
		{func(b *Box) { b.Protocol = OneProtocol(TCP).Not() }, "protocol not tcp"},
		{func(b *Box) { b.State = Related | Established }, "state ESTABLISHED,RELATED"},
		{func(b *Box) { b.State = TranslatedDestination & New }, "state NEW+DNAT,NEW+SNAT+DNAT"},
		{func(b *Box) { b.Flags = FlagsOf(0, SYN, SYN|ACK) }, "flags none,SYN,SYN+ACK"},
		{func(b *Box) { b.ICMP = Span[ICMPType](8<<8, 8<<8|255) }, "icmp 8"},
		{func(b *Box) { b.In, b.Out = NamePrefix("eth"), OneName("lo").Complement() }, "in eth+ out not lo"},
		{func(b *Box) { b.Profile = Domain | Public; b.Program, b.Service = OneName("system"), OneName("rpcss") },
			"profile domain,public program system service rpcss"},
	} {
		b := Any()
		c.change(&b)
		if got := b.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestFlags(t *testing.T) {
	// --syn is SYN alone among FIN, SYN, RST and ACK; PSH and URG are free.
	syn := FlagsWhere(FIN|SYN|RST|ACK, SYN)
	if want := FlagsOf(SYN, SYN|PSH, SYN|URG, SYN|PSH|URG); syn != want {
		t.Errorf("--syn is %v, want %v", syn, want)
	}
	if got := FlagsWhere(SYN, ACK); got != 0 {
		t.Errorf("a value outside its mask matches %v", got)
	}
	if FlagsWhere(0, 0) != AnyFlags {
		t.Error("an empty mask does not match each combination")
	}
}

// benchmarkBoxes are a flow's own box and a rule's that differs late.
func benchmarkBoxes() (flow, rule Box) {
	flow, rule = Any(), Any()
	flow.Family, flow.Protocol, flow.State = IPv4, OneProtocol(TCP), New
	flow.Src, flow.Dst = prefixes("10.10.0.5/32"), prefixes("10.20.0.0/16")
	flow.SrcPort, flow.DstPort = Span[Port](32768, 60999), Only[Port](443)
	rule.Family, rule.Protocol = IPv4, OneProtocol(TCP)
	rule.Src, rule.Dst = prefixes("10.10.0.0/24"), prefixes("10.20.4.0/22")
	rule.DstPort = Only[Port](443)
	return flow, rule
}

func BenchmarkBoxOverlaps(b *testing.B) {
	flow, rule := benchmarkBoxes()
	for b.Loop() {
		flow.Overlaps(&rule)
	}
}

func BenchmarkBoxSubtract(b *testing.B) {
	flow, rule := benchmarkBoxes()
	for b.Loop() {
		flow.Subtract(rule)
	}
}

// BenchmarkIntersectSmallWithLarge is one address against a set of 50,000 networks.
func BenchmarkIntersectSmallWithLarge(b *testing.B) {
	nets := make([]*Addrs, 50_000)
	for i := range nets {
		first := Addr{Lo: uint64(i) * 512}
		nets[i] = Span(first, first.Or(HostMask(8)))
	}
	large, small := Union(nets...), span("0.10.0.0", "0.10.2.0")
	for b.Loop() {
		small.Intersect(large)
	}
}

// Joined boxes hold the same packets, and disjoint ones stay disjoint.
func TestJoin(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	joined := 0
	for range 300 {
		var s Set
		for range 1 + random.IntN(3) {
			s = s.Union(randomBox(random))
		}
		// Pieces of one box share their other sides, as those that a rule has divided do.
		for _, by := range []Box{randomBox(random), randomBox(random)} {
			s = append(s.Intersect(by), s.Subtract(by)...)
		}
		got := Join(s)
		if len(got) > len(s) {
			t.Fatalf("%d boxes became %d", len(s), len(got))
		}
		joined += len(s) - len(got)
		before, after := members(t, s), members(t, got)
		for i := range before {
			if before[i] != after[i] {
				t.Fatalf("%v is in %v: %v; joined: %v", universe[i], s, before[i], after[i])
			}
		}
	}
	if joined == 0 {
		t.Error("nothing was ever joined")
	}
}
