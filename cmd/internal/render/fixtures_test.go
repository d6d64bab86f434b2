package render

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/sumlint/sumlint/policies/lint"
)

// What the linter really reports is valid in each format, and harmless.
func TestFixtures(t *testing.T) {
	const fixtures = "../../../fixtures"
	folders, err := os.ReadDir(fixtures)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			path := filepath.Join(fixtures, folder.Name())
			r, err := lint.Check(context.Background(), lint.Options{Paths: []string{path}, Root: path, Today: "2026-11-22"})
			if err != nil {
				t.Fatal(err)
			}
			validate(t, "schema/report.schema.json", write(t, r, JSON))
			validate(t, "testdata/sarif/sarif-schema-2.1.0.json", write(t, r, SARIF))
			junitOf(t, r)
			for _, f := range Formats() {
				t.Run(f.Name, func(t *testing.T) {
					out := write(t, r, f.Write)
					noControls(t, string(out))
					if check := harmless[f.Name]; check != nil {
						check(t, out)
					}
				})
			}
		})
	}
}
