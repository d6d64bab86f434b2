package yamltree

import (
	"bytes"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"gopkg.in/yaml.v3"
)

// reader turns the module's nodes into ours.
type reader struct {
	file  *source.File
	diags *diag.List
	lines []int // byte offset of each line, as YAML counts lines
	base  int   // the line at which the chunk begins

	// The place up to which columns of one line have been counted: nodes come in
	// the order of the text, so a long line is walked once.
	cursorLine, cursorColumn, cursorAt int

	anchors map[*yaml.Node]*Node // nil value: still being read
	nodes   int                  // nodes of the document's text
	extra   int                  // pairs that merges added
	refused bool
	errors  int // those of errorf
}

// lineStarts returns the offset of each line. YAML ends lines at CR, NEL, LS and
// PS too.
func lineStarts(data []byte) []int {
	starts := make([]int, 1, bytes.Count(data, []byte{'\n'})+2)
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '\n':
			starts = append(starts, i+1)
		case '\r':
			if i+1 == len(data) || data[i+1] != '\n' {
				starts = append(starts, i+1)
			}
		case 0xc2:
			if i+1 < len(data) && data[i+1] == 0x85 {
				starts = append(starts, i+2)
			}
		case 0xe2:
			if i+2 < len(data) && data[i+1] == 0x80 && (data[i+2] == 0xa8 || data[i+2] == 0xa9) {
				starts = append(starts, i+3)
			}
		}
	}
	return starts
}

// offset returns the byte offset of a node; its column counts code points.
func (r *reader) offset(n *yaml.Node) int {
	line := min(max(r.base+n.Line-1, 0), len(r.lines)-1)
	if line != r.cursorLine || n.Column < r.cursorColumn {
		r.cursorLine, r.cursorColumn, r.cursorAt = line, 1, r.lines[line]
		if line == 0 && bytes.HasPrefix(r.file.Data, []byte("\ufeff")) {
			r.cursorAt = len("\ufeff")
		}
	}
	for ; r.cursorColumn < n.Column && r.cursorAt < len(r.file.Data); r.cursorColumn++ {
		_, size := utf8.DecodeRune(r.file.Data[r.cursorAt:])
		r.cursorAt += size
	}
	return r.cursorAt
}

// maxShown bounds the text of a span, in bytes: a line may be as long as the file.
const maxShown = 240

// lineSpan returns the text from an offset to the end of its line, without blanks
// at its end, and not more than maxShown of it.
func (r *reader) lineSpan(at int) source.Span {
	n := sort.Search(len(r.lines), func(i int) bool { return r.lines[i] > at })
	end := len(r.file.Data)
	if n < len(r.lines) {
		end = r.lines[n]
	}
	text := r.file.Data[at:max(at, end)]
	if len(text) > maxShown {
		text = text[:maxShown]
		for len(text) > 0 && !utf8.RuneStart(r.file.Data[at+len(text)]) {
			text = text[:len(text)-1]
		}
	}
	text = bytes.TrimRight(text, " \t\r\n\u0085\u2028\u2029")
	return r.file.Span(at, at+len(text))
}

// scalarSpan returns the text of a scalar, as far as it is on the line it begins on.
func (r *reader) scalarSpan(at int, n *yaml.Node) source.Span {
	rest := r.file.Data[at:]
	switch {
	case n.Anchor != "" || n.Style&yaml.TaggedStyle != 0:
	case n.Style == 0 && bytes.HasPrefix(rest, []byte(n.Value)):
		return r.file.Span(at, at+len(n.Value))
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 && len(rest) > 2+len(n.Value) &&
		rest[len(n.Value)+1] == rest[0] && string(rest[1:len(n.Value)+1]) == n.Value:
		return r.file.Span(at, at+len(n.Value)+2)
	}
	return r.lineSpan(at)
}

// MaxErrors bounds the errors that are shown of one file.
const MaxErrors = 1000

func (r *reader) errorf(span source.Span, detail, format string, args ...any) {
	switch r.errors++; {
	case r.errors <= MaxErrors:
		r.diags.Errorf(diag.Export, span, detail, format, args...)
	case r.errors == MaxErrors+1:
		r.diags.Errorf(diag.Export, span, "", "the file has more than %d errors, which is the limit of those that are shown", MaxErrors)
	}
}

func (r *reader) refuse(span source.Span, format string, args ...any) {
	if !r.refused {
		r.diags.Errorf(diag.Export, span, "Nothing of this document is read.", format, args...)
	}
	r.refused = true
}

func (r *reader) node(n *yaml.Node, depth int) *Node {
	out := &Node{size: 1}
	if r.refused {
		return out
	}
	at := r.offset(n)
	if depth > MaxDepth {
		r.refuse(r.lineSpan(at), "the text is nested more than %d levels deep, which is the limit", MaxDepth)
		return out
	}
	if n.Kind == yaml.AliasNode {
		return r.alias(n, at)
	}
	r.nodes++
	if n.Anchor != "" {
		r.anchors[n] = nil
	}
	out.Tag = foreignTag(n)
	switch n.Kind {
	case yaml.MappingNode:
		out.Kind, out.Span = Map, r.lineSpan(at)
		r.mapping(out, n, depth)
	case yaml.SequenceNode:
		out.Kind, out.Span = List, r.lineSpan(at)
		out.Items = make([]*Node, 0, len(n.Content))
		for _, c := range n.Content {
			item := r.node(c, depth+1)
			out.Items, out.size = append(out.Items, item), plus(out.size, item.size)
		}
	default:
		out.Text, out.Span = n.Value, r.scalarSpan(at, n)
		out.Quoted = n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	}
	if n.Anchor != "" {
		r.anchors[n] = out
	}
	return out
}

// foreignTag returns the tag that a person wrote and YAML does not know.
func foreignTag(n *yaml.Node) string {
	if n.Style&yaml.TaggedStyle == 0 || strings.HasPrefix(n.Tag, "!!") || n.Tag == "!" {
		return ""
	}
	return n.Tag
}

func (r *reader) alias(n *yaml.Node, at int) *Node {
	r.nodes++
	target := r.anchors[n.Alias]
	if target == nil {
		r.refuse(r.lineSpan(at), "the alias *%s stands inside its own anchor", n.Value)
		return &Node{size: 1}
	}
	return target
}

// plus adds sizes and stays far from overflow.
func plus(a, b int) int { return min(a+b, 1<<40) }

func (r *reader) mapping(out *Node, n *yaml.Node, depth int) {
	out.Pairs = make([]Pair, 0, len(n.Content)/2)
	var merges []*Node
	seen := newSeen(len(n.Content) / 2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := r.node(n.Content[i], depth+1)
		value := r.node(n.Content[i+1], depth+1)
		out.size = plus(out.size, plus(key.size, value.size))
		if r.refused {
			return
		}
		switch {
		case n.Content[i].Kind == yaml.ScalarNode && n.Content[i].Tag == "!!merge":
			merges = append(merges, value)
			continue
		case key.Kind == Map && len(n.Content) == 2 && value.IsNull():
			out.template = true
		case key.Kind != Scalar:
			out.Damaged = true
			r.errorf(key.Span, "", "a key must be text, not %s", key.Kind)
			continue
		}
		if first := seen.find(out.Pairs, key.Text); first != nil {
			out.Damaged = true
			r.errorf(key.Span, "The first one is read here; other programs take the last. Remove one.",
				"the key %q is in this mapping twice: on line %d and on line %d", key.Text, first.Span.Position().Line, key.Span.Position().Line)
			continue
		}
		seen.add(key.Text, len(out.Pairs))
		out.Pairs = append(out.Pairs, Pair{key, value})
	}
	for _, m := range merges {
		r.merge(out, m, seen)
	}
}

// merge adds the pairs of a "<<" value that the mapping does not have; of several
// merged mappings the earlier one counts.
func (r *reader) merge(out, from *Node, seen *seen) {
	maps := []*Node{from}
	if from.Kind == List {
		maps = from.Items
	}
	for _, m := range maps {
		if m.Kind != Map {
			out.Damaged = true
			r.errorf(m.Span, "", "<< merges a mapping or a list of mappings, not %s", m.Kind)
			continue
		}
		for _, p := range m.Pairs {
			if seen.find(out.Pairs, p.Key.Text) != nil {
				continue
			}
			if r.extra++; r.extra > r.nodes+MaxAliased {
				r.refuse(out.Span, "the merges (<<) of this document add more than %d values, which is the limit", r.nodes+MaxAliased)
				return
			}
			seen.add(p.Key.Text, len(out.Pairs))
			out.Pairs = append(out.Pairs, p)
			out.size = plus(out.size, plus(p.Key.size, p.Value.size))
		}
	}
}

// seen finds a mapping's keys; large ones by a table.
type seen struct{ at map[string]int }

func newSeen(n int) *seen {
	if n < 12 {
		return &seen{}
	}
	return &seen{at: make(map[string]int, n)}
}

func (s *seen) add(key string, at int) {
	if s.at != nil {
		s.at[key] = at
	}
}

func (s *seen) find(pairs []Pair, key string) *Node {
	if s.at != nil {
		if i, ok := s.at[key]; ok {
			return pairs[i].Key
		}
		return nil
	}
	for i := range pairs {
		if pairs[i].Key.Text == key {
			return pairs[i].Key
		}
	}
	return nil
}
