package yamltree

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sumlint/sumlint/parsers/source"
)

// show writes a node on one line, with the source text of each scalar.
func show(n *Node) string {
	if n == nil {
		return "-"
	}
	var parts []string
	switch n.Kind {
	case Map:
		for _, p := range n.Pairs {
			parts = append(parts, p.Key.Text+":"+show(p.Value))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case List:
		for _, i := range n.Items {
			parts = append(parts, show(i))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return n.Tag + n.Text
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name, text string
		docs       string // of each document, "broken" or its value
		err        string // "" or the only error
	}{
		{"source text", "{a: 0123, b: yes, c: 22:22, d: 1_000, e: 2026-01-31, f: '1', g: 1.10}", "{a:0123 b:yes c:22:22 d:1_000 e:2026-01-31 f:1 g:1.10}", ""},
		{"all documents", "a: 1\n---\nb: 2\n...\n---\n---\nc: 3\n", "{a:1} {b:2} - {c:3}", ""},
		{"directives", "%YAML 1.1\n# x\n---\na: 1\n", "{a:1}", ""},
		{"one broken document", "a: 1\n---\nb: [\n---\nc: 3\n", "{a:1} broken {c:3}", "x:3:1: this is not YAML"},
		{"anchors and merges", "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: *x\nl: {<<: [{a: 5}, *x]}", "{x:{a:1 b:2} y:{b:3 a:1} z:{a:1 b:2} l:{a:5 b:2}}", ""},
		{"duplicate key", "a: 1\nb: 2\na: 3\n", "{a:1 b:2}", `x:3:1: the key "a" is in this mapping twice: on line 1 and on line 3`},
		{"a key that is no text", "? [a]\n: 1\n", "{}", "x:1:3: a key must be text, not a list"},
		{"merge of text", "a: {<<: b}", "{a:{}}", "x:1:9: << merges a mapping or a list of mappings, not text"},
		{"tags", "a: !vault x\nb: !!str 5\n", "{a:!vaultx b:5}", ""},
		{"an alias in its anchor", "a: &a [*a]\n", "broken", "x:1:8: the alias *a stands inside its own anchor"},
		{"wrong indent", "acls:\n  - name: A\n    rules:\n      - action: permit\n        protocol: tcp\n       source: any\n", "broken", "x:6:1: this is not YAML"},
		{"an item among keys", "a: 1\nb:\n  c: 1\n  - d\ne: 2\n", "broken", "x:4:1: this is not YAML"},
		{"an open brace", "a:\n  - b: 1\n    c: 2\n    d:\n      - {e: 1, f: 2\n      - {e: 1}\n", "broken", "x:5:1: this is not YAML"},
		{"unknown alias further down", "a: 2 *nope\nb: 1\nc:\n  - *nope\n", "broken", "x:4:1: this is not YAML: unknown anchor"},
		{"unknown alias", "a: *a\n", "broken", "x:1:1: this is not YAML: unknown anchor"},
		{"deep", strings.Repeat("[", 70) + strings.Repeat("]", 70), "broken", "nested more than 64 levels deep"},
		{"bomb", bomb(), "broken", "the aliases of this document stand for"},
		{"merge bomb", mergeBomb(), "broken", "the merges (<<) of this document add more than"},
		{"documents", strings.Repeat("---\na: 1\n", MaxDocuments+1), "broken", "more than 10000 documents"},
		{"tab", "a:\n\t- b\n", "broken", "A tab can't indent in YAML"},
		{"a fence that is not closed", "```yaml\na: 1\n", "broken", "x:1:1: this is not YAML"},
		{"a fence that does not begin the line", "a: |\n  ```\n  x\n  ```\n", "{a:```\nx\n```\n}", ""},
		{"a key that looks like a prompt", "a#: 1\nb> c: 2\n", "{a#:1 b> c:2}", ""},
		{"template lines", "{% for x in y %}\na: 1\n{% endfor %}\n", "broken", "It looks like a template"},
	} {
		t.Run(c.name, func(t *testing.T) {
			docs, diags := Read(source.NewFile("x", []byte(c.text)))
			var got []string
			for _, d := range docs {
				if d.Broken {
					got = append(got, "broken")
				} else {
					got = append(got, show(d.Root))
				}
			}
			if s := strings.Join(got, " "); s != c.docs {
				t.Errorf("got  %s\nwant %s", s, c.docs)
			}
			if len(diags) > 3 {
				diags = diags[:3]
			}
			if c.err == "" && len(diags) > 0 || c.err != "" && (len(diags) != 1 || !strings.Contains(diags[0].Error(), c.err)) {
				t.Errorf("errors %v, want %q", diags, c.err)
			}
		})
	}
}

// TestPastes reads YAML with what stands around it where somebody pasted it.
func TestPastes(t *testing.T) {
	for _, c := range []struct{ name, text, docs, warning string }{
		{"fences", "```yaml\na: 1\n```\n", "{a:1}", "x:1:1: text around the YAML is passed over (prompts, fences): 2 lines"},
		{"fences of tildes, and CRLF", "~~~\r\na: 1\r\n~~~\r\n", "{a:1}", "2 lines"},
		{"two blocks", "```yaml\na: 1\n```\n\n```yaml\nb: 2\n---\nc: 3\n```", "{a:1} {b:2} {c:3}", "4 lines"},
		{"comments outside", "# what we have\n```\na: 1\n```\n", "{a:1}", "x:2:1"},
		{"a shell", "$ cat a.yaml\na: 1\n$ cat b.yaml\nb: 2\n$\n", "{a:1} {b:2}", "3 lines"},
		{"a shell's longer prompt", "admin@host:~/x$ cat a.yaml\na: 1\nadmin@host:~/x$\n", "{a:1}", "2 lines"},
		{"a router", "gw-1#more flash:a.yaml\na: 1\ngw-1#\n", "{a:1}", "2 lines"},
		{"another shell", "[me@host x]$ cat a.yaml\na: 1\n", "{a:1}", "1 line"},
		{"PowerShell", "PS C:\\x> type a.yaml\na: 1\n", "{a:1}", "1 line"},
		{"a byte order mark", "\ufeff$ cat a.yaml\na: 1\n", "{a:1}", "1 line"},
		{"nothing in it", "```\n```\n", "", "2 lines"},
	} {
		docs, diags := Read(source.NewFile("x", []byte(c.text)))
		var got []string
		for _, d := range docs {
			got = append(got, show(d.Root))
		}
		if s := strings.Join(got, " "); s != c.docs || len(diags) != 1 || diags.HasErrors() || !strings.Contains(diags[0].Error(), c.warning) {
			t.Errorf("%s: %q, %v", c.name, s, diags)
		}
	}
}

// bomb is small and stands for 9^9 values.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 x\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 8), i-1)
	}
	return b.String()
}

// mergeBomb copies a thousand keys a thousand times.
func mergeBomb() string {
	var b strings.Builder
	b.WriteString("base: &b\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "  k%d: 1\n", i)
	}
	for i := range 1000 {
		fmt.Fprintf(&b, "m%d: {<<: *b}\n", i)
	}
	return b.String()
}

// TestPositions finds places in text that is not ASCII, has a byte order mark, and
// ends its lines in all of YAML's ways.
func TestPositions(t *testing.T) {
	text := "\ufeffä: {ö: \"日本\", key: wert}\r\nb: 'x\u2028  y'\nlast: &q 5\n"
	f := source.NewFile("x", []byte(text))
	docs, diags := Read(f)
	if len(diags) > 0 || len(docs) != 1 {
		t.Fatal(diags)
	}
	root := docs[0].Root
	for _, c := range []struct {
		node         *Node
		text         string
		line, column int
	}{
		{root.Get("ä").Get("ö"), `"日本"`, 1, 9},
		{root.Get("ä").Key("key"), "key", 1, 15},
		{root.Get("ä").Get("key"), "wert", 1, 20},
		{root.Key("b"), "b", 2, 1},
		{root.Get("last"), "&q 5", 3, 7},
	} {
		p := c.node.Span.Position()
		if c.node.Span.Text() != c.text || p.Line != c.line || p.Column != c.column {
			t.Errorf("%q at %v, want %q at %d:%d", c.node.Span.Text(), p, c.text, c.line, c.column)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"a: &a {b: [1, *a]}", "a: 1\n---\n\u2028b: ü", "? {a: b}\n: c", "```yaml\na: 1\n```", "$ cat x\na: 1", "{{ x }}: 1", "<<: {a: 1}", "a: !t |\n  x\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := source.NewFile("x", []byte(text))
		docs, diags := Read(file)
		for _, d := range diags {
			if int(d.Span.End) > len(text) || strings.ContainsAny(d.Span.Text(), "\n") {
				t.Error(d)
			}
		}
		for _, d := range docs {
			if d.Broken != (d.Root == nil) && d.Root != nil {
				t.Error("a broken document with a value")
			}
		}
		if len(docs) == 0 && len(strings.TrimSpace(text)) > 0 && !strings.ContainsAny(text, "#%\ufeff-.") && len(diags) == 0 {
			t.Logf("nothing read of %q", text)
		}
	})
}
