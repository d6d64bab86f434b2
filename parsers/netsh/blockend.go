package netsh

import (
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
)

// plainRows lists the rows that each rule of a dump has, in order; the ports stand
// in rules for TCP and UDP only.
func plainRows() []field {
	return []field{fieldName, fieldEnabled, fieldDirection, fieldProfiles, fieldGrouping, fieldLocalIP, fieldRemoteIP,
		fieldProtocol, fieldLocalPort, fieldRemotePort, fieldEdge, fieldAction}
}

// closeBlock ends the open rule block, if there is one.
func (r *reader) closeBlock() {
	b := r.block
	if b == nil {
		return
	}
	if b.isSecurity() {
		r.closeSecurity()
		return
	}
	r.sawQuery()
	r.placeStrangers()
	r.checkRows()
	if r.listing != listingRules {
		r.pending.first = len(r.doc.Rules)
		r.doc.listings = append(r.doc.listings, r.pending)
		r.pending = listed{}
	}
	r.listing, r.shown = listingRules, b.rule.Span
	r.block = nil
	rule := &b.rule
	if len(b.types) > 0 && !b.anyType {
		rule.ICMP = packet.Union(b.types...)
	}
	rule.ProgramShown = b.has(fieldProgram) || b.has(fieldService) || b.has(fieldInterfaceTypes) || b.has(fieldSecurity) || b.has(fieldSource)
	rule.Elsewhere = rule.elsewhereByName()
	r.doc.Rules = append(r.doc.Rules, *rule)
	r.doc.RuleCount++
}

// isPackageName tells the names that Windows gives to the rules of a Store app:
// "@{package?ms-resource://…}".
func isPackageName(name string) bool { return strings.HasPrefix(name, "@{") }

// elsewhereByName tells the rules whose scope a dump hides and the name gives away:
// those of Store apps, for any program and protocol, and Windows' own for paired
// devices, for any port. In other languages the three abbreviations are the same.
func (r *Rule) elsewhereByName() bool {
	if isPackageName(r.Name) {
		return r.Path == "" && r.Protocol == packet.AnyProtocol
	}
	if r.Action != Allow || r.Group == "" || !r.anyListeningPort() || r.ProgramShown && r.Path == "" {
		return false
	}
	for _, text := range [...]string{r.Name, r.Group} {
		for _, word := range [...]string{"WFD", "Wi-Fi Direct", "UPnP"} {
			if strings.Contains(text, word) {
				return true
			}
		}
	}
	return false
}

// anyListeningPort tells whether the rule leaves open where the listener listens.
func (r *Rule) anyListeningPort() bool {
	return r.listeningPorts().Any
}

// listeningPorts are those of the side that listens.
func (r *Rule) listeningPorts() *Ports {
	if r.Direction == Out {
		return &r.RemotePorts
	}
	return &r.LocalPorts
}

// placeStrangers reads rows with unknown labels by their place: where as many rows
// are missing between two known ones as are unknown, they are these. It is for
// languages whose labels are known in part; in English an unknown row is an error.
func (r *reader) placeStrangers() {
	b := r.block
	strangers := b.strangers
	b.strangers = nil
	for len(strangers) > 0 {
		n := 1
		for n < len(strangers) && strangers[n].after == strangers[0].after {
			n++
		}
		r.placeGroup(strangers[:n])
		strangers = strangers[n:]
	}
}

// placeGroup reads the unknown rows between two known ones.
func (r *reader) placeGroup(group []stranger) {
	b := r.block
	missing := r.missingAfter(group[0].after)
	known := r.doc.Language != "en" && len(missing) == len(group) &&
		!slices.ContainsFunc(group, func(s stranger) bool { return s.label == "" })
	for i, s := range group {
		if known {
			last := b.last
			b.seen |= 1 << missing[i]
			r.setField(missing[i], s.value, s.line)
			b.last = last
			continue
		}
		what := s.label
		if what == "" {
			what = s.line.text
		}
		if s.label == "" || isListEntry(s.line.text) {
			b.rule.widenRow(s.after)
		}
		r.bad(r.lineSpan(s.line), "Rows are those of `netsh advfirewall firewall show rule name=all verbose`. What the row says may narrow the rule, so the rule counts as undecided.", "the row %q is not known", what)
	}
}

// isListEntry tells whether the line goes on with a list of addresses, in which colons
// stand without being a label's.
func isListEntry(text string) bool {
	list, _ := items(text)
	if len(list) == 0 {
		return false
	}
	var addresses addressList
	return addresses.add(list[0].text, packet.AnyFamily)
}

// widenRow takes back what a row says that goes on in a line that can't be read.
func (r *Rule) widenRow(f field) {
	switch f {
	case fieldProfiles:
		r.Profiles = packet.AnyProfile
	case fieldLocalIP:
		r.Local = anyAddresses()
	case fieldRemoteIP:
		r.Remote = anyAddresses()
	case fieldLocalPort:
		r.LocalPorts = anyPorts()
	case fieldRemotePort:
		r.RemotePorts = anyPorts()
	case fieldProgram:
		r.Program, r.Path = "", ""
	case fieldService:
		r.Service = ""
	}
}

// missingAfter lists the rows that each rule has and this one lacks between the
// field and the next one that is there.
func (r *reader) missingAfter(f field) (out []field) {
	b := r.block
	for _, row := range plainRows() {
		switch {
		case row <= f:
		case b.has(row):
			return out
		case row == fieldLocalPort || row == fieldRemotePort:
			if hasPorts(b.rule.Protocol) {
				out = append(out, row)
			}
		default:
			out = append(out, row)
		}
	}
	return out
}

// hasPorts tells whether the protocol's rules name ports: it is TCP or UDP.
func hasPorts(p packet.Protocols) bool {
	return p == packet.OneProtocol(packet.TCP) || p == packet.OneProtocol(packet.UDP)
}

// checkRows reports a block without the rows that decide what it means.
func (r *reader) checkRows() {
	b := r.block
	var missing []string
	for _, f := range plainRows() {
		if b.has(f) || f == fieldGrouping || f == fieldEdge || (f == fieldLocalPort || f == fieldRemotePort) && !hasPorts(b.rule.Protocol) {
			continue
		}
		missing = append(missing, `"`+f.String()+`"`)
		if f == fieldEnabled {
			b.rule.Enabled = true
		}
	}
	if len(missing) > 0 {
		r.bad(b.rule.Span, "The dump is cut off, or was edited. The rule counts as undecided. Export again.", "the rule %q has no row %s", b.rule.Name, strings.Join(missing, ", "))
	}
	if !hasPorts(b.rule.Protocol) && (!b.rule.LocalPorts.Any || !b.rule.RemotePorts.Any) {
		r.bad(b.rule.Span, "Windows knows ports in TCP and UDP rules only. The dump was edited; export again.", "the rule %q has ports, but its protocol is %s", b.rule.Name, b.rule.Protocol)
		b.rule.LocalPorts, b.rule.RemotePorts = anyPorts(), anyPorts()
	}
}
