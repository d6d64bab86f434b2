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
		text, prompted = text[at:], true
	}
	text = strings.TrimLeft(text, " \t@")
	at := l.at + len(l.text) - len(text)
	text = netshCommand(text)
	command = textLine{text, at}
	if text == "" {
		return command, prompted, true
	}
	if text[0] == ':' || text[0] == '#' {
		return textLine{at: l.at}, prompted, true
	}
	first, rest, _ := strings.Cut(text, " ")
	if len(first) > 20 {
		return textLine{}, false, false
	}
	first = lower(first)
	second, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	second = lower(second)
	switch first {
	case "netsh", "netsh.exe", "advfirewall":
		ok = true
	case "add", "set", "delete":
		ok = prompted || second == "rule"
	case "firewall":
		ok = second == "add" || second == "set" || second == "delete"
	case "rem", "setlocal":
		return textLine{at: l.at}, prompted, true
	case "echo":
		return textLine{at: l.at}, prompted, prompted || second == "off"
	default:
		if prompted {
			if changesFirewall(text) {
				return command, true, true
			}
			return textLine{at: l.at}, true, true
		}
	}
	return command, prompted, ok
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
		word, at = readWord(text, at, "= \t>|&")
		next := at
		for next < len(text) && (text[next] == ' ' || text[next] == '\t') {
			next++
		}
		if next >= len(text) || text[next] != '=' {
			if at == next && word == "" {
				at++
			}
			out = append(out, arg{value: word})
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
		case isNetshWord(words):
			r.run(words, start, filtered(rest))
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

// isNetshWord tells whether a command is netsh's, as its first word has it.
func isNetshWord(words []arg) bool {
	if len(words) == 0 {
		return false
	}
	switch lower(words[0].value) {
	case "netsh", "netsh.exe", "advfirewall", "firewall", "add", "set", "delete", "show":
		return true
	}
	return false
}

// run does one command: context words, a verb, an object and its arguments.
func (r *reader) run(words []arg, l textLine, pipe bool) {
	var verb, object string
	legacy := false
	for i, w := range words {
		word := lower(w.value)
		switch {
		case w.key != "":
			return
		case verb != "":
			object = word
		case word == "firewall" && i > 0 && strings.HasPrefix(lower(words[i-1].value), "netsh"):
			legacy = true
		case word == "add", word == "set", word == "delete", word == "show":
			verb = word
		case word == "reset":
			if i > 0 && lower(words[i-1].value) == "advfirewall" {
				r.doc.Rules, r.doc.Profiles = nil, [3]Settings{}
			}
			return
		case word == "import" && i > 0 && lower(words[i-1].value) == "advfirewall", word == "exec", word == "-f", word == "-r":
			r.unreadCommand(l)
			return
		case word == "consec", word == "mainmode":
			return
		}
		if object != "" {
			r.runVerb(verb, object, words[i+1:], l, legacy, pipe)
			return
		}
	}
}

func (r *reader) runVerb(verb, object string, rest []arg, l textLine, legacy, pipe bool) {
	if verb != "show" && r.shell.uncertain() && (object == "rule" || strings.HasSuffix(object, "profile") || strings.HasSuffix(object, "profiles")) {
		r.unreadCommand(l)
		return
	}
	switch {
	case verb == "show" && (object == "rule" || object == "firewall"):
		if !legacy {
			r.show(object, rest, pipe)
		}
	case verb == "show":
	case legacy:
		r.errorf(r.lineSpan(l), "Write it with `netsh advfirewall firewall add rule`, or export the rules: `"+showCommand+"`.", "commands of the deprecated `netsh firewall` are not read")
		r.doc.opaque = true
	case object == "rule" && verb == "add":
		r.addRule(rest, l)
	case object == "rule" && verb == "set":
		r.setRule(rest, l)
	case object == "rule":
		r.deleteRule(rest, l)
	case verb == "set" && strings.HasSuffix(object, "profile") || object == "allprofiles":
		r.setProfileCommand(object, rest, l)
	}
}

// showCommand prints what can be judged best.
const showCommand = "netsh advfirewall firewall show rule name=all verbose"

// show notes what a show command asks for: `dir=in` covers one direction only.
func (r *reader) show(object string, rest []arg, pipe bool) {
	q := everything()
	q.all = object == "rule"
	dynamic := false
	for _, a := range rest {
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
