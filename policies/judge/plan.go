package judge

import (
	"net/netip"

	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/policies/facts"
)

// PlanOf is a topology as the packages sumlint.needs see it.
func PlanOf(t *topology.Topology) *facts.Plan {
	p := &facts.Plan{Schema: facts.PlanSchema, Topology: t.Path}
	for _, z := range t.Zones {
		zone := facts.PlanZone{Name: z.Name}
		for _, n := range z.Networks {
			zone.Networks = append(zone.Networks, n.String())
		}
		p.Zones = append(p.Zones, zone)
	}
	for _, s := range t.Servers {
		p.Servers = append(p.Servers, facts.PlanServer{
			Name:         s.Name,
			OS:           s.OS,
			Addresses:    ranges(s.Addresses.List),
			Browsers:     ranges(s.Browsers.List),
			Version:      s.Sum.Version,
			Port:         s.Sum.Port,
			SSLPort:      s.Sum.SSLPort,
			FTPPort:      s.Sum.FTPPort,
			OpenFirewall: s.Sum.OpenFirewall,
			Phases:       s.Sum.Phases,
		})
	}
	for _, n := range t.Targets {
		target := facts.PlanTarget{Name: n.Name, Type: n.Type, Mode: n.Mode, Addresses: ranges(n.Addresses.List)}
		for _, s := range n.Servers {
			target.Servers = append(target.Servers, s.Value)
		}
		p.Targets = append(p.Targets, target)
	}
	for _, f := range t.Firewalls {
		firewall := facts.PlanFirewall{Name: f.Name, Host: f.Host.Value}
		for _, i := range f.Interfaces {
			if i.Zone.Value != "" {
				firewall.Zones = append(firewall.Zones, i.Zone.Value)
			}
		}
		p.Firewalls = append(p.Firewalls, firewall)
	}
	return p
}

// ranges writes ranges as CIDRs or single addresses where they are such, else as
// "first-last".
func ranges(list []topology.Range) []string {
	out := make([]string, 0, len(list))
	for _, r := range list {
		out = append(out, rangeText(r))
	}
	return out
}

func rangeText(r topology.Range) string {
	if r.First == r.Last {
		return r.First.String()
	}
	for bits := range r.First.BitLen() {
		prefix := netip.PrefixFrom(r.First, bits).Masked()
		if prefix.Addr() == r.First && lastOf(prefix) == r.Last {
			return prefix.String()
		}
	}
	return r.First.String() + "-" + r.Last.String()
}

// lastOf is the last address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for i := p.Bits(); i < len(bytes)*8; i++ {
		bytes[i/8] |= 1 << (7 - i%8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}
