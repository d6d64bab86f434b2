package topology

import (
	"bytes"
	"fmt"
	"net/netip"
	"path"
	"runtime"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/parsers/tree"
)

// Read reads the topology at a path relative to the tree's root: a folder, all of
// whose *.sum.hcl and *.sum.hcl.json files are one topology, or one such file. It
// returns what could be read, never nil, and what is wrong with it (all of origin
// Topology), in order.
func Read(t *tree.Tree, p string) (*Topology, diag.List) { return readWithin(t, p, maxWork) }

// readWithin is Read with a limit for the work of evaluation.
func readWithin(t *tree.Tree, p string, work int) (*Topology, diag.List) {
	p = path.Clean("./" + strings.TrimSuffix(p, "/"))
	r := &reader{tree: t, folder: p, topology: &Topology{Path: p}, guard: guard{left: work, limit: work},
		files: map[string]*source.File{}, seen: map[mistake]bool{}, data: map[string]string{}, failed: map[string]bool{},
		networks: map[netip.Prefix]Text{}, checked: map[string]error{}}
	r.base = &hcl.EvalContext{Functions: r.functions()}
	var blocks []*hcl.Block
	for _, f := range r.find(p) {
		blocks = append(blocks, r.parse(f)...)
	}
	if len(r.files) > 0 {
		r.decode(blocks)
	}
	return r.topology, r.diags.Sorted()
}

// reader reads one topology.
type reader struct {
	tree     *tree.Tree
	folder   string // the topology's, relative to the root: exports and files are relative to it
	topology *Topology
	files    map[string]*source.File
	guard    guard
	// base holds the functions; with the local values once they are known.
	base *hcl.EvalContext
	data map[string]string // what the function file has read, by path
	// failed are the local values whose mistakes were reported.
	failed map[string]bool
	// sourceSize and dataSize are bytes that were read, instances counts for_each's.
	sourceSize, dataSize, instances int

	names            names
	networks         map[netip.Prefix]Text // the zone that each network was first written in
	checked          map[string]error      // what was found out about export files
	waivers, assumes []*block              // for checks of their names
	serverHosts      map[string]*Server    // by name, once they are all known
	targetHosts      map[string]*Target

	diags diag.List
	seen  map[mistake]bool // the instances of one block make the same mistakes
	// suggestions counts the messages that looked for a similar name.
	suggestions int
	broken      bool // some file could not be parsed, so blocks may be missing
}

// mistake tells diagnostics apart.
type mistake struct {
	span            source.Span
	summary, detail string
}

// errorf adds an error about the text at span; detail may be "".
func (r *reader) errorf(span source.Span, detail, format string, args ...any) {
	d := diag.Diagnostic{Severity: diag.Error, Origin: diag.Topology, Span: span, Summary: fmt.Sprintf(format, args...), Detail: detail}
	m := mistake{span, d.Summary, detail}
	if r.seen[m] || len(r.diags) > maxDiagnostics {
		return
	}
	if len(r.diags) == maxDiagnostics {
		d.Summary, d.Detail = fmt.Sprintf("More than %d mistakes", maxDiagnostics), "The others are not listed."
	}
	r.seen[m] = true
	r.diags.Add(d)
}

// span converts HCL's range.
func (r *reader) span(rng hcl.Range) source.Span {
	f := r.files[rng.Filename]
	if f == nil {
		return source.Span{}
	}
	return f.Span(rng.Start.Byte, rng.End.Byte)
}

// find returns the topology's files and sets its folder.
func (r *reader) find(p string) []string {
	fail := func(detail, format string, args ...any) {
		r.diags.Add(diag.Diagnostic{Severity: diag.Error, Origin: diag.Topology, Place: source.Location{File: p},
			Summary: fmt.Sprintf(format, args...), Detail: detail})
	}
	folder, err := r.tree.IsFolder(p)
	switch {
	case err != nil:
		fail("", "The topology can't be read: %v", err)
		return nil
	case !folder && !tree.IsTopology(p):
		fail("A topology's name ends in "+tree.Ending+" or "+tree.EndingJSON+".", "%q is no topology", path.Base(p))
		return nil
	case !folder:
		r.folder = path.Dir(p)
		return []string{p}
	}
	files, err := r.tree.List(p)
	switch {
	case err != nil:
		fail("", "The topology can't be read: %v", err)
	case len(files) == 0:
		fail("Each file of it whose name ends in "+tree.Ending+" or "+tree.EndingJSON+" would be part of one.", "No topology in the folder %q", p)
	case len(files) > maxFiles:
		fail("", "The folder %q holds %d topology files; the limit is %d", p, len(files), maxFiles)
		files = files[:maxFiles]
	}
	return files
}

// parse reads one file and returns its blocks.
func (r *reader) parse(name string) []*hcl.Block {
	data, err := r.tree.ReadUpTo(name, maxSource)
	if err != nil {
		r.broken = true
		r.diags.Add(diag.Diagnostic{Severity: diag.Error, Origin: diag.Topology, Place: source.Location{File: name},
			Summary: fmt.Sprintf("The topology can't be read: %v", err)})
		return nil
	}
	file := source.NewFile(name, bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	r.files[name] = file
	if r.topology.Span.IsZero() {
		r.topology.Span = file.Span(0, 0)
	}
	if r.sourceSize += len(file.Data); r.sourceSize > maxSource {
		r.broken = true
		r.errorf(file.Span(0, 0), "", "The files of the topology are larger than %d bytes together, the limit", maxSource)
		return nil
	}
	bodies, diags := r.parseFile(file)
	r.broken = r.broken || diags.HasErrors()
	r.convert(diags, hcl.Range{Filename: name})
	var blocks []*hcl.Block
	for _, b := range bodies {
		blocks = append(blocks, r.content(b, rootSchema, "").Blocks...)
	}
	return blocks
}

// parseFile parses one file, in either syntax, into one or several bodies that
// follow each other.
func (r *reader) parseFile(file *source.File) ([]hcl.Body, hcl.Diagnostics) {
	isJSON := strings.HasSuffix(file.Name, tree.EndingJSON)
	if !isJSON {
		if bodies := r.parsePieces(file); bodies != nil {
			return bodies, nil
		}
	}
	if isJSON && tooDeepJSON(file.Data) || !isJSON && tooDeep(file.Data) {
		start := hcl.Range{Filename: file.Name}
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Subject: &start, Summary: "Too deep nesting",
			Detail: fmt.Sprintf("Brackets and operators may stand %d deep inside each other.", maxNesting)}}
	}
	var parsed *hcl.File
	var diags hcl.Diagnostics
	if isJSON {
		parsed, diags = json.Parse(file.Data, file.Name)
	} else {
		parsed, diags = hclsyntax.ParseConfig(file.Data, file.Name, hcl.InitialPos)
	}
	if parsed == nil || parsed.Body == nil {
		return nil, diags
	}
	if native, ok := parsed.Body.(*hclsyntax.Body); ok {
		r.guard.protect(native)
	}
	return []hcl.Body{parsed.Body}, diags
}

// parsePieces parses a long file piece by piece, on all processors. A piece ends
// behind a line that is just "}"; where that is not the end of a block (in a
// heredoc or a comment), or anything else is wrong, it returns nil: the file then
// has to be parsed as a whole. Pieces that are right each for itself are so together,
// since HCL carries nothing over a line's end at the top level.
func (r *reader) parsePieces(file *source.File) []hcl.Body {
	pieces := cut(file)
	if len(pieces) < 2 {
		return nil
	}
	bodies := make([]hcl.Body, len(pieces))
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), len(pieces)) {
		wg.Go(func() {
			for i := range next {
				p := pieces[i]
				if tooDeep(file.Data[p.from:p.to]) {
					continue
				}
				start := hcl.Pos{Line: p.line, Column: 1, Byte: p.from}
				if f, diags := hclsyntax.ParseConfig(file.Data[p.from:p.to], file.Name, start); len(diags) == 0 {
					r.guard.protect(f.Body.(*hclsyntax.Body))
					bodies[i] = f.Body
				}
			}
		})
	}
	for i := range pieces {
		next <- i
	}
	close(next)
	wg.Wait()
	for _, b := range bodies {
		if b == nil {
			return nil
		}
	}
	return bodies
}

// piece is a stretch of a file that begins at a line.
type piece struct{ from, to, line int }

// cut divides a file into pieces of about half of smallText.
func cut(file *source.File) []piece {
	var pieces []piece
	from, line := 0, 1
	for from < len(file.Data) {
		to := len(file.Data)
		if at := from + smallText/2; at < to {
			if n := blockEnd(file.Data[at:]); n >= 0 {
				to = at + n
			}
		}
		pieces = append(pieces, piece{from, to, line})
		line += bytes.Count(file.Data[from:to], []byte{'\n'})
		from = to
	}
	return pieces
}

// blockEnd returns the place behind the first line that is just "}"; -1 if there is none.
func blockEnd(data []byte) int {
	for at := 0; ; at += 2 {
		n := bytes.Index(data[at:], []byte("\n}"))
		if n < 0 {
			return -1
		}
		at += n
		for _, end := range []string{"\n}\n", "\n}\r\n"} {
			if bytes.HasPrefix(data[at:], []byte(end)) {
				return at + len(end)
			}
		}
	}
}
