// Package yamltree reads YAML as what is written there: each scalar keeps its
// source text and its place, nothing is resolved to numbers, booleans or dates.
//
// All documents of a file are read. Anchors, aliases and merge keys work;
// duplicate keys, aliases that multiply the text without measure, aliases inside
// themselves and deep nesting are errors.
package yamltree

import (
	"strings"

	"github.com/sumlint/sumlint/parsers/source"
)

// Kind is a node's kind.
type Kind uint8

// The kinds.
const (
	Scalar Kind = iota
	Map
	List
)

func (k Kind) String() string {
	return [...]string{"text", "a mapping", "a list"}[k]
}

// Node is a value. Nodes are shared where the text has aliases, so they must not change.
type Node struct {
	Kind Kind
	// Text is a scalar's source text: "0123" stays "0123".
	Text string
	// Quoted tells that the scalar is written in quotes or as a block.
	Quoted bool
	// Tag is the explicit tag that is not one of YAML's own, such as "!vault".
	Tag string
	// Pairs are a mapping's keys and values in the order of the text, merged ones last.
	Pairs []Pair
	// Items are a list's values.
	Items []*Node
	// Damaged tells of a mapping that has a key twice, or a key that is no text:
	// what it means is not sure. It is reported already.
	Damaged bool
	// Span is the node's first line.
	Span source.Span

	size     int  // the nodes in it, each alias counted as what it stands for
	template bool // a mapping that is an unquoted {{ template }}
}

// Pair is a key with its value.
type Pair struct {
	Key, Value *Node
}

// Get returns the value of a key; nil where the node has none or is no mapping.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Pairs {
		if n.Pairs[i].Key.Text == key {
			return n.Pairs[i].Value
		}
	}
	return nil
}

// Key returns the key's own node; nil where the node has none.
func (n *Node) Key(key string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Pairs {
		if n.Pairs[i].Key.Text == key {
			return n.Pairs[i].Key
		}
	}
	return nil
}

// Has tells whether the node is a mapping with that key.
func (n *Node) Has(key string) bool { return n.Get(key) != nil }

// IsNull tells whether the node is missing or an empty value.
func (n *Node) IsNull() bool {
	if n == nil {
		return true
	}
	if n.Kind != Scalar || n.Quoted || n.Tag != "" {
		return false
	}
	switch n.Text {
	case "", "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// IsTemplate tells whether the node is text that a template engine should have
// replaced: "{{ … }}" or "{% … %}".
func (n *Node) IsTemplate() bool {
	if n == nil {
		return false
	}
	return n.template || n.Kind == Scalar && (strings.Contains(n.Text, "{{") || strings.Contains(n.Text, "{%"))
}
