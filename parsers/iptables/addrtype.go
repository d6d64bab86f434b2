package iptables

import (
	"slices"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// localAddrs are the firewall's own addresses of a family.
type localAddrs struct {
	local     *packet.Addrs // surely its own
	broadcast *packet.Addrs // surely broadcast
	complete  bool          // the topology names an address on each interface
}

// allAddrs is every address of a family, as a set with an end.
func allAddrs(family packet.Family) *packet.Addrs {
	return packet.Span(packet.Addr{}, family.Last())
}

// ownAddresses collects the firewall's addresses of a family.
func (c *compiler) ownAddresses(family packet.Family) *localAddrs {
	if l := c.locals[family]; l != nil {
		return l
	}
	l := &localAddrs{local: packet.Only(packet.Addr{Lo: 1}), broadcast: &packet.Addrs{}}
	if family == packet.IPv4 {
		l.local = packet.Span(packet.Addr{Lo: 127 << 24}, packet.Addr{Lo: 128<<24 - 1})
		l.broadcast = packet.Span(packet.Addr{}, packet.Addr{Lo: 1<<24 - 1}).Union(limitedBroadcast(family))
	}
	some, each := false, len(c.in.Interfaces) > 0
	for _, i := range c.in.Interfaces {
		each = each && len(i.Addresses) > 0
		for _, prefix := range i.Addresses {
			addr, f := packet.FromNetip(prefix.Addr())
			if f != family {
				continue
			}
			some = true
			l.local = l.local.Union(packet.Only(addr))
			if host := packet.HostMask(f.Bits() - prefix.Bits()); f == packet.IPv4 && prefix.Bits() < 31 {
				l.broadcast = l.broadcast.Union(packet.Only(addr.Or(host)))
			}
		}
	}
	l.complete = some && each
	c.locals[family] = l
	return l
}

// addressTypes tells which addresses surely are of one of the types, and of which that
// cannot be told.
func (c *compiler) addressTypes(types []string, family packet.Family, destination bool, hooks hookSet) (yes, maybe *packet.Addrs) {
	if family == packet.IPv6 {
		return c.addressTypes6(types, destination, hooks)
	}
	yes, maybe = &packet.Addrs{}, &packet.Addrs{}
	for _, name := range types {
		y, m := c.addressType4(name, destination, hooks)
		yes, maybe = yes.Union(y), maybe.Union(m)
	}
	return yes, maybe.Subtract(yes)
}

// addressType4 does it for one type of IPv4. The kernel looks an address up in its
// table of local routes (fib_frontend.c, __inet_dev_addr_type): what is not there is
// unicast.
func (c *compiler) addressType4(name string, destination bool, hooks hookSet) (yes, maybe *packet.Addrs) {
	own := c.ownAddresses(packet.IPv4)
	multicast := multicastAddrs(packet.IPv4)
	none := &packet.Addrs{}
	others := allAddrs(packet.IPv4).Subtract(own.local).Subtract(own.broadcast).Subtract(multicast)
	local, unsure := own.local, others
	switch {
	case localByHook(destination, hooks):
		local, unsure = own.local.Union(others), none
	case remoteByHook(destination, hooks):
		unsure = none
	case own.complete:
		c.assumeComplete()
		unsure = none
	}
	switch name {
	case "MULTICAST":
		return multicast, none
	case "LOCAL":
		return local, unsure
	case "BROADCAST":
		if own.complete || localByHook(destination, hooks) {
			return own.broadcast, none
		}
		return own.broadcast, others
	case "UNICAST":
		unicast := others.Subtract(local).Subtract(unsure)
		if own.complete || localByHook(destination, hooks) {
			return unicast, unsure
		}
		return none, others.Subtract(local)
	}
	return none, others // route types that only an administrator's own routes give
}

// addressTypes6 does it for IPv6, where xt_addrtype wants an address to be of each
// class that is asked for, and of one of the types that need a route.
func (c *compiler) addressTypes6(types []string, destination bool, hooks hookSet) (yes, maybe *packet.Addrs) {
	multicast, unspecified := multicastAddrs(packet.IPv6), packet.Only(packet.Addr{})
	class := allAddrs(packet.IPv6)
	routed := false
	for _, name := range types {
		switch name {
		case "MULTICAST":
			class = class.Intersect(multicast)
		case "UNICAST":
			class = class.Subtract(multicast).Subtract(unspecified)
		case "UNSPEC":
			class = class.Intersect(unspecified)
		default:
			routed = true
		}
	}
	if !routed {
		return class, &packet.Addrs{}
	}
	own := c.ownAddresses(packet.IPv6)
	unsure := class.Subtract(own.local).Subtract(multicast).Subtract(unspecified)
	if !slices.Contains(types, "LOCAL") || slices.Contains(types, "ANYCAST") || slices.Contains(types, "UNREACHABLE") {
		return &packet.Addrs{}, class
	}
	linkLocal := packet.Span(packet.Addr{Hi: 0xfe80 << 48}, packet.Addr{Hi: 0xfec0<<48 - 1, Lo: ^uint64(0)})
	switch {
	case localByHook(destination, hooks):
		return class.Intersect(own.local.Union(unsure)), &packet.Addrs{}
	case remoteByHook(destination, hooks):
		unsure = &packet.Addrs{}
	case own.complete:
		c.assumeComplete()
		unsure = unsure.Intersect(linkLocal)
	}
	return class.Intersect(own.local), unsure
}

func (c *compiler) assumeComplete() {
	c.assume("interfaces-complete", c.in.Name+" has no addresses but those that the topology names on its interfaces")
}

// localByHook tells that routing has already found the address to be the host's own:
// the destination of what arrives on Input, the source of what leaves by Output.
func localByHook(destination bool, hooks hookSet) bool {
	if destination {
		return hooks == 1<<model.Input
	}
	return hooks == 1<<model.Output
}

// remoteByHook tells that routing has found the address not to be the host's own: the
// destination of what is forwarded.
func remoteByHook(destination bool, hooks hookSet) bool {
	return destination && hooks == 1<<model.Forward
}
