package tree

import "sync"

// Record is what was asked of a tree, with the answers: whoever is told the same by
// another tree comes to the same result.
type Record struct {
	mu    sync.Mutex
	asked []func(*Tree) bool // asks another tree, and tells whether the answer is alike
}

// Recorded returns the tree as one that records what it is asked from now on, and the
// record. What was read is kept for as long as the record is.
func (t *Tree) Recorded() (*Tree, *Record) {
	recorded := *t
	recorded.record = &Record{}
	return &recorded, recorded.record
}

// Holds tells whether another tree would have given the same answers.
func (r *Record) Holds(other *Tree) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, same := range r.asked {
		if !same(other) {
			return false
		}
	}
	return true
}

func (t *Tree) note(ask func(*Tree) bool) {
	if t.record != nil {
		t.record.mu.Lock()
		defer t.record.mu.Unlock()
		t.record.asked = append(t.record.asked, ask)
	}
}

// alike tells whether two errors say the same.
func alike(a, b error) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Error() == b.Error()
}
