package hive

import (
	"encoding/binary"
	"os"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// builder writes a hive of one root key.
type builder struct{ bins []byte }

// cell appends an allocated cell and returns its offset.
func (b *builder) cell(content []byte) uint32 {
	at := uint32(len(b.bins))
	size := (4 + len(content) + 7) &^ 7
	cell := make([]byte, size)
	binary.LittleEndian.PutUint32(cell, uint32(-size))
	copy(cell[4:], content)
	b.bins = append(b.bins, cell...)
	return at
}

func le(values ...any) []byte {
	var out []byte
	for _, v := range values {
		switch v := v.(type) {
		case string:
			out = append(out, v...)
		case int:
			out = binary.LittleEndian.AppendUint16(out, uint16(v))
		case uint32:
			out = binary.LittleEndian.AppendUint32(out, v)
		}
	}
	return out
}

func text(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

func (b *builder) value(name string, kind uint32, data []byte) uint32 {
	size, at := uint32(len(data)), uint32(0)
	if len(data) <= 4 {
		size |= 0x80000000
		at = binary.LittleEndian.Uint32(append(append([]byte{}, data...), 0, 0, 0, 0))
	} else {
		at = b.cell(data)
	}
	return b.cell(le("vk", len(name), size, at, kind, 1, 0, name))
}

func (b *builder) key(name string, subkeys, values []uint32) uint32 {
	lists := [2]uint32{none, none}
	if len(subkeys) > 0 {
		list := le("lf", len(subkeys))
		for _, k := range subkeys {
			list = append(list, le(k, uint32(0))...)
		}
		lists[0] = b.cell(list)
	}
	if len(values) > 0 {
		var list []byte
		for _, v := range values {
			list = append(list, le(v)...)
		}
		lists[1] = b.cell(list)
	}
	node := make([]byte, 0x4c)
	copy(node, le("nk", 0x20))
	copy(node[0x14:], le(uint32(len(subkeys))))
	copy(node[0x1c:], le(lists[0]))
	copy(node[0x24:], le(uint32(len(values)), lists[1]))
	copy(node[0x48:], le(len(name)))
	return b.cell(append(node, name...))
}

func (b *builder) hive(root uint32) []byte {
	base := make([]byte, bins)
	copy(base, "regf")
	binary.LittleEndian.PutUint32(base[0x24:], root)
	return append(base, b.bins...)
}

func sample() []byte {
	b := &builder{}
	rules := b.key("FirewallRules", nil, []uint32{b.value("a", String, text("v2.30|Action=Allow|")), b.value("b", String, text("übrig"))})
	profile := b.key("DomainProfile", nil, []uint32{b.value("EnableFirewall", Dword, []byte{1, 0, 0, 0})})
	return b.hive(b.key("root", []uint32{rules, profile}, nil))
}

func list(t *testing.T, raw []byte) (out []string, err error) {
	t.Helper()
	err = Walk(raw, func(v Value) {
		line := v.Key + " " + v.Name + " = " + v.Text()
		if n, ok := v.Number(); ok {
			line = v.Key + " " + v.Name + " = #" + string(rune('0'+n))
		}
		out = append(out, line)
	})
	return out, err
}

func TestWalk(t *testing.T) {
	got, err := list(t, sample())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"FirewallRules a = v2.30|Action=Allow|", "FirewallRules b = übrig", "DomainProfile EnableFirewall = #1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestDamaged: a damaged hive is an error, and what can be read of it is read.
func TestDamaged(t *testing.T) {
	whole := sample()
	for _, tt := range []struct {
		name  string
		raw   []byte
		says  string
		lines int
	}{
		{"cut off at once", whole[:100], "4,128 bytes", 0},
		{"cut off in the cells", whole[:len(whole)-100], "damaged", 0},
		{"a value's data beyond the end", []byte(strings.Replace(string(whole), "vk\x01\x00", "vk\x01\xff", 1)), "no value", 2},
	} {
		got, err := list(t, tt.raw)
		if err == nil || !strings.Contains(err.Error(), tt.says) || len(got) != tt.lines {
			t.Errorf("%s: %v, read %v", tt.name, err, got)
		}
	}
	// A key that contains itself ends at the limit of depth.
	b := &builder{}
	root := b.key("root", []uint32{0}, nil)
	raw := b.hive(root)
	at := strings.Index(string(raw), "lf\x01\x00")
	binary.LittleEndian.PutUint32(raw[at+4:], root)
	if _, err := list(t, raw); err == nil || !strings.Contains(err.Error(), "deep") {
		t.Errorf("a key inside itself: %v", err)
	}
}

func FuzzWalk(f *testing.F) {
	f.Add(sample())
	if raw, err := os.ReadFile("../../../../shared/corpus/netsh/geoffwilliams_fwpolicy_full.wfw"); err == nil {
		f.Add(raw[:16384])
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		values := 0
		_ = Walk(raw, func(v Value) {
			values++
			_ = v.Text()
		})
		if values > len(raw) {
			t.Errorf("%d values in %d bytes", values, len(raw))
		}
	})
}
