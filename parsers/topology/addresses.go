package topology

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// addresses reads a list of hosts, CIDRs and first-last ranges.
func (b *block) addresses(name string) Addresses {
	texts, _ := b.texts(name)
	return b.addressSet(texts)
}

// natAddresses reads nat_address or nat_addresses.
func (b *block) natAddresses() Addresses {
	texts, _ := b.texts("nat_addresses")
	if one, ok := b.text("nat_address"); ok {
		if texts != nil {
			b.errorf(one.Span, "Write all of them in nat_addresses.", "%s has nat_address and nat_addresses", b)
		}
		texts = append(texts, one)
	}
	return b.addressSet(texts)
}

// addressSet parses the texts; those that are no addresses are reported.
func (b *block) addressSet(texts []Text) Addresses {
	var v4, v6 []*packet.Addrs
	var list []Range
	for _, t := range texts {
		first, last, err := parseRange(t.Value)
		if err != nil {
			b.badAddress(t, err)
			continue
		}
		list = append(list, Range{First: first, Last: last, Span: t.Span})
		from, family := packet.FromNetip(first)
		to, _ := packet.FromNetip(last)
		if family == packet.IPv4 {
			v4 = append(v4, packet.Span(from, to))
		} else {
			v6 = append(v6, packet.Span(from, to))
		}
	}
	return Addresses{V4: packet.Union(v4...), V6: packet.Union(v6...), List: list}
}

// faulty is what is wrong with a text: a summary and what to do.
type faulty struct{ summary, advice string }

func (f *faulty) Error() string { return f.summary }

// badAddress reports a text that is no address.
func (b *block) badAddress(t Text, err *faulty) { b.errorf(t.Span, err.advice, "%s", err.summary) }

// parseRange reads "10.20.1.5", "10.20.1.0/26" or "10.20.1.5-10.20.1.9".
func parseRange(text string) (first, last netip.Addr, err *faulty) {
	if strings.Contains(text, "/") {
		p, err := parseNetwork(text)
		if err != nil {
			return first, last, err
		}
		set, family := packet.FromNetip(p.Addr())
		return p.Addr(), set.Or(packet.HostMask(family.Bits() - p.Bits())).Netip(family), nil
	}
	from, to, isRange := strings.Cut(text, "-")
	if first, err = parseAddress(from); err != nil {
		return first, last, err
	}
	if !isRange {
		return first, first, nil
	}
	if last, err = parseAddress(to); err != nil {
		if _, e := strconv.Atoi(strings.TrimSpace(to)); e == nil && first.Is4() {
			dot := strings.LastIndex(from, ".")
			err.advice = fmt.Sprintf("Write both addresses out: \"%s-%s.%s\".", from, from[:dot], strings.TrimSpace(to))
		}
		return first, last, err
	}
	switch {
	case first.Is4() != last.Is4():
		return first, last, &faulty{fmt.Sprintf("%q has an IPv4 address at one end and an IPv6 address at the other", text), ""}
	case last.Less(first):
		return first, last, &faulty{fmt.Sprintf("The range %q ends before it begins", text), fmt.Sprintf("Perhaps \"%s-%s\" is meant.", last, first)}
	}
	return first, last, nil
}

// parseAddress reads one address.
func parseAddress(text string) (netip.Addr, *faulty) {
	a, err := netip.ParseAddr(strings.TrimSpace(text))
	switch {
	case err != nil && strings.IndexFunc(text, notAddress) >= 0:
		return a, &faulty{fmt.Sprintf("%q is no address", text), "Names are not resolved: write addresses such as \"10.20.1.5\", \"10.20.1.0/26\", \"10.20.1.5-10.20.1.9\" or \"fd00:20::5\"."}
	case err != nil:
		return a, &faulty{fmt.Sprintf("%q is no address", text), "Expected such as \"10.20.1.5\", \"10.20.1.0/26\", \"10.20.1.5-10.20.1.9\" or \"fd00:20::5\"."}
	case a.Zone() != "":
		return a, &faulty{fmt.Sprintf("%q names an interface", text), fmt.Sprintf("Write %q without %q; link-local addresses pass no firewall.", a.WithZone(""), "%"+a.Zone())}
	case a.Is4In6():
		return a, &faulty{fmt.Sprintf("%q is an IPv4 address in IPv6's form", text), fmt.Sprintf("Write %q.", a.Unmap())}
	}
	return a, nil
}

// notAddress tells the characters that no address holds.
func notAddress(c rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF.:/%- ", c) }

// parseNetwork reads a CIDR without host bits.
func parseNetwork(text string) (netip.Prefix, *faulty) {
	p, err := parsePrefix(text)
	if err == nil && p.Masked() != p {
		return p, &faulty{fmt.Sprintf("%q is no network: it has bits behind its /%d", text, p.Bits()),
			fmt.Sprintf("Write %q for the network, or %q for the one address.", p.Masked(), p.Addr())}
	}
	return p, err
}

// parsePrefix reads an address with a prefix length.
func parsePrefix(text string) (netip.Prefix, *faulty) {
	address, length, _ := strings.Cut(text, "/")
	a, bad := parseAddress(address)
	if bad != nil {
		return netip.Prefix{}, bad
	}
	n, err := strconv.ParseUint(length, 10, 8)
	if err != nil || int(n) > a.BitLen() || length[0] == '0' && length != "0" {
		advice := fmt.Sprintf("The length is a number from 0 to %d.", a.BitLen())
		if mask, err := netip.ParseAddr(length); err == nil && a.Is4() && mask.Is4() {
			advice += " A netmask is written as its number of bits, such as /24 for 255.255.255.0."
		}
		return netip.Prefix{}, &faulty{fmt.Sprintf("%q has no prefix length after its slash", text), advice}
	}
	return netip.PrefixFrom(a, int(n)), nil
}

// ports reads a range of ports "first-last", or one port.
func (b *block) ports(name string, otherwise Ports) Ports {
	t, ok := b.text(name)
	if !ok {
		return otherwise
	}
	first, last, isRange := strings.Cut(t.Value, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.ParseUint(strings.TrimSpace(first), 10, 16)
	to, err2 := strconv.ParseUint(strings.TrimSpace(last), 10, 16)
	switch {
	case err != nil || err2 != nil || from == 0 || to == 0:
		b.errorf(t.Span, "Expected \"first-last\", both from 1 to 65535.", "%q is no range of ports", t.Value)
	case to < from:
		b.errorf(t.Span, fmt.Sprintf("Perhaps \"%d-%d\" is meant.", to, from), "The range %q ends before it begins", t.Value)
	default:
		return Ports{uint16(from), uint16(to)}
	}
	return otherwise
}

// place is where something was written, as messages cite it.
func (r *reader) place(s source.Span) string {
	l := s.Location()
	return fmt.Sprintf("%s:%d:%d", l.File, l.Line, l.Column)
}
