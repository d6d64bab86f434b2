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
// netsh within another command, PowerShell, the registry's tools, or the firewall's
// service that is stopped.
func changesFirewall(text string) bool {
	if len(text) < len("netsh") {
		return false
	}
	text = lower(text)
	return hasCmdlet(text, "-netfirewall") || hasCmdlet(text, "-netipsec") || strings.Contains(text, "netsh") && hasNetshChange(text) || hasSystemChange(text)
}

// hasCmdlet tells whether a cmdlet for these objects changes one.
func hasCmdlet(text, objects string) bool {
	for {
		before, after, ok := strings.Cut(text, objects)
		if !ok {
			return false
		}
		switch before[strings.LastIndexAny(before, " \t;|({&@`\"'")+1:] {
		case "new", "set", "remove", "enable", "disable", "rename", "copy":
			return true
		}
		text = after
	}
}

// shellWords splits a line at blanks, quotes and brackets.
func shellWords(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" \t\"'()`{};&|", c) })
}

// hasNetshChange tells whether netsh is called somewhere in the line to change something.
func hasNetshChange(text string) bool {
	words := shellWords(text[strings.Index(text, "netsh"):])
	firewall := false
	for i, word := range words {
		word = word[strings.LastIndexByte(word, '\\')+1:]
		if firewall = firewall || strings.Contains(word, "firewall"); firewall {
			switch word {
			case "add", "set", "delete", "import", "reset":
				return true
			}
		}
		if word != "netsh" && word != "netsh.exe" {
			continue
		}
		command, rest, ok := netshCommandOf(plainArgs(words[i:]))
		context, _, _ := strings.Cut(command, " ")
		switch {
		case ok && changes(command) && (context == "advfirewall" || command == "exec"):
			return true
		case context == "firewall" || context == "ipsec" || context == "advfirewall" && !ok || command == root && len(rest) > 0 && mayFilter(rest[0].value):
			if hasVerb(rest) { // or else it is prose
				return true
			}
		}
	}
	return false
}

// hasVerb tells whether one of the words is netsh's for a change, cut to no fewer than
// three letters.
func hasVerb(words []arg) bool {
	for _, w := range words {
		if word := w.value; w.key == "" && (isCut(word, "add", 3) || isCut(word, "set", 3) || isCut(word, "delete", 3) || isCut(word, "import", 3) || isCut(word, "reset", 3)) {
			return true
		}
	}
	return false
}

// plainArgs are words as arguments.
func plainArgs(words []string) (out []arg) {
	for _, word := range words {
		if key, value, ok := strings.Cut(word, "="); ok {
			out = append(out, arg{key, value})
		} else {
			out = append(out, arg{value: word})
		}
	}
	return out
}

// hasSystemChange tells whether the line changes the registry's firewall keys, or stops
// or sets up the firewall's services.
func hasSystemChange(text string) bool {
	keys := strings.Contains(text, "firewall") || strings.Contains(text, "mpssvc")
	if !keys && !strings.Contains(text, "bfe") {
		return false
	}
	words := shellWords(text)
	for i, word := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch strings.TrimSuffix(word[strings.LastIndexByte(word, '\\')+1:], ".exe") {
		case "reg":
			if keys && (next == "add" || next == "delete" || next == "import" || next == "restore" || next == "copy" || next == "load") {
				return true
			}
		case "regedit", "set-itemproperty", "new-itemproperty", "remove-itemproperty", "remove-item", "new-item":
			if keys {
				return true
			}
		case "net", "net1", "sc", "stop-service", "set-service", "suspend-service":
			if stops := next != "start" && next != "query" && next != "qc"; stops && isFirewallService(words[i+1:]) {
				return true
			}
		}
	}
	return false
}

// isFirewallService tells whether the words name the firewall's service, or the filtering
// engine's.
func isFirewallService(words []string) bool {
	for _, word := range words {
		if word == "mpssvc" || word == "bfe" || word == "firewall" {
			return true
		}
	}
	return false
}

// shellLine reads the lines of a script that are no commands of netsh by themselves.
// Those that change the firewall, perhaps or in a way that is not read, are errors.
func (r *reader) shellLine(l textLine) bool {
	if r.registry.kind != keyNone || ruleStringAt(l.text) == 0 {
		return false
	}
	if !onlyTells(l.text) && changesFirewall(l.text) {
		r.closeBlock()
		r.unreadCommand(l)
		return true
	}
	r.shell.control(lower(l.text))
	return false
}

// onlyTells tells the lines that print their text.
func onlyTells(text string) bool {
	word, _, _ := strings.Cut(lower(strings.TrimLeft(text, "@ \t")), " ")
	return (word == "echo" || word == "title" || word == "write-host" || word == "write-output") && !strings.ContainsAny(text, "|&>")
}

// unreadCommand reports a command that changes the firewall and is not read.
func (r *reader) unreadCommand(l textLine) {
	r.unread(l, "Plain `netsh advfirewall` lines are read, alone or after `call`.", "a command that changes the firewall is not read: whether it is run is not sure, or it is none of netsh's own")
}

// strangeCommand reports a line of netsh that leads to no command that is known.
func (r *reader) strangeCommand(l textLine) {
	r.unread(l, "A word is misspelt, or cut so short that it may be several.", "the netsh command is not known")
}

// elsewhere reports that the commands that follow change another store.
func (r *reader) elsewhere(l textLine) {
	r.unread(l, "What follows goes to a group policy, or to another store, not to the host's own rules.", "the script changes another store than the host's own")
}

func (r *reader) unread(l textLine, why, summary string) {
	r.doc.opaque = true
	r.sawForm(formScript)
	r.errorf(r.lineSpan(l), why+" Without this one all counts as undecided. Export what the script leads to: `"+showCommand+"`.", "%s", summary)
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
