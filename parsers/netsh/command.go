package netsh

import (
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
)

// commandOf recognises a command line, with or without a prompt before it. Comments
// and bare prompts are commands without a word.
func commandOf(l textLine) (command textLine, prompted, ok bool) {
	text := l.text
	if at := promptEnd(text); at > 0 {
		prompted = true
		if head := text[:at-1]; isNetshPrompt(head) && at < len(text) { // the context is part of the command
			text = head + " " + text[at:]
		} else {
			text = text[at:]
		}
	}
	text = strings.TrimLeft(text, " \t@")
	at := l.at + len(l.text) - len(text)
	text = netshCommand(text)
	command = textLine{text, at}
	if text == "" {
		return command, prompted, true
	}
	nothing := textLine{at: l.at}
	if text[0] == ':' || text[0] == '#' {
		return nothing, prompted, true
	}
	end := strings.IndexAny(text, " \t")
	if end < 0 {
		end = len(text)
	}
	if end > 20 {
		return textLine{}, false, false
	}
	switch first := lower(text[:end]); {
	case first == "netsh", first == "netsh.exe", first == "advfirewall":
		return command, prompted, true
	case first == "rem", first == "setlocal":
		return nothing, prompted, true
	case first == "echo":
		return nothing, prompted, prompted || lower(trimBlanks(text[end:])) == "off"
	case first == "add", first == "set", first == "delete", first == "firewall", isCut(first, "advfirewall", 3):
		words, _ := args(text)
		if _, _, ok := netshCommandOf(words); ok || prompted && first != "firewall" {
			return command, prompted, true
		}
	case prompted && changesFirewall(text):
		return command, true, true
	}
	return nothing, prompted, prompted
}

// promptEnd is the length of a prompt: "C:\Users\x>", "PS C:\> " or "netsh advfirewall>".
func promptEnd(text string) int {
	at := strings.IndexByte(text, '>')
	if at < 0 {
		return 0
	}
	head := strings.TrimPrefix(text[:at], "PS ")
	drive := len(head) >= 3 && head[1] == ':' && head[2] == '\\' && !strings.Contains(head, "=") && !strings.Contains(lower(head), "netsh")
	if drive || isNetshPrompt(head) {
		return at + 1
	}
	return 0
}

// isNetshPrompt knows netsh's own prompts, up to their ">": the context's name.
func isNetshPrompt(head string) bool {
	if !strings.HasPrefix(head, "netsh") || strings.HasSuffix(head, " ") {
		return false
	}
	for _, word := range strings.Fields(head) {
		switch word {
		case "netsh", "advfirewall", "firewall", "monitor", "consec", "mainmode":
		default:
			return false
		}
	}
	return true
}

// arg is a word of a command, or a key with its value.
type arg struct{ key, value string }

// args splits a command into words and key=value pairs, up to a pipe or the next
// command, with which rest begins. Redirections are left out.
func args(text string) (out []arg, rest string) {
	for at := 0; at < len(text); {
		switch text[at] {
		case ' ', '\t':
			at++
			continue
		case '>':
			if n := len(out) - 1; n >= 0 && isHandle(text, at, out[n]) {
				out = out[:n]
			}
			at = skipRedirection(text, at)
			continue
		case '|', '&':
			return out, text[at:]
		}
		if len(out) > 1000 {
			return out, ""
		}
		var word string
		quoted := text[at] == '"'
		word, at = readWord(text, at, "= \t>|&")
		next := at
		for next < len(text) && (text[next] == ' ' || text[next] == '\t') {
			next++
		}
		if next >= len(text) || text[next] != '=' {
			if at == next && word == "" {
				at++
			}
			out = append(out, wholeArg(word, quoted))
			continue
		}
		for at = next + 1; at < len(text) && (text[at] == ' ' || text[at] == '\t'); {
			at++
		}
		var value string
		value, at = readWord(text, at, " \t>|&")
		out = append(out, arg{lower(word), value})
	}
	return out, ""
}

// wholeArg splits a word that stands in quotes with its key: "dir=in".
func wholeArg(word string, quoted bool) arg {
	key, value, ok := strings.Cut(word, "=")
	if key = lower(trimBlanks(key)); !ok || !quoted || key == "" || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return arg{value: word}
	}
	return arg{key, trimBlanks(value)}
}

// isHandle tells whether the word before a ">" is the number of what it redirects.
func isHandle(text string, at int, before arg) bool {
	return before.key == "" && len(before.value) == 1 && at > 0 && text[at-1] == before.value[0] && text[at-1] >= '0' && text[at-1] <= '9'
}

// skipRedirection moves behind ">nul", ">> file" or ">&1".
func skipRedirection(text string, at int) int {
	for at < len(text) && text[at] == '>' {
		at++
	}
	if at < len(text) && text[at] == '&' {
		at++
	}
	for at < len(text) && (text[at] == ' ' || text[at] == '\t') {
		at++
	}
	_, at = readWord(text, at, " \t>|&")
	return at
}

// readWord reads up to one of the stop characters outside of double quotes.
func readWord(text string, at int, stop string) (string, int) {
	var word strings.Builder
	quoted := false
	for ; at < len(text); at++ {
		switch c := text[at]; {
		case c == '"':
			quoted = !quoted
		case !quoted && strings.IndexByte(stop, c) >= 0:
			return word.String(), at
		default:
			word.WriteByte(c)
		}
	}
	return word.String(), at
}

// maxContinued bounds the lines of one command.
const maxContinued = 100

// command reads a netsh command: what it shows, or what it changes.
func (r *reader) command(l textLine) {
	start := l
	for n := 0; strings.HasSuffix(l.text, "^"); n++ {
		more, ok := r.nextLine()
		l.text = strings.TrimSuffix(l.text, "^")
		if n == maxContinued || len(l.text)+len(more.text) > maxLine {
			r.errorf(r.lineSpan(start), "", "a command of more than %d lines or %d bytes: the limit", maxContinued, maxLine)
			r.doc.opaque = true
			return
		}
		if ok {
			l.text += " " + content(more).text
		}
	}
	for text := l.text; text != ""; {
		text = netshCommand(text)
		words, rest := args(text)
		next := strings.TrimLeft(rest, "&| ")
		switch statement := text[:len(text)-len(rest)]; {
		case r.run(words, start, filtered(rest)):
		case changesFirewall(statement):
			r.unreadCommand(start)
		}
		if strings.HasPrefix(rest, "|") { // another program, or what is run where the command fails
			if changesFirewall(next) {
				r.unreadCommand(start)
			}
			return
		}
		text = next
	}
}

// run does one command of netsh; false where it is none.
func (r *reader) run(words []arg, l textLine, pipe bool) bool {
	command, rest, ok := netshCommandOf(words)
	context, _, _ := strings.Cut(command, " ")
	switch {
	case command == "":
		return false
	case !ok && command == root: // a helper of another maker, or a word that is cut too short
		if len(rest) > 0 && mayFilter(lower(rest[0].value)) {
			r.strangeCommand(l)
		}
	case !ok && context == "advfirewall":
		r.strangeCommand(l)
	case len(rest) > 0 && rest[len(rest)-1].key == "" && isHelp(rest[len(rest)-1].value):
	case context == "firewall":
		r.legacy(rest, l)
	case context == "ipsec":
		r.ipsec(rest, l)
	case context == "interface":
		r.dynamicPorts(rest, l)
	case command == "advfirewall firewall show rule":
		r.show("rule", rest, pipe)
	case command == "advfirewall monitor show firewall":
		r.show("firewall", rest, pipe)
	case !changes(command):
	case command == "exec", command == "advfirewall import", r.shell.uncertain():
		r.unreadCommand(l)
	default:
		r.change(command, rest, l)
	}
	return true
}

func isHelp(word string) bool { return word == "?" || word == "/?" || lower(word) == "help" }

// change does a command of advfirewall that changes something.
func (r *reader) change(command string, rest []arg, l textLine) {
	switch command {
	case "advfirewall reset":
		r.doc.Rules, r.doc.Security, r.doc.listings, r.doc.Profiles = nil, nil, nil, [3]Settings{}
	case "advfirewall firewall add rule":
		r.addRule(spelledKeys(rest, ruleKeys()), l)
	case "advfirewall firewall set rule":
		r.setRule(spelledKeys(rest, append(ruleKeys(), "group")), l)
	case "advfirewall firewall delete rule":
		r.deleteRule(spelledKeys(rest, append(ruleKeys(), "group")), l)
	case "advfirewall consec add rule":
		r.addSecurityRule(rest, l)
	case "advfirewall consec delete rule": // a requirement that stays is a condition too much
	case "advfirewall set global":
	case "advfirewall set store":
		if len(rest) != 1 || lower(rest[0].value) != "local" {
			r.elsewhere(l)
		}
	case "advfirewall set allprofiles", "advfirewall set currentprofile", "advfirewall set domainprofile", "advfirewall set privateprofile", "advfirewall set publicprofile":
		r.setProfileCommand(strings.TrimPrefix(command, "advfirewall set "), rest, l)
	default: // consec set rule
		r.unreadCommand(l)
	}
}

// spelledKeys spells out the arguments' keys, which may be cut short too.
func spelledKeys(words []arg, keys []string) []arg {
	for i := range words {
		if full := spelled(words[i].key, keys); full != "" {
			words[i].key = full
		}
	}
	return words
}

// legacy reports the commands of the deprecated context.
func (r *reader) legacy(rest []arg, l textLine) {
	if len(rest) == 0 || isCut(lower(rest[0].value), "show", 2) || lower(rest[0].value) == "dump" {
		return
	}
	r.errorf(r.lineSpan(l), "Write it with `netsh advfirewall firewall add rule`, or export the rules: `"+showCommand+"`.", "commands of the deprecated `netsh firewall` are not read")
	r.doc.opaque = true
}

// ipsec reports the commands of the old IPsec policies, which may block and require
// authentication beside the firewall.
func (r *reader) ipsec(rest []arg, l textLine) {
	for _, w := range rest {
		if word := lower(w.value); w.key == "" && (isCut(word, "show", 2) || word == "dump" || word == "exportpolicy") {
			return
		}
	}
	if len(rest) > 1 {
		r.unreadCommand(l)
	}
}

// dynamicPorts warns where the range that clients' and RPC's ports come from is set: the
// topology tells it.
func (r *reader) dynamicPorts(rest []arg, l textLine) {
	set := false
	for _, w := range rest {
		word := lower(w.value)
		set = set || isCut(word, "set", 2) || isCut(word, "add", 2)
		if set && isCut(word, "dynamicportrange", 3) {
			r.warnf(r.lineSpan(l), "Say it in the topology: rpc_ports is the range of RPC's ports, ephemeral_ports that of a host's clients.", "the script sets the range of dynamic ports, which the topology tells")
			return
		}
	}
}

// showCommand prints what can be judged best.
const showCommand = "netsh advfirewall firewall show rule name=all verbose"

// show notes what a show command asks for: `dir=in` covers one direction only.
func (r *reader) show(object string, rest []arg, pipe bool) {
	q := everything()
	q.all = object == "rule"
	dynamic := false
	for _, a := range spelledKeys(rest, []string{"name", "dir", "profile", "type", "verbose"}) {
		value := lower(a.value)
		switch a.key {
		case "name":
			q.all = value == "all"
		case "dir":
			q.inbound, q.outbound = value == "in", value == "out"
		case "profile":
			if list, _ := items(value); value != "active" {
				q.profiles = 0
				for _, it := range list {
					p, _ := profileOf(it.text)
					q.profiles |= p
				}
			}
		case "type":
			dynamic = value == "dynamic"
			r.doc.Effective = r.doc.Effective || dynamic
		}
	}
	q.all = q.all && !pipe
	r.pending = listed{asked: true, effective: object == "firewall" || dynamic, query: q}
	if object == "firewall" {
		r.doc.Effective = true
		if !q.all {
			return // settings only
		}
	}
	r.queried = true
	r.doc.queries = append(r.doc.queries, q)
}

// profilesOf knows the objects of the set command.
func profilesOf(object string) (packet.Profiles, bool) {
	switch object {
	case "allprofiles":
		return packet.AnyProfile, true
	case "domainprofile":
		return packet.Domain, true
	case "privateprofile":
		return packet.Private, true
	case "publicprofile":
		return packet.Public, true
	}
	return packet.AnyProfile, false
}
