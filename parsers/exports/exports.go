// Package exports recognises firewall exports, has them parsed, and compiles those
// of one firewall into its model.
package exports

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/sumlint/sumlint/parsers/acl"
	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/iptables"
	"github.com/sumlint/sumlint/parsers/iptables/ipset"
	"github.com/sumlint/sumlint/parsers/iptables/nft"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/netsh"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// Formats are the names of the formats, as a topology's `format` spells them.
var Formats = []string{"iptables", "ipset", "nft", "netsh", "acl"}

// File is one export that was read; exactly one of the documents is set, none
// where the text is in no known language.
type File struct {
	Path      string
	Format    string
	RuleCount int
	iptables  *iptables.Doc
	sets      *ipset.Doc
	native    *nft.Doc
	netsh     *netsh.Doc
	acl       *acl.Doc
}

// Parse reads an export. format is one of Formats, or "" to recognise it.
func Parse(path string, raw []byte, format string) (*File, diag.List) {
	f := &File{Path: path, Format: format}
	if f.Format == "" {
		f.Format = recognise(raw)
	}
	if f.Format == "netsh" {
		doc, diags := netsh.Parse(path, raw, "")
		f.netsh, f.RuleCount = doc, doc.RuleCount
		return f, diags
	}
	text := source.NewFile(path, decode(raw))
	var diags diag.List
	switch f.Format {
	case "iptables":
		f.iptables, diags = iptables.Parse(text)
		f.RuleCount = f.iptables.RuleCount
	case "ipset":
		f.sets, diags = ipset.Parse(text)
	case "nft":
		f.native, diags = nft.Parse(text)
	case "acl":
		f.acl, diags = acl.Parse(text)
		f.RuleCount = f.acl.RuleCount
	default:
		diags.Errorf(diag.Export, text.Span(0, min(len(text.Data), 1)),
			"Expected what iptables-save, ip6tables-save, ipset save, `netsh advfirewall firewall show rule name=all verbose` or `netsh advfirewall show allprofiles` print, or a YAML ACL. Say which it is with `format` in the topology.",
			"%s is in no known format", path)
	}
	return f, diags
}

// recognise tells a format by its content; "" where none fits.
func recognise(raw []byte) string {
	if netsh.Recognise(raw) {
		return "netsh"
	}
	data := decode(raw)
	switch {
	case nft.Recognise(data):
		return "nft"
	case iptables.Recognise(data):
		return "iptables"
	case ipset.Recognise(data):
		return "ipset"
	case acl.Recognise(data):
		return "acl"
	}
	return ""
}

// decode makes UTF-8 of text with a byte order mark.
func decode(raw []byte) []byte {
	switch {
	case len(raw) >= 3 && raw[0] == 0xef && raw[1] == 0xbb && raw[2] == 0xbf:
		return raw[3:]
	case len(raw) >= 2 && raw[0] == 0xff && raw[1] == 0xfe:
		return fromUTF16(raw[2:], func(b []byte) uint16 { return uint16(b[0]) | uint16(b[1])<<8 })
	case len(raw) >= 2 && raw[0] == 0xfe && raw[1] == 0xff:
		return fromUTF16(raw[2:], func(b []byte) uint16 { return uint16(b[1]) | uint16(b[0])<<8 })
	}
	return raw
}

func fromUTF16(raw []byte, unit func([]byte) uint16) []byte {
	units := make([]uint16, 0, len(raw)/2)
	for ; len(raw) >= 2; raw = raw[2:] {
		units = append(units, unit(raw))
	}
	return []byte(string(utf16.Decode(units)))
}

// Host is what the topology tells of a firewall.
type Host struct {
	Name string
	// Own tells that it is a host's own packet filter, not one between zones.
	Own        bool
	Interfaces []model.Interface
	Profile    packet.Profiles
	// Today is the day on which dated entries are judged, YYYY-MM-DD; "" leaves them open.
	Today string
}

// Compile makes the model of the firewall whose exports these are. It never
// returns nil: what could not be read is undecided.
func Compile(h Host, files []*File) (*model.Firewall, diag.List) {
	var in struct {
		iptables []*iptables.Doc
		sets     []*ipset.Doc
		native   []*nft.Doc
		netsh    []*netsh.Doc
		acl      []*acl.Doc
	}
	for _, f := range files {
		switch {
		case f.iptables != nil:
			in.iptables = append(in.iptables, f.iptables)
		case f.sets != nil:
			in.sets = append(in.sets, f.sets)
		case f.native != nil:
			in.native = append(in.native, f.native)
		case f.netsh != nil:
			in.netsh = append(in.netsh, f.netsh)
		case f.acl != nil:
			in.acl = append(in.acl, f.acl)
		}
	}
	var fw *model.Firewall
	var diags diag.List
	kinds := 0
	compile := func(present bool, run func() (*model.Firewall, diag.List)) {
		if present {
			kinds++
			fw, diags = run()
		}
	}
	compile(len(in.iptables)+len(in.native) > 0, func() (*model.Firewall, diag.List) {
		return iptables.Compile(iptables.Input{Name: h.Name, Docs: in.iptables, Sets: in.sets, Native: in.native, Interfaces: h.Interfaces, Host: h.Own})
	})
	compile(len(in.netsh) > 0, func() (*model.Firewall, diag.List) {
		return netsh.Compile(netsh.Input{Name: h.Name, Docs: in.netsh, Interfaces: h.Interfaces, Profile: h.Profile})
	})
	compile(len(in.acl) > 0, func() (*model.Firewall, diag.List) {
		return acl.Compile(acl.Input{Name: h.Name, Docs: in.acl, Interfaces: h.Interfaces, Host: h.Own, Today: h.Today})
	})
	switch {
	case kinds == 0:
		fw = Unread(h.Name, "no export of "+h.Name+" could be read")
	case kinds > 1:
		var names []string
		for _, f := range files {
			names = append(names, f.Path+" ("+f.Format+")")
		}
		diags.Add(diag.Diagnostic{Severity: diag.Error, Origin: diag.Export, Place: source.Location{File: files[0].Path, Line: 1, Column: 1},
			Summary: fmt.Sprintf("the exports of firewall %q are of different platforms: %s", h.Name, strings.Join(names, ", ")),
			Detail:  "A firewall's exports must come from one system; give each system a firewall block of its own."})
		fw = Unread(h.Name, "the exports of "+h.Name+" are of different platforms")
	}
	fw.Interfaces = h.Interfaces
	fw.Exports = nil
	for _, f := range files {
		fw.Exports = append(fw.Exports, model.Export{File: f.Path, Format: f.Format, RuleCount: f.RuleCount})
	}
	return fw, diags
}

// Unread is the model of a firewall of which nothing is known, and why.
func Unread(name, why string) *model.Firewall {
	fw := &model.Firewall{Name: name}
	cond := &model.Condition{Kind: "uncovered", Text: why, Key: "unread " + name, Memory: model.PerFlow, Supply: "a readable export of " + name}
	for hook := range model.NumHooks {
		if hook == model.Prerouting || hook == model.Postrouting {
			continue
		}
		c := &model.Chain{Name: hook.String(), Default: model.Action{Kind: model.Accept}}
		c.Rules = []model.Rule{{Where: packet.Any(), Action: model.Action{Kind: model.Undecided, Unknown: cond, NeverContinues: true}}}
		fw.Hooks[hook] = []*model.Chain{c}
		fw.Chains = append(fw.Chains, c)
	}
	return fw
}
