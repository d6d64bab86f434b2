package tree_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/tree"
)

// repository makes a git work tree with files and links of all kinds, committed.
func repository(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git here")
	}
	root := t.TempDir()
	for name, text := range map[string]string{
		"plan.sum.hcl":                "server {}\n",
		"rollout/a.sum.hcl":           "zone {}\n",
		"rollout/b.sum.hcl.json":      "{}",
		"rollout/exports/core.v4":     "*filter\nCOMMIT\n",
		"rollout/exports/empty":       "",
		"rollout/exports/ä \"b\"\tc":  "odd name\n",
		"rollout/exports/deep/x/y.v4": "deep\n",
		"crlf.txt":                    "a\r\nb\r\n",
	} {
		write(t, filepath.Join(root, name), text)
	}
	link(t, "exports/core.v4", filepath.Join(root, "rollout/link.v4"))
	link(t, "../../rollout/exports", filepath.Join(root, "rollout/exports/loop"))
	link(t, "../..", filepath.Join(root, "rollout/out"))
	link(t, "/etc/passwd", filepath.Join(root, "rollout/absolute"))
	link(t, "rollout/exports/deep", filepath.Join(root, "down"))
	link(t, "down/../core.v4", filepath.Join(root, "above-the-link.v4"))
	link(t, "plan.sum.hcl/../plan.sum.hcl", filepath.Join(root, "through-a-file"))
	link(t, "gone", filepath.Join(root, "rollout/dangling"))
	link(t, "round", filepath.Join(root, "round"))
	git(t, root, "init", "--quiet")
	git(t, root, "add", ".")
	git(t, root, "commit", "--quiet", "--message", "base")
	return root
}

func git(t *testing.T, root string, args ...string) {
	t.Helper()
	args = append([]string{"-C", root, "-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "core.autocrlf=false"}, args...)
	if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
}

func openRevision(t *testing.T, root, rev string) *tree.Tree {
	t.Helper()
	opened, err := tree.OpenRevision(context.Background(), root, rev)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { opened.Close() })
	return opened
}

// answers are what a tree says to all that can be asked, as text.
func answers(t *testing.T, from *tree.Tree) map[string]string {
	t.Helper()
	out := map[string]string{}
	said := func(what, answer string, err error) {
		if err != nil {
			answer, _, _ = strings.Cut("error: "+err.Error(), " in it") // up to what the system says
		}
		out[what] = answer
	}
	for _, p := range []string{".", "plan.sum.hcl", "rollout", "rollout/a.sum.hcl", "rollout/exports/core.v4", "rollout/exports/empty", "rollout/exports/ä \"b\"\tc",
		"rollout/exports/deep", "rollout/exports/deep/x/y.v4", "rollout/link.v4", "rollout/exports/loop/core.v4", "rollout/exports/loop/loop/core.v4", "rollout/out",
		"rollout/out/plan.sum.hcl", "rollout/absolute", "rollout/dangling", "round", "above-the-link.v4", "through-a-file", "down/x/y.v4", "plan.sum.hcl/.", "crlf.txt", "no", "no/thing", "plan.sum.hcl/x", "../x", "/etc/passwd", ""} {
		data, err := from.Read(p)
		said("read "+p, string(data), err)
		said("check "+p, "fine", from.Check(p))
		folder, err := from.IsFolder(p)
		said("folder "+p, map[bool]string{true: "yes", false: "no"}[folder], err)
		list, err := from.List(p)
		said("list "+p, strings.Join(list, "|"), err)
		list, err = from.Glob(p, "**/*.v4")
		said("glob "+p, strings.Join(list, "|"), err)
	}
	return out
}

// A revision answers as the work tree did when it was committed, whatever became of
// that since.
func TestRevisionAnswersAsTheWorkTree(t *testing.T) {
	root := repository(t)
	want := answers(t, open(t, root))
	write(t, filepath.Join(root, "rollout/exports/core.v4"), "changed\n")
	if err := os.RemoveAll(filepath.Join(root, "rollout/exports/deep")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "rollout/new.sum.hcl"), "new\n")
	got := answers(t, openRevision(t, root, "HEAD"))
	for what := range want {
		// Where the path leads nowhere the system's words differ; that it fails counts.
		if strings.HasPrefix(want[what], "error: ") && strings.HasPrefix(got[what], "error: ") {
			delete(want, what)
			delete(got, what)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the revision answers otherwise (-work tree +revision):\n%s", diff)
	}
}

func TestRevisionOfAFolder(t *testing.T) {
	root := repository(t)
	sub := openRevision(t, filepath.Join(root, "rollout"), "HEAD")
	if data, err := sub.Read("exports/core.v4"); err != nil || string(data) != "*filter\nCOMMIT\n" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := sub.Read("out/plan.sum.hcl"); err == nil {
		t.Error("a link leads out of the root")
	}
}

// In a hook git's own variables point to the whole work tree.
func TestRevisionInAHook(t *testing.T) {
	root := repository(t)
	t.Setenv("GIT_DIR", filepath.Join(root, ".git"))
	t.Setenv("GIT_INDEX_FILE", filepath.Join(root, ".git/index"))
	sub := openRevision(t, filepath.Join(root, "rollout"), "HEAD")
	if data, err := sub.Read("exports/core.v4"); err != nil || string(data) != "*filter\nCOMMIT\n" {
		t.Errorf("%q, %v", data, err)
	}
}

// A clone without contents gets those that are read, and no others.
func TestRevisionOfAPartialClone(t *testing.T) {
	root := repository(t)
	git(t, root, "config", "uploadpack.allowFilter", "true")
	git(t, root, "config", "uploadpack.allowAnySHA1InWant", "true")
	partial := filepath.Join(t.TempDir(), "partial")
	git(t, root, "clone", "--quiet", "--no-checkout", "--filter=blob:none", "file://"+root, partial)
	packs := func() int {
		found, err := filepath.Glob(filepath.Join(partial, ".git/objects/pack/*.pack"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	before := packs()
	from := openRevision(t, partial, "HEAD")
	if err := from.Check("rollout/exports/core.v4"); err != nil {
		t.Error(err)
	}
	if packs() != before {
		t.Error("contents were fetched that nobody has read")
	}
	if data, err := from.Read("rollout/exports/core.v4"); err != nil || string(data) != "*filter\nCOMMIT\n" {
		t.Errorf("%q, %v", data, err)
	}
}

func TestRevisionThatIsNone(t *testing.T) {
	root := repository(t)
	for _, rev := range []string{"no-such-revision", "--output=x", "", "HEAD:rollout", "HEAD^{tree}"} {
		if _, err := tree.OpenRevision(context.Background(), root, rev); err == nil {
			t.Errorf("%q is taken for a revision", rev)
		}
	}
	if _, err := tree.OpenRevision(context.Background(), t.TempDir(), "HEAD"); err == nil {
		t.Error("a folder without git has a revision")
	}
}

func TestLargeFileStorageIsRefused(t *testing.T) {
	root := repository(t)
	write(t, filepath.Join(root, "large.v4"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
	git(t, root, "add", ".")
	git(t, root, "commit", "--quiet", "--message", "large")
	if _, err := openRevision(t, root, "HEAD").Read("large.v4"); err == nil || !strings.Contains(err.Error(), "large file storage") {
		t.Errorf("the error is %v", err)
	}
}

func TestSame(t *testing.T) {
	root := repository(t)
	for name, from := range map[string]*tree.Tree{"folder": open(t, root), "revision": openRevision(t, root, "HEAD")} {
		for _, c := range []struct {
			path, text string
			want       bool
		}{
			{"crlf.txt", "a\r\nb\r\n", true},
			{"crlf.txt", "a\nb\n", false},
			{"rollout/link.v4", "*filter\nCOMMIT\n", true},
			{"rollout/exports/empty", "", true},
			{"rollout", "", false},
			{"no", "", false},
			{"../x", "", false},
			{"rollout/absolute", "", false},
		} {
			if got := from.Same(c.path, []byte(c.text)); got != c.want {
				t.Errorf("%s: %s holds %q: %v, want %v", name, c.path, c.text, got, c.want)
			}
		}
	}
}

// A record holds for a tree that would have answered alike, and only for one.
func TestRecord(t *testing.T) {
	root := repository(t)
	recorded, record := open(t, root).Recorded()
	answers(t, recorded)
	if !record.Holds(open(t, root)) {
		t.Error("the record does not hold for the tree itself")
	}
	for what, change := range map[string]func(string) error{
		"a file's content": func(r string) error { return os.WriteFile(filepath.Join(r, "crlf.txt"), []byte("a\nb\n"), 0o644) },
		"a missing file":   func(r string) error { return os.Remove(filepath.Join(r, "rollout/exports/empty")) },
		"a new topology":   func(r string) error { return os.WriteFile(filepath.Join(r, "rollout/z.sum.hcl"), nil, 0o644) },
		"a new match":      func(r string) error { return os.WriteFile(filepath.Join(r, "rollout/exports/new.v4"), nil, 0o644) },
		"a file that was not there": func(r string) error {
			return os.WriteFile(filepath.Join(r, "no"), nil, 0o644)
		},
	} {
		other := t.TempDir()
		copied := exec.Command("cp", "-R", root+"/.", other)
		if out, err := copied.CombinedOutput(); err != nil {
			t.Skipf("cp: %v: %s", err, out)
		}
		if !record.Holds(open(t, other)) {
			t.Fatalf("%s: the record does not hold for a copy", what)
		}
		if err := change(other); err != nil {
			t.Fatal(err)
		}
		if record.Holds(open(t, other)) {
			t.Errorf("%s makes no difference", what)
		}
	}
}
