package cli

import (
	"os"
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
