package topology

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/sumlint/sumlint/parsers/source"
)

// names is where each name was first defined, by kind.
type names struct {
	zones, servers, targets, firewalls, routers map[string]source.Span
	others                                      map[string]source.Span // policies, assumptions: by what they are about
}

// decode turns the blocks of all files into the topology, and checks it.
func (r *reader) decode(blocks []*hcl.Block) {
	empty := func() map[string]source.Span { return map[string]source.Span{} }
	r.names = names{empty(), empty(), empty(), empty(), empty(), empty()}
	of := func(kind string) (found []*hcl.Block) {
		for _, b := range blocks {
			if b.Type == kind {
				found = append(found, b)
			}
		}
		return found
	}
	r.defineLocals(of("locals"))
	sum := r.decodeSum(of("sum"))
	for _, b := range blocks {
		switch b.Type {
		case "zone":
			r.decodeZone(r.open(b))
		case "server":
			r.decodeServer(r.open(b), sum)
		case "target":
			for _, one := range r.expand(b) {
				r.decodeTarget(one, b)
			}
		case "firewall":
			for _, one := range r.expand(b) {
				r.decodeFirewall(one)
			}
		case "router":
			r.decodeRouter(r.open(b))
		case "path":
			r.decodePath(r.open(b))
		case "waive":
			for _, one := range r.expand(b) {
				r.decodeWaiver(one, b.Labels[0])
			}
		case "assume":
			r.decodeAssume(r.open(b))
		case "policy":
			r.decodePolicy(r.open(b))
		}
	}
	r.checkSomething(of)
	r.check()
}

// checkSomething reports a topology with nothing to lint. A block that is there but
// wrong has been reported as such.
func (r *reader) checkSomething(of func(kind string) []*hcl.Block) {
	if r.broken {
		return
	}
	for _, kind := range []string{"server", "target"} {
		blocks, made := of(kind), len(r.names.servers)
		if kind == "target" {
			made = len(r.names.targets)
		}
		switch {
		case len(blocks) == 0:
			r.errorf(r.topology.Span, "SUM runs on a server and updates targets: without both there is nothing to lint.", "The topology has no %s", kind)
		case made == 0 && len(r.diags) == 0:
			r.errorf(r.header(blocks[0]), "Its for_each is empty, so there is nothing to lint.", "The topology has no %s", kind)
		}
	}
}

// define notes a name; a second one is an error and false.
func (b *block) define(where map[string]source.Span) bool {
	first, twice := where[b.name]
	switch {
	case b.name == "":
		return true // reported, and nobody can mean it
	case twice && first == b.span:
		b.errorf(b.span, "Two instances of its for_each have that name.", "%s is defined twice", b)
		return false
	case twice:
		b.errorf(b.span, "The first is at "+b.place(first)+"; each name stands once.", "%s is defined twice", b)
		return false
	}
	where[b.name] = b.span
	return true
}

func (r *reader) decodeZone(b *block) {
	z := &Zone{Name: b.name, Span: b.span}
	texts, _ := b.texts("networks")
	for _, t := range texts {
		p, err := parseNetwork(withLength(t.Value))
		if err != nil {
			b.badAddress(t, err)
			continue
		}
		z.Networks = append(z.Networks, p)
		at := Text{Value: z.Name, Span: t.Span}
		if first, twice := r.networks[p]; twice && first.Value != z.Name {
			b.errorf(t.Span, "It is a network of zone \""+first.Value+"\" already, at "+b.place(first.Span)+".", "%s is in two zones", p)
		} else if !twice {
			r.networks[p] = at
		}
	}
	if b.define(r.names.zones) {
		r.topology.Zones = append(r.topology.Zones, z)
	}
}

// withLength makes a single address a network.
func withLength(text string) string {
	if strings.Contains(text, "/") {
		return text
	}
	if strings.Contains(text, ":") {
		return text + "/128"
	}
	return text + "/32"
}

func (r *reader) decodeServer(b *block, sum Sum) {
	s := &Server{Name: b.name, Span: b.span, Sum: sum}
	b.require("os", `"linux" or "windows"`)
	s.OS, _ = b.word("os", "linux", "windows")
	b.require("addresses", `["10.10.0.5"]`)
	s.Addresses = b.someAddresses()
	s.Browsers = b.addresses("browsers")
	s.NATAddresses = b.natAddresses()
	s.Ephemeral = b.ports("ephemeral_ports", ephemeralPorts(s.OS))
	b.readSum(&s.Sum)
	if b.define(r.names.servers) {
		r.topology.Servers = append(r.topology.Servers, s)
	}
}

// someAddresses reads addresses, at least one.
func (b *block) someAddresses() Addresses {
	if b.empty("addresses") {
		b.errorf(b.at("addresses"), "", "%s has no address", b)
	}
	return b.addresses("addresses")
}

// ephemeralPorts are the ports that clients use by default: Linux's
// net.ipv4.ip_local_port_range, the dynamic ports of Windows (RFC 6335), and
// everything that is not privileged where neither is known.
func ephemeralPorts(system string) Ports {
	switch system {
	case "linux":
		return Ports{32768, 60999}
	case "windows":
		return Ports{49152, 65535}
	}
	return Ports{1024, 65535}
}

func (r *reader) decodeTarget(b *block, hb *hcl.Block) {
	t := &Target{Type: hb.Labels[0], Name: b.name, Mode: "remote", Span: b.span}
	if !slices.Contains(targetTypes(), t.Type) {
		r.errorf(r.span(hb.LabelRanges[0]), r.words(t.Type, targetTypes(), "types"), "There is no target type %q", t.Type)
	}
	b.require("addresses", `["10.20.1.0/26"]`)
	t.Addresses = b.someAddresses()
	t.NATAddresses = b.natAddresses()
	if mode, ok := b.word("mode", "remote", "local", "web"); ok {
		t.Mode = mode
		b.checkMode(t)
	}
	t.Servers, _ = b.texts("servers")
	if b.empty("servers") {
		b.errorf(b.at("servers"), "Leave servers out for each server that can update it; mode = \"web\" is for targets that no server updates.", "%s has no server", b)
	}
	t.Ephemeral = b.ports("ephemeral_ports", ephemeralPorts(t.Type))
	if b.define(r.names.targets) {
		r.topology.Targets = append(r.topology.Targets, t)
	}
}

// checkMode refuses a mode that nodes of the type have not: SUM runs on an operating
// system only, and only appliances have a web page that updates them.
func (b *block) checkMode(t *Target) {
	system := slices.Contains([]string{"windows", "linux", "hp-ux"}, t.Type)
	switch {
	case t.Mode == "local" && !system:
		b.errorf(b.at("mode"), `SUM runs locally on windows, linux and hp-ux targets; an appliance is updated through its own web page: mode = "web".`, "SUM can't run on %s", b)
	case t.Mode == "web" && (system || t.Type == "vmware"):
		b.errorf(b.at("mode"), `Appliances have one (oa, ilo, vc, switches, Superdome); SUM can run on the node itself: mode = "local", on windows, linux and hp-ux.`, "%s has no web page that updates it", b)
	}
}

func (r *reader) decodePath(b *block) {
	p := &Path{Span: b.span}
	b.require("from", "the name of a zone")
	b.require("to", "the name of a zone")
	b.require("via", "the names of the firewalls and routers on the way, in order")
	p.From, _ = b.text("from")
	p.To, _ = b.text("to")
	p.Via, _ = b.texts("via")
	r.topology.Paths = append(r.topology.Paths, p)
}

// reasonOf reads the reason, which a team must give.
func (b *block) reasonOf() string {
	reason, ok := b.text("reason")
	if !b.broken && b.absent("reason") || ok && strings.TrimSpace(reason.Value) == "" {
		b.errorf(b.at("reason"), "Say why, for those who read the report: reason = \"…\".", "%s has no reason", b)
	}
	return reason.Value
}

func (r *reader) decodeWaiver(b *block, rule string) {
	w := &Waiver{Rule: rule, Span: b.span}
	for name, field := range map[string]*string{"server": &w.Server, "target": &w.Target, "firewall": &w.Firewall} {
		t, _ := b.text(name)
		*field = t.Value
	}
	w.Direction, _ = b.word("direction", "to-target", "from-target", "local", "browser")
	if port, ok := b.number("port"); ok {
		if port < 1 || port > 65535 {
			b.errorf(b.at("port"), "Ports go from 1 to 65535; leave it out for each port.", "%d is no port", port)
		} else {
			w.Port = port
		}
	}
	w.Reason = b.reasonOf()
	if until, ok := b.text("until"); ok {
		if _, err := time.Parse(time.DateOnly, until.Value); err != nil {
			b.errorf(until.Span, "Expected \"YYYY-MM-DD\", the last day on which the waiver counts.", "%q is no date", until.Value)
		} else {
			w.Until = until.Value
		}
	}
	r.topology.Waivers = append(r.topology.Waivers, w)
	r.waivers = append(r.waivers, b)
}

func (r *reader) decodeAssume(b *block) {
	a := &Assume{Kind: b.name, Span: b.span}
	firewall, _ := b.text("firewall")
	a.Firewall = firewall.Value
	text, _ := b.text("text")
	a.Text = text.Value
	b.require("holds", "true or false: whether the condition holds, a ! in it left aside")
	a.Holds, _ = b.boolean("holds")
	a.Reason = b.reasonOf()
	key := fmt.Sprintf("assume %q %q %q", a.Kind, a.Firewall, a.Text)
	if first, twice := r.names.others[key]; twice {
		r.errorf(b.span, "The first is at "+r.place(first)+".", "%s is answered twice for the same firewall", b)
		return
	}
	r.names.others[key] = b.span
	r.topology.Assumes = append(r.topology.Assumes, a)
	r.assumes = append(r.assumes, b)
}

func (r *reader) decodePolicy(b *block) {
	p := &Policy{Rule: b.name, Span: b.span}
	b.require("severity", `"error", "warning", "note" or "off"`)
	p.Severity, _ = b.word("severity", "error", "warning", "note", "off")
	if first, twice := r.names.others["policy "+p.Rule]; twice {
		r.errorf(b.span, "The first is at "+r.place(first)+".", "%s is set twice", b)
		return
	}
	r.names.others["policy "+p.Rule] = b.span
	if p.Severity != "" {
		r.topology.Policies = append(r.topology.Policies, p)
	}
}
