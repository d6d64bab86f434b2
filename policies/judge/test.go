package judge

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/judge/compile"
)

// Outcome is what became of a test.
type Outcome string

// The outcomes.
const (
	Pass  Outcome = "pass"
	Fail  Outcome = "fail"
	Skip  Outcome = "skip"  // its name begins with todo_
	Error Outcome = "error" // it could not be evaluated
)

// Tests is what a run of Rego tests found.
type Tests struct {
	Passed  int          `json:"passed"`
	Failed  int          `json:"failed"` // failed or could not be evaluated
	Skipped int          `json:"skipped"`
	Results []TestResult `json:"results"`
	// Coverage is the share of the policies' lines that the tests ran, in percent.
	Coverage float64    `json:"coverage"`
	Files    []Coverage `json:"files"`
}

// TestResult is one test.
type TestResult struct {
	Name     string          `json:"name"` // with its package: "data.acme.deny_test.test_x"
	Outcome  Outcome         `json:"outcome"`
	Location source.Location `json:"location"`
	Duration time.Duration   `json:"-"`
	// Message says why it failed; Output is what it printed.
	Message string `json:"message,omitempty"`
	Output  string `json:"output,omitempty"`
}

// Coverage is one policy's share of lines that the tests ran.
type Coverage struct {
	File    string  `json:"file"`
	Percent float64 `json:"percent"`
	// NotCovered are the lines that no test ran.
	NotCovered []Lines `json:"not_covered"`
}

// Lines are lines of a file, inclusive.
type Lines struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

// Test runs Rego tests with coverage: those in the dirs, or the built-in ones if dirs
// is empty. A team's tests see the built-in policies too, and data.sumlint.lib.samples.
func Test(ctx context.Context, dirs []string) (*Tests, diag.List) {
	return test(ctx, dirs, DefaultTimeout)
}

func test(ctx context.Context, dirs []string, limit time.Duration) (*Tests, diag.List) {
	terms, err := compile.NewTerms()
	if err != nil {
		return nil, compile.Diagnostics(err)
	}
	own, list := readDirs(dirs, true)
	builtIn, err := compile.BuiltIn(len(dirs) == 0, "sumlint/")
	list = append(list, compile.Diagnostics(err)...)
	if len(dirs) > 0 {
		samples, err := compile.BuiltIn(true, "sumlint/lib/samples_test.rego")
		list = append(list, compile.Diagnostics(err)...)
		builtIn = append(builtIn, samples...)
	}
	packages := &contract{}
	modules, wrong := packages.parse(terms, builtIn, own)
	if list = append(list, wrong...); list.HasErrors() {
		return nil, list.Sorted()
	}
	tested := map[string]bool{}
	for name := range modules {
		isBuiltIn := strings.HasPrefix(name, compile.Root)
		tested[name] = !compile.IsTest(name) && isBuiltIn == (len(dirs) == 0)
	}
	tests, err := run(ctx, terms, modules, tested, limit)
	return tests, append(list, compile.Diagnostics(err)...)
}

// run runs the tests of modules and counts the coverage of those that are tested. A
// test that takes longer than the limit ends the run.
func run(ctx context.Context, terms *compile.Terms, modules map[string]*ast.Module, tested map[string]bool, limit time.Duration) (*Tests, error) {
	store, err := compile.Store()
	if err != nil {
		return nil, err
	}
	coverage := cover.New()
	results := []*tester.Result{}
	running, stop := context.WithCancel(ctx)
	defer stop()
	err = storage.Txn(ctx, store, storage.TransactionParams{}, func(txn storage.Transaction) error {
		channel, err := tester.NewRunner().
			SetCompiler(terms.Compiler().WithEnablePrintStatements(true)).
			SetStore(store).
			SetModules(modules).
			SetCoverageQueryTracer(coverage).
			CapturePrintOutput(true).
			RaiseBuiltinErrors(true).
			SetTimeout(limit).
			RunTests(running, txn)
		if err != nil {
			return err
		}
		for r := range channel {
			if results = append(results, r); r.Error != nil && topdown.IsCancel(r.Error) {
				stop() // the others may loop in the same way
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(results) == 0 {
		return nil, errors.New("there are no tests: write rules whose names begin with test_ in files that end in _test.rego")
	}
	tests := &Tests{Results: []TestResult{}, Files: []Coverage{}}
	for _, r := range results {
		tests.add(r, limit)
	}
	slices.SortFunc(tests.Results, func(a, b TestResult) int {
		return cmp.Or(a.Location.Compare(b.Location), strings.Compare(a.Name, b.Name))
	})
	tests.cover(coverage.Report(modules), tested)
	return tests, nil
}

func (t *Tests) add(r *tester.Result, limit time.Duration) {
	result := TestResult{Name: r.Package + "." + r.Name, Outcome: Pass, Location: compile.Place(r.Location), Duration: r.Duration, Output: string(r.Output)}
	switch {
	case r.Skip:
		result.Outcome = Skip
		t.Skipped++
	case r.Error != nil && topdown.IsCancel(r.Error):
		result.Outcome, result.Message = Error, "the test "+tookTooLong(limit)+"; it was stopped, and tests behind it did not run. "+endless
		if r.Duration < limit {
			result.Message = "it was stopped, since another test took too long"
		}
		t.Failed++
	case r.Error != nil:
		result.Outcome, result.Message = Error, r.Error.Error()
		t.Failed++
	case r.Fail:
		result.Outcome, result.Message = Fail, "it is not true"
		t.Failed++
	default:
		t.Passed++
	}
	t.Results = append(t.Results, result)
}

// cover counts the coverage of the files that are tested.
func (t *Tests) cover(r cover.Report, tested map[string]bool) {
	covered, all := 0, 0
	for name, file := range r.Files {
		if !tested[name] {
			continue
		}
		c := Coverage{File: name, Percent: file.Coverage, NotCovered: []Lines{}}
		for _, lines := range file.NotCovered {
			c.NotCovered = append(c.NotCovered, Lines{First: lines.Start.Row, Last: lines.End.Row})
		}
		covered, all = covered+file.CoveredLines, all+file.CoveredLines+file.NotCoveredLines
		t.Files = append(t.Files, c)
	}
	slices.SortFunc(t.Files, func(a, b Coverage) int { return strings.Compare(a.File, b.File) })
	if all > 0 {
		t.Coverage = 100 * float64(covered) / float64(all)
	}
}
