package judge

import (
	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/sumlint/sumlint/parsers/source"
)

// The readers return the zero value where an object has no such field or one of
// another type.

func get(o ast.Object, name string) ast.Value {
	if o == nil {
		return nil
	}
	if t := o.Get(ast.InternedTerm(name)); t != nil {
		return t.Value
	}
	return nil
}

func text(o ast.Object, name string) string {
	s, _ := get(o, name).(ast.String)
	return string(s)
}

func truth(o ast.Object, name string) bool {
	b, _ := get(o, name).(ast.Boolean)
	return bool(b)
}

func number(o ast.Object, name string) int {
	n, _ := get(o, name).(ast.Number)
	i, _ := n.Int()
	return i
}

func object(o ast.Object, name string) ast.Object {
	v, _ := get(o, name).(ast.Object)
	return v
}

// elements are the elements of an array or a set, in order.
func elements(o ast.Object, name string) []ast.Value {
	var values []ast.Value
	add := func(t *ast.Term) { values = append(values, t.Value) }
	switch v := get(o, name).(type) {
	case *ast.Array:
		v.Foreach(add)
	case ast.Set:
		v.Foreach(add)
	}
	return values
}

func texts(o ast.Object, name string) []string {
	out := []string{}
	for _, v := range elements(o, name) {
		if s, ok := v.(ast.String); ok {
			out = append(out, string(s))
		}
	}
	return out
}

func location(o ast.Object) source.Location {
	return source.Location{File: text(o, "file"), Line: number(o, "line"), Column: number(o, "column")}
}
