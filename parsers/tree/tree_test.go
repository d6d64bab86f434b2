package tree_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/tree"
)

// write makes a file and the folders above it.
func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// link makes a symbolic link, or skips the test where the system refuses.
func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

func open(t *testing.T, root string) *tree.Tree {
	t.Helper()
	opened, err := tree.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { opened.Close() })
	return opened
}

func TestRead(t *testing.T) {
	outer := t.TempDir()
	root := filepath.Join(outer, "root")
	write(t, filepath.Join(outer, "secret"), "secret")
	write(t, filepath.Join(root, "exports", "core.v4"), "*filter")
	write(t, filepath.Join(root, "empty"), "")
	link(t, "exports/core.v4", filepath.Join(root, "inside"))
	link(t, "../empty", filepath.Join(root, "exports", "up"))
	link(t, "../secret", filepath.Join(root, "outside"))
	link(t, outer, filepath.Join(root, "folder"))
	link(t, filepath.Join(root, "empty"), filepath.Join(root, "absolute"))
	link(t, "loop", filepath.Join(root, "loop"))
	link(t, "nowhere", filepath.Join(root, "dangling"))

	tests := []struct{ path, want, wrong string }{
		{path: "exports/core.v4", want: "*filter"},
		{path: "./exports/../exports/core.v4", want: "*filter"},
		{path: "empty", want: ""},
		{path: "inside", want: "*filter"},
		{path: "exports/up", want: ""},
		{path: "../secret", wrong: `"../secret" leads out of the root`},
		{path: "exports/../../secret", wrong: "leads out of the root"},
		{path: filepath.ToSlash(filepath.Join(root, "empty")), wrong: "is an absolute path"},
		{path: "/etc/hostname", wrong: "is an absolute path"},
		{path: "outside", wrong: `"outside" leads out of the root by a symbolic link`},
		{path: "folder/secret", wrong: "leads out of the root by a symbolic link"},
		{path: "absolute", wrong: "leads out of the root by a symbolic link"},
		{path: "loop", wrong: `"loop"`},
		{path: "dangling", wrong: `"dangling" does not exist`},
		{path: "nothing", wrong: `"nothing" does not exist`},
		{path: "exports", wrong: `"exports" is a folder`},
		{path: "", wrong: "is a folder"},
		{path: "a\x00b", wrong: "NUL"},
	}
	tr := open(t, root)
	for _, test := range tests {
		data, err := tr.Read(test.path)
		if test.wrong == "" {
			if err != nil || string(data) != test.want {
				t.Errorf("Read(%q) = %q, %v; want %q", test.path, data, err, test.want)
			}
			if err := tr.Check(test.path); err != nil {
				t.Errorf("Check(%q) = %v", test.path, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("Read(%q): error %v; want one with %q", test.path, err, test.wrong)
		}
		if err := tr.Check(test.path); err == nil || !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("Check(%q): error %v; want one with %q", test.path, err, test.wrong)
		}
		if strings.Contains(err.Error(), outer) && !strings.Contains(test.path, outer) {
			t.Errorf("Read(%q): the error %v names the root", test.path, err)
		}
	}
	if _, err := tr.Read("nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file's error is not fs.ErrNotExist: %v", err)
	}
}

func TestReadUpTo(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "file"), "12345")
	tr := open(t, root)
	if data, err := tr.ReadUpTo("file", 5); err != nil || string(data) != "12345" {
		t.Errorf("five bytes within a limit of five: %q, %v", data, err)
	}
	if _, err := tr.ReadUpTo("file", 4); err == nil || !strings.Contains(err.Error(), "4 bytes, the limit") {
		t.Errorf("five bytes within a limit of four: %v", err)
	}
}

// A file without a size of its own must be read to its end, and no further than the limit.
func TestReadWithoutSize(t *testing.T) {
	if _, err := os.Stat("/proc/self/maps"); err != nil {
		t.Skip("no /proc here")
	}
	tr := open(t, "/proc/self")
	if data, err := tr.Read("maps"); err != nil || len(data) == 0 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if _, err := tr.ReadUpTo("maps", 10); err == nil {
		t.Error("more than ten bytes within a limit of ten")
	}
}

func TestFind(t *testing.T) {
	base := t.TempDir()
	real, err := filepath.EvalSymlinks(base)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(base, "repo", ".git", "HEAD"), "")
	write(t, filepath.Join(base, "repo", "site", "a.sum.hcl"), "")
	write(t, filepath.Join(base, "worktree", ".git"), "gitdir: elsewhere")
	write(t, filepath.Join(base, "worktree", "site", "a.sum.hcl"), "")
	write(t, filepath.Join(base, "plain", "site", "a.sum.hcl"), "")
	tests := map[string]string{
		"repo":                     "repo",
		"repo/site":                "repo",
		"repo/site/a.sum.hcl":      "repo",
		"worktree/site":            "worktree",
		"plain/site/a.sum.hcl":     "plain/site",
		"plain/site":               "plain/site",
		"repo/site/../../plain":    "plain",
		"repo/site/nothing.sum.hc": "repo/site/nothing.sum.hc",
	}
	for start, want := range tests {
		got := tree.Find(filepath.Join(base, filepath.FromSlash(start)))
		wanted := filepath.Join(real, filepath.FromSlash(want))
		if strings.Contains(start, "nothing") {
			wanted = filepath.Join(base, filepath.FromSlash(want))
		}
		if got != wanted {
			t.Errorf("Find(%q) = %q, want %q", start, got, wanted)
		}
	}
}

func TestRel(t *testing.T) {
	base := t.TempDir()
	write(t, filepath.Join(base, "root", "site", "a.sum.hcl"), "")
	write(t, filepath.Join(base, "other"), "")
	link(t, "root", filepath.Join(base, "link"))
	tr := open(t, filepath.Join(base, "link"))
	for p, want := range map[string]string{"root/site/a.sum.hcl": "site/a.sum.hcl", "link/site": "site", "root": "."} {
		if got, err := tr.Rel(filepath.Join(base, filepath.FromSlash(p))); err != nil || got != want {
			t.Errorf("Rel(%q) = %q, %v; want %q", p, got, err, want)
		}
	}
	if got, err := tr.Rel(filepath.Join(base, "other")); err == nil || !strings.Contains(err.Error(), "outside the root") {
		t.Errorf("Rel of a file outside the root = %q, %v", got, err)
	}
	if got, err := tr.Rel(filepath.Join(base, "nothing")); err == nil {
		t.Errorf("Rel of what does not exist = %q", got)
	}
}

func TestList(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"b.sum.hcl", "a.sum.hcl.json", "c.hcl", ".hidden.sum.hcl", "sub/d.sum.hcl", "e.sum.hcl~"} {
		write(t, filepath.Join(root, filepath.FromSlash(name)), "")
	}
	tr := open(t, root)
	for folder, want := range map[string][]string{".": {"a.sum.hcl.json", "b.sum.hcl"}, "": {"a.sum.hcl.json", "b.sum.hcl"}, "sub": {"sub/d.sum.hcl"}} {
		got, err := tr.List(folder)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("List(%q): %v\n%s", folder, err, d)
		}
	}
	for _, folder := range []string{"..", "/", "nothing", "c.hcl"} {
		if got, err := tr.List(folder); err == nil {
			t.Errorf("List(%q) = %q without an error", folder, got)
		}
	}
}

func TestGlob(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"x/a.v4", "x/b.v4", "x/b.v6", "x/y/c.v4", "x/y/z/d.v4", "other/e.v4"} {
		write(t, filepath.Join(root, filepath.FromSlash(name)), "")
	}
	tr := open(t, root)
	tests := []struct {
		folder, pattern string
		want            []string
	}{
		{"x", "*.v4", []string{"a.v4", "b.v4"}},
		{"x", "**/*.v4", []string{"a.v4", "b.v4", "y/c.v4", "y/z/d.v4"}},
		{"x", "*/*.v4", []string{"y/c.v4"}},
		{"x", "**/z/**", []string{"y/z/d.v4"}},
		{"x", "b.*", []string{"b.v4", "b.v6"}},
		{".", "*/[ae].v4", []string{"other/e.v4", "x/a.v4"}},
		{"x", "nothing", nil},
	}
	for _, test := range tests {
		got, err := tr.Glob(test.folder, test.pattern)
		if d := cmp.Diff(test.want, got); err != nil || d != "" {
			t.Errorf("Glob(%q, %q): %v\n%s", test.folder, test.pattern, err, d)
		}
	}
	for _, bad := range [][2]string{{"..", "*"}, {"x", "../*"}, {"x", "[a"}, {"nothing", "*"}, {"x", strings.Repeat("**/", 1000)}} {
		if got, err := tr.Glob(bad[0], bad[1]); err == nil {
			t.Errorf("Glob(%q, %q) = %q without an error", bad[0], bad[1], got)
		}
	}
}

func TestOpenNothing(t *testing.T) {
	if _, err := tree.Open(filepath.Join(t.TempDir(), "nothing")); err == nil {
		t.Error("a root that does not exist opens")
	}
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	if _, err := tree.Open(file); err == nil && runtime.GOOS != "windows" {
		t.Error("a file opens as a root")
	}
}
