package iptables

import (
	"slices"
	"strings"
)

// longOption returns the letter of a base option's long name, 0 for another word. These
// win over the options of matches (xtables_merge_options puts them first), which win over
// their shortened forms: --proto is short for --protocol, but an option of match policy.
func longOption(name []byte) byte {
	switch string(name) {
	case "source", "src":
		return 's'
	case "destination", "dst":
		return 'd'
	case "protocol":
		return 'p'
	case "in-interface":
		return 'i'
	case "out-interface":
		return 'o'
	case "jump":
		return 'j'
	case "goto":
		return 'g'
	case "match":
		return 'm'
	case "fragments":
		return 'f'
	case "set-counters":
		return 'c'
	case "table":
		return 't'
	case "verbose":
		return 'v'
	case "ipv4":
		return '4'
	case "ipv6":
		return '6'
	}
	return 0
}

// longOptions are the long names of the options that are no command and belong to no
// match or target.
var longOptions = []string{"source", "src", "destination", "dst", "protocol", "in-interface", "out-interface", "jump", "goto", "match", "fragments", "set-counters", "table",
	"numeric", "verbose", "wait", "wait-interval", "exact", "version", "help", "line-numbers", "modprobe", "ipv4", "ipv6"}

// shortenedOption returns the letter of the only base option that begins so.
func shortenedOption(name []byte) byte {
	var found byte
	for _, long := range longOptions {
		if letter := longOption([]byte(long)); strings.HasPrefix(long, string(name)) && letter != found {
			if found != 0 || letter == 0 {
				return 0
			}
			found = letter
		}
	}
	for _, c := range longCommands {
		if strings.HasPrefix(c.name, string(name)) {
			return 0
		}
	}
	return found
}

// mayJoin tells an option that iptables-restore lets its value follow with =: those
// of matches and targets, and -m, -g and -c. Of the others it takes the whole word for
// the value, or refuses it, as its version is.
func (r *ruleReader) mayJoin(name []byte) bool {
	short := longOption(name)
	if short == 0 && !r.matchHas(name) {
		short = shortenedOption(name)
	}
	return short == 0 || short == 'm' || short == 'g' || short == 'c'
}

// matchHas tells that a loaded match has an option of just that name.
func (r *ruleReader) matchHas(name []byte) bool {
	for i := range r.count {
		if findOption(r.matches[i].def.options, name, false) != nil {
			return true
		}
	}
	return false
}

// divide makes two words of the one that was read last: the option in its first end
// bytes, and its value from start on.
func (r *ruleReader) divide(end, start int) {
	at := r.at - 1
	option, value := r.tokens[at], r.tokens[at]
	option.text, option.end = option.text[:end], option.start+uint32(end)
	value.text, value.start = value.text[start:], value.start+uint32(start)
	r.tokens = slices.Concat(r.tokens[:at], []token{option, value}, r.tokens[at+1:])
}
