package iptables

import (
	"bytes"
	"net/netip"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// maxShifted bounds the ports that a rule with a shifted port range may match.
const maxShifted = 1024

// translate reads the targets of the nat table.
func (r *ruleReader) translate() {
	t := &r.target
	tr := &model.Translation{Family: r.s.Family, Random: t.has("random") || t.has("random-fully")}
	r.action.Kind, r.action.Translation = model.Translate, tr
	if r.chain.builtin && !natHook(t.def.name, r.chain.hook) {
		r.fail(t.name, natHooksDetail, "target %s cannot stand in chain %s", t.def.name, r.chain.Name)
		return
	}
	if !r.chain.builtin {
		r.s.translations = append(r.s.translations, translation{r.chain, t.def.name, r.span})
	}
	switch t.def.name {
	case "NETMAP":
		r.netmap(tr)
	case "MASQUERADE", "REDIRECT":
		tr.Kind = model.ToInterface
		if v := t.value("to-ports"); v != nil && r.portsNeedProtocol(v) {
			tr.Ports, _ = r.natPorts(v, v.text)
		}
	case "DNAT":
		r.toAddress(tr, "to-destination")
	case "SNAT":
		r.toAddress(tr, "to-source")
	}
}

// natHooksDetail says what is legal in the nat table.
const natHooksDetail = "DNAT and REDIRECT stand in PREROUTING and OUTPUT, SNAT in POSTROUTING and INPUT, MASQUERADE in POSTROUTING."

// natHook tells on which hooks the kernel lets a nat target stand.
func natHook(name string, hook model.Hook) bool {
	switch name {
	case "DNAT", "REDIRECT":
		return hook == model.Prerouting || hook == model.Output
	case "SNAT":
		return hook == model.Postrouting || hook == model.Input
	case "MASQUERADE":
		return hook == model.Postrouting
	}
	return true
}

// netmap reads NETMAP --to.
func (r *ruleReader) netmap(tr *model.Translation) {
	v := r.target.value("to")
	if v == nil {
		r.fail(r.target.name, "", "target NETMAP needs --to")
		return
	}
	host, mask, hasMask := bytes.Cut(v.text, []byte{'/'})
	addr, ok := r.parseAddr(v, host)
	if !ok {
		return
	}
	length, ok := r.s.Family.Bits(), true
	if hasMask {
		if n, digits := number(mask); digits {
			length, ok = int(min(n, 1000)), n <= uint64(length)
		} else if bits, valid := addressNumber(mask, r.s.Family); valid {
			length, ok = prefixLength(bits, r.s.Family)
		} else {
			ok = false
		}
	}
	if !ok {
		r.fail(v, "Expected address/length.", "network %q is not valid", clip(v.text))
		return
	}
	tr.Kind, tr.Network = model.ToNetwork, netip.PrefixFrom(addr.Netip(r.s.Family), length).Masked()
}

// toAddress reads --to-destination and --to-source: addresses, ports, or both.
func (r *ruleReader) toAddress(tr *model.Translation, option string) {
	v := r.target.value(option)
	if v == nil {
		r.fail(r.target.name, "", "target %s needs --%s", r.target.def.name, option)
		return
	}
	addrs, ports := splitAddressPorts(v.text, r.s.Family)
	if len(addrs) > 0 {
		low, high, isRange := bytes.Cut(addrs, []byte{'-'})
		first, ok := r.parseAddr(v, low)
		last := first
		if ok && isRange {
			last, ok = r.parseAddr(v, high)
		}
		if ok && last.Compare(first) < 0 {
			r.fail(v, "The lower address comes first.", "address range %q is empty", clip(addrs))
		}
		if !ok {
			return
		}
		tr.Addrs = packet.Span(first, last)
	}
	if len(ports) == 0 || !r.portsNeedProtocol(v) {
		return
	}
	set, base := r.natPorts(v, ports)
	tr.Ports = set
	if base >= 0 && !r.broken {
		r.shift(tr, packet.Port(base))
	}
}

// splitAddressPorts splits "10.0.0.1-10.0.0.9:80-90" and "[2001:db8::5]:80".
func splitAddressPorts(text []byte, family packet.Family) (addrs, ports []byte) {
	if family == packet.IPv4 {
		addrs, ports, _ = bytes.Cut(text, []byte{':'})
		return addrs, ports
	}
	if len(text) == 0 || text[0] != '[' {
		return text, nil
	}
	end := bytes.LastIndexByte(text, ']')
	if end < 0 {
		return text, nil
	}
	addrs = bytes.ReplaceAll(bytes.ReplaceAll(text[1:end], []byte{'['}, nil), []byte{']'}, nil)
	return addrs, bytes.TrimPrefix(text[end+1:], []byte{':'})
}

// portsNeedProtocol refuses ports where -p names no protocol that has them.
func (r *ruleReader) portsNeedProtocol(v *token) bool {
	if !r.hasProtocol(packet.TCP, packet.UDP, protoSCTP, protoDCCP, protoUDPLite, packet.ICMP, packet.ICMPv6) {
		r.fail(v, "Write -p tcp or -p udp.", "a translation to ports needs a protocol that has them")
		return false
	}
	return true
}

// natPorts reads "80", "80-90" and "6000-6010/5000", where the number behind the slash
// is the port that becomes the first; base is -1 without it.
func (r *ruleReader) natPorts(v *token, text []byte) (set *packet.Ports, base int) {
	base = -1
	spec, shifted, hasBase := bytes.Cut(text, []byte{'/'})
	low, high, isRange := bytes.Cut(spec, []byte{'-'})
	first, ok := r.port(v, low)
	last := first
	if ok && isRange {
		last, ok = r.port(v, high)
	}
	if ok && last < first {
		r.fail(v, "The lower port comes first.", "port range %q is empty", clip(spec))
		return nil, base
	}
	if ok && hasBase {
		var b packet.Port
		b, ok = r.port(v, shifted)
		base = int(b)
	}
	if !ok {
		return nil, -1
	}
	return packet.Span(first, last), base
}

// shift makes a rule for each port that a shifted range leads to: the kernel sends
// port p to first + (p - base) modulo the range's length.
func (r *ruleReader) shift(tr *model.Translation, base packet.Port) {
	matched, size := portCount(r.where.DstPort), portCount(tr.Ports)
	if matched > maxShifted {
		r.undecided(false)
		return
	}
	first, _ := tr.Ports.Min()
	from := map[packet.Port][]*packet.Ports{}
	var order []packet.Port
	r.where.DstPort.Each(func(p, end packet.Port, _ bool) {
		for ; p < end; p++ {
			to := first + (p-base)&0xffff%size
			if from[to] == nil {
				order = append(order, to)
			}
			from[to] = append(from[to], packet.Only(p))
		}
	})
	if matched == 0 {
		r.where.Family = 0
	}
	for _, to := range order {
		where, translation := r.where, *tr
		where.DstPort, translation.Ports = packet.Union(from[to]...), packet.Only(to)
		r.variants = append(r.variants, variant{where, model.Action{Kind: model.Translate, Translation: &translation}})
	}
}

// portCount counts the ports of a set.
func portCount(set *packet.Ports) packet.Port {
	var n packet.Port
	set.Each(func(first, end packet.Port, bounded bool) {
		if !bounded {
			end = 65536
		}
		n += end - first
	})
	return n
}
