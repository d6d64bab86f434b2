//go:build linux

package kernel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
)

// ruleset is what all hosts of a lab load.
type ruleset struct {
	filters []*filter
	// sets are lines of `ipset restore`, by host.
	sets map[string][]string
}

// filter is one host's tables of one family.
type filter struct {
	host   string
	family packet.Family
	tables []*table
}

// table holds chains, and rules in order.
type table struct {
	name   string
	chains []chain
	rules  []rule
}

// chain is a chain's declaration; policy "-" declares a user chain.
type chain struct{ name, policy string }

// rule is a line that is loaded unless it is off.
type rule struct {
	chain, text string
	off         bool
}

// builtin lists the tables and their base chains.
var builtin = []struct {
	table  string
	chains []string
}{
	{"raw", []string{"PREROUTING", "OUTPUT"}},
	{"mangle", []string{"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}},
	{"nat", []string{"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"}},
	{"filter", []string{"INPUT", "FORWARD", "OUTPUT"}},
	{"security", []string{"INPUT", "FORWARD", "OUTPUT"}},
}

// newFilter returns tables without rules.
func newFilter(host string, family packet.Family) *filter {
	f := &filter{host: host, family: family}
	for _, b := range builtin {
		t := &table{name: b.table}
		for _, name := range b.chains {
			t.chains = append(t.chains, chain{name, "ACCEPT"})
		}
		f.tables = append(f.tables, t)
	}
	return f
}

// text is the filter as restore takes it.
func (f *filter) text() string {
	var b strings.Builder
	for _, t := range f.tables {
		fmt.Fprintf(&b, "*%s\n", t.name)
		for _, c := range t.chains {
			fmt.Fprintf(&b, ":%s %s [0:0]\n", c.name, c.policy)
		}
		for _, r := range t.rules {
			if !r.off {
				fmt.Fprintf(&b, "-A %s %s\n", r.chain, r.text)
			}
		}
		b.WriteString("COMMIT\n")
	}
	return b.String()
}

// rules are all rules, also those that are off.
func (s *ruleset) rules() (out []*rule) {
	for _, f := range s.filters {
		for _, t := range f.tables {
			for i := range t.rules {
				out = append(out, &t.rules[i])
			}
		}
	}
	return out
}

// String is the ruleset for a reader: only what is not empty.
func (s *ruleset) String() string {
	var b strings.Builder
	for host, lines := range s.sets {
		if len(lines) > 0 {
			fmt.Fprintf(&b, "## %s, ipset\n%s\n", host, strings.Join(lines, "\n"))
		}
	}
	for _, f := range s.filters {
		for _, t := range f.tables {
			var lines []string
			for _, c := range t.chains {
				if c.policy == "DROP" {
					lines = append(lines, fmt.Sprintf(":%s DROP", c.name))
				}
			}
			for _, r := range t.rules {
				if !r.off {
					lines = append(lines, "-A "+r.chain+" "+r.text)
				}
			}
			if len(lines) > 0 {
				fmt.Fprintf(&b, "## %s, %s, table %s\n%s\n", f.host, f.family, t.name, strings.Join(lines, "\n"))
			}
		}
	}
	return b.String()
}

// printouts are a host's files as the real tools print them.
type printouts map[string][]string

// tool names a program of the lab's iptables variant.
func (l *lab) tool(family packet.Family, what string) string {
	name := "iptables"
	if family == packet.IPv6 {
		name = "ip6tables"
	}
	return name + "-" + l.variant + "-" + what
}

// load loads the ruleset, empties what is loaded and not in it, and returns what the
// save tools then print: for each host the sets, then each family that the ruleset holds.
func (l *lab) load(s *ruleset) (printouts, error) {
	before := l.loaded
	l.loaded = map[loadKey]bool{}
	out := printouts{}
	for host, lines := range s.sets {
		text, err := l.host(host).loadSets(lines)
		if err != nil {
			return nil, err
		}
		out[host] = append(out[host], text)
	}
	for _, f := range s.filters {
		l.loaded[loadKey{f.host, f.family}] = true
		h := l.host(f.host)
		if _, err := h.run(f.text(), l.tool(f.family, "restore")); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, f.text())
		}
		text, err := h.run("", l.tool(f.family, "save"), "-c")
		if err != nil {
			return nil, err
		}
		out[f.host] = append(out[f.host], text)
	}
	for key := range before {
		if l.loaded[key] {
			continue
		}
		if _, err := l.host(key.host).run(newFilter(key.host, key.family).text(), l.tool(key.family, "restore")); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// loadSets fills the host's sets and returns what `ipset save` then prints. Sets of
// earlier rulesets stay, empty: a set's name tells its type, so none is ever remade.
func (h *host) loadSets(lines []string) (string, error) {
	if _, err := h.run("flush\n"+strings.Join(lines, "\n")+"\n", "ipset", "-exist", "restore"); err != nil {
		return "", err
	}
	return h.run("", "ipset", "save")
}

// loadKey is what one restore loads.
type loadKey struct {
	host   string
	family packet.Family
}

// clone copies a ruleset, so that rules of the copy can be switched off.
func (s *ruleset) clone() *ruleset {
	out := &ruleset{sets: s.sets}
	for _, f := range s.filters {
		g := &filter{host: f.host, family: f.family}
		for _, t := range f.tables {
			g.tables = append(g.tables, &table{name: t.name, chains: slices.Clone(t.chains), rules: slices.Clone(t.rules)})
		}
		out.filters = append(out.filters, g)
	}
	return out
}
