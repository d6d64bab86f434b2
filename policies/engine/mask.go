package engine

import (
	"math/bits"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// maxMaskIntervals bounds how many intervals a mask that is no prefix may make of
// one piece's addresses.
const maxMaskIntervals = 1 << 16

// maskSteps is how many steps an interval costs that a mask makes.
const maskSteps = 32

func (w *walk) testMask(t *model.AddrMask, p piece) (hits, misses []piece) {
	if t.Family&p.box.Family == 0 {
		return nil, []piece{p}
	}
	shown := p.box.Src
	if t.Destination {
		shown = p.box.Dst
	}
	in, ok := maskAddrs(shown, t, p.box.Family)
	if w.steps += in.Len() * maskSteps; !ok {
		w.steps += maxMaskIntervals * maskSteps
	}
	if !ok {
		return w.testUnknown(&model.Condition{Kind: "limit", Memory: model.PerPacket, Key: "mask",
			Text: "a mask that is no prefix divides the flow into too many ranges (the limit is 65,536)"}, p)
	}
	hit, miss := p, p
	if t.Destination {
		hit.box.Dst, miss.box.Dst = in, shown.Subtract(in)
	} else {
		hit.box.Src, miss.box.Src = in, shown.Subtract(in)
	}
	if t.Not {
		hit, miss = miss, hit
	}
	for _, q := range []piece{hit, miss} {
		if q.box.IsEmpty() {
			continue
		}
		if q == hit {
			hits = append(hits, q)
		} else {
			misses = append(misses, q)
		}
	}
	return hits, misses
}

// maskAddrs returns the addresses of s with addr & mask == value; false where that
// would be too many intervals. The mask's lowest run of zeros is what an interval
// spans; the next matching one is found by counting up the bits outside the mask.
func maskAddrs(s *packet.Addrs, t *model.AddrMask, f packet.Family) (*packet.Addrs, bool) {
	free := t.Mask.Not().And(f.Last())
	run := packet.Addr{}
	for n := 1; n <= f.Bits(); n++ {
		if host := packet.HostMask(n); host.And(free) == host {
			run = host
		} else {
			break
		}
	}
	value := t.Value.And(t.Mask)
	if value != t.Value {
		return packet.Union[packet.Addr](), true
	}
	var found []*packet.Addrs
	ok := true
	s.Each(func(first, end packet.Addr, bounded bool) {
		last := f.Last()
		if bounded {
			last = end.Prev()
		}
		at, more := nextMatch(first, value, t.Mask)
		for more && at.Compare(last) <= 0 {
			if len(found) >= maxMaskIntervals {
				ok = false
				return
			}
			stop := at.Or(run)
			if stop.Compare(last) > 0 {
				stop = last
			}
			found = append(found, packet.Span(at, stop))
			next, fits := stop.Next()
			if !fits {
				return
			}
			at, more = nextMatch(next, value, t.Mask)
		}
	})
	if !ok {
		return nil, false
	}
	return packet.Union(found...), true
}

// nextMatch is the smallest address at or after a with addr & mask == value.
func nextMatch(a, value, mask packet.Addr) (packet.Addr, bool) {
	// The highest masked bit in which a differs; below it everything is free to be smallest.
	n := highest(xor(a, value).And(mask))
	if n < 0 {
		return a, true
	}
	up := n
	if value.And(bitAt(n)) == (packet.Addr{}) {
		// a is above: raise the lowest free bit above n that is 0 in a.
		if up = lowest(mask.Or(a).Or(packet.HostMask(n + 1)).Not()); up < 0 {
			return a, false
		}
	}
	low := packet.HostMask(up)
	return a.And(low.Not()).Or(bitAt(up)).Or(value.And(low)), true
}

func xor(a, b packet.Addr) packet.Addr { return packet.Addr{Hi: a.Hi ^ b.Hi, Lo: a.Lo ^ b.Lo} }

// highest is the number of the highest bit that is set; -1 where none is.
func highest(a packet.Addr) int {
	if a.Hi != 0 {
		return 63 + bits.Len64(a.Hi)
	}
	return bits.Len64(a.Lo) - 1
}

// lowest is the number of the lowest bit that is set; -1 where none is.
func lowest(a packet.Addr) int {
	switch {
	case a.Lo != 0:
		return bits.TrailingZeros64(a.Lo)
	case a.Hi != 0:
		return 64 + bits.TrailingZeros64(a.Hi)
	}
	return -1
}

func bitAt(n int) packet.Addr {
	if n >= 64 {
		return packet.Addr{Hi: 1 << (n - 64)}
	}
	return packet.Addr{Lo: 1 << n}
}
