package netsh

import (
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/source"
)

// profileBlock is the block of a profile's settings that is being read.
type profileBlock struct {
	heading source.Span
	// english tells that the heading is, so that each of its rows is known.
	english bool
	// state, policy and rest tell which rows were there: rest are those behind the two.
	state, policy, rest bool
	rows                int
}

// heading reads the heading of a listing of settings. netsh prints one for each
// profile; the rows of others are passed over.
func (r *reader) heading(l textLine) {
	r.closeBlock()
	r.leaveProfile()
	if r.listing == listingRules { // no command prints settings behind rules
		r.cutOff()
	}
	r.prof = len(r.doc.Profiles)
	r.settings = profileBlock{heading: r.lineSpan(l), english: isProfileHeading(l.text)}
	text := lower(l.text)
	if !strings.Contains(text, "profil") && !strings.Contains(text, "perfil") && !strings.Contains(text, "プロファイル") &&
		!strings.Contains(text, "配置文件") && !strings.Contains(text, "профил") || strings.Contains(text, "configuration") {
		return
	}
	for i, stems := range [3][]string{
		{"domain", "domän", "domaine", "dominio", "domínio", "ドメイン", "域", "домен"},
		{"private", "privat", "privé", "privado", "particular", "プライベート", "专用", "частн"},
		{"public", "öffentlich", "público", "パブリック", "公用", "общ"},
	} {
		for _, stem := range stems {
			if strings.Contains(text, stem) {
				r.prof = i
				return
			}
		}
	}
	r.errorf(r.lineSpan(l), "Expected the domain, the private or the public profile. Export on an English Windows, or the registry key.", "the profile of the heading %q is not known", l.text)
	r.lostSettings = r.lineSpan(l)
}

// isProfileHeading knows the English headings, which stand for themselves even where the
// line of dashes below is lost.
func isProfileHeading(text string) bool {
	switch lower(trimBlanks(strings.TrimSuffix(trimBlanks(strings.ReplaceAll(text, "\u00a0", " ")), ":"))) {
	case "domain profile settings", "private profile settings", "public profile settings":
		return true
	}
	return false
}

// leaveProfile ends the open block of settings. netsh prints the state and the policy
// alone, or both before all other rows: a block with other rows and one of them is damaged.
func (r *reader) leaveProfile() {
	b := r.settings
	if r.prof >= 0 && r.prof < len(r.doc.Profiles) && b.rest && b.state != b.policy {
		s, missing := &r.doc.Profiles[r.prof], "State"
		if b.state {
			missing = "Firewall Policy"
		}
		r.errorf(b.heading, "The listing was edited. What the row says counts as undecided. Export again.", "the settings of the %s profile have no row %q", profileList()[r.prof], missing)
		if b.state {
			s.Shielded, s.Inbound, s.Outbound = StateUnset, DefaultUnset, DefaultUnset
		} else {
			s.State = StateUnset
		}
		s.forget(b.heading)
	}
	r.prof = -1
}

// setting is a row of a profile block that decides about connections.
type setting uint8

const (
	settingOther setting = iota
	settingState
	settingPolicy
	settingLocalRules
)

// settingLabels are the known labels, in lower case.
func settingLabels(s setting) []string {
	switch s {
	case settingState:
		return []string{"state", "status", "estado", "état", "状態", "状态", "состояние"}
	case settingPolicy:
		return []string{"firewall policy", "firewallrichtlinie", "stratégie de pare-feu", "directiva de firewall", "política de firewall", "diretiva de firewall", "ファイアウォール ポリシー", "防火墙策略", "политика брандмауэра"}
	}
	return []string{"localfirewallrules"}
}

// splitSetting cuts a row into its label and its value, which blanks set apart. A known
// label is cut off where it ends, whatever kind of blank and however few follow.
func splitSetting(text string) (kind setting, label, value string) {
	text = trimBlanks(strings.ReplaceAll(text, "\u00a0", " "))
	for _, kind := range [...]setting{settingState, settingPolicy, settingLocalRules} {
		for _, label := range settingLabels(kind) {
			if len(text) < len(label) || !strings.EqualFold(text[:len(label)], label) {
				continue
			}
			if rest := text[len(label):]; rest == "" || rest[0] == ' ' || rest[0] == '\t' || rest[0] == ':' {
				return kind, label, trimBlanks(strings.TrimLeft(rest, " \t:"))
			}
		}
	}
	for _, blank := range [...]string{"  ", "\t"} {
		if n := strings.Index(text, blank); n >= 0 {
			return settingOther, text[:n], trimBlanks(text[n:])
		}
	}
	return settingOther, text, ""
}

// settingsRow reads a row of a profile block; it has no colon.
func (r *reader) settingsRow(l textLine) bool {
	kind, label, value := splitSetting(l.text)
	if r.prof >= len(r.doc.Profiles) {
		return r.isLostSetting(l) || value != "" || strings.HasSuffix(label, ":")
	}
	s, b, span := &r.doc.Profiles[r.prof], &r.settings, r.lineSpan(l)
	b.rows++
	r.listing, r.shown = listingSettings, span
	r.sawForm(formDump)
	switch kind {
	case settingState, settingPolicy:
		r.decidingRow(kind, value, l)
	case settingLocalRules:
		b.rest = true
		s.IgnoreLocalRules = lower(value) == "disable"
	default:
		return r.settingsByPlace(label, value, l)
	}
	return true
}

// decidingRow sets the profile's state or its policy. Each stands once in a block: a
// second one is that of a profile whose heading is lost.
func (r *reader) decidingRow(kind setting, value string, l textLine) {
	s, b, span := &r.doc.Profiles[r.prof], &r.settings, r.lineSpan(l)
	before := *s
	if kind == settingState && b.state || kind == settingPolicy && b.policy {
		r.errorf(span, "Each row stands once in a profile's settings, so a heading is missing. The settings count as undecided. Export again.", "the row %q is there twice", l.text)
		r.lostSettings = span
		*s = Settings{IgnoreLocalRules: s.IgnoreLocalRules}
		s.forget(span)
		return
	}
	if kind == settingState {
		b.state = true
		r.setState(s, value, span)
	} else {
		b.policy = true
		r.setPolicy(s, value, span)
	}
	if contradicts(before.State, s.State) || contradicts(before.Shielded, s.Shielded) || contradicts(before.Inbound, s.Inbound) || contradicts(before.Outbound, s.Outbound) {
		r.errorf(span, "Leave out the old listing. Until then the settings count as undecided.", "the file shows the settings of the %s profile twice, and they differ", profileList()[r.prof])
		*s = Settings{IgnoreLocalRules: s.IgnoreLocalRules}
		s.forget(span)
	}
}

func contradicts[T option](before, after T) bool { return before != 0 && before != after }

// settingsByPlace reads a row whose label is not known: the first one is the state,
// and policies are known by their words. In English all labels are known.
func (r *reader) settingsByPlace(label, value string, l textLine) bool {
	b, span := &r.settings, r.lineSpan(l)
	heading := value == "" && strings.HasSuffix(label, ":")
	_, state := stateOf(value)
	switch {
	case isOtherSetting(label):
		b.rest = true
	case !b.english && looksLikePolicy(value):
		r.decidingRow(settingPolicy, value, l)
	case !b.english && state && b.rows == 1:
		r.decidingRow(settingState, value, l)
	case !b.english && (value != "" || heading):
		b.rest = b.rest || b.rows > 2
	default:
		r.errorf(span, "The listing was edited. What of the settings is not there counts as undecided. Export again.", "the row %q of a profile's settings is not known", l.text)
		r.lostSettings = span
	}
	return true
}

// isOtherSetting knows the labels of the rows that decide nothing.
func isOtherSetting(label string) bool {
	switch lower(strings.TrimSuffix(label, ":")) {
	case "localconsecrules", "inboundusernotification", "remotemanagement", "unicastresponsetomulticast", "logging", "logallowedconnections", "logdroppedconnections", "filename", "maxfilesize":
		return true
	}
	return strings.HasSuffix(label, "Category") || label == "Categories:"
}

// looksLikePolicy tells a firewall policy in any language: two words and a comma.
func looksLikePolicy(value string) bool {
	if _, ok := policyOf(value); ok {
		return true
	}
	in, out, two := strings.Cut(value, ",")
	return two && in != "" && out != "" && !strings.ContainsAny(value, " \t\\/.")
}

// isLostSetting tells whether a line in no profile's block is a row or a heading of one:
// of a block whose heading is damaged.
func (r *reader) isLostSetting(l textLine) bool {
	text := strings.TrimLeft(l.text, "#;/*|>+-=.: \t0123456789\u200b\ufeff")
	kind, _, value := splitSetting(text)
	state, isState := stateOf(value)
	_, isPolicy := policyOf(value)
	lost := kind == settingState && isState && state != StateUnset || kind == settingPolicy && isPolicy || isProfileHeading(text) ||
		slices.ContainsFunc(strings.Fields(text), func(word string) bool { p, _ := policyOf(word); return strings.Contains(word, ",") && p.known() })
	if lost {
		r.errorf(r.lineSpan(l), "A profile's settings begin with its heading and a line of dashes. What no other row tells of the settings counts as undecided. Export again.", "the row %q stands in no profile's settings", l.text)
		r.lostSettings = r.lineSpan(l)
	}
	return lost
}

// finishSettings makes unknown what a damaged block may have said.
func (r *reader) finishSettings() {
	if r.lostSettings.IsZero() {
		return
	}
	r.sawForm(formDump)
	for i := range r.doc.Profiles {
		r.doc.Profiles[i].forget(r.lostSettings)
	}
}

func (r *reader) setState(s *Settings, value string, span source.Span) {
	state, ok := stateOf(value)
	if !ok {
		state = UnknownState
		r.errorf(span, "Expected \"ON\" or \"OFF\", in the dump's language. The profile's state counts as undecided.", "the state %q is not known", value)
	}
	s.State, s.StateSpan = state, span
}

func stateOf(value string) (State, bool) {
	switch lower(value) {
	case "on", "ein", "activé", "activar", "activado", "ativar", "ativado", "オン", "启用", "вкл", "вкл.":
		return StateOn, true
	case "off", "aus", "désactivé", "desactivar", "desactivado", "desativar", "desativado", "オフ", "关闭", "禁用", "выкл", "выкл.":
		return StateOff, true
	case "notconfigured", "not configured":
		return StateUnset, true
	}
	return UnknownState, false
}

func (r *reader) setPolicy(s *Settings, value string, span source.Span) {
	p, ok := policyOf(value)
	if !ok {
		r.errorf(span, "Expected BlockInbound, BlockInboundAlways or AllowInbound, a comma, and AllowOutbound or BlockOutbound. The default actions count as undecided.", "the firewall policy %q is not known", value)
	}
	override(&s.Inbound, &s.InboundSpan, p.inbound, span)
	override(&s.Outbound, &s.OutboundSpan, p.outbound, span)
	override(&s.Shielded, &s.ShieldSpan, p.shielded, span)
}

// policy is what the words of a firewall policy say.
type policy struct {
	inbound, outbound Default
	shielded          State
}

// known tells that one of the words is known.
func (p policy) known() bool {
	return p.inbound != DefaultUnset && p.inbound != UnknownDefault || p.outbound != DefaultUnset && p.outbound != UnknownDefault
}

// policyOf reads "BlockInbound,AllowOutbound". A word that is not known may be that for
// BlockInboundAlways, which beats all allow rules.
func policyOf(value string) (p policy, ok bool) {
	words, _ := items(value)
	ok = len(words) > 0
	for _, w := range words {
		switch lower(w.text) {
		case "blockinbound":
			p.inbound, p.shielded = DefaultBlock, StateOff
		case "blockinboundalways":
			p.inbound, p.shielded = DefaultBlock, StateOn
		case "allowinbound":
			p.inbound, p.shielded = DefaultAllow, StateOff
		case "blockoutbound":
			p.outbound = DefaultBlock
		case "allowoutbound":
			p.outbound = DefaultAllow
		case "notconfigured", "not configured":
		default:
			ok = false
		}
	}
	if !ok && p.inbound == DefaultUnset {
		p.inbound, p.shielded = UnknownDefault, UnknownState
	}
	if !ok && p.outbound == DefaultUnset {
		p.outbound = UnknownDefault
	}
	return p, ok
}
