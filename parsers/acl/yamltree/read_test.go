package yamltree

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sumlint/sumlint/parsers/source"
)

func TestX(t *testing.T) {
	var b strings.Builder
	b.WriteString("acls:\n  - name: A\n    rules:\n")
	for i := range 100000 {
		fmt.Fprintf(&b, "      - {action: permit, protocol: tcp, source: 10.%d.%d.%d, destination: [10.20.0.0/16], destination_port: [22, 443]}\n", i>>16, i>>8&255, i&255)
	}
	f := source.NewFile("x", []byte(b.String()))
	st := time.Now()
	docs, d := Read(f)
	t.Log(len(docs), d, time.Since(st), len(f.Data))
	for _, s := range []string{"a: &a [*a]\n", "a: {{ x }}\n", "a: {{ x }}/24\n", "a: 1\na: 2\n", "\ta: 1\n", "a: b\n---\nc: [\n---\nd: 0123\n", "x: \"é\u2028b\"\ny: {ü: é, z: 1, z: 2}\n", "b: &b {x: 1}\nc:\n  <<: *b\n  y: 2\n", "{% if x %}\na: 1\n", "a: |\n  x\n---\nb: 1\n...\n", "a: !vault |\n  x\n", strings.Repeat("[", 5000), "a:\n  - b: 1\n   c: 2\n"} {
		f := source.NewFile("x", []byte(s))
		docs, d := Read(f)
		t.Logf("%.40q:", s)
		for _, x := range docs {
			t.Logf("   %v %+v", x.Broken, x.Root)
		}
		for _, x := range d {
			t.Logf("   %s  | %q", x.Error(), x.Span.Text())
		}
	}
}
