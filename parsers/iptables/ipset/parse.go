package ipset

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// Parse reads an export. It reads on after each error; a set with an entry that cannot
// be read is undecided in each match.
func Parse(f *source.File) (*Doc, diag.List) {
	p := &parser{file: f, data: f.Data, doc: &Doc{File: f}, byName: map[string]*Set{}}
	switch {
	case len(f.Data) > maxFile:
		p.diags.Errorf(diag.Export, f.Span(0, 0), "", "the file is larger than %d bytes, the limit", maxFile)
	case bytes.HasPrefix(bytes.TrimLeft(f.Data, " \t\r\n"), []byte("<ipsets>")):
		p.errorf(f.Span(0, 1), "Export with `ipset save`.", "the XML form of ipset is not read")
	default:
		p.run()
	}
	return p.doc, p.diags
}

type parser struct {
	file   *source.File
	data   []byte
	doc    *Doc
	diags  diag.List
	byName map[string]*Set
	last   *Set
	// listed is the set whose part of ipset list is being read, members: its list.
	listed  *Set
	naming  string
	nameAt  source.Span
	members bool
	count   int
	crlf    bool
	junk    bool
}

func (p *parser) errorf(span source.Span, detail, format string, args ...any) {
	if len(p.diags) == maxDiagnostics {
		p.diags.Errorf(diag.Export, span, "", "more than %d problems in this file, the limit; the rest is not listed", maxDiagnostics)
	}
	if len(p.diags) < maxDiagnostics {
		p.diags.Errorf(diag.Export, span, detail, format, args...)
	}
}

func (p *parser) run() {
	for at := 0; at < len(p.data); {
		end := len(p.data)
		if n := bytes.IndexByte(p.data[at:], '\n'); n >= 0 {
			end = at + n
		}
		start, stop := at, end
		for start < stop && (p.data[start] == ' ' || p.data[start] == '\t') {
			start++
		}
		for start < stop && (p.data[stop-1] == ' ' || p.data[stop-1] == '\t' || p.data[stop-1] == '\r') {
			p.crlf = p.crlf || p.data[stop-1] == '\r'
			stop--
		}
		if stop-start > maxLine {
			p.errorf(p.file.Span(start, start), "", "the line is longer than %d bytes, the limit", maxLine)
			p.breakAll()
		} else if start < stop && p.data[start] != '#' {
			p.line(start, stop)
		} else if start == stop {
			p.members = false
		}
		at = end + 1
	}
	if p.crlf {
		p.diags.Warnf(diag.Export, p.file.Span(0, 0), "Convert it with dos2unix before you restore it.", "lines end in CR LF")
	}
	if len(p.doc.Sets) == 0 && len(p.diags) == 0 {
		p.errorf(p.file.Span(0, min(1, len(p.data))), "Expected the output of `ipset save`: lines such as \"create blocked hash:net family inet\".", "the file holds no set")
	}
}

// breakAll makes each set undecided, where it is unknown which one a line belongs to.
func (p *parser) breakAll() {
	for _, s := range p.doc.Sets {
		s.broken = true
	}
}

// line reads one line.
func (p *parser) line(start, stop int) {
	text := p.data[start:stop]
	span := p.file.Span(start, stop)
	if p.members && p.listed != nil && !bytes.HasPrefix(text, []byte("Name: ")) {
		p.entry(p.listed, text, span)
		return
	}
	word, rest, _ := bytes.Cut(text, []byte{' '})
	for (string(word) == "-exist" || string(word) == "-!") && len(rest) > 0 {
		word, rest, _ = bytes.Cut(bytes.TrimLeft(rest, " "), []byte{' '})
	}
	rest = bytes.TrimLeft(rest, " ")
	switch string(word) {
	case "add", "-A", "a", "--add":
		p.add(rest, span)
	case "create", "-N", "n", "--create":
		name, options, ok := splitCreate(string(rest))
		if !ok {
			p.errorf(span, "Expected create NAME TYPE, with a type of ipset(8).", "the set's type is not known")
			return
		}
		p.create(name, options, span)
	case "del", "-D", "flush", "-F", "destroy", "-X", "swap", "-W", "rename", "-E", "--del", "--flush":
		p.errorf(span, "An export only creates sets and adds entries. What the sets hold is taken as unknown.", "command %q is not followed", word)
		p.breakAll()
	case "COMMIT", "quit", "version", "-V":
	case "Name:":
		p.naming, p.nameAt, p.members, p.listed = string(rest), span, false, nil
	case "Type:", "Header:", "Members:", "Revision:", "Size", "References:", "Number":
		p.listing(string(word), string(rest), span)
	default:
		p.other(text, span)
	}
}

// other reads a line that is none of the format's: a prompt, a fence, or an error.
func (p *parser) other(text []byte, span source.Span) {
	if bytes.HasPrefix(text, []byte("```")) || bytes.Contains(text, []byte("ipset ")) || bytes.HasPrefix(text, []byte("*")) {
		if !p.junk {
			p.junk = true
			p.diags.Warnf(diag.Export, span, "", "a fence or prompt around the export is ignored")
		}
		return
	}
	p.errorf(span, "Expected create or add.", "%q is not known here", clip(text))
	p.breakAll()
}

func clip(text []byte) string {
	if len(text) > 40 {
		text = text[:40]
	}
	return string(text)
}

// listing reads the headings of ipset list.
func (p *parser) listing(word, rest string, span source.Span) {
	switch word {
	case "Type:":
		if types[rest] == nil {
			p.errorf(span, "Expected a type of ipset(8).", "set type %q is not known", rest)
			return
		}
		p.create(p.naming, rest, p.nameAt)
		p.listed = p.last
	case "Header:":
		if p.listed != nil {
			p.options(p.listed, strings.Fields(rest), span)
		}
	case "Members:":
		p.members = true
	}
}

// create takes up a set: its type and what stands behind it.
func (p *parser) create(name, text string, span source.Span) {
	words := strings.Fields(text)
	if p.byName[name] != nil {
		p.errorf(span, "", "set %q is created twice", name)
		p.byName[name].broken = true
		return
	}
	if len(p.doc.Sets) == maxSets {
		p.errorf(span, "", "more than %d sets, the limit", maxSets)
		return
	}
	s := &Set{Name: name, Type: words[0], Span: span, parts: types[words[0]], netmask: -1, Family: packet.AnyFamily, groups: map[group]*entries{}}
	for i, part := range s.parts {
		if part == ipPart || part == netPart {
			s.Family = packet.IPv4
		}
		if part == netPart && s.parts[s.vary] != netPart {
			s.vary = i
		}
	}
	p.options(s, words[1:], span)
	p.byName[name], p.last = s, s
	p.doc.Sets = append(p.doc.Sets, s)
}

// options reads what stands behind a set's type.
func (p *parser) options(s *Set, words []string, span source.Span) {
	for i := 0; i < len(words); i++ {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch strings.TrimLeft(words[i], "-") {
		case "family":
			if next == "inet6" && s.Family != packet.AnyFamily {
				s.Family = packet.IPv6
			}
			i++
		case "netmask":
			if n, err := strconv.Atoi(next); err == nil && n >= 0 && n <= s.Family.Bits() {
				s.netmask = n
			} else if mask, err := netip.ParseAddr(next); err == nil {
				p.mask(s, mask)
			} else {
				p.errorf(span, "Expected a prefix length.", "netmask %q is not valid", next)
				s.broken = true
			}
			i++
		case "bitmask":
			if mask, err := netip.ParseAddr(next); err == nil {
				p.mask(s, mask)
			} else {
				s.masked = true
			}
			i++
		case "timeout":
			s.timeout = true
			i++
		case "forceadd":
			s.evicts = true
		case "counters", "comment", "skbinfo":
		default:
			i++ // hashsize, maxelem, range, markmask …: a word and its value
		}
	}
}

// mask takes up a mask that addresses are cut by.
func (p *parser) mask(s *Set, mask netip.Addr) {
	n, family := packet.FromNetip(mask)
	for length := range family.Bits() + 1 {
		if n == packet.HostMask(family.Bits()-length).Not().And(family.Last()) {
			s.netmask = length
			return
		}
	}
	s.masked = true
}

// add reads "NAME element options".
func (p *parser) add(rest []byte, span source.Span) {
	s := p.last
	if s == nil || !bytes.HasPrefix(rest, []byte(s.Name)) || len(rest) <= len(s.Name) || rest[len(s.Name)] != ' ' {
		s = p.named(rest)
	}
	if s == nil {
		word, _, _ := bytes.Cut(rest, []byte{' '})
		p.errorf(span, "Its create line must come first.", "set %q is not created", word)
		return
	}
	p.last = s
	p.entry(s, bytes.TrimLeft(rest[len(s.Name):], " "), span)
}

// named finds the set that the text begins with; a name may hold blanks.
func (p *parser) named(rest []byte) *Set {
	for at := 0; ; at++ {
		n := bytes.IndexByte(rest[at:], ' ')
		if n < 0 {
			return nil
		}
		at += n
		if s := p.byName[string(rest[:at])]; s != nil {
			return s
		}
		if at > 64 {
			return nil
		}
	}
}

// entry reads an element and its options.
func (p *parser) entry(s *Set, text []byte, span source.Span) {
	if p.count++; p.count > maxEntries {
		if p.count == maxEntries+1 {
			p.errorf(span, "", "more than %d entries, the limit", maxEntries)
		}
		s.broken = true
		return
	}
	element, options, _ := bytes.Cut(text, []byte{' '})
	var nomatch, wildcard bool
	if len(options) > 0 {
		nomatch, wildcard = s.entryOptions(options)
	}
	if len(s.parts) == 1 && s.parts[0] == setPart {
		s.members = append(s.members, string(element))
		return
	}
	if !s.addElement(element, nomatch, wildcard) {
		s.broken = true
		p.errorf(span, "Expected an element of a "+s.Type+" set for "+s.Family.String()+".", "entry %q of set %q is not valid", clip(element), s.Name)
	}
}

// entryOptions reads what stands behind an element.
func (s *Set) entryOptions(text []byte) (nomatch, wildcard bool) {
	for len(text) > 0 {
		var word []byte
		word, text, _ = bytes.Cut(bytes.TrimLeft(text, " "), []byte{' '})
		switch string(word) {
		case "nomatch":
			nomatch = true
		case "wildcard":
			wildcard = true
		case "comment":
			text = bytes.TrimLeft(text, " ")
			if len(text) > 0 && text[0] == '"' {
				if n := bytes.IndexByte(text[1:], '"'); n >= 0 {
					text = text[n+2:]
					continue
				}
			}
			_, text, _ = bytes.Cut(text, []byte{' '})
		case "timeout":
			word, text, _ = bytes.Cut(bytes.TrimLeft(text, " "), []byte{' '})
			s.Expires = s.Expires || string(word) != "0"
		case "packets", "bytes", "skbmark", "skbprio", "skbqueue":
			_, text, _ = bytes.Cut(bytes.TrimLeft(text, " "), []byte{' '})
		}
	}
	return nomatch, wildcard
}
