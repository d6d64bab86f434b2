package netsh

import (
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// unreadable is the kind of condition that stands for what could not be read.
const unreadable = "unreadable"

// bytesPerRule is less than netsh prints for most rules.
const bytesPerRule = 500

// block is a rule block that is being read.
type block struct {
	rule Rule
	seen uint32 // the fields that were there, a bit for each
	last field
	// strangers are rows whose label is not known, each with the field before it.
	strangers []stranger
	types     []*packet.ICMPTypes
	anyType   bool
	table     bool // a type table has begun
	// action is the action of a connection security rule, as the row has it.
	action string
}

type stranger struct {
	line         textLine
	label, value string
	after        field
}

func (b *block) has(f field) bool { return b.seen>>f&1 == 1 }

// isSecurity tells that the block is a connection security rule's.
func (b *block) isSecurity() bool { return b.has(fieldEndpoint1) || b.has(fieldEndpoint2) }

func (r *reader) openBlock(l textLine, label, value string) {
	r.closeBlock()
	r.leaveProfile()
	r.doc.form = formDump
	if r.doc.Rules == nil {
		r.doc.Rules = make([]Rule, 0, min((len(r.text)-l.at)/bytesPerRule+1, 4096))
	}
	rule := newRule(r.lineSpan(l))
	rule.Name = value
	r.block = &block{rule: rule, seen: 1 << fieldName}
	if r.doc.Language == "" || r.doc.Language == "en" {
		r.doc.Language = languageOf(label)
		if name, ok := unverified(r.doc.Language); ok {
			r.warnOnce("language", r.lineSpan(l), "What is not understood is an error, so nothing is lost in silence. An English dump, or the registry's rule strings, are safer.",
				"the labels of a netsh dump in %s are not verified on a real dump", name)
		}
	}
}

// blockLine reads a line inside a rule block; false where it ends the block.
func (r *reader) blockLine(l textLine) bool {
	b := r.block
	if isDashes(l.text) {
		return true
	}
	label, value, ok := splitLabel(l.text)
	if ok {
		if f, known := fieldOf(label); known && (f < fieldPort1 || b.isSecurity()) {
			if f == fieldName {
				return false
			}
			r.blockRow(f, label, value, l)
			return true
		}
	}
	switch {
	case b.last == fieldProtocol && r.typeRow(l):
		return true
	case b.last == fieldDescription && !r.dashesFollow():
		return true
	case isDone(l.text) || isNoMatch(l.text) || strings.HasPrefix(l.text, "```"):
		return false
	case ok && value == "" && r.dashesFollow():
		return false
	}
	if _, _, isCommand := commandOf(l); isCommand {
		return false
	}
	b.strangers = append(b.strangers, stranger{l, label, value, b.last})
	return true
}

// typeRow reads a row of the ICMP table: its heading, or a type and a code.
func (r *reader) typeRow(l textLine) bool {
	b := r.block
	words := strings.Fields(l.text)
	if len(words) != 2 || b.rule.Protocol != packet.OneProtocol(packet.ICMP) && b.rule.Protocol != packet.OneProtocol(packet.ICMPv6) {
		return false
	}
	set, ok := icmpType(words[0], words[1])
	switch {
	case ok && set == nil:
		b.anyType = true
	case ok:
		b.types = append(b.types, set)
	case b.table:
		b.anyType = true
		r.bad(r.lineSpan(l), "A row has a type and a code, each a number from 0 to 255 or \"Any\".", "the ICMP type %q is not known", l.text)
	}
	b.table = true
	return true
}

// bad reports a row of the open block and makes the rule narrower by it.
func (r *reader) bad(span source.Span, detail, format string, args ...any) {
	r.errorf(span, detail, format, args...)
	r.block.rule.narrow(unreadable, "the row that can't be read: "+strings.TrimSpace(span.Text()), "", span)
}

func (r *reader) blockRow(f field, label, value string, l textLine) {
	b := r.block
	if b.has(f) {
		r.bad(r.lineSpan(l), "Each row stands once in a rule. The rule counts as undecided.", "the row %q is there twice", label)
		b.rule.forget()
		return
	}
	b.seen |= 1 << f
	b.last = f
	if b.isSecurity() {
		r.setSecurityField(f, value, l)
		return
	}
	r.setField(f, value, l)
	if f == fieldAction {
		r.closeBlock()
	}
}

func (r *reader) setField(f field, value string, l textLine) {
	rule, span := &r.block.rule, r.lineSpan(l)
	var ok bool
	switch f {
	case fieldEnabled:
		if rule.Enabled, ok = yesNo(value); !ok {
			rule.Enabled = true
			r.bad(span, "Expected \"Yes\" or \"No\", in the dump's language.", "Enabled is %q, which is not known", value)
		}
	case fieldDirection:
		if rule.Direction, ok = directionOf(value); !ok {
			r.bad(span, "Expected \"In\" or \"Out\", in the dump's language.", "Direction is %q, which is not known", value)
		}
	case fieldProfiles:
		r.setProfiles(value, l)
	case fieldGrouping:
		rule.Group = value
	case fieldLocalIP:
		rule.Local = r.addressRow(value, l)
	case fieldRemoteIP:
		rule.Remote = r.addressRow(value, l)
	case fieldProtocol:
		if rule.Protocol, ok = protocolOf(value); !ok {
			rule.Protocol = packet.AnyProtocol
			r.bad(span, "Expected \"TCP\", \"UDP\", \"ICMPv4\", \"ICMPv6\", \"Any\" or a number from 0 to 255.", "Protocol is %q, which is not known", value)
		}
	case fieldLocalPort:
		rule.LocalPorts = r.portRow(value, l)
	case fieldRemotePort:
		rule.RemotePorts = r.portRow(value, l)
	case fieldAction:
		if rule.Action, ok = actionOf(value); !ok {
			r.bad(span, "Expected \"Allow\", \"Block\" or \"Bypass\", in the dump's language.", "Action is %q, which is not known", value)
		}
	default:
		r.setVerboseField(f, value, l)
	}
}

// setVerboseField reads the rows that only "verbose" prints.
func (r *reader) setVerboseField(f field, value string, l textLine) {
	rule, span := &r.block.rule, r.lineSpan(l)
	switch f {
	case fieldProgram:
		if !rule.setProgram(value) {
			r.bad(span, "Expected the path of a program, \"System\" or \"Any\".", "Program is %q, which names no file", value)
		}
	case fieldService:
		if !isAny(value) {
			rule.setService(value, span)
		}
	case fieldInterfaceTypes:
		rule.setInterfaceTypes(value, span)
	case fieldComputers, fieldUsers:
		if value != "" && !isAny(value) {
			rule.narrow("ipsec", f.String()+": "+value, "", span)
		}
	case fieldSecurity:
		rule.setSecurity(value, span)
	case fieldSource:
		if isPolicySource(value) { // the local store holds none of these
			rule.LocalStore, r.doc.Effective = false, true
		}
	}
}

// setService takes the service's short name; "*" is each service and no other process.
func (r *Rule) setService(name string, span source.Span) {
	switch name = lower(trimBlanks(name)); {
	case name == "*" && r.Program != "svchost.exe":
		r.narrow("service", "services only", "", span)
	case name != "*":
		r.Service = name
	}
}

func (r *Rule) setInterfaceTypes(list string, span source.Span) {
	if list == "" || isAny(list) {
		return
	}
	if kinds, _ := items(list); len(kinds) < 3 { // LAN, Wireless and RAS are all there are
		r.narrow("interface-type", "InterfaceTypes: "+list, "", span)
	}
}

func (r *Rule) setSecurity(value string, span source.Span) {
	if v := lower(value); v != "" && v != "notrequired" && v != "not required" {
		r.narrow("ipsec", "Security: "+value, "", span)
	}
}

// isPolicySource knows the words for a rule that group policy brought.
func isPolicySource(value string) bool {
	value = lower(value)
	for _, words := range [...]string{"group policy", "gruppenrichtlinie", "stratégie de groupe", "directiva de grupo", "política de grupo", "diretiva de grupo",
		"グループ ポリシー", "组策略", "групповая политика", "групповой политики"} {
		if strings.Contains(value, words) {
			return true
		}
	}
	return false
}

func (r *reader) setProfiles(value string, l textLine) {
	rule := &r.block.rule
	rule.Profiles = 0
	list, _ := items(value)
	for _, it := range list {
		p, ok := profileOf(it.text)
		if !ok {
			r.bad(r.valueSpan(l, value, it), "Expected \"Domain\", \"Private\" and \"Public\", in the dump's language.", "the profile %q is not known", it.text)
			p = packet.AnyProfile
		}
		rule.Profiles |= p
	}
	if len(list) == 0 {
		r.bad(r.lineSpan(l), "Expected one or more of \"Domain\", \"Private\" and \"Public\".", "Profiles is empty")
		rule.Profiles = packet.AnyProfile
	}
}

// valueSpan is the place of a list's entry.
func (r *reader) valueSpan(l textLine, value string, it item) source.Span {
	at := l.at + strings.LastIndex(l.text, value) + it.at
	return r.span(at, at+len(it.text))
}

func (r *reader) addressRow(value string, l textLine) Addresses {
	if value == "Any" {
		return anyAddresses()
	}
	var list addressList
	entries, tooMany := items(value)
	for _, it := range entries {
		if !list.add(it.text, packet.AnyFamily) {
			r.bad(r.valueSpan(l, value, it), "Expected \"Any\", an address, a range \"a-b\", a network \"a/len\" or a keyword such as \"LocalSubnet\".", "the address %q can't be read", it.text)
		}
	}
	list.any = list.any || tooMany
	r.checkList(len(entries), tooMany, l)
	return list.addresses()
}

func (r *reader) portRow(value string, l textLine) Ports {
	if value == "Any" {
		return anyPorts()
	}
	var list portList
	entries, tooMany := items(value)
	for _, it := range entries {
		if !list.add(it.text) {
			r.bad(r.valueSpan(l, value, it), "Expected \"Any\", a port from 0 to 65535, a range \"a-b\" or one of RPC, RPC-EPMap, IPHTTPS, Teredo, Ply2Disc.", "the port %q can't be read", it.text)
		}
	}
	list.any = list.any || tooMany
	r.checkList(len(entries), tooMany, l)
	return list.ports()
}

// checkList reports lists that are empty or too long.
func (r *reader) checkList(entries int, tooMany bool, l textLine) {
	switch {
	case tooMany:
		r.bad(r.lineSpan(l), "", "a list of more than %d entries: the limit", maxItems)
	case entries == 0:
		r.bad(r.lineSpan(l), "Expected \"Any\" or a list.", "the row %q is empty", strings.TrimRight(l.text, ": "))
	}
}
