package iptables

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/sumlint/sumlint/parsers/source"
)

// line returns where the rules of the n-th line of a chain begin and end: one line may
// have become several rules. Behind the last line is an empty one; beyond it from is -1.
func (c *chain) line(n int) (from, to int) {
	for ; n > 0 && to < len(c.Rules); n-- {
		from, to = to, c.lineEnd(to)
	}
	switch {
	case n == 1:
		return to, to
	case n > 1:
		return -1, -1
	}
	return from, to
}

// lineEnd returns where the rules end that the line of the rule at from became.
func (c *chain) lineEnd(from int) int {
	to := from
	for to < len(c.Rules) && c.Rules[to].Span == c.Rules[from].Span {
		to++
	}
	return to
}

// delete does -D: by number, or by the rule's text.
func (s *section) delete(c *chain, rest []token, number int, span source.Span) {
	from, to := -1, -1
	if number > 0 {
		from, to = c.line(number)
	} else if number == 0 {
		from, to = s.written(c, rest)
	}
	if to <= from {
		s.p.errorf(span, "It must be written as the rule was. What the chain holds is taken as unknown.", "chain %q has no such rule", c.Name)
		s.unreadIn(c, true, span)
		return
	}
	c.Rules = slices.Delete(c.Rules, from, to)
}

// written finds the first line of a chain with just these words.
func (s *section) written(c *chain, words []token) (from, to int) {
	words = s.p.withoutImplied(slices.Clone(words))
	var line []token
	for to < len(c.Rules) {
		from, to = to, c.lineEnd(to)
		span := c.Rules[from].Span
		line, _ = tokenize(s.p.data, int(span.Start), int(span.End), line[:0])
		if sameWords(s.p.withoutImplied(ruleWords(line)), words) {
			return from, to
		}
	}
	return -1, -1
}

// ruleWords are the words of a rule line behind its chain and number.
func ruleWords(tokens []token) []token {
	tokens, _ = familyPrefix(tokens)
	tokens, cmd := commandFirst(tokens)
	if len(tokens) < 2 {
		return nil
	}
	rest := tokens[2:]
	if cmd != appendRule && len(rest) > 0 {
		if _, err := strconv.Atoi(string(rest[0].text)); err == nil {
			rest = rest[1:]
		}
	}
	return rest
}

// withoutImplied drops the -m that iptables would load by itself: that of the protocol,
// where an option of it follows. With and without it the rule is the same.
func (p *parser) withoutImplied(words []token) []token {
	var implied *module
	for i := range words {
		switch t := &words[i]; {
		case i+1 == len(words):
		case t.is("-p") && (i == 0 || !words[i-1].is("!")):
			if number, any, ok := protocolNumber(words[i+1].text); ok && !any {
				implied = p.module([]byte(protocolMatch(number)))
			}
		case t.is("-m") && implied != nil && words[i+1].is(implied.name):
			next := i + 2
			if next < len(words) && words[next].is("!") {
				next++
			}
			if next == len(words) {
				return words
			}
			name, long := bytes.CutPrefix(words[next].text, []byte("--"))
			if !long || findOption(implied.options, name, true) == nil {
				return words
			}
			return slices.Delete(words, i, i+2)
		}
	}
	return words
}

func sameWords(a, b []token) bool {
	return slices.EqualFunc(a, b, func(a, b token) bool { return bytes.Equal(a.text, b.text) && (a.quoted == b.quoted || !a.is("!")) })
}
