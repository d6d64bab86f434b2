// Package nft looks at what nft list ruleset prints, as text or JSON, only as far as
// to tell whether nftables filters packets beside iptables, and on which hooks. The
// rules themselves are not modelled.
package nft

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// The limits of a ruleset; each is an error diagnostic where it is met.
const (
	maxChains      = 100_000
	maxDiagnostics = 1000
	maxLine        = 1 << 20
	maxFile        = 256 << 20
	recogniseBytes = 64 << 10
)

// Doc is one ruleset.
type Doc struct {
	File *source.File
	// Base are the base chains that may decide about routed IP packets and that
	// iptables did not make.
	Base []Chain
}

// Chain is a base chain.
type Chain struct {
	Family, Table, Name string // as nft names them
	Families            packet.Family
	Hook                model.Hook
	Priority            int
	Span                source.Span
}

// Recognise tells whether the text looks like nft list ruleset, or nft -j.
func Recognise(data []byte) bool {
	data = data[:min(len(data), recogniseBytes)]
	if isJSON(data) {
		return bytes.Contains(data, []byte(`"nftables"`))
	}
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		if len(fields) >= 4 && string(fields[0]) == "table" && string(fields[3]) == "{" && families(string(fields[1])) != nil {
			return true
		}
	}
	return false
}

func isJSON(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{"))
}

// families returns the packet families that a table family sees; nil for a word that
// is none. Tables of the families arp and bridge see no routed IP packets.
func families(name string) *packet.Family {
	f := packet.Family(0)
	switch name {
	case "ip":
		f = packet.IPv4
	case "ip6":
		f = packet.IPv6
	case "inet", "netdev":
		f = packet.AnyFamily
	case "arp", "bridge":
	default:
		return nil
	}
	return &f
}

// hooks are the hooks by nft's names. What netdev chains drop on the way in is dropped
// before prerouting, and on the way out after postrouting.
var hooks = map[string]model.Hook{
	"prerouting": model.Prerouting, "ingress": model.Prerouting, "input": model.Input, "forward": model.Forward,
	"output": model.Output, "postrouting": model.Postrouting, "egress": model.Postrouting,
}

// priorities are nft's names of priorities (nft(8), "Standard priority names").
var priorities = map[string]int{
	"raw": model.PriorityRaw, "mangle": model.PriorityMangle, "dstnat": model.PriorityNATDestination,
	"filter": model.PriorityFilter, "security": model.PrioritySecurity, "srcnat": model.PriorityNATSource, "out": model.PriorityNATSource,
}

// Parse reads a ruleset.
func Parse(f *source.File) (*Doc, diag.List) {
	p := &parser{file: f, doc: &Doc{File: f}}
	switch {
	case len(f.Data) > maxFile:
		p.diags.Errorf(diag.Export, f.Span(0, 0), "", "the file is larger than %d bytes, the limit", maxFile)
	case isJSON(f.Data):
		p.json()
	default:
		p.text()
	}
	return p.doc, p.diags
}

type parser struct {
	file  *source.File
	doc   *Doc
	diags diag.List
}

// errorf reports what makes the ruleset unreadable there.
func (p *parser) errorf(span source.Span, detail, format string, args ...any) {
	if len(p.diags) == maxDiagnostics {
		p.diags.Errorf(diag.Export, span, "", "more than %d problems in this file, the limit; the rest is not listed", maxDiagnostics)
	}
	if len(p.diags) < maxDiagnostics {
		p.diags.Errorf(diag.Export, span, detail, format, args...)
	}
}

// rawChain is a base chain as the ruleset describes it.
type rawChain struct {
	family, table, name string
	kind, hook, policy  string
	priority            int
	rules               int
	span                source.Span
}

// add keeps a base chain that may decide. An empty one that accepts cannot; neither
// is one of interest that iptables-nft made, since iptables-save shows it.
func (p *parser) add(c rawChain) {
	f := families(c.family)
	hook, ok := hooks[c.hook]
	if f == nil || *f == 0 || !ok || c.rules == 0 && c.policy != "drop" || madeByIptables(c) {
		return
	}
	if len(p.doc.Base) == maxChains {
		p.errorf(c.span, "", "more than %d base chains, the limit", maxChains)
		return
	}
	p.doc.Base = append(p.doc.Base, Chain{Family: c.family, Table: c.table, Name: c.name, Families: *f, Hook: hook, Priority: c.priority, Span: c.span})
}

// madeByIptables tells a base chain that iptables-nft makes: its tables and chains have
// fixed names.
func madeByIptables(c rawChain) bool {
	if c.family != "ip" && c.family != "ip6" || c.name != strings.ToUpper(c.hook) {
		return false
	}
	switch c.table {
	case "filter", "security":
		return c.name == "INPUT" || c.name == "FORWARD" || c.name == "OUTPUT"
	case "nat":
		return c.kind == "nat"
	case "raw":
		return c.name == "PREROUTING" || c.name == "OUTPUT"
	}
	return c.table == "mangle"
}

// text reads the text form: a table or chain opens with "{" at a line's end.
func (p *parser) text() {
	t := textReader{parser: p}
	for at := 0; at < len(p.file.Data); {
		end := len(p.file.Data)
		if n := bytes.IndexByte(p.file.Data[at:], '\n'); n >= 0 {
			end = at + n
		}
		if end-at > maxLine {
			p.errorf(p.file.Span(at, at), "", "the line is longer than %d bytes, the limit", maxLine)
		}
		line := strings.TrimSpace(string(p.file.Data[at:min(end, at+maxLine)]))
		line, _, _ = strings.Cut(line, " # handle ")
		t.line(line, p.file.Span(at, end))
		at = end + 1
	}
	if t.depth > 0 {
		p.errorf(p.file.Span(len(p.file.Data), len(p.file.Data)), "Is the file complete?", "the ruleset ends inside a block")
	}
}

// textReader knows in which block a line of the text form stands.
type textReader struct {
	*parser
	family, table string
	chain         *rawChain
	managed       bool // the next table is iptables-nft's
	depth         int
}

// line reads one line.
func (t *textReader) line(line string, span source.Span) {
	words := strings.Fields(line)
	switch {
	case len(words) == 0:
		return
	case words[0][0] == '#':
		t.managed = t.managed || strings.Contains(line, "managed by iptables-nft")
		return
	case t.depth == 0 && words[0] == "table" && len(words) >= 3:
		t.family, t.table = words[1], words[2]
		if t.managed {
			t.family = "" // iptables-save shows it
		}
		t.managed = false
		if families(words[1]) == nil {
			t.errorf(span, "", "table family %q is not known", words[1])
		}
	case t.depth == 1 && words[0] == "chain" && len(words) >= 2:
		t.chain = &rawChain{family: t.family, table: t.table, name: words[1], span: span}
	case t.depth == 2 && t.chain != nil && words[0] == "type":
		t.chain.hookLine(words)
	case t.depth >= 2 && t.chain != nil && words[0] != "}":
		t.chain.rules++
	}
	if strings.HasSuffix(line, "{") {
		t.depth++
	}
	if words[0] == "}" && t.depth > 0 {
		t.depth--
		if t.depth == 1 && t.chain != nil {
			t.add(*t.chain)
			t.chain = nil
		}
	}
}

// hookLine reads "type filter hook input priority filter - 1; policy drop;".
func (c *rawChain) hookLine(words []string) {
	for i := 0; i+1 < len(words); i++ {
		next := strings.TrimSuffix(words[i+1], ";")
		switch words[i] {
		case "type":
			c.kind = next
		case "hook":
			c.hook = next
		case "policy":
			c.policy = next
		case "priority":
			c.priority = priority(words[i+1:])
		}
	}
}

// priority reads "-150;", "filter;" and "mangle + 10;".
func priority(words []string) int {
	text, _, _ := strings.Cut(strings.Join(words, " "), ";")
	base, offset, sign := text, "", 0
	if b, o, ok := strings.Cut(text, " + "); ok {
		base, offset, sign = b, o, 1
	} else if b, o, ok := strings.Cut(text, " - "); ok {
		base, offset, sign = b, o, -1
	}
	n, ok := priorities[base]
	if !ok {
		n, _ = strconv.Atoi(base)
	}
	plus, _ := strconv.Atoi(offset)
	return n + sign*plus
}

// json reads the JSON form (libnftables-json(5)).
func (p *parser) json() {
	var ruleset struct {
		Objects []struct {
			Chain *struct {
				Family, Table, Name, Type, Hook, Policy string
				Prio                                    json.Number
			}
			Rule *struct{ Family, Table, Chain string }
		} `json:"nftables"`
	}
	whole := p.file.Span(0, min(len(p.file.Data), 1))
	decoder := json.NewDecoder(bytes.NewReader(p.file.Data))
	decoder.UseNumber()
	if err := decoder.Decode(&ruleset); err != nil {
		at := int(decoder.InputOffset())
		p.errorf(p.file.Span(at, at), "Expected the output of `nft -j list ruleset`.", "the JSON cannot be read: %v", err)
		return
	}
	rules := map[[3]string]int{}
	for _, o := range ruleset.Objects {
		if r := o.Rule; r != nil {
			rules[[3]string{r.Family, r.Table, r.Chain}]++
		}
	}
	for _, o := range ruleset.Objects {
		if c := o.Chain; c != nil && c.Hook != "" {
			n, _ := c.Prio.Int64()
			p.add(rawChain{family: c.Family, table: c.Table, name: c.Name, kind: c.Type, hook: c.Hook, policy: c.Policy, priority: int(n),
				rules: rules[[3]string{c.Family, c.Table, c.Name}], span: whole})
		}
	}
}
