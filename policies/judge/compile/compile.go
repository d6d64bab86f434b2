// Package compile turns Rego files into a compiler under sumlint's terms: Rego v1,
// strict, type-checked against the schemas of the inputs, without builtins that see
// anything but their arguments.
package compile

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"gopkg.in/yaml.v3"

	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/rego"
)

// Root begins the names of the embedded files, so that no file of a team can have one.
const Root = "builtin:"

// TablePath is the place of the port table in the embedded files; it is data.sumlint.ports.
const TablePath = "sumlint/ports/data.yaml"

// BuiltIn reads the embedded policies whose paths begin with one of the prefixes
// ("sumlint/" is all of them), with their tests if wanted.
func BuiltIn(tests bool, prefixes ...string) ([]*source.File, error) {
	var files []*source.File
	err := fs.WalkDir(rego.Files, "sumlint", func(p string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(p) != ".rego" || !tests && IsTest(p) {
			return err
		}
		if !slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(p, prefix) }) {
			return nil
		}
		text, err := fs.ReadFile(rego.Files, p)
		files = append(files, source.NewFile(Root+p, text))
		return err
	})
	return files, err
}

// IsTest tells whether a file holds tests, by its name.
func IsTest(name string) bool { return strings.HasSuffix(name, "_test.rego") }

// Table decodes the port table into v, strictly: a field that v lacks is an error.
func Table(v any) error {
	file, err := rego.Files.Open(TablePath)
	if err != nil {
		return err
	}
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(v); err != nil {
		return fmt.Errorf("%s%s: %w", Root, TablePath, err)
	}
	return nil
}

// Data is the document that policies see as `data`, their own rules aside.
func Data() (map[string]any, error) {
	var table map[string]any
	if err := Table(&table); err != nil {
		return nil, err
	}
	return map[string]any{"sumlint": map[string]any{"ports": table}}, nil
}

// Terms are sumlint's terms for Rego; one value serves many files.
type Terms struct {
	capabilities *ast.Capabilities
	schemas      *ast.SchemaSet
}

// NewTerms reads the schemas.
func NewTerms() (*Terms, error) {
	schemas, err := schemas()
	if err != nil {
		return nil, err
	}
	return &Terms{capabilities: Capabilities(), schemas: schemas}, nil
}

// Parse reads a Rego file with its annotations.
func (t *Terms) Parse(file *source.File) (*ast.Module, error) {
	return ast.ParseModuleWithOpts(file.Name, string(file.Data), ast.ParserOptions{
		ProcessAnnotation: true,
		RegoVersion:       ast.RegoV1,
		Capabilities:      t.capabilities,
	})
}

// maxErrors bounds the errors that one stage of the compiler collects.
const maxErrors = 100

// Compiler returns a compiler under these terms, which has compiled nothing yet.
func (t *Terms) Compiler() *ast.Compiler {
	return ast.NewCompiler().
		SetErrorLimit(maxErrors).
		WithStrict(true).
		WithCapabilities(t.capabilities).
		WithSchemas(t.schemas).
		WithUseTypeCheckAnnotations(true).
		WithDefaultRegoVersion(ast.RegoV1)
}

// Compile compiles modules, by their files' names.
func (t *Terms) Compile(modules map[string]*ast.Module) (*ast.Compiler, error) {
	compiler := t.Compiler()
	compiler.Compile(modules)
	if compiler.Failed() {
		return nil, compiler.Errors
	}
	return compiler, nil
}

// Store holds Data for evaluations.
func Store() (storage.Store, error) {
	data, err := Data()
	if err != nil {
		return nil, err
	}
	return inmem.NewFromObjectWithOpts(data, inmem.OptRoundTripOnWrite(false), inmem.OptReturnASTValuesOnRead(true)), nil
}

// Capabilities are those of this OPA without the builtins that are not functions of
// their arguments: network, clock, chance, environment.
func Capabilities() *ast.Capabilities {
	all := ast.CapabilitiesForThisVersion(ast.CapabilitiesRegoVersion(ast.RegoV1))
	all.Builtins = slices.DeleteFunc(all.Builtins, func(b *ast.Builtin) bool { return b.Nondeterministic })
	all.AllowNet = []string{}
	return all
}

// Removed tells whether OPA has a builtin of that name that Capabilities leaves out.
func Removed(name string) bool {
	return slices.ContainsFunc(ast.CapabilitiesForThisVersion().Builtins, func(b *ast.Builtin) bool {
		return b.Nondeterministic && b.Name == name
	})
}

// schemas are the inputs' schemas by the names that METADATA uses.
func schemas() (*ast.SchemaSet, error) {
	set := ast.NewSchemaSet()
	for _, name := range []string{"combination", "facts", "plan"} {
		text, err := fs.ReadFile(rego.Files, "schemas/"+name+".jsonschema")
		if err != nil {
			return nil, err
		}
		var schema any
		if err := json.Unmarshal(text, &schema); err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
		set.Put(ast.Ref{ast.SchemaRootDocument, ast.StringTerm(name)}, schema)
	}
	return set, nil
}
