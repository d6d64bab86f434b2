package iptables

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// cover notes that a section shows its table. A save that holds the filter table shows
// every table: those that it lacks are not loaded.
func (c *compiler) cover(s docSection) {
	tables := c.covered[s.Family]
	if tables == nil {
		tables = map[string]bool{}
		c.covered[s.Family] = tables
	}
	tables[s.Table] = true
	if s.Table == "filter" && !s.Listing {
		for _, name := range tableNames {
			tables[name] = true
		}
	}
	for _, name := range s.Missing {
		hook, _ := hookOf(s.Table, name)
		c.uncoveredHook(hook, s.Family, []string{s.Table + " chain " + name})
	}
}

// uncovered adds what no export shows: a family, or tables of it. Each packet meets
// one of the hooks Input, Forward and Output, so an unknown there covers all hooks.
func (c *compiler) uncovered() {
	for _, family := range []packet.Family{packet.IPv4, packet.IPv6} {
		var missing []string
		for _, table := range tableNames {
			if !c.covered[family][table] {
				missing = append(missing, table)
			}
		}
		if len(missing) == 0 {
			continue
		}
		if len(missing) == len(tableNames) {
			missing = nil
		}
		for _, hook := range []model.Hook{model.Input, model.Forward, model.Output} {
			c.uncoveredHook(hook, family, missing)
		}
	}
}

// uncoveredHook adds the unknown for tables of a family on a hook; no tables means all.
func (c *compiler) uncoveredHook(hook model.Hook, family packet.Family, tables []string) {
	command := "iptables-save"
	if family == packet.IPv6 {
		command = "ip6tables-save"
	}
	what := family.String()
	if len(tables) > 0 {
		noun := "table "
		if len(tables) > 1 {
			noun = "tables "
		}
		what = fmt.Sprintf("the %s %s%s", family, noun, strings.Join(tables, ", "))
	}
	rule := c.undecided(family, model.Condition{
		Kind: "uncovered", Text: "no export of " + c.in.Name + " covers " + what, Key: "uncovered " + what, Supply: "the output of `" + command + "`",
	})
	table := "filter"
	if len(tables) > 0 && !slices.Contains(tables, "filter") {
		table = ""
	}
	c.base(hook, &model.Chain{Table: table, Name: "uncovered " + family.String(), Priority: model.PriorityFilter, Rules: []model.Rule{rule}})
}

// otherVariant adds the tables of the other variant of iptables that an export warns
// of, where no export shows them.
func (c *compiler) otherVariant() {
	for _, family := range []packet.Family{packet.IPv4, packet.IPv6} {
		for _, d := range c.in.Docs {
			if d.Legacy&family == 0 || slices.ContainsFunc(c.in.Docs, func(o *Doc) bool { return showsLegacy(o, family) }) {
				continue
			}
			tool := map[packet.Family]string{packet.IPv4: "iptables-legacy", packet.IPv6: "ip6tables-legacy"}[family]
			rule := c.undecided(family, model.Condition{Kind: "uncovered", Text: "no export of " + c.in.Name + " shows the tables of " + tool,
				Key: "uncovered " + tool, Supply: "the output of `" + tool + "-save`", Span: d.legacySpan})
			rule.Span = d.legacySpan
			for _, hook := range []model.Hook{model.Input, model.Forward, model.Output} {
				c.base(hook, &model.Chain{Table: "filter", Name: "uncovered " + tool, Priority: model.PriorityFilter, Rules: []model.Rule{rule}, Span: d.legacySpan})
			}
			break
		}
	}
}

// showsLegacy tells a save of iptables-legacy that holds the filter table of a family:
// it shows each table that is loaded. The header tells the variant, or the file's name.
func showsLegacy(d *Doc, family packet.Family) bool {
	if d.NFTables || !d.headed && !strings.Contains(strings.ToLower(d.File.Name), "legacy") {
		return false
	}
	return slices.ContainsFunc(d.Sections, func(s *Section) bool {
		return s.Family == family && s.Table == "filter" && !s.Listing && !s.Empty
	})
}

// native adds the nftables chains that filter beside iptables. Their rules are not
// modelled, so what they do is unknown.
func (c *compiler) native() {
	for _, d := range c.in.Native {
		for _, b := range d.Base {
			name := fmt.Sprintf("%s %s %s", b.Family, b.Table, b.Name)
			rule := c.undecided(b.Families, model.Condition{Kind: "nft", Text: "the nftables chain " + name + ", whose rules are not modelled", Key: "nft " + name, Span: b.Span})
			rule.Action.Unknown.Memory = model.Fresh
			rule.Span = b.Span
			c.base(b.Hook, &model.Chain{Table: "nft " + b.Table, Name: b.Name, Priority: b.Priority, Rules: []model.Rule{rule}, Span: b.Span})
		}
	}
}
