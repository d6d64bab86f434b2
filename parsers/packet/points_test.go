package packet

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
)

func prefixes(texts ...string) *Addrs {
	s := &Addrs{}
	for _, text := range texts {
		p, _ := PrefixAddrs(netip.MustParsePrefix(text))
		s = s.Union(p)
	}
	return s
}

func addr(text string) Addr {
	a, _ := FromNetip(netip.MustParseAddr(text))
	return a
}

func span(first, last string) *Addrs { return Span(addr(first), addr(last)) }

func TestFormatAddrs(t *testing.T) {
	for _, c := range []struct {
		set    *Addrs
		family Family
		want   string
	}{
		{prefixes("10.0.0.0/8"), IPv4, "10.0.0.0/8"},
		{prefixes("10.0.0.77/8"), IPv4, "10.0.0.0/8"}, // host bits are ignored
		{prefixes("10.0.0.1/32"), IPv4, "10.0.0.1"},
		{prefixes("10.0.0.0/32", "10.0.0.1/32"), IPv4, "10.0.0.0/31"},
		{prefixes("10.0.0.0/25", "10.0.0.128/25"), IPv4, "10.0.0.0/24"},
		{prefixes("10.0.1.0/24", "10.0.0.5/32"), IPv4, "10.0.0.5 10.0.1.0/24"},
		{span("10.0.0.0", "10.0.0.2"), IPv4, "10.0.0.0/31 10.0.0.2"},
		{span("10.0.0.1", "10.0.0.254"), IPv4, "10.0.0.1-10.0.0.254"},
		{nil, IPv4, "0.0.0.0/0"},
		{prefixes("0.0.0.0/0"), IPv4, "0.0.0.0/0"},
		{prefixes("0.0.0.0/1", "128.0.0.0/1"), IPv4, "0.0.0.0/0"},
		{prefixes("255.255.255.255/32"), IPv4, "255.255.255.255"},
		{prefixes("0.0.0.0/32"), IPv4, "0.0.0.0"},
		{prefixes("255.0.0.0/8"), IPv4, "255.0.0.0/8"},
		{prefixes("10.0.0.1/32").Complement(), IPv4, "0.0.0.0-10.0.0.0 10.0.0.2-255.255.255.255"},
		{prefixes("128.0.0.0/1").Complement(), IPv4, "0.0.0.0/1"},
		{&Addrs{}, IPv4, ""},
		{nil, IPv6, "::/0"},
		{prefixes("fd00:20::/64"), IPv6, "fd00:20::/64"},
		{prefixes("::1/128"), IPv6, "::1"},
		{prefixes("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"), IPv6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		{prefixes("ff00::/8"), IPv6, "ff00::/8"},
		{prefixes("8000::/1", "::/1"), IPv6, "::/0"},
		{span("fe80::1", "fe80::ffff"), IPv6, "fe80::1-fe80::ffff"},
		{span("::ffff:10.0.0.1", "::ffff:10.0.0.1"), IPv6, "::ffff:10.0.0.1"},
	} {
		if got := strings.Join(FormatAddrs(c.set, c.family), " "); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// What is printed, read again, is the set that was printed.
func TestFormatAddrsRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	edge := func(f Family) Addr {
		a := Addr{random.Uint64(), random.Uint64()}
		switch random.IntN(4) {
		case 0:
			a = Addr{}
		case 1:
			a = f.Last()
		}
		n := random.IntN(f.Bits() + 1)
		if random.IntN(2) == 0 {
			a = a.Or(HostMask(n))
		} else {
			a = a.And(HostMask(n).Not())
		}
		return a.And(f.Last())
	}
	for range 5_000 {
		f := []Family{IPv4, IPv6}[random.IntN(2)]
		set := &Addrs{}
		for range 1 + random.IntN(3) {
			set = set.Union(Span(edge(f), edge(f)))
		}
		back := &Addrs{}
		for _, text := range FormatAddrs(set, f) {
			switch first, last, isRange := strings.Cut(text, "-"); {
			case isRange:
				back = back.Union(span(first, last))
			case strings.Contains(text, "/"):
				part, _ := PrefixAddrs(netip.MustParsePrefix(text))
				if part == nil {
					part = Span(Addr{}, f.Last())
				}
				back = back.Union(part)
			default:
				back = back.Union(Only(addr(text)))
			}
		}
		if !back.Equal(set) {
			t.Fatalf("%v: printed as %v", set, FormatAddrs(set, f))
		}
	}
}

func TestAddrNumbers(t *testing.T) {
	for _, text := range []string{"0.0.0.0", "10.1.2.3", "255.255.255.255", "::", "::1", "fd00:20::a:b", "::ffff:1.2.3.4",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0:0:0:1::", "::ffff:ffff:ffff:ffff"} {
		want := netip.MustParseAddr(text)
		a, f := FromNetip(want)
		if got := a.Netip(f); got != want {
			t.Errorf("%s came back as %s", text, got)
		}
		if next, ok := a.Next(); ok && next.Prev() != a {
			t.Errorf("%s: the address before the next one is %v", text, next.Prev())
		} else if ok != (a != IPv6.Last()) {
			t.Errorf("%s: Next says %v", text, ok)
		}
	}
	carry := addr("::ffff:ffff:ffff:ffff")
	if got, _ := carry.Next(); got != addr("0:0:0:1::") {
		t.Errorf("the next address is %v", got)
	}
	if got := addr("10.0.0.250").Plus(Addr{Lo: 10}); got != addr("10.0.1.4") {
		t.Errorf("10.0.0.250 + 10 is %s", got.Netip(IPv4))
	}
	if got := IPv6.Last().Plus(Addr{Lo: 1}); got != (Addr{}) {
		t.Errorf("the last address + 1 is %v", got)
	}
	for n, want := range map[int]Addr{0: {}, 1: {0, 1}, 63: {0, 1<<63 - 1}, 64: {0, 1<<64 - 1}, 65: {1, 1<<64 - 1}, 128: {1<<64 - 1, 1<<64 - 1}} {
		if got := HostMask(n); got != want {
			t.Errorf("HostMask(%d) = %v, want %v", n, got, want)
		}
	}
}

func TestFormatPorts(t *testing.T) {
	for want, set := range map[string]*Ports{
		"any":              nil,
		"22":               Only[Port](22),
		"22,443":           Only[Port](443).Union(Only[Port](22)),
		"22-23":            Only[Port](23).Union(Only[Port](22)),
		"1024-65535":       Span[Port](1024, 65535),
		"65535":            Only[Port](65535),
		"0":                Only[Port](0),
		"0-65535":          Span[Port](0, 65535),
		"0-65534":          Only[Port](65535).Complement(),
		"0-21,23-65535":    Only[Port](22).Complement(),
		"none":             {},
		"22,80,8080-65535": Union(Only[Port](80), Span[Port](8080, 65535), Only[Port](22)),
	} {
		if got := FormatPorts(set); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestFormatICMP(t *testing.T) {
	whole := func(n ICMPType) *ICMPTypes { return Span(n<<8, n<<8|255) }
	for want, set := range map[string]*ICMPTypes{
		"any":       nil,
		"8":         whole(8),
		"0,8":       whole(8).Union(whole(0)),
		"3/4":       Only[ICMPType](3<<8 | 4),
		"255":       whole(255),
		"255/255":   Only[ICMPType](65535),
		"3/0-4/255": whole(3).Union(whole(4)),
		"none":      {},
	} {
		if got := FormatICMP(set); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNamePrefix(t *testing.T) {
	for _, c := range []struct {
		prefix, name string
		want         bool
	}{
		{"eth", "eth", true}, {"eth", "eth0", true}, {"eth", "eth0.100", true}, {"eth", "ethernet", true},
		{"eth", "et", false}, {"eth", "eti", false}, {"eth", "fth0", false}, {"eth", "", false}, {"eth", "ETH0", false},
		{"", "", true}, {"", "lo", true},
		{"\xff", "\xff", true}, {"\xff", "\xffa", true}, {"\xff", "\xfe", false},
		{"a\xff", "a\xff0", true}, {"a\xff", "b", false}, {"a\xff", "a", false}, {"a\xff", "a\xfe\xff", false},
	} {
		if got := NamePrefix(c.prefix).Contains(Name(c.name)); got != c.want {
			t.Errorf("%q+ contains %q: %v, want %v", c.prefix, c.name, got, c.want)
		}
	}
}

func TestFormatNames(t *testing.T) {
	for want, set := range map[string]*Names{
		"any":         nil,
		"eth0":        OneName("eth0"),
		"eth+":        NamePrefix("eth"),
		"eth0,lo":     OneName("lo").Union(OneName("eth0")),
		"eth+,lo":     OneName("lo").Union(NamePrefix("eth")),
		"not lo":      OneName("lo").Complement(),
		"not eth+":    NamePrefix("eth").Complement(),
		"not eth0,lo": OneName("lo").Union(OneName("eth0")).Complement(),
		"none":        OneName(""),
		"no name":     {},
		"some names":  NamePrefix("eth").Subtract(OneName("eth0")),
	} {
		if got := FormatNames(set); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := FormatNames(OneName("a").Complement().Union(OneName("a"))); got != "any" {
		t.Errorf("all names, put together, are %q", got)
	}
}

func TestProtocolNames(t *testing.T) {
	for n := range 256 {
		if got, ok := ProtocolNumber(ProtocolName(uint8(n))); !ok || got != uint8(n) {
			t.Errorf("%d is named %q, which is %d", n, ProtocolName(uint8(n)), got)
		}
	}
	for text, want := range map[string]int{"tcp": 6, "icmpv6": 58, "ipv6-icmp": 58, "255": 255, "256": -1, "-1": -1, "": -1, "TCP": -1} {
		got, ok := ProtocolNumber(text)
		if ok != (want >= 0) || ok && int(got) != want {
			t.Errorf("%q is %d, %v", text, got, ok)
		}
	}
}
