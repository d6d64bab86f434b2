package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// What a mask that is no prefix leaves of a set, address by address.
func TestMaskAddrs(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for range 5000 {
		shift := []int{0, 20, 60, 100}[random.IntN(4)]
		at := func(n uint64) packet.Addr {
			if shift >= 64 {
				return packet.Addr{Hi: n << (shift - 64)}
			}
			return packet.Addr{Hi: n >> 1 >> (63 - shift), Lo: n << shift}
		}
		mask := random.Uint64N(256)
		test := &model.AddrMask{Family: packet.IPv6, Mask: at(mask).Or(packet.HostMask(shift)), Value: at(random.Uint64N(256) & mask)}
		first := random.Uint64N(256)
		last := first + random.Uint64N(256-first)
		set := packet.Span(at(first), at(last))
		got, ok := maskAddrs(set, test, packet.IPv6)
		if !ok {
			t.Fatal("too many intervals")
		}
		for n := range uint64(260) {
			a := at(n)
			if want := set.Contains(a) && a.And(test.Mask) == test.Value; got.Contains(a) != want {
				t.Fatalf("%v & %v == %v holds %v: %v, want %v", set, test.Mask, test.Value, a, !want, want)
			}
		}
	}
}
