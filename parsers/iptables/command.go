package iptables

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// command is what a rule line does to its chain.
type command byte

// The commands of iptables(8).
const (
	noCommand command = iota
	appendRule
	insertRule
	deleteRule
	replaceRule
	checkRule
	newChain
	setPolicy
	flushChain
	deleteChain
	renameChain
	zeroCounters
	listRules
)

// longCommands are the commands' long names; they may be shortened.
var longCommands = []struct {
	name string
	command
}{
	{"append", appendRule}, {"insert", insertRule}, {"delete", deleteRule}, {"replace", replaceRule}, {"check", checkRule},
	{"new-chain", newChain}, {"policy", setPolicy}, {"flush", flushChain}, {"delete-chain", deleteChain},
	{"rename-chain", renameChain}, {"zero", zeroCounters}, {"list", listRules}, {"list-rules", listRules},
}

// commandLetters are the commands' letters.
var commandLetters = map[byte]command{'A': appendRule, 'I': insertRule, 'D': deleteRule, 'R': replaceRule, 'C': checkRule, 'N': newChain, 'P': setPolicy,
	'F': flushChain, 'X': deleteChain, 'E': renameChain, 'Z': zeroCounters, 'L': listRules, 'S': listRules}

// commandOf reads a command word. What stands behind its first size bytes is the
// chain: "-AINPUT", or "--append=INPUT".
func commandOf(word []byte) (cmd command, size int) {
	if len(word) < 2 || word[0] != '-' {
		return noCommand, 0
	}
	if word[1] != '-' {
		return commandLetters[word[1]], 2
	}
	name, _, glued := bytes.Cut(word[2:], []byte{'='})
	size = len(name) + 2
	if glued {
		size++
	}
	return longCommand(name), size
}

// longCommand reads a command's long name, or the beginning of just one option's.
func longCommand(name []byte) command {
	found, fits := noCommand, 0
	for _, c := range longCommands {
		if c.name == string(name) {
			return c.command
		}
		if len(name) > 0 && strings.HasPrefix(c.name, string(name)) {
			found = c.command
			fits++
		}
	}
	for _, o := range longOptions {
		if strings.HasPrefix(o, string(name)) {
			fits++
		}
	}
	if fits != 1 {
		return noCommand
	}
	return found
}

// holdsRule tells that a line with the command counts as a rule of the file.
func (c command) holdsRule() bool { return c == appendRule || c == insertRule || c == replaceRule }

// changes tells a command that changes what the table does.
func (c command) changes() bool {
	return c != noCommand && c != zeroCounters && c != listRules && c != checkRule
}

// ruleLine reads a line that begins with an option or counters. It returns where to
// read on.
func (p *parser) ruleLine(start, stop, next int) int {
	if (len(p.open) == 0 || p.open[0].Listing) && !p.skipping {
		p.listing(start, stop)
	}
	tokens, open := tokenize(p.data, start, stop, p.tokens[:0])
	whole := true
	if open {
		stop, next, whole = p.joinLines(start, stop, next)
		tokens, _ = tokenize(p.data, start, stop, p.tokens[:0])
	}
	p.tokens = tokens
	tokens = withoutCounters(tokens)
	if len(tokens) == 0 {
		return next
	}
	span := p.span(int(tokens[0].start), int(tokens[len(tokens)-1].end))
	tokens, only := familyPrefix(tokens)
	tokens, cmd := commandFirst(tokens)
	if cmd.holdsRule() {
		p.doc.RuleCount++
	}
	if stop-start > maxLine || !whole {
		p.longLine(cmd, tokens, span, whole)
		return next
	}
	for _, s := range p.open {
		if s.Family&only != 0 {
			s.command(cmd, tokens, span)
		}
	}
	return next
}

// withoutCounters drops the "[packets:bytes]" that a line begins with.
func withoutCounters(tokens []token) []token {
	t := &tokens[0]
	n := bytes.IndexByte(t.text, ']') + 1
	switch {
	case t.quoted || !counters(t.text[:n]):
		return tokens
	case n == len(t.text):
		return tokens[1:]
	}
	t.text, t.start = t.text[n:], t.start+uint32(n)
	return tokens
}

// familyPrefix passes over -4 and -6: the line is for that family only.
func familyPrefix(tokens []token) ([]token, packet.Family) {
	only := packet.AnyFamily
	for len(tokens) > 1 {
		switch {
		case tokens[0].is("-4"), tokens[0].is("--ipv4"):
			only = packet.IPv4
		case tokens[0].is("-6"), tokens[0].is("--ipv6"):
			only = packet.IPv6
		default:
			return tokens, only
		}
		tokens = tokens[1:]
	}
	return tokens, only
}

// longLine reports a line that cannot be taken as a rule as a whole, and keeps an
// unknown rule for it.
func (p *parser) longLine(cmd command, tokens []token, span source.Span, whole bool) {
	if whole {
		p.errorf(p.span(int(span.Start), int(span.Start)), "iptables-restore reads no more of a line.", "the line is longer than %d bytes, the limit", maxLine)
	} else {
		p.errorf(p.span(int(span.Start), int(span.Start)), "Close it with a double quote. What the line does is unknown.", "a quote is not closed on its line")
	}
	span.End = min(span.End, span.Start+maxLine)
	for _, s := range p.open {
		s.unread(cmd, tokens, span)
	}
}

// joinLines extends a line to where its quote closes: iptables-save prints a newline
// in a comment as it is. It tells the joined line's end, where to read on, and whether
// the result is surely one rule.
func (p *parser) joinLines(start, stop, next int) (int, int, bool) {
	const most = 16
	end, whole := stop, true
	for range most {
		if next >= len(p.data) || next-start > maxLine {
			break
		}
		at := next
		end = p.lineEnd(at)
		next = end + 1
		from, to := trim(p.data, at, end)
		if from < to && (telling(p.data[from:to]) || string(p.data[from:to]) == "COMMIT") {
			whole = false
		}
		if _, open := tokenize(p.data, start, end, nil); !open {
			if whole {
				p.warnOnce("newline", p.span(start, stop), "iptables-save prints it so, and iptables-restore refuses it. Shorten the comment.", "a quoted text holds a newline")
			}
			_, end = trim(p.data, start, end)
			return end, next, whole
		}
	}
	return stop, p.lineEnd(start) + 1, false
}

// command does what a line says. The command is its first word, its chain the second.
func (s *section) command(cmd command, tokens []token, span source.Span) {
	p := s.p
	if !cmd.changes() && slices.ContainsFunc(tokens[1:], func(t token) bool { c, _ := commandOf(t.text); return c.changes() }) {
		cmd = noCommand
	}
	switch cmd {
	case noCommand:
		s.noCommand(tokens, span)
		return
	case zeroCounters:
		return
	case listRules, checkRule:
		p.errorf(span, legalCommands(string(tokens[0].text)), "command %s changes nothing and has no place in an export", clip(tokens[0].text))
		return
	case flushChain, deleteChain:
		s.clear(cmd, tokens, span)
		return
	}
	if len(tokens) < 2 {
		p.errorf(span, "Name a chain.", "command %s without a chain", clip(tokens[0].text))
		s.unread(cmd, tokens, span)
		return
	}
	switch cmd {
	case newChain:
		s.declare(tokens[1], span)
	case setPolicy:
		s.policyCommand(tokens, span)
	case renameChain:
		s.rename(tokens, span)
	default:
		s.change(cmd, tokens, span)
	}
}

// noCommand reports a line that has no command, or none that can be told.
func (s *section) noCommand(tokens []token, span source.Span) {
	if s.Listing && tokens[0].is("-c") {
		return
	}
	word := tokens[0].text
	if cmd, _ := commandOf(word); cmd == noCommand && findNone(tokens) {
		s.p.errorf(span, legalCommands(string(word)), "%q is no command", clip(word))
	} else {
		s.p.errorf(span, "A line holds one command.", "it cannot be told which command of the line counts")
	}
	s.unread(noCommand, tokens, span)
}

// policyCommand does -P CHAIN POLICY.
func (s *section) policyCommand(tokens []token, span source.Span) {
	c := s.chain(tokens[1].text)
	c.declared, c.Span = true, span
	switch {
	case len(tokens) == 2:
		s.p.errorf(span, "Expected ACCEPT or DROP.", "a policy is missing")
		s.unread(setPolicy, tokens, span)
	case len(tokens) == 3, tokens[3].is("-c"):
		s.setPolicy(tokens[1], tokens[2], span)
	default:
		s.p.errorf(span, "Expected -P, a chain, and ACCEPT or DROP.", "%q has no place in a policy", clip(tokens[3].text))
		s.unread(setPolicy, tokens, span)
	}
}

// rename does -E OLD NEW.
func (s *section) rename(tokens []token, span source.Span) {
	old := s.byName[string(tokens[1].text)]
	s.p.warnOnce("rename", span, "iptables-nft-restore fails on it. Declare the chain with its new name.", "a chain is renamed")
	if len(tokens) < 3 || old == nil || old.builtin || s.byName[string(tokens[2].text)] != nil {
		s.p.errorf(span, "Expected -E OLD NEW, where OLD is a chain of your own and NEW is not there yet.", "the chain cannot be renamed")
		return
	}
	delete(s.byName, old.Name)
	old.Name = string(tokens[2].text)
	s.byName[old.Name], s.last = old, nil
}

// change does -A, -I, -D and -R.
func (s *section) change(cmd command, tokens []token, span source.Span) {
	c := s.chain(tokens[1].text)
	if !c.declared && !c.builtin && !c.reported {
		c.reported = true
		s.p.errorf(s.p.span(int(tokens[1].start), int(tokens[1].end)), "iptables-restore refuses rules in a chain that is not there. Declare it: :"+clip(tokens[1].text)+" - [0:0]", "chain %q is not declared", clip(tokens[1].text))
		s.unread(noCommand, tokens, span)
	}
	rest, number := tokens[2:], 0
	if cmd != appendRule && len(rest) > 0 {
		if n, err := strconv.Atoi(string(rest[0].text)); err == nil {
			number, rest = n, rest[1:]
		}
	}
	if cmd != appendRule && !s.mayMove(c, span) {
		return
	}
	if cmd == deleteRule {
		s.delete(c, rest, number, span)
		return
	}
	if !s.mayKeep(c, span) {
		return
	}
	if cmd == appendRule {
		s.rules++
		if len(c.Rules) == cap(c.Rules) && len(c.Rules) >= 256 {
			c.Rules = slices.Grow(c.Rules, s.moreRules(c, int(span.Start)))
		}
		before := len(c.Rules)
		c.Rules = s.readRule(c, rest, span, c.Rules)
		s.p.kept += len(c.Rules) - before
		return
	}
	rules := s.readRule(c, rest, span, nil)
	s.p.kept += len(rules)
	from, to := c.line(max(number, 1))
	switch {
	case cmd == insertRule && from >= 0 && number >= 0:
		c.Rules = slices.Insert(c.Rules, from, rules...)
	case cmd == replaceRule && number >= 1 && to > from:
		c.Rules = slices.Replace(c.Rules, from, to, rules...)
	default:
		s.p.errorf(span, "", "chain %q has no rule %d", c.Name, number)
		c.Rules = append(c.Rules, unreadable(s.Family, span))
	}
}

// mayMove counts what -I, -D and -R cost, and refuses them beyond the limit. What they
// would have done may come before all other rules, so an unknown rule stands there.
func (s *section) mayMove(c *chain, span source.Span) bool {
	s.p.moves += len(c.Rules)
	if s.p.moves <= maxMoves {
		return true
	}
	s.p.limit(span, "rules moved by -I, -D and -R", maxMoves)
	if len(c.Rules) == 0 || c.Rules[0].Action.Unknown == nil {
		c.Rules = slices.Insert(c.Rules, 0, unreadable(s.Family, span))
	}
	return false
}

// mayKeep refuses rules beyond the limit; an unknown rule stands for them.
func (s *section) mayKeep(c *chain, span source.Span) bool {
	if s.p.kept < maxRules {
		return true
	}
	s.p.limit(span, "rules", maxRules)
	if last := len(c.Rules) - 1; last < 0 || c.Rules[last].Action.Unknown == nil {
		c.Rules = append(c.Rules, unreadable(s.Family, span))
	}
	return false
}

// moreRules guesses how many rules a chain will still get, from its share of the rules
// so far and the rest of the file, so that large chains are not copied often.
func (s *section) moreRules(c *chain, at int) int {
	perRule := max((at-int(s.Span.Start))/s.rules, 20)
	rest := (len(s.p.data) - at) / perRule
	return max(rest*len(c.Rules)/s.rules, len(c.Rules)/4) + 16
}
