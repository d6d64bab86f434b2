package action

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// root is the module's root, seen from this package.
const root = "../../.."

// repository makes a git repository with a copy of a fixture and returns its folder.
func repository(t *testing.T, fixture string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the scripts are tested where bash is at home")
	}
	for _, tool := range []string{"bash", "git", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "fixtures", fixture))); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("git", "-C", dir, "init", "--quiet").CombinedOutput(); err != nil {
		t.Fatalf("git init: %v\n%s", err, out)
	}
	return dir
}

// step runs one of the action's scripts as a step of a job and returns what it
// printed, its outputs and its exit code.
func step(t *testing.T, dir, script string, env ...string) (log string, outputs map[string]string, code int) {
	t.Helper()
	temp := t.TempDir()
	path, err := filepath.Abs(filepath.Join(root, ".github/actions/sumlint"))
	if err != nil {
		t.Fatal(err)
	}
	outputFile := filepath.Join(temp, "output")
	cmd := exec.Command("bash", filepath.Join(path, script))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "RUNNER_TEMP="+temp, "RUNNER_OS=Linux", "GITHUB_ACTION_PATH="+path,
		"GITHUB_OUTPUT="+outputFile, "GITHUB_STEP_SUMMARY="+filepath.Join(temp, "summary"), "GITHUB_REPOSITORY=o/r")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	text, err := os.ReadFile(outputFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	outputs = map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		key, value, _ := strings.Cut(line, "=")
		outputs[key] = value
	}
	summary, _ := os.ReadFile(filepath.Join(temp, "summary"))
	outputs["summary"] = string(summary)
	return string(out), outputs, cmd.ProcessState.ExitCode()
}

func TestCheck(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "sumlint")
	if out, err := exec.Command("go", "build", "-o", binary, root+"/cmd/sumlint").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	tests := []struct {
		name, fixture, failOn, paths string
		code, summary, log           string
	}{
		{"findings", "datacenter", "error", "", "1", "will stop parts of this rollout", "::error file=exports/"},
		{"findings that do not fail", "datacenter", "none", "\n . \n", "0", "will stop parts of this rollout", "::error file=exports/"},
		{"clean", "clean", "error", ".", "0", "sumlint", "sumlint: "},
		{"no such path", "clean", "error", "nothing", "2", "", "nothing"},
		{"a path that looks like a flag", "clean", "error", "--help", "2", "", "--help"},
		{"wrong severity", "clean", "fatal", ".", "2", "", "fatal"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := repository(t, tt.fixture)
			log, out, code := step(t, dir, "check.sh", "SUMLINT_BINARY="+binary, "SUMLINT_FAIL_ON="+tt.failOn, "SUMLINT_PATHS="+tt.paths)
			if code != 0 {
				t.Fatalf("the script ended with %d:\n%s", code, log)
			}
			if out["exit-code"] != tt.code {
				t.Errorf("exit code %q, want %q:\n%s", out["exit-code"], tt.code, log)
			}
			if !strings.Contains(out["summary"], tt.summary) {
				t.Errorf("the summary is %q", out["summary"])
			}
			if !strings.Contains(log, tt.log) {
				t.Errorf("the log is %q", log)
			}
			for _, name := range []string{"report.json", "report.html", "report.md", "report.sarif", "report.xml"} {
				if _, err := os.Stat(filepath.Join(out["reports"], name)); err != nil && tt.code != "2" {
					t.Error(err)
				}
			}
		})
	}
}

// Without a binary, the action builds its own source: the module three folders up.
func TestCheckBuilds(t *testing.T) {
	dir := repository(t, "clean")
	bin := t.TempDir()
	script := "#!/bin/sh\ntest -f go.mod && test -f cmd/sumlint/main.go || exit 9\necho \"$CGO_ENABLED $*\"\nmkdir -p \"${4%/*}\" && printf '#!/bin/sh\\necho built; exit 3\\n' >\"$4\" && chmod +x \"$4\"\n"
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	log, out, code := step(t, dir, "check.sh", "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	if code != 0 || out["exit-code"] != "3" || !strings.HasPrefix(log, "0 build -trimpath -o ") || !strings.HasSuffix(log, "built\n") {
		t.Errorf("exit code %d, outputs %v, log %q", code, out, log)
	}
}

func TestCheckRefusesLinesAsFolder(t *testing.T) {
	dir := repository(t, "clean")
	log, out, code := step(t, dir, "check.sh", "SUMLINT_BINARY=/bin/true", "SUMLINT_REPORTS=a\nexit-code=0")
	if code != 2 || out["exit-code"] != "" {
		t.Errorf("exit code %d, outputs %q:\n%s", code, out, log)
	}
}

// fakeGH puts a gh on PATH that notes how it is called, prints the comments' ids
// when it is asked for them, and fails where fail stands in its arguments.
func fakeGH(t *testing.T, ids, fail string) (path, calls string) {
	t.Helper()
	dir := t.TempDir()
	calls = filepath.Join(dir, "calls")
	script := "#!/bin/sh\necho \"$@\" >>" + calls + "\ncase \"$*\" in *" + fail + "*) exit 1;; *--paginate*) printf '" + ids + "';; esac\n"
	if err := os.WriteFile(filepath.Join(dir, "gh"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir + string(os.PathListSeparator) + os.Getenv("PATH"), calls
}

func TestComment(t *testing.T) {
	dir := repository(t, "clean")
	body := filepath.Join(dir, "report.md")
	if err := os.WriteFile(body, []byte("<!-- sumlint report -->\n## sumlint\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, ids, fail, body, call, log string }{
		{"first", "", "nothing", body, "--method POST repos/o/r/issues/7/comments --field body=@", ""},
		{"again", "11\\n12\\n", "nothing", body, "--method PATCH repos/o/r/issues/comments/11 --field body=@", ""},
		{"may not read", "", "--paginate", body, "--paginate", "::warning title=sumlint::The pull request's comments can't be read"},
		{"may not write", "", "POST", body, "--method POST", "::warning title=sumlint::The comment can't be written"},
		{"no report", "", "nothing", dir + "/none.md", "", "::warning title=sumlint::There is no report"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path, calls := fakeGH(t, tt.ids, tt.fail)
			log, _, code := step(t, dir, "comment.sh", "PATH="+path, "SUMLINT_BODY="+tt.body, "SUMLINT_PULL_REQUEST=7", "GH_TOKEN=none")
			if code != 0 || !strings.HasPrefix(log, tt.log) || tt.log == "" && log != "" {
				t.Errorf("exit code %d, log %q", code, log)
			}
			text, err := os.ReadFile(calls)
			if err != nil && tt.call != "" {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), tt.call) || tt.call == "" && len(text) > 0 {
				t.Errorf("gh was called with %q, want %q", text, tt.call)
			}
		})
	}
}

// manifest reads a YAML file of the repository.
func manifest(t *testing.T, name string, v any) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(text)
}

// Every action that workflows and the action use is pinned to a commit, and no
// script has an input pasted into it.
func TestWorkflowsArePinned(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, filepath.Join(root, ".github/actions/sumlint/action.yml"))
	for _, file := range files {
		name, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		var doc yaml.Node
		manifest(t, name, &doc)
		walkYAML(&doc, func(key string, value *yaml.Node) {
			switch key {
			case "uses":
				action, ref, _ := strings.Cut(value.Value, "@")
				if !strings.HasPrefix(action, "./") && (len(ref) != 40 || strings.Trim(ref, "0123456789abcdef") != "") {
					t.Errorf("%s:%d: %s is not pinned to a commit", name, value.Line, value.Value)
				}
			case "run":
				if strings.Contains(value.Value, "${{") {
					t.Errorf("%s:%d: an expression is pasted into a script; hand it over in env", name, value.Line)
				}
			}
		})
	}
}

// walkYAML calls f for each key of each mapping.
func walkYAML(n *yaml.Node, f func(key string, value *yaml.Node)) {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			f(n.Content[i].Value, n.Content[i+1])
		}
	}
	for _, c := range n.Content {
		walkYAML(c, f)
	}
}

// The action's outputs come from steps and names that exist.
func TestActionOutputs(t *testing.T) {
	var action struct {
		Inputs  map[string]struct{ Description string }
		Outputs map[string]struct{ Value string }
		Runs    struct {
			Steps []struct {
				ID  string
				Env map[string]string
			}
		}
	}
	text := manifest(t, ".github/actions/sumlint/action.yml", &action)
	check, err := os.ReadFile(filepath.Join(root, ".github/actions/sumlint/check.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range action.Outputs {
		if !strings.Contains(string(check), `echo "`+name+"=") {
			t.Errorf("check.sh does not write the output %s", name)
		}
	}
	for name := range action.Inputs {
		if !strings.Contains(text, "inputs."+name) {
			t.Errorf("the input %s is not used", name)
		}
	}
	for _, s := range action.Runs.Steps {
		for name := range s.Env {
			if strings.HasPrefix(name, "SUMLINT_") && s.ID == "check" && !strings.Contains(string(check), name) {
				t.Errorf("check.sh does not read %s", name)
			}
		}
	}
}

// The hooks run commands that sumlint has, and the release builds a package and
// sets a variable that exist.
func TestManifestsNameWhatExists(t *testing.T) {
	var hooks []struct{ ID, Entry, Language string }
	manifest(t, ".pre-commit-hooks.yaml", &hooks)
	for _, h := range hooks {
		if h.Entry != "sumlint check" {
			t.Errorf("hook %s runs %q", h.ID, h.Entry)
		}
	}
	var release struct {
		Builds []struct {
			Main    string
			Env     []string
			Goos    []string
			Goarch  []string
			Ldflags []string
		}
	}
	manifest(t, ".goreleaser.yaml", &release)
	b := release.Builds[0]
	if _, err := os.Stat(filepath.Join(root, b.Main, "main.go")); err != nil {
		t.Error(err)
	}
	if len(b.Goos)*len(b.Goarch) != 6 || b.Env[0] != "CGO_ENABLED=0" {
		t.Errorf("the release builds %v on %v with %v", b.Goos, b.Goarch, b.Env)
	}
	source, err := os.ReadFile(filepath.Join(root, "cmd/internal/cli/version.go"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.Ldflags[0], "cmd/internal/cli.version=") || !strings.Contains(string(source), "\nvar version string\n") {
		t.Errorf("ldflags %q set no variable of the program", b.Ldflags)
	}
}
