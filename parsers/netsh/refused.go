package netsh

import (
	"strings"

	"github.com/sumlint/sumlint/parsers/netsh/hive"
)

// lookAlike is a form of Windows output that says too little to judge flows by.
type lookAlike struct {
	what, why string
	// record is what begins each rule of it, "" where it has none.
	record string
}

// refused recognises the forms that are of no use.
func refused(sample string) (lookAlike, bool) {
	has := func(parts ...string) bool {
		for _, p := range parts {
			if !strings.Contains(sample, p) {
				return false
			}
		}
		return true
	}
	switch {
	case has("netsh advfirewall dump") || has("advfirewall dump", "not implemented"):
		return lookAlike{what: "the notice of `netsh advfirewall dump`", why: "that command prints no rules"}, true
	case has("netsh firewall\" is deprecated") || has("Operational mode", "Exception mode") || has("Port   Protocol  Mode"):
		return lookAlike{what: "the output of the deprecated `netsh firewall show`", why: "it shows neither addresses nor block rules"}, true
	case has("Endpoint1:", "Endpoint2:"):
		return lookAlike{what: "the output of `netsh advfirewall consec show rule`", why: "connection security rules (IPsec) tell which connections must be authenticated, not which are allowed"}, true
	case has("\"DisplayName\":") && has("\"Enabled\":"):
		return lookAlike{what: "PowerShell's Get-NetFirewallRule as JSON", why: "ports, addresses and programs are not part of it", record: "\"DisplayName\":"}, true
	case has("DisplayName", "Direction", "Action", "Enabled") && has(" : "):
		return lookAlike{what: "PowerShell's Get-NetFirewallRule as a list", why: "ports, addresses and programs are not part of it", record: "\nDisplayName "}, true
	case has("DisplayName", "Direction", "Action", "Enabled") && csvHeader(sample):
		return lookAlike{what: "a table of PowerShell's Get-NetFirewallRule or of a tool on top of it", why: "such tables are not read: their columns differ from tool to tool", record: "\n"}, true
	case has("DisplayName", "Direction", "Action") && has("-----------", "---------"):
		return lookAlike{what: "PowerShell's Get-NetFirewallRule as a table", why: "ports, addresses and programs are not part of it"}, true
	}
	return lookAlike{}, false
}

// csvHeader tells whether the first line with a column DisplayName has separators.
func csvHeader(sample string) bool {
	at := strings.Index(sample, "DisplayName")
	line, _, _ := strings.Cut(sample[strings.LastIndexByte(sample[:at], '\n')+1:], "\n")
	return strings.Count(line, ",") >= 4 || strings.Count(line, ";") >= 4
}

// adviceCommand is the advice for exports of no use.
const adviceCommand = "Export with `" + showCommand + "` and `netsh advfirewall show allprofiles`."

// finishRefused reports a file that holds no rule: as what it was recognised, or not at all.
func (r *reader) finishRefused() {
	settings := r.doc.Profiles != [3]Settings{} || r.doc.Policy != [3]Settings{}
	if len(r.doc.Rules)+len(r.doc.Security) > 0 || r.unknown > 0 || settings || r.doc.form == formScript || r.registry.local || r.registry.policies {
		if r.consec > 0 {
			r.warnf(r.consecAt, "", "%s passed over: switched off, or without a requirement that IPsec authenticates connections; what such a rule exempts from another is not worked out", plural(r.consec, "connection security rule"))
		}
		return
	}
	start := r.span(0, min(len(r.text), len(firstLine(r.text))))
	r.doc.form = formRefused
	if found, ok := refused(r.text[:min(len(r.text), sampleSize)]); ok {
		if found.record == "\n" {
			r.doc.RuleCount = max(strings.Count(strings.TrimSpace(r.text), "\n"), 0)
		} else if found.record != "" {
			r.doc.RuleCount = strings.Count(r.text, found.record)
		}
		r.errorf(start, adviceCommand, "this is %s, and no usable export: %s", found.what, found.why)
		return
	}
	if r.noMatch {
		r.errorf(start, "The query that was exported found nothing, which does not say that nothing is allowed. "+adviceCommand, "netsh found no rule")
		return
	}
	r.errorf(start, adviceCommand, "no firewall rule was found")
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimRight(line, "\r")
}

// Recognise tells whether the bytes are about a Windows firewall, in a form that
// Parse reads or that it refuses with advice.
func Recognise(raw []byte) bool {
	if hive.Is(raw) {
		return true
	}
	text, _ := decode(raw[:min(len(raw), sampleSize)], "")
	sample := string(text.text)
	if _, ok := refused(sample); ok {
		return true
	}
	before := ""
	for line := range strings.Lines(sample) {
		l := content(textLine{text: strings.TrimRight(line, "\r\n")})
		if l.text == "" {
			continue
		}
		if isDashes(l.text) && len(l.text) >= 60 && strings.ContainsAny(before, ":：") || isWindowsLine(l) {
			return true
		}
		before = l.text
	}
	return false
}

// isWindowsLine tells whether the line alone says that a Windows firewall is meant.
func isWindowsLine(l textLine) bool {
	if at := ruleStringAt(l.text); at >= 0 && (strings.Contains(l.text[at:], "Action=") || strings.Contains(l.text[at:], "Dir=")) {
		return true
	}
	if strings.HasPrefix(l.text, "[HKEY_") || strings.HasPrefix(l.text, "HKEY_") {
		path := lower(l.text)
		return strings.Contains(path, "firewallpolicy") || strings.Contains(path, "windowsfirewall")
	}
	if isNoMatch(l.text) {
		return true
	}
	command, _, ok := commandOf(l)
	if !ok {
		return false
	}
	text := lower(command.text)
	if strings.HasPrefix(text, "netsh") || strings.HasPrefix(text, "adv") {
		words, _ := args(command.text)
		name, _, known := netshCommandOf(words)
		return strings.Contains(text, "firewall") || known && strings.HasPrefix(name, "advfirewall")
	}
	return strings.Contains(text, "advfirewall") || strings.HasPrefix(text, "add rule name") || strings.HasPrefix(text, "firewall add rule")
}
