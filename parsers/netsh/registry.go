package netsh

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
)

// keyKind is what a registry key holds.
type keyKind uint8

const (
	keyNone    keyKind = iota // no key line was read yet: rule strings stand alone
	keyOther                  // nothing that decides about flows
	keyRules                  // FirewallRules
	keyProfile                // DomainProfile, StandardProfile …
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
	if at := ruleStringAt(l.text); at >= 0 {
		if k := r.registry.kind; k == keyNone || k == keyRules {
			r.ruleString(l, at)
		}
		return true
	}
	if r.registry.kind == keyNone {
		return false
	}
	if r.registry.kind == keyProfile {
		r.profileValue(l)
	}
	if r.registry.kind == keyRules && strings.Contains(l.text, "=hex(") {
		r.errorf(r.lineSpan(l), "Its text is written in hexadecimal digits, which is not read. Export with `netsh advfirewall export FILE`.", "a rule that can't be read")
		r.doc.opaque = true
	}
	return true
}

// registryKey notes what the values that follow are. Keys of service hardening
// (RestrictedServices), of IPsec and the logging keys do not decide about flows.
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
	if r.doc.form == formNone {
		r.doc.form = formRegistry
	}
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
	if r.registry.standard && r.registry.policy {
		s = &r.registry.standardPolicy
	}
	span := r.lineSpan(l)
	switch lower(name) {
	case "enablefirewall":
		s.State, s.StateSpan = StateOn, span
		if value == 0 {
			s.State = StateOff
		}
	case "defaultinboundaction":
		if s.PolicySpan = span; s.Inbound != BlockAlways {
			s.Inbound = numberedDefault(value)
		}
	case "defaultoutboundaction":
		s.Outbound, s.PolicySpan = numberedDefault(value), span
	case "donotallowexceptions":
		if value != 0 {
			s.Inbound, s.PolicySpan = BlockAlways, span
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

// ruleString reads the rule string that begins at the offset in the line (MS-GPFAS 2.2.2.19).
func (r *reader) ruleString(l textLine, at int) {
	text := l.text[at:]
	id := l.text[:at]
	if strings.HasSuffix(id, `"`) {
		id = strings.TrimSuffix(id, `"`)
		text = strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(strings.TrimSuffix(text, `"`))
	}
	id, _, _ = strings.Cut(id, "REG_SZ")
	rule := newRule(r.span(l.at+at, l.at+len(l.text)))
	rule.ID = strings.Trim(id, `"= `+"\t:")
	rule.ProgramShown = true
	rule.LocalStore = !r.registry.policy
	s := stringReader{reader: r, rule: &rule}
	_, fields, _ := strings.Cut(text, "|")
	for fields != "" {
		var pair string
		pair, fields, _ = strings.Cut(fields, "|")
		if key, value, ok := strings.Cut(pair, "="); ok {
			s.field(key, value)
		} else if trimBlanks(pair) != "" {
			r.errorf(rule.Span, "Fields are written Key=Value, with a bar behind each. The rule counts as undecided.", "the field %q can't be read", pair)
			rule.narrow(unreadable, "the field that can't be read: "+pair, "", rule.Span)
		}
	}
	s.finish()
	if r.doc.form == formNone {
		r.doc.form = formRegistry
	}
	r.doc.Rules = append(r.doc.Rules, rule)
	r.doc.RuleCount++
}

// stringReader reads the fields of one rule string.
type stringReader struct {
	*reader
	rule                     *Rule
	local, remote            addressList
	localPorts, remotePorts  portList
	types                    []*packet.ICMPTypes
	anyType, bypassOut       bool
	profiles                 packet.Profiles
	service                  string
	interfaces               []string
	single                   []string // the keys that stand once, as far as they were there
	direction, action, twice bool
}

func (s *stringReader) field(key, value string) {
	rule, ok := s.rule, true
	if s.again(key) {
		s.errorf(rule.Span, "It stands once in a rule string. The rule counts as undecided.", "the field %q is there twice", key)
		rule.narrow(unreadable, "the field that is there twice: "+key, "", rule.Span)
		s.twice = true
		return
	}
	switch key {
	case "Action":
		rule.Action, ok = actionOf(value)
		s.action = true
	case "Active":
		rule.Enabled, ok = strings.EqualFold(value, "TRUE"), strings.EqualFold(value, "TRUE") || strings.EqualFold(value, "FALSE")
	case "Dir":
		rule.Direction, ok = directionOf(value)
		s.direction = true
	case "Protocol":
		rule.Protocol, ok = protocolOf(value)
	case "Profile":
		var p packet.Profiles
		p, ok = profileOf(value)
		s.profiles |= p
	case "LPort", "LPort2_10", "LPort2_20", "LPort2_24", "LPort2_29":
		ok = s.localPorts.add(value)
	case "RPort", "RPort2_10", "RPort2_25":
		ok = s.remotePorts.add(value)
	case "LA4":
		ok = s.local.add(value, packet.IPv4)
	case "LA6":
		ok = s.local.add(value, packet.IPv6)
	case "RA4", "RA42":
		ok = s.remote.add(value, packet.IPv4)
	case "RA6", "RA62":
		ok = s.remote.add(value, packet.IPv6)
	case "ICMP4", "ICMP6":
		ok = s.typeField(value)
	case "App":
		ok = rule.setProgram(value)
	case "Svc":
		s.service = value
	case "Name":
		rule.Name = value
	case "EmbedCtxt":
		rule.Group = value
	case "Desc", "Edge", "Defer", "LSM", "LOM", "PCross": // they do not narrow the rule
	case "AuthByPassOut":
		s.bypassOut = strings.EqualFold(value, "TRUE")
	case "AppPkgId", "PFN":
		rule.Elsewhere = true
	default:
		s.scopeField(key, value)
	}
	if !ok {
		s.errorf(rule.Span, "See MS-GPFAS 2.2.2.19. The rule counts as undecided.", "the value of %s=%s is not known", key, value)
		rule.narrow(unreadable, "the field that can't be read: "+key+"="+value, "", rule.Span)
	}
}

// again notes the fields that stand once, and tells whether one is there a second time.
func (s *stringReader) again(key string) bool {
	switch key {
	case "Action", "Active", "Dir", "Protocol", "App", "Svc", "Name", "EmbedCtxt":
		if slices.Contains(s.single, key) {
			return true
		}
		s.single = append(s.single, key)
	}
	return false
}

func (s *stringReader) typeField(value string) bool {
	kind, code, _ := strings.Cut(value, ":")
	set, ok := icmpType(kind, code)
	s.anyType = s.anyType || set == nil
	if set != nil {
		s.types = append(s.types, set)
	}
	return ok
}

// scopeField reads the fields that narrow a rule in ways that an export can't decide.
func (s *stringReader) scopeField(key, value string) {
	kind := "unknown-key"
	switch key {
	case "Security", "Security2", "Security2_9", "RMauth", "RMAuth", "RUAuth", "SecurityRealmId":
		kind = "ipsec"
	case "IFType":
		s.interfaces = append(s.interfaces, value)
		return
	case "IF":
		kind = "interface"
	case "LUAuth", "LUAuth2_24", "LUOwn":
		kind = "user"
	case "Platform", "Platform2", "SkipVer":
		kind = "platform"
	case "TTK", "TTK2_22", "TTK2_27", "TTK2_28":
		switch value { // all are for devices paired with this one (MS-GPFAS 2.2.2.20)
		case "Proximity", "ProxSharing", "WFDPrint", "WFDDisplay", "WFDDevices", "WFDKmDriver", "UPnP", "WFDCDPSvc":
			s.rule.Elsewhere = true
		}
		kind = "trust-tuple"
	case "NNm":
		kind = "network"
	}
	s.rule.narrow(kind, key+"="+value, "", s.rule.Span)
}

// finish sets what several fields make up together.
func (s *stringReader) finish() {
	rule := s.rule
	if s.profiles != 0 {
		rule.Profiles = s.profiles
	}
	rule.Local, rule.Remote = s.local.addresses(), s.remote.addresses()
	rule.LocalPorts, rule.RemotePorts = s.localPorts.ports(), s.remotePorts.ports()
	if len(s.types) > 0 && !s.anyType {
		rule.ICMP = packet.Union(s.types...)
	}
	if s.service != "" {
		rule.setService(s.service, rule.Span)
	}
	rule.setInterfaceTypes(strings.Join(s.interfaces, ","), rule.Span)
	if s.bypassOut && rule.Action == Allow {
		rule.Action = Bypass
	}
	rule.Elsewhere = rule.Elsewhere || isPackageName(rule.Name) && rule.elsewhereByName()
	if !s.action || !s.direction {
		s.errorf(rule.Span, "The string is cut off, or was edited. The rule counts as undecided.", "the rule string has no field Action= or no field Dir=")
		rule.narrow(unreadable, "the fields that are missing", "", rule.Span)
		rule.Enabled = true
	}
	if s.twice {
		rule.forget()
	}
	if !hasPorts(rule.Protocol) && (!rule.LocalPorts.Any || !rule.RemotePorts.Any) {
		s.errorf(rule.Span, "Only TCP (6) and UDP (17) have ports. The rule counts as undecided.", "the rule string has ports, but its protocol is %s", rule.Protocol)
		rule.narrow(unreadable, "ports without a protocol", "", rule.Span)
		rule.LocalPorts, rule.RemotePorts = anyPorts(), anyPorts()
	}
}

// finishRegistry puts the standard profile of group policy where it holds, and tells
// which store the file shows.
func (r *reader) finishRegistry() {
	s := &r.registry
	if s.standardPolicy != (Settings{}) && !s.ownKeys {
		r.doc.Profiles[1], r.doc.Profiles[2] = s.standardPolicy, s.standardPolicy
	}
	r.doc.GroupPolicy = s.policies && !s.local
}
