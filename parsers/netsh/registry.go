package netsh

import (
	"strconv"
	"strings"
)

// keyKind is what a registry key holds.
type keyKind uint8

const (
	keyNone     keyKind = iota // no key line was read yet: rule strings stand alone
	keyOther                   // nothing that decides about flows
	keyRules                   // FirewallRules
	keySecurity                // ConSecRules
	keyProfile                 // DomainProfile, StandardProfile …
)

// registryState is where in the registry the reader is.
type registryState struct {
	kind    keyKind
	profile int
	// standard tells that the key is StandardProfile: in group policy it holds for
	// the private and the public profile where neither has a key (MS-GPFAS 2.2.3).
	standard        bool
	policy          bool // the key is one of group policy
	local, policies bool // which stores were seen
	ownKeys         bool // PrivateProfile or PublicProfile was there
	standardPolicy  Settings
}

// registryLine reads a line of a .reg file, of `reg query` or a bare rule string.
func (r *reader) registryLine(l textLine) bool {
	switch {
	case strings.HasPrefix(l.text, "Windows Registry Editor") || l.text == "REGEDIT4":
		r.registry.kind = keyOther
		return true
	case strings.HasPrefix(l.text, "[HKEY_") || strings.HasPrefix(l.text, "HKEY_") || strings.HasPrefix(l.text, "[-HKEY_"):
		r.registryKey(strings.Trim(l.text, "[]"))
		return true
	}
	switch r.registry.kind {
	case keyNone:
		return r.bareLine(l)
	case keyProfile:
		r.profileValue(l)
	case keyRules, keySecurity:
		r.rulesValue(l)
	}
	return true
}

// bareLine reads a rule string that stands alone.
func (r *reader) bareLine(l textLine) bool {
	at := ruleStringAt(l.text)
	switch {
	case at >= 0:
		r.bareString(l, at)
	case strings.Contains(l.text, "|Action=") || strings.Contains(l.text, "|Dir="):
		r.lostValue(l)
	default:
		return false
	}
	return true
}

// rulesValue reads a line of the key with the rules. Each value there is a rule, so one
// that is none in the form that Windows writes may do anything.
func (r *reader) rulesValue(l textLine) {
	if l.text[0] == ';' || strings.HasPrefix(l.text, "End of search") {
		return
	}
	id, value, ok := r.quotedValue(l)
	if !ok {
		for _, kind := range [...]string{"REG_SZ", "REG_EXPAND_SZ"} {
			if before, after, found := strings.Cut(l.text, kind); found {
				id, value, ok = trimBlanks(before), trimBlanks(after), true
				break
			}
		}
	}
	isDefault := (id == "@" || id == "") && value == "" || strings.HasPrefix(id, "(") && strings.HasPrefix(value, "(")
	switch {
	case ok && isDefault: // the key's own value, which nobody sets
	case ok && ruleStringAt(value) == 0:
		span := r.span(l.at+max(ruleStringAt(l.text), 0), l.at+len(l.text))
		if r.registry.kind == keySecurity {
			r.securityString(span, value)
		} else {
			r.ruleString(span, id, value)
		}
	default:
		r.lostValue(l)
	}
}

// lostValue reports what may be a rule and can't be read as one.
func (r *reader) lostValue(l textLine) {
	r.doc.opaque = true
	for continued := l; strings.HasSuffix(continued.text, `\`); { // digits in several lines
		next, ok := r.nextLine()
		if !ok {
			break
		}
		continued = content(next)
	}
	r.sawForm(formRegistry)
	r.errorf(r.lineSpan(l), "Expected a text such as \"v2.31|Action=Allow|Active=TRUE|Dir=In|\". Without it what no block rule decides counts as undecided. `netsh advfirewall export FILE` writes a file that is read too.",
		"a value among the firewall's rules can't be read")
}

// quotedValue reads `"name"="text"`. regedit breaks no lines, but the text may hold
// line ends of its own, so that it goes on to the quote that ends it.
func (r *reader) quotedValue(l textLine) (name, text string, ok bool) {
	name, rest := "@", l.text
	if l.text[0] == '"' {
		end := quoteEnd(l.text[1:])
		if end < 0 {
			return "", "", false
		}
		name, rest = unescaped(l.text[1:1+end]), l.text[end+1:]
	}
	if rest = trimBlanks(rest[1:]); !strings.HasPrefix(rest, "=") {
		return "", "", false
	}
	if rest = trimBlanks(rest[1:]); !strings.HasPrefix(rest, `"`) {
		return "", "", false
	}
	text = rest[1:]
	next := r.next
	for n := 0; quoteEnd(text) < 0; n++ {
		more, after, there := r.lineAt(next)
		begins := strings.HasPrefix(more.text, "[") || strings.HasPrefix(more.text, `"`) && strings.Contains(more.text, `"=`)
		if !there || begins || n == maxContinued || len(text) > maxLine {
			return name, unescaped(rest[1:]), true // cut off, as its end shows
		}
		text, next = text+"\n"+more.text, after
	}
	end := quoteEnd(text)
	if trimBlanks(text[end+1:]) != "" { // a quote within the text stands behind a back slash
		return "", "", false
	}
	r.next = next
	return name, unescaped(text[:end]), true
}

// quoteEnd finds the quote that ends a text; -1 where there is none.
func quoteEnd(text string) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// registryKey notes what the values that follow are. Keys of service hardening
// (RestrictedServices), of IPsec's sets of methods and the logging keys do not decide
// about flows.
func (r *reader) registryKey(path string) {
	s := &r.registry
	path = lower(strings.TrimRight(path, `\`))
	*s = registryState{kind: keyOther, policy: strings.Contains(path, `\policies\`), local: s.local, policies: s.policies, ownKeys: s.ownKeys, standardPolicy: s.standardPolicy}
	last := path[strings.LastIndexByte(path, '\\')+1:]
	switch {
	case strings.Contains(path, "restrictedservices") || strings.HasPrefix(path, "-"):
		return
	case last == "firewallrules":
		s.kind, r.doc.rulesKey = keyRules, true
	case last == "consecrules":
		s.kind = keySecurity
	case last == "domainprofile":
		s.kind, s.profile = keyProfile, 0
	case last == "privateprofile":
		s.kind, s.profile, s.ownKeys = keyProfile, 1, true
	case last == "standardprofile":
		s.kind, s.profile, s.standard = keyProfile, 1, true
	case last == "publicprofile":
		s.kind, s.profile, s.ownKeys = keyProfile, 2, true
	default:
		return
	}
	r.sawForm(formRegistry)
	s.policies = s.policies || s.policy
	s.local = s.local || !s.policy
}

// profileValue reads a number of a profile's key.
func (r *reader) profileValue(l textLine) {
	name, value, ok := registryValue(l.text)
	if !ok {
		return
	}
	s := &r.doc.Profiles[r.registry.profile]
	switch {
	case r.registry.standard && r.registry.policy:
		s = &r.registry.standardPolicy
	case r.registry.policy:
		s = &r.doc.Policy[r.registry.profile]
	}
	span := r.lineSpan(l)
	switch lower(name) {
	case "enablefirewall":
		s.State, s.StateSpan = StateOn, span
		if value == 0 {
			s.State = StateOff
		}
	case "defaultinboundaction":
		s.Inbound, s.InboundSpan = numberedDefault(value), span
	case "defaultoutboundaction":
		s.Outbound, s.OutboundSpan = numberedDefault(value), span
	case "donotallowexceptions":
		s.Shielded, s.ShieldSpan = StateOn, span
		if value == 0 {
			s.Shielded = StateOff
		}
	case "allowlocalpolicymerge":
		s.IgnoreLocalRules = value == 0
	}
}

// numberedDefault reads a default action as the registry holds it (MS-GPFAS 2.2.3).
func numberedDefault(n uint64) Default {
	switch n {
	case 0:
		return DefaultAllow
	case 1:
		return DefaultBlock
	}
	return UnknownDefault
}

// registryValue reads `"Name"=dword:00000001` and `Name    REG_DWORD    0x1`.
func registryValue(text string) (name string, value uint64, ok bool) {
	if before, after, found := strings.Cut(text, "=dword:"); found {
		value, err := strconv.ParseUint(trimBlanks(after), 16, 32)
		return strings.Trim(before, `" `), value, err == nil
	}
	words := strings.Fields(text)
	if len(words) == 3 && words[1] == "REG_DWORD" {
		value, err := strconv.ParseUint(words[2], 0, 32)
		return words[0], value, err == nil
	}
	return "", 0, false
}

// ruleStringAt finds "v2.30|" at the start of the line or behind a quote or a blank.
func ruleStringAt(text string) int {
	bar := strings.IndexByte(text, '|')
	for at := bar - 1; at >= 0 && bar-at <= 8; at-- {
		switch c := text[at]; {
		case c == 'v':
			major, minor, ok := strings.Cut(text[at+1:bar], ".")
			if ok && isNumber(major) && isNumber(minor) && (at == 0 || strings.IndexByte("\"' \t=", text[at-1]) >= 0) {
				return at
			}
			return -1
		case c != '.' && (c < '0' || c > '9'):
			return -1
		}
	}
	return -1
}

func isNumber(s string) bool {
	return s != "" && len(s) <= 3 && strings.Trim(s, "0123456789") == ""
}

// finishRegistry puts the standard profile of group policy where it holds, and tells
// which store the file shows.
func (r *reader) finishRegistry() {
	s := &r.registry
	if s.standardPolicy != (Settings{}) && !s.ownKeys {
		r.doc.Policy[1], r.doc.Policy[2] = s.standardPolicy, s.standardPolicy
	}
	r.doc.GroupPolicy = s.policies && !s.local
}
