package acl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// reader reads the values of one export. Each of its methods reports what is
// wrong and returns what can still be used; errors counts what it reported.
type reader struct {
	doc    *Doc
	diags  *diag.List
	errors int
	// told counts those errors for which an interface became undecided.
	told int
	// warnings counts those of warnf.
	warnings int
}

func (r *reader) errorf(n *yamltree.Node, detail, format string, args ...any) {
	switch r.errors++; {
	case r.errors <= yamltree.MaxErrors:
		r.diags.Errorf(diag.Export, n.Span, detail, format, args...)
	case r.errors == yamltree.MaxErrors+1:
		r.diags.Errorf(diag.Export, n.Span, "", "the file has more than %d errors, which is the limit of those that are shown", yamltree.MaxErrors)
	}
}

func (r *reader) warnf(n *yamltree.Node, detail, format string, args ...any) {
	if r.warnings++; r.warnings > yamltree.MaxErrors {
		return
	}
	r.diags.Warnf(diag.Export, n.Span, detail, format, args...)
}

// keys reports what is not a mapping, and its keys that are not legal there. Names
// of what has the keys go into the message: "a rule".
func (r *reader) keys(n *yamltree.Node, what string, legal ...string) bool {
	return r.keysAs(n, what, func(key string) string { return key }, legal)
}

// yangKeys is keys for YANG names, with or without their module's prefix.
func (r *reader) yangKeys(n *yamltree.Node, what string, legal ...string) bool {
	return r.keysAs(n, what, bare, legal)
}

// keysAs is keys for keys that are to be looked up by another name.
func (r *reader) keysAs(n *yamltree.Node, what string, name func(key string) string, legal []string) bool {
	if n.IsTemplate() {
		r.template(n, what)
		return false
	}
	if n.Kind != yamltree.Map {
		r.errorf(n, "", "%s must be a mapping, not %s", what, kindOf(n))
		return false
	}
	r.damaged(n)
	for i, p := range n.Pairs {
		key := name(p.Key.Text)
		if !slices.Contains(legal, key) {
			r.errorf(p.Key, diag.Legal(key, legal), "%s has no key %q", what, p.Key.Text)
		} else if key != p.Key.Text && slices.ContainsFunc(n.Pairs, func(o yamltree.Pair) bool { return o.Key != n.Pairs[i].Key && name(o.Key.Text) == key }) {
			r.errorf(p.Key, "Remove one.", "%s has %q twice, with a module's prefix and without", what, key)
		}
	}
	return true
}

// kindOf names what a value is.
func kindOf(n *yamltree.Node) string {
	if n.IsNull() {
		return "an empty value"
	}
	return n.Kind.String()
}

// damaged counts what is wrong with a mapping's keys, which is reported already.
func (r *reader) damaged(n *yamltree.Node) {
	if n.Damaged {
		r.errors++
	}
}

func (r *reader) template(n *yamltree.Node, what string) {
	r.errorf(n, "Give the rendered file.", "%s is a template that was not rendered: %s", what, n.Span.Text())
}

// text returns a scalar's source text; false where it is missing, empty or no text.
func (r *reader) text(n *yamltree.Node, what string) (string, bool) {
	switch {
	case n == nil:
		return "", false
	case n.IsTemplate():
		r.template(n, what)
	case n.Tag != "":
		r.errorf(n, "Its value is not in the file.", "%s has the tag %s, which is not resolved", what, n.Tag)
	case n.Kind != yamltree.Scalar:
		r.errorf(n, "", "%s must be text, not %s", what, n.Kind)
	case n.IsNull() || strings.TrimSpace(n.Text) == "":
		r.errorf(n, "Leave the key out or give it a value.", "%s is empty", what)
	default:
		return n.Text, true
	}
	return "", false
}

// name is text for a name: missing is an error.
func (r *reader) name(parent *yamltree.Node, key, what string) (string, source.Span) {
	n := parent.Get(key)
	if n == nil {
		r.errorf(parent, "", "%s has no %q", what, key)
		return "", parent.Span
	}
	s, _ := r.text(n, what+"'s "+key)
	return s, n.Span
}

// boolean reads what Ansible takes for a boolean; a missing value is false. It is
// the one reader of switches: any other word is an error, never "on" or "off".
func (r *reader) boolean(n *yamltree.Node, what string) bool {
	if n.IsNull() {
		return false
	}
	s, ok := r.text(n, what)
	if !ok {
		return false
	}
	switch strings.ToLower(s) {
	case "true", "yes", "on", "1", "y", "t":
		return true
	case "false", "no", "off", "0", "n", "f":
		return false
	}
	r.errorf(n, `Expected "true" or "false".`, "%s is %q", what, s)
	return false
}

// items returns a list's items; a single value is a list of one. A missing value
// has none.
func (r *reader) items(n *yamltree.Node) []*yamltree.Node {
	switch {
	case n.IsNull():
		return nil
	case n.Kind == yamltree.List:
		return n.Items
	}
	return []*yamltree.Node{n}
}

// mappings returns the items of a list that must be one.
func (r *reader) mappings(n *yamltree.Node, what string) []*yamltree.Node {
	switch {
	case n.IsNull():
		return nil
	case n.IsTemplate():
		r.template(n, what)
		return nil
	case n.Kind != yamltree.List:
		r.errorf(n, "", "%s must be a list, not %s", what, kindOf(n))
		return nil
	}
	return n.Items
}

// number reads a decimal number from low to high, as written: a leading zero, a
// sign, "_" and ":" mean different numbers to different YAML programs.
func (r *reader) number(n *yamltree.Node, what string, low, high int) (int, bool) {
	s, ok := r.text(n, what)
	if !ok {
		return 0, false
	}
	v, ok := decimal(s)
	if !ok || v < low || v > high {
		r.errorf(n, "Expected a decimal number from "+strconv.Itoa(low)+" to "+strconv.Itoa(high)+".", "%s is %q", what, s)
		return 0, false
	}
	return v, true
}

// decimal reads digits without a leading zero.
func decimal(s string) (int, bool) {
	if s == "" || len(s) > 10 || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	v := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, true
}

// oneOf reads a word; anything else is an error that names the legal words.
func (r *reader) oneOf(n *yamltree.Node, what string, legal ...string) (string, bool) {
	s, ok := r.text(n, what)
	if ok && !slices.Contains(legal, s) {
		r.errorf(n, diag.Legal(s, legal), "%s is %q", what, s)
		return "", false
	}
	return s, ok
}

// family reads an "afi".
func (r *reader) family(n *yamltree.Node) (packet.Family, bool) {
	s, ok := r.oneOf(n, "afi", "ipv4", "ipv6")
	switch {
	case !ok:
		return packet.AnyFamily, false
	case s == "ipv4":
		return packet.IPv4, true
	}
	return packet.IPv6, true
}

// present returns the key of n that is set and not false, and reports where
// several are; "" where none is. Modules print false for what is off.
func (r *reader) present(n *yamltree.Node, what string) (string, *yamltree.Node) {
	var found string
	var value *yamltree.Node
	for _, p := range n.Pairs {
		if isOff(p.Value) {
			continue
		}
		if found != "" {
			r.errorf(p.Key, "Only one can be.", "%s has both %q and %q", what, found, p.Key.Text)
			continue
		}
		found, value = p.Key.Text, p.Value
	}
	return found, value
}

// isOff tells whether an option that has a value of its own is there to say that
// it is not. For switches there is boolean.
func isOff(n *yamltree.Node) bool {
	if n == nil || n.IsNull() {
		return true
	}
	if n.Kind != yamltree.Scalar || n.IsTemplate() || n.Tag != "" {
		return false
	}
	switch strings.ToLower(n.Text) {
	case "false", "no", "off":
		return true
	}
	return false
}

// condition returns a condition on one packet that the export can't decide.
func condition(kind, text string, span source.Span) model.Condition {
	return model.Condition{Kind: kind, Text: text, Key: kind + ":" + text, Memory: model.PerPacket, Span: span}
}

// entryOf runs read for one entry; where it reports an error the entry is one that
// may do anything.
func (r *reader) entryOf(n *yamltree.Node, read func() entry) entry {
	r.doc.RuleCount++
	before := r.errors
	e := read()
	if r.errors == before {
		if t := templateIn(n); t != nil {
			r.template(t, "a part of this entry")
		}
	}
	if r.errors > before {
		return brokenEntry(n.Span)
	}
	return e
}

// templateIn returns the first template in n that was not rendered; nil where there is none.
func templateIn(n *yamltree.Node) *yamltree.Node {
	if n.IsTemplate() {
		return n
	}
	for _, p := range n.Pairs {
		if t := templateIn(p.Value); t != nil {
			return t
		}
	}
	for _, item := range n.Items {
		if t := templateIn(item); t != nil {
			return t
		}
	}
	return nil
}
