package topology

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// decodeSum returns the settings of the sum block, or SUM's defaults without one.
func (r *reader) decodeSum(blocks []*hcl.Block) Sum {
	sum := Sum{Port: 63001, SSLPort: 63002, Phases: []string{"inventory", "deployment"}, NetBIOS: true, RPCPorts: Ports{49152, 65535}}
	for i, b := range blocks {
		opened := r.open(b)
		if i > 0 {
			r.errorf(opened.span, "The first is at "+r.place(r.header(blocks[0]))+"; what differs between servers is written inside their blocks.", "There are two sum blocks")
			continue
		}
		sum.Span = opened.span
		opened.readSum(&sum)
	}
	return sum
}

// readSum reads SUM's settings out of a sum block, or a server that overrides them.
func (b *block) readSum(s *Sum) {
	if v, ok := b.text("version"); ok {
		s.Version, s.VersionSpan = v.Value, b.whole("version")
		if v.Value == "" {
			b.errorf(v.Span, "Leave it out for the newest edition.", "version is empty")
		}
	}
	if n, ok := b.number("port"); ok {
		s.Port, s.PortSpan = n, b.whole("port")
	}
	if n, ok := b.number("ssl_port"); ok {
		s.SSLPort, s.SSLPortSpan = n, b.whole("ssl_port")
	}
	if n, ok := b.number("ftp_port"); ok {
		s.FTPPort, s.FTPPortSpan = n, b.whole("ftp_port")
	}
	if v, ok := b.boolean("open_firewall"); ok {
		s.OpenFirewall = v
	}
	if v, ok := b.boolean("netbios"); ok {
		s.NetBIOS = v
	}
	s.RPCPorts = b.ports("rpc_ports", s.RPCPorts)
	b.readPhases(s)
}

func (b *block) readPhases(s *Sum) {
	texts, ok := b.texts("phases")
	if !ok {
		return
	}
	legal := []string{"inventory", "deployment"}
	if b.empty("phases") {
		b.errorf(b.at("phases"), "Leave it out for both, or name \"inventory\" or \"deployment\".", "phases is empty")
		return
	}
	chosen := map[string]bool{}
	for _, t := range texts {
		if !slices.Contains(legal, t.Value) {
			b.errorf(t.Span, b.legal(t.Value, slices.Clone(legal)), "There is no phase %q", t.Value)
			continue
		}
		chosen[t.Value] = true
	}
	var phases []string
	for _, p := range legal {
		if chosen[p] {
			phases = append(phases, p)
		}
	}
	if phases != nil {
		s.Phases = phases
	}
}
