package compile

import (
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		files, err := BuiltIn(false, "sumlint/")
		if err != nil {
			b.Fatal(err)
		}
		terms, err := NewTerms()
		if err != nil {
			b.Fatal(err)
		}
		modules := map[string]*ast.Module{}
		for _, file := range files {
			m, err := terms.Parse(file)
			if err != nil {
				b.Fatal(err)
			}
			modules[file.Name] = m
		}
		if _, err := terms.Compile(modules); err != nil {
			b.Fatal(err)
		}
	}
}
