// Package ipset reads what ipset save and ipset list print, and tells which packets a
// set holds. The meaning is that of ipset(8) and of the set match in
// iptables-extensions(8).
package ipset

import (
	"bytes"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// The limits of an export; each is an error diagnostic where it is met.
const (
	maxLine        = 4096
	maxEntries     = 4 << 20
	maxSets        = 65_534 // the kernel's own
	maxFile        = 1 << 30
	maxDiagnostics = 1000
	recogniseBytes = 64 << 10
	// maxBoxes bounds what one match of a set may become.
	maxBoxes = 100_000
)

// Doc is one export.
type Doc struct {
	File *source.File
	Sets []*Set
}

// Set is one set.
type Set struct {
	Name, Type string
	// Family is the family of its addresses; both where it holds none.
	Family packet.Family
	// Expires tells that some entries are there for a time only.
	Expires bool
	// Span is the line that creates it.
	Span source.Span

	parts   []part
	netmask int  // the length to which addresses are cut; -1: not at all
	masked  bool // by a bitmask that is no prefix
	vary    int  // the part of which a group holds many values
	broken  bool // an entry could not be read
	timeout bool // entries may have an end
	evicts  bool // a full set drops entries for new ones
	members []string
	groups  map[group]*entries
	last    *entries // of the group that the last entry was in
	lastKey group
	// order holds the groups in the order of the file.
	order []*entries
}

// part is what one dimension of a set's elements is.
type part uint8

const (
	ipPart part = iota
	netPart
	portPart
	barePort // of bitmap:port: TCP and UDP alike
	ifacePart
	macPart
	markPart
	setPart
)

// types are the parts of the types of ipset(8).
var types = map[string][]part{
	"bitmap:ip": {ipPart}, "bitmap:ip,mac": {ipPart, macPart}, "bitmap:port": {barePort},
	"hash:ip": {ipPart}, "hash:mac": {macPart}, "hash:ip,mac": {ipPart, macPart}, "hash:net": {netPart},
	"hash:net,net": {netPart, netPart}, "hash:ip,port": {ipPart, portPart}, "hash:net,port": {netPart, portPart},
	"hash:ip,port,ip": {ipPart, portPart, ipPart}, "hash:ip,port,net": {ipPart, portPart, netPart}, "hash:ip,mark": {ipPart, markPart},
	"hash:net,port,net": {netPart, portPart, netPart}, "hash:net,iface": {netPart, ifacePart},
	"list:set": {setPart},
	// The names of ipset before version 5.
	"ipmap": {ipPart}, "macipmap": {ipPart, macPart}, "portmap": {barePort}, "iphash": {ipPart}, "nethash": {netPart},
	"ipporthash": {ipPart, portPart}, "ipportiphash": {ipPart, portPart, ipPart}, "ipportnethash": {ipPart, portPart, netPart},
	"iptree": {ipPart}, "iptreemap": {ipPart}, "setlist": {setPart},
}

// value is one part of an element.
type value struct {
	first, last packet.Addr // of addresses and networks; of ports first.Lo and last.Lo
	bits        uint8
	protocol    uint8
	name        string // of an interface
	wildcard    bool
}

// group identifies the entries that differ in one part only.
type group struct {
	a, b value
}

// entries are the values of the varying part in one group.
type entries struct {
	key  group
	list []entry
}

// entry is an address range or a range of ports.
type entry struct {
	first, last packet.Addr
	bits        uint8
	nomatch     bool
}

// Recognise tells whether the text looks like the output of ipset save or ipset list.
func Recognise(data []byte) bool {
	data = bytes.TrimLeft(data[:min(len(data), recogniseBytes)], " \t\r\n")
	if bytes.HasPrefix(data, []byte("<ipsets>")) {
		return true
	}
	named := false
	for line := range bytes.Lines(data) {
		line = bytes.TrimSpace(line)
		word, rest, _ := bytes.Cut(line, []byte{' '})
		switch string(word) {
		case "create", "-N", "n":
			if _, _, ok := splitCreate(string(rest)); ok {
				return true
			}
		case "Name:":
			named = true
		case "Type:":
			if named && types[strings.TrimSpace(string(rest))] != nil {
				return true
			}
		}
	}
	return false
}

// splitCreate splits "NAME TYPE options": a name may hold blanks, which ipset save does
// not quote.
func splitCreate(text string) (name, rest string, ok bool) {
	words := strings.Fields(text)
	for i := 1; i < len(words); i++ {
		if types[words[i]] != nil {
			return strings.Join(words[:i], " "), strings.Join(words[i:], " "), true
		}
	}
	return "", "", false
}
