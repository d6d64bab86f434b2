package acl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// isPlain tells of a mapping with "acls" whether it is of our own schema: its ACLs
// have rules, not aces.
func isPlain(n *yamltree.Node) bool {
	acls := n.Get("acls")
	return acls.Kind == yamltree.List && !slices.ContainsFunc(acls.Items, func(a *yamltree.Node) bool {
		return a.Has("afi") || a.Has("acls") || a.Has("rule_sets") // a variable that happens to have this name
	})
}

// plain reads our own schema; see schema/acl.schema.json.
func (r *reader) plain(n *yamltree.Node) {
	for _, p := range n.Pairs {
		if p.Key.Text != "acls" && !strings.HasPrefix(p.Key.Text, "x-") {
			r.errorf(p.Key, `Beside "acls" a mapping may have keys that begin with "x-", for anchors.`, "the plain schema has no key %q", p.Key.Text)
		}
	}
	acls := n.Get("acls")
	if len(acls.Items) == 0 {
		r.errorf(acls, "", "acls is empty")
	}
	for _, a := range acls.Items {
		r.plainACL(a)
	}
}

func (r *reader) plainACL(n *yamltree.Node) {
	before := r.errors
	if !r.keys(n, "an ACL", "name", "comment", "family", "stateful", "default", "rules") {
		return
	}
	l := &list{schema: schemaPlain, family: packet.AnyFamily, fallback: deny, implicit: true}
	l.name, l.span = r.name(n, "name", "an ACL")
	if f := n.Get("family"); f != nil {
		switch s, _ := r.oneOf(f, "family", "ipv4", "ipv6", "any"); s {
		case "ipv4":
			l.family = packet.IPv4
		case "ipv6":
			l.family = packet.IPv6
		}
	}
	if s := n.Get("stateful"); s != nil {
		l.stateful = r.plainBool(s, "stateful")
	}
	if d := n.Get("default"); d != nil {
		l.implicit, l.span = false, d.Span
		if s, ok := r.oneOf(d, "default", "permit", "deny", "reject"); ok {
			l.fallback = plainVerdicts(s)
		}
	}
	if c := n.Get("comment"); c != nil && (c.Kind != yamltree.Scalar || c.IsNull()) {
		r.errorf(c, "", "comment must be text, not %s", kindOf(c))
	}
	rules := n.Get("rules")
	if rules == nil {
		r.errorf(n, `An ACL without rules has "rules: []".`, `an ACL has no "rules"`)
	}
	if r.errors > before {
		l.entries = append(l.entries, brokenEntry(n.Span))
	}
	if rules != nil && rules.Kind != yamltree.List {
		r.errorf(rules, `An ACL without rules has "rules: []".`, "rules must be a list, not %s", kindOf(rules))
		l.entries = append(l.entries, brokenEntry(rules.Span))
	} else if rules != nil {
		for _, rule := range rules.Items {
			l.entries = append(l.entries, r.entryOf(rule, func() entry { return r.plainRule(rule) }))
		}
	}
	if l.name != "" {
		r.doc.lists = append(r.doc.lists, l)
	}
}

// plainBool reads true or false as YAML 1.2 spells them; the schema knows no other.
func (r *reader) plainBool(n *yamltree.Node, what string) bool {
	s, ok := r.text(n, what)
	if !ok {
		return false
	}
	if n.Quoted || s != "true" && s != "false" {
		r.errorf(n, "Expected true or false.", "%s is %s", what, n.Span.Text())
	}
	return s == "true"
}

func plainVerdicts(s string) verdict {
	switch s {
	case "permit":
		return permit
	case "reject":
		return reject
	}
	return deny
}

func (r *reader) plainRule(n *yamltree.Node) entry {
	e := anyEntry(n.Span)
	if !r.keys(n, "a rule", "action", "name", "comment", "protocol", "source", "destination", "source_port", "destination_port", "established") {
		return e
	}
	for _, key := range []string{"name", "comment"} {
		if c := n.Get(key); c != nil && (c.Kind != yamltree.Scalar || c.IsNull()) {
			r.errorf(c, "", "%s must be text, not %s", key, kindOf(c))
		}
	}
	if a := n.Get("action"); a == nil {
		r.errorf(n, "", "a rule has no \"action\"")
	} else if s, ok := r.oneOf(a, "action", "permit", "deny", "reject"); ok {
		e.verdict = plainVerdicts(s)
	}
	if p := n.Get("protocol"); p != nil {
		e.protocol = r.plainProtocols(p)
	}
	e.source = r.plainSide(n, "source")
	e.destination = r.plainSide(n, "destination")
	if (n.Has("source_port") || n.Has("destination_port")) && !within(e.protocol, ported()) {
		r.errorf(n, `Write "protocol: tcp", "udp" or both: [tcp, udp].`, "a rule has ports, but its protocol has none")
	}
	if v := n.Get("established"); v != nil && r.plainBool(v, "established") {
		if e.flags = established(); e.protocol != packet.OneProtocol(packet.TCP) {
			r.errorf(v, `Write "protocol: tcp".`, "established looks at TCP flags, and the rule's protocol is not tcp")
		}
	}
	e.note = multiline(n, func() string { return describe(n) })
	return e
}

// plainProtocols are the names that the plain schema knows; others are numbers.
func (r *reader) plainProtocols(n *yamltree.Node) packet.Protocols {
	var out packet.Protocols
	if n.IsNull() || n.Kind == yamltree.List && len(n.Items) == 0 {
		r.errorf(n, "Leave the key out for any protocol.", "protocol is empty")
	}
	for _, item := range r.items(n) {
		s, ok := r.text(item, "protocol")
		if !ok {
			continue
		}
		if s == "any" && n.Kind != yamltree.List {
			return packet.AnyProtocol
		}
		p, ok := plainProtocol(s)
		if !ok {
			r.errorf(item, `Expected "tcp", "udp", "icmp", "icmpv6", "sctp", "gre", "esp", "ah", "any" or a number from 0 to 255.`, "protocol is %q", s)
		}
		out = union(out, p)
	}
	return out
}

func plainProtocol(s string) (packet.Protocols, bool) {
	switch s {
	case "tcp", "udp", "icmp", "icmpv6", "sctp", "gre", "esp", "ah":
		return parseProtocol(s, nil)
	}
	v, ok := decimal(s)
	return packet.OneProtocol(uint8(v)), ok && v <= 255
}

func (r *reader) plainSide(n *yamltree.Node, which string) side {
	var s side
	if v := n.Get(which); v != nil {
		var a addresses
		switch {
		case v.Kind == yamltree.Scalar && v.Text == "any":
		case v.Kind == yamltree.List && len(v.Items) == 0:
			r.errorf(v, `Leave the key out, or write "any", for any address.`, "%s is empty", which)
		default:
			for _, item := range r.items(v) {
				r.address(&a, item, which)
			}
			if v.IsNull() {
				r.errorf(v, `Leave the key out, or write "any", for any address.`, "%s is empty", which)
			}
			s.v4, s.v6 = a.sets()
		}
	}
	s.ports = r.ports(n.Get(which+"_port"), which+"_port", "-", nil)
	return s
}

// multiline returns a note for an entry that takes several lines, of which a
// report shows the first only.
func multiline(n *yamltree.Node, text func() string) string {
	if last := lastScalar(n); last.IsZero() || last.Start <= n.Span.End {
		return ""
	}
	return text()
}

func lastScalar(n *yamltree.Node) source.Span {
	for n != nil {
		switch {
		case len(n.Pairs) > 0:
			n = n.Pairs[len(n.Pairs)-1].Value
		case len(n.Items) > 0:
			n = n.Items[len(n.Items)-1]
		default:
			return n.Span
		}
	}
	return source.Span{}
}

// describe writes an entry on one line: "protocol: tcp, source: {host: 10.0.0.1}".
func describe(n *yamltree.Node) string {
	var b strings.Builder
	writeFlow(&b, n, 0)
	return b.String()
}

// maxNote bounds a note, in bytes.
const maxNote = 200

func writeFlow(b *strings.Builder, n *yamltree.Node, depth int) {
	if b.Len() > maxNote {
		return
	}
	switch n.Kind {
	case yamltree.Scalar:
		b.WriteString(n.Text)
	case yamltree.List:
		b.WriteByte('[')
		for i, item := range n.Items {
			if i > 0 {
				b.WriteString(", ")
			}
			if b.Len() > maxNote {
				b.WriteString("…")
				break
			}
			writeFlow(b, item, depth+1)
		}
		b.WriteByte(']')
	case yamltree.Map:
		if depth > 0 {
			b.WriteByte('{')
		}
		for i, p := range n.Pairs {
			if i > 0 {
				b.WriteString(", ")
			}
			if b.Len() > maxNote {
				b.WriteString("…")
				break
			}
			fmt.Fprintf(b, "%s: ", p.Key.Text)
			writeFlow(b, p.Value, depth+1)
		}
		if depth > 0 {
			b.WriteByte('}')
		}
	}
}
