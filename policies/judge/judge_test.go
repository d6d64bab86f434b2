package judge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/report"
)

func load(t testing.TB, dirs ...string) *Judge {
	t.Helper()
	j, list := Load(context.Background(), Options{PolicyDirs: dirs})
	for _, d := range list {
		t.Error(d)
	}
	if j == nil {
		t.FailNow()
	}
	return j
}

func judged(t testing.TB, j *Judge, f *facts.Facts) []report.Finding {
	t.Helper()
	findings, err := j.Judge(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

// policyDir writes files into a new policy folder.
func policyDir(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRulesOfTheDesign(t *testing.T) {
	want := []string{
		"conditional-allowance warning", "derived-blocked warning", "expired-waiver warning", "exposed-port note",
		"forbidden-allowance error", "missing-allowance error", "no-route error", "opened-by-sum note", "optional-blocked note",
		"port-conflict error", "redirected error", "reply-blocked error", "undecided-input error", "unknown-host-firewall warning",
		"unsupported-pair error", "unused-firewall note", "unused-waiver warning",
	}
	j := load(t)
	var got []string
	for _, r := range j.Rules() {
		got = append(got, r.ID+" "+string(r.Severity))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if j.UsesFirewalls() || j.HasNeeds() {
		t.Error("the built-in rules need neither input.firewalls nor declared flows")
	}
}

func TestEachRuleFires(t *testing.T) {
	j := load(t)
	fired := map[string]diag.Severity{}
	for _, f := range judged(t, j, everything()) {
		if fired[f.Rule] != "" {
			t.Errorf("%s fires twice", f.Rule)
		}
		fired[f.Rule] = f.Severity
		if f.Fingerprint == "" || f.Message == "" || f.Advice == "" || f.Location.File == "" || f.Waived {
			t.Errorf("%s is incomplete: %+v", f.Rule, f)
		}
	}
	for _, r := range j.Rules() {
		if fired[r.ID] != r.Severity {
			t.Errorf("%s: severity %q, want %q", r.ID, fired[r.ID], r.Severity)
		}
	}
	if got := judged(t, j, someFacts()); len(got) != 0 {
		t.Errorf("an empty document has findings: %+v", got)
	}
}

// withMembers gives each class and group of the facts n members.
func withMembers(f *facts.Facts, n int) *facts.Facts {
	names := func(kind string) []string {
		out := []string{}
		for i := range n {
			out = append(out, fmt.Sprintf("%s-%d", kind, i))
		}
		return out
	}
	for i := range f.Classes {
		c := &f.Classes[i]
		c.Flows, c.Servers, c.Targets = names("flow-"+c.ID), names("server"), names("target")
	}
	for i := range f.Hosts {
		f.Hosts[i].Targets = names("target")
	}
	for i := range f.Pairs {
		f.Pairs[i].Targets = names("target")
	}
	return f
}

// What stands in for long lists of members must not show: the findings are those of
// the document that holds the lists themselves.
func TestMembersAreNamed(t *testing.T) {
	j := load(t)
	own := load(t, policyDir(t, map[string]string{"team.rego": "package team.words\n\nnone := 0\n"}))
	for _, n := range []int{0, 1, 2, 1000} {
		f := withMembers(everything(), n)
		f.Classes = append(f.Classes, f.Classes[8]) // two classes without a way are one finding
		f.Classes[10].ID, f.Classes[10].Digest, f.Classes[10].Flows = "route-2", "d-2", []string{"other"}
		want := slices.DeleteFunc(judged(t, own, f), func(f report.Finding) bool { return !slices.Contains(j.RuleIDs(), f.Rule) })
		if diff := cmp.Diff(want, judged(t, j, f)); diff != "" {
			t.Errorf("%d members (-written out +stood in for):\n%s", n, diff)
		}
	}
}

// Targets that behave alike cost the policies as much as one: the work is counted in
// what is allocated, which does not depend on the machine.
func TestMembersCostNothing(t *testing.T) {
	j := load(t)
	work := func(n int) float64 {
		f := withMembers(everything(), n)
		return testing.AllocsPerRun(3, func() { judged(t, j, f) })
	}
	if few, lots := work(2), work(10_000); lots > few*1.1 {
		t.Errorf("2 members take %.0f allocations, 10,000 take %.0f", few, lots)
	}
}

// The facts that the policies see, the JSON that `sumlint facts` prints and its schema
// must be one.
func TestFactsAsValueAndJSON(t *testing.T) {
	f := &facts.Facts{}
	fill(reflect.ValueOf(f).Elem(), 0)
	value, err := newConverter(nil).facts(f, func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	want := ast.MustInterfaceToValue(plain)
	if value.Compare(want) != 0 {
		t.Errorf("the value and the JSON differ:\n%s", cmp.Diff(want.String(), value.String()))
	}
	for name, f := range map[string]*facts.Facts{"filled": f, "empty": {}, "everything": everything()} {
		text, err := FactsJSON(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("null")) {
			t.Errorf("%s: the JSON has null", name)
		}
		validate(t, "facts", text)
	}
}

// fill sets every field to something, lists to one element.
func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("é <x>")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(7)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth)
	case reflect.Slice:
		if depth < 20 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf(map[string]any{"name": "core"}))
	}
}

func validate(t *testing.T, schema string, text []byte) {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile("../../rego/schemas/" + schema + ".jsonschema")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(document); err != nil {
		t.Error(err)
	}
}

func TestStockOPAFindsTheSame(t *testing.T) {
	opa, err := exec.LookPath("opa")
	if err != nil {
		t.Skip("there is no opa on the PATH")
	}
	f := everything()
	text, err := FactsJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(opa, "eval", "-d", "../../rego", "--stdin-input", "--strict-builtin-errors", "-f", "raw", "data.sumlint.findings")
	command.Stdin = bytes.NewReader(text)
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs []report.Finding
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(theirs, compareFindings)
	for i := range theirs {
		if len(theirs[i].Related) == 0 {
			theirs[i].Related = nil
		}
	}
	if diff := cmp.Diff(theirs, judged(t, load(t), f)); diff != "" {
		t.Error(diff)
	}
}

func TestStockOPAPassesTheTests(t *testing.T) {
	opa, err := exec.LookPath("opa")
	if err != nil {
		t.Skip("there is no opa on the PATH")
	}
	for _, args := range [][]string{
		{"test", "../../rego"},
		{"check", "--strict", "../../rego"},
		{"check", "--strict", "--schema", "../../rego/schemas", "../../rego"},
		{"fmt", "--fail", "-l", "../../rego"},
	} {
		if out, err := exec.Command(opa, args...).CombinedOutput(); err != nil {
			t.Errorf("opa %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

func TestRegoTests(t *testing.T) {
	tests, list := Test(context.Background(), nil)
	for _, d := range list {
		t.Error(d)
	}
	if tests == nil {
		t.FailNow()
	}
	for _, r := range tests.Results {
		if r.Outcome != Pass {
			t.Errorf("%s:%d: %s: %s: %s %s", r.Location.File, r.Location.Line, r.Name, r.Outcome, r.Message, r.Output)
		}
	}
	const least = 95
	for _, f := range tests.Files {
		if f.Percent < least {
			t.Errorf("%s: the tests run %.1f%% of its lines, want %d%%; not %v", f.File, f.Percent, least, f.NotCovered)
		}
	}
}

func TestJudgeIsDeterministic(t *testing.T) {
	f := everything()
	first := judged(t, load(t), f)
	for range 3 {
		if diff := cmp.Diff(first, judged(t, load(t), f)); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestTimeout(t *testing.T) {
	dir := policyDir(t, map[string]string{"slow.rego": metadata + `
package sumlint.rules.slow

import data.sumlint.lib.result

finding contains result.of_plan(rego.metadata.chain(), {"message": "x", "topology": "t", "location": {"file": "f"}}) if {
	some a in numbers.range(1, 100000)
	some b in numbers.range(1, 100000)
	a * b == -1
}
`})
	j, list := Load(context.Background(), Options{PolicyDirs: []string{dir}, Timeout: 50 * time.Millisecond})
	if j == nil {
		t.Fatal(list)
	}
	_, err := j.Judge(context.Background(), someFacts())
	got := Diagnostics(err)
	if len(got) != 1 || !strings.Contains(got[0].Summary, "the policies took longer than 50ms") {
		t.Errorf("got %v", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := j.Judge(ctx, someFacts()); err == nil {
		t.Error("a cancelled run has findings")
	}
}

// TestProblemsNameTheTeam: what tells no place of the team's names its packages.
func TestProblemsNameTheTeam(t *testing.T) {
	rule := func(id string) string {
		return metadata + "\npackage sumlint.rules." + id + `

import data.sumlint.lib.result

finding contains result.of_class(rego.metadata.chain(), class, {"message": "x", "waivers": 5}) if some class in input.classes
`
	}
	files := map[string]string{"a.rego": rule("a"), "n.rego": metadata + "\npackage sumlint.needs.n\n\nflow contains {} if count(input.servers) == 77\n"}
	slow := diag.Diagnostic{Severity: diag.Error, Origin: diag.Policy, Summary: "the policies took longer than 1s; they were stopped"}
	one := load(t, policyDir(t, files))
	if got := one.FindingProblems(slow); len(got) != 1 || !strings.HasSuffix(got[0].Place.File, "/a.rego") || got[0].Place.Line == 0 {
		t.Errorf("one rule: %v", got)
	}
	if got := one.NeedProblems(slow); len(got) != 1 || !strings.HasSuffix(got[0].Place.File, "/n.rego") {
		t.Errorf("one need: %v", got)
	}
	inside := slow
	inside.Place.File, inside.Place.Line = "builtin:sumlint/sumlint.rego", 50
	if got := one.FindingProblems(inside); !strings.HasSuffix(got[0].Place.File, "/a.rego") || !strings.Contains(got[0].Detail, "builtin:sumlint/sumlint.rego:50") {
		t.Errorf("inside the built-in policies: %v", got)
	}
	files["b.rego"] = rule("b")
	got := load(t, policyDir(t, files)).FindingProblems(slow)
	if len(got) != 1 || !strings.Contains(got[0].Detail, "/a.rego:") || !strings.Contains(got[0].Detail, "/b.rego:") || strings.Contains(got[0].Detail, "/n.rego") {
		t.Errorf("two rules: %v", got)
	}
	if got := load(t).FindingProblems(slow); len(got) != 1 || got[0] != slow {
		t.Errorf("no rule of a team: %v", got)
	}
}

func TestBuiltinErrorsStop(t *testing.T) {
	dir := policyDir(t, map[string]string{"bad.rego": metadata + `
package sumlint.rules.bad

import data.sumlint.lib.result

finding contains result.of_class(rego.metadata.chain(), class, {"message": "x"}) if {
	some class in input.classes
	net.cidr_contains("10.0.0.0/8", class.row)
}
`})
	_, err := load(t, dir).Judge(context.Background(), someFacts(someClass()))
	got := Diagnostics(err)
	if len(got) != 1 || got[0].Place.Line != 12 || !strings.Contains(got[0].Summary, "net.cidr_contains") {
		t.Errorf("got %v", got)
	}
}

func TestMalformedFindings(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"no fields":    {`{"message": "x"}`, "rule odd: a finding lacks advice, class, effect, firewall"},
		"no object":    {`"x"`, `rule odd: a finding is "x", which is no object`},
		"a number":     {`1`, "rule odd: a finding is 1, which is no object"},
		"bad severity": {`object.union(result.of_class(rego.metadata.chain(), class, {"message": "x"}), {"severity": "fatal"})`, `rule odd: "fatal" is no severity`},
		"no message":   {`result.of_class(rego.metadata.chain(), class, {"message": ""})`, "rule odd: a finding's message is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := policyDir(t, map[string]string{"odd.rego": metadata + `
package sumlint.rules.odd

import data.sumlint.lib.result

_of(chain, class) := result.of_class(chain, class, {"message": "x"})

finding contains ` + test.body + ` if some class in input.classes
`})
			_, err := load(t, dir).Judge(context.Background(), someFacts(someClass()))
			got := Diagnostics(err)
			if len(got) != 1 || !strings.HasPrefix(got[0].Summary, test.want) || got[0].Place.Line == 0 {
				t.Errorf("got %v", got)
			}
			var d diag.Diagnostic
			if !errors.As(err, &d) || d.Origin != diag.Policy {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestUsesFirewalls(t *testing.T) {
	for body, want := range map[string]bool{
		`some f in input.firewalls; f.name == class.id`: true,
		`some k; input[k] == class.id`:                  true,
		`walk(input, [_, "x"])`:                         true,
		`count(input.filters) > 0`:                      false,
	} {
		dir := policyDir(t, map[string]string{"fw.rego": metadata + `
package sumlint.rules.fw

import data.sumlint.lib.result

finding contains result.of_class(rego.metadata.chain(), class, {"message": "x"}) if {
	some class in input.classes
	` + body + `
}
`})
		if got := load(t, dir).UsesFirewalls(); got != want {
			t.Errorf("%s: %v", body, got)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		load(b)
	}
}

func BenchmarkJudge10000(b *testing.B) {
	j, f := load(b), many(10000)
	b.ReportAllocs()
	for b.Loop() {
		judged(b, j, f)
	}
}

func BenchmarkFactsValue10000(b *testing.B) {
	f := many(10000)
	for b.Loop() {
		if _, err := newConverter(nil).facts(f, func(string) bool { return true }); err != nil {
			b.Fatal(err)
		}
	}
}
