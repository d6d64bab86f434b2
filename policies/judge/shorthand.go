package judge

import (
	"hash/maphash"
	"slices"
	"strconv"
)

// shorthand stands in for long lists of names, one made-up name for each list, while
// the built-in policies are evaluated: they hand such lists on and never look into
// them, so 10,000 targets that behave alike cost them as much as one. A team's own
// policies may look, and get the lists written out: a nil *shorthand does that.
type shorthand struct {
	seed    maphash.Seed
	symbols map[uint64][]string // by the hash of the names
	lists   map[string][]string
}

func newShorthand() *shorthand {
	return &shorthand{seed: maphash.MakeSeed(), symbols: map[uint64][]string{}, lists: map[string][]string{}}
}

// standIn returns the list to show in place of names; equal lists are shown alike,
// since rules compare them.
func (s *shorthand) standIn(names []string) []string {
	if s == nil || len(names) < 2 {
		return names
	}
	var hash maphash.Hash
	hash.SetSeed(s.seed)
	for _, name := range names {
		_, _ = hash.WriteString(name)
	}
	key := hash.Sum64()
	for _, symbol := range s.symbols[key] {
		if slices.Equal(s.lists[symbol], names) {
			return []string{symbol}
		}
	}
	symbol := "\x00" + strconv.Itoa(len(s.lists)) // no name holds a NUL
	s.symbols[key] = append(s.symbols[key], symbol)
	s.lists[symbol] = names
	return []string{symbol}
}

// expand returns the names for which those of a finding stand.
func (s *shorthand) expand(names []string) []string {
	if s == nil {
		return names
	}
	if len(names) == 1 && s.lists[names[0]] != nil {
		return s.lists[names[0]]
	}
	out := make([]string, 0, len(names))
	for _, name := range names {
		if list := s.lists[name]; list != nil {
			out = append(out, list...)
		} else {
			out = append(out, name)
		}
	}
	return out
}
