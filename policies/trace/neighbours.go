package trace

import (
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/policies/engine"
)

// Neighbours is a filter that lets no neighbour discovery pass on its own host: IPv6
// hosts then find no way to each other, whatever else it allows (RFC 4861, RFC 4890).
type Neighbours struct {
	Hook model.Hook
	Ends []engine.Decision
}

// The ICMPv6 types of neighbour discovery, codes 0 (RFC 4861, 4.3 and 4.4).
const (
	neighbourSolicitation  packet.ICMPType = 135 << 8
	neighbourAdvertisement packet.ICMPType = 136 << 8
)

// neighbours tells whether the filter's host surely drops what neighbour discovery
// needs: solicitations and advertisements, in and out. Connection tracking leaves
// them untracked.
func neighbours(f *Filter) *Neighbours {
	in, out := f.In, f.Out
	switch f.Place {
	case engine.Loopback:
		return nil
	case engine.Into:
		out = in
	case engine.OutOf:
		in = out
	}
	for _, message := range []packet.ICMPType{neighbourSolicitation, neighbourAdvertisement} {
		for _, way := range []struct {
			place      engine.Place
			hook       model.Hook
			interfaces *packet.Names
		}{{engine.Into, model.Input, in}, {engine.OutOf, model.Output, out}, {engine.Into, model.Input, out}, {engine.OutOf, model.Output, in}} {
			space := packet.Any()
			space.Family, space.Protocol, space.ICMP = packet.IPv6, packet.OneProtocol(packet.ICMPv6), packet.Only(message)
			none := packet.OneName("")
			space.In, space.Out = way.interfaces, none
			if way.place == engine.OutOf {
				space.In, space.Out = none, way.interfaces
			}
			if f.Profile != 0 {
				space.Profile = f.Profile
			}
			r := engine.Evaluate(engine.Query{Firewall: f.Model, Place: way.place, Space: space, State: packet.Untracked, Assume: f.Assume})
			if !r.May.IsEmpty() {
				continue
			}
			n := &Neighbours{Hook: way.hook}
			for _, p := range r.Legs[0].Ends(r.Legs[0].Need) {
				if len(n.Ends) == 0 {
					n.Ends = []engine.Decision{p.By}
				}
			}
			return n
		}
	}
	return nil
}
