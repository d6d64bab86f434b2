package acl

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// aceForm returns which of the forms of an address a side has; "" where it has none.
func (r *reader) aceForm(v *yamltree.Node, which string) string {
	form := ""
	for _, key := range []string{"any", "any4", "any6", "host", "address", "subnet_address", "interface", "object_group", "object_group_network"} {
		if strings.HasPrefix(key, "any") && !r.boolean(v.Get(key), key) || isOff(v.Get(key)) {
			continue
		}
		if form != "" {
			r.errorf(v.Key(key), "Only one can be.", "%s has both %q and %q", which, form, key)
		}
		form = key
	}
	return form
}

// aceAddress reads the address of a side.
func (r *reader) aceAddress(d *dialect, l *list, v *yamltree.Node, which string, standard bool, s *side) {
	form := r.aceForm(v, which)
	mask := v.Get("wildcard_bits")
	if mask == nil {
		mask = v.Get("netmask")
	}
	if mask != nil && form != "address" {
		r.errorf(mask, "", "%s has a mask but no address", which)
	}
	var a addresses
	switch form {
	case "":
		r.errorf(v, `Expected "any", "host" or "address".`, "%s has no address", which)
	case "any", "any4", "any6":
		if form == "any4" {
			s.v6 = noAddrs()
		} else if form == "any6" {
			s.v4 = noAddrs()
		}
		return
	case "host":
		r.hostAddress(&a, v.Get("host"))
	case "subnet_address":
		r.address(&a, v.Get(form), form)
	case "address":
		if mask == nil {
			r.bareAddress(d, &a, v.Get(form), which, standard)
		} else {
			r.maskedAddress(d, &a, v.Get(form), mask, which, s)
		}
	default:
		name, _ := r.text(v.Get(form), form)
		kind := "object group"
		if form == "interface" {
			kind = "the address of the interface"
		}
		s.v4, s.v6 = noAddrs(), noAddrs()
		s.groups = []group{{kind: kind, name: name, supply: "the " + kind + " " + name, span: v.Get(form).Span}}
		return
	}
	if s.mask == nil {
		s.v4, s.v6 = a.sets()
	}
	if wrong := l.family != packet.AnyFamily && !a.isEmpty() && (l.family == packet.IPv4) != (len(a.v4) > 0); wrong {
		r.errorf(v.Get(form), "", "%s is no address of the ACL's family, %s", which, l.family)
	}
}

// bareAddress reads an address without a mask. Only a standard list takes one for a
// host; elsewhere the device refuses the entry, but for an IPv6 prefix and EOS's own.
func (r *reader) bareAddress(d *dialect, a *addresses, n *yamltree.Node, which string, standard bool) {
	r.address(a, n, which)
	switch prefix := strings.Contains(n.Text, "/"); {
	case len(a.v4) == 0 && prefix, d.schema == schemaEOS && prefix, standard && !prefix, a.isEmpty():
	case len(a.v4) > 0 && d.schema == schemaASA:
		r.errorf(n, `Write "host: `+n.Text+`", or give "netmask".`, "the %s %s has no netmask, and the device refuses that", which, n.Text)
	case len(a.v4) > 0:
		r.errorf(n, `Write "host: `+n.Text+`", or give "wildcard_bits".`, "the %s %s has no wildcard bits, and the device refuses that", which, n.Text)
	default:
		r.errorf(n, `Write "host: `+n.Text+`", or give the prefix's length.`, "the %s %s is no prefix, and the device refuses that", which, n.Text)
	}
}

// hostAddress reads one address; "host" has no prefix.
func (r *reader) hostAddress(a *addresses, n *yamltree.Node) {
	s, ok := r.text(n, "host")
	if !ok {
		return
	}
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" {
		r.errorf(n, "Expected one address.", "host is %q, which is no address", s)
		return
	}
	v, f := packet.FromNetip(addr)
	r.mappedAddress(n, s)
	a.add(packet.Only(v), f)
}

// maskedAddress reads an address with wildcard bits or, on an ASA, a netmask.
// Masks that are no prefix are modelled bit by bit, as the device compares them.
func (r *reader) maskedAddress(d *dialect, a *addresses, address, mask *yamltree.Node, which string, s *side) {
	at, ok := r.text(address, "address")
	mt, ok2 := r.text(mask, "mask")
	if !ok || !ok2 {
		return
	}
	addr, err := netip.ParseAddr(at)
	bits, err2 := netip.ParseAddr(mt)
	if err != nil || err2 != nil || !addr.Is4() || !bits.Is4() {
		r.errorf(mask, "Expected an IPv4 address and a mask in dotted form.", "%s %s with mask %s can't be read", which, at, mt)
		return
	}
	v, _ := packet.FromNetip(addr)
	wild, _ := packet.FromNetip(bits)
	full := packet.IPv4.Last()
	if d.schema == schemaASA {
		wild = packet.Addr{Lo: full.Lo &^ wild.Lo}
	} else if wild.Lo != 0 && wild.Lo != full.Lo && isNetmask(uint32(wild.Lo)) {
		r.warnf(mask, fmt.Sprintf("As wildcard bits it means every address that ends like %s. It is read as the device does; for the network write %s.", at, invert(wild)),
			"the wildcard bits %s look like a netmask", mt)
	}
	care := packet.Addr{Lo: full.Lo &^ wild.Lo}
	if host := wild.Lo; host&(host+1) == 0 { // the wild bits are the last ones: a prefix
		a.add(prefixOf(v, wild), packet.IPv4)
		return
	}
	s.mask = &model.AddrMask{Family: packet.IPv4, Destination: which == "destination", Value: v.And(care), Mask: care}
	a.add(nil, packet.IPv4)
	s.v4, s.v6 = nil, noAddrs()
}

func prefixOf(v, wild packet.Addr) *packet.Addrs {
	if wild == packet.IPv4.Last() {
		return nil
	}
	return packet.Span(v.And(wild.Not()), v.Or(wild))
}

func isNetmask(m uint32) bool { return ^m&(^m+1) == 0 }

func invert(wild packet.Addr) netip.Addr {
	return packet.Addr{Lo: packet.IPv4.Last().Lo &^ wild.Lo}.Netip(packet.IPv4)
}
