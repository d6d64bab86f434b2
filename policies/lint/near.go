package lint

import (
	"fmt"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/policies/engine"
	"github.com/sumlint/sumlint/policies/report"
	"github.com/sumlint/sumlint/policies/trace"
)

// nearest looks for rules that would let a flow pass but for one field. Its budget
// bounds how many rules all searches of a run may look at.
type nearest struct {
	budget int
}

// loopbackAddrs are a host's addresses for itself.
var loopbackAddrs = map[packet.Family]*packet.Addrs{
	packet.IPv4: packet.Span(packet.Addr{Lo: 127 << 24}, packet.Addr{Lo: 128<<24 - 1}),
	packet.IPv6: packet.Only(packet.Addr{Lo: 1}),
}

// maxNear is how many such rules a hop names.
const maxNear = 3

// rules finds the first rules that fail to let a request pass in one field only.
func (n *nearest) rules(f *trace.Filter, leg engine.Leg, need packet.Box) []report.Near {
	if leg != engine.Request || f.Model == nil {
		return nil
	}
	hook := map[engine.Place]model.Hook{engine.Through: model.Forward, engine.Into: model.Input, engine.OutOf: model.Output, engine.Loopback: model.Input}[f.Place]
	need.State, need.Flags = packet.New, packet.AnyFlags
	if need.Protocol.Contains(packet.TCP) {
		need.Flags = packet.FlagsOf(packet.SYN)
	}
	need.In, need.Out, need.Program, need.Service = f.In, f.Out, f.Program, f.Service
	if f.Profile != 0 {
		need.Profile = f.Profile
	}
	out := disabled(f.Model, hook, &need)
	seen := map[*model.Chain]bool{}
	var search func(c *model.Chain, depth int)
	search = func(c *model.Chain, depth int) {
		if seen[c] || depth > 64 {
			return
		}
		seen[c] = true
		for i := range c.Rules {
			r := &c.Rules[i]
			if n.budget--; n.budget < 0 || len(out) == maxNear {
				return
			}
			switch r.Action.Kind {
			case model.Jump, model.Goto:
				if need.Overlaps(&r.Where) {
					search(r.Action.Chain, depth+1)
				}
			case model.Accept:
				if near, ok := nearRule(r, &need); ok {
					out = append(out, near)
				}
			}
		}
	}
	for _, c := range f.Model.Hooks[hook] {
		search(c, 0)
	}
	return out
}

// disabled finds the rules that would let the flow pass if they were enabled.
func disabled(fw *model.Firewall, hook model.Hook, need *packet.Box) []report.Near {
	var out []report.Near
	for i := range fw.Disabled {
		d := &fw.Disabled[i]
		if d.Hook != hook || d.Rule.Action.Kind != model.Accept || !need.Overlaps(&d.Rule.Where) || len(out) == maxNear {
			continue
		}
		l := d.Rule.Span.Location()
		out = append(out, report.Near{File: l.File, Line: l.Line, Text: d.Rule.Span.Text(), Field: "enabled", Reason: fmt.Sprintf("is disabled; enable %q", d.Name)})
	}
	return out
}

// nearRule tells in which one field a rule fails to match.
func nearRule(r *model.Rule, need *packet.Box) (report.Near, bool) {
	if r.Span.IsZero() || r.Note != "" || r.Where.Family&need.Family == 0 || r.Where.State&packet.New == 0 {
		return report.Near{}, false
	}
	apart := need.Apart(&r.Where)
	own := loopbackAddrs[need.Family]
	if r.Where.Src != nil && r.Where.Src.Within(own) || r.Where.Dst != nil && r.Where.Dst.Within(own) {
		return report.Near{}, false
	}
	if len(apart) != 1 || r.Where.In != nil && r.Where.In.Within(loopback) || r.Where.Out != nil && r.Where.Out.Within(loopback) {
		return report.Near{}, false
	}
	field := apart[0]
	reason := ""
	family := need.Family
	switch field {
	case "source":
		reason = fmt.Sprintf("allows %s; the flow comes from %s", fewAddrs(r.Where.Src, family), fewAddrs(need.Src, family))
	case "destination":
		reason = fmt.Sprintf("allows %s; the flow goes to %s", fewAddrs(r.Where.Dst, family), fewAddrs(need.Dst, family))
	case "source port":
		reason = fmt.Sprintf("allows client port %s; the flow uses %s", packet.FormatPorts(r.Where.SrcPort), packet.FormatPorts(need.SrcPort))
	case "destination port":
		// A rule for another port alone is another service's, not a near miss; a list of
		// ports, or a rule for these very hosts, is.
		if r.Where.Src == nil && r.Where.Dst == nil && r.Where.DstPort.Len() < 2 {
			return report.Near{}, false
		}
		reason = fmt.Sprintf("allows port %s; the flow needs %s", packet.FormatPorts(r.Where.DstPort), packet.FormatPorts(need.DstPort))
	case "protocol":
		reason = fmt.Sprintf("allows %s; the flow is %s", r.Where.Protocol, need.Protocol)
		if r.Where.DstPort == nil {
			return report.Near{}, false
		}
	case "incoming interface":
		reason = fmt.Sprintf("allows what comes by %s; the flow comes by %s", packet.FormatNames(r.Where.In), packet.FormatNames(need.In))
	case "outgoing interface":
		reason = fmt.Sprintf("allows what leaves by %s; the flow leaves by %s", packet.FormatNames(r.Where.Out), packet.FormatNames(need.Out))
	case "profile":
		reason = fmt.Sprintf("counts in profile %s; active is %s", r.Where.Profile, need.Profile)
	case "program", "service":
		if r.Where.DstPort == nil {
			return report.Near{}, false
		}
		reason = "is for another " + field + ": " + strings.TrimSpace(packet.FormatNames(r.Where.Program)+" "+packet.FormatNames(r.Where.Service))
	default:
		return report.Near{}, false
	}
	l := r.Span.Location()
	return report.Near{File: l.File, Line: l.Line, Text: r.Span.Text(), Field: field, Reason: reason}, true
}
