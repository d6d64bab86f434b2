// Package arch holds the repository to its layout: which folders there are, which
// way imports run, and what every package must have.
package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/sumlint/sumlint/"

// root is the module's folder, seen from this test.
const root = "../../.."

// pkg is what `go list -json` tells of a package.
type pkg struct {
	Dir, ImportPath, Name, Doc string
	GoFiles                    []string
	Imports                    []string
	TestImports, XTestImports  []string
}

// packages lists the module's packages by their path in the repository.
func packages(t *testing.T) map[string]pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=Dir,ImportPath,Name,Doc,GoFiles,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	all := map[string]pkg{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(p.ImportPath, module)] = p
	}
}

// under tells whether a package is one of the folders or inside one.
func under(path string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return path == f || strings.HasPrefix(path, f+"/") })
}

// TestLayout asks the Go tool once and holds the packages to each rule.
func TestLayout(t *testing.T) {
	all := packages(t)
	for name, check := range map[string]func(*testing.T, map[string]pkg){
		"folders":                   folders,
		"imports run one way":       imports,
		"who may import what":       whoMayImport,
		"doc comments":              docComments,
		"no hidden flow of control": hiddenControlFlow,
	} {
		t.Run(name, func(t *testing.T) { check(t, all) })
	}
}

func folders(t *testing.T, all map[string]pkg) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	legal := []string{"cmd", "parsers", "policies", "rego", "fixtures", "dist"} // dist is where releases are built
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.Contains(legal, e.Name()) {
			t.Errorf("the folder %s does not belong at the top", e.Name())
		}
	}
	for path := range all {
		if !under(path, "cmd", "parsers", "policies", "rego") {
			t.Errorf("the package %s is in no folder for Go", path)
		}
		for _, name := range strings.Split(path, "/") {
			if slices.Contains([]string{"util", "utils", "helper", "helpers", "common", "misc"}, name) {
				t.Errorf("the package %s has a name that says nothing", path)
			}
		}
	}
}

// imports keeps the direction cmd → policies → parsers. Tests obey it too.
func imports(t *testing.T, all map[string]pkg) {
	mayImport := map[string][]string{
		"cmd":      {"cmd", "policies", "parsers", "rego"},
		"policies": {"policies", "parsers", "rego"},
		"parsers":  {"parsers"},
		"rego":     {},
	}
	for path, p := range all {
		top, _, _ := strings.Cut(path, "/")
		for _, i := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if to, ours := strings.CutPrefix(i, module); ours && to != path && !under(to, mayImport[top]...) {
				t.Errorf("%s imports %s: imports run cmd → policies → parsers", path, to)
			}
		}
	}
}

// whoMayImport keeps what belongs to one part of the program there.
func whoMayImport(t *testing.T, all map[string]pkg) {
	for _, rule := range []struct {
		what string   // an import path, with all below it
		who  []string // folders
		why  string
	}{
		{"github.com/open-policy-agent/opa", []string{"policies/judge", "policies/derive"}, "the rest of the program does not know OPA"},
		{"github.com/hashicorp/hcl/v2", []string{"parsers/topology"}, "the topology alone is HCL"},
		{"github.com/spf13/cobra", []string{"cmd/internal/cli"}, "the command line is one package"},
		{"github.com/google/go-cmp", nil, "it is for tests"},
		{"net/http", nil, "sumlint needs no network"},
		{module + "parsers/iptables", []string{"parsers", "policies"}, "reports do not know exports"},
		{module + "parsers/netsh", []string{"parsers", "policies"}, "reports do not know exports"},
		{module + "parsers/acl", []string{"parsers", "policies"}, "reports do not know exports"},
		{module + "parsers/exports", []string{"parsers", "policies"}, "reports do not know exports"},
		{module + "parsers/topology", []string{"parsers", "policies"}, "reports do not know the topology's language"},
	} {
		for path, p := range all {
			for _, i := range p.Imports {
				if under(i, rule.what) && !under(path, rule.who...) {
					t.Errorf("%s imports %s: %s", path, i, rule.why)
				}
			}
		}
	}
}

func docComments(t *testing.T, all map[string]pkg) {
	for path, p := range all {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("the package %s has no doc comment", path)
		}
	}
}

// hiddenControlFlow refuses init functions and, outside main and the worker's watchdog,
// os.Exit.
func hiddenControlFlow(t *testing.T, all map[string]pkg) {
	for path, p := range all {
		for _, name := range p.GoFiles {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					if n.Name.Name == "init" && n.Recv == nil {
						t.Errorf("%s/%s:%d: an init function", path, name, files.Position(n.Pos()).Line)
					}
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok && x.Name == "os" && n.Sel.Name == "Exit" && p.Name != "main" && path != "policies/judge/worker" {
						t.Errorf("%s/%s:%d: os.Exit outside main", path, name, files.Position(n.Pos()).Line)
					}
				}
				return true
			})
		}
	}
}

func TestReadmeShowsTheTwoCommands(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"go run ./cmd/sumlint check fixtures/datacenter", "make test"} {
		if !strings.Contains("\n"+string(readme), "\n"+command+"\n") {
			t.Errorf("README.md does not show %q on a line of its own", command)
		}
	}
}
