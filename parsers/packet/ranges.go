package packet

import "slices"

// Range is the points from First to Last, both included.
type Range[T Point[T]] struct{ First, Last T }

// FromRanges returns the set of the points in any of the ranges, in n log n and with
// one allocation. It reorders the ranges. A range whose last point is before its first
// is empty.
func FromRanges[T Point[T]](ranges []Range[T]) *Intervals[T] {
	byFirst := func(a, b Range[T]) int { return a.First.Compare(b.First) }
	if !slices.IsSortedFunc(ranges, byFirst) {
		slices.SortFunc(ranges, byFirst)
	}
	var cuts []T
	if len(ranges) > 1 {
		cuts = make([]T, 0, 2*len(ranges))
	}
	for _, r := range ranges {
		if r.Last.Compare(r.First) < 0 {
			continue
		}
		end, bounded := r.Last.Next()
		switch n := len(cuts); {
		case n%2 == 1: // the last interval goes on for ever
		case n > 0 && cuts[n-1].Compare(r.First) >= 0:
			if !bounded {
				cuts = cuts[:n-1]
			} else if cuts[n-1].Compare(end) < 0 {
				cuts[n-1] = end
			}
		case bounded:
			cuts = append(cuts, r.First, end)
		default:
			cuts = append(cuts, r.First)
		}
	}
	return &Intervals[T]{cuts: cuts}
}
