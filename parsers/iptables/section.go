package iptables

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// section builds a Section.
type section struct {
	*Section
	p      *parser
	byName map[string]*chain
	last   *chain
	rules  int // the rules that were appended so far
	// early are the jumps to chains that were not yet declared.
	early []earlyJump
	// translations are the translating rules of the user's own chains.
	translations []translation
}

// translation is a rule of the nat table in a chain whose callers are not known when
// it is read.
type translation struct {
	from   *chain
	target string
	span   source.Span
}

// chain is a chain while its section is read.
type chain struct {
	*model.Chain
	hook     model.Hook
	builtin  bool
	declared bool
	reported bool
	// unread: no line uses it, but one that cannot be read may.
	unread bool
}

// earlyJump is a jump to a chain that was not declared where the jump stands.
type earlyJump struct {
	from, to *chain
	span     source.Span
}

// openSection begins a section that the following lines belong to.
func (p *parser) openSection(table string, family packet.Family, span source.Span) *section {
	s := &section{p: p, byName: map[string]*chain{}, Section: &Section{Table: table, Family: family, Span: span}}
	p.doc.Sections = append(p.doc.Sections, s.Section)
	p.open = append(p.open, s)
	return s
}

// chain returns the chain of that name; it makes it where it is new.
func (s *section) chain(name []byte) *chain {
	if s.last != nil && s.last.Name == string(name) {
		return s.last
	}
	c := s.byName[string(name)]
	if c == nil {
		c = s.makeChain(string(name))
	}
	s.last = c
	return c
}

func (s *section) makeChain(name string) *chain {
	c := &chain{Chain: &model.Chain{Table: s.Table, Name: name, Default: model.Action{Kind: model.Return}}}
	if hook, ok := hookOf(s.Table, name); ok {
		c.builtin, c.hook = true, hook
		c.Priority, c.FirstPacketOnly = priority(s.Table, hook), s.Table == "nat"
		c.Default.Kind = model.Accept
	}
	s.byName[name] = c
	if len(s.Chains) < maxChains {
		s.Chains = append(s.Chains, c.Chain)
	} else {
		s.p.limit(s.Span, "chains in a table", maxChains)
	}
	return c
}

// limit reports, once, that a limit is met.
func (p *parser) limit(span source.Span, what string, limit int) {
	if p.warned == nil {
		p.warned = map[string]bool{}
	}
	if !p.warned[what] {
		p.warned[what] = true
		p.errorf(span, "The rest is not read.", "more than %d %s, the limit", limit, what)
	}
}

// chainLine reads ":NAME POLICY [packets:bytes]".
func (p *parser) chainLine(at, start, stop int) {
	span := p.span(start, stop)
	if len(p.open) == 0 || p.open[0].Listing {
		if !p.skipping {
			p.errorf(span, "A table begins with a line such as *filter.", "chain line outside of a table")
		}
		return
	}
	if start != at {
		p.warnOnce("indent", span, "iptables-restore takes a chain line only at the start of a line.", "chain lines are indented")
	}
	p.tokens, _ = tokenize(p.data, start+1, stop, p.tokens[:0])
	if len(p.tokens) < 2 {
		p.errorf(span, "Expected :NAME and a policy: ACCEPT or DROP for a built-in chain, - for one of your own.", "chain line without a name or policy")
		for _, s := range p.open {
			s.unread(noCommand, nil, span)
		}
		return
	}
	name, policy := p.tokens[0], p.tokens[1]
	for _, s := range p.open {
		if c := s.byName[string(name.text)]; c != nil && c.declared && !c.builtin {
			s.declareAgain(c, span)
		} else {
			s.declare(name, span)
		}
		s.setPolicy(name, policy, span)
	}
}

// declare takes up a chain that a line declares: ":NAME", or "-N NAME".
func (s *section) declare(name token, span source.Span) {
	c := s.chain(name.text)
	switch {
	case c.declared && !c.builtin:
		s.p.errorf(span, "iptables-restore refuses it: the chain exists already.", "chain %q is declared twice", c.Name)
	case !c.builtin && len(name.text) > 28:
		s.p.errorf(span, "A chain's name has at most 28 bytes.", "chain name %q is too long", clip(name.text))
	}
	c.declared, c.Span = true, span
}

// declareAgain takes a second ":NAME" as iptables-nft-restore does, and both variants with
// --noflush: it empties the chain. Else iptables-legacy-restore loads nothing of the file,
// so what is loaded is this.
func (s *section) declareAgain(c *chain, span source.Span) {
	report := s.p.errorf
	if s.p.doc.NFTables {
		report = s.p.warnf
	}
	report(span, "iptables-nft-restore empties the chain there; iptables-legacy-restore says \"File exists\" and loads nothing. The rules before it are taken as gone.",
		"chain %q is declared twice", c.Name)
	c.Rules, c.Span = nil, span
	s.translations = slices.DeleteFunc(s.translations, func(t translation) bool { return t.from == c })
}

// setPolicy reads what a chain does by default.
func (s *section) setPolicy(name, policy token, span source.Span) {
	c := s.chain(name.text)
	switch {
	case !c.builtin && policy.is("-"):
	case !c.builtin:
		s.p.warnf(span, "Only built-in chains have one: write -. iptables-legacy-restore refuses it.", "policy %q on chain %q, which is not built in, is ignored", clip(policy.text), c.Name)
	case policy.is("ACCEPT"), policy.is("-"):
		c.Default.Kind = model.Accept
	case policy.is("DROP"):
		c.Default.Kind = model.Drop
		if s.Table == "nat" {
			s.p.errorf(span, "iptables refuses DROP in the nat table. Filter in the filter table.", "policy DROP in the nat table")
		}
	default:
		s.p.errorf(span, "Expected ACCEPT or DROP.", "policy %q is not known", clip(policy.text))
		c.Rules = append(c.Rules, unreadable(s.Family, span))
	}
}

// anyOf is every packet of a family.
func anyOf(family packet.Family) packet.Box {
	box := packet.Any()
	box.Family = family
	return box
}

// unreadable is the rule that stands for a line that cannot be read.
func unreadable(family packet.Family, span source.Span) model.Rule {
	at := span.Location()
	return model.Rule{Where: anyOf(family), Span: span, Action: model.Action{Kind: model.Undecided, Unknown: &model.Condition{
		Kind: "unreadable", Text: span.Text(), Key: fmt.Sprintf("unreadable %s:%d", at.File, at.Line), Span: span,
	}}}
}

// finish checks what only the whole section shows.
func (s *section) finish() {
	if s.Empty = s.showsNothing(); s.Empty {
		return
	}
	s.undeclared()
	for _, jump := range s.early {
		detail := "iptables-restore refuses a jump to a chain that is not there. Declare it before its first use, as :NAME - [0:0]; a target that is no chain needs an extension of this name."
		if jump.to.declared {
			detail = "It is declared further down; iptables-restore wants the declaration before the first use."
		}
		s.p.errorf(jump.span, detail, "chain %q does not exist", jump.to.Name)
		for i := range jump.from.Rules {
			if r := &jump.from.Rules[i]; r.Action.Chain == jump.to.Chain {
				*r = unreadable(s.Family, r.Span)
			}
		}
	}
	s.Chains = slices.DeleteFunc(s.Chains, func(c *model.Chain) bool {
		known := s.byName[c.Name]
		return !known.declared && !known.builtin && len(c.Rules) == 0
	})
	s.dropJumps()
	s.breakLoops()
	s.checkTranslations()
}

// showsNothing tells a section with neither rules nor policies, unless it empties what
// the file has shown before.
func (s *section) showsNothing() bool {
	for _, o := range s.p.doc.Sections {
		if o.Replaced && o.Table == s.Table && o.Family == s.Family {
			return false
		}
	}
	return !slices.ContainsFunc(s.Chains, func(c *model.Chain) bool {
		known := s.byName[c.Name]
		return known.builtin && known.declared || len(c.Rules) > 0
	})
}

// dropJumps makes unknown the jumps to chains that were deleted, or not kept.
func (s *section) dropJumps() {
	kept := make(map[*model.Chain]bool, len(s.Chains))
	for _, c := range s.Chains {
		kept[c] = true
	}
	for _, c := range s.Chains {
		for i := range c.Rules {
			if to := c.Rules[i].Action.Chain; to != nil && !kept[to] {
				s.p.errorf(c.Rules[i].Span, "", "chain %q does not exist any more", to.Name)
				c.Rules[i] = unreadable(s.Family, c.Rules[i].Span)
			}
		}
	}
}

// checkTranslations finds translations that a hook calls on which the kernel does not
// let them stand.
func (s *section) checkTranslations() {
	if len(s.translations) == 0 {
		return
	}
	hooks := reach(s.Section)
	for _, t := range s.translations {
		for _, b := range builtins(s.Table) {
			if hooks[t.from.Chain]>>b.hook&1 == 0 || natHook(t.target, b.hook) {
				continue
			}
			s.p.errorf(t.span, natHooksDetail, "target %s cannot stand in a chain that %s calls", t.target, b.name)
			for i := range t.from.Rules {
				if t.from.Rules[i].Span == t.span {
					t.from.Rules[i] = unreadable(s.Family, t.span)
				}
			}
			break
		}
	}
}

// undeclared deals with the built-in chains that the section does not declare.
func (s *section) undeclared() {
	for _, b := range builtins(s.Table) {
		c := s.byName[b.name]
		if c != nil && c.declared {
			continue
		}
		if s.Listing {
			s.Missing = append(s.Missing, b.name)
			continue
		}
		if s.earlierPolicy(b.name) == model.Drop {
			s.p.warnf(s.Span, "Whether it keeps the DROP of the section before differs between the variants of iptables. Declare it.", "the section does not declare chain %s", b.name)
			c = s.chain([]byte(b.name))
			rule := unreadable(s.Family, s.Span)
			rule.Action.NeverContinues = true
			c.Rules = append(c.Rules, rule)
		} else if c != nil && !c.unread {
			s.p.warnf(s.Span, fmt.Sprintf("Its policy is taken to be ACCEPT, as the kernel sets it. Declare it: :%s ACCEPT [0:0]", b.name), "the section uses chain %s and does not declare it", b.name)
		}
	}
}

// earlierPolicy is what a section that this one replaces set for a built-in chain.
func (s *section) earlierPolicy(name string) model.ActionKind {
	for _, o := range slices.Backward(s.p.doc.Sections) {
		if o != s.Section && o.Replaced && o.Table == s.Table && o.Family == s.Family {
			for _, c := range o.Chains {
				if c.Name == name {
					return c.Default.Kind
				}
			}
		}
	}
	return model.Accept
}

// breakLoops finds chains that lead back to themselves, which the kernel refuses, and
// makes the rule that closes the circle an unknown one.
func (s *section) breakLoops() {
	const onPath, done = 1, 2
	state := map[*model.Chain]int{}
	type frame struct {
		chain *model.Chain
		next  int
	}
	for _, root := range s.Chains {
		if state[root] != 0 {
			continue
		}
		state[root] = onPath
		path := []frame{{chain: root}}
		for len(path) > 0 {
			f := &path[len(path)-1]
			if f.next == len(f.chain.Rules) {
				state[f.chain] = done
				path = path[:len(path)-1]
				continue
			}
			rule := &f.chain.Rules[f.next]
			f.next++
			to := rule.Action.Chain
			switch {
			case to == nil || state[to] == done:
			case state[to] == onPath:
				names := []string{}
				for _, f := range path {
					names = append(names, f.chain.Name)
				}
				from := slices.Index(names, to.Name)
				s.p.errorf(rule.Span, "iptables-restore refuses it: \"Too many links\" or \"Loop\".", "chains in a loop: %s", circle(append(names[from:], to.Name)))
				*rule = unreadable(s.Family, rule.Span)
			default:
				state[to] = onPath
				path = append(path, frame{chain: to})
			}
		}
	}
}

// circle writes a way through chains, shortened where it is long.
func circle(names []string) string {
	if len(names) > 12 {
		names = append(append(slices.Clone(names[:6]), "..."), names[len(names)-5:]...)
	}
	return strings.Join(names, " -> ")
}

// listing begins the section that a line of iptables -S belongs to, where it begins
// one: the first, or one with a policy that the open one has already. Behind the
// tables of a save only a policy can begin a listing; a rule there has no table.
func (p *parser) listing(start, stop int) {
	saved := slices.ContainsFunc(p.doc.Sections, func(s *Section) bool { return !s.Listing })
	if len(p.open) == 0 && saved && !bytes.HasPrefix(p.data[start:stop], []byte("-P ")) {
		p.errorf(p.span(start, stop), "iptables-restore refuses it. Put it between a line such as *filter and COMMIT.", "a rule outside of a table")
		return
	}
	if len(p.open) > 0 {
		s := p.open[0]
		p.tokens, _ = tokenize(p.data, start, p.lineEnd(start), p.tokens[:0])
		again := len(p.tokens) > 1 && p.tokens[0].is("-P") && s.byName[string(p.tokens[1].text)] != nil
		if !s.Listing || !again {
			return
		}
	}
	p.closeSections()
	names := p.policies(start)
	span := p.span(start, p.lineEnd(start))
	table := p.listedTable(names)
	p.tables++
	if table == "" || len(p.doc.Sections) >= maxSections {
		p.skipping = true
		p.errorf(span, "Name the file after the table, such as core-nat.v4, or export with iptables-save.", "it is unknown which table this output of iptables -S shows")
		return
	}
	family := addressFamily(p.data[start:])
	if family == 0 {
		family = p.fallbackFamily()
	}
	p.openSection(table, family, span).Listing = true
}

// policies returns the chains of the lines "-P CHAIN POLICY" from start on.
func (p *parser) policies(start int) (names []string) {
	for at := start; at < len(p.data) && bytes.HasPrefix(p.data[at:], []byte("-P ")) && len(names) < 8; {
		end := p.lineEnd(at)
		if words := bytes.Fields(p.data[at:end]); len(words) > 1 {
			names = append(names, string(words[1]))
		}
		at = end + 1
	}
	return names
}

// listedTable tells which table a listing shows: the one that has just these built-in
// chains. The file's name may say it where that is not enough.
func (p *parser) listedTable(names []string) string {
	var fits []string
	for _, table := range []string{"filter", "nat", "mangle", "raw", "security"} {
		holds := func(name string) bool { _, ok := hookOf(table, name); return ok }
		if slices.ContainsFunc(names, func(n string) bool { return !holds(n) }) {
			continue
		}
		if len(names) == len(builtins(table)) && table != "filter" && table != "security" {
			return table
		}
		fits = append(fits, table)
	}
	for _, table := range fits {
		if strings.Contains(strings.ToLower(p.file.Name), table) {
			return table
		}
	}
	if slices.Contains(fits, "filter") {
		return "filter"
	}
	return ""
}

// legalCommands are the commands of a rule line.
func legalCommands(word string) string {
	return diag.Legal(word, []string{"-A", "-I", "-D", "-R", "-N", "-P", "-F", "-X", "-E", "-Z"})
}
