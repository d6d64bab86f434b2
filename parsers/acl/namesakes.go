package acl

import (
	"slices"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
)

// namesakes finds entries of one name, in schemas where the name is the key: the
// device merges them, or takes the last, so what each of them does is unknown.
type namesakes struct {
	first   map[string]int
	clashes []clash
}

// clash is two entries of one name, by their indices.
type clash struct {
	name          string
	first, second int
}

// add notes the entry of index i. One without a name is left out: that it has none
// is reported where it counts.
func (s *namesakes) add(i int, name string) {
	if name == "" {
		return
	}
	if first, ok := s.first[name]; ok {
		s.clashes = append(s.clashes, clash{name, first, i})
		return
	}
	if s.first == nil {
		s.first = map[string]int{}
	}
	s.first[name] = i
}

// report tells of each clash; spans says where the entry of an index stands.
func (s *namesakes) report(diags *diag.List, what string, spans func(i int) source.Span) {
	for _, c := range s.clashes {
		at := spans(c.first).Location()
		diags.Errorf(diag.Export, spans(c.second), "The name is the key: the device merges them or keeps one. Give each a name of its own.",
			"the name %q is in %s twice, first in %s, line %d", c.name, what, at.File, at.Line)
	}
}

// distinctKeys breaks the entries of one key that are not alike, and returns their
// indices. What they are in goes into the message.
func (c *compiler) distinctKeys(entries []*entry, what string) (broken []int) {
	var names namesakes
	for i, e := range entries {
		names.add(i, e.key)
	}
	names.clashes = slices.DeleteFunc(names.clashes, func(c clash) bool { return sameEntry(*entries[c.first], *entries[c.second]) })
	names.report(&c.diags, what, func(i int) source.Span { return entries[i].span })
	for _, c := range names.clashes {
		broken = append(broken, c.first, c.second)
	}
	for _, i := range broken {
		*entries[i] = brokenEntry(entries[i].span)
	}
	return broken
}
