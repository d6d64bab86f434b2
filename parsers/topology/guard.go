package topology

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// guard bounds the work of evaluation. A few lines of HCL can ask for any amount of
// it: loops in loops, strings and lists that double with each local value. HCL has
// no limits of its own, so the guard puts itself between the parts of the syntax
// tree that can multiply work and counts what goes through it.
type guard struct {
	limit    int  // steps that all evaluation may take
	left     int  // those that are left
	exceeded bool // it was reported
}

// spend takes steps; it tells whether they were there.
func (g *guard) spend(steps int) bool {
	g.left -= steps
	return g.left >= 0
}

// report returns the error that the work is used up, the first time only.
func (g *guard) report(rng hcl.Range) hcl.Diagnostics {
	if g.exceeded {
		return nil
	}
	g.exceeded = true
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Too much work", Subject: &rng,
		Detail: fmt.Sprintf("The topology's expressions take more than %d steps together, the limit. Read large tables once in locals, and look rows up by key.", g.limit)}}
}

// weigh counts the elements of a value, and of what is in them, against the work;
// and refuses numbers that would be enormous when they are written out.
func (g *guard) weigh(v cty.Value, rng hcl.Range) hcl.Diagnostics {
	if v == cty.NilVal || !v.IsKnown() || v.IsNull() {
		return nil
	}
	ty := v.Type()
	switch {
	case ty == cty.String:
		if !g.spend(1 + len(v.AsString())/8) {
			return g.report(rng)
		}
	case ty == cty.Number:
		if n := v.AsBigFloat(); n.IsInf() || n.MantExp(nil) > maxExponent || n.MantExp(nil) < -maxExponent {
			return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "A number is too large or too small", Subject: &rng,
				Detail: fmt.Sprintf("Numbers may reach from 2^-%d to 2^%d.", maxExponent, maxExponent)}}
		}
		g.left--
	case v.CanIterateElements():
		if !g.spend(1) {
			return g.report(rng)
		}
		for _, e := range v.Elements() {
			if diags := g.weigh(e, rng); diags != nil || g.left < 0 {
				return diags
			}
		}
	default:
		g.left--
	}
	return nil
}

// guarded is an expression whose evaluation counts as work. To everybody else it
// looks like parentheses around the expression, through which walks pass.
type guarded struct {
	hclsyntax.ParenthesesExpr
	guard *guard
	cost  int
}

// Value evaluates the expression while there is work left.
func (e *guarded) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if !e.guard.spend(e.cost) {
		return cty.DynamicVal, e.guard.report(e.Range())
	}
	v, diags := e.Expression.Value(ctx)
	if more := e.guard.weigh(v, e.Range()); more != nil {
		return cty.DynamicVal, append(diags, more...)
	}
	if e.guard.left < 0 {
		return cty.DynamicVal, diags
	}
	return v, diags
}

// over returns the expression guarded; literals need no guard.
func (g *guard) over(e hclsyntax.Expression) hclsyntax.Expression {
	switch e := e.(type) {
	case nil, *guarded:
		return e
	case *hclsyntax.LiteralValueExpr:
		if e.Val.Type() != cty.Number {
			return e
		}
	case *hclsyntax.TemplateExpr:
		if e.IsStringLiteral() {
			return e
		}
	}
	rng := e.Range()
	return &guarded{ParenthesesExpr: hclsyntax.ParenthesesExpr{Expression: e, SrcRange: rng}, guard: g, cost: 1 + (rng.End.Byte-rng.Start.Byte)/16}
}

// looksUp tells the functions whose cost does not grow with their first argument:
// loops may look up rows of a large table.
func looksUp(function string) bool {
	return function == "lookup" || function == "element" || function == "length"
}

// protect puts the guard into an expression, or into each of a body.
func (g *guard) protect(node hclsyntax.Node) {
	_ = hclsyntax.VisitAll(node, g.protectNode) // which returns no diagnostics
}

func (g *guard) protectNode(n hclsyntax.Node) hcl.Diagnostics {
	switch n := n.(type) {
	case *hclsyntax.ForExpr:
		n.CollExpr, n.ValExpr = g.over(n.CollExpr), g.over(n.ValExpr)
		if n.KeyExpr != nil {
			n.KeyExpr = g.over(n.KeyExpr)
		}
		if n.CondExpr != nil {
			n.CondExpr = g.over(n.CondExpr)
		}
	case *hclsyntax.TemplateExpr:
		for i := range n.Parts {
			n.Parts[i] = g.over(n.Parts[i])
		}
	case *hclsyntax.FunctionCallExpr:
		for i := range n.Args {
			if i > 0 || !looksUp(n.Name) {
				n.Args[i] = g.over(n.Args[i])
			}
		}
	case *hclsyntax.ObjectConsKeyExpr:
		// A bare word is a key as it stands, and HCL refuses a bare reference.
		if _, bare := n.Wrapped.(*hclsyntax.ScopeTraversalExpr); n.ForceNonLiteral || !bare {
			n.Wrapped = g.over(n.Wrapped)
		}
	case *hclsyntax.IndexExpr:
		n.Key = g.over(n.Key)
	case *hclsyntax.ConditionalExpr:
		n.TrueResult, n.FalseResult = g.over(n.TrueResult), g.over(n.FalseResult)
	case *hclsyntax.BinaryOpExpr:
		n.LHS, n.RHS = g.over(n.LHS), g.over(n.RHS)
	case *hclsyntax.SplatExpr:
		n.Source, n.Each = g.over(n.Source), g.over(n.Each)
	}
	return nil
}
