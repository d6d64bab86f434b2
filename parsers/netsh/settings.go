package netsh

import (
	"strings"

	"github.com/sumlint/sumlint/parsers/source"
)

// heading reads a heading that a line of dashes follows. netsh prints one for each
// profile; the rows of others are passed over.
func (r *reader) heading(l textLine) {
	r.closeBlock()
	if r.listing == listingRules { // no command prints settings behind rules
		r.cutOff()
	}
	r.row = 0
	r.prof = len(r.doc.Profiles)
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
}

// settingsRow reads a row of a profile block; it has no colon.
func (r *reader) settingsRow(l textLine) bool {
	label, value := l.text, ""
	if n := strings.Index(l.text, "  "); n >= 0 {
		label, value = l.text[:n], trimBlanks(l.text[n:])
	} else if at := strings.IndexByte(l.text, '\t'); at >= 0 {
		label, value = l.text[:at], trimBlanks(l.text[at:])
	}
	if r.prof >= len(r.doc.Profiles) {
		return value != "" || strings.HasSuffix(label, ":")
	}
	r.row++
	s, span := &r.doc.Profiles[r.prof], r.lineSpan(l)
	r.listing, r.shown = listingSettings, span
	if r.doc.form == formNone {
		r.doc.form = formDump
	}
	switch lower(label) {
	case "state", "status", "estado", "état", "状態", "状态", "состояние":
		r.setState(s, value, span)
	case "firewall policy", "firewallrichtlinie", "stratégie de pare-feu", "directiva de firewall", "política de firewall", "diretiva de firewall", "ファイアウォール ポリシー", "防火墙策略", "политика брандмауэра":
		r.setPolicy(s, value, span)
	case "localfirewallrules":
		s.IgnoreLocalRules = lower(value) == "disable"
	default:
		return r.settingsByPlace(s, label, value, span)
	}
	return true
}

// settingsByPlace reads a row whose label is not known: the first one is the state,
// and policies are known by their words.
func (r *reader) settingsByPlace(s *Settings, label, value string, span source.Span) bool {
	if value == "" {
		return strings.HasSuffix(label, ":")
	}
	if in, _, ok := policyOf(value); ok && in != DefaultUnset {
		r.setPolicy(s, value, span)
	} else if _, ok := stateOf(value); ok && r.row == 1 {
		r.setState(s, value, span)
	}
	return true
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
	in, out, ok := policyOf(value)
	if !ok {
		r.errorf(span, "Expected BlockInbound, BlockInboundAlways or AllowInbound, a comma, and AllowOutbound or BlockOutbound. The default actions count as undecided.", "the firewall policy %q is not known", value)
	}
	if in != DefaultUnset {
		s.Inbound = in
	}
	if out != DefaultUnset {
		s.Outbound = out
	}
	s.PolicySpan = span
}

// policyOf reads "BlockInbound,AllowOutbound"; what is not known is UnknownDefault.
func policyOf(value string) (in, out Default, ok bool) {
	ok = true
	words, _ := items(value)
	for _, w := range words {
		switch lower(w.text) {
		case "blockinbound":
			in = DefaultBlock
		case "blockinboundalways":
			in = BlockAlways
		case "allowinbound":
			in = DefaultAllow
		case "blockoutbound":
			out = DefaultBlock
		case "allowoutbound":
			out = DefaultAllow
		case "notconfigured", "not configured":
		default:
			ok = false
		}
	}
	if !ok && in == DefaultUnset {
		in = UnknownDefault
	}
	if !ok && out == DefaultUnset {
		out = UnknownDefault
	}
	return in, out, ok && len(words) > 0
}
