package render

import (
	"bufio"
	"io"
	"reflect"
	"unicode/utf8"

	"github.com/sumlint/sumlint/policies/report"
)

// JSON writes the report as one JSON object. Each element of its lists stands on a
// line of its own, so that text tools and `git diff` show one flow as one line.
func JSON(w io.Writer, r *report.Report, _ Style) error {
	return writeObject(w, r)
}

// FlowsJSON writes what `sumlint flows --format json` prints: the flows, without
// verdicts and hops, and the diagnostics.
func FlowsJSON(w io.Writer, r *report.Report) error {
	return writeObject(w, &struct {
		Flows       []report.Flow       `json:"flows"`
		Diagnostics []report.Diagnostic `json:"diagnostics"`
	}{r.Flows, r.Diagnostics})
}

// flushAt is how many bytes of JSON are collected before they are written.
const flushAt = 1 << 16

// writeObject writes the struct that v points to: a field a line, and where the
// field is a list, an element a line. Lists are streamed.
func writeObject(w io.Writer, v any) error {
	out := bufio.NewWriterSize(w, flushAt)
	value := reflect.ValueOf(v).Elem()
	e := encoder{types: map[reflect.Type]*encodeFunc{}}
	out.WriteString("{")
	var b []byte
	for i, sep := 0, "\n  "; i < value.NumField(); i, sep = i+1, ",\n  " {
		f := value.Field(i)
		b = append(append(b[:0], sep...), appendString(nil, fieldName(value.Type().Field(i)))...)
		b = append(b, ": "...)
		enc := e.of(f.Type())
		if f.Kind() != reflect.Slice || f.Len() == 0 {
			out.Write((*enc)(b, f))
			continue
		}
		b = append(b, '[')
		enc = e.of(f.Type().Elem())
		for j, sep := 0, "\n    "; j < f.Len(); j, sep = j+1, ",\n    " {
			b = (*enc)(append(b, sep...), f.Index(j))
			if len(b) > flushAt/2 {
				out.Write(b)
				b = b[:0]
			}
		}
		out.Write(append(b, "\n  ]"...))
	}
	out.WriteString("\n}\n")
	return out.Flush()
}

// appendString appends a JSON string. Beyond what JSON asks for, all that Escape
// finds unsafe is written as \uXXXX, so that a terminal shows the text as it is.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	if firstUnsafe(s) == len(s) {
		start := 0
		for i := 0; i < len(s); i++ {
			if c := s[i]; c == '"' || c == '\\' {
				b = append(append(b, s[start:i]...), '\\', c)
				start = i + 1
			}
		}
		return append(append(b, s[start:]...), '"')
	}
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\r':
			b = append(b, `\r`...)
		case safe(r):
			b = append(b, string(r)...)
		case r > 0xffff:
			r -= 0x10000
			b = appendHex(appendHex(b, 0xd800+r>>10), 0xdc00+r&0x3ff)
		default:
			b = appendHex(b, r)
		}
	}
	return append(b, '"')
}

// appendHex appends a UTF-16 unit as \uXXXX.
func appendHex(b []byte, r rune) []byte {
	return append(append(append(b, `\u`...), hex(byte(r>>8))...), hex(byte(r))...)
}

// SafeJSON rewrites a JSON document so that it is harmless in a terminal: unsafe runes,
// which can only stand in its strings, become \uXXXX.
func SafeJSON(document []byte) []byte {
	var b []byte
	start := 0
	for i := 0; i < len(document); {
		r, size := rune(document[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(document[i:])
		}
		if r >= 0x7f && !safe(r) {
			b = append(b, document[start:i]...)
			if r > 0xffff {
				b = appendHex(appendHex(b, 0xd800+(r-0x10000)>>10), 0xdc00+(r-0x10000)&0x3ff)
			} else {
				b = appendHex(b, r)
			}
			start = i + size
		}
		i += size
	}
	if b == nil {
		return document
	}
	return append(b, document[start:]...)
}
