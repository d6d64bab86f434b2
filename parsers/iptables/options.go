package iptables

import (
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// option is an option of a match or target.
type option struct {
	name string
	// values is how many words follow; optional: one may follow.
	values   int
	optional bool
	// negates: a "!" before it negates the match as a whole.
	negates bool
	// partial: there are packets that meet it neither with nor without a "!".
	partial bool
	// same is the position of the option that this is another name of, or its own.
	same int
}

// style says how a match is taken.
type style uint8

const (
	// decided matches are read by code of their own.
	decided style = iota
	// whole matches are one condition.
	whole
	// each option of such a match is a condition of its own; all must hold.
	each
	// absent matches ask for headers that the traced packets do not have.
	absent
	// ignored matches never decide.
	ignored
)

// module is a match extension; see iptables-extensions(8).
type module struct {
	name    string
	style   style
	memory  model.Memory
	family  packet.Family // the families that have it
	options []option
	unknown bool
	// needsOption: without one iptables refuses it.
	needsOption bool
	read        func(*ruleReader, *match, *option, bool, []token)
	done        func(*ruleReader, *match)
}

// parseOptions reads an option table: words "name" with a ":" for each value, "?" for
// one that may be missing, "!" where a negation negates the match as a whole, "~" where
// the negation is not the opposite, and "|" between an option's names.
func parseOptions(spec string) []option {
	var out []option
	for _, word := range strings.Fields(spec) {
		o := option{same: len(out)}
		names := strings.TrimRight(word, ":?!~")
		for _, c := range word[len(names):] {
			switch c {
			case ':':
				o.values++
			case '?':
				o.optional = true
			case '!':
				o.negates = true
			case '~':
				o.partial = true
			}
		}
		for _, name := range strings.Split(names, "|") {
			o.name = name
			out = append(out, o)
		}
	}
	return out
}

// findOption returns the option of that name, or the only one that begins so, as
// getopt_long(3) does.
func findOption(options []option, name []byte, shortened bool) *option {
	var found *option
	for i := range options {
		o := &options[i]
		if o.name == string(name) {
			return o
		}
		if shortened && strings.HasPrefix(o.name, string(name)) {
			if found != nil && found.same != o.same {
				return nil
			}
			found = o
		}
	}
	return found
}

// matchOption reads an option of a loaded match; false where none has it. Of several
// matches that have it the one wins whose kind was loaded last; the option then
// belongs to the last match of that kind.
func (r *ruleReader) matchOption(t *token, name []byte, not bool) bool {
	for _, shortened := range []bool{false, true} {
		for i := r.count - 1; i >= 0; i-- {
			first, last := r.sameKind(i)
			if first != i {
				continue
			}
			if o := findOption(r.matches[i].def.options, name, shortened); o != nil {
				r.readOption(&r.matches[last], o, t, not)
				return true
			}
		}
		if r.target.def != nil && !shortened && findOption(r.target.def.options, name, false) != nil {
			return false
		}
	}
	return false
}

// sameKind returns the first and the last match of the i-th one's kind.
func (r *ruleReader) sameKind(i int) (first, last int) {
	first, last = i, i
	for j := range r.count {
		if r.matches[j].def == r.matches[i].def {
			first, last = min(first, j), max(last, j)
		}
	}
	return first, last
}

// readOption reads the values of a match's option and hands them on.
func (r *ruleReader) readOption(m *match, o *option, t *token, not bool) {
	if bit := uint64(1) << o.same; m.used&bit != 0 && (m.def.style == decided || m.def.style == each) {
		r.fail(t, "", "option %q stands twice in a match", clip(t.text))
	} else {
		m.used |= bit
	}
	values, ok := r.values(t, o, &not)
	if !ok {
		return
	}
	switch m.def.style {
	case decided:
		m.def.read(r, m, o, not, values)
	case whole:
		m.record(r, r.at-len(values)-1, r.at, not, o.negates)
	case each:
		r.condition(m, o, not, values)
	}
}

// values returns the words that belong to an option.
func (r *ruleReader) values(t *token, o *option, not *bool) ([]token, bool) {
	if o.optional {
		from := r.at
		if r.at < len(r.tokens) && !r.tokens[r.at].is("!") && (len(r.tokens[r.at].text) == 0 || r.tokens[r.at].text[0] != '-') {
			r.at++
		}
		return r.tokens[from:r.at], true
	}
	if o.values == 0 {
		return nil, true
	}
	if r.value(t, not) == nil {
		return nil, false
	}
	from := r.at - 1
	for range o.values - 1 {
		if r.value(t, nil) == nil {
			return nil, false
		}
	}
	return r.tokens[from:r.at], true
}

// text returns the words of the tokens [from, to) as they are written.
func (r *ruleReader) text(from, to int) []string {
	out := make([]string, 0, to-from)
	for _, t := range r.tokens[from:to] {
		out = append(out, string(r.p.data[t.start:t.end]))
	}
	return out
}

// record keeps the words of a whole match's option. Its negation stays in the key,
// unless it negates the match as a whole.
func (m *match) record(r *ruleReader, from, to int, not, negates bool) {
	words := r.text(from, to)
	if not {
		m.words = append(m.words, "!")
	}
	if not && !negates {
		m.key = append(m.key, "!")
	}
	m.not = m.not || not && negates
	m.words, m.key = append(m.words, words...), append(m.key, words...)
	m.to = to
}

// condition makes an option a condition of its own. Its values are the last words read.
func (r *ruleReader) condition(m *match, o *option, not bool, values []token) {
	from := r.at - len(values) - 1
	words := append([]string{"--" + o.name}, r.text(r.at-len(values), r.at)...)
	text := append(append([]string{"-m", m.def.name}, negation(not)...), words...)
	if not && o.partial {
		words, not = append(negation(not), words...), false
	}
	r.unknown(model.Condition{Kind: m.def.name, Text: strings.Join(text, " "), Key: m.def.name + " " + strings.Join(words, " "), Memory: m.def.memory, Not: not,
		Span: r.p.span(int(r.tokens[from].start), int(r.tokens[r.at-1].end))})
}

// unknown adds a condition to the rule's match.
func (r *ruleReader) unknown(c model.Condition) {
	r.tests.Unknown = append(r.tests.Unknown, c)
}

// load reads -m NAME.
func (r *ruleReader) load(name *token) {
	def := r.p.module(name.text)
	if def == nil {
		def = &module{name: string(name.text), style: whole, memory: model.Fresh, family: packet.AnyFamily, unknown: true}
	}
	if def.family&r.s.Family == 0 {
		r.fail(name, "", "match %q does not exist for %s", clip(name.text), r.s.Family)
		return
	}
	if r.count == maxMatches {
		r.fail(name, "", "more than %d matches in a rule, the limit", maxMatches)
		return
	}
	r.matches[r.count] = match{def: def, from: r.at - 2, to: r.at}
	r.count++
}

// module returns a match by name; the same few come again and again.
func (p *parser) module(name []byte) *module {
	for i, m := range p.recent {
		if m != nil && m.name == string(name) {
			return p.recent[i]
		}
	}
	m := modules[string(name)]
	p.recent[p.turn%len(p.recent)] = m
	p.turn++
	return m
}

// protocolModule is the match that -p stands for; nil where there is none.
func (r *ruleReader) protocolModule() *module {
	if !r.protocol.given {
		return nil
	}
	def := modules[protocolMatch(r.protocol.number)]
	if def == nil || def.family&r.s.Family == 0 {
		return nil
	}
	return def
}

// protocolMatch is the name of the match that a protocol's number stands for; "" where
// there is none.
func protocolMatch(number uint8) string {
	switch number {
	case packet.TCP:
		return "tcp"
	case packet.UDP:
		return "udp"
	case packet.ICMP:
		return "icmp"
	case packet.ICMPv6:
		return "icmp6"
	case protoSCTP:
		return "sctp"
	case protoDCCP:
		return "dccp"
	case 50:
		return "esp"
	case 51:
		return "ah"
	case 108:
		return "ipcomp"
	case 135:
		return "mh"
	}
	return ""
}

// loadProtocol loads the match that -p stands for, as iptables does when it meets an
// option that nothing else has.
func (r *ruleReader) loadProtocol() bool {
	def := r.protocolModule()
	if def == nil || r.count == maxMatches {
		return false
	}
	for i := range r.count {
		if r.matches[i].def == def {
			return false
		}
	}
	r.matches[r.count] = match{def: def, from: r.at - 1, to: r.at}
	r.count++
	return true
}

// complete closes the matches and the target when all options are read.
func (r *ruleReader) complete() {
	for i := range r.count {
		m := &r.matches[i]
		if m.used == 0 && m.def.needsOption {
			t := &r.tokens[min(m.from+1, len(r.tokens)-1)]
			r.fail(t, "iptables refuses the rule without one.", "match %q needs an option", m.def.name)
			continue
		}
		switch {
		case m.def.done != nil:
			m.def.done(r, m)
		case m.def.style == whole:
			r.wholeCondition(m)
		case m.def.style == each && m.used == 0 && len(m.def.options) == 0:
			r.wholeCondition(m)
		case m.def.style == absent:
			r.extensionMatch(false)
		}
	}
	if !r.broken {
		r.finishTarget()
	}
}

// wholeCondition makes a match one condition.
func (r *ruleReader) wholeCondition(m *match) {
	head := "-m " + m.def.name
	c := model.Condition{Kind: m.def.name, Text: head, Key: m.def.name, Memory: m.def.memory, Not: m.not}
	if len(m.words) > 0 {
		c.Text += " " + strings.Join(m.words, " ")
		c.Key += " " + strings.Join(m.key, " ")
	}
	if first := max(m.from, 0); first < len(r.tokens) {
		c.Span = r.p.span(int(r.tokens[first].start), int(r.tokens[max(m.to, first+1)-1].end))
	}
	r.unknown(c)
}

// requireProtocol reports a match that needs -p.
func (r *ruleReader) requireProtocol(m *match, text string, numbers ...uint8) {
	if !r.hasProtocol(numbers...) {
		t := &r.tokens[max(m.from, 0)]
		r.fail(t, "iptables refuses the rule without it.", "match %q needs %s", m.def.name, text)
	}
}

// legalWord reports a value that is none of the legal ones.
func (r *ruleReader) legalWord(t *token, what string, legal []string) {
	r.fail(t, diag.Legal(string(t.text), legal), "%s %q is not known", what, clip(t.text))
}
