package packet

// Join returns boxes that hold the same packets, in fewer boxes where some differ
// in one address or port dimension only. It looks at which sets are shared, not at
// what they hold, so it costs no more than reading the boxes.
func Join(boxes []Box) []Box {
	boxes = joinSide(boxes, func(b *Box) **Addrs { return &b.Dst })
	boxes = joinSide(boxes, func(b *Box) **Addrs { return &b.Src })
	boxes = joinSide(boxes, func(b *Box) **Ports { return &b.SrcPort })
	return joinSide(boxes, func(b *Box) **Ports { return &b.DstPort })
}

func joinSide[T Point[T]](boxes []Box, side func(*Box) **Intervals[T]) []Box {
	return JoinBy(boxes, func(b *Box) *Box { return b }, side)
}

// JoinBy joins values that are equal but for one dimension of their box.
func JoinBy[V comparable, T Point[T]](values []V, box func(*V) *Box, side func(*Box) **Intervals[T]) []V {
	if len(values) < 2 {
		return values
	}
	at := make(map[V]int, len(values))
	var sides [][]*Intervals[T]
	var out []V
	for _, v := range values {
		whole := v
		mine := *side(box(&v))
		*side(box(&v)) = nil
		n, ok := at[v]
		if !ok {
			n = len(out)
			at[v] = n
			out, sides = append(out, whole), append(sides, nil)
		}
		sides[n] = append(sides[n], mine)
	}
	for i := range out {
		if len(sides[i]) > 1 {
			*side(box(&out[i])) = Union(sides[i]...)
		}
	}
	return out
}
