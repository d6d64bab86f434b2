package packet

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"
)

// Family is a set of address families.
type Family uint8

// The families. A packet has one; a box may leave it open only where it says
// nothing about addresses, since both families' addresses share one line.
const (
	IPv4 Family = 1 << iota
	IPv6
	AnyFamily = IPv4 | IPv6
)

func (f Family) String() string {
	switch f {
	case IPv4:
		return "IPv4"
	case IPv6:
		return "IPv6"
	case AnyFamily:
		return "IPv4 and IPv6"
	}
	return "no family"
}

// Addr is an address as a number of 128 bits; an IPv4 address is the number of its 32.
type Addr struct{ Hi, Lo uint64 }

// Compare orders addresses by number.
func (a Addr) Compare(b Addr) int {
	if a.Hi != b.Hi {
		return cmp.Compare(a.Hi, b.Hi)
	}
	return cmp.Compare(a.Lo, b.Lo)
}

// Next returns the following address.
func (a Addr) Next() (Addr, bool) {
	lo, carry := bits.Add64(a.Lo, 1, 0)
	hi, over := bits.Add64(a.Hi, 0, carry)
	return Addr{hi, lo}, over == 0
}

// Prev returns the address before; it must not be the first.
func (a Addr) Prev() Addr {
	lo, borrow := bits.Sub64(a.Lo, 1, 0)
	return Addr{a.Hi - borrow, lo}
}

// Plus returns a + b modulo 2^128, for address arithmetic (NETMAP, ranges).
func (a Addr) Plus(b Addr) Addr {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	return Addr{a.Hi + b.Hi + carry, lo}
}

// And returns the bits in both.
func (a Addr) And(b Addr) Addr { return Addr{a.Hi & b.Hi, a.Lo & b.Lo} }

// Or returns the bits in either.
func (a Addr) Or(b Addr) Addr { return Addr{a.Hi | b.Hi, a.Lo | b.Lo} }

// Not returns the other bits.
func (a Addr) Not() Addr { return Addr{^a.Hi, ^a.Lo} }

// FromNetip returns the number and family of an address. An IPv4-mapped IPv6
// address stays IPv6: that is what a packet that carries it is.
func FromNetip(a netip.Addr) (Addr, Family) {
	b := a.As16()
	if a.Is4() {
		return Addr{0, uint64(b[12])<<24 | uint64(b[13])<<16 | uint64(b[14])<<8 | uint64(b[15])}, IPv4
	}
	var n Addr
	for i := range 8 {
		n.Hi = n.Hi<<8 | uint64(b[i])
		n.Lo = n.Lo<<8 | uint64(b[i+8])
	}
	return n, IPv6
}

// Netip returns the address of that family with this number.
func (a Addr) Netip(f Family) netip.Addr {
	if f == IPv4 {
		return netip.AddrFrom4([4]byte{byte(a.Lo >> 24), byte(a.Lo >> 16), byte(a.Lo >> 8), byte(a.Lo)})
	}
	var b [16]byte
	for i := range 8 {
		b[i] = byte(a.Hi >> (56 - 8*i))
		b[i+8] = byte(a.Lo >> (56 - 8*i))
	}
	return netip.AddrFrom16(b)
}

// Last returns the family's last address.
func (f Family) Last() Addr {
	if f == IPv4 {
		return Addr{0, math.MaxUint32}
	}
	return Addr{math.MaxUint64, math.MaxUint64}
}

// Bits is the length of the family's addresses.
func (f Family) Bits() int {
	if f == IPv4 {
		return 32
	}
	return 128
}

// HostMask has the low n bits set: the host part of a prefix.
func HostMask(n int) Addr {
	switch {
	case n <= 0:
		return Addr{}
	case n < 64:
		return Addr{0, 1<<n - 1}
	case n < 128:
		return Addr{1<<(n-64) - 1, math.MaxUint64}
	}
	return Addr{math.MaxUint64, math.MaxUint64}
}

// Addrs is a set of addresses of one family.
type Addrs = Intervals[Addr]

// PrefixAddrs returns the addresses of a prefix (host bits are ignored) and its
// family; a prefix of length 0 is every address, so nil.
func PrefixAddrs(p netip.Prefix) (*Addrs, Family) {
	a, f := FromNetip(p.Addr())
	if p.Bits() == 0 {
		return nil, f
	}
	host := HostMask(f.Bits() - p.Bits())
	return Span(a.And(host.Not()), a.Or(host)), f
}

// Port is a transport port. It has room for the end of the last interval.
type Port uint32

// Compare orders ports.
func (p Port) Compare(q Port) int { return cmp.Compare(p, q) }

// Next returns the following port.
func (p Port) Next() (Port, bool) { return p + 1, p < 65535 }

// Ports is a set of ports.
type Ports = Intervals[Port]

// ICMPType is an ICMP or ICMPv6 type and code: type<<8 | code.
type ICMPType uint32

// Compare orders types, then codes.
func (t ICMPType) Compare(u ICMPType) int { return cmp.Compare(t, u) }

// Next returns the following code, or the next type's first.
func (t ICMPType) Next() (ICMPType, bool) { return t + 1, t < 65535 }

// ICMPTypes is a set of ICMP types and codes.
type ICMPTypes = Intervals[ICMPType]

// Name is an interface's name, a program's or a service's.
type Name string

// Compare orders names by their bytes.
func (n Name) Compare(m Name) int { return strings.Compare(string(n), string(m)) }

// Next returns the name just after: with a NUL appended.
func (n Name) Next() (Name, bool) { return n + "\x00", true }

// Names is a set of names.
type Names = Intervals[Name]

// OneName returns the set of that name alone.
func OneName(n string) *Names { return Only(Name(n)) }

// NamePrefix returns the set of the names that begin with p, as iptables' "eth+".
func NamePrefix(p string) *Names {
	end := []byte(p)
	for len(end) > 0 && end[len(end)-1] == 0xff {
		end = end[:len(end)-1]
	}
	if len(end) == 0 {
		if p == "" {
			return nil
		}
		return &Names{cuts: []Name{Name(p)}}
	}
	end[len(end)-1]++
	return &Names{cuts: []Name{Name(p), Name(end)}}
}

// FormatAddrs writes a set as prefixes, or as first-last where a range takes more
// than two of them, in order. Every address of the family is "0.0.0.0/0" or "::/0".
func FormatAddrs(s *Addrs, f Family) []string {
	var out []string
	s.Each(func(first, end Addr, bounded bool) {
		last := f.Last()
		if bounded && end.Prev().Compare(last) < 0 {
			last = end.Prev()
		}
		if first.Compare(last) > 0 {
			return
		}
		out = append(out, formatRange(first, last, f)...)
	})
	return out
}

func formatRange(first, last Addr, f Family) []string {
	var out []string
	whole := fmt.Sprintf("%s-%s", first.Netip(f), last.Netip(f))
	for at := first; ; {
		if len(out) == 2 {
			return []string{whole}
		}
		n := f.Bits() - prefixLen(at, last, f)
		host := HostMask(n)
		if n == 0 {
			out = append(out, at.Netip(f).String())
		} else {
			out = append(out, netip.PrefixFrom(at.Netip(f), f.Bits()-n).String())
		}
		end := at.Or(host)
		next, ok := end.Next()
		if !ok || end.Compare(last) >= 0 {
			return out
		}
		at = next
	}
}

// prefixLen is the length of the largest prefix that begins at first and ends by last.
func prefixLen(first, last Addr, f Family) int {
	for n := f.Bits(); n > 0; n-- {
		host := HostMask(n)
		if first.And(host) == (Addr{}) && first.Or(host).Compare(last) <= 0 {
			return f.Bits() - n
		}
	}
	return f.Bits()
}

// FormatPorts writes a set of ports: "22", "1024-65535", "22,443"; "any" for all,
// "none" for the empty set.
func FormatPorts(s *Ports) string {
	switch {
	case s == nil:
		return "any"
	case s.IsEmpty():
		return "none"
	}
	var out []string
	s.Each(func(first, end Port, bounded bool) {
		last := Port(65535)
		if bounded && end <= last {
			last = end - 1
		}
		if first == last {
			out = append(out, strconv.Itoa(int(first)))
		} else {
			out = append(out, fmt.Sprintf("%d-%d", first, last))
		}
	})
	return strings.Join(out, ",")
}

// FormatNames writes a set of names: "eth0", "eth+", "not lo"; "any" for all, "none"
// for the name "" (no interface), "no name" for the empty set, and "some names"
// where a set has no short form.
func FormatNames(s *Names) string {
	switch {
	case s.Equal(nil):
		return "any"
	case s.IsEmpty():
		return "no name"
	}
	if text, ok := formatNames(s); ok {
		return text
	}
	if text, ok := formatNames(s.Complement()); ok {
		return "not " + text
	}
	return "some names"
}

func formatNames(s *Names) (string, bool) {
	var out []string
	ok := true
	s.Each(func(first, end Name, bounded bool) {
		switch {
		case !bounded:
			ok = false
		case first == "" && end == "\x00":
			out = append(out, "none")
		case end == first+"\x00":
			out = append(out, string(first))
		case NamePrefix(string(first)).Equal(&Names{cuts: []Name{first, end}}):
			out = append(out, string(first)+"+")
		default:
			ok = false
		}
	})
	return strings.Join(out, ","), ok && len(out) > 0
}
