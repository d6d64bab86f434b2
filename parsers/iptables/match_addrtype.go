package iptables

import (
	"bytes"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// addrType is one side of a match addrtype.
type addrType struct {
	given, not bool
	types      string // in the order of addressTypes, with commas
}

// addressTypes are the types of iptables-extensions(8), in the kernel's order.
var addressTypes = []string{"UNSPEC", "UNICAST", "LOCAL", "BROADCAST", "ANYCAST", "MULTICAST", "BLACKHOLE", "UNREACHABLE", "PROHIBIT", "THROW", "NAT", "XRESOLVE"}

// addrtypeOption reads an option of the match addrtype.
func (r *ruleReader) addrtypeOption(m *match, o *option, not bool, values []token) {
	if len(values) == 0 {
		m.data.limit = o.name
		return
	}
	var given []string
	for word := range bytes.SplitSeq(values[0].text, []byte{','}) {
		name := strings.ToUpper(string(word))
		if !slices.Contains(addressTypes, name) {
			r.legalWord(&values[0], "address type", addressTypes)
			return
		}
		if r.s.Family == packet.IPv6 && slices.Contains([]string{"BROADCAST", "BLACKHOLE", "PROHIBIT", "THROW", "NAT", "XRESOLVE"}, name) {
			r.fail(&values[0], "", "address type %q does not exist for IPv6", name)
			return
		}
		given = append(given, name)
	}
	var types []string
	for _, name := range addressTypes {
		if slices.Contains(given, name) {
			types = append(types, name)
		}
	}
	m.data.addrtype[o.same] = addrType{given: true, not: not, types: strings.Join(types, ",")}
}

// addrtypeDone makes each side a condition, which Compile decides as far as the
// interfaces' addresses tell.
func (r *ruleReader) addrtypeDone(m *match) {
	if !m.data.addrtype[0].given && !m.data.addrtype[1].given {
		r.fail(&r.tokens[max(m.from, 0)], "", "match \"addrtype\" needs --src-type or --dst-type")
		return
	}
	for side, a := range m.data.addrtype {
		if !a.given {
			continue
		}
		name := [...]string{"src", "dst"}[side]
		c := model.Condition{Kind: "addrtype", Text: "-m addrtype --" + name + "-type " + a.types, Key: "addrtype " + name + " " + a.types,
			Memory: model.PerFlow, Not: a.not, Supply: "interface addresses in the topology", Span: r.span}
		if a.not {
			c.Text = "-m addrtype ! --" + name + "-type " + a.types
		}
		if limit := m.data.limit; limit != "" {
			c.Key, c.Supply = "addrtype-"+limit+" "+name+" "+a.types, ""
			c.Text += " --" + limit
		}
		r.unknown(c)
	}
}
