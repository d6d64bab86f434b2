// Package source holds input texts and positions in them.
//
// A position is kept as a byte offset only; lines and columns are derived when
// somebody reads them. Every scalar that a parser hands on carries a Span.
package source

import (
	"bytes"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// File is one input text, decoded to UTF-8.
type File struct {
	// Name is the path that reports print: relative to the root, with '/'.
	Name string
	// Data is the text. It must not change once a Span points into it.
	Data []byte

	once  sync.Once
	lines []uint32 // byte offset of each line's first byte
}

// NewFile returns a file of that name and text.
func NewFile(name string, data []byte) *File {
	return &File{Name: name, Data: data}
}

func (f *File) lineStarts() []uint32 {
	f.once.Do(func() {
		f.lines = make([]uint32, 1, bytes.Count(f.Data, []byte{'\n'})+1)
		for at := 0; ; {
			n := bytes.IndexByte(f.Data[at:], '\n')
			if n < 0 {
				return
			}
			at += n + 1
			f.lines = append(f.lines, uint32(at))
		}
	})
	return f.lines
}

// Position is a place as people name it. Both numbers count from 1; the column
// counts code points.
type Position struct {
	Line, Column int
}

// Position tells line and column of a byte offset; an offset past the end is the end.
func (f *File) Position(offset int) Position {
	offset = min(max(offset, 0), len(f.Data))
	starts := f.lineStarts()
	line := sort.Search(len(starts), func(i int) bool { return int(starts[i]) > offset }) - 1
	return Position{Line: line + 1, Column: utf8.RuneCount(f.Data[starts[line]:offset]) + 1}
}

// Line returns the text of a line, counted from 1, without its line ending;
// "" if there is no such line.
func (f *File) Line(line int) string {
	starts := f.lineStarts()
	if line < 1 || line > len(starts) {
		return ""
	}
	text := f.Data[starts[line-1]:]
	if n := bytes.IndexByte(text, '\n'); n >= 0 {
		text = text[:n]
	}
	return strings.TrimSuffix(string(text), "\r")
}

// Span is a stretch of a file: the bytes [Start, End). The zero Span is nowhere.
type Span struct {
	File       *File
	Start, End uint32
}

// Span returns the stretch [start, end) of f.
func (f *File) Span(start, end int) Span {
	return Span{File: f, Start: uint32(start), End: uint32(end)}
}

// IsZero tells that the span is nowhere.
func (s Span) IsZero() bool { return s.File == nil }

// Text returns the bytes of the span.
func (s Span) Text() string {
	if s.File == nil {
		return ""
	}
	return string(s.File.Data[min(int(s.Start), len(s.File.Data)):min(int(s.End), len(s.File.Data))])
}

// Position tells where the span begins.
func (s Span) Position() Position {
	if s.File == nil {
		return Position{}
	}
	return s.File.Position(int(s.Start))
}

// EndPosition tells where the span ends: the place just behind its last code point.
func (s Span) EndPosition() Position {
	if s.File == nil {
		return Position{}
	}
	return s.File.Position(int(s.End))
}

// Location returns the span as reports print it.
func (s Span) Location() Location {
	if s.File == nil {
		return Location{}
	}
	p := s.Position()
	return Location{File: s.File.Name, Line: p.Line, Column: p.Column}
}

// Location is a place in a file in the form of the JSON report. Line and
// column count from 1, columns in code points; 0 is unknown.
type Location struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// Compare orders locations by file, line and column.
func (l Location) Compare(o Location) int {
	if c := strings.Compare(l.File, o.File); c != 0 {
		return c
	}
	if l.Line != o.Line {
		return l.Line - o.Line
	}
	return l.Column - o.Column
}
