package acl

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sumlint/sumlint/parsers/source"
)

// BenchmarkCentral reads and compiles a list of 100,000 rules; BenchmarkHosts one
// of ten, as on a small router.
func BenchmarkCentral(b *testing.B) { benchmark(b, 100_000) }

func BenchmarkHosts(b *testing.B) { benchmark(b, 10) }

func benchmark(b *testing.B, rules int) {
	var text strings.Builder
	text.WriteString("acls:\n  - name: A\n    rules:\n")
	for i := range rules {
		fmt.Fprintf(&text, "      - {action: permit, protocol: tcp, source: 10.%d.%d.%d, destination: [10.20.0.0/16], destination_port: [22, 443]}\n", i>>16, i>>8&255, i&255)
	}
	data := []byte(text.String())
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		doc, diags := Parse(source.NewFile("a.yaml", data))
		fw, more := Compile(Input{Name: "fw", Docs: []*Doc{doc}, Interfaces: bound("a in=A", "b")})
		if diags.HasErrors() || more.HasErrors() || len(fw.Chains[2].Rules) != rules+1 {
			b.Fatal(diags, more)
		}
	}
}
