package bench

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/sumlint/sumlint/parsers/iptables"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/derive"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/lint"
)

func BenchmarkParse(b *testing.B) {
	text := Estate{Seed: 1, Rules: 100_000, Targets: 1}.Export()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		doc, _ := iptables.Parse(source.NewFile("core.v4", text))
		iptables.Compile(iptables.Input{Name: "core", Docs: []*iptables.Doc{doc}})
	}
}

func BenchmarkDerive(b *testing.B) {
	ctx := context.Background()
	for b.Loop() {
		d, err := derive.New(ctx)
		if err != nil {
			b.Fatal(err)
		}
		c := facts.Combination{ServerOS: "linux", TargetType: "ilo", Mode: "remote", Phases: []string{"inventory", "deployment"}, Port: 63001, SSLPort: 63002, NetBIOS: true, RPCPorts: "49152-65535"}
		if _, err := d.Templates(ctx, c); err != nil {
			b.Fatal(err)
		}
	}
}

// check lints an estate, from the files to the report.
func check(b *testing.B, write func(string) error) {
	folder := b.TempDir()
	if err := write(folder); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := lint.Check(context.Background(), lint.Options{Paths: []string{folder}, Root: folder, Today: "2026-11-22"})
		if err != nil || len(r.Diagnostics) > 0 {
			b.Fatal(err, r.Diagnostics)
		}
	}
}

func BenchmarkCheckRules1000(b *testing.B)    { check(b, Estate{1, 1000, 1000}.Write) }
func BenchmarkCheckRules100000(b *testing.B)  { check(b, Estate{1, 100_000, 1000}.Write) }
func BenchmarkCheckTargets100(b *testing.B)   { check(b, Estate{1, 1000, 100}.Write) }
func BenchmarkCheckTargets10000(b *testing.B) { check(b, Estate{1, 1000, 10_000}.Write) }
func BenchmarkCheckHosts(b *testing.B)        { check(b, Hosts{1, 1000, 60}.Write) }

// BenchmarkCheckDump lints a topology over an export of one's own, named by
// SUMLINT_BENCH_DIR.
func BenchmarkCheckDump(b *testing.B) {
	folder := os.Getenv("SUMLINT_BENCH_DIR")
	if folder == "" {
		b.Skip("SUMLINT_BENCH_DIR is not set")
	}
	for b.Loop() {
		if _, err := lint.Check(context.Background(), lint.Options{Paths: []string{folder}, Root: filepath.Clean(folder)}); err != nil {
			b.Fatal(err)
		}
	}
}
