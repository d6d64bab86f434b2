package iptables

import (
	"bytes"

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
