package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
)

// schema makes the schema of a block from its attributes' names.
func schema(attributes ...string) *hcl.BodySchema {
	s := &hcl.BodySchema{}
	for _, a := range attributes {
		s.Attributes = append(s.Attributes, hcl.AttributeSchema{Name: a})
	}
	return s
}

// with adds a kind of nested block.
func with(s *hcl.BodySchema, kind string, labels ...string) *hcl.BodySchema {
	s.Blocks = append(s.Blocks, hcl.BlockHeaderSchema{Type: kind, LabelNames: labels})
	return s
}

// content returns the parts of a body that the schema knows. What it does not know
// is an error that says what it does; kind is the block's kind, "" for a file.
func (r *reader) content(body hcl.Body, s *hcl.BodySchema, kind string) *hcl.BodyContent {
	c, diags := body.Content(s)
	for _, d := range diags {
		span := source.Span{}
		if d.Subject != nil {
			span = r.span(*d.Subject)
		}
		switch d.Summary {
		case "Unsupported argument", "Unsupported block type", "Extraneous JSON object property":
			r.unknownName(span, s, kind, d.Summary == "Unsupported block type")
		default:
			r.convert(hcl.Diagnostics{d}, body.MissingItemRange())
		}
	}
	return c
}

// unknownName reports an attribute or block that a schema does not have.
func (r *reader) unknownName(span source.Span, s *hcl.BodySchema, kind string, block bool) {
	name := strings.Trim(span.Text(), `"`)
	var attributes, blocks []string
	header := name
	for _, a := range s.Attributes {
		attributes = append(attributes, a.Name)
	}
	for _, b := range s.Blocks {
		blocks = append(blocks, b.Type)
		if b.Type == name {
			for _, l := range b.LabelNames {
				header += fmt.Sprintf(" %q", strings.ToUpper(l))
			}
		}
	}
	where := "in " + kind
	if kind == "" {
		where = "at the top level"
	}
	switch {
	case !block && slices.Contains(blocks, name):
		r.errorf(span, fmt.Sprintf("Write %s { … } without an equals sign.", header), "%q is a block, not an attribute", name)
	case block && slices.Contains(attributes, name):
		r.errorf(span, fmt.Sprintf("Write %s = … with an equals sign.", name), "%q is an attribute, not a block", name)
	case block && len(blocks) == 0:
		r.errorf(span, "It has attributes only.", "There is no block %q %s", name, where)
	case block:
		r.errorf(span, r.words(name, blocks, "blocks"), "There is no block %q %s", name, where)
	case len(attributes) == 0:
		r.errorf(span, r.words(name, blocks, "blocks"), "There is no attribute %q %s", name, where)
	default:
		r.errorf(span, r.words(name, attributes, "attributes"), "There is no attribute %q %s", name, where)
	}
}

// words lists all legal names, and the one that was perhaps meant.
func (r *reader) words(name string, legal []string, what string) string {
	text := ""
	if s := diag.Suggest(name, legal); s != "" {
		text = fmt.Sprintf("Did you mean %q? ", s)
	}
	legal = slices.Sorted(slices.Values(legal))
	return fmt.Sprintf("%sThe %s are %s.", text, what, strings.Join(legal, ", "))
}

// block is one block, or one instance of a block with for_each.
type block struct {
	*reader
	kind  string // "target"
	name  string // the label, or the instance's name; "" for kinds without one
	span  source.Span
	attrs hcl.Attributes
	inner hcl.Blocks
	ctx   *hcl.EvalContext
}

// open prepares a block without for_each.
func (r *reader) open(b *hcl.Block) *block {
	c := r.content(b.Body, schemaOf(b.Type), b.Type)
	out := &block{reader: r, kind: b.Type, span: r.header(b), attrs: c.Attributes, inner: c.Blocks, ctx: r.base}
	if n := len(b.Labels); n > 0 {
		out.name = b.Labels[n-1]
		if out.name == "" {
			r.errorf(r.span(b.LabelRanges[n-1]), "", "The name of this %s is empty", b.Type)
		}
	}
	return out
}

// header is the block's first line: its kind and labels.
func (r *reader) header(b *hcl.Block) source.Span {
	if _, native := b.Body.(*hclsyntax.Body); native {
		return r.span(b.DefRange)
	}
	if n := len(b.LabelRanges); n > 0 {
		return r.span(b.LabelRanges[n-1])
	}
	return r.span(b.TypeRange)
}

// String is the block as messages name it: target "rack-a".
func (b *block) String() string {
	if b.name == "" {
		return "this " + b.kind
	}
	return fmt.Sprintf("%s %q", b.kind, b.name)
}

// at is the place of an attribute's value; the block's where it has none.
func (b *block) at(name string) source.Span {
	if a := b.attrs[name]; a != nil {
		return b.reader.span(a.Expr.Range())
	}
	return b.span
}

// whole is the place of an attribute with its name; nowhere where it is absent.
func (b *block) whole(name string) source.Span {
	if a := b.attrs[name]; a != nil {
		return b.reader.span(a.Range)
	}
	return source.Span{}
}

// get evaluates an attribute. It is false where it is absent, null or wrong; what is
// wrong was reported.
func (b *block) get(name string) (cty.Value, bool) {
	a := b.attrs[name]
	if a == nil {
		return cty.NilVal, false
	}
	v, ok := b.eval(a.Expr, b.ctx)
	return v, ok && !v.IsNull()
}

// absent tells whether an attribute is left out, or null.
func (b *block) absent(name string) bool {
	a := b.attrs[name]
	if a == nil {
		return true
	}
	if _, ok := literal(a.Expr); ok {
		return false
	}
	if _, diags := hcl.ExprList(a.Expr); !diags.HasErrors() {
		return false
	}
	v, ok := b.eval(a.Expr, b.ctx)
	return ok && v.IsNull()
}

// require reports an attribute that is left out, or null.
func (b *block) require(name, example string) {
	if !b.broken && b.absent(name) { // a broken file may have lost it
		b.errorf(b.span, fmt.Sprintf("Write %s = %s.", name, example), "%s has no %s", b, name)
	}
}

// empty tells whether an attribute is a list without elements.
func (b *block) empty(name string) bool {
	a := b.attrs[name]
	if a == nil {
		return false
	}
	if list, diags := hcl.ExprList(a.Expr); !diags.HasErrors() {
		return len(list) == 0
	}
	v, ok := b.get(name)
	return ok && (v.Type().IsTupleType() || v.Type().IsListType() || v.Type().IsSetType()) && v.LengthInt() == 0
}

// mistype reports a value of the wrong type.
func (b *block) mistype(span source.Span, name, want, detail string, v cty.Value) {
	b.errorf(span, detail, "%s must be %s, not %s", name, want, typeName(v))
}

// typeName is a value's type in words.
func typeName(v cty.Value) string {
	t := v.Type()
	switch {
	case v.IsNull():
		return "null"
	case t == cty.String:
		return "a string"
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "a bool"
	case t.IsTupleType(), t.IsListType():
		return "a list"
	case t.IsSetType():
		return "a set"
	case t.IsObjectType():
		return "an object"
	}
	return "a " + t.FriendlyName()
}

// text reads a string.
func (b *block) text(name string) (Text, bool) {
	v, ok := b.get(name)
	if !ok {
		return Text{}, false
	}
	return b.textValue(name, v, b.at(name))
}

// textValue reads a string out of a value. Numbers are not taken for strings: 8.10
// would become "8.1".
func (b *block) textValue(name string, v cty.Value, span source.Span) (Text, bool) {
	if v.IsNull() || v.Type() != cty.String {
		detail := ""
		if !v.IsNull() && (v.Type() == cty.Number || v.Type() == cty.Bool) {
			detail = "Put it in quotes."
		}
		b.mistype(span, name, "a string", detail, v)
		return Text{}, false
	}
	return Text{Value: v.AsString(), Span: span}, true
}

// word reads a string that must be one of a few.
func (b *block) word(name string, legal ...string) (string, bool) {
	t, ok := b.text(name)
	if ok && !slices.Contains(legal, t.Value) {
		b.errorf(t.Span, b.legal(t.Value, slices.Clone(legal)), "There is no %s %q", name, t.Value)
		return "", false
	}
	return t.Value, ok
}

// number reads a whole number that is not negative. Digits in quotes are one too, as
// a CSV's cells are strings.
func (b *block) number(name string) (int, bool) {
	v, ok := b.get(name)
	if !ok {
		return 0, false
	}
	n, err := convert.Convert(v, cty.Number)
	if err != nil {
		b.mistype(b.at(name), name, "a number", "", v)
		return 0, false
	}
	whole, accuracy := n.AsBigFloat().Int64()
	if accuracy != 0 || whole < 0 || whole > 1<<31-1 {
		b.errorf(b.at(name), "Ports go from 1 to 65535.", "%s must be a whole number that is not negative", name)
		return 0, false
	}
	return int(whole), true
}

// boolean reads true or false.
func (b *block) boolean(name string) (value, ok bool) {
	v, ok := b.get(name)
	if !ok {
		return false, false
	}
	truth, err := convert.Convert(v, cty.Bool)
	if err != nil {
		b.mistype(b.at(name), name, "true or false", "", v)
		return false, false
	}
	return truth.True(), true
}

// texts reads a list of strings; each has its own place where the list is written
// out. It is false where the attribute is absent or no list.
func (b *block) texts(name string) ([]Text, bool) {
	a := b.attrs[name]
	if a == nil {
		return nil, false
	}
	if list, diags := hcl.ExprList(a.Expr); !diags.HasErrors() {
		out := make([]Text, 0, len(list))
		for _, e := range list {
			v, ok := b.eval(e, b.ctx)
			if !ok {
				continue
			}
			if t, ok := b.element(name, v, b.reader.span(e.Range())); ok {
				out = append(out, t)
			}
		}
		return out, true
	}
	v, ok := b.get(name)
	if !ok {
		return nil, false
	}
	if t := v.Type(); !t.IsListType() && !t.IsTupleType() && !t.IsSetType() {
		detail := ""
		if t == cty.String {
			detail = fmt.Sprintf("Put it in brackets: [%s].", b.at(name).Text())
		}
		b.mistype(b.at(name), name, "a list of strings", detail, v)
		return nil, false
	}
	out := make([]Text, 0, v.LengthInt())
	for _, e := range v.Elements() {
		if t, ok := b.element(name, e, b.at(name)); ok {
			out = append(out, t)
		}
	}
	return out, true
}

// element reads one string of a list.
func (b *block) element(name string, v cty.Value, span source.Span) (Text, bool) {
	if !v.IsNull() && v.Type() != cty.String && v.CanIterateElements() {
		b.mistype(span, "each element of "+name, "a string", "Lists are joined by concat or flatten.", v)
		return Text{}, false
	}
	return b.textValue("each element of "+name, v, span)
}

// textOrTexts reads a string, or a list of strings.
func (b *block) textOrTexts(name string) []Text {
	if a := b.attrs[name]; a != nil {
		if _, diags := hcl.ExprList(a.Expr); diags.HasErrors() {
			if v, ok := b.get(name); ok && v.Type() == cty.String {
				return []Text{{Value: v.AsString(), Span: b.at(name)}}
			}
		}
	}
	out, _ := b.texts(name)
	return out
}
