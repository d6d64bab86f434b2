package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadmeExcerpts holds what README shows of the first command's output against
// that output.
func TestReadmeExcerpts(t *testing.T) {
	const root = "../../.."
	readme, err := os.ReadFile(root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	got := run(nil, "check", "--root", root, root+"/fixtures/datacenter")
	if got.code != 1 || got.stderr != "" {
		t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
	}
	blocks := strings.Split(string(readme), "\n```text\n")[1:]
	if len(blocks) == 0 {
		t.Fatal("README shows no output")
	}
	for _, block := range blocks {
		excerpt, _, _ := strings.Cut(block, "```")
		if !strings.Contains(got.stdout, excerpt) {
			t.Errorf("README shows\n%s\nbut the output is\n%s", excerpt, got.stdout)
		}
	}
}

// TestReadmeCommands runs each sumlint command that README shows on a line of its own,
// and holds the policies it shows against what `sumlint init` writes.
func TestReadmeCommands(t *testing.T) {
	const root = "../../.."
	text, err := os.ReadFile(root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "fixtures", "datacenter"), os.DirFS(root+"/fixtures/datacenter")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	commands := 0
	for _, block := range strings.Split(readme, "\n```sh\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		for line := range strings.Lines(block) {
			if words := strings.Fields(line); words[0] == "sumlint" {
				commands++
				if got := run(nil, words[1:]...); got.code > 1 {
					t.Errorf("%s exits with %d:\n%s", line, got.code, got.stderr)
				}
			}
		}
	}
	if commands == 0 {
		t.Error("README shows no command")
	}
	if got := run(nil, "check", "--baseline", "known.json", "fixtures/datacenter"); got.code != 0 {
		t.Errorf("with README's baseline check exits with %d", got.code)
	}
	for _, name := range []string{"no_lab_ssh.rego", "admin_only.rego"} {
		policy, err := os.ReadFile(filepath.Join("policies", name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(readme, "\n```rego\n"+strings.TrimSpace(string(policy))+"\n```\n") {
			t.Errorf("README does not show %s as init writes it", name)
		}
	}
}

// TestReadmeDecisions reads the blocks that README adds to a topology.
func TestReadmeDecisions(t *testing.T) {
	const root = "../../.."
	text, err := os.ReadFile(root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, blocks, found := strings.Cut(string(text), "\n```hcl\npolicy ")
	if !found {
		t.Fatal("README shows no policy block")
	}
	blocks, _, _ = strings.Cut("policy "+blocks, "```")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(root+"/fixtures/datacenter")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "decisions.sum.hcl"), []byte(blocks), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(nil, "check", dir)
	for _, want := range []string{"exposed-port: the rule is switched off", `core: The topology says that "limit --limit 100/sec" holds`} {
		if got.code != 1 || !strings.Contains(got.stdout, want) {
			t.Errorf("exit code %d, want 1 and %q in\n%s%s", got.code, want, got.stderr, got.stdout)
		}
	}
}
