package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// check holds the blocks against each other: names that do not exist, addresses in
// no zone, ways that do not connect.
func (r *reader) check() {
	if r.broken {
		return // what seems to be missing may stand in what could not be read
	}
	t := r.topology
	for _, target := range t.Targets {
		for _, s := range target.Servers {
			r.exists(s, "server", r.names.servers)
		}
	}
	r.checkZones()
	for _, f := range t.Firewalls {
		r.checkFirewall(f)
	}
	for _, w := range t.Routers {
		for _, i := range w.Interfaces {
			r.checkInterface(i, "router", w.Name)
		}
	}
	r.checkPaths()
	for _, b := range r.waivers {
		r.attributeExists(b, "server", r.names.servers)
		r.attributeExists(b, "target", r.names.targets)
		r.attributeExists(b, "firewall", r.names.firewalls)
	}
	for _, b := range r.assumes {
		r.attributeExists(b, "firewall", r.names.firewalls)
	}
}

// attributeExists checks a name that an attribute holds.
func (r *reader) attributeExists(b *block, kind string, where map[string]source.Span) {
	if b.attrs[kind] == nil {
		return
	}
	if t, ok := b.text(kind); ok {
		r.exists(t, kind, where)
	}
}

// exists reports a name that nothing has.
func (r *reader) exists(name Text, kind string, where ...map[string]source.Span) bool {
	var legal []string
	for _, w := range where {
		if _, ok := w[name.Value]; ok {
			return true
		}
	}
	if len(r.diags) > maxDiagnostics {
		return false
	}
	for _, w := range where {
		for n := range w {
			legal = append(legal, n)
		}
	}
	detail := r.legal(name.Value, legal)
	if instances := withPrefix(legal, name.Value+"["); len(instances) > 0 {
		detail = fmt.Sprintf("It has for_each: its instances are named such as %q.", slices.Min(instances))
	}
	r.errorf(name.Span, detail, "There is no %s %q", kind, name.Value)
	return false
}

func withPrefix(all []string, prefix string) []string {
	var out []string
	for _, a := range all {
		if strings.HasPrefix(a, prefix) {
			out = append(out, a)
		}
	}
	return out
}

// checkZones reports addresses that are in no zone, where there are zones.
func (r *reader) checkZones() {
	t := r.topology
	if len(t.Zones) == 0 {
		return
	}
	zones := union(t.Zones)
	for _, s := range t.Servers {
		r.checkAddresses(&s.Addresses, zones, fmt.Sprintf("server %q", s.Name))
		r.checkAddresses(&s.Browsers, zones, fmt.Sprintf("the browsers of server %q", s.Name))
	}
	for _, target := range t.Targets {
		r.checkAddresses(&target.Addresses, zones, fmt.Sprintf("target %q", target.Name))
	}
}

// union is what the zones hold together.
func union(zones []*Zone) *Addresses {
	var v4, v6 []*packet.Addrs
	for _, z := range zones {
		for _, n := range z.Networks {
			from, family := packet.FromNetip(n.Addr())
			set := packet.Span(from, from.Or(packet.HostMask(family.Bits()-n.Bits())))
			if family == packet.IPv4 {
				v4 = append(v4, set)
			} else {
				v6 = append(v6, set)
			}
		}
	}
	return &Addresses{V4: packet.Union(v4...), V6: packet.Union(v6...)}
}

// checkAddresses reports each range that is not in a zone as a whole.
func (r *reader) checkAddresses(a, zones *Addresses, whose string) {
	for _, rng := range a.List {
		first, family := packet.FromNetip(rng.First)
		last, _ := packet.FromNetip(rng.Last)
		set := packet.Span(first, last)
		outside := set.Subtract(zones.Family(family))
		if outside.IsEmpty() {
			continue
		}
		parts := packet.FormatAddrs(outside, family)
		if len(parts) > maxListed {
			parts = append(parts[:maxListed], "…")
		}
		r.errorf(rng.Span, "Add its network to the zone that it is in.", "%s of %s is in no zone", strings.Join(parts, ", "), whose)
	}
}

// checkFirewall checks where a firewall stands.
func (r *reader) checkFirewall(f *Firewall) {
	name := fmt.Sprintf("firewall %q", f.Name)
	if f.Host.Value == "" && f.Host.Span.IsZero() {
		if len(f.Interfaces) == 0 && len(r.topology.Zones) > 0 {
			r.errorf(f.Span, "Write host = \"…\" for a host's own filter, or interface \"NAME\" { zone = \"…\" } for each zone that it connects.", "%s stands nowhere", name)
		}
		for _, i := range f.Interfaces {
			r.checkInterface(i, "firewall", f.Name)
		}
		return
	}
	if !r.exists(f.Host, "server or target", r.names.servers, r.names.targets) {
		return
	}
	host := r.host(f.Host)
	for _, i := range f.Interfaces {
		if i.Zone.Value == "" || !r.exists(i.Zone, "zone", r.names.zones) {
			continue
		}
		if zone := union(r.zonesNamed(i.Zone.Value)); host != nil && !host.V4.Overlaps(zone.V4) && !host.V6.Overlaps(zone.V6) {
			r.errorf(i.Zone.Span, fmt.Sprintf("%q has no address in that zone. A firewall between zones has no host; a host's own filter needs no zone.", f.Host.Value),
				"%s is on the host %q and between zones", name, f.Host.Value)
		}
	}
}

// checkInterface checks the zone behind an interface of a firewall or router between zones.
func (r *reader) checkInterface(i Interface, kind, name string) {
	switch {
	case i.Zone.Value != "":
		r.exists(i.Zone, "zone", r.names.zones)
	case len(r.topology.Zones) > 0:
		r.errorf(i.Span, "Write zone = \"…\": the zone behind it.", "The interface %q of %s %q has no zone", i.Name, kind, name)
	}
}
