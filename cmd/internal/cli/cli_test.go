package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/policies/report"
)

// TestMain lets the scripts run this test binary as sumlint.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"sumlint": func() {
			os.Exit(Main(context.Background()))
		},
		// status runs a command and fails unless it ends with the exit code that is
		// its first argument.
		"status": runStatus,
	})
}

// TestScripts runs testdata/*.txtar, which read as a manual of the command line.
// -update writes anew what they expect of an output.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("SOURCE_DATE_EPOCH", "1795305600") // 2026-11-22
			return nil
		},
	})
}

// result is what a command line did.
type result struct {
	code           int
	stdout, stderr string
}

// run runs a command line in this process.
func run(env map[string]string, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := Run(context.Background(), args, strings.NewReader(""), &stdout, &stderr, func(name string) string { return env[name] })
	return result{code, stdout.String(), stderr.String()}
}

func TestUsageErrors(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args string
		want string // in the message
	}{
		{"", `no command given. Expected one of`},
		{"chek", `unknown command "chek". Did you mean "check"? Expected one of "check"`},
		{"chek --format json", `unknown command "chek". Did you mean "check"?`},
		{"help chek", `unknown command "chek". Did you mean "check"?`},
		{"check --formt json", `unknown flag "--formt" for sumlint check. Did you mean "--format"? Expected one of "--`},
		{"check -q", `unknown flag "-q" for sumlint check`},
		{"check --format jsn", `--format: unknown value "jsn". Did you mean "json"? Expected one of`},
		{"check --format", `--format needs a value`},
		{"check --fail-on errors", `--fail-on: unknown value "errors". Did you mean "error"? Expected one of "error", "none", "note", "warning".`},
		{"check --color yes", `--color: unknown value "yes". Expected one of "always", "auto", "never".`},
		{"check --report json", `--report: "json" is not FORMAT=FILE`},
		{"check --report json=", `--report: "json=" is not FORMAT=FILE`},
		{"check --report jsn=x", `--report: unknown format "jsn". Did you mean "json"?`},
		{"check --report json=" + dir + "/no/x", `does not exist`},
		{"check --report json=" + dir, `is no regular file`},
		{"check --report json=" + dir + "/a --report text=" + dir + "/./a", `is named twice`},
		{"check --today 2026-02-30", `--today: "2026-02-30" is no date; write it as YYYY-MM-DD`},
		{"check --today tomorrow", `--today: "tomorrow" is no date`},
		{"check --verbose=maybe", `--verbose: `},
		{"flows --format yaml", `--format: unknown value "yaml". Expected one of "csv", "json", "markdown", "text".`},
		{"facts --format text", `--format: unknown value "text". Expected one of "json".`},
		{"version now", `sumlint version takes no arguments, but "now" is one`},
	} {
		got := run(nil, strings.Fields(c.args)...)
		if got.code != 2 || got.stdout != "" {
			t.Errorf("sumlint %s: exit code %d, stdout %q; want 2 and nothing", c.args, got.code, got.stdout)
		}
		if !strings.HasPrefix(got.stderr, "sumlint: ") || !strings.Contains(got.stderr, c.want) || !strings.Contains(got.stderr, "--help'.\n") {
			t.Errorf("sumlint %s says\n%s\nwant %q and where the help is", c.args, got.stderr, c.want)
		}
	}
	if got := run(map[string]string{"SOURCE_DATE_EPOCH": "soon"}, "check"); got.code != 2 || !strings.Contains(got.stderr, "SOURCE_DATE_EPOCH") {
		t.Errorf("a bad SOURCE_DATE_EPOCH: %+v", got)
	}
}

func TestEveryCommandHasFullHelp(t *testing.T) {
	root := (&program{env: func(string) string { return "" }}).root()
	for _, cmd := range root.Commands() {
		if cmd.Hidden || cmd.Name() == "help" || cmd.Name() == "completion" {
			continue
		}
		got := run(nil, cmd.Name(), "--help")
		if got.code != 0 || got.stderr != "" {
			t.Errorf("sumlint %s --help: %+v", cmd.Name(), got)
		}
		if cmd.Long == "" || cmd.Short == "" || cmd.Example == "" {
			t.Errorf("sumlint %s lacks a text or an example", cmd.Name())
		}
		for line := range strings.SplitSeq(cmd.Long+"\n"+cmd.Example, "\n") {
			if n := len([]rune(line)); n > 88 {
				t.Errorf("sumlint %s --help has a line of %d characters: %s", cmd.Name(), n, line)
			}
		}
		if again := run(nil, "help", cmd.Name()); again != got {
			t.Errorf("sumlint help %s differs from sumlint %s --help", cmd.Name(), cmd.Name())
		}
		if flag := cmd.Flags().Lookup("format"); flag != nil && !strings.Contains(flag.Value.Type(), "json") {
			t.Errorf("sumlint %s has no JSON", cmd.Name())
		}
	}
	if got := run(nil, "check", "--help"); !strings.Contains(got.stdout, exitCodes) {
		t.Error("sumlint check --help lacks the exit codes")
	}
}

func TestExitCode(t *testing.T) {
	finding := func(s diag.Severity, waived bool) report.Report {
		return report.Report{Findings: []report.Finding{{Severity: s, Waived: waived}}}
	}
	problem := func(s diag.Severity, origins ...diag.Origin) report.Report {
		r := finding(diag.Error, false)
		for _, o := range origins {
			r.Diagnostics = append(r.Diagnostics, report.Diagnostic{Severity: s, Origin: o})
		}
		return r
	}
	for _, c := range []struct {
		name   string
		report report.Report
		failOn diag.Severity
		want   int
	}{
		{"nothing", report.Report{}, diag.Error, 0},
		{"an error", finding(diag.Error, false), diag.Error, 1},
		{"a warning", finding(diag.Warning, false), diag.Error, 0},
		{"a warning that counts", finding(diag.Warning, false), diag.Warning, 1},
		{"a note that counts", finding(diag.Note, false), diag.Note, 1},
		{"an error counts wherever a note does", finding(diag.Error, false), diag.Note, 1},
		{"a waived error", finding(diag.Error, true), diag.Note, 0},
		{"nothing counts", finding(diag.Error, false), "none", 0},
		{"an unread export", problem(diag.Error, diag.Export), diag.Error, 3},
		{"an unread export where nothing counts", problem(diag.Error, diag.Export), "none", 3},
		{"a broken topology", problem(diag.Error, diag.Topology), diag.Error, 2},
		{"a broken policy", problem(diag.Error, diag.Policy), diag.Error, 2},
		{"wrong usage", problem(diag.Error, diag.Usage), diag.Error, 2},
		{"the worst counts", problem(diag.Error, diag.Export, diag.Topology, diag.Export), diag.Error, 2},
		{"a warning about an export", problem(diag.Warning, diag.Export), diag.Error, 1},
	} {
		if got := exitCode(&c.report, c.failOn); got != c.want {
			t.Errorf("%s: exit code %d, want %d", c.name, got, c.want)
		}
	}
}

func TestToday(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 30, 0, 0, time.FixedZone("", 3600)) // the 22nd in UTC
	for _, c := range []struct{ flag, epoch, want string }{
		{"", "", "2026-11-22"},
		{"", "0", "1970-01-01"},
		{"", "1798761600", "2027-01-01"},
		{"2026-12-01", "0", "2026-12-01"},
		{"", "-1", ""},
		{"", "999999999999999", ""},
		{"1.12.2026", "", ""},
	} {
		got, err := today(c.flag, c.epoch, now)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("today(%q, %q) = %q, %v; want %q", c.flag, c.epoch, got, err, c.want)
		}
	}
}

func TestColor(t *testing.T) {
	for _, c := range []struct {
		flag string
		env  map[string]string
		want bool
	}{
		{"auto", nil, false}, // no terminal
		{"always", nil, true},
		{"always", map[string]string{"NO_COLOR": "1", "TERM": "dumb"}, true},
		{"never", map[string]string{"CLICOLOR_FORCE": "1"}, false},
		{"auto", map[string]string{"CLICOLOR_FORCE": "1"}, true},
		{"auto", map[string]string{"CLICOLOR_FORCE": "0"}, false},
		{"auto", map[string]string{"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, false},
	} {
		p := &program{env: func(name string) string { return c.env[name] }, color: choice{value: c.flag}}
		if got := p.colored(io.Discard); got != c.want {
			t.Errorf("--color %s with %v: %v, want %v", c.flag, c.env, got, c.want)
		}
	}
}

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	check := func(want string) {
		t.Helper()
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("the file holds %q, %v; want %q", got, err, want)
		}
		if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) != 1 {
			t.Errorf("the folder holds %q", names)
		}
	}
	if err := replaceFile(path, text("first")); err != nil {
		t.Fatal(err)
	}
	check("first")
	if err := replaceFile(path, text("2nd")); err != nil {
		t.Fatal(err)
	}
	check("2nd")
	failure := errors.New("no more")
	err := replaceFile(path, func(w io.Writer) error {
		fmt.Fprint(w, strings.Repeat("half", 10000))
		return failure
	})
	if !errors.Is(err, failure) || !strings.Contains(err.Error(), path) {
		t.Errorf("the error is %v", err)
	}
	check("2nd")
	if err := replaceFile(filepath.Join(dir, "no", "file"), text("x")); err == nil || strings.Contains(err.Error(), ".tmp") {
		t.Errorf("a missing folder: %v", err)
	}
}

func TestReplaceFileDoesNotFollowLinks(t *testing.T) {
	dir := t.TempDir()
	outside, link := filepath.Join(dir, "outside"), filepath.Join(dir, "link")
	if err := os.WriteFile(outside, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	if err := replaceFile(link, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(outside); string(got) != "kept" {
		t.Errorf("the link's target now holds %q", got)
	}
	if got, _ := os.ReadFile(link); string(got) != "new" {
		t.Errorf("the file holds %q", got)
	}
}
