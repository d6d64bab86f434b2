// Package hive reads the values of a Windows registry hive: the file form of a
// part of the registry, with the magic number "regf". It reads what
// `netsh advfirewall export` and `reg save` write.
//
// The format is not documented by Microsoft; the layout here is that of the free
// description "Windows registry file format specification" (M. Suhanov).
package hive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
)

// Value types (REG_SZ …), as in winnt.h.
const (
	String       = 1
	ExpandString = 2
	Dword        = 4
)

// The limits: cells that are visited, keys inside keys, bytes of one value.
const (
	maxCells = 4_000_000
	maxDepth = 512
	maxValue = 1 << 20
)

// bins is where the cells begin: behind the base block.
const bins = 4096

// none marks an offset that points nowhere.
const none = 0xffffffff

// Value is one value of a key.
type Value struct {
	Key  string // path below the root, with '\'
	Name string // "" for the key's default value
	Type uint32
	Data []byte
}

// Text is the value as a string, for the string types.
func (v Value) Text() string { return fromUTF16(v.Data) }

// Number is the value as a number; false where it is no REG_DWORD.
func (v Value) Number() (uint32, bool) {
	if v.Type != Dword || len(v.Data) < 4 {
		return 0, false
	}
	return binary.LittleEndian.Uint32(v.Data), true
}

// Is tells whether the bytes are a hive.
func Is(raw []byte) bool { return len(raw) >= 4 && string(raw[:4]) == "regf" }

// Walk visits each value of the hive. It goes on past what is damaged; the error
// then says how much could not be read, and what was the first.
func Walk(raw []byte, visit func(Value)) error {
	if !Is(raw) || len(raw) < bins+32 {
		return errors.New("it is cut off: a hive has at least 4,128 bytes")
	}
	w := &walker{raw: raw, visit: visit}
	w.key(binary.LittleEndian.Uint32(raw[0x24:]), nil, 0)
	if w.failed > 0 {
		return fmt.Errorf("%d parts of it are damaged; the first: %w", w.failed, w.first)
	}
	return nil
}

type walker struct {
	raw    []byte
	visit  func(Value)
	cells  int
	failed int
	first  error
}

func (w *walker) fail(format string, args ...any) {
	w.failed++
	if w.first == nil {
		w.first = fmt.Errorf(format, args...)
	}
}

// cell returns the content of the cell at an offset, at least need bytes of it.
func (w *walker) cell(offset uint32, need int) ([]byte, bool) {
	if w.cells++; w.cells > maxCells {
		if w.cells == maxCells+1 {
			w.fail("more than %d cells: the limit", maxCells)
		}
		return nil, false
	}
	at := int64(offset) + bins
	if offset == none || at+4 > int64(len(w.raw)) {
		w.fail("a cell at 0x%x lies outside of the file", offset)
		return nil, false
	}
	size := -int64(int32(binary.LittleEndian.Uint32(w.raw[at:])))
	if size < 4+int64(need) || at+size > int64(len(w.raw)) {
		w.fail("the cell at 0x%x is free, too short or cut off", offset)
		return nil, false
	}
	return w.raw[at+4 : at+size], true
}

func u16(b []byte, at int) int { return int(binary.LittleEndian.Uint16(b[at:])) }

func u32(b []byte, at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }

// key visits the values of a key node ("nk") and of the keys below it.
func (w *walker) key(offset uint32, path []string, depth int) {
	if depth > maxDepth {
		w.fail("keys lie more than %d deep: the limit", maxDepth)
		return
	}
	c, ok := w.cell(offset, 0x4c)
	if !ok {
		return
	}
	nameLen := u16(c, 0x48)
	if string(c[:2]) != "nk" || 0x4c+nameLen > len(c) {
		w.fail("no key at 0x%x", offset)
		return
	}
	if depth > 0 {
		path = append(path[:len(path):len(path)], name(c[0x4c:0x4c+nameLen], u16(c, 2)&0x20 != 0))
	}
	if n := u32(c, 0x24); n > 0 {
		w.values(u32(c, 0x28), n, strings.Join(path, `\`))
	}
	if u32(c, 0x14) > 0 {
		w.subkeys(u32(c, 0x1c), path, depth+1)
	}
}

// subkeys visits the keys of a list: "lf" and "lh" (with hashes), "li", or "ri", a list of lists.
func (w *walker) subkeys(offset uint32, path []string, depth int) {
	if depth > maxDepth {
		w.fail("lists of keys lie more than %d deep: the limit", maxDepth)
		return
	}
	c, ok := w.cell(offset, 4)
	if !ok {
		return
	}
	width, lists := 4, false
	switch string(c[:2]) {
	case "lf", "lh":
		width = 8
	case "ri":
		lists = true
	case "li":
	default:
		w.fail("no list of keys at 0x%x", offset)
		return
	}
	n := u16(c, 2)
	if 4+n*width > len(c) {
		w.fail("the list of keys at 0x%x is cut off", offset)
		n = (len(c) - 4) / width
	}
	for i := range n {
		if at := u32(c, 4+i*width); lists {
			w.subkeys(at, path, depth+1)
		} else {
			w.key(at, path, depth)
		}
	}
}

func (w *walker) values(list, n uint32, key string) {
	c, ok := w.cell(list, 0)
	if !ok {
		return
	}
	if int64(n)*4 > int64(len(c)) {
		w.fail("the list of values at 0x%x is cut off", list)
		n = uint32(len(c) / 4)
	}
	for i := range int(n) {
		w.value(u32(c, i*4), key)
	}
}

// value visits a value node ("vk"); data of up to four bytes stands in the node itself.
func (w *walker) value(offset uint32, key string) {
	c, ok := w.cell(offset, 0x14)
	if !ok {
		return
	}
	nameLen, size := u16(c, 2), u32(c, 4)
	if string(c[:2]) != "vk" || 0x14+nameLen > len(c) {
		w.fail("no value at 0x%x", offset)
		return
	}
	v := Value{Key: key, Name: name(c[0x14:0x14+nameLen], u16(c, 0x10)&1 != 0), Type: u32(c, 0xc)}
	if size&0x80000000 != 0 {
		v.Data = c[8 : 8+min(size&0x7fffffff, 4)]
	} else if v.Data, ok = w.data(u32(c, 8), size); !ok {
		return
	}
	w.visit(v)
}

// data reads a value's data, which beyond 16,344 bytes is cut into segments ("db").
func (w *walker) data(offset, size uint32) ([]byte, bool) {
	if size == 0 {
		return nil, true
	}
	if size > maxValue {
		w.fail("a value of %d bytes: the limit is %d", size, maxValue)
		return nil, false
	}
	const segment = 16344
	c, ok := w.cell(offset, 0)
	if !ok {
		return nil, false
	}
	if size <= segment || len(c) < 8 || string(c[:2]) != "db" {
		if int(size) > len(c) {
			w.fail("the data at 0x%x is cut off", offset)
			return nil, false
		}
		return c[:size], true
	}
	list, ok := w.cell(u32(c, 4), 4*u16(c, 2))
	if !ok {
		return nil, false
	}
	var out []byte
	for i := range u16(c, 2) {
		part, ok := w.cell(u32(list, i*4), 0)
		if !ok {
			return nil, false
		}
		out = append(out, part[:min(len(part), segment, int(size)-len(out))]...)
	}
	return out, len(out) == int(size)
}

// name decodes a name, which is in Latin-1 or in UTF-16.
func name(b []byte, latin bool) string {
	if !latin {
		return fromUTF16(b)
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

func fromUTF16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return strings.TrimRight(string(utf16.Decode(units)), "\x00")
}
