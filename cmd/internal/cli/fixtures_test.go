package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFixtures checks each folder of fixtures/ and compares what is printed with the
// reports that stand in it; -update writes them.
func TestFixtures(t *testing.T) {
	t.Chdir("../../..")
	topologies, err := filepath.Glob("fixtures/*/*.sum.hcl")
	if err != nil || len(topologies) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, topology := range topologies {
		folder := filepath.ToSlash(filepath.Dir(topology))
		for file, format := range map[string]string{"report.txt": "text", "report.json": "json"} {
			t.Run(folder+"/"+format, func(t *testing.T) {
				var out, complaint bytes.Buffer
				args := []string{"check", "--today", "2026-11-22", "--format", format, folder}
				code := Run(context.Background(), args, strings.NewReader(""), &out, &complaint, func(string) string { return "" })
				want := 1
				if strings.HasSuffix(folder, "/clean") {
					want = 0
				}
				if code != want || complaint.Len() > 0 {
					t.Errorf("exit code %d, want %d; stderr: %s", code, want, &complaint)
				}
				golden := filepath.Join(folder, file)
				if *update {
					if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				expected, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(expected), out.String()); diff != "" {
					t.Errorf("%s differs (-want +got):\n%s", golden, diff)
				}
			})
		}
	}
}
