package iptables

import (
	"bytes"
	"math/bits"
	"net/netip"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// cachedAddrs is a prefix that was read lately.
type cachedAddrs struct {
	addr   packet.Addr
	length int
	family packet.Family
	set    *packet.Addrs
}

// prefixSet returns the addresses of a prefix; nil for every address.
func (p *parser) prefixSet(addr packet.Addr, length int, family packet.Family) *packet.Addrs {
	if length == 0 {
		return nil
	}
	host := packet.HostMask(family.Bits() - length)
	addr = addr.And(host.Not())
	h := (addr.Hi ^ addr.Lo ^ addr.Lo>>8 ^ addr.Lo>>16 ^ uint64(length)) * 0x9e3779b97f4a7c15
	slot := &p.addrs[h>>56]
	if slot.set == nil || slot.addr != addr || slot.length != length || slot.family != family {
		*slot = cachedAddrs{addr, length, family, packet.Span(addr, addr.Or(host))}
	}
	return slot.set
}

// address reads -s and -d: an address, a prefix, an address with a mask, or a list.
func (r *ruleReader) address(t *token, destination, not bool) {
	v := r.value(t, &not)
	bit := uint16(optSource)
	if destination {
		bit = optDestination
	}
	if v == nil || !r.once(t, bit) {
		return
	}
	if bytes.IndexByte(v.text, ',') >= 0 {
		r.addressList(v, destination, not)
		return
	}
	a, ok := r.network(v, v.text)
	switch {
	case !ok:
	case a.mask != nil:
		a.mask.Destination, a.mask.Not = destination, not
		r.tests.Masks = append(r.tests.Masks, *a.mask)
	default:
		r.limitAddress(destination, a.set, not)
	}
}

// limitAddress narrows the rule to source or destination addresses.
func (r *ruleReader) limitAddress(destination bool, set *packet.Addrs, not bool) {
	if not {
		set = set.Complement()
	}
	if destination {
		r.where.Dst = r.where.Dst.Intersect(set)
	} else {
		r.where.Src = r.where.Src.Intersect(set)
	}
}

// addressList reads "a,b,c", which iptables makes a rule each of.
func (r *ruleReader) addressList(v *token, destination, not bool) {
	if not {
		r.fail(v, "Write a rule for each, or a chain.", "\"!\" before a list of addresses")
		return
	}
	var sets []*packet.Addrs
	for text := range bytes.SplitSeq(v.text, []byte{','}) {
		a, ok := r.network(v, text)
		switch {
		case !ok:
			return
		case a.mask != nil:
			r.fail(v, "Write a rule of its own for it.", "a mask that is no prefix inside a list is not supported")
			return
		}
		sets = append(sets, a.set)
	}
	r.limitAddress(destination, packet.Union(sets...), false)
}

// network is what an address option names: a set, or a test where the mask is no prefix.
type network struct {
	set  *packet.Addrs
	mask *model.AddrMask
}

// network reads an address with or without a mask.
func (r *ruleReader) network(t *token, text []byte) (network, bool) {
	family := r.s.Family
	host, mask, hasMask := bytes.Cut(text, []byte{'/'})
	addr, ok := r.parseAddr(t, host)
	if !ok {
		return network{}, false
	}
	if !hasMask {
		return network{set: r.p.prefixSet(addr, family.Bits(), family)}, true
	}
	if n, ok := number(mask); ok {
		if n > uint64(family.Bits()) {
			r.fail(t, "", "prefix length %s is larger than %d", mask, family.Bits())
			return network{}, false
		}
		return network{set: r.p.prefixSet(addr, int(n), family)}, true
	}
	bits, ok := addressNumber(mask, family)
	if !ok {
		r.fail(t, "Expected a prefix length or a mask of the rule's family.", "mask %q is not known", clip(mask))
		return network{}, false
	}
	if n, ok := prefixLength(bits, family); ok {
		return network{set: r.p.prefixSet(addr, n, family)}, true
	}
	return network{mask: &model.AddrMask{Family: family, Value: addr.And(bits), Mask: bits}}, true
}

// prefixLength tells that a mask is a prefix, and its length.
func prefixLength(mask packet.Addr, family packet.Family) (int, bool) {
	n := bits.OnesCount64(mask.Hi) + bits.OnesCount64(mask.Lo)
	return n, mask == packet.HostMask(family.Bits()-n).Not().And(family.Last())
}

// addressNumber reads an address of a family.
func addressNumber(text []byte, family packet.Family) (packet.Addr, bool) {
	if family == packet.IPv4 {
		return parseIPv4(text)
	}
	a, err := netip.ParseAddr(string(text))
	if err != nil || a.Is4() || a.Zone() != "" {
		return packet.Addr{}, false
	}
	n, _ := packet.FromNetip(a)
	return n, true
}

// parseIPv4 reads a dotted address. Missing parts are 0, and each part is a number as
// strtoul(3) reads it, as in iptables.
func parseIPv4(text []byte) (packet.Addr, bool) {
	var value, part uint64
	parts, digits := 0, 0
	for i := 0; ; i++ {
		if i == len(text) || text[i] == '.' {
			if digits == 0 || part > 255 || parts == 4 {
				return packet.Addr{}, false
			}
			value, part, digits = value<<8|part, 0, 0
			parts++
			if i == len(text) {
				return packet.Addr{Lo: value << (8 * (4 - parts))}, true
			}
			continue
		}
		c := text[i]
		if c < '0' || c > '9' || digits == 3 || part == 0 && digits > 0 {
			return parseOddIPv4(text)
		}
		part = part*10 + uint64(c-'0')
		digits++
	}
}

// parseOddIPv4 reads an address with octal or hexadecimal parts.
func parseOddIPv4(text []byte) (packet.Addr, bool) {
	var value uint64
	parts := 0
	for word := range bytes.SplitSeq(text, []byte{'.'}) {
		n, ok := number(word)
		if parts++; !ok || n > 255 || parts > 4 {
			return packet.Addr{}, false
		}
		value = value<<8 | n
	}
	return packet.Addr{Lo: value << (8 * (4 - parts))}, true
}

// parseAddr reads an address of the rule's family.
func (r *ruleReader) parseAddr(t *token, text []byte) (packet.Addr, bool) {
	family := r.s.Family
	if a, ok := addressNumber(text, family); ok {
		return a, true
	}
	other := packet.IPv4 + packet.IPv6 - family
	switch _, isOther := addressNumber(text, other); {
	case isOther:
		r.fail(t, "The rule stands in a table for "+family.String()+". Each family has an export of its own.", "%s address %q", other, clip(text))
	case len(text) > 0 && (text[0] >= 'a' && text[0] <= 'z' || text[0] >= 'A' && text[0] <= 'Z') && bytes.IndexByte(text, ':') < 0:
		r.fail(t, "iptables asks DNS when it loads the rule, so the export does not tell what it matches. Write the address.", "host name %q", clip(text))
	default:
		r.fail(t, "Expected an "+family.String()+" address.", "address %q is not valid", clip(text))
	}
	return packet.Addr{}, false
}

// addressRange reads --src-range and --dst-range: "first-last", or one address.
func (r *ruleReader) addressRange(_ *match, o *option, not bool, values []token) {
	t := &values[0]
	low, high, isRange := bytes.Cut(t.text, []byte{'-'})
	first, ok := r.parseAddr(t, low)
	if !ok {
		return
	}
	last := first
	if isRange {
		if last, ok = r.parseAddr(t, high); !ok {
			return
		}
	}
	if last.Compare(first) < 0 {
		r.p.warnf(r.p.span(int(t.start), int(t.end)), "The lower address comes first; the kernel finds no address in it.", "address range %q is empty", clip(t.text))
	}
	r.limitAddress(o.name == "dst-range", packet.Span(first, last), not)
}
