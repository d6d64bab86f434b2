package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/sumlint/sumlint/parsers/diag"
)

// convert takes over HCL's own diagnostics: each is an error here. What HCL has no
// place for (in expressions that it could read in part only) is at around.
func (r *reader) convert(diags hcl.Diagnostics, around hcl.Range) {
	for _, d := range diags {
		span := r.span(around)
		if d.Subject != nil && d.Subject.Filename != "" {
			span = r.span(*d.Subject)
		}
		// A function that fails badly adds the program's stack, which helps nobody here.
		detail, _, _ := strings.Cut(d.Detail, "\ngoroutine ")
		r.errorf(span, strings.Join(strings.Fields(detail), " "), "%s", d.Summary)
	}
}

// eval evaluates an expression. It is false if the value is of no use: then that was
// reported, here or where a value that it uses is defined.
func (r *reader) eval(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, bool) {
	if v, ok := literal(expr); ok {
		return v, true
	}
	v, diags := r.value(expr, ctx)
	if !diags.HasErrors() {
		diags = append(diags, r.guard.weigh(v, expr.Range())...)
	}
	if diags.HasErrors() {
		if !r.checkReferences(expr, ctx) {
			r.convert(diags, expr.Range())
		}
		return cty.DynamicVal, false
	}
	if v.IsWhollyKnown() {
		return v, true
	}
	if !r.guard.exceeded && !r.broken && !r.usesFailed(expr) {
		r.errorf(r.span(expr.Range()), "Perhaps a part of it is null.", "The value can't be worked out")
	}
	return cty.DynamicVal, false
}

// usesFailed tells whether an expression uses a local value whose mistake is
// reported at its definition.
func (r *reader) usesFailed(expr hcl.Expression) bool {
	for _, t := range expr.Variables() {
		if name, _, ok := step(t); t.RootName() == "local" && (!ok || r.failed[name]) {
			return true
		}
	}
	return false
}

// literal returns the value of a string that is written out, which most values are,
// by the short way.
func literal(expr hcl.Expression) (cty.Value, bool) {
	if t, ok := expr.(*hclsyntax.TemplateExpr); ok && t.IsStringLiteral() {
		v := t.Parts[0].(*hclsyntax.LiteralValueExpr).Val
		return v, v.Type() == cty.String
	}
	return cty.NilVal, false
}

// value evaluates an expression in either syntax.
func (r *reader) value(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if _, native := expr.(hclsyntax.Expression); native {
		return expr.Value(ctx)
	}
	return r.valueJSON(expr, ctx)
}

// valueJSON evaluates an expression in JSON, whose strings are templates. HCL would
// do that itself, out of the guard's sight.
func (r *reader) valueJSON(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if list, diags := hcl.ExprList(expr); !diags.HasErrors() {
		return r.listJSON(list, ctx)
	}
	if pairs, diags := hcl.ExprMap(expr); !diags.HasErrors() {
		return r.objectJSON(pairs, ctx)
	}
	v, diags := expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || v.Type() != cty.String {
		return v, diags
	}
	text := v.AsString()
	if !strings.Contains(text, "${") && !strings.Contains(text, "%{") {
		return v, nil
	}
	rng := expr.Range()
	start := rng.Start
	start.Byte, start.Column = start.Byte+1, start.Column+1 // behind the quote
	template, diags := hclsyntax.ParseTemplate([]byte(text), rng.Filename, start)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	r.guard.protect(template)
	return template.Value(ctx)
}

func (r *reader) listJSON(list []hcl.Expression, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	var diags hcl.Diagnostics
	values := make([]cty.Value, len(list))
	for i, e := range list {
		v, more := r.valueJSON(e, ctx)
		values[i], diags = v, append(diags, more...)
	}
	return cty.TupleVal(values), diags
}

func (r *reader) objectJSON(pairs []hcl.KeyValuePair, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	var diags hcl.Diagnostics
	values := make(map[string]cty.Value, len(pairs))
	for _, p := range pairs {
		key, more := r.valueJSON(p.Key, ctx)
		diags = append(diags, more...)
		v, more := r.valueJSON(p.Value, ctx)
		diags = append(diags, more...)
		name, ok := asText(key)
		if !ok {
			if key.IsKnown() {
				diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "A key is no string", Subject: p.Key.Range().Ptr()})
			}
			continue
		}
		if _, twice := values[name]; twice {
			diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: fmt.Sprintf("The key %q is there twice", name), Subject: p.Key.Range().Ptr()})
		}
		values[name] = v
	}
	return cty.ObjectVal(values), diags
}

// asText returns a known string's text.
func asText(v cty.Value) (string, bool) {
	if v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}

// checkReferences reports the names in an expression that do not exist. It tells
// whether there were any.
func (r *reader) checkReferences(expr hcl.Expression, ctx *hcl.EvalContext) bool {
	found := false
	for _, t := range expr.Variables() {
		scope := lookUp(ctx, t.RootName())
		if scope == cty.NilVal {
			found = true
			r.errorf(r.span(t.SourceRange()), rootAdvice(ctx, t.RootName()), "There is no variable %q here", t.RootName())
			continue
		}
		name, rng, ok := step(t)
		if !ok || !scope.Type().IsObjectType() || scope.Type().HasAttribute(name) {
			continue
		}
		found = true
		if r.broken && t.RootName() == "local" {
			continue // it may be defined in what could not be read
		}
		var legal []string
		for attribute := range scope.Type().AttributeTypes() {
			legal = append(legal, attribute)
		}
		r.errorf(r.span(rng), r.legal(name, legal), "There is no %s.%s", t.RootName(), name)
	}
	return found
}

// lookUp finds a variable; cty.NilVal where there is none.
func lookUp(ctx *hcl.EvalContext, name string) cty.Value {
	for ; ctx != nil; ctx = ctx.Parent() {
		if v, ok := ctx.Variables[name]; ok {
			return v
		}
	}
	return cty.NilVal
}

// rootAdvice tells which variables there are.
func rootAdvice(ctx *hcl.EvalContext, name string) string {
	switch {
	case name == "each":
		return "each.key and each.value exist in a target or firewall with for_each."
	case name == "var":
		return "There are no input variables: use locals, read as local.NAME."
	case lookUp(ctx, "each") != cty.NilVal:
		return "Expected local.NAME, each.key or each.value; a text needs quotes."
	}
	return "Expected local.NAME, for a value that a locals block defines; a text needs quotes."
}

// step returns the name after the root of a reference: x in local.x and local["x"].
func step(t hcl.Traversal) (string, hcl.Range, bool) {
	if len(t) < 2 {
		return "", hcl.Range{}, false
	}
	switch s := t[1].(type) {
	case hcl.TraverseAttr:
		return s.Name, s.SrcRange, true
	case hcl.TraverseIndex:
		name, ok := asText(s.Key)
		return name, s.SrcRange, ok
	}
	return "", hcl.Range{}, false
}

// often is how many messages look for similar names: a long list of names takes time.
const often = 100

// legal is diag.Legal for lists that can be long: it lists the first few words.
func (r *reader) legal(word string, legal []string) string {
	if len(legal) == 0 {
		return "None is defined."
	}
	if len(legal) <= maxListed {
		return diag.Legal(word, legal)
	}
	if r.suggestions++; r.suggestions > often {
		return fmt.Sprintf("Expected one of the %d that there are.", len(legal))
	}
	text := ""
	if s := diag.Suggest(word, legal); s != "" {
		text = fmt.Sprintf("Did you mean %q? ", s)
	}
	slices.Sort(legal)
	quoted := make([]string, maxListed)
	for i := range quoted {
		quoted[i] = fmt.Sprintf("%q", legal[i])
	}
	return fmt.Sprintf("%sExpected one of %s or %d others.", text, strings.Join(quoted, ", "), len(legal)-maxListed)
}
