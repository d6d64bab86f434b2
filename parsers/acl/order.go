package acl

import (
	"cmp"
	"slices"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
)

// numbered is an entry with its place in the device's order.
type numbered struct {
	number int // 0: none
	node   *yamltree.Node
	entry  entry
	// lost: nobody can tell where it stands.
	lost bool
	// remark: it is a comment, which takes a line.
	remark bool
}

// maxSequence is the highest number of an entry (IOS and EOS).
const maxSequence = 4294967295

// top returns the entries whose place is not known. Each may stand anywhere, so it is
// an unknown before all others, for the packets that it matches.
func top(entries []numbered) []entry {
	var out []entry
	for _, e := range entries {
		if !e.lost || e.remark {
			continue
		}
		if e.entry.verdict != next {
			e.entry.verdict, e.entry.reason = unknown, "where this entry stands is not known"
		}
		out = append(out, e.entry)
	}
	return out
}

// order sorts entries by number, as the device does, and reports numbers that
// occur twice.
func (r *reader) order(entries []numbered) []entry {
	out := top(entries)
	entries = slices.DeleteFunc(entries, func(e numbered) bool { return e.lost || e.remark })
	slices.SortStableFunc(entries, func(a, b numbered) int { return cmp.Compare(a.number, b.number) })
	for i, e := range entries {
		if i > 0 && entries[i-1].number == e.number {
			r.sameNumber(&entries[i-1], &e)
			out[len(out)-1] = brokenEntry(entries[i-1].entry.span)
			e.entry = brokenEntry(e.entry.span)
		}
		out = append(out, e.entry)
	}
	return out
}

func (r *reader) sameNumber(a, b *numbered) {
	r.errorf(b.node, "A device keeps one entry of a number.", "the number %d is in this ACL twice: on line %d and on line %d",
		b.number, a.node.Span.Position().Line, b.node.Span.Position().Line)
}

// sequence counts the numbers of a list's entries, as the device gives them.
type sequence struct {
	key  string // of the number
	last int
	lost bool // the number of an entry could not be read
}

// next returns an entry's number: its own, else the last one's plus ten. After a
// number that can't be read that is not known.
func (s *sequence) next(r *reader, n *yamltree.Node) (number int, lost bool) {
	number = s.last + 10
	if v := n.Get(s.key); !v.IsNull() {
		var ok bool
		if number, ok = r.number(v, s.key, 1, maxSequence); !ok {
			s.lost = true
			return 0, true
		}
	} else if s.lost {
		return 0, true
	}
	s.last = max(s.last, number)
	return number, false
}

// maxMoves bounds what the inserts of a list may shift.
const maxMoves = 1 << 27

// insert puts entries where an ASA does: "line" is a position, at which the entry is
// inserted when its turn comes, and one without goes to the end. Remarks take a line.
func (r *reader) insert(entries []numbered) []entry {
	r.linesTwice(entries)
	var at []int
	highest, moves, lost := 0, 0, false
	for i := range entries {
		e := &entries[i]
		if e.number > len(at)+1 && e.number < highest && !e.lost {
			r.errorf(e.node, "Give the entries in the order of their lines.", "line %d is past the end of the list, which has %d lines when this entry is added, and an earlier entry has line %d",
				e.number, len(at), highest)
			e.lost = true
		}
		// What has no known place may shift what is inserted after it.
		if e.lost = e.lost || lost && e.number > 0; e.lost {
			lost = true
			continue
		}
		highest = max(highest, e.number)
		place := len(at)
		if e.number > 0 {
			place = min(e.number-1, len(at))
		}
		if moves += len(at) - place; moves > maxMoves {
			r.errorf(e.node, "Give the entries in the order of their lines.", "the lines of this list move entries more than %d times, which is the limit", maxMoves)
			e.lost, lost = true, true
			continue
		}
		at = slices.Insert(at, place, i)
	}
	out := top(entries)
	for _, i := range at {
		if !entries[i].remark {
			out = append(out, entries[i].entry)
		}
	}
	return out
}

// linesTwice reports lines that two entries have: whether the module puts both there
// and in which order is not known.
func (r *reader) linesTwice(entries []numbered) {
	first := map[int]int{}
	for i, e := range entries {
		if e.number == 0 || e.remark {
			continue
		}
		n, twice := first[e.number]
		if !twice {
			first[e.number] = i
			continue
		}
		r.sameNumber(&entries[n], &entries[i])
		entries[n].lost, entries[i].lost = true, true
	}
}
