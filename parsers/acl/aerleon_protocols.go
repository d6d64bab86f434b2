package acl

import (
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/packet"
)

// protocols splits a term by what its options and ICMP types mean for each of its
// protocols.
func (x *expander) protocols(t *aerleonTerm, base entry) []entry {
	base.protocol = x.protocolSet(t)
	if (base.source.ports != nil || base.destination.ports != nil || len(t.lists["port"]) > 0) && !within(base.protocol, ported()) {
		x.errorf(*t, `Write "protocol: tcp" or "udp".`, "a term has ports, but its protocol has none")
	}
	tcp := packet.OneProtocol(packet.TCP)
	var out []entry
	for _, w := range t.lists["option"] {
		switch w.text {
		case "tcp-established", "established", "tcp-initial", "initial":
			if w.text != "established" && base.protocol != tcp {
				x.diags.Errorf(diag.Export, w.span, `Write "protocol: tcp" alone.`, "the option %s needs the protocol tcp", w.text)
			}
			if within(tcp, base.protocol) && base.protocol != packet.AnyProtocol {
				e := base
				if e.protocol, e.flags = tcp, established(); strings.HasSuffix(w.text, "initial") {
					e.flags = packet.FlagsWhere(packet.SYN|packet.ACK, packet.SYN)
				}
				out = append(out, e)
				base.protocol = without(base.protocol, tcp)
			}
			if w.text == "established" && base.destination.ports == nil {
				base.conditions = append(base.conditions, condition("option", "option established without TCP", w.span))
			}
		case "is-fragment", "fragments":
			base.fragments()
		case "inactive":
			base.verdict, base.note = next, "inactive"
		case "first-fragment", "sample":
		default:
			base.conditions = append(base.conditions, condition("option", "option "+w.text, w.span))
		}
	}
	for i := range out { // options after the first count for it too
		out[i].verdict, out[i].note = base.verdict, base.note
	}
	if base.protocol == (packet.Protocols{}) {
		return out
	}
	return append(out, x.icmp(t, base)...)
}

func without(p, q packet.Protocols) packet.Protocols {
	n := q.Not()
	return packet.Protocols{p[0] & n[0], p[1] & n[1], p[2] & n[2], p[3] & n[3]}
}

func (x *expander) protocolSet(t *aerleonTerm) packet.Protocols {
	read := func(key string) packet.Protocols {
		var out packet.Protocols
		for _, w := range t.lists[key] {
			p, ok := parseProtocol(w.text, map[string]uint8{"hopopt": 0, "icmpv6": 58, "ipip": 4, "ah": 51, "esp": 50, "fragment": 44})
			if !ok {
				x.diags.Errorf(diag.Export, w.span, "Expected a protocol's name or number.", "protocol is %q", w.text)
			}
			out = union(out, p)
		}
		return out
	}
	switch {
	case len(t.lists["protocol-except"]) > 0:
		return read("protocol-except").Not()
	case len(t.lists["protocol"]) > 0:
		return read("protocol")
	}
	return packet.AnyProtocol
}

// icmp narrows a term to its ICMP types, which it may have for one protocol only.
func (x *expander) icmp(t *aerleonTerm, base entry) []entry {
	types := t.lists["icmp-type"]
	if codes := t.lists["icmp-code"]; len(codes) > 0 {
		base.conditions = append(base.conditions, condition("icmp", "icmp-code "+describe(t.node.Get("icmp-code")), codes[0].span))
	}
	if len(types) == 0 {
		return []entry{base}
	}
	names := icmpNames
	switch base.protocol {
	case packet.OneProtocol(packet.ICMP):
	case packet.OneProtocol(packet.ICMPv6):
		names = icmp6Names
	default:
		x.diags.Errorf(diag.Export, types[0].span, `Write "protocol: icmp" or "icmpv6" alone.`, "icmp-type needs one protocol, icmp or icmpv6")
		return nil
	}
	sets := []*packet.ICMPTypes{}
	for _, w := range types {
		name := strings.ReplaceAll(w.text, "-", "_")
		if other, ok := aerleonICMP[name]; ok {
			name = other
		}
		it, ok := names[name]
		if v, number := decimal(w.text); number && v <= 255 {
			it, ok = icmpType{v, -1}, true
		}
		if !ok {
			x.diags.Errorf(diag.Export, w.span, diag.Legal(name, slices.Sorted(slices.Values(keysOf(names)))), "icmp-type is %q", w.text)
			continue
		}
		sets = append(sets, it.types())
	}
	base.icmp = packet.Union(sets...)
	return []entry{base}
}

// aerleonICMP are the types that Aerleon spells otherwise than the modules do.
var aerleonICMP = map[string]string{
	"destination_unreachable": "unreachable", "router_solicit": "router_solicitation", "neighbor_solicit": "neighbor_solicitation",
	"neighbor_advertisement": "neighbor_advertisement", "multicast_listener_query": "membership_query", "multicast_listener_report": "membership_report",
	"multicast_listener_done": "membership_reduction",
}
