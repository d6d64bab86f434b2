package iptables

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxLength is the largest length of a packet, in bytes, that the match length knows.
const maxLength = 65535

// lengthOption reads --length: a length, or first:last, either of which may be left
// out. The range of all lengths decides.
func (r *ruleReader) lengthOption(m *match, o *option, not bool, values []token) {
	t := &values[0]
	low, high, isRange := bytes.Cut(t.text, []byte{':'})
	bound := func(text []byte, missing uint64) (uint64, bool) {
		if isRange && len(text) == 0 {
			return missing, true
		}
		return number(text)
	}
	first, ok := bound(low, 0)
	last := first
	if ok && isRange {
		last, ok = bound(high, maxLength)
	}
	switch {
	case !ok || first > maxLength || last > maxLength:
		r.fail(t, "Expected a number of bytes, or first:last, up to 65535.", "length %q is not valid", clip(t.text))
	case first > 0 || last < maxLength:
		r.condition(m, o, not, values)
		r.tests.Unknown[len(r.tests.Unknown)-1].Memory = m.def.memory
	case not:
		r.where.Family = 0
	}
}

// timeDone decides the match time where it names no time. The tools print its end, the
// last second that the kernel's 32 bits hold, where none was given.
func (r *ruleReader) timeDone(m *match) {
	whole := map[string]string{"--datestart": "1970-01-01T00:00:00", "--datestop": "2038-01-19T03:14:07", "--timestart": "00:00:00", "--timestop": "23:59:59"}
	for i := 0; i < len(m.words); i++ {
		value := whole[m.words[i]]
		switch {
		case m.words[i] == "--utc", m.words[i] == "--kerneltz":
		case value != "" && i+1 < len(m.words) && m.words[i+1] == value:
			i++
		default:
			r.wholeCondition(m)
			return
		}
	}
}

// rpfilterDone: --invert is a negation.
func (r *ruleReader) rpfilterDone(m *match) {
	m.key = slices.DeleteFunc(m.key, func(word string) bool {
		inverts := len(word) > 2 && strings.HasPrefix("--invert", word)
		m.not = m.not || inverts
		return inverts
	})
	r.wholeCondition(m)
	r.tests.Unknown[len(r.tests.Unknown)-1].Supply = "the firewall's interfaces in the topology"
}

// statisticDone decides the match statistic where chance has no part in it: a
// probability that the kernel's 31 bits hold as 1 or 0, and each first packet of one.
func (r *ruleReader) statisticDone(m *match) {
	always, never, not := false, false, false
	every, packet := "", "0"
	for i := 0; i+1 < len(m.words); i++ {
		value := m.words[i+1]
		switch option := strings.TrimPrefix(m.words[i], "--"); {
		case option == m.words[i] || len(option) < 2:
			not = not || option == "!"
		case strings.HasPrefix("probability", option):
			p, err := strconv.ParseFloat(value, 64)
			scaled := math.Round(p * (1 << 31))
			always, never = err == nil && scaled == 1<<31, err == nil && scaled == 0
		case strings.HasPrefix("every", option):
			every = value
		case strings.HasPrefix("packet", option):
			packet = value
		}
	}
	always = always || every == "1" && packet == "0"
	switch {
	case !always && !never:
		r.wholeCondition(m)
	case always == not:
		r.where.Family = 0
	}
}
