package topology

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/source"
)

// host returns the addresses of the server or target of a name; nil where it is not
// known. A name that a server and a target share must mean the same addresses.
func (r *reader) host(name Text) *Addresses {
	r.indexHosts()
	server, target := r.serverHosts[name.Value], r.targetHosts[name.Value]
	switch {
	case server == nil && target == nil:
		return nil
	case server == nil:
		return &target.Addresses
	case target != nil && !(server.Addresses.V4.Equal(target.Addresses.V4) && server.Addresses.V6.Equal(target.Addresses.V6)):
		r.errorf(name.Span, fmt.Sprintf("The server is at %s, the target at %s, and their addresses differ. Rename one.", r.place(server.Span), r.place(target.Span)),
			"%q is a server and a target", name.Value)
	}
	return &server.Addresses
}

func (r *reader) indexHosts() {
	if r.serverHosts != nil {
		return
	}
	r.serverHosts, r.targetHosts = map[string]*Server{}, map[string]*Target{}
	for _, s := range r.topology.Servers {
		r.serverHosts[s.Name] = s
	}
	for _, t := range r.topology.Targets {
		r.targetHosts[t.Name] = t
	}
}

func (r *reader) zonesNamed(name string) []*Zone {
	var out []*Zone
	for _, z := range r.topology.Zones {
		if z.Name == name {
			out = append(out, z)
		}
	}
	return out
}

// checkPaths checks the path blocks: their names, and that each step of the way is
// one: a zone that both ends of it are connected to.
func (r *reader) checkPaths() {
	zones := r.connections()
	seen := map[[2]string]source.Span{}
	for _, p := range r.topology.Paths {
		known := true
		for _, end := range []Text{p.From, p.To} {
			known = end.Value != "" && r.exists(end, "zone", r.names.zones) && known
		}
		for _, v := range p.Via {
			known = r.exists(v, "firewall or router", r.names.firewalls, r.names.routers) && known
		}
		if !known || !r.checkEnds(p, seen) {
			continue
		}
		r.checkWay(p, zones)
	}
}

// checkEnds checks what a path connects.
func (r *reader) checkEnds(p *Path, seen map[[2]string]source.Span) bool {
	if p.From.Value == p.To.Value {
		r.errorf(p.To.Span, "A flow inside one zone passes host firewalls only.", "The path leads from zone %q to itself", p.From.Value)
		return false
	}
	if len(p.Via) == 0 {
		r.errorf(p.Span, "Name the firewalls and routers on the way; a router block is for a device that filters nothing.", "The path has no via")
		return false
	}
	ends := [2]string{min(p.From.Value, p.To.Value), max(p.From.Value, p.To.Value)}
	if first, twice := seen[ends]; twice {
		r.errorf(p.Span, "The first is at "+r.place(first)+"; a path counts in both directions.", "There are two paths between the zones %q and %q", ends[0], ends[1])
		return false
	}
	seen[ends] = p.Span
	return true
}

// connections returns the zones that each firewall and router is connected to.
func (r *reader) connections() map[string]map[string]bool {
	out := map[string]map[string]bool{}
	add := func(name string, interfaces []Interface) {
		out[name] = map[string]bool{}
		for _, i := range interfaces {
			if i.Zone.Value != "" {
				out[name][i.Zone.Value] = true
			}
		}
	}
	for _, f := range r.topology.Firewalls {
		if f.Host.Value == "" {
			add(f.Name, f.Interfaces)
		}
	}
	for _, w := range r.topology.Routers {
		add(w.Name, w.Interfaces)
	}
	return out
}

// checkWay follows a path from zone to zone.
func (r *reader) checkWay(p *Path, zones map[string]map[string]bool) {
	// reached are the zones that the way can be in so far.
	reached, last := map[string]bool{p.From.Value: true}, fmt.Sprintf("zone %q", p.From.Value)
	passed := map[string]bool{}
	for _, v := range p.Via {
		own, between := zones[v.Value]
		switch {
		case !between:
			r.errorf(v.Span, "It is a host's own filter, which nothing passes on its way.", "%q is not between zones", v.Value)
			return
		case passed[v.Value]:
			r.errorf(v.Span, "", "The path passes %q twice", v.Value)
			return
		case !overlap(reached, own):
			r.errorf(v.Span, connects(v.Value, own), "%q is not connected to %s", v.Value, last)
			return
		}
		passed[v.Value] = true
		reached, last = own, fmt.Sprintf("%q", v.Value)
	}
	if !reached[p.To.Value] {
		r.errorf(p.To.Span, connects(p.Via[len(p.Via)-1].Value, reached), "%s is not connected to zone %q", last, p.To.Value)
	}
}

func overlap(a, b map[string]bool) bool {
	for k := range a {
		if b[k] {
			return true
		}
	}
	return false
}

// connects lists the zones behind a device's interfaces.
func connects(name string, zones map[string]bool) string {
	if len(zones) == 0 {
		return fmt.Sprintf("No interface of %q has a zone.", name)
	}
	quoted := make([]string, 0, len(zones))
	for _, z := range slices.Sorted(maps.Keys(zones)) {
		quoted = append(quoted, fmt.Sprintf("%q", z))
	}
	if len(quoted) > maxListed {
		quoted = append(quoted[:maxListed], "…")
	}
	return fmt.Sprintf("Its interfaces are in %s.", strings.Join(quoted, ", "))
}
