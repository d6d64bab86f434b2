//go:build linux

package kernel

import (
	"fmt"
	"net/netip"

	"github.com/sumlint/sumlint/parsers/packet"
)

// flow is one exchange to make: a request, an answer, a follow-up and, with TCP,
// a close from both sides.
type flow struct {
	from     *host
	protocol uint8
	src, dst netip.AddrPort
}

func (f flow) String() string {
	return fmt.Sprintf("%s: %s %s -> %s", f.from.name, packet.ProtocolName(f.protocol), f.src, f.dst)
}

// outcome is what happened to a flow.
type outcome struct {
	request  bool   // the opening packet reached a host
	answer   bool   // its answer came back (with TCP: the connection stands)
	followUp bool   // everything that followed arrived too
	at       string // the host that the request reached
	// client and server are what that host saw; known of TCP only where data arrived.
	client, server netip.AddrPort
}

func (o outcome) String() string {
	if !o.request {
		return "the request does not arrive"
	}
	text := "the request reaches " + o.at
	if o.client.IsValid() {
		text += fmt.Sprintf(" as %s -> %s", o.client, o.server)
	}
	switch {
	case !o.answer:
		return text + ", no answer comes back"
	case !o.followUp:
		return text + ", its answer comes back, later packets do not all arrive"
	}
	return text + ", all passes"
}

// box is the flow's opening packet.
func (f flow) box() packet.Box {
	b := packet.Any()
	src, family := packet.FromNetip(f.src.Addr())
	dst, _ := packet.FromNetip(f.dst.Addr())
	b.Family, b.Protocol = family, packet.OneProtocol(f.protocol)
	b.Src, b.Dst = packet.Only(src), packet.Only(dst)
	b.SrcPort, b.DstPort = packet.Only(packet.Port(f.src.Port())), packet.Only(packet.Port(f.dst.Port()))
	return b
}
