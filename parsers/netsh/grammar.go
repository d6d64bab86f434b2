package netsh

import "strings"

// root is where netsh's contexts begin.
const root = "netsh"

// subcommands are the words that netsh knows in a context; none where a command ends.
func subcommands(path string) []string {
	switch path {
	case root:
		return []string{"abort", "add", "advfirewall", "alias", "branchcache", "bridge", "bye", "commit", "delete", "dhcpclient", "dnsclient", "dump", "exec", "exit",
			"firewall", "help", "http", "interface", "ipsec", "ipsecdosprotection", "lan", "mbn", "namespace", "netio", "nlm", "offline", "online", "p2p", "popd", "pushd",
			"quit", "ras", "rpc", "set", "show", "trace", "unalias", "wcn", "wfp", "winhttp", "winsock", "wlan"}
	case "advfirewall":
		return []string{"consec", "dump", "export", "firewall", "help", "import", "mainmode", "monitor", "reset", "set", "show"}
	case "advfirewall set", "advfirewall show":
		return []string{"allprofiles", "currentprofile", "domainprofile", "global", "privateprofile", "publicprofile", "store"}
	case "advfirewall firewall", "advfirewall consec", "advfirewall mainmode":
		return []string{"add", "delete", "dump", "help", "set", "show"}
	case "advfirewall monitor":
		return []string{"delete", "dump", "help", "show"}
	case "advfirewall monitor show":
		return []string{"consec", "currentprofile", "firewall", "mainmode", "mmsa", "qmsa"}
	case "advfirewall monitor delete":
		return []string{"mmsa", "qmsa"}
	}
	for _, context := range [...]string{"firewall", "consec", "mainmode"} {
		if verb, ok := strings.CutPrefix(path, "advfirewall "+context+" "); ok {
			switch verb {
			case "add", "delete", "set", "show":
				return []string{"rule"}
			}
		}
	}
	return nil
}

// spelled spells out a word that may be cut short, as netsh lets: it is the one word of
// the list that begins with it. "" where none does, or several.
func spelled(word string, list []string) string {
	found := ""
	for _, full := range list {
		switch {
		case full == word:
			return full
		case word == "" || !strings.HasPrefix(full, word):
		case found != "":
			return ""
		default:
			found = full
		}
	}
	return found
}

// follow follows the words of a command from a context on, and returns the command that
// they lead to, spelled out, with what is behind it. It is not ok where a word is not
// known or may be several.
func follow(path string, words []arg) (command string, rest []arg, ok bool) {
	for len(words) > 0 {
		list := subcommands(path)
		word := lower(words[0].value)
		if list == nil || word == "?" || word == "/?" {
			break
		}
		full := spelled(word, list)
		switch {
		case words[0].key != "":
			return path, words, false
		case full == "" && word == "advfirewall": // netsh looks in the contexts above too
			path = "advfirewall"
		case full == "":
			return path, words, false
		case path == root:
			path = full
		default:
			path += " " + full
		}
		words = words[1:]
	}
	return path, words, true
}

// netshCommandOf finds out which command the words are: after netsh and its options, or
// of netsh's own prompt, where the context is not said.
func netshCommandOf(words []arg) (command string, rest []arg, ok bool) {
	if len(words) == 0 || words[0].key != "" {
		return "", words, false
	}
	switch first := lower(words[0].value); {
	case first == "netsh" || first == "netsh.exe":
		words = words[1:]
		for len(words) > 1 && words[0].key == "" && strings.HasPrefix(words[0].value, "-") {
			switch lower(words[0].value) {
			case "-c":
				var context []arg
				for _, word := range strings.Fields(words[1].value) {
					context = append(context, arg{value: word})
				}
				words = append(context, words[2:]...)
			case "-r", "-f": // another host's firewall, or commands of a file
				return "exec", words, true
			default:
				words = words[2:]
			}
		}
		return follow(root, words)
	case isCut(first, "advfirewall", 3):
		if command, rest, ok := follow(root, words); ok || !isProse(words) {
			return command, rest, ok
		}
	case first == "firewall":
		return follow("advfirewall", words)
	case first == "add" || first == "set" || first == "delete" || first == "show":
		for _, context := range [...]string{"advfirewall firewall", "advfirewall"} {
			if command, rest, ok := follow(context, words); ok && subcommands(command) == nil {
				return command, rest, true
			}
		}
	}
	return "", words, false
}

// isProse tells sentences that begin with a context's name: Windows' notices put the
// names of commands in quotes that netsh does not know.
func isProse(words []arg) bool {
	for _, w := range words {
		if strings.Contains(w.value, "'") || strings.HasSuffix(w.value, ".") {
			return true
		}
	}
	return false
}

// mayFilter tells whether a word of the root context may stand for one that filters.
func mayFilter(word string) bool {
	return isCut(word, "advfirewall", 1) || isCut(word, "firewall", 1) || isCut(word, "ipsec", 1)
}

// isCut tells whether a word is that one, cut to no fewer letters than these.
func isCut(word, full string, letters int) bool {
	return len(word) >= letters && strings.HasPrefix(full, word)
}

// changes tells whether a command may change what the firewall does.
func changes(command string) bool {
	context, rest, _ := strings.Cut(command, " ")
	switch {
	case subcommands(command) != nil:
		return false
	case command == "exec", context == "ipsec", context == "firewall":
		return true
	case context != "advfirewall":
		return false
	}
	for _, word := range strings.Fields(rest) {
		switch word {
		case "show", "dump", "export", "help", "mainmode", "monitor":
			return false
		}
	}
	return true
}
