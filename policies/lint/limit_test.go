package lint_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sumlint/sumlint/policies/lint"
)

// A plan of too many flows is told, and what fits is listed.
func TestFlowLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("half a million flows take seconds")
	}
	var text strings.Builder
	for i := range 400 {
		fmt.Fprintf(&text, "server \"s%d\" {\n  os = \"linux\"\n  addresses = [\"10.1.%d.%d\"]\n}\ntarget \"ilo\" \"t%d\" { addresses = [\"10.2.%d.%d\"] }\n", i, i>>8, i&255, i, i>>8, i&255)
	}
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "many.sum.hcl"), []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := lint.Flows(context.Background(), lint.Options{Paths: []string{root}, Root: root, Today: "2026-11-22"})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Diagnostics) != 1 || !strings.Contains(r.Diagnostics[0].Message, "more than 500000 flows, the limit") {
		t.Errorf("%+v", r.Diagnostics)
	}
	if n := len(r.Flows); n <= 500_000 || n > 510_000 {
		t.Errorf("%d flows are listed", n)
	}
}
