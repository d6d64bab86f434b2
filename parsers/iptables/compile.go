package iptables

import (
	"fmt"
	"slices"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/iptables/ipset"
	"github.com/sumlint/sumlint/parsers/iptables/nft"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// Input is everything that is known of one firewall.
type Input struct {
	Name       string
	Docs       []*Doc
	Sets       []*ipset.Doc
	Native     []*nft.Doc
	Interfaces []model.Interface
	// Host tells that it is a host's own filter, not one between zones.
	Host bool
}

// Compile makes the model of a firewall from its exports. The documents stay as they
// are, so they may be compiled again.
//
// Each family has chains of its own, as in the kernel. A base chain that drops by
// default begins with a rule that accepts the other family; see model.Rule.Synthetic.
func Compile(in Input) (*model.Firewall, diag.List) {
	c := &compiler{in: in, fw: &model.Firewall{Name: in.Name, Interfaces: in.Interfaces}, assumed: map[string]bool{}, matches: map[matchKey]ipset.Match{}}
	c.exports()
	c.loadSets()
	for _, s := range c.sections() {
		c.section(s)
	}
	c.uncovered()
	c.otherVariant()
	c.native()
	for h := range c.fw.Hooks {
		slices.SortStableFunc(c.fw.Hooks[h], func(a, b *model.Chain) int { return a.Priority - b.Priority })
	}
	return c.fw, c.diags
}

// compiler makes one firewall.
type compiler struct {
	in      Input
	fw      *model.Firewall
	diags   diag.List
	assumed map[string]bool
	sets    map[string]*ipset.Set
	dynamic map[string]ipset.Change
	matches map[matchKey]ipset.Match
	// covered tells which tables of a family some export shows.
	covered [3]map[string]bool
	// locals are the firewall's own addresses of a family, once they were asked for.
	locals [3]*localAddrs
}

// matchKey identifies what a set holds, seen from one direction list and family.
type matchKey struct {
	set, directions string
	family          packet.Family
}

// exports notes what the firewall is read from, and what that takes for granted.
func (c *compiler) exports() {
	nfTables := false
	for _, d := range c.in.Docs {
		nfTables = nfTables || d.NFTables
		c.fw.Exports = append(c.fw.Exports, model.Export{File: d.File.Name, Format: "iptables", RuleCount: d.RuleCount})
	}
	for _, d := range c.in.Sets {
		c.fw.Exports = append(c.fw.Exports, model.Export{File: d.File.Name, Format: "ipset"})
	}
	for _, d := range c.in.Native {
		c.fw.Exports = append(c.fw.Exports, model.Export{File: d.File.Name, Format: "nft"})
	}
	if nfTables && len(c.in.Native) == 0 {
		c.assume("no-native-nft", "no nftables rules filter on "+c.in.Name+" beside those that iptables-save shows")
	}
}

// assume notes, once, what is taken for granted.
func (c *compiler) assume(id, message string) {
	if !c.assumed[id] {
		c.assumed[id] = true
		c.fw.Assumptions = append(c.fw.Assumptions, model.Assumption{ID: id, Message: message})
	}
}

// docSection is a section and the document that it stands in.
type docSection struct {
	*Section
	doc *Doc
}

// sections returns the sections that count. A save wins over a listing of the same
// table; the two variants of iptables may filter side by side.
func (c *compiler) sections() []docSection {
	var out []docSection
	for _, d := range c.in.Docs {
		for _, s := range d.Sections {
			if s.Replaced || s.Empty {
				continue
			}
			at := slices.IndexFunc(out, func(o docSection) bool {
				return o.Table == s.Table && o.Family == s.Family && o.doc.NFTables == d.NFTables
			})
			switch {
			case at < 0:
				out = append(out, docSection{s, d})
			case out[at].Listing && !s.Listing:
				out[at] = docSection{s, d}
			case s.Listing && !out[at].Listing, out[at].doc.File.Name == d.File.Name && !s.Listing:
			default:
				c.diags.Errorf(diag.Export, s.Span, "Give one of them, or give each system a firewall block of its own. What the table does is taken as unknown.",
					"the %s table %q of %s is in %s too", s.Family, s.Table, c.in.Name, out[at].doc.File.Name)
				out[at].Section = &Section{Table: s.Table, Family: s.Family, Incompatible: true, Span: s.Span}
			}
		}
	}
	return out
}

// section compiles one table of one family.
func (c *compiler) section(s docSection) {
	c.cover(s)
	if s.extensions {
		c.assume("plain-packets", "the flows' packets are no fragments where rules look at them, and carry no extension headers")
	}
	if s.Incompatible {
		c.unknownTable(s)
		return
	}
	made := make(map[*model.Chain]*model.Chain, len(s.Chains))
	for _, from := range s.Chains {
		to := &model.Chain{}
		*to = *from
		made[from] = to
		c.fw.Chains = append(c.fw.Chains, to)
		if hook, ok := hookOf(s.Table, from.Name); ok {
			c.fw.Hooks[hook] = append(c.fw.Hooks[hook], to)
		}
	}
	hooks := reach(s.Section)
	for _, from := range s.Chains {
		made[from].Rules = c.rules(s.Section, from, made, hooks[from])
	}
}

// rules returns a chain's rules with jumps into the new chains and decided conditions.
// Chains that need neither share their rules with the document.
func (c *compiler) rules(s *Section, from *model.Chain, made map[*model.Chain]*model.Chain, hooks hookSet) []model.Rule {
	pass := from.Default.Kind == model.Drop
	if !pass && !slices.ContainsFunc(from.Rules, changes) {
		return from.Rules
	}
	out := make([]model.Rule, 0, len(from.Rules)+1)
	if pass {
		other := packet.AnyFamily &^ s.Family
		out = append(out, model.Rule{Where: anyOf(other), Action: model.Action{Kind: model.Accept}})
	}
	for i := range from.Rules {
		rule := from.Rules[i]
		if rule.Action.Chain != nil {
			rule.Action.Chain = made[rule.Action.Chain]
		}
		if rule.Tests == nil || len(rule.Tests.Unknown) == 0 {
			out = append(out, rule)
		} else {
			out = append(out, c.decide(rule, s.Family, hooks)...)
		}
	}
	return out
}

// changes tells a rule that is not the same in the model as in the document.
func changes(r model.Rule) bool {
	return r.Action.Chain != nil || r.Tests != nil && slices.ContainsFunc(r.Tests.Unknown, func(c model.Condition) bool {
		return c.Kind == "set" || c.Kind == "addrtype" || c.Kind == "rpfilter"
	})
}

// hookSet is a set of hooks, as bits.
type hookSet uint8

// reach tells from which hooks each chain of a section is called.
func reach(s *Section) map[*model.Chain]hookSet {
	out := make(map[*model.Chain]hookSet, len(s.Chains))
	for _, b := range builtins(s.Table) {
		bit := hookSet(1) << b.hook
		var todo []*model.Chain
		for _, c := range s.Chains {
			if c.Name == b.name {
				todo = append(todo, c)
			}
		}
		for len(todo) > 0 {
			c := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if out[c]&bit != 0 {
				continue
			}
			out[c] |= bit
			for i := range c.Rules {
				if to := c.Rules[i].Action.Chain; to != nil && out[to]&bit == 0 {
					todo = append(todo, to)
				}
			}
		}
	}
	return out
}

// unknownTable makes the base chains of a table whose rules are not known.
func (c *compiler) unknownTable(s docSection) {
	text := fmt.Sprintf("the %s table %q, whose rules the exports of %s do not tell", s.Family, s.Table, c.in.Name)
	for _, b := range builtins(s.Table) {
		rule := c.undecided(s.Family, model.Condition{Kind: "uncovered", Text: text, Key: "uncovered " + s.Family.String() + " " + s.Table, Span: s.Span})
		rule.Span = s.Span
		c.base(b.hook, &model.Chain{Table: s.Table, Name: b.name, Priority: priority(s.Table, b.hook), Rules: []model.Rule{rule}, Span: s.Span})
	}
}

// base adds a base chain that no export holds; it accepts by default.
func (c *compiler) base(hook model.Hook, chain *model.Chain) {
	chain.Default.Kind = model.Accept
	c.fw.Hooks[hook] = append(c.fw.Hooks[hook], chain)
	c.fw.Chains = append(c.fw.Chains, chain)
}

// undecided is a rule that accepts or drops the packets of a family.
func (c *compiler) undecided(family packet.Family, why model.Condition) model.Rule {
	why.Memory = model.PerFlow
	return model.Rule{Where: anyOf(family), Note: why.Text, Action: model.Action{Kind: model.Undecided, Unknown: &why, NeverContinues: true}}
}
