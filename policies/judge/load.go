// Package judge evaluates the judging policies: the built-in rules and a team's own
// packages over the facts of a run, and a team's declared flows over its plan.
//
// What it does not bound is memory: OPA has no limit for it, so a policy that builds
// huge values can use all there is. Facts go in and findings come out as plain data
// (FactsJSON, report.Finding), so that a caller may run untrusted policies in a process of their own.
package judge

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/judge/compile"
)

// Bounds of what a policy folder may hold.
const (
	maxPolicyFiles = 1000
	maxPolicyBytes = 1 << 20 // of one file
)

// DefaultTimeout bounds one evaluation where Options name no other time.
const DefaultTimeout = time.Minute

// Options choose the policies.
type Options struct {
	// PolicyDirs are folders (or files) with a team's own Rego, as --policy names them.
	PolicyDirs []string
	// Timeout bounds each evaluation; 0 is DefaultTimeout.
	Timeout time.Duration
}

// Judge holds compiled policies. It is safe for concurrent use.
type Judge struct {
	compiler *ast.Compiler
	packages []*policy // rules and needs, by id
	findings rego.PreparedEvalQuery
	needs    rego.PreparedEvalQuery
	timeout  time.Duration
}

// Load reads and compiles the built-in rules and the team's. With an error among the
// diagnostics the judge is nil.
func Load(ctx context.Context, options Options) (*Judge, diag.List) {
	terms, err := compile.NewTerms()
	if err != nil {
		return nil, compile.Diagnostics(err)
	}
	own, list := readDirs(options.PolicyDirs, false)
	builtIn, err := compile.BuiltIn(false, "sumlint/sumlint.rego", "sumlint/lib/", "sumlint/rules/")
	list = append(list, compile.Diagnostics(err)...)
	packages := &contract{}
	modules, wrong := packages.parse(terms, builtIn, own)
	list = append(list, wrong...)
	compiler, err := terms.Compile(modules)
	list = append(list, compile.Diagnostics(err)...)
	if list.HasErrors() {
		return nil, list.Sorted()
	}
	j := &Judge{compiler: compiler, packages: packages.policies, timeout: options.Timeout}
	if j.timeout == 0 {
		j.timeout = DefaultTimeout
	}
	return j, append(list, compile.Diagnostics(j.prepare(ctx))...)
}

// prepare prepares both queries.
func (j *Judge) prepare(ctx context.Context) error {
	store, err := compile.Store()
	if err != nil {
		return err
	}
	prepare := func(query string) (rego.PreparedEvalQuery, error) {
		return rego.New(
			rego.Compiler(j.compiler),
			rego.Store(store),
			rego.StrictBuiltinErrors(true),
			rego.Query(query),
			rego.GenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) { return t.Value, nil }),
		).PrepareForEval(ctx)
	}
	if j.findings, err = prepare("findings = data.sumlint.findings; malformed = data.sumlint.malformed"); err != nil {
		return err
	}
	j.needs, err = prepare("flows = {[id, flow] | flow := data.sumlint.needs[id].flow[_]}")
	return err
}

// readDirs reads the Rego files of folders, sorted by path; tests only if wanted.
func readDirs(dirs []string, tests bool) ([]*source.File, diag.List) {
	var files []*source.File
	var list diag.List
	seen := map[string]bool{}
	for _, dir := range dirs {
		count := len(files)
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".rego" || !tests && compile.IsTest(path) || seen[path] {
				return err
			}
			seen[path] = true
			if len(files) == maxPolicyFiles {
				return fmt.Errorf("more than %d policy files", maxPolicyFiles)
			}
			text, err := readFile(path)
			if err == nil {
				files = append(files, source.NewFile(filepath.ToSlash(path), text))
			}
			return err
		})
		switch {
		case err != nil:
			list.Add(policyError(source.Location{File: filepath.ToSlash(dir)}, reason(err), "Name a folder with .rego files."))
		case len(files) == count:
			list.Add(policyError(source.Location{File: filepath.ToSlash(dir)}, "no policies here",
				"A policy folder holds .rego files; files that end in _test.rego are tests."))
		}
	}
	return files, list
}

// readFile reads a regular file of bounded size.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", filepath.ToSlash(path))
	case info.Size() > maxPolicyBytes:
		return nil, fmt.Errorf("%s is larger than %d bytes", filepath.ToSlash(path), maxPolicyBytes)
	}
	return os.ReadFile(path)
}

// reason is what went wrong with a file, without the name of the system call.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Sprintf("%s: %v", filepath.ToSlash(path.Path), path.Err)
	}
	return strings.TrimSpace(err.Error())
}

func policyError(at source.Location, summary, detail string) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Error, Origin: diag.Policy, Place: at, Summary: summary, Detail: detail}
}
