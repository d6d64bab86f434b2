package topology_test

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/parsers/tree"
)

var update = flag.Bool("update", false, "write the golden files")

// read reads the topology in the folder "site" of a root that holds these files.
func read(t testing.TB, files map[string]string) (*topology.Topology, diag.List) {
	t.Helper()
	return readIn(t, write(t, files), "site")
}

// readWithin is read with another limit for the work of evaluation.
func readWithin(t testing.TB, files map[string]string, work int) (*topology.Topology, diag.List) {
	t.Helper()
	tr, err := tree.Open(write(t, files))
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	return topology.ReadWithin(tr, "site", work)
}

// write makes a root that holds these files.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func readIn(t testing.TB, root, p string) (*topology.Topology, diag.List) {
	t.Helper()
	tr, err := tree.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	return topology.Read(tr, p)
}

// lines writes diagnostics as "file:line:column: message", without the folder.
func lines(diags diag.List) string {
	var b strings.Builder
	for _, d := range diags {
		l := d.Location()
		if d.Severity != diag.Error || d.Origin != diag.Topology {
			fmt.Fprintf(&b, "(%s %s) ", d.Severity, d.Origin)
		}
		fmt.Fprintf(&b, "%s:%d:%d: %s\n", path.Base(l.File), l.Line, l.Column, d.Message())
	}
	return b.String()
}

// same compares topologies without the places, sets of addresses by what they hold.
var same = cmp.Options{
	cmp.Comparer(func(a, b source.Span) bool { return true }),
	cmp.Comparer(func(a, b *packet.Addrs) bool { return (a == nil) == (b == nil) && a.Equal(b) }),
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	cmpopts.EquateEmpty(),
}

// addresses makes what a list of addresses reads as.
func addresses(list ...string) topology.Addresses {
	a := topology.Addresses{V4: packet.Union[packet.Addr](), V6: packet.Union[packet.Addr]()}
	for _, text := range list {
		from, to, isRange := strings.Cut(text, "-")
		if !isRange {
			to = from
		}
		first, family := packet.FromNetip(netip.MustParseAddr(from))
		last, _ := packet.FromNetip(netip.MustParseAddr(to))
		if family == packet.IPv4 {
			a.V4 = a.V4.Union(packet.Span(first, last))
		} else {
			a.V6 = a.V6.Union(packet.Span(first, last))
		}
		a.List = append(a.List, topology.Range{First: netip.MustParseAddr(from), Last: netip.MustParseAddr(to)})
	}
	return a
}

func text(s string) topology.Text { return topology.Text{Value: s} }

// TestMistakes reads each file of testdata/mistakes beside the exports in
// testdata/exports, and compares what is wrong with them with the golden files.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.sum.hcl*")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".golden") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			read, diags := readIn(t, "testdata", filepath.ToSlash(strings.TrimPrefix(file, "testdata"+string(filepath.Separator))))
			if read == nil {
				t.Fatal("no topology")
			}
			got, golden := lines(diags), file+".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}
