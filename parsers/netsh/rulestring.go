package netsh

import (
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// bareString reads the rule string that begins at the offset in the line.
func (r *reader) bareString(l textLine, at int) {
	text, id := l.text[at:], l.text[:at]
	if strings.HasSuffix(id, `"`) {
		id, text = strings.TrimSuffix(id, `"`), unescaped(strings.TrimSuffix(text, `"`))
	}
	id, _, _ = strings.Cut(id, "REG_SZ")
	r.ruleString(r.span(l.at+at, l.at+len(l.text)), strings.Trim(id, `"= `+"\t:"), text)
}

// unescaped takes back what a .reg file writes for back slashes and quotes.
func unescaped(text string) string {
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(text)
}

// ruleString reads the rule string that is the value of that name (MS-GPFAS 2.2.2.19).
func (r *reader) ruleString(span source.Span, id, text string) {
	rule := newRule(span)
	rule.ID, rule.ProgramShown, rule.LocalStore = id, true, !r.registry.policy
	s := stringReader{reader: r, rule: &rule}
	fields, whole := r.fields(&rule, text)
	for _, f := range fields {
		s.field(f[0], f[1])
	}
	s.finish()
	if !whole {
		rule.forget()
	}
	r.sawForm(formRegistry)
	r.doc.Rules = append(r.doc.Rules, rule)
	r.doc.RuleCount++
}

// fields splits a rule string. Each field ends with a bar: a string without the last one
// is cut off, and what it lacks may be anything.
func (r *reader) fields(rule *Rule, text string) (out [][2]string, whole bool) {
	_, rest, _ := strings.Cut(text, "|")
	rest = trimBlanks(rest)
	whole = strings.HasSuffix(rest, "|")
	if !whole {
		r.errorf(rule.Span, "Each field of a rule string ends with a bar. The rule counts as undecided.", "the rule string is cut off")
		rule.narrow(unreadable, "the rule string that is cut off", "", rule.Span)
	}
	for rest != "" {
		var pair string
		pair, rest, _ = strings.Cut(rest, "|")
		if key, value, ok := strings.Cut(pair, "="); ok {
			out = append(out, [2]string{key, value})
		} else if trimBlanks(pair) != "" {
			r.errorf(rule.Span, "Fields are written Key=Value, with a bar behind each. The rule counts as undecided.", "the field %q can't be read", pair)
			rule.narrow(unreadable, "the field that can't be read: "+pair, "", rule.Span)
		}
	}
	return out, whole
}

// stringReader reads the fields of one rule string.
type stringReader struct {
	*reader
	rule                    *Rule
	local, remote           addressList
	localPorts, remotePorts portList
	types                   []*packet.ICMPTypes
	anyType, bypassOut      bool
	profiles                packet.Profiles
	service                 string
	interfaces              []string
	single                  []string // the keys that stand once, as far as they were there
	twice                   bool
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
	case "Active": // what can't be read may be on
		ok = strings.EqualFold(value, "TRUE") || strings.EqualFold(value, "FALSE")
		rule.Enabled = !strings.EqualFold(value, "FALSE")
	case "Dir":
		rule.Direction, ok = directionOf(value)
	case "Protocol":
		if rule.Protocol, ok = protocolOf(value); !ok {
			rule.Protocol = packet.AnyProtocol
		}
	case "Profile":
		p, known := profileOf(value)
		if ok = known; !known {
			p = packet.AnyProfile
		}
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
	s.checkFields()
	if s.twice {
		rule.forget()
	}
	if !hasPorts(rule.Protocol) && (!rule.LocalPorts.Any || !rule.RemotePorts.Any) {
		s.errorf(rule.Span, "Only TCP (6) and UDP (17) have ports. The rule counts as undecided.", "the rule string has ports, but its protocol is %s", rule.Protocol)
		rule.narrow(unreadable, "ports without a protocol", "", rule.Span)
		rule.LocalPorts, rule.RemotePorts = anyPorts(), anyPorts()
	}
}

// checkFields reports a string without the fields that each rule has.
func (s *stringReader) checkFields() {
	var missing []string
	for _, key := range []string{"Action", "Active", "Dir"} {
		if !slices.Contains(s.single, key) {
			missing = append(missing, key+"=")
		}
	}
	if len(missing) > 0 {
		s.errorf(s.rule.Span, "The string was edited. The rule counts as undecided.", "the rule string has no field %s", strings.Join(missing, ", "))
		s.rule.narrow(unreadable, "the fields that are missing", "", s.rule.Span)
		s.rule.Enabled = s.rule.Enabled || !slices.Contains(s.single, "Active")
	}
}
