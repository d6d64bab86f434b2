// Package iptables reads what iptables-save, ip6tables-save and iptables -S print,
// and the input of iptables-restore, and compiles the exports of one firewall into
// the model.
//
// The grammar and the meaning are those of iptables-restore(8), iptables(8) and
// iptables-extensions(8). What cannot be decided from the text stays a named
// unknown; what iptables-restore would refuse is an error diagnostic, and the rule
// stays in the model as an unknown rule.
package iptables

import (
	"bytes"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// Doc is one export, read.
type Doc struct {
	File *source.File
	// Sections are its tables in the order of the file.
	Sections []*Section
	// RuleCount counts the rule lines, also unreadable ones and those that a later
	// section replaces.
	RuleCount int
	// NFTables tells that the variant that works on nf_tables printed it.
	NFTables bool
	// Legacy are the families of which the host also has tables of the other
	// variant, as the export warns.
	Legacy     packet.Family
	legacySpan source.Span
}

// Section is one table of one family, as an export shows it.
type Section struct {
	Table  string
	Family packet.Family
	// Chains holds all chains, in the order of the file. A jump points into it.
	Chains []*model.Chain
	// Listing tells that it comes from iptables -S, which shows one table only.
	Listing bool
	// Replaced tells that a later section of the file takes its place, as
	// iptables-restore would.
	Replaced bool
	// Incompatible tells that iptables-save could not print the table.
	Incompatible bool
	// Missing names the built-in chains that a listing does not show.
	Missing []string
	// Span is the line that begins it.
	Span source.Span
	// extensions tells that a rule asks for fragments or extension headers.
	extensions bool
	// dynamic names the sets that a rule adds to or deletes from.
	dynamic []string
}

// The limits of an export. Each is an error diagnostic where it is met.
const (
	// maxLine is the longest line that iptables-restore reads, in bytes.
	maxLine = 10240
	// maxDiagnostics bounds what is reported of one file.
	maxDiagnostics = 1000
	// maxChains bounds the chains of a section.
	maxChains = 100_000
	// maxRules bounds the rules of a file, as the model holds them.
	maxRules = 1_000_000
	// maxMoves bounds the rules that -I, -D and -R move or look at in a file.
	maxMoves = 20_000_000
	// maxSections bounds the tables of a file.
	maxSections = 1000
	// recogniseBytes is how much of a text Recognise looks at.
	recogniseBytes = 64 << 10
	// maxFile bounds a file: spans count bytes in 32 bits.
	maxFile = 1 << 30
)

// builtin is a built-in chain and the hook that calls it.
type builtin struct {
	name string
	hook model.Hook
}

// tableNames are the tables of the kernel, in the order in which a packet meets them.
var tableNames = [...]string{"raw", "mangle", "nat", "filter", "security"}

// builtins returns the built-in chains of a table; nil for a table that the kernel
// does not know.
func builtins(table string) []builtin {
	switch table {
	case "filter", "security":
		return []builtin{{"INPUT", model.Input}, {"FORWARD", model.Forward}, {"OUTPUT", model.Output}}
	case "nat":
		return []builtin{{"PREROUTING", model.Prerouting}, {"INPUT", model.Input}, {"OUTPUT", model.Output}, {"POSTROUTING", model.Postrouting}}
	case "mangle":
		return []builtin{{"PREROUTING", model.Prerouting}, {"INPUT", model.Input}, {"FORWARD", model.Forward}, {"OUTPUT", model.Output}, {"POSTROUTING", model.Postrouting}}
	case "raw":
		return []builtin{{"PREROUTING", model.Prerouting}, {"OUTPUT", model.Output}}
	}
	return nil
}

// hookOf returns the hook of a built-in chain; false for a chain of the user's.
func hookOf(table, chain string) (model.Hook, bool) {
	for _, b := range builtins(table) {
		if b.name == chain {
			return b.hook, true
		}
	}
	return 0, false
}

// priority is where the kernel calls a table on a hook (linux/netfilter_ipv4.h).
func priority(table string, hook model.Hook) int {
	switch table {
	case "raw":
		return model.PriorityRaw
	case "mangle":
		return model.PriorityMangle
	case "security":
		return model.PrioritySecurity
	case "nat":
		if hook == model.Prerouting || hook == model.Output {
			return model.PriorityNATDestination
		}
		return model.PriorityNATSource
	}
	return model.PriorityFilter
}

// Recognise tells whether the text looks like iptables-save, iptables -S,
// iptables-restore's input, or a listing of iptables -L (which Parse refuses with
// advice). It looks at the beginning only.
func Recognise(data []byte) bool {
	data = data[:min(len(data), recogniseBytes)]
	for len(data) > 0 {
		var line []byte
		line, data, _ = bytes.Cut(data, []byte{'\n'})
		if telling(bytes.TrimSpace(line)) {
			return true
		}
	}
	return false
}

// telling tells that a line can only come from iptables.
func telling(line []byte) bool {
	if len(line) == 0 {
		return false
	}
	switch line[0] {
	case '*':
		return builtins(string(line[1:])) != nil
	case '#':
		return headerFamily(line) != 0 || incompatibleTable(line) != "" || legacyWarning(line)
	case '[':
		_, rest, ok := bytes.Cut(line, []byte("] "))
		return ok && ruleStart(rest)
	case '-':
		return ruleStart(line)
	case 'C':
		return listingHeader(line)
	}
	return false
}

// ruleStart tells that the text begins like a rule or chain command.
func ruleStart(line []byte) bool {
	for _, prefix := range []string{"-A ", "-P ", "-N ", "-I ", "-4 -A ", "-6 -A ", "--append "} {
		if rest, ok := bytes.CutPrefix(line, []byte(prefix)); ok && len(rest) > 0 && rest[0] != ' ' {
			return true
		}
	}
	return false
}

// listingHeader tells a chain's heading in the output of iptables -L.
func listingHeader(line []byte) bool {
	return bytes.HasPrefix(line, []byte("Chain ")) &&
		(bytes.Contains(line, []byte(" (policy ")) || bytes.HasSuffix(line, []byte(" references)")))
}

// headerFamily reads "# Generated by iptables-save …": the family, 0 for any other line.
func headerFamily(line []byte) packet.Family {
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(line, "# \t"), []byte("Generated by "))
	switch {
	case !ok:
		return 0
	case bytes.HasPrefix(rest, []byte("ip6tables")):
		return packet.IPv6
	case bytes.HasPrefix(rest, []byte("iptables")), bytes.HasPrefix(rest, []byte("xtables")):
		return packet.IPv4
	}
	return 0
}

// incompatibleTable reads "# Table `filter' is incompatible, use 'nft' tool.": the
// table's name, "" for any other line.
func incompatibleTable(line []byte) string {
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(line, "# \t"), []byte("Table `"))
	if !ok {
		return ""
	}
	name, rest, ok := bytes.Cut(rest, []byte{'\''})
	if !ok || !bytes.Contains(rest, []byte("is incompatible")) {
		return ""
	}
	return string(name)
}

// legacyWarning tells that a line warns of tables of the other variant.
func legacyWarning(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(line, "# \t"), []byte("Warning: ")) && bytes.Contains(line, []byte("tables present"))
}
