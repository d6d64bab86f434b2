package trace_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/sumlint/sumlint/parsers/exports"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/policies/engine"
	"github.com/sumlint/sumlint/policies/trace"
)

// flow is tcp from one address to port 22 of another.
func flow(src, dst string) packet.Box {
	b := packet.Any()
	b.Protocol = packet.OneProtocol(packet.TCP)
	s, f := packet.FromNetip(netip.MustParseAddr(src))
	d, _ := packet.FromNetip(netip.MustParseAddr(dst))
	b.Family, b.Src, b.Dst = f, packet.Only(s), packet.Only(d)
	b.SrcPort, b.DstPort = packet.Span[packet.Port](32768, 60999), packet.Only[packet.Port](22)
	return b
}

// compile reads a firewall from the text of its save.
func compile(t *testing.T, place engine.Place, text string, interfaces ...model.Interface) trace.Filter {
	t.Helper()
	file, diags := exports.Parse("fw.save", []byte(text), "")
	fw, more := exports.Compile(exports.Host{Name: "fw", Own: place != engine.Through, Interfaces: interfaces}, []*exports.File{file})
	if all := append(diags, more...); all.HasErrors() {
		t.Fatal(all.Sorted()[0])
	}
	f := trace.Filter{Name: "fw", Model: fw, Place: place, In: packet.OneName("eth0"), Out: packet.OneName("eth0")}
	if place == engine.Through {
		f.Out = packet.OneName("eth1")
	}
	return f
}

func verdict(r *trace.Result) string {
	switch {
	case r.Need.Within(r.Surely):
		return "allowed"
	case r.May.IsEmpty():
		return "blocked"
	case !r.Need.Within(r.May):
		return "partial"
	}
	return "conditional"
}

// TestChosenDestination: NAT that chooses among addresses may bring the packets to
// their own, or elsewhere.
func TestChosenDestination(t *testing.T) {
	for _, test := range []struct {
		name, rule, dst, end string // end is where the packets must end
		want                 string
		perhaps              bool // what goes astray may as well arrive
	}{
		{"to a range that holds the destination", "-A PREROUTING -p tcp -j DNAT --to-destination 10.1.0.5-10.1.0.6", "10.1.0.5", "10.1.0.5", "conditional", true},
		{"to a range that does not", "-A PREROUTING -p tcp -j DNAT --to-destination 10.1.0.6-10.1.0.7", "10.1.0.5", "10.1.0.5", "blocked", false},
		{"to another port of the range", "-A PREROUTING -p tcp -j DNAT --to-destination 10.1.0.5-10.1.0.6:23", "10.1.0.5", "10.1.0.5", "blocked", false},
		{"from a name of its own to a range that holds it", "-A PREROUTING -p tcp -j DNAT --to-destination 10.1.0.5-10.1.0.6", "10.9.0.5", "10.1.0.5", "conditional", true},
		{"perhaps to the firewall", "-A PREROUTING -p tcp -m statistic --mode random --probability 0.5 -j REDIRECT", "10.1.0.5", "10.1.0.5", "conditional", true},
		{"both ways elsewhere", "-A PREROUTING -p tcp -m statistic --mode random --probability 0.5 -j REDIRECT\n-A PREROUTING -p tcp -j DNAT --to-destination 10.1.0.9", "10.1.0.5", "10.1.0.5", "blocked", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := compile(t, engine.Through, "*nat\n:PREROUTING ACCEPT [0:0]\n"+test.rule+"\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n")
			need, expect := flow("10.0.0.5", test.dst), packet.Any()
			expect.Family, expect.Dst, expect.DstPort = packet.IPv4, flow("10.0.0.5", test.end).Dst, need.DstPort
			r := trace.Run(trace.Query{Filters: []trace.Filter{f}, Need: packet.Set{need}, Expect: packet.Set{expect}, Moves: test.dst != test.end, Answers: true})
			if got := verdict(&r); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			for _, s := range r.Strays {
				if perhaps := len(s.Depends) > 0; perhaps != test.perhaps {
					t.Errorf("it goes to %v, perhaps: %v", s.To, perhaps)
				}
			}
			if len(r.Strays) == 0 {
				t.Error("nothing goes astray")
			}
		})
	}
}

// TestNeighbours: which messages of neighbour discovery a filter must let pass.
func TestNeighbours(t *testing.T) {
	const icmp = "-p ipv6-icmp -j ACCEPT"
	ends := []model.Interface{
		{Name: "eth0", Addresses: []netip.Prefix{netip.MustParsePrefix("fd01::1/64")}},
		{Name: "eth1", Addresses: []netip.Prefix{netip.MustParsePrefix("fd02::1/64")}},
	}
	for _, test := range []struct {
		name  string
		place engine.Place
		known bool // the router's addresses are
		src   string
		rules string
		want  string
	}{
		{"nothing", engine.Into, false, "fd01::5", "", "blocked"},
		{"everything", engine.Into, false, "fd01::5", "-A INPUT " + icmp, "allowed"},
		{"solicitations only, asked by who comes in", engine.Into, false, "fd01::5", "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT", "conditional"},
		{"solicitations only, who goes out gets no answer", engine.OutOf, false, "fd01::5", "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT", "blocked"},
		{"advertisements only, who comes in gets no answer", engine.Into, false, "fd01::5", "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 136 -j ACCEPT", "blocked"},
		{"advertisements only, answering who goes out", engine.OutOf, false, "fd01::5", "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 136 -j ACCEPT", "conditional"},
		{"with the hop limit that they have", engine.Into, false, "fd01::5", "-A INPUT -p ipv6-icmp -m hl --hl-eq 255 -j ACCEPT", "allowed"},
		{"with another", engine.Into, false, "fd01::5", "-A INPUT -p ipv6-icmp -m hl --hl-lt 255 -j ACCEPT", "blocked"},
		{"rate limited", engine.Into, false, "fd01::5", "-A INPUT -p ipv6-icmp -m limit --limit 9/sec -j ACCEPT", "conditional"},
		{"a host, link-local only: the router's answers may have another source", engine.Into, false, "fd01::5", "-A INPUT -s fe80::/10 " + icmp, "conditional"},
		{"a host, link-local and on-link", engine.Into, false, "fd01::5", "-A INPUT -s fe80::/10 " + icmp + "\n-A INPUT -s fd02::/64 " + icmp, "allowed"},
		{"a host, on-link only: its router asks from a link-local address", engine.Into, false, "fd01::5", "-A INPUT -s fd02::/64 " + icmp, "blocked"},
		{"a host, on-link only, and so is who asks", engine.Into, false, "fd02::9", "-A INPUT -s fd02::/64 " + icmp, "allowed"},
		{"a host, to its own address only: solicitations are multicast", engine.Into, false, "fd01::5", "-A INPUT -d fd02::5 " + icmp, "blocked"},
		{"a host that sends none", engine.Into, false, "fd01::5", "-A INPUT " + icmp + "\n-A OUTPUT -p ipv6-icmp -j DROP", "blocked"},
		{"a router, link-local only: hosts ask from their own addresses", engine.Through, true, "fd01::5", "-A INPUT -s fe80::/10 " + icmp, "blocked"},
		{"a router, link-local only, its links unknown", engine.Through, false, "fd01::5", "-A INPUT -s fe80::/10 " + icmp, "conditional"},
		{"a router, on-link only", engine.Through, true, "fd01::5", "-A INPUT -s fd00::/8 " + icmp, "allowed"},
		{"a router, on-link only, but the far end is behind another one", engine.Through, true, "fd0a::5", "-A INPUT -s fd00::/8 " + icmp, "blocked"},
		{"a router, on one interface only", engine.Through, true, "fd01::5", "-A INPUT -i eth1 " + icmp, "blocked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -p tcp -j ACCEPT\n" + test.rules + "\nCOMMIT\n"
			text = "# Generated by ip6tables-save v1.8.9 on Sun Nov 22 06:00:00 2026\n" + strings.ReplaceAll(text, "\n\n", "\n")
			var interfaces []model.Interface
			if test.known {
				interfaces = ends
			}
			f := compile(t, test.place, text, interfaces...)
			r := trace.Run(trace.Query{Filters: []trace.Filter{f}, Need: packet.Set{flow(test.src, "fd02::5")}, Answers: true})
			if got := verdict(&r); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if n := r.Hops[0].Neighbours; (n == nil) != (test.want == "allowed") || test.want == "conditional" && len(n.Depends) == 0 {
				t.Errorf("neighbours: %+v", n)
			}
		})
	}
}
