package iptables

import (
	"bytes"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// states reads a list of connection states. virtual allows SNAT and DNAT, the states
// of translated connections.
func (r *ruleReader) states(t *token, virtual bool) (packet.States, bool) {
	var set packet.States
	for name := range bytes.SplitSeq(t.text, []byte{','}) {
		switch string(bytes.ToUpper(name)) {
		case "NEW":
			set |= packet.New
		case "ESTABLISHED":
			set |= packet.Established
		case "RELATED":
			set |= packet.Related
		case "INVALID":
			set |= packet.Invalid
		case "UNTRACKED":
			set |= packet.Untracked
		case "SNAT", "DNAT":
			if !virtual {
				r.fail(t, "Use -m conntrack --ctstate.", "state %q is none of match state's", clip(name))
				return 0, false
			}
			if bytes.EqualFold(name, []byte("SNAT")) {
				set |= packet.TranslatedSource
			} else {
				set |= packet.TranslatedDestination
			}
		default:
			r.legalWord(t, "state", []string{"NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED", "SNAT", "DNAT"})
			return 0, false
		}
	}
	return set, true
}

func (r *ruleReader) limitStates(set packet.States, not bool) {
	if not {
		set = packet.AnyState &^ set
	}
	r.where.State &= set
}

// stateOption reads -m state --state.
func (r *ruleReader) stateOption(_ *match, _ *option, not bool, values []token) {
	if set, ok := r.states(&values[0], false); ok {
		r.limitStates(set, not)
	}
}

// conntrackOption reads an option of the match conntrack. Besides the state they look
// at the connection, so packets that belong to none do not match.
func (r *ruleReader) conntrackOption(m *match, o *option, not bool, values []token) {
	switch o.name {
	case "ctstate":
		if set, ok := r.states(&values[0], true); ok {
			r.limitStates(set, not)
		}
		return
	case "ctproto":
		number, any, ok := protocolNumber(values[0].text)
		if !ok || any {
			r.fail(&values[0], "Expected a number or a name of /etc/protocols.", "protocol %q is not known", clip(values[0].text))
			return
		}
		set := packet.OneProtocol(number)
		if not {
			set = set.Not()
		}
		// The traced packets are a connection's own, not ICMP errors about it, so
		// they have its protocol.
		for i := range set {
			r.where.Protocol[i] &= set[i]
		}
		return
	}
	r.condition(m, o, not, values)
	c := &r.tests.Unknown[len(r.tests.Unknown)-1]
	c.Memory = model.PerFlow
	if o.name == "ctdir" {
		r.direction(c, not, &values[0])
	}
	if o.name == "ctstatus" || o.name == "ctexpire" {
		c.Memory = model.PerPacket
	}
}

// direction makes ORIGINAL and REPLY one condition and its negation.
func (r *ruleReader) direction(c *model.Condition, not bool, t *token) {
	reply := strings.EqualFold(string(t.text), "REPLY")
	switch {
	case not:
		r.fail(t, "Name the other direction: ORIGINAL or REPLY.", "option --ctdir cannot be negated")
	case !reply && !strings.EqualFold(string(t.text), "ORIGINAL"):
		r.legalWord(t, "direction", []string{"ORIGINAL", "REPLY"})
	}
	c.Key, c.Not = model.OriginalDirection, reply
}

// decideDirection takes the packets whose state tells it out of a rule that asks for
// the direction: those of state NEW are their connection's first, so they go the
// original way; those without a connection are asked for their state only. The rule
// may become two.
func decideDirection(rule model.Rule, out []model.Rule) []model.Rule {
	at := -1
	if rule.Tests != nil {
		at = slices.IndexFunc(rule.Tests.Unknown, func(c model.Condition) bool { return c.Key == model.OriginalDirection })
	}
	if at < 0 {
		return append(out, rule)
	}
	sure := rule.Where.State & (packet.New | packet.Invalid | packet.Untracked)
	rule.Where.State &^= sure
	if rule.Tests.Unknown[at].Not {
		sure &^= packet.New
	}
	if sure != 0 || rule.Where.State == 0 {
		first, tests := rule, *rule.Tests
		first.Where.State = sure
		if sure == 0 {
			first.Where.Family = 0
		}
		tests.Unknown = slices.Delete(slices.Clone(tests.Unknown), at, at+1)
		if len(tests.OneOf)+len(tests.Masks)+len(tests.Marks)+len(tests.Unknown) > 0 {
			first.Tests = &tests
		} else {
			first.Tests = nil
		}
		out = append(out, first)
	}
	if rule.Where.State != 0 {
		out = append(out, rule)
	}
	return out
}

// conntrackDone narrows a match that does not ask for the state: packets without a
// connection fulfil none of the other options.
func (r *ruleReader) conntrackDone(m *match) {
	if m.used&1 == 0 && m.used != 0 {
		r.where.State &= packet.New | packet.Established | packet.Related
	}
}
