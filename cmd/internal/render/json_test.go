package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sumlint/sumlint/policies/report"
)

// fill gives every field of a value something, so that no field can be forgotten.
func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("<a> & \"b\" \\ ü\t\n")
	case reflect.Int:
		v.SetInt(-42)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth)
	case reflect.Slice:
		if depth < 8 {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			fill(v.Index(0), depth+1)
			fill(v.Index(1), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth)
		}
	}
}

// TestJSONAgreesWithEncodingJSON also keeps the report's types to what the encoder knows.
func TestJSONAgreesWithEncodingJSON(t *testing.T) {
	full := &report.Report{}
	fill(reflect.ValueOf(full).Elem(), 0)
	reports := samples()
	reports["every field"] = full
	for name, r := range reports {
		var got bytes.Buffer
		if err := JSON(&got, r, Style{}); err != nil {
			t.Fatal(err)
		}
		var back report.Report
		decoder := json.NewDecoder(&got)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&back); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(r, &back, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: what is read back differs (-wrote +read):\n%s", name, diff)
		}
	}
}

// TestJSONHasTheSameMembers compares names and order of the members with encoding/json's.
func TestJSONHasTheSameMembers(t *testing.T) {
	full := &report.Report{}
	fill(reflect.ValueOf(full).Elem(), 0)
	var got, want, compact bytes.Buffer
	if err := JSON(&got, full, Style{}); err != nil {
		t.Fatal(err)
	}
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	if err := e.Encode(full); err != nil {
		t.Fatal(err)
	}
	if err := json.Compact(&compact, got.Bytes()); err != nil {
		t.Fatal(err)
	}
	if g, w := compact.String(), strings.TrimSpace(want.String()); g != w {
		i := 0
		for i < len(g) && i < len(w) && g[i] == w[i] {
			i++
		}
		from := max(0, i-80)
		t.Errorf("differs at byte %d:\n got …%.160s\nwant …%.160s", i, g[from:], w[from:])
	}
}

func TestJSONListsAreNeverNull(t *testing.T) {
	empty := &report.Report{
		Flows:      []report.Flow{{Hops: []report.Hop{{}}}},
		Findings:   []report.Finding{{}},
		Topologies: []report.Topology{{Servers: []report.Node{{}}, Firewalls: []report.Firewall{{}}, Zones: []report.Zone{{}}}},
	}
	for _, r := range []*report.Report{{}, empty} {
		var b bytes.Buffer
		if err := JSON(&b, r, Style{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "null") {
			t.Errorf("null in %s", b.String())
		}
	}
}

func TestJSONStrings(t *testing.T) {
	for _, c := range escapes {
		got := appendString(nil, c.in)
		if line := unsafeLine(string(got)); line != "" {
			t.Errorf("%s: %q is not safe", c.name, line)
		}
		var back string
		if err := json.Unmarshal(got, &back); err != nil {
			t.Errorf("%s: %s: %v", c.name, got, err)
		}
		if want := strings.ToValidUTF8(c.in, "\ufffd"); back != want {
			t.Errorf("%s: %q is read back as %q", c.name, want, back)
		}
	}
	if got, want := string(appendString(nil, "<&>\U000e0041\x1b")), `"<&>\udb40\udc41\u001b"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestJSONStopsWhenTheReaderIsGone(t *testing.T) {
	if err := JSON(failingWriter{}, samples()["datacentre"], Style{}); err == nil {
		t.Error("the writer's error is lost")
	}
}

// failingWriter is a file on a full disk.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func BenchmarkJSON(b *testing.B) {
	r := dataCentre()
	for i := range 20000 {
		f := r.Flows[i%14]
		f.ID = fmt.Sprint(i)
		r.Flows = append(r.Flows, f)
	}
	var n counter
	for b.Loop() {
		n = 0
		if err := JSON(&n, r, Style{}); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(n))
}

// counter counts the bytes that are written to it.
type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
