package trace_test

import (
	"net/netip"
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
