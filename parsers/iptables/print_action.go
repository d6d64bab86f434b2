package iptables

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// negation is the word before an option that is negated.
func negation(not bool) []string {
	if not {
		return []string{"!"}
	}
	return nil
}

// testWords writes the parts of a match that are no product of sets.
func testWords(t *model.Tests) (out []string, err error) {
	for _, m := range t.Masks {
		option := "-s"
		if m.Destination {
			option = "-d"
		}
		out = append(append(out, negation(m.Not)...), option, m.Value.Netip(m.Family).String()+"/"+m.Mask.Netip(m.Family).String())
	}
	for _, m := range t.Marks {
		module := "mark"
		if m.Connection {
			module = "connmark"
		}
		out = append(append(append(out, "-m", module), negation(m.Not)...), "--mark", fmt.Sprintf("%#x/%#x", m.Value, m.Mask))
	}
	for _, one := range t.OneOf {
		words, err := eitherPort(one)
		if err != nil {
			return nil, err
		}
		out = append(out, words...)
	}
	for _, c := range t.Unknown {
		out = append(out, c.Text)
	}
	return out, nil
}

// eitherPort writes multiport --ports: the source's port or the destination's.
func eitherPort(one model.OneOf) ([]string, error) {
	if len(one.Boxes) != 2 || one.Boxes[0].SrcPort == nil || one.Boxes[1].DstPort == nil {
		return nil, errNotPrintable
	}
	a, b := one.Boxes[0], one.Boxes[1]
	list := strings.ReplaceAll(packet.FormatPorts(a.SrcPort), "-", ":")
	same := a.SrcPort.Equal(b.DstPort)
	a.SrcPort, b.DstPort = nil, nil
	if !same || !a.Equal(&b) {
		return nil, errNotPrintable
	}
	return append(append([]string{"-m", "multiport"}, negation(one.Not)...), "--ports", list), nil
}

// action writes what a rule does.
func (p *printer) action(c *model.Chain, a model.Action) ([]string, error) {
	switch a.Kind {
	case model.Continue:
		return nil, nil
	case model.Accept, model.Drop, model.Reject, model.Return:
		return []string{"-j", strings.ToUpper(a.Kind.String())}, nil
	case model.Jump:
		return []string{"-j", a.Chain.Name}, nil
	case model.Goto:
		return []string{"-g", a.Chain.Name}, nil
	case model.Untrack:
		return []string{"-j", "CT", "--notrack"}, nil
	case model.SetMark:
		return markWords(a.Mark), nil
	case model.Translate:
		return p.translation(c, a.Translation), nil
	}
	if a.Unknown == nil || !strings.HasPrefix(a.Unknown.Text, "-j ") {
		return nil, errors.New("what the rule does is not known")
	}
	return []string{strings.TrimSuffix(a.Unknown.Text, hopsNote)}, nil
}

// markWords writes MARK and CONNMARK.
func markWords(m *model.MarkChange) []string {
	set := fmt.Sprintf("%#x/%#x", m.Value, m.Mask)
	masks := []string{"--nfmask", fmt.Sprintf("%#x", m.PacketMask), "--ctmask", fmt.Sprintf("%#x", m.Mask)}
	switch m.Operation {
	case model.SetPacketMark:
		return []string{"-j", "MARK", "--set-xmark", set}
	case model.SetConnectionMark:
		return []string{"-j", "CONNMARK", "--set-xmark", set}
	case model.SaveMark:
		return append([]string{"-j", "CONNMARK", "--save-mark"}, masks...)
	}
	return append([]string{"-j", "CONNMARK", "--restore-mark"}, masks...)
}

// translation writes a target of the nat table. Which side it rewrites is the hook's
// matter: the source behind POSTROUTING and INPUT, else the destination.
func (p *printer) translation(c *model.Chain, t *model.Translation) []string {
	address, own, option := "DNAT", "REDIRECT", "--to-destination"
	if p.source[c] {
		address, own, option = "SNAT", "MASQUERADE", "--to-source"
	}
	ports := ""
	if t.Ports != nil {
		first, _ := t.Ports.Min()
		ports = fmt.Sprintf("%d-%d", first, first+portCount(t.Ports)-1)
	}
	var out []string
	switch t.Kind {
	case model.ToNetwork:
		out = []string{"-j", "NETMAP", "--to", t.Network.String()}
	case model.ToInterface:
		out = []string{"-j", own}
		if ports != "" {
			out = append(out, "--to-ports", ports)
		}
	case model.ToAddress:
		out = []string{"-j", address, option, p.destination(t.Addrs, ports)}
	}
	if t.Random {
		out = append(out, "--random")
	}
	return out
}

// destination writes "first-last:ports"; in IPv6, with brackets where there are ports.
func (p *printer) destination(addrs *packet.Addrs, ports string) string {
	text := ""
	if addrs != nil {
		addrs.Each(func(first, end packet.Addr, bounded bool) {
			last := p.family.Last()
			if bounded {
				last = end.Prev()
			}
			text = first.Netip(p.family).String() + "-" + last.Netip(p.family).String()
		})
	}
	switch {
	case ports == "":
		return text
	case p.family == packet.IPv6:
		return "[" + text + "]:" + ports
	}
	return text + ":" + ports
}

// sourceSide finds the chains whose translations rewrite the source.
func sourceSide(fw *model.Firewall) map[*model.Chain]bool {
	out := map[*model.Chain]bool{}
	todo := append(append([]*model.Chain{}, fw.Hooks[model.Postrouting]...), fw.Hooks[model.Input]...)
	for len(todo) > 0 {
		c := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if out[c] {
			continue
		}
		out[c] = true
		for i := range c.Rules {
			if to := c.Rules[i].Action.Chain; to != nil {
				todo = append(todo, to)
			}
		}
	}
	return out
}
