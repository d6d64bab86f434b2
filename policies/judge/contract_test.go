package judge

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sumlint/sumlint/parsers/diag"
)

const metadata = `# METADATA
# title: A title
# description: A description.
# custom:
#   severity: warning`

// body is a rule that never fires, below a package clause.
const body = `

import data.sumlint.lib.result

finding contains result.of_class(rego.metadata.chain(), class, {"message": "x"}) if {
	some class in input.classes
	class.port == "none"
}
`

// mistake is a policy with a mistake, and what a diagnostic says of it.
type mistake struct {
	text   string
	line   int    // 0: any
	want   string // a part of the summary
	detail string // a part of the detail
}

// Each mistake against the contract is an error at its line that says what is legal,
// however many there are.
func TestContractErrors(t *testing.T) {
	mistakes := map[string]mistake{
		"wrong kind":            {metadata + "\npackage sumlint.rule.mine" + body, 6, "package sumlint.rule.mine has no meaning to sumlint", "Did you mean sumlint.rules.mine?"},
		"wrong root":            {metadata + "\npackage sumlnt.rules.mine" + body, 6, "package sumlnt.rules.mine has no meaning to sumlint", "Did you mean sumlint.rules.mine?"},
		"too deep":              {metadata + "\npackage sumlint.rules.net.mine" + body, 6, "package sumlint.rules.net.mine has no meaning", "sumlint.rules.<id>"},
		"no id":                 {metadata + "\npackage sumlint.rules" + body, 6, "package sumlint.rules has no meaning", "sumlint.rules.<id>"},
		"main package":          {"package sumlint\n\nfindings := set()\n", 1, "package sumlint is sumlint's own", "sumlint.rules.<id>"},
		"the port table":        {"package sumlint.ports\n\neditions := []\n", 1, "package sumlint.ports has no meaning", "sumlint.rules.<id>"},
		"the flows":             {"package sumlint.flows\n\ntemplates contains 1\n", 1, "package sumlint.flows has no meaning to sumlint", "sumlint.rules.<id>"},
		"a built-in library":    {"package sumlint.lib.kinds\n\nx := 1\n", 1, "package sumlint.lib.kinds is sumlint's own", "sumlint.lib."},
		"a built-in rule":       {metadata + "\npackage sumlint.rules.no_route" + body, 6, "package sumlint.rules.no_route is defined twice", "choose another id"},
		"not an id":             {metadata + "\npackage sumlint.rules.NoRoute" + body, 6, `"NoRoute" can't be an id`, "lower-case"},
		"rule in own package":   {"package acme.net\n\nfinding contains 1 if input.today == \"\"\n", 3, "finding in package acme.net is never judged", "sumlint.rules.<id>"},
		"flow in own package":   {"package acme.net\n\nflow contains 1 if input.today == \"\"\n", 3, "flow in package acme.net is never judged", "sumlint.needs.<id>"},
		"plural":                {strings.ReplaceAll(metadata+"\npackage sumlint.rules.mine"+body, "finding contains", "findings contains"), 10, "rule findings is never judged", `Did you mean "finding"?`},
		"letter missing":        {strings.ReplaceAll(metadata+"\npackage sumlint.rules.mine"+body, "finding contains", "findin contains"), 10, "rule findin is never judged", `Did you mean "finding"?`},
		"case":                  {strings.ReplaceAll(metadata+"\npackage sumlint.rules.mine"+body, "finding contains", "Finding contains"), 10, "rule Finding is never judged", `Did you mean "finding"?`},
		"no set":                {metadata + "\npackage sumlint.rules.mine\n\nfinding := 1\n", 8, "finding must be a set", "finding contains"},
		"no finding":            {metadata + "\npackage sumlint.rules.mine\n\nx := 1\n", 6, "this package defines no finding or review", "finding contains"},
		"no flow":               {metadata + "\npackage sumlint.needs.mine\n\nx := 1\n", 6, "this package defines no flow", "flow contains"},
		"flows":                 {metadata + "\npackage sumlint.needs.mine\n\nflows contains 1\n", 8, "rule flows is never judged", `Did you mean "flow"?`},
		"no METADATA":           {"package sumlint.rules.mine" + body, 1, "this package has no METADATA", "# title:"},
		"METADATA of a rule":    {"package sumlint.rules.mine\n" + metadata + "\nfinding contains 1\n", 1, "this package has no METADATA", "right above the package clause"},
		"no title":              {strings.Replace(metadata, "# title: A title\n", "", 1) + "\npackage sumlint.rules.mine" + body, 1, "METADATA lacks title", ""},
		"no description":        {strings.Replace(metadata, "# description: A description.\n", "", 1) + "\npackage sumlint.rules.mine" + body, 1, "METADATA lacks description", ""},
		"no severity":           {strings.Replace(metadata, "#   severity: warning", "#   x: y", 1) + "\npackage sumlint.rules.mine" + body, 1, "METADATA lacks custom.severity", `"error", "note", "warning"`},
		"a wrong severity":      {strings.Replace(metadata, "warning", "warnin", 1) + "\npackage sumlint.rules.mine" + body, 1, `custom.severity is "warnin"`, `Did you mean "warning"?`},
		"need without METADATA": {"package sumlint.needs.mine\n\nflow contains 1\n", 1, "this package has no METADATA", ""},
	}
	files, names := map[string]string{}, map[string]string{}
	for name, m := range mistakes {
		// Each has an id of its own in place of "mine".
		id := fmt.Sprintf("mine_%d", len(files))
		files[id+".rego"], names[name] = strings.ReplaceAll(m.text, "mine", id), id
	}
	dir := policyDir(t, files)
	j, list := Load(context.Background(), Options{PolicyDirs: []string{dir}})
	if j != nil {
		t.Fatal("they are accepted")
	}
	for name, m := range mistakes {
		m.want, m.detail = strings.ReplaceAll(m.want, "mine", names[name]), strings.ReplaceAll(m.detail, "mine", names[name])
		if !m.in(list, filepath.ToSlash(filepath.Join(dir, names[name]+".rego"))) {
			t.Errorf("%s: no diagnostic in %s says on line %d: %q (%q)", name, names[name], m.line, m.want, m.detail)
		}
	}
	if t.Failed() {
		for _, d := range list {
			t.Log(d)
		}
	}
}

// So is each mistake that OPA finds.
func TestCompilerErrors(t *testing.T) {
	for name, test := range map[string]mistake{
		"a typo of the input": {strings.ReplaceAll(metadata+"\npackage sumlint.rules.mine"+body, "input.classes", "input.clases"), 11, "undefined ref: input.clases", "classes"},
		"a typo of a field":   {strings.ReplaceAll(metadata+"\npackage sumlint.rules.mine"+body, "class.port", "class.prot"), 12, "undefined ref: ", "protocol"},
		"a type":              {strings.ReplaceAll(metadata+"\npackage sumlint.rules.mine"+body, `class.port == "none"`, `class.port == 22`), 12, "match error", ""},
		"a typo in a need":    {metadata + "\npackage sumlint.needs.mine\n\nflow contains 1 if input.server\n", 8, "undefined ref: input.server", "servers"},
		"network":             {strings.ReplaceAll(metadata+"\npackage sumlint.rules.mine"+body, `class.port == "none"`, `http.send({"url": "http://x", "method": "get"})`), 12, "http.send is not available to policies", "input.today"},
		"clock":               {strings.ReplaceAll(metadata+"\npackage sumlint.rules.mine"+body, `class.port == "none"`, `time.now_ns() > 1`), 12, "time.now_ns is not available to policies", "input.today"},
		"no such function":    {strings.ReplaceAll(metadata+"\npackage sumlint.rules.mine"+body, `class.port == "none"`, `net.cidr_contain("10.0.0.0/8", "10.0.0.1")`), 12, "undefined function net.cidr_contain", ""},
		"syntax":              {metadata + "\npackage sumlint.rules.mine\n\nfinding contains if {\n", 8, "", ""},
		"old Rego":            {metadata + "\npackage sumlint.rules.mine\n\nfinding[x] { x := 1 }\n", 8, "", ""},
		"strict":              {strings.ReplaceAll(metadata+"\npackage sumlint.rules.mine"+body, `class.port == "none"`, `unused := 1`), 12, "assigned var unused unused", ""},
		"recursion":           {strings.ReplaceAll(metadata+"\npackage sumlint.rules.mine"+body, `class.port == "none"`, `count(data.sumlint.findings) > 0`), 0, "recursive", ""},
		"METADATA is no YAML": {strings.Replace(metadata, "# title: A title", "# title: [", 1) + "\npackage sumlint.rules.mine" + body, 0, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := policyDir(t, map[string]string{"mine.rego": test.text})
			wantMistake(t, dir, "mine.rego", test)
		})
	}
}

// wantMistake loads a folder and looks for a mistake in one of its files.
func wantMistake(t *testing.T, dir, file string, want mistake) {
	t.Helper()
	j, list := Load(context.Background(), Options{PolicyDirs: []string{dir}})
	if j != nil || !list.HasErrors() {
		t.Fatalf("it is accepted: %v", list)
	}
	if !want.in(list, filepath.ToSlash(filepath.Join(dir, file))) {
		t.Errorf("%s: want line %d: %q (%q); got", file, want.line, want.want, want.detail)
		for _, d := range list {
			t.Errorf("%v", d)
		}
	}
}

// in tells whether diagnostics name the mistake in a file.
func (m mistake) in(list diag.List, file string) bool {
	return slices.ContainsFunc(list, func(d diag.Diagnostic) bool {
		return d.Origin == diag.Policy && d.Place.File == file && (m.line == 0 || d.Place.Line == m.line) &&
			strings.Contains(d.Summary, m.want) && strings.Contains(d.Detail, m.detail)
	})
}

func TestOneFileDoesNotHideAnother(t *testing.T) {
	dir := policyDir(t, map[string]string{
		"a.rego": metadata + "\npackage sumlint.rules.one" + body,
		"b.rego": metadata + "\npackage sumlint.rules.one" + body,
		"c.rego": "package sumlint.rules.two" + body,
		"d.rego": "package sumlint.rules.three\n\nx := {\n",
	})
	_, list := Load(context.Background(), Options{PolicyDirs: []string{dir}})
	var got []string
	for _, d := range list {
		got = append(got, fmt.Sprintf("%s:%d %s", filepath.Base(d.Place.File), d.Place.Line, d.Summary))
	}
	for i, want := range []string{"b.rego:6 package sumlint.rules.one is defined twice", "c.rego:1 this package has no METADATA", "d.rego:"} {
		if i >= len(got) || !strings.HasPrefix(got[i], want) {
			t.Errorf("want %q; got %q", want, got)
		}
	}
}

func TestPolicyFolders(t *testing.T) {
	for name, test := range map[string]struct{ dir, want string }{
		"missing": {filepath.Join(t.TempDir(), "none"), "no such file"},
		"empty":   {t.TempDir(), "no policies here"},
		"large":   {policyDir(t, map[string]string{"a.rego": strings.Repeat("#", maxPolicyBytes+1)}), "larger than 1048576 bytes"},
	} {
		j, list := Load(context.Background(), Options{PolicyDirs: []string{test.dir}})
		if j != nil || len(list) != 1 || !strings.Contains(list[0].Summary, test.want) {
			t.Errorf("%s: got %v", name, list)
		}
	}
}

// A team's rule, library and need work like the built-in ones; tests are left aside.
func TestTeamPolicies(t *testing.T) {
	dir := policyDir(t, map[string]string{
		"rule.rego": metadata + `
package sumlint.rules.lab_ports

import data.acme.names
import data.sumlint.lib.result

finding contains result.at_hop(rego.metadata.chain(), class, h, {"message": sprintf("%s is in the lab", [class.words])}) if {
	some class in input.classes
	names.lab(class.targets[_])
	some h, _ in class.hops
}
`,
		"review.rego": metadata + `
package sumlint.rules.too_many

import data.sumlint.lib.result

review contains result.of_plan(rego.metadata.chain(), {
	"message": sprintf("%d findings", [n]),
	"topology": "plan",
	"location": {"file": "a.sum.hcl"},
}) if {
	n := count(data.sumlint.judged)
	n > 1
}
`,
		"names.rego":     "package acme.names\n\nlab(name) if startswith(name, \"rack-\")\n",
		"rule_test.rego": "package sumlint.rules.lab_ports_test\n\nthis is no Rego\n",
	})
	j := load(t, dir)
	got := map[string]diag.Severity{}
	for _, f := range judged(t, j, someFacts(someClass())) {
		got[f.Rule] = f.Severity
		if f.Rule == "lab-ports" && (f.Firewall != "core" || f.Hop != 0 || f.Location.Line != 41) {
			t.Errorf("got %+v", f)
		}
	}
	if len(got) != 3 || got["missing-allowance"] != diag.Error || got["lab-ports"] != diag.Warning || got["too-many"] != diag.Warning {
		t.Errorf("got %v", got)
	}
	for _, p := range j.Pages() {
		if p.ID == "lab-ports" && (!p.Own || p.Title != "A title" || p.Location.Line != 6 || p.Source == "") {
			t.Errorf("its page is %+v", p)
		}
	}
}

func TestTestsOfATeam(t *testing.T) {
	files := map[string]string{
		"rule.rego": metadata + "\npackage sumlint.rules.mine" + body,
		"rule_test.rego": `package sumlint.rules.mine_test

import data.sumlint.rules.mine

test_silent if count(mine.finding) == 0 with input as {"classes": []}

test_wrong if {
	print("seen")
	count(mine.finding) == 7 with input as {"classes": []}
}

todo_test_later if false
`,
	}
	tests, list := Test(context.Background(), []string{policyDir(t, files)})
	if list.HasErrors() || tests == nil {
		t.Fatal(list)
	}
	if tests.Passed != 1 || tests.Failed != 1 || tests.Skipped != 1 || len(tests.Files) != 1 || tests.Coverage <= 0 || tests.Coverage >= 100 {
		t.Errorf("got %+v", tests)
	}
	for _, r := range tests.Results {
		if r.Outcome == Fail && (!strings.HasSuffix(r.Name, "test_wrong") || r.Location.Line != 7 || r.Output != "seen\n") {
			t.Errorf("got %+v", r)
		}
	}
	_, list = Test(context.Background(), []string{policyDir(t, map[string]string{"rule.rego": files["rule.rego"]})})
	if !list.HasErrors() || !strings.Contains(list[0].Summary, "there are no tests") {
		t.Errorf("without tests: %v", list)
	}
}

// A test that never ends is stopped, and so are the others.
func TestEndlessTest(t *testing.T) {
	tests, list := test(context.Background(), []string{policyDir(t, map[string]string{"slow_test.rego": `package slow_test

test_slow if {
	some a in numbers.range(1, 100000)
	some b in numbers.range(1, 100000)
	a * b == -1
}
`})}, 50*time.Millisecond)
	if list.HasErrors() || tests.Failed != 1 || len(tests.Results) != 1 {
		t.Fatalf("got %+v, %v", tests, list)
	}
	if r := tests.Results[0]; r.Outcome != Error || !strings.HasPrefix(r.Message, "the test took longer than 50ms; it was stopped") {
		t.Errorf("got %+v", r)
	}
}

func TestScaffolds(t *testing.T) {
	files := map[string]string{}
	for _, kind := range []string{"rule", "needs"} {
		made, err := Scaffold(kind, "no-lab-"+kind)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range made {
			files[f.Name] = f.Text
		}
	}
	dir := policyDir(t, files)
	j := load(t, dir)
	if pages := j.NeedPages(); len(pages) != 1 || pages[0].ID != "no-lab-needs" || !slices.Contains(j.RuleIDs(), "no-lab-rule") {
		t.Errorf("got %v and %v", pages, j.RuleIDs())
	}
	tests, list := Test(context.Background(), []string{dir})
	if len(list) != 0 || tests.Passed != 3 || tests.Failed != 0 || tests.Coverage != 100 {
		t.Errorf("got %+v, %v", tests, list)
	}
	for _, wrong := range [][2]string{{"rule", "No-Lab"}, {"rule", "x/../y"}, {"rule", ""}, {"rules", "x"}, {"../scaffold/rule", "x"}} {
		if _, err := Scaffold(wrong[0], wrong[1]); err == nil {
			t.Errorf("%v is accepted", wrong)
		}
	}
}
