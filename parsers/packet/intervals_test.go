package packet

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"testing"
)

// step is a point of a short line, so that every set of it can be tried.
type step int

func (s step) Compare(t step) int { return cmp.Compare(s, t) }
func (s step) Next() (step, bool) { return s + 1, s < lastStep }

const lastStep step = 5

// place is a point of a longer line, on which sets have many intervals.
type place int

func (p place) Compare(q place) int { return cmp.Compare(p, q) }
func (p place) Next() (place, bool) { return p + 1, p < lastPlace }

const lastPlace place = 63

// fromBits returns the set of the points whose bit is set.
func fromBits[T interface {
	~int
	Point[T]
}](members uint64, last T) *Intervals[T] {
	var points []*Intervals[T]
	for p := T(0); p <= last; p++ {
		if members>>int(p)&1 == 1 {
			points = append(points, Only(p))
		}
	}
	return Union(points...)
}

// toBits asks a set for each point.
func toBits[T interface {
	~int
	Point[T]
}](s *Intervals[T], last T) (members uint64) {
	for p := T(0); p <= last; p++ {
		if s.Contains(p) {
			members |= 1 << int(p)
		}
	}
	return members
}

// checkPair holds each operation on a and b against the same one on bits.
func checkPair[T interface {
	~int
	Point[T]
}](t *testing.T, a, b uint64, sa, sb *Intervals[T], last T) {
	t.Helper()
	all := uint64(1)<<int(last)<<1 - 1
	for _, c := range []struct {
		operation string
		got       *Intervals[T]
		want      uint64
	}{
		{"union", sa.Union(sb), a | b},
		{"intersect", sa.Intersect(sb), a & b},
		{"subtract", sa.Subtract(sb), a &^ b},
		{"complement", sa.Complement(), all &^ a},
	} {
		if got := toBits(c.got, last); got != c.want {
			t.Fatalf("%b %s %b = %b, want %b", a, c.operation, b, got, c.want)
		}
		if !c.got.Equal(fromBits(c.want, last)) {
			t.Fatalf("%b %s %b is not in its one form: %v", a, c.operation, b, c.got)
		}
		if c.got.IsEmpty() != (c.want == 0) {
			t.Fatalf("%b %s %b: IsEmpty = %v", a, c.operation, b, c.got.IsEmpty())
		}
	}
	for _, c := range []struct {
		question  string
		got, want bool
	}{
		{"overlaps", sa.Overlaps(sb), a&b != 0},
		{"within", sa.Within(sb), a&^b == 0},
		{"equal", sa.Equal(sb), a == b},
	} {
		if c.got != c.want {
			t.Fatalf("%b %s %b: %v, want %v", a, c.question, b, c.got, c.want)
		}
	}
}

// Every pair of sets of six points; the full set also as nil.
func TestIntervalsExhaustive(t *testing.T) {
	const sets = 1 << (lastStep + 1)
	for a := range uint64(sets) {
		for b := range uint64(sets) {
			sa, sb := fromBits(a, lastStep), fromBits(b, lastStep)
			checkPair(t, a, b, sa, sb, lastStep)
			if a == sets-1 {
				checkPair(t, a, b, nil, sb, lastStep)
			}
			if b == sets-1 {
				checkPair(t, a, b, sa, nil, lastStep)
			}
		}
	}
	checkPair[step](t, sets-1, sets-1, nil, nil, lastStep)
}

// Small sets against large ones take a shortcut through the large one's cuts.
func TestIntervalsSmallAgainstLarge(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 5_000 {
		large := random.Uint64()
		var small uint64
		for range random.IntN(4) {
			first := random.IntN(64)
			small |= (1<<random.IntN(8)<<1 - 1) << first
		}
		sl, ss := fromBits(large, lastPlace), fromBits(small, lastPlace)
		checkPair(t, small, large, ss, sl, lastPlace)
		checkPair(t, large, small, sl, ss, lastPlace)
		plain := combine(ss, sl, inBoth)
		if !ss.Intersect(sl).Equal(plain) {
			t.Fatalf("%b ∩ %b differs from the plain merge", small, large)
		}
	}
}

// Sets may be shared: no operation changes its operands.
func TestIntervalsDoNotChange(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 2_000 {
		a, b := random.Uint64(), random.Uint64()
		sa, sb := fromBits(a, lastPlace), fromBits(b, lastPlace)
		sa.Union(sb)
		sa.Intersect(sb).Union(sb).Subtract(sa)
		sa.Subtract(sb).Union(Only(place(7)))
		sa.Complement()
		if toBits(sa, lastPlace) != a || toBits(sb, lastPlace) != b {
			t.Fatalf("%b or %b changed", a, b)
		}
	}
}

func TestSpanAndOnly(t *testing.T) {
	for _, c := range []struct {
		set  *Intervals[step]
		want uint64
		len  int
		min  step
		ok   bool
	}{
		{Span[step](0, 5), 0b111111, 1, 0, true},
		{Span[step](2, 3), 0b001100, 1, 2, true},
		{Span[step](3, 2), 0, 0, 0, false},
		{Only[step](5), 0b100000, 1, 5, true},
		{Only[step](0).Union(Only[step](2)), 0b000101, 2, 0, true},
		{Only[step](1).Union(Only[step](2)), 0b000110, 1, 1, true},
		{nil, 0b111111, 1, 0, true},
		{Union[step](), 0, 0, 0, false},
	} {
		if got := toBits(c.set, lastStep); got != c.want {
			t.Errorf("got %b, want %b", got, c.want)
		}
		if c.set.Len() != c.len {
			t.Errorf("%b: %d intervals, want %d", c.want, c.set.Len(), c.len)
		}
		if first, ok := c.set.Min(); first != c.min || ok != c.ok {
			t.Errorf("%b: Min = %v, %v, want %v, %v", c.want, first, ok, c.min, c.ok)
		}
	}
}

func TestEachInterval(t *testing.T) {
	var got string
	see := func(first, end step, bounded bool) { got += fmt.Sprint(first, end, bounded, ";") }
	fromBits(0b110101, lastStep).Each(see)
	if want := "0 1 true;2 3 true;4 0 false;"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got = ""
	(*Intervals[step])(nil).Each(see)
	if want := "0 0 false;"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
