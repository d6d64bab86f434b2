package topology_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// doubled makes locals of which each holds the one before several times.
func doubled(levels int, format string) string {
	var b strings.Builder
	b.WriteString("locals {\n  l0 = \"0123456789\"\n")
	for i := range levels {
		fmt.Fprintf(&b, "  l%d = %s\n", i+1, strings.ReplaceAll(format, "X", fmt.Sprintf("local.l%d", i)))
	}
	b.WriteString("}\n")
	return b.String()
}

// Whatever a topology asks for, it is refused in words, soon, and without a crash.
func TestLimits(t *testing.T) {
	const ok = server + "target \"ilo\" \"r\" {\n  addresses = [\"10.20.0.1\"]\n}\n"
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 9))
	}
	loops := func(n int) string {
		return strings.Repeat("[for x in range(1000) : ", n) + "1" + strings.Repeat("]", n)
	}
	files := map[string]string{
		"deep.json": strings.Repeat("[", 100_000),
		"bomb.yaml": bomb,
		"deep.yaml": strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"huge":      strings.Repeat("x", 17<<20),
	}
	tests := map[string]struct{ hcl, want string }{
		"brackets":            {"locals {\n  a = " + strings.Repeat("[", 30_000) + "\n}\n", "500 deep"},
		"brackets shut":       {"locals {\n  a = " + strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000) + "\n}\n", "500 deep"},
		"negations":           {"locals {\n  a = " + strings.Repeat("!", 30_000) + "true\n}\n", "500 deep"},
		"additions":           {"locals {\n  a = 1" + strings.Repeat(" + 1", 30_000) + "\n}\n", "500 deep"},
		"lines":               {"locals {\n  a = (1" + strings.Repeat("\n + 1", 100_000) + ")\n}\n", "500 deep"},
		"conditions":          {"locals {\n  a = " + strings.Repeat("true ? 1 : ", 30_000) + "1\n}\n", "500 deep"},
		"indexes":             {"locals {\n  a = keys({})" + strings.Repeat("[0]", 30_000) + "\n}\n", "500 deep"},
		"splats":              {"locals {\n  a = keys({})" + strings.Repeat("[*]", 30_000) + "\n}\n", "500 deep"},
		"templates":           {"locals {\n  a = " + strings.Repeat(`"${`, 30_000) + "\n}\n", "500 deep"},
		"blocks":              {strings.Repeat("a {\n", 30_000), "500 deep"},
		"conditionals":        {"locals {\n  a = \"" + strings.Repeat("%{if true}", 30_000) + "\"\n}\n", "500 deep"},
		"loops":               {"locals {\n  a = " + loops(6) + "\n}\n", "steps together, the limit"},
		"sums":                {"locals {\n  a = [for x in range(100000) : [for y in range(100000) : x + y]]\n}\n", "steps together, the limit"},
		"conditions in loops": {"locals {\n  a = [for x in range(100000) : 1 if length([for y in range(100000) : y]) == 0]\n}\n", "steps together, the limit"},
		"strings":             {doubled(60, `"${X}${X}"`), "the limit"},
		"joins":               {doubled(60, `join(X, [X, X, X])`), "the limit"},
		"replacements":        {doubled(60, `replace(X, "/./", X)`), "the limit"},
		"formats":             {doubled(60, `format("%[1]s%[1]s%[1]s", X)`), "the limit"},
		"lists":               {doubled(60, `[X, X, X, X]`), "steps together, the limit"},
		"objects":             {doubled(60, `{ a = X, b = X, c = X }`), "steps together, the limit"},
		"chain":               {doubled(3_000, `[X]`), "steps together, the limit"},
		"comparisons":         {"locals {\n  a = [for a in [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1]] : " + strings.Repeat("[for a in [[a, a, a, a, a, a, a, a, a, a]] : ", 12) + "a == a" + strings.Repeat("]", 13) + "\n}\n", "steps together, the limit"},
		"range":               {"locals {\n  a = range(1000000)\n}\n", "more than 100000 elements, the limit"},
		"product":             {"locals {\n  a = setproduct(range(1000), range(1000))\n}\n", "more than 100000 elements, the limit"},
		"width":               {"locals {\n  a = format(\"%999999999d\", 1)\n}\n", "bytes, the limit"},
		"widths":              {"locals {\n  a = formatlist(\"%999999d\", range(100))\n}\n", "bytes, the limit"},
		"literal":             {"locals {\n  a = \"x${1e99999999}\"\n}\n", "2^1024"},
		"power":               {doubled(30, `X * X * 1000`), "2^1024"},
		"text number":         {"locals {\n  a = { (\"1e99999999\" * 1) = 1 }\n}\n", "2^1024"},
		"index number":        {"locals {\n  a = { b = 1 }[\"1e99999999\" * 1]\n}\n", "2^1024"},
		"lookup number":       {"locals {\n  a = lookup({ b = 1 }, 1e99999999, 2)\n}\n", "2^1024"},
		"instances":           {"target \"ilo\" \"x\" {\n  for_each  = formatlist(\"n%d\", range(60000))\n  addresses = [\"10.20.0.1\"]\n}\ntarget \"ilo\" \"y\" {\n  for_each  = formatlist(\"n%d\", range(60000))\n  addresses = [\"10.20.0.1\"]\n}\n", "more than 100000 blocks together, the limit"},
		"deep JSON":           {"locals {\n  a = jsondecode(file(\"deep.json\"))\n}\n", "deeper than 500 inside each other, the limit"},
		"YAML aliases":        {"locals {\n  a = yamldecode(file(\"bomb.yaml\"))\n}\n", "more than 400000 values, the limit"},
		"deep YAML":           {"locals {\n  a = yamldecode(file(\"deep.yaml\"))\n}\n", "deeper than 500 levels, the limit"},
		"huge file":           {"locals {\n  a = file(\"huge\")\n}\n", "is larger than 16777216 bytes, the limit"},
		"mistakes":            {strings.Repeat("a \"x\" {}\n", 5000), "More than 1000 mistakes"},
		"long chain":          {doubled(5_000, `"${X}"`) + "locals {\n  c = local.d\n  d = local.c\n}\n", "defined by itself"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			all := map[string]string{"site/a.sum.hcl": ok + strings.Replace(test.hcl, `"0123456789"`, map[bool]string{true: "1000", false: `"0123456789"`}[name == "power"], 1)}
			for file, text := range files {
				if strings.Contains(test.hcl, file) {
					all["site/"+file] = text
				}
			}
			_, diags := readWithin(t, all, 600_000)
			if got := lines(diags); !strings.Contains(got, test.want) {
				t.Errorf("want %q, got\n%.2000s", test.want, got)
			}
			if len(diags) > 1001 {
				t.Errorf("%d mistakes are listed", len(diags))
			}
		})
	}
}

// JSON's strings are templates, so they have the same limits.
func TestLimitsJSON(t *testing.T) {
	const rest = `, "server": {"s": {"os": "linux", "addresses": ["10.10.0.5"]}}, "target": {"ilo": {"r": {"addresses": ["10.20.0.1"]}}}}`
	for name, test := range map[string]struct{ json, want string }{
		"brackets":  {`{"locals": {"a": ` + strings.Repeat("[", 100_000), "500 deep"},
		"negations": {`{"locals": {"a": "${` + strings.Repeat("!", 100_000) + `true}"}` + rest, "500 deep"},
		"loops":     {`{"locals": {"a": "${[for x in range(100000) : [for y in range(100000) : 1]]}"}` + rest, "steps together, the limit"},
	} {
		_, diags := readWithin(t, map[string]string{"site/a.sum.hcl.json": test.json}, 200_000)
		if got := lines(diags); !strings.Contains(got, test.want) {
			t.Errorf("%s: want %q, got\n%.2000s", name, test.want, got)
		}
	}
}

func TestTooLarge(t *testing.T) {
	root := t.TempDir()
	for name, size := range map[string]int{"a.sum.hcl": 1, "b.sum.hcl": 32 << 20, "c.sum.hcl": 32<<20 + 1} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(strings.Repeat(" ", size)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, diags := readIn(t, root, ".")
	want := `b.sum.hcl:1:1: The files of the topology are larger than 33554432 bytes together, the limit
c.sum.hcl:0:0: The topology can't be read: "c.sum.hcl" is larger than 33554432 bytes, the limit here
`
	if d := cmp.Diff(want, lines(diags)); d != "" {
		t.Error(d)
	}
}

// A long file is parsed in pieces, which must not show: neither in values nor in
// places, wherever a line that is just "}" stands.
func TestPieces(t *testing.T) {
	odd := "/*\n}\n*/\nlocals {\n  text = <<EOT\n" + strings.Repeat("}\n", 10_000) + "EOT\n}\n"
	for name, between := range map[string]string{"plain": "# ü\n", "odd": odd} {
		var b strings.Builder
		b.WriteString(server)
		for i := range 1000 {
			fmt.Fprintf(&b, "target \"ilo\" \"rack-%d\" {\n  addresses = [\"10.20.%d.%d\"]\n}\n", i, i/256, i%256)
			if i == 500 {
				b.WriteString(between)
			}
		}
		for ending, text := range map[string]string{"LF": b.String(), "CRLF": strings.ReplaceAll(b.String(), "\n", "\r\n")} {
			got, diags := read(t, map[string]string{"site/a.sum.hcl": text})
			if len(diags) > 0 || len(got.Targets) != 1000 {
				t.Fatalf("%s, %s: %d targets\n%s", name, ending, len(got.Targets), lines(diags))
			}
			for i, target := range got.Targets {
				if header := fmt.Sprintf("target \"ilo\" \"rack-%d\"", i); target.Span.Text() != header {
					t.Fatalf("%s, %s: target %d is at %q", name, ending, i, target.Span.Text())
				}
			}
		}
	}
}

// The mistakes of a long file are those of the whole file.
func TestPiecesMistakes(t *testing.T) {
	good := strings.Repeat("zone \"z\" {\n}\n", 3000)
	_, diags := read(t, map[string]string{"site/a.sum.hcl": strings.Replace(good, "\n}", " }", 1) + "server \"x\" {\n  os = \"linux\" 1\n}\n" + good})
	got := lines(diags)
	if !strings.HasPrefix(got, "a.sum.hcl:1:11: ") && !strings.Contains(got, "a.sum.hcl:6001:16: Missing newline after argument") {
		t.Errorf("%.300s", got)
	}
}

// A big inventory: 10,000 rows, looked up in a second table.
func TestInventory(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("name,address,rack\n")
	for i := range 10_000 {
		fmt.Fprintf(&rows, "ilo-%d,10.20.%d.%d,r%d\n", i, i/256, i%256, i%100)
	}
	got, diags := read(t, map[string]string{
		"site/ilo.csv":    rows.String(),
		"site/racks.yaml": "r1: sum01\n",
		"site/a.sum.hcl": server + `
locals {
  racks = yamldecode(file("racks.yaml"))
  rows  = { for row in csvdecode(file("ilo.csv")) : row.name => row }
}
target "ilo" "all" {
  for_each  = local.rows
  name      = each.key
  addresses = [local.rows[each.key].address]
  servers   = [lookup(local.racks, each.value.rack, "sum01")]
}`})
	if len(diags) > 0 || len(got.Targets) != 10_000 {
		t.Fatalf("%d targets\n%s", len(got.Targets), lines(diags))
	}
	if n := got.Targets[0].Name; n != "ilo-0" {
		t.Errorf("the first target is %q", n)
	}
}

func BenchmarkRead(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var text strings.Builder
			text.WriteString(server)
			for i := range n {
				fmt.Fprintf(&text, "target \"ilo\" \"rack-%d\" {\n  addresses = [\"10.%d.%d.0/26\", \"10.%d.%d.128/26\"]\n  servers   = [\"sum01\"]\n}\n\n", i, i/256, i%256, i/256, i%256)
			}
			root := b.TempDir()
			if err := os.WriteFile(filepath.Join(root, "a.sum.hcl"), []byte(text.String()), 0o644); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if got, diags := readIn(b, root, "."); len(diags) > 0 || len(got.Targets) != n {
					b.Fatal(lines(diags))
				}
			}
		})
	}
}

// FuzzRead looks for texts on which Read panics or hangs, and checks that a topology
// with an error never passes for one without a place.
func FuzzRead(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*/*.sum.hcl*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range seeds {
		if strings.HasSuffix(name, ".golden") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data), strings.HasSuffix(name, ".json"))
	}
	root := f.TempDir()
	f.Fuzz(func(t *testing.T, text string, json bool) {
		name := "a.sum.hcl"
		if json {
			name += ".json"
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, diags := readIn(t, root, name)
		if got == nil {
			t.Fatal("no topology")
		}
		for _, d := range diags {
			if d.Location().File == "" {
				t.Fatalf("no place: %s", d.Message())
			}
		}
		if !diags.HasErrors() && (len(got.Servers) == 0 || len(got.Targets) == 0) {
			t.Fatal("nothing to lint, and no error")
		}
	})
}
