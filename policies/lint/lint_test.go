package lint_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sumlint/sumlint/policies/lint"
	"github.com/sumlint/sumlint/policies/report"
)

var update = flag.Bool("update", false, "rewrite the want files of the cases")

// TestCases lints each archive of testdata and compares what came out with its file
// "want": a line for each flow that is not allowed, with its hops, then the findings.
func TestCases(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			folder := t.TempDir()
			want := -1
			for i, f := range archive.Files {
				if f.Name == "want" {
					want = i
					continue
				}
				name := filepath.Join(folder, filepath.FromSlash(f.Name))
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want < 0 {
				archive.Files = append(archive.Files, txtar.File{Name: "want"})
				want = len(archive.Files) - 1
			}
			o := lint.Options{Paths: []string{folder}, Root: folder, Today: "2026-11-22"}
			if info, err := os.Stat(filepath.Join(folder, "policy")); err == nil && info.IsDir() {
				o.PolicyDirs = []string{filepath.Join(folder, "policy")}
			}
			got, err := lint.Check(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			text := outline(got)
			if *update {
				archive.Files[want].Data = []byte(text)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[want].Data), text); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			o.Verbose = true
			verbose, err := lint.Check(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got.Findings, verbose.Findings); diff != "" {
				t.Errorf("with Verbose the findings differ (-brief +verbose):\n%s", diff)
			}
		})
	}
}

// outline is the part of a report that the cases are about, one line each.
func outline(r *report.Report) string {
	var b strings.Builder
	for _, d := range r.Diagnostics {
		fmt.Fprintf(&b, "%s: %s:%d: %s\n", d.Severity, d.Location.File, d.Location.Line, d.Message)
	}
	fmt.Fprintf(&b, "%d flows, %d allowed\n", r.Summary.Flows, r.Summary.Allowed)
	for _, f := range r.Flows {
		if f.Verdict == report.Allowed && f.Must == "" {
			continue
		}
		fmt.Fprintf(&b, "%s: %s\n", f.ID, f.Verdict)
		for _, h := range f.Hops {
			fmt.Fprintf(&b, "  %d %s %s %s: %s", h.Path, h.Firewall, h.Hook, h.Leg, h.Verdict)
			if h.Redirected != "" {
				fmt.Fprintf(&b, ", redirected to %s", h.Redirected)
			}
			for _, d := range h.DecidedBy {
				fmt.Fprintf(&b, ", %s:%d", d.File, d.Line)
			}
			b.WriteString("\n")
			for _, m := range h.Missing {
				fmt.Fprintf(&b, "    missing %s > %s %s %s", strings.Join(m.Source, " "), strings.Join(m.Destination, " "), m.Protocol, m.Port)
				if m.SourcePort != "" {
					fmt.Fprintf(&b, " from ports %s", m.SourcePort)
				}
				b.WriteString("\n")
			}
			for _, d := range h.DependsOn {
				fmt.Fprintf(&b, "    depends on %s: %s\n", d.Kind, d.Text)
			}
		}
	}
	for _, f := range r.Findings {
		waived := ""
		if f.Waived {
			waived = " (waived)"
		}
		fmt.Fprintf(&b, "%s %s%s %s:%d %v\n", f.Severity, f.Rule, waived, f.Location.File, f.Location.Line, f.Targets)
	}
	return b.String()
}
