package iptables

import (
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/iptables/ipset"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// loadSets takes up the sets and which of them packets change.
func (c *compiler) loadSets() {
	c.sets, c.dynamic = map[string]*ipset.Set{}, map[string]ipset.Change{}
	for _, d := range c.in.Sets {
		for _, s := range d.Sets {
			if c.sets[s.Name] == nil {
				c.sets[s.Name] = s
			}
		}
	}
	for _, d := range c.in.Docs {
		for _, s := range d.Sections {
			for _, d := range s.dynamic {
				c.changes(d)
			}
		}
	}
}

// changes notes that a rule changes a set. What is added to a list goes into its members
// (ip_set_list_set.c, list_set_kadd).
func (c *compiler) changes(d setChange) {
	c.dynamic[d.name] = max(c.dynamic[d.name], d.change)
	if set := c.sets[d.name]; set != nil {
		for _, name := range set.Members() {
			c.dynamic[name] = max(c.dynamic[name], d.change)
		}
	}
}

// decide makes exact what the sets and the interfaces' addresses tell of a rule's
// conditions. A rule that is half decided becomes two: one for the packets of which the
// answer is known, one for the rest.
func (c *compiler) decide(rule model.Rule, family packet.Family, hooks hookSet) []model.Rule {
	conditions := rule.Tests.Unknown
	tests := *rule.Tests
	tests.Unknown, tests.OneOf = nil, slices.Clip(tests.OneOf)
	rules := []model.Rule{rule}
	rules[0].Tests = &tests
	for _, condition := range conditions {
		switch {
		case condition.Kind == "set" && strings.HasPrefix(condition.Key, "set "):
			var next []model.Rule
			for _, r := range rules {
				next = append(next, c.decideSet(r, condition, family)...)
			}
			rules = next
		case condition.Kind == "addrtype" && strings.HasPrefix(condition.Key, "addrtype "):
			var next []model.Rule
			for _, r := range rules {
				next = append(next, c.decideType(r, condition, family, hooks)...)
			}
			rules = next
		case condition.Kind == "rpfilter" && (c.in.Host || len(c.in.Interfaces) > 0):
			c.assumeReversePath()
			for i := range rules {
				if condition.Not {
					rules[i].Where.Family = 0
				}
			}
		default:
			for i := range rules {
				addCondition(&rules[i], condition)
			}
		}
	}
	for i := range rules {
		if rules[i].Tests.IsEmpty() {
			rules[i].Tests = nil
		}
	}
	return rules
}

// assumeReversePath notes why rpfilter lets a flow's packets through, strict and loose:
// the topology tells by which interface they come, or a host has one for all, and the
// answers are taken to go out by the same.
func (c *compiler) assumeReversePath() {
	c.assume("reverse-path", "packets for a flow's two ends leave on "+c.in.Name+" by the interfaces on which theirs arrive, as -m rpfilter asks")
}

// addCondition adds a condition to a rule without touching the tests of others.
func addCondition(rule *model.Rule, condition model.Condition) {
	tests := *rule.Tests
	tests.Unknown = append(slices.Clip(tests.Unknown), condition)
	rule.Tests = &tests
}

// addOneOf adds a test for boxes.
func addOneOf(rule *model.Rule, one model.OneOf) {
	tests := *rule.Tests
	tests.OneOf = append(slices.Clip(tests.OneOf), one)
	rule.Tests = &tests
}

// decideSet decides a match of a set that the exports hold. Where that is known of some
// packets only, the rule becomes two: for what surely is in the set, and for the rest.
func (c *compiler) decideSet(rule model.Rule, condition model.Condition, family packet.Family) []model.Rule {
	directions, name, _ := strings.Cut(strings.TrimPrefix(condition.Key, "set "), " ")
	set := c.sets[name]
	if set == nil {
		if c.dynamic[name] != ipset.Fixed {
			condition.Memory = model.Fresh
		}
		addCondition(&rule, condition)
		return []model.Rule{rule}
	}
	m := c.match(set, directions, family)
	if m.Expires {
		c.assume("set-snapshot", "the entries of IP sets that expire stay as they were when the sets were saved")
	}
	if m.Unknown == "" {
		limitToBoxes(&rule, m.Boxes, condition.Not)
		return []model.Rule{rule}
	}
	condition.Supply = ""
	condition.Text += " (" + m.Unknown + ")"
	if m.Fresh {
		condition.Memory = model.Fresh
	}
	sure := rule
	addCondition(&rule, condition)
	limitToBoxes(&rule, m.Surely, true)
	if condition.Not {
		return []model.Rule{rule}
	}
	limitToBoxes(&rule, m.Boxes, false)
	if len(m.Surely) == 0 {
		return []model.Rule{rule}
	}
	limitToBoxes(&sure, m.Surely, false)
	return []model.Rule{sure, rule}
}

// match asks a set, once for each list of directions and family.
func (c *compiler) match(set *ipset.Set, directions string, family packet.Family) ipset.Match {
	key := matchKey{set.Name, directions, family}
	m, ok := c.matches[key]
	if !ok {
		m = set.Match(strings.Split(directions, ","), family, c.dynamic[set.Name], func(name string) (ipset.Match, bool) {
			member := c.sets[name]
			if member == nil || member.IsList() {
				return ipset.Match{}, false
			}
			return c.match(member, directions, family), true
		})
		c.matches[key] = m
	}
	return m
}

// limitToBoxes narrows a rule to the packets in one of the boxes, or in none.
func limitToBoxes(rule *model.Rule, boxes []packet.Box, not bool) {
	switch {
	case len(boxes) == 0 && !not:
		rule.Where.Family = 0
	case len(boxes) == 0:
	case len(boxes) == 1 && !not:
		rule.Where = rule.Where.Intersect(boxes[0])
	case len(boxes) == 1 && onlyAddresses(&boxes[0]):
		rule.Where.Src = rule.Where.Src.Subtract(orNone(boxes[0].Src))
		rule.Where.Dst = rule.Where.Dst.Subtract(orNone(boxes[0].Dst))
	default:
		addOneOf(rule, model.OneOf{Boxes: boxes, Not: not})
	}
}

// onlyAddresses tells a box that asks for one address of a family and nothing else.
func onlyAddresses(b *packet.Box) bool {
	rest := *b
	rest.Src, rest.Dst = nil, nil
	whole := anyOf(b.Family)
	return rest.Equal(&whole) && (b.Src == nil) != (b.Dst == nil)
}

// orNone is the set of addresses to take away for a side that a box leaves open.
func orNone(s *packet.Addrs) *packet.Addrs {
	if s == nil {
		return &packet.Addrs{}
	}
	return s
}

// decideType decides a match of address types as far as the addresses are known.
func (c *compiler) decideType(rule model.Rule, condition model.Condition, family packet.Family, hooks hookSet) []model.Rule {
	side, types, _ := strings.Cut(strings.TrimPrefix(condition.Key, "addrtype "), " ")
	destination := side == "dst"
	yes, maybe := c.addressTypes(strings.Split(types, ","), family, destination, hooks)
	if condition.Not {
		yes = allAddrs(family).Subtract(yes).Subtract(maybe)
	}
	limit := func(to *packet.Addrs) model.Rule {
		r := rule
		if destination {
			r.Where.Dst = r.Where.Dst.Intersect(to)
		} else {
			r.Where.Src = r.Where.Src.Intersect(to)
		}
		return r
	}
	var out []model.Rule
	if r := limit(yes); !r.Where.IsEmpty() || maybe.IsEmpty() {
		out = append(out, r)
	}
	if r := limit(maybe); !maybe.IsEmpty() && (!r.Where.IsEmpty() || len(out) == 0) {
		addCondition(&r, condition)
		out = append(out, r)
	}
	return out
}
