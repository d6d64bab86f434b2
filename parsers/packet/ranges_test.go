package packet

import (
	"math/rand/v2"
	"testing"
)

// FromRanges must make the set that Union makes of the single ranges.
func TestFromRanges(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var ranges []Range[Port]
		var sets []*Ports
		for range random.IntN(8) {
			first := Port(random.IntN(40))
			last := first + Port(random.IntN(8)) - 2
			if random.IntN(10) == 0 {
				first, last = 65530+Port(random.IntN(6)), 65535
			}
			if last > 65535 {
				continue
			}
			ranges = append(ranges, Range[Port]{first, last})
			sets = append(sets, Span(first, last))
		}
		want := Union(sets...)
		if got := FromRanges(ranges); !got.Equal(want) {
			t.Fatalf("%v: got %v, want %v", ranges, FormatPorts(got), FormatPorts(want))
		}
	}
}
