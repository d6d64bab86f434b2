package iptables

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/sumlint/sumlint/parsers/source"
)

// commandFirst finds a line's command, which may stand behind other options, and
// returns the line with the command and its chain as its first two words. A line
// without a command, or with several, comes back as it is.
func commandFirst(tokens []token) ([]token, command) {
	cmd, size := commandOf(tokens[0].text)
	if cmd != noCommand && size == len(tokens[0].text) {
		return tokens, cmd
	}
	at := 0
	if cmd == noCommand {
		if at, cmd = findCommand(tokens); cmd == noCommand {
			return tokens, noCommand
		}
		_, size = commandOf(tokens[at].text)
	}
	word, rest := tokens[at], tokens[at+1:]
	out := []token{word}
	if size < len(word.text) {
		chain := word
		chain.text, chain.start = word.text[size:], word.start+uint32(size)
		out[0].text, out[0].end = bytes.TrimSuffix(word.text[:size], []byte{'='}), chain.start
		out = append(out, chain)
	} else if len(rest) > 0 {
		out, rest = append(out, rest[0]), rest[1:]
	}
	if len(rest) > 0 && cmd != appendRule {
		if _, err := strconv.Atoi(string(rest[0].text)); err == nil {
			out, rest = append(out, rest[0]), rest[1:]
		}
	}
	return slices.Concat(out, tokens[:at], rest), cmd
}

// findCommand returns where the only command of a line stands. The values of options
// are none.
func findCommand(tokens []token) (at int, cmd command) {
	for i := range tokens {
		c, _ := commandOf(tokens[i].text)
		if c == noCommand || i > 0 && takesValue(tokens[i-1].text) {
			continue
		}
		if cmd != noCommand {
			return 0, noCommand
		}
		at, cmd = i, c
	}
	return at, cmd
}

// findNone tells that no word of a line is a command.
func findNone(tokens []token) bool {
	return !slices.ContainsFunc(tokens, func(t token) bool { c, _ := commandOf(t.text); return c != noCommand })
}

// takesValue tells that the word behind this one is, or may be, its value.
func takesValue(word []byte) bool {
	switch {
	case len(word) == 1 && word[0] == '!':
		return true
	case len(word) < 2 || word[0] != '-':
		return false
	case word[1] != '-':
		return len(word) == 2 && bytes.IndexByte([]byte("sdpiojgmctwW"), word[1]) >= 0
	}
	name := word[2:]
	if bytes.IndexByte(name, '=') >= 0 {
		return false
	}
	if letter := longOption(name); letter != 0 {
		return bytes.IndexByte([]byte("fv46"), letter) < 0
	}
	return !valueless[string(name)]
}

// valueless are the options that no match or target lets a value follow.
var valueless = func() map[string]bool {
	all := map[string]bool{}
	add := func(options []option) {
		for _, o := range options {
			before, known := all[o.name]
			all[o.name] = o.values == 0 && !o.optional && (before || !known)
		}
	}
	for _, m := range modules {
		add(m.options)
	}
	for _, t := range targets {
		add(t.options)
	}
	return all
}()

// unread keeps unknown rules for a line that cannot be read: in the chain that is its
// second word, else, where that is no chain, in each base chain of the table.
func (s *section) unread(cmd command, tokens []token, span source.Span) {
	first := cmd == insertRule || cmd == deleteRule || cmd == replaceRule
	if cmd != noCommand && len(tokens) > 1 {
		name := string(tokens[1].text)
		if _, builtin := hookOf(s.Table, name); builtin || s.byName[name] != nil {
			s.unreadIn(s.chain(tokens[1].text), first, span)
			return
		}
	}
	for _, b := range builtins(s.Table) {
		known := s.byName[b.name] != nil
		c := s.chain([]byte(b.name))
		c.unread = c.unread || !known
		s.unreadIn(c, first, span)
	}
}

// unreadIn keeps an unknown rule in a chain, as its first or its last so far. One that
// stands next to another tells no more than that.
func (s *section) unreadIn(c *chain, first bool, span source.Span) {
	at := len(c.Rules)
	next := at - 1
	if first {
		at, next = 0, 0
	}
	if len(c.Rules) > 0 {
		if u := c.Rules[next].Action.Unknown; u != nil && u.Kind == "unreadable" {
			return
		}
	}
	if first && !s.mayMove(c, span) || !s.mayKeep(c, span) {
		return
	}
	c.Rules = slices.Insert(c.Rules, at, unreadable(s.Family, span))
	s.p.kept++
}

// strayLine deals with a line of a table, or of a listing, that does not begin like a
// rule. With a command in it, it is a rule that cannot be read. It tells whether it is.
func (p *parser) strayLine(start, stop int, span source.Span) bool {
	p.tokens, _ = tokenize(p.data, start, stop, p.tokens[:0])
	at, cmd := findCommand(p.tokens)
	if len(p.open) == 0 || !cmd.changes() {
		return false
	}
	if cmd.holdsRule() {
		p.doc.RuleCount++
	}
	p.errorf(span, "A rule begins with its command, such as -A.", "%q is not known here", clip(p.tokens[0].text))
	tokens, cmd := commandFirst(p.tokens[at:])
	for _, s := range p.open {
		s.unread(cmd, tokens, span)
	}
	return true
}

// clear does -F and -X: all chains, or one.
func (s *section) clear(cmd command, tokens []token, span source.Span) {
	if len(tokens) > 2 {
		s.p.errorf(span, "Expected nothing behind the chain.", "%q has no place here", clip(tokens[2].text))
		s.unread(deleteRule, tokens, span)
		return
	}
	if len(tokens) == 2 {
		c := s.byName[string(tokens[1].text)]
		_, builtin := hookOf(s.Table, string(tokens[1].text))
		switch {
		case c == nil && (!builtin || cmd == deleteChain):
			s.p.errorf(span, "iptables-restore refuses it.", "chain %q does not exist", clip(tokens[1].text))
			s.unread(deleteRule, tokens, span)
		case c == nil:
		case cmd == flushChain:
			c.Rules = nil
		default:
			s.deleteChain(c, true, span)
		}
		return
	}
	s.p.moves += len(s.Chains)
	if s.p.moves > maxMoves {
		s.p.limit(span, "rules moved by -I, -D and -R", maxMoves)
		s.unread(noCommand, tokens, span)
		return
	}
	for _, kept := range s.Chains {
		switch c := s.byName[kept.Name]; {
		case c == nil || c.Chain != kept:
		case cmd == deleteChain:
			s.deleteChain(c, false, span)
		case len(c.Rules) > 0:
			// iptables-legacy-restore empties the chains; iptables-nft-restore keeps what
			// the same file has put into them.
			s.p.errorf(span, "iptables-legacy-restore and iptables-nft-restore differ in it, so what the chain holds is unknown. Leave it out, or name the chain.",
				"-F without a chain behind rules of chain %q", c.Name)
			c.Rules = append(c.Rules[:0], unreadable(s.Family, span))
		}
	}
}

// deleteChain does -X for one chain.
func (s *section) deleteChain(c *chain, named bool, span source.Span) {
	switch {
	case !c.builtin && len(c.Rules) == 0:
		c.declared = false
	case !c.builtin || named:
		s.p.errorf(span, "Flush it first; a built-in chain stays.", "chain %q cannot be deleted", c.Name)
	}
}
