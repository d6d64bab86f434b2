package iptables

import (
	"bytes"
)

// token is one word of a line.
type token struct {
	text       []byte // without quotes and escapes
	start, end uint32 // in the file, quotes included
	quoted     bool
}

// is tells that the word is exactly s.
func (t *token) is(s string) bool { return string(t.text) == s }

// plain marks the bytes that neither end a word nor open a quote.
var plain = func() (table [256]bool) {
	for c := range table {
		table[c] = c != ' ' && c != '\t' && c != '\n' && c != '"'
	}
	return table
}()

// tokenize splits data[start:end] as iptables-restore does: words end at blanks and
// at a closing quote; in double quotes a backslash keeps the next byte. It appends
// to out. open tells that a quote is still open at the end.
func tokenize(data []byte, start, end int, out []token) (tokens []token, open bool) {
	for i := start; i < end; {
		c := data[i]
		if c == ' ' || c == '\t' || c == '\n' {
			i++
			continue
		}
		from := i
		for i < end && plain[data[i]] {
			i++
		}
		if i == end || data[i] != '"' {
			out = append(out, token{text: data[from:i], start: uint32(from), end: uint32(i)})
			continue
		}
		var t token
		t, i, open = quoted(data, from, i, end)
		out = append(out, t)
		if open {
			return out, true
		}
	}
	return out, false
}

// quoted reads a word that begins at from and whose quote opens at quote.
func quoted(data []byte, from, quote, end int) (t token, next int, open bool) {
	i := quote + 1
	for i < end && data[i] != '"' && data[i] != '\\' {
		i++
	}
	t = token{start: uint32(from), quoted: true}
	if i < end && data[i] == '"' && from == quote {
		t.text, t.end = data[quote+1:i], uint32(i+1)
		return t, i + 1, false
	}
	text := append(bytes.Clone(data[from:quote]), data[quote+1:i]...)
	for ; i < end; i++ {
		switch {
		case data[i] == '"':
			t.text, t.end = text, uint32(i+1)
			return t, i + 1, false
		case data[i] == '\\' && i+1 < end:
			i++
			text = append(text, data[i])
		case data[i] != '\\':
			text = append(text, data[i])
		}
	}
	t.text, t.end = text, uint32(end)
	return t, end, true
}
