package route_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/policies/route"
)

func zone(name string, networks ...string) *topology.Zone {
	z := &topology.Zone{Name: name}
	for _, n := range networks {
		z.Networks = append(z.Networks, netip.MustParsePrefix(n))
	}
	return z
}

// interfaces reads "eth0:admin eth1:oob".
func interfaces(text string) []topology.Interface {
	var out []topology.Interface
	for field := range strings.FieldsSeq(text) {
		name, zone, _ := strings.Cut(field, ":")
		out = append(out, topology.Interface{Interface: model.Interface{Name: name}, Zone: topology.Text{Value: zone}})
	}
	return out
}

func firewall(name, at string) *topology.Firewall {
	return &topology.Firewall{Name: name, Interfaces: interfaces(at)}
}

// walk writes ways as "in>name>out", hops separated by blanks.
func walk(ways []route.Way) []string {
	var out []string
	for _, way := range ways {
		var hops []string
		for _, h := range way {
			hops = append(hops, packet.FormatNames(h.In)+">"+h.Name+">"+packet.FormatNames(h.Out))
		}
		out = append(out, strings.Join(hops, " "))
	}
	return out
}

func TestWays(t *testing.T) {
	a, b, transit, island := zone("a", "10.1.0.0/16"), zone("b", "10.2.0.0/16"), zone("transit"), zone("island", "10.9.0.0/16")
	zones := []*topology.Zone{a, b, transit, island}
	left, right := firewall("left", "e0:a e1:b"), firewall("right", "e0:a e1:b")
	outer, inner := firewall("outer", "e0:a e1:transit"), firewall("inner", "e0:transit e1:b")
	twice := firewall("twice", "e0:a e1:b e2:b")
	for _, test := range []struct {
		name     string
		plan     topology.Topology
		from, to *topology.Zone
		want     []string
	}{
		{"one firewall", topology.Topology{Firewalls: []*topology.Firewall{left}}, a, b, []string{"e0>left>e1"}},
		{"the other way round", topology.Topology{Firewalls: []*topology.Firewall{left}}, b, a, []string{"e1>left>e0"}},
		{"inside a zone", topology.Topology{Firewalls: []*topology.Firewall{left}}, a, a, []string{""}},
		{"side by side", topology.Topology{Firewalls: []*topology.Firewall{left, right}}, a, b, []string{"e0>left>e1", "e0>right>e1"}},
		{"the shorter way", topology.Topology{Firewalls: []*topology.Firewall{outer, inner, left}}, a, b, []string{"e0>left>e1"}},
		{"in a row", topology.Topology{Firewalls: []*topology.Firewall{outer, inner}}, a, b, []string{"e0>outer>e1 e0>inner>e1"}},
		{"two interfaces in one zone", topology.Topology{Firewalls: []*topology.Firewall{twice}}, a, b, []string{"e0>twice>e1,e2"}},
		{"a path block", topology.Topology{Firewalls: []*topology.Firewall{outer, inner, left},
			Paths: []*topology.Path{{From: topology.Text{Value: "a"}, To: topology.Text{Value: "b"}, Via: []topology.Text{{Value: "outer"}, {Value: "inner"}}}}},
			b, a, []string{"e1>inner>e0 e1>outer>e0"}},
		{"no way", topology.Topology{Firewalls: []*topology.Firewall{left}}, a, island, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.plan.Zones = zones
			ways, ok := route.New(&test.plan).Ways(test.from, test.to)
			if ok != (test.want != nil) {
				t.Errorf("ok is %v", ok)
			}
			if diff := cmp.Diff(test.want, walk(ways)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWithoutZonesEachFirewallIsOnTheWay(t *testing.T) {
	host := firewall("host", "")
	host.Host.Value = "sum01"
	m := route.New(&topology.Topology{Firewalls: []*topology.Firewall{firewall("one", ""), host, firewall("two", "")}})
	ways, ok := m.Ways(nil, nil)
	if !ok || len(ways) != 1 || len(ways[0]) != 2 || ways[0][0].In != nil {
		t.Errorf("%v, %v", ways, ok)
	}
}

func TestLongestNetworkWins(t *testing.T) {
	wide, narrow := zone("wide", "10.0.0.0/8"), zone("narrow", "10.5.0.0/16")
	m := route.New(&topology.Topology{Zones: []*topology.Zone{wide, narrow}})
	addrs := packet.Span(packet.Addr{Lo: 10<<24 | 4<<16 | 255<<8 | 255}, packet.Addr{Lo: 10<<24 | 5<<16 | 1})
	var got []string
	for _, part := range m.Divide(addrs, packet.IPv4) {
		got = append(got, part.Zone.Name+" "+strings.Join(packet.FormatAddrs(part.Addrs, packet.IPv4), ","))
	}
	if diff := cmp.Diff([]string{"wide 10.4.255.255", "narrow 10.5.0.0/31"}, got); diff != "" {
		t.Error(diff)
	}
	if z := m.Zone(packet.Addr{Lo: 192 << 24}, packet.IPv4); z != nil {
		t.Errorf("an address outside is in zone %s", z.Name)
	}
}
