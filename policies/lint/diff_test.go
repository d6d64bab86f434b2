package lint_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sumlint/sumlint/policies/lint"
	"github.com/sumlint/sumlint/policies/report"
)

// flowsOf are the flows of a check, each with its hops.
func flowsOf(t *testing.T, root string) []report.Flow {
	t.Helper()
	r, err := lint.Check(context.Background(), lint.Options{Paths: []string{root}, Root: root, Today: "2026-11-22"})
	if err != nil {
		t.Fatal(err)
	}
	return r.Flows
}

// withoutNear leaves out what a comparison does not look for.
var withoutNear = cmpopts.IgnoreFields(report.Hop{}, "Near")

// A comparison traces the older state only where it differs; what it says of each flow
// must be what a check of either state says.
func TestDiffIsTwoChecks(t *testing.T) {
	for _, fixture := range []string{"datacenter", "windows", "routed"} {
		old := filepath.Join("../../fixtures", fixture)
		before := flowsOf(t, old)
		changed, tried := 0, 0
		files, err := filepath.Glob(filepath.Join(old, "exports/*"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range append(files, filepath.Join(old, "topology.sum.hcl")) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.SplitAfter(string(text), "\n")
			for at := 3; at < len(lines); at += len(lines)/2 + 1 {
				root := t.TempDir()
				if err := os.CopyFS(root, os.DirFS(old)); err != nil {
					t.Fatal(err)
				}
				rel, _ := filepath.Rel(old, file)
				without := strings.Join(lines[:at], "") + strings.Join(lines[at+1:], "")
				if err := os.WriteFile(filepath.Join(root, rel), []byte(without), 0o644); err != nil {
					t.Fatal(err)
				}
				gotBefore, gotAfter, err := lint.Diff(context.Background(), lint.Options{Paths: []string{root}, Root: root, Today: "2026-11-22"}, old)
				if err != nil {
					t.Fatal(err)
				}
				after := flowsOf(t, root)
				tried++
				if !cmp.Equal(before, after) {
					changed++
				}
				if diff := cmp.Diff(before, gotBefore.Flows, withoutNear); diff != "" {
					t.Fatalf("without line %d of %s: the older flows differ from their check (-check +diff):\n%s", at+1, file, diff)
				}
				if diff := cmp.Diff(after, gotAfter.Flows, withoutNear); diff != "" {
					t.Fatalf("without line %d of %s: the newer flows differ from their check (-check +diff):\n%s", at+1, file, diff)
				}
			}
		}
		if changed == 0 || changed == tried {
			t.Errorf("%s: %d of %d changes changed a flow; the test wants some that do and some that don't", fixture, changed, tried)
		}
	}
}
