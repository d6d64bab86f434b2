package iptables

import (
	"bytes"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/iptables/ipset"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// target is a rule's -j or -g, and what its options said.
type target struct {
	def    *targetDef
	name   *token
	goes   bool
	chain  *chain
	used   uint64
	values map[string]*token // the options' first values, by name; nil where there is none
	from   int
}

// value returns the value of an option, nil where the option was not given.
func (t *target) value(name string) *token { return t.values[name] }

// has tells that an option was given.
func (t *target) has(name string) bool { _, ok := t.values[name]; return ok }

// targetDef is a target; see iptables-extensions(8).
type targetDef struct {
	name    string
	options []option
	tables  []string // where it may stand; nil: in each
	finish  func(*ruleReader)
}

// unknownTarget stands for targets that are not known: the verdict is unknown too.
var unknownTarget = &targetDef{name: "?"}

// continuing are the targets after which a packet goes on as it was, as far as
// verdicts are concerned.
var continuing = []struct{ name, options string }{
	{"LOG", "log-level: log-prefix: log-tcp-sequence log-tcp-options log-ip-options log-uid log-macdecode"},
	{"NFLOG", "nflog-group: nflog-prefix: nflog-range: nflog-size: nflog-threshold:"},
	{"ULOG", "ulog-nlgroup: ulog-cprange: ulog-qthreshold: ulog-prefix:"},
	{"TRACE", ""}, {"AUDIT", "type:"}, {"TCPMSS", "set-mss: clamp-mss-to-pmtu"}, {"CHECKSUM", "checksum-fill"},
	{"CLASSIFY", "set-class:"}, {"DSCP", "set-dscp: set-dscp-class:"}, {"TOS", "set-tos: and-tos: or-tos: xor-tos:"},
	{"TEE", "gateway: oif:"},
	{"SECMARK", "selctx:"}, {"CONNSECMARK", "save restore"}, {"LED", "led-trigger-id: led-delay: led-always-blink"},
	{"IDLETIMER", "timeout: label: alarm send_nl_msg:"}, {"RATEEST", "rateest-name: rateest-interval: rateest-ewmalog:"},
	{"TCPOPTSTRIP", "strip-options:"}, {"ECN", "ecn-tcp-remove"},
}

// undecided are the targets that decide in a way that no export shows.
var undecided = []struct {
	name, options  string
	neverContinues bool
}{
	{"NFQUEUE", "queue-num: queue-balance: queue-bypass queue-cpu-fanout", true},
	{"TPROXY", "on-port: on-ip: tproxy-mark:", false},
	{"SYNPROXY", "sack-perm timestamp wscale: mss: ecn", false},
}

// targets are the target extensions by name. Chains are not among them.
var targets = func() map[string]*targetDef {
	all := map[string]*targetDef{}
	kind := func(k model.ActionKind) func(*ruleReader) {
		return func(r *ruleReader) { r.action.Kind = k }
	}
	for _, t := range continuing {
		all[t.name] = &targetDef{name: t.name, options: parseOptions(t.options), finish: kind(model.Continue)}
	}
	for _, t := range undecided {
		all[t.name] = &targetDef{name: t.name, options: parseOptions(t.options), finish: func(r *ruleReader) { r.undecided(t.neverContinues) }}
	}
	nat := []string{"nat"}
	for _, t := range []*targetDef{
		{name: "ACCEPT", finish: kind(model.Accept)},
		{name: "DROP", tables: []string{"filter", "mangle", "raw", "security"}, finish: kind(model.Drop)},
		{name: "RETURN", finish: kind(model.Return)},
		{name: "QUEUE", finish: func(r *ruleReader) { r.undecided(true) }},
		{name: "REJECT", tables: []string{"filter"}, options: parseOptions("reject-with:"), finish: (*ruleReader).reject},
		{name: "MARK", options: parseOptions("set-mark: set-xmark: and-mark: or-mark: xor-mark:"), finish: (*ruleReader).setMark},
		{name: "CONNMARK", options: parseOptions("set-mark: set-xmark: and-mark: or-mark: xor-mark: save-mark restore-mark nfmask: ctmask: mask: left-shift-mark: right-shift-mark:"), finish: (*ruleReader).setConnmark},
		{name: "NOTRACK", tables: []string{"raw"}, finish: kind(model.Untrack)},
		{name: "CT", tables: []string{"raw"}, options: parseOptions("notrack helper: timeout: ctevents: expevents: zone: zone-orig: zone-reply:"), finish: (*ruleReader).connTrack},
		{name: "TTL", tables: []string{"mangle"}, options: parseOptions("ttl-set: ttl-dec: ttl-inc:"), finish: (*ruleReader).changeHops},
		{name: "HL", tables: []string{"mangle"}, options: parseOptions("hl-set: hl-dec: hl-inc:"), finish: (*ruleReader).changeHops},
		{name: "SET", options: parseOptions("add-set:: del-set:: map-set:: timeout: exist map-mark map-prio map-queue"), finish: (*ruleReader).changeSet},
		{name: "DNAT", tables: nat, options: parseOptions("to-destination: random random-fully persistent"), finish: (*ruleReader).translate},
		{name: "SNAT", tables: nat, options: parseOptions("to-source: random random-fully persistent"), finish: (*ruleReader).translate},
		{name: "MASQUERADE", tables: nat, options: parseOptions("to-ports: random random-fully"), finish: (*ruleReader).translate},
		{name: "REDIRECT", tables: nat, options: parseOptions("to-ports: random random-fully"), finish: (*ruleReader).translate},
		{name: "NETMAP", tables: nat, options: parseOptions("to:"), finish: (*ruleReader).translate},
	} {
		all[t.name] = t
	}
	return all
}()

// foreignTargets are targets of other packages (xtables-addons and such), and rare
// ones, whose options are not looked at.
var foreignTargets = []string{"ACCOUNT", "CHAOS", "CLUSTERIP", "DELUDE", "DHCPMAC", "DNETMAP", "DNPT", "ECHO", "HMARK", "IPMARK", "LOGMARK", "MIRROR", "NETFLOW",
	"PROTO", "RAWDNAT", "RAWSNAT", "SAME", "SNPT", "STEAL", "SYSRQ", "TARPIT", "WGOBFS"}

// jump reads -j and -g.
func (r *ruleReader) jump(t *token, goes, not bool) {
	name := r.value(t, nil)
	if name == nil || !r.unnegated(t, not) || !r.once(t, optTarget) {
		return
	}
	r.target = target{name: name, goes: goes, from: r.at - 2}
	def := targets[string(name.text)]
	switch {
	case def != nil && goes:
		r.fail(name, "-g goes to a chain. Use -j for a target.", "%q is no chain", clip(name.text))
	case def != nil:
		r.target.def = def
		if def.tables != nil && !slices.Contains(def.tables, r.s.Table) {
			r.fail(name, "It belongs in: "+strings.Join(def.tables, ", ")+".", "target %s cannot stand in the %s table", def.name, r.s.Table)
		}
	case slices.Contains(foreignTargets, string(name.text)):
		r.target.def = unknownTarget
	default:
		r.jumpToChain(name)
	}
}

// jumpToChain takes a target that must be a chain.
func (r *ruleReader) jumpToChain(name *token) {
	if len(name.text) == 0 {
		r.fail(name, "", "the target's name is empty")
		return
	}
	if r.foreignOptions() && r.s.byName[string(name.text)] == nil {
		r.target.def = unknownTarget
		return
	}
	last := r.s.last
	r.target.chain = r.s.chain(name.text)
	r.s.last = last
	if r.target.chain.builtin {
		r.fail(name, "Only chains of your own can be called.", "jump to the built-in chain %s", clip(name.text))
	}
}

// foreignOptions tells that the words after the target begin an option of its own: the
// name is then a target that is not known, not a chain.
func (r *ruleReader) foreignOptions() bool {
	if r.at >= len(r.tokens) {
		return false
	}
	text := r.tokens[r.at].text
	if len(text) < 3 || text[0] != '-' || text[1] != '-' || longOption(text[2:]) != 0 || shortenedOption(text[2:]) != 0 {
		return false
	}
	name, _, _ := bytes.Cut(text[2:], []byte{'='})
	for i := range r.count {
		if r.matches[i].def.unknown || findOption(r.matches[i].def.options, name, true) != nil {
			return false
		}
	}
	def := r.protocolModule()
	return def == nil || findOption(def.options, name, true) == nil
}

// targetOption reads an option of the rule's target; false where it has no such option.
func (r *ruleReader) targetOption(t *token, name []byte, not bool) bool {
	if r.target.def == nil || r.target.def == unknownTarget {
		return false
	}
	o := findOption(r.target.def.options, name, true)
	if o == nil {
		return false
	}
	if !r.unnegated(t, not) {
		return true
	}
	if bit := uint64(1) << o.same; r.target.used&bit != 0 {
		r.fail(t, "", "option %q stands twice", clip(t.text))
	} else {
		r.target.used |= bit
	}
	values, ok := r.values(t, o, new(bool))
	if !ok {
		return true
	}
	if r.target.values == nil {
		r.target.values = map[string]*token{}
	}
	r.target.values[o.name] = nil
	if len(values) > 0 {
		r.target.values[o.name] = &values[0]
	}
	return true
}

// finishTarget makes the rule's action.
func (r *ruleReader) finishTarget() {
	switch t := &r.target; {
	case t.chain != nil:
		r.action.Kind, r.action.Chain = model.Jump, t.chain.Chain
		if t.goes {
			r.action.Kind = model.Goto
		}
		if !t.chain.declared {
			r.s.early = append(r.s.early, earlyJump{from: r.chain, to: t.chain, span: r.p.span(int(t.name.start), int(t.name.end))})
		}
	case t.def == unknownTarget:
		r.undecided(false)
	case t.def != nil:
		t.def.finish(r)
	}
}

// undecided makes the rule's action one that the export cannot tell.
func (r *ruleReader) undecided(neverContinues bool) {
	r.action.Kind, r.action.NeverContinues = model.Undecided, neverContinues
	name := string(r.target.name.text)
	text := strings.Join(r.text(r.target.from, len(r.tokens)), " ")
	r.action.Unknown = &model.Condition{Kind: name, Text: text, Key: "target " + text, Memory: model.Fresh,
		Span: r.p.span(int(r.tokens[r.target.from].start), int(r.span.End))}
}

// rejectAnswers are the answers that REJECT can give.
func rejectAnswers(family packet.Family) []string {
	if family == packet.IPv6 {
		return []string{"icmp6-no-route", "no-route", "icmp6-adm-prohibited", "adm-prohibited", "icmp6-addr-unreachable", "addr-unreach",
			"icmp6-port-unreachable", "port-unreach", "tcp-reset", "icmp6-policy-fail", "policy-fail", "icmp6-reject-route", "reject-route"}
	}
	return []string{"icmp-net-unreachable", "net-unreach", "icmp-host-unreachable", "host-unreach", "icmp-proto-unreachable", "proto-unreach",
		"icmp-port-unreachable", "port-unreach", "icmp-net-prohibited", "net-prohib", "icmp-host-prohibited", "host-prohib",
		"tcp-reset", "tcp-rst", "icmp-admin-prohibited", "admin-prohib"}
}

// reject reads REJECT --reject-with.
func (r *ruleReader) reject() {
	r.action.Kind = model.Reject
	t := r.target.value("reject-with")
	if t == nil {
		return
	}
	answers := rejectAnswers(r.s.Family)
	fits := func(a string) bool { return strings.HasPrefix(a, strings.ToLower(string(t.text))) }
	if len(t.text) == 0 || !slices.ContainsFunc(answers, fits) {
		r.fail(t, diag.Legal(string(t.text), answers), "answer %q is not known", clip(t.text))
		return
	}
	if t.is("tcp-reset") && !r.hasProtocol(packet.TCP) {
		r.fail(t, "Write -p tcp.", "answer tcp-reset needs -p tcp")
	}
}

// connTrack reads CT: --notrack ends tracking; a zone of its own splits connections in
// a way that is not followed; the rest does not change verdicts.
func (r *ruleReader) connTrack() {
	t := &r.target
	switch {
	case t.has("notrack"):
		r.action.Kind = model.Untrack
	case t.has("zone"), t.has("zone-orig"), t.has("zone-reply"):
		r.undecided(false)
	}
}

// changeSet reads SET: of a set that it adds to or deletes from the export does not tell
// all.
func (r *ruleReader) changeSet() {
	t := &r.target
	if v := t.value("add-set"); v != nil {
		r.s.dynamic = append(r.s.dynamic, setChange{string(v.text), ipset.Grows})
	}
	if v := t.value("del-set"); v != nil {
		r.s.dynamic = append(r.s.dynamic, setChange{string(v.text), ipset.Changes})
	}
	if t.has("map-set") {
		r.undecided(false)
	}
}
