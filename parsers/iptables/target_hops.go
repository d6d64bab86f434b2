package iptables

import "github.com/sumlint/sumlint/parsers/model"

// enoughHops is a TTL with which a packet surely arrives: what Linux sends with.
const enoughHops = 64

// hopsNote follows the text of a target that lowers the TTL.
const hopsNote = " (whether the packet arrives depends on the number of hops behind it)"

// changeHops reads TTL and HL. A packet whose TTL runs out dies at a later router, or
// here before it is forwarded. A packet that the host itself takes needs no more hops.
func (r *ruleReader) changeHops() {
	prefix := map[string]string{"TTL": "ttl-", "HL": "hl-"}[r.target.def.name]
	given, harmless := 0, r.chain.builtin && r.chain.hook == model.Input
	for _, option := range []struct {
		name  string
		least uint64
	}{{"set", 0}, {"dec", 1}, {"inc", 1}} {
		t := r.target.value(prefix + option.name)
		if t == nil {
			continue
		}
		given++
		n, ok := number(t.text)
		if !ok || n < option.least || n > 255 {
			r.fail(t, "Expected a number of hops up to 255, as one byte holds it; to add or take away, at least 1.", "number %q of hops is not valid", clip(t.text))
			return
		}
		harmless = harmless || option.name == "inc" || option.name == "set" && n >= enoughHops
	}
	switch {
	case given != 1:
		r.fail(r.target.name, "Expected one of --"+prefix+"set, --"+prefix+"dec and --"+prefix+"inc.", "target %s needs an option", r.target.def.name)
	case !harmless:
		r.undecided(false)
		r.action.Unknown.Text += hopsNote
		r.action.Unknown.Memory = model.PerFlow
	}
}
