package iptables

import (
	"bytes"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// The states of packets that belong to a connection, and of those that don't.
const (
	connected    = packet.New | packet.Established | packet.Related
	disconnected = packet.Invalid | packet.Untracked
)

// conntrackOption reads an option of the match conntrack. Besides the state they look
// at the connection. Packets that belong to none are asked for their state only, and
// match none of the others where that is not asked for (xt_conntrack.c, conntrack_mt).
func (r *ruleReader) conntrackOption(m *match, o *option, not bool, values []token) {
	t := &values[0]
	switch o.name {
	case "ctstate":
		if set, ok := r.states(t, true); ok {
			r.limitStates(set, not)
		}
		return
	case "ctproto":
		number, _, ok := protocolNumber(t.text)
		if !ok {
			r.fail(t, "Expected a number or a name of /etc/protocols.", "protocol %q is not known", clip(t.text))
			return
		}
		m.data.protocol = packet.OneProtocol(number)
		if not {
			m.data.protocol = m.data.protocol.Not()
		}
		return
	}
	r.condition(m, o, not, values)
	c := &r.tests.Unknown[len(r.tests.Unknown)-1]
	c.Memory = model.PerFlow
	answer := stateAnswer{yes: disconnected}
	switch o.name {
	case "ctdir":
		r.direction(c, not, t, &answer)
	case "ctstatus":
		c.Memory = model.PerPacket
		r.status(not, t, &answer)
	case "ctexpire":
		c.Memory = model.PerPacket
	default:
		r.tuple(c, o, t)
	}
	answer.key, answer.not = c.Key, c.Not
	r.answers = append(r.answers, answer)
}

// direction makes ORIGINAL and REPLY one condition and its negation. Packets of state
// NEW are their connection's first, so they go the original way.
func (r *ruleReader) direction(c *model.Condition, not bool, t *token, answer *stateAnswer) {
	reply := strings.EqualFold(string(t.text), "REPLY")
	switch {
	case not:
		r.fail(t, "Name the other direction: ORIGINAL or REPLY.", "option --ctdir cannot be negated")
	case !reply && !strings.EqualFold(string(t.text), "ORIGINAL"):
		r.legalWord(t, "direction", []string{"ORIGINAL", "REPLY"})
	case reply:
		answer.no = packet.New
	default:
		answer.yes |= packet.New
	}
	c.Key, c.Not = model.OriginalDirection, reply
}

// statuses are the bits of --ctstatus, by name.
var statuses = []string{"NONE", "EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED"}

// status reads --ctstatus: one of the bits must be set; NONE is no bit. A packet of
// state NEW is expected by no other connection and has seen no answer, without which a
// connection is not assured; one of state ESTABLISHED has, and its connection is
// confirmed (nf_conntrack_core.c, resolve_normal_ct).
func (r *ruleReader) status(not bool, t *token, answer *stateAnswer) {
	var given [5]bool
	for word := range bytes.SplitSeq(t.text, []byte{','}) {
		at := slices.IndexFunc(statuses, func(s string) bool { return len(word) > 0 && strings.HasPrefix(s, strings.ToUpper(string(word))) })
		if at < 0 {
			r.legalWord(t, "connection status", statuses)
			return
		}
		given[at] = true
	}
	var yes, no packet.States
	expected, seen, assured, confirmed := given[1], given[2], given[3], given[4]
	if !confirmed {
		no = packet.New
	}
	if seen || confirmed {
		yes = packet.Established
	}
	if !expected && !seen && !assured && !confirmed {
		no = connected
	}
	if not {
		yes, no = no, yes
	}
	answer.yes, answer.no = answer.yes|yes, no
}

// tuple reads --ctorigsrc and its like, which who follows the connection can decide. A
// mask that is no prefix stays a condition.
func (r *ruleReader) tuple(c *model.Condition, o *option, t *token) {
	test := &model.TupleTest{Reply: strings.HasPrefix(o.name, "ctrepl"), Destination: strings.Contains(o.name, "dst")}
	if strings.HasSuffix(o.name, "port") {
		ports, ok := r.portRange(t, t.text, true)
		if test.Ports = ports; ok {
			c.Tuple = test
		}
		return
	}
	a, ok := r.network(t, t.text)
	if !ok || a.mask != nil {
		return
	}
	if test.Addrs = a.set; a.set == nil {
		test.Addrs = allAddrs(r.s.Family)
	}
	c.Tuple = test
}

// conntrackDone narrows a match that does not ask for the state: packets without a
// connection fulfil none of the other options.
func (r *ruleReader) conntrackDone(m *match) {
	if m.used&1 == 0 && m.used != 0 {
		r.where.State &= connected
	}
	only := m.data.protocol
	switch {
	case only == packet.Protocols{}:
	case r.where.State&disconnected == 0:
		// The traced packets are a connection's own, not ICMP errors about it, so they
		// have its protocol.
		for i := range only {
			r.where.Protocol[i] &= only[i]
		}
	default:
		with, without := anyOf(r.s.Family), anyOf(r.s.Family)
		with.Protocol, with.State, without.State = only, connected, disconnected
		r.tests.OneOf = append(r.tests.OneOf, model.OneOf{Boxes: []packet.Box{with, without}})
	}
}

// stateAnswer is what a packet's state tells of a condition: in the states yes it
// fulfils it, negated as the rule has it, in no it does not.
type stateAnswer struct {
	key     string
	not     bool
	yes, no packet.States
}

// byState takes the packets whose state tells the answer to a condition out of a rule.
// The rule may become several.
func byState(rule model.Rule, answers []stateAnswer, out []model.Rule) []model.Rule {
	if len(answers) == 0 {
		return append(out, rule)
	}
	rules := []model.Rule{rule}
	for _, a := range answers {
		var next []model.Rule
		for _, r := range rules {
			next = append(next, a.split(r)...)
		}
		rules = next
	}
	return append(out, rules...)
}

// split makes of a rule one for the packets that surely fulfil the condition and one
// for those of which it isn't known.
func (a *stateAnswer) split(rule model.Rule) []model.Rule {
	at := -1
	if rule.Tests != nil {
		at = slices.IndexFunc(rule.Tests.Unknown, func(c model.Condition) bool { return c.Key == a.key && c.Not == a.not })
	}
	if at < 0 {
		return []model.Rule{rule}
	}
	sure, tests := rule, *rule.Tests
	tests.Unknown = slices.Delete(slices.Clone(tests.Unknown), at, at+1)
	if sure.Tests = &tests; tests.IsEmpty() {
		sure.Tests = nil
	}
	sure.Where.State &= a.yes
	rule.Where.State &^= a.yes | a.no
	switch {
	case rule.Where.State != 0 && sure.Where.State != 0:
		return []model.Rule{sure, rule}
	case rule.Where.State != 0:
		return []model.Rule{rule}
	case sure.Where.State == 0:
		sure.Where.Family = 0
	}
	return []model.Rule{sure}
}
