package iptables

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// mark reads "value" or "value/mask", in any base that strtoul(3) takes. Without a
// mask it is all ones.
func (r *ruleReader) mark(t *token) (value, mask uint32, ok bool) {
	low, high, hasMask := bytes.Cut(t.text, []byte{'/'})
	v, ok := number(low)
	m := uint64(0xffffffff)
	if ok && hasMask {
		m, ok = number(high)
	}
	if !ok {
		r.fail(t, "Expected a number, or number/mask, of 32 bits.", "mark %q is not valid", clip(t.text))
	}
	return uint32(v), uint32(m), ok
}

func (r *ruleReader) markMatch(_ *match, _ *option, not bool, values []token) {
	r.markTest(false, not, &values[0])
}

func (r *ruleReader) connmarkMatch(_ *match, _ *option, not bool, values []token) {
	r.markTest(true, not, &values[0])
}

// markTest reads --mark of the matches mark and connmark.
func (r *ruleReader) markTest(connection, not bool, t *token) {
	value, mask, ok := r.mark(t)
	switch {
	case !ok:
	case value&^mask == 0:
		r.tests.Marks = append(r.tests.Marks, model.MarkTest{Connection: connection, Value: value, Mask: mask, Not: not})
	case !not: // no mark has bits outside of the mask
		r.where.Family = 0
	}
}

// macSource reads --mac-source. An address with X in it was made unreadable by
// somebody: it is like no other.
func (r *ruleReader) macSource(m *match, o *option, not bool, values []token) {
	t := &values[0]
	redacted := bytes.ContainsAny(t.text, "xX*")
	if _, err := net.ParseMAC(string(t.text)); err != nil && !redacted {
		r.fail(t, "Expected six bytes such as 00:11:22:aa:bb:cc.", "MAC address %q is not valid", clip(t.text))
		return
	}
	r.condition(m, o, not, values)
	c := &r.tests.Unknown[len(r.tests.Unknown)-1]
	c.Memory, c.Key = model.PerFlow, strings.ToLower(c.Key)
	if redacted {
		c.Key = fmt.Sprintf("mac redacted at byte %d of %s", t.start, r.p.file.Name)
		r.p.warnOnce("redacted", r.p.span(int(t.start), int(t.end)), "Rules with such an address are taken as different from each other.", "a MAC address is made unreadable")
	}
}

// packetType reads --pkt-type. The kernel forwards only frames that were sent to the
// host itself, and TCP takes no others, so the packets to a unicast address count as
// unicast.
func (r *ruleReader) packetType(_ *match, _ *option, not bool, values []token) {
	t := &values[0]
	multicast, broadcast := multicastAddrs(r.s.Family), limitedBroadcast(r.s.Family)
	switch strings.ToLower(string(t.text)) {
	case "unicast", "host":
		r.limitAddress(true, multicast.Union(broadcast), !not)
	case "multicast", "mcast":
		r.limitAddress(true, multicast, not)
	case "broadcast", "bcast":
		r.limitAddress(true, broadcast, not)
	default:
		r.legalWord(t, "packet type", []string{"unicast", "broadcast", "multicast"})
	}
}

// multicastAddrs are a family's multicast addresses (RFC 1112, RFC 4291).
func multicastAddrs(family packet.Family) *packet.Addrs {
	if family == packet.IPv4 {
		return packet.Span(packet.Addr{Lo: 0xe0000000}, packet.Addr{Lo: 0xefffffff})
	}
	return packet.Span(packet.Addr{Hi: 0xff << 56}, packet.IPv6.Last())
}

// limitedBroadcast is 255.255.255.255; IPv6 has no broadcast.
func limitedBroadcast(family packet.Family) *packet.Addrs {
	if family == packet.IPv4 {
		return packet.Only(packet.Addr{Lo: 0xffffffff})
	}
	return packet.Span(packet.Addr{Lo: 1}, packet.Addr{})
}

// recentOption reads an option of the match recent.
func (r *ruleReader) recentOption(m *match, o *option, not bool, values []token) {
	m.record(r, r.at-len(values)-1, r.at, not, o.same <= 3)
}

// recentDone: --set notes the address and always matches; the rest depends on what
// came before.
func (r *ruleReader) recentDone(m *match) {
	switch {
	case m.used&1 == 0:
		r.wholeCondition(m)
	case m.not:
		r.where.Family = 0
	}
}

// setOption reads an option of the match set. A "!" before --match-set negates the
// match; before a counter's option it belongs to that alone.
func (r *ruleReader) setOption(m *match, o *option, not bool, values []token) {
	switch {
	case o.same == 0:
		name, dims := r.setReference(values)
		if dims == "" {
			r.fail(&values[1], "Expected a list of src and dst, one for each part of the set's elements.", "%q is no list of directions", clip(values[1].text))
			return
		}
		m.data.set = dims + " " + name
	case o.name == "update-counters", o.name == "update-subcounters":
	default:
		m.data.extra = true
		if o.name != "packets-eq" && o.name != "bytes-eq" && not {
			r.fail(&r.tokens[r.at-len(values)-1], "", "option %q cannot be negated", "--"+o.name)
		}
	}
	m.record(r, r.at-len(values)-1, r.at, not, o.same == 0)
}

// setReference returns the set's name and the directions. iptables-save does not quote
// a name with blanks, so the words up to the directions belong to it.
func (r *ruleReader) setReference(values []token) (name, directions string) {
	name = string(values[0].text)
	last := &values[1]
	for range 4 {
		if isDirections(last.text) {
			return name, string(last.text)
		}
		if r.at == len(r.tokens) || bytes.HasPrefix(r.tokens[r.at].text, []byte("-")) {
			break
		}
		name += " " + string(last.text)
		last = &r.tokens[r.at]
		r.at++
	}
	return name, ""
}

// isDirections tells a list of src and dst.
func isDirections(text []byte) bool {
	for word := range bytes.SplitSeq(text, []byte{','}) {
		if string(word) != "src" && string(word) != "dst" {
			return false
		}
	}
	return true
}

// setDone makes the match a condition, which Compile decides where the set is known.
func (r *ruleReader) setDone(m *match) {
	if m.data.set == "" {
		t := &r.tokens[max(m.from, 0)]
		r.fail(t, "", "match \"set\" needs --match-set")
		return
	}
	key, memory := "set "+m.data.set, model.PerFlow
	supply := "the output of `ipset save`"
	if m.data.extra { // the counters change with each packet
		key, memory, supply = "set-counters "+strings.Join(m.key, " "), model.Fresh, ""
	}
	first := max(m.from, 0)
	r.unknown(model.Condition{Kind: "set", Text: "-m set " + strings.Join(m.words, " "), Key: key, Memory: memory, Not: m.not, Supply: supply,
		Span: r.p.span(int(r.tokens[first].start), int(r.tokens[max(m.to, first+1)-1].end))})
}

// ownerDone: --suppl-groups makes --gid-owner another question.
func (r *ruleReader) ownerDone(m *match) {
	last := &m.def.options[len(m.def.options)-1]
	if m.used>>last.same&1 == 0 {
		return
	}
	from := r.tokens[max(m.from, 0)].start
	r.tests.Unknown = slices.DeleteFunc(r.tests.Unknown, func(c model.Condition) bool {
		return c.Key == "owner --suppl-groups" && c.Span.Start >= from
	})
	for i := range r.tests.Unknown {
		if c := &r.tests.Unknown[i]; c.Span.Start >= from && strings.HasPrefix(c.Key, "owner --gid-owner ") {
			c.Key += " --suppl-groups"
			c.Text += " --suppl-groups"
		}
	}
}
