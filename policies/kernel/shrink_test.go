//go:build linux

package kernel

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// disagreement is a flow that fares otherwise than the engine says.
type disagreement struct {
	flow       flow
	prediction *prediction
	outcome    outcome
	what       string
}

// portClasses are the first source ports of the ranges that rules tell apart.
var portClasses = []uint16{1024, 25000, 25051, 30000, 30201, 32768, 40000, 40001, 61000}

// otherPort is a source port that rules do not tell from the flow's: old
// connections of one end or the other must not stand in the way.
func (l *lab) otherPort(port uint16) uint16 {
	first, last := uint16(1), uint16(65535)
	for _, n := range portClasses {
		if n <= port {
			first = n
		} else {
			last = n - 1
			break
		}
	}
	for range 100 {
		l.tries++
		if n := first + uint16(l.tries*7919%(int(last-first)+1)); !slices.Contains(listenPorts, n) {
			return n
		}
	}
	return port
}

// again tries one flow alone, with patience; nil where all agrees.
func (l *lab) again(s *ruleset, f flow) (*disagreement, error) {
	f.src = netip.AddrPortFrom(f.src.Addr(), l.otherPort(f.src.Port()))
	o, outcomes, err := l.play(s, []flow{f}, longIdle)
	if err != nil {
		return nil, err
	}
	p := o.predict(f)
	if what := disagrees(f, p, outcomes[0]); what != "" {
		return &disagreement{f, p, outcomes[0], what}, nil
	}
	return nil, nil
}

// shrinkTime bounds the search for the smallest ruleset.
const shrinkTime = 90 * time.Second

// shrink switches rules off, ever smaller runs of them, as long as the flow still
// disagrees, and returns what is left to tell.
func (l *lab) shrink(s *ruleset, d *disagreement) string {
	start := time.Now()
	s = s.clone()
	still := func() bool {
		smaller, err := l.again(s, d.flow)
		if err != nil || smaller == nil {
			return false
		}
		d = smaller
		return true
	}
	for size := len(s.rules()); size >= 1; size /= 2 {
		for again := true; again && time.Since(start) < shrinkTime; {
			again = l.dropRuns(s, size, still) && size == 1
		}
	}
	for _, f := range s.filters {
		for _, t := range f.tables {
			for i := range t.chains {
				if was := t.chains[i].policy; was == "DROP" {
					if t.chains[i].policy = "ACCEPT"; !still() {
						t.chains[i].policy = was
					}
				}
			}
		}
	}
	return fmt.Sprintf("%s\nin the kernel: %s: %s\nthe engine: %s\n%s", d.flow, d.what, d.outcome, d.prediction, s)
}

// dropRuns tries to do without each run of that many rules; it tells whether one went.
func (l *lab) dropRuns(s *ruleset, size int, still func() bool) (dropped bool) {
	rules := s.rules()
	for from := 0; from < len(rules); from += size {
		var off []*rule
		for _, r := range rules[from:min(from+size, len(rules))] {
			if !r.off {
				r.off = true
				off = append(off, r)
			}
		}
		if len(off) == 0 {
			continue
		}
		if still() {
			dropped = true
			continue
		}
		for _, r := range off {
			r.off = false
		}
	}
	return dropped
}
