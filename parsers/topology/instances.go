package topology

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// instance is one element of a for_each.
type instance struct {
	key   string
	value cty.Value
}

// instances opens a block once for each element of its for_each, or once where it
// has none.
func (r *reader) expand(hb *hcl.Block) []*block {
	b := r.open(hb)
	each := b.attrs["for_each"]
	if each == nil {
		if b.attrs["name"] != nil {
			r.errorf(b.whole("name"), "Without for_each the label is the name.", "name is for blocks with for_each")
		}
		return []*block{b}
	}
	v, ok := r.eval(each.Expr, r.base)
	if !ok {
		return nil
	}
	if v.IsNull() {
		r.errorf(b.at("for_each"), "", "for_each is null")
		return nil
	}
	elements, ok := b.elements(v)
	if !ok {
		return nil
	}
	if r.instances += len(elements); r.instances > maxInstances {
		r.errorf(b.at("for_each"), "", "The topology's for_each make more than %d blocks together, the limit", maxInstances)
		return nil
	}
	rng := hb.Body.MissingItemRange()
	out := make([]*block, 0, len(elements))
	for _, e := range elements {
		if !r.guard.spend(1 + len(b.attrs)) {
			r.convert(r.guard.report(rng), rng)
			break
		}
		out = append(out, b.instance(e))
	}
	return out
}

// instance is the block for one element.
func (b *block) instance(e instance) *block {
	one := *b
	one.ctx = b.base.NewChild()
	one.ctx.Variables = map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": cty.StringVal(e.key), "value": e.value})}
	one.name = fmt.Sprintf("%s[%s]", b.name, e.key)
	if name, ok := one.text("name"); ok {
		if one.name = name.Value; name.Value == "" {
			b.errorf(name.Span, "", "The name of this %s is empty", b.kind)
		}
	}
	return &one
}

// elements returns what for_each iterates over.
func (b *block) elements(v cty.Value) ([]instance, bool) {
	t := v.Type()
	switch {
	case t.IsObjectType(), t.IsMapType():
		var out []instance
		for k, e := range v.Elements() {
			out = append(out, instance{k.AsString(), e})
		}
		return out, true
	case t.IsTupleType(), t.IsListType(), t.IsSetType():
		return b.listElements(v)
	}
	b.mistype(b.at("for_each"), "for_each", "a map, a set or a list", "", v)
	return nil, false
}

// listElements takes strings as keys and values, and objects by their name.
func (b *block) listElements(v cty.Value) ([]instance, bool) {
	span := b.at("for_each")
	seen := map[string]bool{}
	var out []instance
	for _, e := range v.Elements() {
		key, ok := asText(e)
		if !ok && !e.IsNull() && (e.Type().IsObjectType() || e.Type().IsMapType()) {
			key, ok = nameOf(e)
			ok = ok && key != ""
		}
		if !ok {
			b.errorf(span, "Or give a map: { for row in … : row.id => row }.", "The elements of a for_each list must be strings, or objects with an attribute \"name\"")
			return nil, false
		}
		if seen[key] {
			b.errorf(span, "", "%q is in for_each twice", key)
			continue
		}
		seen[key] = true
		out = append(out, instance{key, e})
	}
	return out, true
}

// nameOf returns the attribute "name" of an object or map.
func nameOf(v cty.Value) (string, bool) {
	if v.Type().IsObjectType() {
		if !v.Type().HasAttribute("name") {
			return "", false
		}
		return asText(v.GetAttr("name"))
	}
	key := cty.StringVal("name")
	if v.HasIndex(key).False() {
		return "", false
	}
	return asText(v.Index(key))
}
