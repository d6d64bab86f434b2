package bench

import (
	"os"
	"testing"
)

// TestWrite writes the estates to the folder in SUMLINT_BENCH_DIR, to be looked at
// or timed by hand; it is skipped without.
func TestWrite(t *testing.T) {
	folder := os.Getenv("SUMLINT_BENCH_DIR")
	if folder == "" {
		t.Skip("SUMLINT_BENCH_DIR is not set")
	}
	for name, write := range map[string]func(string) error{
		"rules-1000-targets-1000":    Estate{1, 1000, 1000}.Write,
		"rules-10000-targets-1000":   Estate{1, 10_000, 1000}.Write,
		"rules-100000-targets-1000":  Estate{1, 100_000, 1000}.Write,
		"rules-100000-targets-100":   Estate{1, 100_000, 100}.Write,
		"rules-100000-targets-10000": Estate{1, 100_000, 10_000}.Write,
		"hosts-10000":                Hosts{1, 10_000, 60}.Write,
	} {
		if err := os.MkdirAll(folder+"/"+name, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := write(folder + "/" + name); err != nil {
			t.Fatal(err)
		}
	}
}
