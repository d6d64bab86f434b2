package packet

import (
	"slices"
	"sort"
)

// Point is a value on a line: an address, a port, a name.
type Point[T any] interface {
	// Compare is negative, zero or positive as the value is before, at or after the other.
	Compare(T) int
	// Next is the smallest value after this one; false where there is none.
	Next() (T, bool)
}

// Intervals is a set of points of one dimension. A nil *Intervals holds every
// point. Intervals do not change once made, so they may be shared.
type Intervals[T Point[T]] struct {
	// cuts are the places, in order, at which membership changes, beginning
	// with "out": the set is [cuts[0], cuts[1]) ∪ [cuts[2], cuts[3]) ∪ …, where
	// a last interval without an end goes on for ever. One form for one set.
	cuts []T
	// room keeps the usual single interval in the same allocation.
	room [2]T
}

// Span returns the set of the points from first to last, both included;
// the empty set where last is before first.
func Span[T Point[T]](first, last T) *Intervals[T] {
	s := &Intervals[T]{}
	if last.Compare(first) < 0 {
		return s
	}
	s.room[0] = first
	s.cuts = s.room[:1]
	if end, ok := last.Next(); ok {
		s.room[1] = end
		s.cuts = s.room[:2]
	}
	return s
}

// Only returns the set of that one point.
func Only[T Point[T]](p T) *Intervals[T] { return Span(p, p) }

// Union returns the set of the points in any of the sets, in n log n.
func Union[T Point[T]](sets ...*Intervals[T]) *Intervals[T] {
	switch len(sets) {
	case 0:
		return &Intervals[T]{}
	case 1:
		return sets[0]
	}
	half := len(sets) / 2
	return Union(sets[:half]...).Union(Union(sets[half:]...))
}

// operation says which points a combination of two sets holds, as a table: bit
// 1·(in the first) + 2·(in the second). Bit 0 is never set.
type operation uint8

const (
	inEither  operation = 0b1110
	inBoth    operation = 0b1000
	inFirst   operation = 0b0010 // and not in the second
	firstSide           = 1
	otherSide           = 2
)

// combine walks both sets' cuts in order and keeps the places where the truth of the
// operation changes. Each step compares once: sets of millions of addresses come here.
func combine[T Point[T]](a, b *Intervals[T], op operation) *Intervals[T] {
	var zero T
	ca, cb := a.cutsFrom(zero), b.cutsFrom(zero)
	out := make([]T, 0, max(len(ca), len(cb))+2)
	sides, inside := 0, operation(0)
	for len(ca) > 0 && len(cb) > 0 {
		at := ca[0]
		order := at.Compare(cb[0])
		if order <= 0 {
			sides ^= firstSide
			ca = ca[1:]
		}
		if order >= 0 {
			at = cb[0]
			sides ^= otherSide
			cb = cb[1:]
		}
		if now := op >> sides & 1; now != inside {
			inside, out = now, append(out, at)
		}
	}
	return &Intervals[T]{cuts: rest(op, rest(op, out, ca, sides, firstSide), cb, sides, otherSide)}
}

// rest adds the cuts that are left of one set, where the other's have all been passed.
func rest[T Point[T]](op operation, out, cuts []T, sides, side int) []T {
	if op>>sides&1 == op>>(sides^side)&1 {
		return out // this set makes no difference any more
	}
	return append(out, cuts...)
}

// cutsFrom returns the cuts; every point (nil) is one interval from zero without an end.
func (s *Intervals[T]) cutsFrom(zero T) []T {
	if s == nil {
		return []T{zero}
	}
	return s.cuts
}

// Union returns the points in s or t.
func (s *Intervals[T]) Union(t *Intervals[T]) *Intervals[T] {
	switch {
	case s == nil || t == nil:
		return nil
	case len(s.cuts) == 0:
		return t
	case len(t.cuts) == 0:
		return s
	}
	return combine(s, t, inEither)
}

// Intersect returns the points in s and t. It costs about the smaller set
// times the logarithm of the larger.
func (s *Intervals[T]) Intersect(t *Intervals[T]) *Intervals[T] {
	switch {
	case s == nil:
		return t
	case t == nil || s == t:
		return s
	}
	if len(s.cuts) > len(t.cuts) {
		s, t = t, s
	}
	if len(s.cuts) == 0 {
		return s
	}
	if s.within(t) {
		return s
	}
	return combine(s, t.around(s), inBoth)
}

// around returns a set that equals t between the first and the last point of s,
// so that a small s need not walk a large t.
func (t *Intervals[T]) around(s *Intervals[T]) *Intervals[T] {
	if len(t.cuts) < 16 {
		return t
	}
	from := t.before(s.cuts[0])
	from -= from % 2
	to := len(t.cuts)
	if len(s.cuts)%2 == 0 {
		to = t.before(s.cuts[len(s.cuts)-1])
		to = min(to+to%2, len(t.cuts))
	}
	return &Intervals[T]{cuts: t.cuts[from:to]}
}

// before counts the cuts at or before p: odd means that p is in the set.
func (s *Intervals[T]) before(p T) int {
	if len(s.cuts) <= 8 {
		n := 0
		for n < len(s.cuts) && s.cuts[n].Compare(p) <= 0 {
			n++
		}
		return n
	}
	return sort.Search(len(s.cuts), func(i int) bool { return s.cuts[i].Compare(p) > 0 })
}

// walks tells whether to walk along t's cuts beside those of s, which costs less than
// looking each up where both are many.
func (s *Intervals[T]) walks(t *Intervals[T]) bool {
	return len(s.cuts) > 16 && len(s.cuts) > len(t.cuts)/16
}

// seek is before, walking on from the place n that it told of an earlier point.
func (s *Intervals[T]) seek(n int, p T) int {
	for n < len(s.cuts) && s.cuts[n].Compare(p) <= 0 {
		n++
	}
	return n
}

// Subtract returns the points in s and not in t.
func (s *Intervals[T]) Subtract(t *Intervals[T]) *Intervals[T] {
	if t == nil || s == t {
		return &Intervals[T]{}
	}
	if !s.Overlaps(t) {
		return s
	}
	if s != nil && len(s.cuts) > 0 {
		t = t.around(s)
	}
	return combine(s, t, inFirst)
}

// Complement returns the points not in s.
func (s *Intervals[T]) Complement() *Intervals[T] {
	var all *Intervals[T]
	return all.Subtract(s)
}

// Contains tells whether p is in s.
func (s *Intervals[T]) Contains(p T) bool {
	return s == nil || s.before(p)%2 == 1
}

// IsEmpty tells whether no point is in s.
func (s *Intervals[T]) IsEmpty() bool { return s != nil && len(s.cuts) == 0 }

// Overlaps tells whether some point is in s and t, without making a set.
func (s *Intervals[T]) Overlaps(t *Intervals[T]) bool {
	switch {
	case s == nil:
		return !t.IsEmpty()
	case t == nil:
		return !s.IsEmpty()
	}
	if len(s.cuts) > len(t.cuts) {
		s, t = t, s
	}
	walk, n := s.walks(t), 0
	for i := 0; i < len(s.cuts); i += 2 {
		if walk {
			n = t.seek(n, s.cuts[i])
		} else {
			n = t.before(s.cuts[i])
		}
		if n%2 == 1 {
			return true
		}
		// The next interval of t must begin inside this one of s.
		if n < len(t.cuts) && (i+1 == len(s.cuts) || t.cuts[n].Compare(s.cuts[i+1]) < 0) {
			return true
		}
	}
	return false
}

// Within tells whether each point of s is in t.
func (s *Intervals[T]) Within(t *Intervals[T]) bool {
	switch {
	case t == nil:
		return true
	case s == nil:
		var zero T
		return len(t.cuts) == 1 && t.cuts[0].Compare(zero) == 0
	}
	return s.within(t)
}

func (s *Intervals[T]) within(t *Intervals[T]) bool {
	if s == t {
		return true
	}
	walk, n := s.walks(t), 0
	for i := 0; i < len(s.cuts); i += 2 {
		if walk {
			n = t.seek(n, s.cuts[i])
		} else {
			n = t.before(s.cuts[i])
		}
		if n%2 == 0 {
			return false
		}
		if n == len(t.cuts) {
			continue
		}
		if i+1 == len(s.cuts) || t.cuts[n].Compare(s.cuts[i+1]) < 0 {
			return false
		}
	}
	return true
}

// Equal tells whether both hold the same points.
func (s *Intervals[T]) Equal(t *Intervals[T]) bool {
	if s == nil || t == nil {
		return s == t || s.Within(t) && t.Within(s)
	}
	return s == t || slices.EqualFunc(s.cuts, t.cuts, func(a, b T) bool { return a.Compare(b) == 0 })
}

// Min returns the first point; false for the empty set.
func (s *Intervals[T]) Min() (T, bool) {
	var zero T
	if s == nil {
		return zero, true
	}
	if len(s.cuts) == 0 {
		return zero, false
	}
	return s.cuts[0], true
}

// Each calls f for each interval [first, end) in order; end is invalid where
// bounded is false: the interval then goes on to the line's last point.
func (s *Intervals[T]) Each(f func(first, end T, bounded bool)) {
	var zero T
	cuts := s.cutsFrom(zero)
	for i := 0; i < len(cuts); i += 2 {
		if i+1 < len(cuts) {
			f(cuts[i], cuts[i+1], true)
		} else {
			f(cuts[i], zero, false)
		}
	}
}

// Len counts the intervals.
func (s *Intervals[T]) Len() int {
	if s == nil {
		return 1
	}
	return (len(s.cuts) + 1) / 2
}

// First returns the first n intervals.
func (s *Intervals[T]) First(n int) *Intervals[T] {
	if s.Len() <= n {
		return s
	}
	return &Intervals[T]{cuts: s.cuts[: 2*n : 2*n]}
}
