package packet

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A field of 64 destinations and 16 ports, on which sets of many boxes are drawn.
const fieldWidth, fieldHeight = 64, 16

func manyBoxes(random *rand.Rand, n int) []Box {
	out := make([]Box, n)
	for i := range out {
		b := Any()
		b.Family, b.Protocol = IPv4, OneProtocol(TCP)
		for range 1 + random.IntN(2) {
			first := random.Uint64N(fieldWidth)
			part := Span(Addr{Lo: first}, Addr{Lo: min(fieldWidth-1, first+random.Uint64N(6))})
			if b.Dst == nil {
				b.Dst = part
			} else {
				b.Dst = b.Dst.Union(part)
			}
		}
		if random.IntN(4) > 0 {
			first := Port(random.IntN(fieldHeight))
			b.SrcPort = Span(first, min(fieldHeight-1, first+Port(random.IntN(5))))
		}
		out[i] = b
	}
	return out
}

// drawn tells of each point of the field in how many of the boxes it is.
func drawn(boxes []Box) [fieldWidth * fieldHeight]int {
	var out [fieldWidth * fieldHeight]int
	for i := range boxes {
		for at := range out {
			if boxes[i].Dst.Contains(Addr{Lo: uint64(at % fieldWidth)}) && boxes[i].SrcPort.Contains(Port(at/fieldWidth)) {
				out[at]++
			}
		}
	}
	return out
}

// Sets of many boxes hold what their definition says, point by point.
func TestLargeSetsAgainstPoints(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	for round := range 200 {
		one, other := manyBoxes(random, 20+random.IntN(120)), manyBoxes(random, 20+random.IntN(60))
		inOne, inOther := drawn(one), drawn(other)
		s, u := Of(slices.Clone(one)...), Of(slices.Clone(other)...)
		check := func(what string, got Set, want func(a, b bool) bool) {
			t.Helper()
			for at, n := range drawn(got) {
				if n > 1 {
					t.Fatalf("round %d: the boxes of %s are not disjoint", round, what)
				}
				if want := want(inOne[at] > 0, inOther[at] > 0); (n == 1) != want {
					t.Fatalf("round %d: %s at %d is %v, want %v", round, what, at, n == 1, want)
				}
			}
		}
		check("a set", s, func(a, _ bool) bool { return a })
		check("a union", s.UnionSet(u), func(a, b bool) bool { return a || b })
		check("an intersection", s.IntersectSet(u), func(a, b bool) bool { return a && b })
		check("a difference", s.SubtractSet(u), func(a, b bool) bool { return a && !b })
		if both := s.IntersectSet(u); !both.Within(s) || !both.Within(u) || !s.UnionSet(u).Equal(u.UnionSet(s)) {
			t.Fatalf("round %d: the parts are not within the whole", round)
		}
	}
}

func TestIndexAgainstEachBox(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	for _, n := range []int{0, 1, fewBoxes, fewBoxes + 1, 500} {
		boxes := manyBoxes(random, n)
		index := NewIndex(boxes)
		for _, b := range append(manyBoxes(random, 50), Any()) {
			var want []int
			for i := range boxes {
				if boxes[i].Overlaps(&b) {
					want = append(want, i)
				}
			}
			if got := slices.Collect(index.Overlapping(&b)); !slices.Equal(got, want) || index.Any(&b) != (len(want) > 0) {
				t.Fatalf("of %d boxes %v overlap %v, want %v", n, got, b, want)
			}
		}
	}
}

func BenchmarkLargeSets(b *testing.B) {
	random := rand.New(rand.NewPCG(8, 8))
	boxes := make([]Box, 10_000)
	for i := range boxes {
		box := Any()
		box.Family, box.Protocol = IPv4, OneProtocol(TCP)
		first, port := random.Uint64N(1<<23), Port(random.IntN(60_000))
		box.Dst, box.SrcPort = Span(Addr{Lo: first}, Addr{Lo: first + random.Uint64N(1<<12)}), Span(port, port+Port(random.IntN(4000)))
		boxes[i] = box
	}
	for b.Loop() {
		s := Of(slices.Clone(boxes)...)
		if !s.Within(Set{Any()}) || !s.SubtractSet(s).IsEmpty() {
			b.Fatal("a set is not within itself")
		}
	}
}
