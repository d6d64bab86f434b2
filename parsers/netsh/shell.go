package netsh

import "strings"

// netshCommand strips what a shell may have before netsh without changing what it
// does: "call", quotes and the path of netsh.
func netshCommand(text string) string {
	if rest, ok := cutWord(text, "call"); ok {
		text = strings.TrimLeft(rest, " \t@")
	}
	quote := ""
	if strings.HasPrefix(text, `"`) || strings.HasPrefix(text, `& "`) {
		quote = `"`
	}
	path := strings.TrimLeft(text, `&" `)
	end := strings.IndexAny(path, `" `)
	if quote == "" {
		end = strings.IndexByte(path, ' ')
	}
	if end < 0 {
		end = len(path)
	}
	at := strings.LastIndexByte(path[:end], '\\') + 1
	if name := lower(path[at:end]); name != "netsh" && name != "netsh.exe" || at == 0 && quote == "" {
		return text
	}
	return "netsh" + strings.TrimPrefix(path[end:], quote)
}

// cutWord strips a first word, in whatever case.
func cutWord(text, word string) (string, bool) {
	if len(text) <= len(word) || !strings.EqualFold(text[:len(word)], word) || text[len(word)] != ' ' && text[len(word)] != '\t' {
		return text, false
	}
	return text[len(word)+1:], true
}

// changesFirewall tells the lines that change a firewall by something that is not read:
// netsh within another command, or PowerShell.
func changesFirewall(text string) bool {
	if len(text) < len("netsh") {
		return false
	}
	text = lower(text)
	for rest := text; ; {
		before, after, ok := strings.Cut(rest, "-netfirewall")
		if !ok {
			break
		}
		switch before[strings.LastIndexAny(before, " \t;|({&@`\"'")+1:] {
		case "new", "set", "remove", "enable", "disable", "rename", "copy":
			return true
		}
		rest = after
	}
	at := strings.Index(text, "netsh")
	if at < 0 || !strings.Contains(text[at:], "firewall") {
		return false
	}
	for _, word := range strings.FieldsFunc(text[at:], func(c rune) bool { return c == ' ' || c == '\t' || c == '"' || c == '\'' || c == ')' }) {
		switch word {
		case "add", "set", "delete", "import", "reset":
			return true
		}
	}
	return false
}

// shellLine reads the lines of a script that are no commands of netsh by themselves.
// Those that change the firewall, perhaps or in a way that is not read, are errors.
func (r *reader) shellLine(l textLine) bool {
	if r.registry.kind != keyNone || ruleStringAt(l.text) >= 0 {
		return false
	}
	if changesFirewall(l.text) {
		r.closeBlock()
		r.unreadCommand(l)
		return true
	}
	r.shell.control(lower(l.text))
	return false
}

// unreadCommand reports a command that changes the firewall and is not read.
func (r *reader) unreadCommand(l textLine) {
	r.doc.opaque = true
	if r.doc.form == formNone {
		r.doc.form = formScript
	}
	r.errorf(r.lineSpan(l), "Plain `netsh advfirewall` lines are read, alone or after `call`. Without this one all counts as undecided. Export what the script leads to: `"+showCommand+"`.",
		"a command that changes the firewall is not read: whether it is run is not sure, or it is none of netsh's own")
}

// shellState is what of a script decides whether a command is run.
type shellState struct {
	depth int  // open parentheses of batch's if, else and for, and PowerShell's braces
	jumps bool // a line may leave the script or pass over others
}

// control notes the statements that decide whether the next lines are run.
func (s *shellState) control(text string) {
	words := strings.Fields(strings.TrimLeft(text, "@"))
	if len(words) == 0 {
		return
	}
	first := words[0]
	if (first[0] == ')' || first[0] == '}') && s.depth > 0 {
		s.depth--
	}
	switch {
	case strings.HasSuffix(text, "{"):
		s.depth++
	case strings.HasSuffix(text, "(") && (first == "if" || first == "for" || first == "(" || first[0] == ')' || first == "else"):
		s.depth++
	case first == "goto", first == "exit", strings.HasSuffix(text, "^"): // the statement goes on in the next line
		s.jumps = true
	case first == "if" && !strings.Contains(text, "errorlevel") && (strings.Contains(text, "goto ") || strings.Contains(text, "exit")):
		s.jumps = true
	}
}

// uncertain tells that the commands at this place may not be run.
func (s *shellState) uncertain() bool { return s.depth > 0 || s.jumps }

// filtered tells whether a command's output goes through a program that may take lines
// out of it; rest is what follows the command.
func filtered(rest string) bool {
	for strings.HasPrefix(rest, "|") && !strings.HasPrefix(rest, "||") {
		name, _, _ := strings.Cut(strings.TrimLeft(rest[1:], " \t"), " ")
		switch strings.TrimSuffix(lower(trimBlanks(name)), ".exe") {
		case "more", "clip", "tee", "tee-object", "out-file", "out-string", "out-host", "set-content":
		default:
			return true
		}
		_, rest = args(rest[1:])
	}
	return false
}
