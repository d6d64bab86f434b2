package bench

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/sumlint/sumlint/parsers/iptables"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/derive"
	"github.com/sumlint/sumlint/policies/engine"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/judge"
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

// BenchmarkTrace sends one server's connections to 1,000 target blocks through the
// central firewall.
func BenchmarkTrace(b *testing.B) {
	doc, _ := iptables.Parse(source.NewFile("core.v4", Estate{Seed: 1, Rules: 100_000, Targets: 1000}.Export()))
	fw, _ := iptables.Compile(iptables.Input{Name: "core", Docs: []*iptables.Doc{doc}})
	space := packet.Any()
	space.Family, space.Protocol = packet.IPv4, packet.OneProtocol(packet.TCP)
	space.Src = packet.Only(packet.Addr{Lo: 10<<24 | 10<<16 | 5})
	space.Dst = packet.Span(packet.Addr{Lo: 10<<24 | 128<<16}, packet.Addr{Lo: 10<<24 | 128<<16 | 7999})
	space.SrcPort, space.DstPort = packet.Span[packet.Port](32768, 60999), packet.Only[packet.Port](443)
	space.In, space.Out = packet.OneName("eth0"), packet.OneName("eth1")
	b.ReportAllocs()
	for b.Loop() {
		if r := engine.Evaluate(engine.Query{Firewall: fw, Place: engine.Through, Space: space, Answers: true}); r.May.IsEmpty() {
			b.Fatal("nothing passes")
		}
	}
}

// BenchmarkJudge judges the facts of an estate whose 1,000 targets fare alike.
func BenchmarkJudge(b *testing.B) {
	folder := b.TempDir()
	if err := (Estate{1, 1000, 1000}).Write(folder); err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	text, _, err := lint.Facts(ctx, lint.Options{Paths: []string{folder}, Root: folder, Today: "2026-11-22"})
	if err != nil {
		b.Fatal(err)
	}
	var f facts.Facts
	if err := json.Unmarshal(text, &f); err != nil {
		b.Fatal(err)
	}
	j, diags := judge.Load(ctx, judge.Options{})
	if diags.HasErrors() {
		b.Fatal(diags)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := j.Judge(ctx, &f); err != nil {
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
