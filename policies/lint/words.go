package lint

import (
	"fmt"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/engine"
	"github.com/sumlint/sumlint/policies/report"
)

func fromSide(b *packet.Box) *packet.Addrs { return b.Src }
func toSide(b *packet.Box) *packet.Addrs   { return b.Dst }

// summary says in words what happens: "drops tcp 63001 from 10.20.1.32/27 to 10.10.0.5".
func (e *entry) summary() string {
	verb, pass := "drops", ""
	switch {
	case e.redirected != "":
		verb = "sends to " + e.redirected
	case e.verdict == report.Allowed:
		verb, pass = "lets", " pass"
	case e.verdict == report.Conditional:
		verb = "may drop"
	case len(e.ends) == 0 || e.ends[0].Rule == nil:
	case e.ends[0].Rule.Action.Kind == model.Reject:
		verb = "rejects"
	case e.ends[0].Rule.Action.Kind == model.Translate:
		verb = "loses"
	}
	if e.neighbours {
		return verb + " messages of IPv6 neighbour discovery on its own interfaces: without ICMPv6 types 135 and 136, in and out, no IPv6 connection comes about"
	}
	what := e.missing
	if len(what) == 0 {
		what = e.need
	}
	if len(what) == 0 {
		return verb + " it" + pass
	}
	b := what[0]
	subject := b.Protocol.String()
	if b.DstPort != nil {
		subject += " " + packet.FormatPorts(b.DstPort)
	}
	if e.leg == engine.Reply {
		subject = "the answers to " + subject
	}
	if e.leg == engine.FollowUp {
		subject = "what follows the opening packet of " + subject
	}
	text := verb + " " + subject + " from " + fewAddrs(b.Src, b.Family) + " to " + fewAddrs(b.Dst, b.Family)
	if m := missing(what, e.need); len(e.missing) > 0 && m[0].SourcePort != "" {
		text += " (client ports " + m[0].SourcePort + ")"
	}
	if len(what) > 1 {
		text += " and more"
	}
	if e.ways > 1 {
		text += fmt.Sprintf(", on way %d of %d parallel ones", e.path, e.ways)
	}
	return text + pass
}

// fewAddrs writes the first of a set's addresses.
func fewAddrs(s *packet.Addrs, f packet.Family) string {
	return few(packet.FormatAddrs(s.First(5), f))
}

// few writes the first of a list of addresses.
func few(list []string) string {
	if len(list) <= 4 {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:3], ", ") + " …"
}

// causes is what decides, without its place in the file.
func (e *entry) causes() string {
	var out []string
	for _, d := range e.ends {
		text := d.Note
		if d.Chain != nil {
			text = d.Chain.Table + "/" + d.Chain.Name + " " + text
		}
		if d.Rule != nil {
			text += d.Rule.Span.Text()
		}
		out = append(out, text)
	}
	for _, c := range e.depends {
		out = append(out, c.Kind+" "+c.Text)
	}
	return strings.Join(out, "\n")
}

// place is where a decision stands.
func place(d engine.Decision) source.Location {
	if d.Rule != nil {
		return d.Rule.Span.Location()
	}
	if d.Chain != nil {
		return d.Chain.Span.Location()
	}
	return source.Location{}
}
