package netsh

import (
	"strconv"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// The dynamic port range of Windows since Vista, and the first port that a program
// without privileges of old gets.
const (
	firstDynamic = 49152
	firstUser    = 1024
	lastPort     = 65535
)

// classes holds one direction's rules by the order in which Windows asks them.
type classes struct {
	bypass, block, undecided, allow []model.Rule
}

// sort compiles the rules of a direction into their classes. Rules that are switched
// off go to the firewall's list of disabled ones; rules for Store apps and paired
// devices match nothing that is asked about.
func (c *compiler) sort(direction Direction, hook model.Hook) classes {
	var out classes
	for _, d := range c.in.Docs {
		for i := range d.Rules {
			r := &d.Rules[i]
			if r.Direction != direction && r.Direction != AnyDirection {
				continue
			}
			profiles := c.profilesOf(r, d)
			if profiles&c.in.Profile == 0 {
				continue
			}
			switch {
			case r.Elsewhere && len(r.unread()) == 0:
				c.byName = c.byName || r.Enabled && r.ID == ""
			case !r.Enabled:
				c.disabled(r, hook, profiles)
			default:
				c.hidden = c.hidden || !r.ProgramShown
				c.class(&out, r, profiles)
			}
		}
	}
	return out
}

// profilesOf are the profiles in which the rule counts: group policy may take the
// host's own rules out.
func (c *compiler) profilesOf(r *Rule, d *Doc) packet.Profiles {
	profiles := r.Profiles
	if !r.LocalStore || d.Effective || d.GroupPolicy {
		return profiles
	}
	for i, p := range profileList() {
		if c.settings[i].IgnoreLocalRules {
			profiles &^= p
		}
	}
	return profiles
}

// unread returns what of the rule could not be read.
func (r *Rule) unread() (out []Narrowing) {
	for _, n := range r.Narrowing {
		if n.Kind == unreadable {
			out = append(out, n)
		}
	}
	return out
}

func (c *compiler) disabled(r *Rule, hook model.Hook, profiles packet.Profiles) {
	if r.Action != Allow {
		return
	}
	role := r.Role()
	for _, rule := range c.expand(r, hook == model.Input, profiles) {
		rule.Action.Kind = model.Accept
		c.fw.Disabled = append(c.fw.Disabled, model.DisabledRule{Hook: hook, Rule: rule, Name: r.Name, Role: role})
	}
}

func (c *compiler) class(out *classes, r *Rule, profiles packet.Profiles) {
	// A rule of unknown direction has its sides either way round, so they don't count.
	wide := *r
	if r.Direction == AnyDirection {
		wide.Local, wide.Remote, wide.LocalPorts, wide.RemotePorts = anyAddresses(), anyAddresses(), anyPorts(), anyPorts()
	}
	rules := c.expand(&wide, r.Direction == In, profiles)
	kind, list := model.Accept, &out.allow
	switch r.Action {
	case Block:
		kind, list = model.Drop, &out.block
	case Bypass:
		list = &out.bypass
	case UnknownAction:
		kind, list = model.Undecided, &out.undecided
	}
	for i := range rules {
		rules[i].Action.Kind = kind
		if r.Action == Block {
			rules[i].Note = blockNote(r.Profiles)
		}
		if kind == model.Undecided {
			why := c.condition(Narrowing{Kind: unreadable, Text: "a rule that could not be read", Span: r.Span}, r)
			if rules[i].Tests != nil {
				why = rules[i].Tests.Unknown[0]
			}
			rules[i].Action.Unknown, rules[i].Tests = &why, nil
		}
	}
	*list = append(*list, rules...)
}

// blockNote says that a rule blocks, and where, since the line that names it does not.
func blockNote(p packet.Profiles) string {
	if p&packet.AnyProfile == packet.AnyProfile {
		return "block rule"
	}
	return "block rule of the profile " + p.String()
}

// condition turns a narrowing into the model's condition. The same words are the
// same unknown; what could not be read and what is hidden differ from rule to rule.
func (c *compiler) condition(n Narrowing, r *Rule) model.Condition {
	if n.Span.IsZero() {
		n.Span = r.Span
	}
	out := model.Condition{Kind: n.Kind, Text: n.Text, Key: n.Kind + ":" + n.Text, Memory: model.PerFlow, Not: n.Not, Supply: n.Supply, Span: n.Span}
	switch n.Kind {
	case unreadable, "program", "app-package":
		out.Key = n.Kind + ":" + r.Span.File.Name + ":" + strconv.Itoa(int(n.Span.Start))
	}
	return out
}

// conditions are what narrows the rule as a whole.
func (c *compiler) conditions(r *Rule) (out []model.Condition) {
	ipsec := false
	for _, n := range r.Narrowing {
		ipsec = ipsec || n.Kind == "ipsec"
		out = append(out, c.condition(n, r))
	}
	if r.programUnclear() {
		out = append(out, c.condition(Narrowing{Kind: "program-path", Text: "which program " + r.Path + " is"}, r))
	}
	if r.Action == Bypass && !ipsec {
		out = append(out, c.condition(Narrowing{Kind: "ipsec", Text: "authenticated bypass: only connections that IPsec authenticates"}, r))
	}
	switch {
	case r.Elsewhere && len(r.unread()) > 0:
		out = append(out, c.condition(Narrowing{Kind: "app-package", Text: "the rule is for a Store app or a paired device"}, r))
	case !r.ProgramShown && !r.namesPort():
		out = append(out, c.condition(Narrowing{Kind: "program", Text: hiddenPrograms, Supply: supplyVerbose}, r))
	case r.looksScoped():
		out = append(out, c.condition(Narrowing{Kind: "app-package", Text: "the dump hides the packages of Store apps and the devices of Wi-Fi Direct, and this looks like a rule for one"}, r))
	}
	return out
}

// namesPort tells whether a rule whose program is hidden says by itself what it is
// about: it names ports of the listening side, or has a protocol without programs.
func (r *Rule) namesPort() bool {
	if r.Protocol == packet.AnyProtocol || !hasPorts(r.Protocol) {
		return r.Protocol != packet.AnyProtocol
	}
	return !r.anyListeningPort() && !r.listeningPorts().wide()
}

// widePorts is how many ports a list has that is no choice of a service's ports.
const widePorts = 1024

// wide tells whether the list holds so many ports that it is about a program, not about
// ports. Windows' dynamic range counts as a choice.
func (p *Ports) wide() bool {
	n := 0
	p.Numbers.Subtract(packet.Span(packet.Port(firstDynamic), packet.Port(lastPort))).Each(func(first, end packet.Port, _ bool) {
		n += int(end) - int(first) // the last range is cut by the dynamic one, so it has an end
	})
	return n > widePorts
}

// looksScoped tells the rules that a verbose dump prints like "allow all" and that
// Windows itself makes for a Store app or for paired devices, which the dump does not
// show: of a group, from anywhere, for any program and protocol or for System on any port.
func (r *Rule) looksScoped() bool {
	return r.Action == Allow && r.ID == "" && r.Group != "" && r.Service == "" && r.Local.Any && r.Remote.Any &&
		(r.Path == "" && r.Protocol == packet.AnyProtocol ||
			r.Program == "system" && r.anyListeningPort() && (r.Protocol == packet.AnyProtocol || hasPorts(r.Protocol)))
}

// part is a piece of one side: a set, and the condition under which it counts.
type part struct {
	addrs    *packet.Addrs
	ports    *packet.Ports
	programs *packet.Names
	unknown  *model.Condition
}

// expand turns a rule into the model's rules, without their actions: one for each
// family and each combination of what is exact and what depends on a condition.
func (c *compiler) expand(r *Rule, inbound bool, profiles packet.Profiles) []model.Rule {
	box := c.where(profiles)
	box.Protocol, box.ICMP = r.Protocol, r.ICMP
	switch r.Protocol {
	case packet.OneProtocol(packet.ICMP):
		box.Family = packet.IPv4
	case packet.OneProtocol(packet.ICMPv6):
		box.Family = packet.IPv6
	}
	switch {
	case r.Program != "":
		box.Program = packet.OneName(r.Program)
		c.byFile = c.byFile || r.Enabled && ownedByWindows(r.Path, r.Program) == otherProgram
	case r.hostsServices():
		box.Program = serviceHosts()
	}
	if r.Service != "" {
		box.Service = packet.OneName(r.Service)
	}
	start := model.Rule{Where: box, Span: r.Span}
	if role, ok := Role(r.Name); ok && role != r.Name {
		start.Note = role
	}
	if conditions := c.conditions(r); len(conditions) > 0 {
		start.Tests = &model.Tests{Unknown: conditions}
	}
	var out []model.Rule
	for _, local := range c.portParts(r, &r.LocalPorts) {
		for _, remote := range c.portParts(r, &r.RemotePorts) {
			withPorts := with(with(start, local, inbound), remote, !inbound)
			out = append(out, c.withAddresses(withPorts, r, inbound)...)
		}
	}
	return out
}

// withAddresses adds the sides' addresses, family by family.
func (c *compiler) withAddresses(start model.Rule, r *Rule, inbound bool) []model.Rule {
	if r.Local.Any && r.Remote.Any {
		return []model.Rule{start}
	}
	var out []model.Rule
	for _, family := range []packet.Family{packet.IPv4, packet.IPv6} {
		if start.Where.Family&family == 0 {
			continue
		}
		rule := start
		rule.Where.Family = family
		for _, local := range c.addressParts(r, &r.Local, family) {
			for _, remote := range c.addressParts(r, &r.Remote, family) {
				out = append(out, with(with(rule, local, inbound), remote, !inbound))
			}
		}
	}
	return out
}

// with restricts a rule by a part of its destination, or of its source.
func with(rule model.Rule, p part, destination bool) model.Rule {
	addrs, ports := &rule.Where.Src, &rule.Where.SrcPort
	if destination {
		addrs, ports = &rule.Where.Dst, &rule.Where.DstPort
	}
	if p.addrs != nil {
		*addrs = p.addrs
	}
	if p.ports != nil {
		*ports = p.ports
	}
	if p.programs != nil {
		rule.Where.Program = p.programs
	}
	if p.unknown != nil {
		tests := model.Tests{Unknown: []model.Condition{*p.unknown}}
		if rule.Tests != nil {
			tests.Unknown = append(rule.Tests.Unknown[:len(rule.Tests.Unknown):len(rule.Tests.Unknown)], *p.unknown)
		}
		rule.Tests = &tests
	}
	return rule
}

// addressParts are the pieces of an address list in one family.
func (c *compiler) addressParts(r *Rule, list *Addresses, family packet.Family) []part {
	if list.Any {
		return c.whole
	}
	set, subnet, known := list.V4, c.subnets[0], c.in4
	if family == packet.IPv6 {
		set, subnet, known = list.V6, c.subnets[1], c.in6
	}
	var out []part
	for _, k := range list.Keywords {
		switch {
		case k.Family&family == 0:
		case k.Name == "localsubnet" && known:
			set = set.Union(subnet)
		case k.Name == "localsubnet":
			out = append(out, c.unknownPart(r, Narrowing{Kind: "local-subnet", Text: "LocalSubnet: the other side is on the host's own subnet", Supply: supplyAddresses}))
		default:
			out = append(out, c.unknownPart(r, Narrowing{Kind: "keyword", Text: "the addresses that Windows calls " + k.Name}))
		}
	}
	if !set.IsEmpty() {
		out = append(out, part{addrs: set})
	}
	return out
}

func (c *compiler) unknownPart(r *Rule, n Narrowing) part {
	condition := c.condition(n, r)
	return part{unknown: &condition}
}

// portParts are the pieces of a port list.
func (c *compiler) portParts(r *Rule, list *Ports) []part {
	if list.Any {
		return c.whole
	}
	exact := list.Numbers
	var out []part
	for _, keyword := range list.Keywords {
		switch keyword {
		case "rpc-epmap":
			exact = exact.Union(packet.Only(packet.Port(135)))
		case "iphttps":
			exact = exact.Union(packet.Only(packet.Port(443)))
		case "mdns":
			exact = exact.Union(packet.Only(packet.Port(5353)))
		case "rpc":
			out = append(out, c.rpcParts(r)...)
		case "teredo", "ply2disc": // ports that a service was given when it asked for any
			p := c.unknownPart(r, Narrowing{Kind: "keyword", Text: "the ports that Windows calls " + keyword})
			p.ports = packet.Span(packet.Port(firstUser), packet.Port(lastPort))
			out = append(out, p)
		default:
			out = append(out, c.unknownPart(r, Narrowing{Kind: "keyword", Text: "the ports that Windows calls " + keyword}))
		}
	}
	if !exact.IsEmpty() {
		out = append(out, part{ports: exact})
	}
	return out
}

// rpcParts are the ports that the rule's program registered with RPC: those of the
// dynamic range, unless the host's range was set otherwise. Where the rule names
// neither program nor service, only the hosts of Windows' own RPC services are
// sure to have registered theirs.
func (c *compiler) rpcParts(r *Rule) []part {
	user := packet.Span(packet.Port(firstUser), packet.Port(lastPort))
	dynamic := packet.Span(packet.Port(firstDynamic), packet.Port(lastPort))
	unknown := c.unknownPart(r, Narrowing{Kind: "rpc", Text: "RPC: whether the port is one that the program registered with RPC"})
	if !r.ProgramShown {
		unknown = c.unknownPart(r, Narrowing{Kind: "program", Text: hiddenPrograms, Supply: supplyVerbose})
		unknown.ports = user
		return []part{unknown}
	}
	sure := part{ports: dynamic}
	below := unknown
	below.ports = user.Subtract(dynamic)
	if r.Program != "" || r.Service != "" {
		return []part{sure, below}
	}
	sure.programs = packet.OneName("svchost.exe").Union(packet.OneName("unsecapp.exe"))
	unknown.ports = user
	return []part{sure, unknown}
}
