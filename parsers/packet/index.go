package packet

import (
	"iter"
	"math"
	"slices"
	"sort"
)

// Index finds those of many boxes that overlap another one without looking at each:
// by what they span on one side, kept as a tree of bounds. Sets of thousands of boxes
// would else cost the square of their number.
type Index struct {
	boxes []Box
	axis  *axis // the side that tells the boxes apart best
	// order are the boxes' places by where they begin, first and last their bounds in
	// that order; nil where there are few boxes.
	order       []int
	first, last []Addr
	// furthest is, for each node of a binary tree over order, the furthest last below it.
	furthest []Addr
}

// fewBoxes is up to how many boxes a look at each is cheaper than an Index.
const fewBoxes = 32

// bounds are the first and last point of a set, as addresses.
type bounds struct{ first, last Addr }

// axis is a side of boxes along which many of them can be told apart.
type axis struct {
	bounds func(*Box) bounds
	// split divides a box into what is before a point and what is not.
	split func(b Box, at Addr) (before, after Box)
}

var axes = []*axis{
	newAxis(func(b *Box) **Addrs { return &b.Dst }, func(a Addr) Addr { return a }, func(a Addr) Addr { return a }),
	newAxis(func(b *Box) **Addrs { return &b.Src }, func(a Addr) Addr { return a }, func(a Addr) Addr { return a }),
	newAxis(func(b *Box) **Ports { return &b.DstPort }, portToAddr, addrToPort),
	newAxis(func(b *Box) **Ports { return &b.SrcPort }, portToAddr, addrToPort),
}

func portToAddr(p Port) Addr { return Addr{Lo: uint64(p)} }
func addrToPort(a Addr) Port { return Port(a.Lo) }

func newAxis[T Point[T]](side func(*Box) **Intervals[T], toAddr func(T) Addr, fromAddr func(Addr) T) *axis {
	return &axis{
		bounds: func(b *Box) bounds {
			s := *side(b)
			out := bounds{last: Addr{math.MaxUint64, math.MaxUint64}}
			if s == nil || len(s.cuts) == 0 {
				return out
			}
			out.first = toAddr(s.cuts[0])
			if n := len(s.cuts); n%2 == 0 {
				out.last = toAddr(s.cuts[n-1]).Prev()
			}
			return out
		},
		split: func(b Box, at Addr) (before, after Box) {
			before, after = b, b
			from := &Intervals[T]{cuts: []T{fromAddr(at)}}
			*side(&before), *side(&after) = (*side(&b)).Subtract(from), (*side(&b)).Intersect(from)
			return before, after
		},
	}
}

// NewIndex makes an index of boxes, which must not change.
func NewIndex(boxes []Box) *Index {
	x := &Index{boxes: boxes}
	if len(boxes) <= fewBoxes {
		return x
	}
	most := 0
	for _, a := range axes {
		spans := map[bounds]bool{}
		for i := range boxes {
			spans[a.bounds(&boxes[i])] = true
		}
		if len(spans) > most {
			most, x.axis = len(spans), a
		}
	}
	x.build()
	return x
}

func (x *Index) build() {
	x.order = make([]int, len(x.boxes))
	all := make([]bounds, len(x.boxes))
	for i := range x.boxes {
		x.order[i], all[i] = i, x.axis.bounds(&x.boxes[i])
	}
	slices.SortStableFunc(x.order, func(i, j int) int { return all[i].first.Compare(all[j].first) })
	for _, i := range x.order {
		x.first, x.last = append(x.first, all[i].first), append(x.last, all[i].last)
	}
	x.furthest = make([]Addr, 4*len(x.order))
	x.measure(1, 0, len(x.order))
}

// measure fills in the tree's node for order[from:to] and those below it.
func (x *Index) measure(node, from, to int) Addr {
	most := x.last[from]
	if to-from > 1 {
		middle := (from + to) / 2
		most = x.measure(2*node, from, middle)
		if right := x.measure(2*node+1, middle, to); right.Compare(most) > 0 {
			most = right
		}
	}
	x.furthest[node] = most
	return most
}

// Overlapping are the places of the boxes that overlap b, which is not empty, in order.
func (x *Index) Overlapping(b *Box) iter.Seq[int] {
	return func(yield func(int) bool) {
		if x.order == nil {
			for i := range x.boxes {
				if x.boxes[i].Overlaps(b) && !yield(i) {
					return
				}
			}
			return
		}
		near := x.axis.bounds(b)
		end := sort.Search(len(x.first), func(i int) bool { return x.first[i].Compare(near.last) > 0 })
		found := x.find(nil, near.first, 1, 0, len(x.order), end)
		slices.Sort(found)
		for _, i := range found {
			if x.boxes[i].Overlaps(b) && !yield(i) {
				return
			}
		}
	}
}

// find appends the places of order[low:high], below a node, that are before end and
// reach as far as from.
func (x *Index) find(found []int, from Addr, node, low, high, end int) []int {
	if low >= end || x.furthest[node].Compare(from) < 0 {
		return found
	}
	if high-low == 1 {
		return append(found, x.order[low])
	}
	middle := (low + high) / 2
	return x.find(x.find(found, from, 2*node, low, middle, end), from, 2*node+1, middle, high, end)
}

// Any tells whether some box overlaps b, which is not empty.
func (x *Index) Any(b *Box) bool {
	for range x.Overlapping(b) {
		return true
	}
	return false
}

// Within returns what the boxes hold of b, which is not empty.
func (x *Index) Within(b *Box) Set {
	var out Set
	for i := range x.Overlapping(b) {
		out = append(out, x.boxes[i].Intersect(*b))
	}
	return out
}

// without returns the packets of b that are in none of the first n boxes.
func (x *Index) without(b Box, n int) Set {
	var taken []int
	for i := range x.Overlapping(&b) {
		if i < n {
			taken = append(taken, i)
		}
	}
	return x.carve(b, taken)
}

// carve returns the packets of b that are in none of these boxes. Where they are many
// it first splits b, until each part meets a few only.
func (x *Index) carve(b Box, taken []int) Set {
	if len(taken) > fewBoxes {
		if before, after, ok := x.split(b, taken); ok {
			return append(x.carve(before, x.meeting(&before, taken)), x.carve(after, x.meeting(&after, taken))...)
		}
	}
	rest := Set{b}
	for _, i := range taken {
		if rest = rest.Subtract(x.boxes[i]); len(rest) == 0 {
			break
		}
	}
	return rest
}

func (x *Index) meeting(b *Box, places []int) []int {
	var out []int
	for _, i := range places {
		if x.boxes[i].Overlaps(b) {
			out = append(out, i)
		}
	}
	return out
}

// split divides b on the axis, and at the point, that leaves the fewest boxes to both
// parts; ok is false where none makes much of a difference.
func (x *Index) split(b Box, taken []int) (before, after Box, ok bool) {
	best := len(taken) * 3 / 2
	begins, ends := make([]Addr, len(taken)), make([]Addr, len(taken))
	for _, a := range axes {
		whole := a.bounds(&b)
		for n, i := range taken {
			part := a.bounds(&x.boxes[i])
			begins[n], ends[n] = part.first, part.last
		}
		slices.SortFunc(begins, Addr.Compare)
		slices.SortFunc(ends, Addr.Compare)
		at := begins[len(begins)/2]
		if at.Compare(whole.first) <= 0 || at.Compare(whole.last) > 0 {
			continue
		}
		byPoint := func(p, at Addr) int { return p.Compare(at) }
		beginBefore, _ := slices.BinarySearchFunc(begins, at, byPoint)
		endBefore, _ := slices.BinarySearchFunc(ends, at, byPoint)
		if left, right := beginBefore, len(taken)-endBefore; left > 0 && right < len(taken) && left+right < best {
			best, ok = left+right, true
			before, after = a.split(b, at)
		}
	}
	return before, after, ok
}
