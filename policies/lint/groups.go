package lint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/policies/facts"
)

// pair is a server and a target that the plan pairs and SUM can't.
type pair struct {
	server *topology.Server
	target *topology.Target
	reason string // as facts.PairClass has it
}

// pairClasses puts the pairs that SUM can't do into classes, in the order of the pairs.
func (p *plan) pairClasses() []facts.PairClass {
	type key struct {
		server             *topology.Server
		targetType, reason string
		waivers            string
	}
	var out []facts.PairClass
	at := map[key]int{}
	for _, pair := range p.pairs {
		held := p.waiversOf(pair.server.Name, pair.target.Name)
		k := key{pair.server, pair.target.Type, pair.reason, fmt.Sprint(held)}
		n, ok := at[k]
		if !ok {
			n = len(out)
			at[k] = n
			out = append(out, facts.PairClass{Topology: p.topology.Path, Server: pair.server.Name, ServerOS: pair.server.OS, TargetType: pair.target.Type,
				Reason: pair.reason, Version: pair.server.Sum.Version, Targets: []string{}, Waivers: held, Location: pair.target.Span.Location()})
		}
		out[n].Targets = append(out[n].Targets, pair.target.Name)
	}
	for i := range out {
		out[i].Words, out[i].Digest = some(out[i].Targets), digest(out[i].Targets)
	}
	return out
}

// hostClasses puts the hosts that have a packet filter of their own as a rule into
// classes, in the order of the topology.
func (p *plan) hostClasses() []facts.HostClass {
	type key struct {
		kind    string
		known   bool
		waivers string
	}
	var out []facts.HostClass
	var names [][]string
	at := map[key]int{}
	add := func(name, kind string, waivers []int, span source.Span) *facts.HostClass {
		k := key{kind, p.assessor.filters.hosts[name] != nil, fmt.Sprint(waivers)}
		n, ok := at[k]
		if !ok {
			n = len(out)
			at[k] = n
			names = append(names, nil)
			out = append(out, facts.HostClass{Topology: p.topology.Path, Type: kind, Known: k.known, First: name,
				Servers: []string{}, Targets: []string{}, Waivers: waivers, Location: span.Location()})
		}
		names[n] = append(names[n], name)
		return &out[n]
	}
	for _, s := range p.topology.Servers {
		c := add(s.Name, s.OS, p.waiversOf(s.Name, ""), s.Span)
		c.Servers = append(c.Servers, s.Name)
	}
	for _, n := range p.topology.Targets {
		if filtersItself(n) && n.Mode != "web" {
			c := add(n.Name, n.Type, p.waiversOf("", n.Name), n.Span)
			c.Targets = append(c.Targets, n.Name)
		}
	}
	for i := range out {
		out[i].Count, out[i].Words, out[i].Digest = len(names[i]), some(names[i]), digest(names[i])
	}
	return out
}

// waiversOf lists the waivers whose scope holds what is about a server and a target and
// about no flow of theirs; "" is neither.
func (p *plan) waiversOf(server, target string) []int {
	out := []int{}
	for i, w := range p.topology.Waivers {
		if w.Port == 0 && w.Direction == "" && (w.Server == "" || w.Server == server) && (w.Target == "" || w.Target == target) {
			out = append(out, p.waiver+i)
		}
	}
	return out
}

// digest stands for a list of names in fingerprints.
func digest(names []string) string {
	sum := sha256.Sum256([]byte(strings.Join(names, "\n")))
	return hex.EncodeToString(sum[:8])
}
