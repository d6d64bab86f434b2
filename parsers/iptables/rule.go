package iptables

import (
	"bytes"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// ruleReader reads one rule's options.
type ruleReader struct {
	p      *parser
	s      *section
	chain  *chain
	tokens []token
	at     int
	span   source.Span

	where  packet.Box
	tests  model.Tests
	action model.Action
	// variants are the boxes and actions of a rule that must become several: a
	// translation that depends on the port.
	variants []variant
	// answers are what the packets' states tell of the conditions.
	answers []stateAnswer

	seen     uint16 // the base options that were given
	protocol protocol
	matches  [maxMatches]match
	count    int
	target   target
	broken   bool
}

// variant is one of several rules that one line becomes.
type variant struct {
	where  packet.Box
	action model.Action
}

// protocol is what -p said.
type protocol struct {
	given, not bool
	number     uint8
}

// maxMatches bounds the -m options of a rule.
const maxMatches = 32

// match is one -m of a rule, and what its options said.
type match struct {
	def  *module
	used uint64 // the options that were given, by position
	// words and key are the text of an undecided match as written and without what
	// is negated; from and to are its tokens.
	words, key []string
	not        bool
	from, to   int
	data       matchData
}

// matchData is what decided matches keep until the rule's end.
type matchData struct {
	set      string // the match-set's name and dimensions
	extra    bool   // an option makes it undecidable
	limit    string // addrtype's option that asks for one interface's addresses
	addrtype [2]addrType
	protocol packet.Protocols // --ctproto; none where it is not given
}

// The base options, as bits.
const (
	optSource = 1 << iota
	optDestination
	optProtocol
	optIn
	optOut
	optTarget
	optFragment
	optCounters
)

// readRule reads the options of a rule of chain c and appends the rules that it becomes
// to out: one, or several where the model needs it; an unknown one where it cannot be
// read.
func (s *section) readRule(c *chain, tokens []token, span source.Span, out []model.Rule) []model.Rule {
	r := s.p.reader
	r.begin(s, c, tokens, span)
	r.options()
	if !r.broken {
		r.complete()
	}
	if r.broken {
		return append(out, unreadable(s.Family, span))
	}
	rule := model.Rule{Where: r.where, Action: r.action, Span: span}
	if !r.tests.IsEmpty() {
		tests := r.tests
		rule.Tests = &tests
	}
	if len(r.variants) == 0 {
		return byState(rule, r.answers, out)
	}
	for _, v := range r.variants {
		rule.Where, rule.Action = v.where, v.action
		out = byState(rule, r.answers, out)
	}
	return out
}

// begin makes the reader ready for a rule. One reader serves a file: the matches of
// the rule before are overwritten as they are loaded.
func (r *ruleReader) begin(s *section, c *chain, tokens []token, span source.Span) {
	r.p, r.s, r.chain, r.tokens, r.span, r.at = s.p, s, c, tokens, span, 0
	r.where, r.tests, r.action, r.variants, r.answers = anyOf(s.Family), model.Tests{}, model.Action{}, nil, nil
	r.seen, r.protocol, r.count, r.target, r.broken = 0, protocol{}, 0, target{}, false
}

// fail reports that a word of the rule cannot be taken; the rule becomes unknown.
func (r *ruleReader) fail(t *token, detail, format string, args ...any) {
	r.broken = true
	r.p.errorf(r.p.span(int(t.start), int(t.end)), detail, format, args...)
}

// options reads option by option.
func (r *ruleReader) options() {
	for r.at < len(r.tokens) {
		t := &r.tokens[r.at]
		not := false
		if t.is("!") && !t.quoted {
			not = true
			r.at++
			if r.at == len(r.tokens) {
				r.fail(t, "It stands before the option that it negates.", "\"!\" at the end of the rule")
				return
			}
			t = &r.tokens[r.at]
		}
		r.at++
		if len(t.text) < 2 || t.text[0] != '-' {
			r.stray(t)
			continue
		}
		r.option(t, not)
	}
}

// stray reports a word that belongs to no option.
func (r *ruleReader) stray(t *token) {
	detail := "Each word must be an option, or belong to one."
	switch {
	case bytes.IndexByte(t.text, '\'') >= 0:
		detail = "Only double quotes hold words together; iptables-restore knows no single quotes."
	case bytes.HasPrefix(t.text, []byte("#")):
		detail = "A comment must have a line of its own."
	}
	r.fail(t, detail, "bad argument %q", clip(t.text))
}

// option reads one option and its values.
func (r *ruleReader) option(t *token, not bool) {
	if len(t.text) == 2 {
		r.base(t, t.text[1], not)
		return
	}
	if t.text[1] != '-' {
		if t.text[1] == 'm' || t.text[1] == 'g' {
			r.divide(2, 2)
			r.base(&r.tokens[r.at-1], t.text[1], not)
			return
		}
		r.fail(t, "Write a blank between an option and its value.", "unknown option %q", clip(t.text))
		return
	}
	name := t.text[2:]
	if n := bytes.IndexByte(name, '='); n >= 0 {
		if !r.mayJoin(name[:n]) {
			r.fail(t, "Write a blank, not =, between this option and its value.", "unknown option %q", clip(t.text))
			return
		}
		r.divide(n+2, n+3)
		t = &r.tokens[r.at-1]
		name = t.text[2:]
	}
	if short := longOption(name); short != 0 {
		r.base(t, short, not)
		return
	}
	if r.matchOption(t, name, not) || r.targetOption(t, name, not) {
		return
	}
	if short := shortenedOption(name); short != 0 {
		r.base(t, short, not)
		return
	}
	if r.loadProtocol() && r.matchOption(t, name, not) {
		return
	}
	r.unknownOption(t, name, not)
}

// unknownOption takes an option that nothing known has: it belongs to the last
// unknown target or match, else it is an error.
func (r *ruleReader) unknownOption(t *token, name []byte, not bool) {
	if r.target.def == unknownTarget {
		r.swallow()
		return
	}
	for i := r.count - 1; i >= 0; i-- {
		if m := &r.matches[i]; m.def.unknown {
			from := r.at - 1
			r.swallow()
			m.record(r, from, r.at, not, false)
			return
		}
	}
	r.fail(t, r.knownOptions(string(name)), "unknown option %q", clip(t.text))
	r.swallow()
}

// swallow passes over the values of an option whose form is not known.
func (r *ruleReader) swallow() {
	for r.at < len(r.tokens) && !r.tokens[r.at].is("!") && (len(r.tokens[r.at].text) == 0 || r.tokens[r.at].text[0] != '-' || r.tokens[r.at].quoted) {
		r.at++
	}
}

// knownOptions says which options would be legal.
func (r *ruleReader) knownOptions(name string) string {
	var legal []string
	for i := range r.count {
		for _, o := range r.matches[i].def.options {
			legal = append(legal, o.name)
		}
	}
	if r.target.def != nil {
		for _, o := range r.target.def.options {
			legal = append(legal, o.name)
		}
	}
	if len(legal) == 0 {
		if strings.Contains(name, "port") && !r.protocol.given {
			return "Ports need a protocol: write -p tcp or -p udp before it."
		}
		return "No match or target of this rule has it. A match must be loaded with -m before its options."
	}
	if s := diag.Suggest(name, legal); s != "" {
		return "Did you mean --" + s + "? The matches and the target of this rule have no such option."
	}
	if strings.Contains(name, "port") && !r.protocol.given {
		return "Ports need a protocol: write -p tcp or -p udp before it."
	}
	return "The matches and the target of this rule have no such option."
}

// value returns the option's value. Between an option and its value old versions
// print the "!".
func (r *ruleReader) value(t *token, not *bool) *token {
	if r.at < len(r.tokens) && r.tokens[r.at].is("!") && !r.tokens[r.at].quoted && not != nil && !*not {
		*not = true
		bang := &r.tokens[r.at]
		r.p.warnOnce("negation", r.p.span(int(bang.start), int(bang.end)), "iptables before 1.4.3 printed it so; since 1.8 iptables-restore refuses it.", "\"!\" stands behind the option")
		r.at++
	}
	if r.at >= len(r.tokens) {
		r.fail(t, "", "option %q needs a value", clip(t.text))
		return nil
	}
	r.at++
	return &r.tokens[r.at-1]
}

// base reads one of the options that each rule may have.
func (r *ruleReader) base(t *token, letter byte, not bool) {
	switch letter {
	case 's', 'd':
		r.address(t, letter == 'd', not)
	case 'p':
		r.protocolOption(t, not)
	case 'i', 'o':
		r.interfaceOption(t, letter == 'o', not)
	case 'm':
		if v := r.value(t, nil); v != nil && r.unnegated(t, not) {
			r.load(v)
		}
	case 'j', 'g':
		r.jump(t, letter == 'g', not)
	case 'f':
		if r.once(t, optFragment) && r.s.Family == packet.IPv6 {
			r.fail(t, "Use -m frag.", "option -f is for IPv4 only")
		}
		r.extensionMatch(not)
	case 'c':
		r.counterValues(t)
	case 'v':
	case '4', '6':
		if r.s.Family != map[byte]packet.Family{'4': packet.IPv4, '6': packet.IPv6}[letter] {
			r.where.Family = 0 // the line is for the other family
		}
	case 't':
		r.fail(t, "The table is what the line that begins with * says.", "option -t cannot stand in a rule of an export")
		r.swallow()
	case 'w', 'W', 'n', 'x':
		r.fail(t, "It is an option of the command line, not of a rule.", "option %q cannot stand in a rule of an export", t.text)
		r.swallow()
	default:
		r.fail(t, "", "unknown option %q", clip(t.text))
		r.swallow()
	}
}

// counterValues passes over the values of -c: "packets bytes", or "packets,bytes".
func (r *ruleReader) counterValues(t *token) {
	v := r.value(t, nil)
	if v != nil && bytes.IndexByte(v.text, ',') < 0 {
		r.value(t, nil)
	}
}

// once notes a base option and refuses its second use.
func (r *ruleReader) once(t *token, bit uint16) bool {
	if r.seen&bit != 0 {
		r.fail(t, "", "option %q stands twice in a rule", clip(t.text))
		return false
	}
	r.seen |= bit
	return true
}

// unnegated refuses a "!" before an option that cannot be negated.
func (r *ruleReader) unnegated(t *token, not bool) bool {
	if not {
		r.fail(t, "", "option %q cannot be negated", clip(t.text))
	}
	return !not
}

// extensionMatch reads a match that only fragments or packets with extension headers
// fulfil. The packets that are traced are neither: conntrack joins fragments before
// the first chain, and TCP and UDP are sent without extension headers.
func (r *ruleReader) extensionMatch(not bool) {
	r.s.extensions = true
	if !not {
		r.where.Family = 0
	}
}

// interfaceOption reads -i and -o.
func (r *ruleReader) interfaceOption(t *token, out, not bool) {
	v := r.value(t, &not)
	bit := uint16(optIn)
	if out {
		bit = optOut
	}
	if v == nil || !r.once(t, bit) {
		return
	}
	switch {
	case len(v.text) == 0:
		r.fail(v, "", "the interface's name is empty")
		return
	case len(v.text) > 15:
		r.fail(v, "Linux allows 15 bytes.", "interface name %q is too long", clip(v.text))
		return
	case r.chain.builtin && out && (r.chain.hook == model.Input || r.chain.hook == model.Prerouting):
		r.fail(t, "A packet there has no outgoing interface yet, or none at all.", "-o cannot be used in chain %s", r.chain.Name)
		return
	case r.chain.builtin && !out && (r.chain.hook == model.Output || r.chain.hook == model.Postrouting):
		r.fail(t, "A packet there has no incoming interface, or iptables does not look at it.", "-i cannot be used in chain %s", r.chain.Name)
		return
	}
	set := r.p.interfaceNames(v.text)
	if not {
		set = set.Complement()
	}
	if out {
		r.where.Out = r.where.Out.Intersect(set)
	} else {
		r.where.In = r.where.In.Intersect(set)
	}
}

// interfaceNames returns the names that an interface pattern covers: "eth+" all that
// begin with eth.
func (p *parser) interfaceNames(text []byte) *packet.Names {
	if set, ok := p.names[string(text)]; ok {
		return set
	}
	pattern := string(text)
	set := packet.OneName(pattern)
	if prefix, ok := strings.CutSuffix(pattern, "+"); ok {
		set = packet.NamePrefix(prefix)
	}
	if p.names == nil {
		p.names = map[string]*packet.Names{}
	}
	if len(p.names) < 1000 {
		p.names[pattern] = set
	}
	return set
}

// protocolOption reads -p.
func (r *ruleReader) protocolOption(t *token, not bool) {
	v := r.value(t, &not)
	if v == nil || !r.once(t, optProtocol) {
		return
	}
	number, any, ok := protocolNumber(v.text)
	switch {
	case !ok:
		r.fail(v, "Expected a number up to 255 or a name of /etc/protocols, such as tcp, udp or icmp.", "protocol %q is not known", clip(v.text))
		return
	case any && not:
		r.fail(v, "A rule must be able to match something.", "\"! -p %s\" matches no packet", v.text)
		return
	case any:
		return
	}
	r.protocol = protocol{given: true, not: not, number: number}
	set := packet.OneProtocol(number)
	if not {
		set = set.Not()
	}
	r.where.Protocol = set
}

// protocolNumber reads a protocol's name or number. any tells of "all" and 0.
func protocolNumber(text []byte) (protocol uint8, any, ok bool) {
	switch string(text) {
	case "tcp":
		return packet.TCP, false, true
	case "udp":
		return packet.UDP, false, true
	case "all", "any":
		return 0, true, true
	}
	if n, digits := number(text); digits {
		return uint8(n), n == 0, n < 256
	}
	n, ok := packet.ProtocolNumber(strings.ToLower(string(text)))
	return n, ok && n == 0, ok
}

// hasProtocol tells that -p named one of these protocols, not negated.
func (r *ruleReader) hasProtocol(numbers ...uint8) bool {
	return r.protocol.given && !r.protocol.not && bytes.IndexByte(numbers, r.protocol.number) >= 0
}
