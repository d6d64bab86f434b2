package yamltree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"gopkg.in/yaml.v3"
)

// The limits. Each is an error that names it.
const (
	MaxBytes     = 64 << 20 // of a file
	MaxDepth     = 64       // of nesting
	MaxDocuments = 10_000   // in a file
	// Aliases and merges may stand for this many nodes more than the text has,
	// and for as many again as it has.
	MaxAliased = 200_000
)

// Document is one document of a file.
type Document struct {
	// Root is nil where the document is empty or could not be read.
	Root *Node
	// Broken tells that the document is not YAML, or refused.
	Broken bool
	Span   source.Span // its first line
}

// Read reads all documents of a file. What is wrong are errors of origin Export.
func Read(f *source.File) ([]Document, diag.List) {
	var diags diag.List
	if len(f.Data) > MaxBytes {
		diags.Errorf(diag.Export, f.Span(0, 0), "", "the file has %d bytes; the limit is %d", len(f.Data), MaxBytes)
		return []Document{{Broken: true}}, diags
	}
	r := &reader{file: f, diags: &diags, lines: lineStarts(f.Data), cursorLine: -1}
	chunks := r.chunks()
	if len(chunks) > MaxDocuments {
		at := r.lines[chunks[MaxDocuments].line]
		diags.Errorf(diag.Export, r.lineSpan(at), "", "the file has more than %d documents, which is the limit", MaxDocuments)
		return []Document{{Broken: true}}, diags
	}
	var docs []Document
	for _, c := range chunks {
		docs = append(docs, r.readChunk(c)...)
	}
	return docs, diags
}

// chunk is the text from one "---" line to the next; it begins at a line.
type chunk struct {
	line int // counted from 0
	data []byte
}

// chunks splits the file before each "---" line: such a line begins a document
// wherever it stands, so one broken document leaves the others readable. What stands
// around a paste separates documents too.
func (r *reader) chunks() []chunk {
	var out []chunk
	around := r.around()
	r.passedOver(around)
	from, content := 0, false
	for n, at := range r.lines {
		line := r.file.Data[at:]
		if around[n] {
			if content {
				out = append(out, chunk{from, r.file.Data[r.lines[from]:at]})
			}
			from, content = n+1, false
			continue
		}
		if isMarker(line) && content {
			out = append(out, chunk{from, r.file.Data[r.lines[from]:at]})
			from, content = n, false
		}
		// Directives and comments before "---" belong to the document that follows.
		if len(line) > 0 && !bytes.ContainsRune([]byte("%#\r\n"), rune(line[0])) && !strings.HasPrefix(string(line[:min(len(line), 3)]), "\ufeff") {
			content = true
		}
	}
	if from == len(r.lines) {
		return out
	}
	return append(out, chunk{from, r.file.Data[r.lines[from]:]})
}

func isMarker(line []byte) bool {
	return bytes.HasPrefix(line, []byte("---")) && (len(line) == 3 || bytes.IndexByte([]byte(" \t\r\n"), line[3]) >= 0)
}

func (r *reader) readChunk(c chunk) []Document {
	r.base = c.line
	var docs []Document
	d := yaml.NewDecoder(bytes.NewReader(c.data))
	for {
		var n yaml.Node
		err := decode(d, &n)
		if errors.Is(err, io.EOF) {
			return docs
		}
		if err != nil {
			r.syntaxError(c, err)
			return append(docs, Document{Broken: true, Span: r.lineSpan(r.lines[c.line])})
		}
		docs = append(docs, r.document(&n))
	}
}

// decode guards against panics in the YAML module, which hostile text has caused
// in it before.
func decode(d *yaml.Decoder, n *yaml.Node) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: the text can't be read: %v", p)
		}
	}()
	return d.Decode(n)
}

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

func (r *reader) syntaxError(c chunk, err error) {
	message, line := err.Error(), 1
	if m := yamlError.FindStringSubmatch(strings.ReplaceAll(message, "\n", " ")); m != nil {
		message = m[2]
		if n, e := strconv.Atoi(m[1]); e == nil {
			line = n
		}
	}
	line = errorLine(c.data, message, line)
	at := r.lines[min(max(c.line+line-1, 0), len(r.lines)-1)]
	detail := "The mistake is here or near. Nothing of this document is read."
	if text := r.lineSpan(at).Text(); bytes.Contains(c.data, []byte("{%")) || strings.Contains(text, "{{") {
		detail += " It looks like a template: give the rendered file."
	} else if strings.HasPrefix(strings.TrimLeft(text, " "), "\t") {
		detail += " A tab can't indent in YAML."
	}
	r.diags.Errorf(diag.Export, r.lineSpan(at), detail, "this is not YAML: %s", message)
}

// maxSearched bounds the text, in bytes, in which the line of a mistake is searched.
const maxSearched = 1 << 20

// errorLine returns the line of a mistake, counted from 1. The module names the
// line where the broken collection begins for what it did not find, and none for
// an anchor.
func errorLine(data []byte, message string, line int) int {
	if len(data) > maxSearched || !strings.HasPrefix(message, "did not find expected") && !strings.HasPrefix(message, "unknown anchor") {
		return line
	}
	starts := lineStarts(data)
	first := sort.Search(len(starts)-1, func(n int) bool { return failsWith(data[:starts[n+1]], message) })
	return first + 1
}

// failsWith tells whether reading the text fails with that message.
func failsWith(data []byte, message string) bool {
	d := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		err := decode(d, &n)
		if err != nil {
			return !errors.Is(err, io.EOF) && strings.HasSuffix(err.Error(), message)
		}
	}
}

func (r *reader) document(n *yaml.Node) Document {
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		n = n.Content[0]
	}
	r.anchors, r.nodes, r.extra, r.refused = map[*yaml.Node]*Node{}, 0, 0, false
	root := r.node(n, 0)
	doc := Document{Root: root, Span: r.lineSpan(r.offset(n))}
	if !r.refused && root.size > 2*r.nodes+MaxAliased {
		r.refuse(root.Span, "the aliases of this document stand for %d values; the limit for its %d is %d", root.size, r.nodes, 2*r.nodes+MaxAliased)
	}
	if r.refused {
		return Document{Broken: true, Span: doc.Span}
	}
	if root.IsNull() {
		doc.Root = nil
	}
	return doc
}
