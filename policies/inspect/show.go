package inspect

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/exports"
	"github.com/sumlint/sumlint/parsers/model"
)

// Model is what `sumlint show --format json` prints.
type Model struct {
	Exports []ShownExport `json:"exports"`
}

// ShownExport is one export and what it compiles into by itself.
type ShownExport struct {
	File      string `json:"file"`
	Format    string `json:"format"`
	RuleCount int    `json:"rule_count"`
	Shown
}

// Shown is a firewall's model in the form that people and policies read.
type Shown struct {
	Hooks       map[string][]ShownRef `json:"hooks"`
	Chains      []ShownChain          `json:"chains"`
	Assumptions []ShownAssumption     `json:"assumptions"`
}

// ShownAssumption is something that the model takes for granted.
type ShownAssumption struct {
	ID      string `json:"id"`
	Message string `json:"message"`
}

// ShownRef names a chain that a hook calls.
type ShownRef struct {
	Chain    string `json:"chain"`
	Priority int    `json:"priority"`
}

// ShownChain is a chain of the model.
type ShownChain struct {
	Chain   string      `json:"chain"`
	Default string      `json:"default"`
	Line    int         `json:"line,omitempty"`
	Rules   []ShownRule `json:"rules"`
}

// ShownRule is a rule of the model.
type ShownRule struct {
	Line    int      `json:"line,omitempty"`
	Text    string   `json:"text"`
	Where   string   `json:"where"`
	Unknown []string `json:"unknown,omitempty"`
	Action  string   `json:"action"`
	Target  string   `json:"target,omitempty"`
	Note    string   `json:"note,omitempty"`
}

// Show reads exports and returns the model of each by itself.
func Show(ctx context.Context, paths []string, format string) (*Model, diag.List, error) {
	files, diags := read(paths, format)
	out := &Model{Exports: []ShownExport{}}
	for _, f := range files {
		fw, more := exports.Compile(exports.Host{Name: f.Path, Own: true}, []*exports.File{f})
		diags = append(diags, more...)
		out.Exports = append(out.Exports, ShownExport{File: f.Path, Format: f.Format, RuleCount: f.RuleCount, Shown: Describe(fw)})
	}
	return out, diags.Sorted(), ctx.Err()
}

// Describe makes the readable form of a model.
func Describe(fw *model.Firewall) Shown {
	e := Shown{Hooks: map[string][]ShownRef{}, Chains: []ShownChain{}, Assumptions: []ShownAssumption{}}
	for _, a := range fw.Assumptions {
		e.Assumptions = append(e.Assumptions, ShownAssumption{a.ID, a.Message})
	}
	for hook := range model.NumHooks {
		for _, c := range fw.Hooks[hook] {
			e.Hooks[hook.String()] = append(e.Hooks[hook.String()], ShownRef{chainName(c), c.Priority})
		}
	}
	for _, c := range fw.Chains {
		shown := ShownChain{Chain: chainName(c), Default: c.Default.Kind.String(), Rules: []ShownRule{}}
		if !c.Span.IsZero() {
			shown.Line = c.Span.Position().Line
		}
		for i := range c.Rules {
			if !c.Rules[i].Synthetic() {
				shown.Rules = append(shown.Rules, showRule(&c.Rules[i]))
			}
		}
		e.Chains = append(e.Chains, shown)
	}
	return e
}

func chainName(c *model.Chain) string { return strings.TrimPrefix(c.Table+"/"+c.Name, "/") }

func showRule(r *model.Rule) ShownRule {
	out := ShownRule{Text: r.Span.Text(), Where: r.Where.String(), Action: r.Action.Kind.String(), Note: r.Note}
	if !r.Span.IsZero() {
		out.Line = r.Span.Position().Line
	}
	if r.Action.Chain != nil {
		out.Target = r.Action.Chain.Name
	}
	if r.Action.Unknown != nil {
		out.Unknown = append(out.Unknown, r.Action.Unknown.Text)
	}
	if r.Tests == nil {
		return out
	}
	for _, t := range r.Tests.OneOf {
		var boxes []string
		for _, b := range t.Boxes[:min(len(t.Boxes), 8)] {
			boxes = append(boxes, b.String())
		}
		if len(t.Boxes) > 8 {
			boxes = append(boxes, "…")
		}
		word := "and one of: "
		if t.Not {
			word = "and none of: "
		}
		out.Where += " " + word + strings.Join(boxes, "; ")
	}
	for _, m := range r.Tests.Masks {
		side, not := "src", ""
		if m.Destination {
			side = "dst"
		}
		if m.Not {
			not = "not "
		}
		out.Where += " and " + not + side + " & " + m.Mask.Netip(m.Family).String() + " = " + m.Value.Netip(m.Family).String()
	}
	for _, m := range r.Tests.Marks {
		out.Where += " and " + mark(m)
	}
	for _, c := range r.Tests.Unknown {
		text := c.Text
		if c.Not && !saysNot(&c) {
			text = "not " + text
		}
		if !slices.Contains(out.Unknown, text) {
			out.Unknown = append(out.Unknown, text)
		}
	}
	return out
}

// saysNot tells that the text of a negated condition has the negation in it, as an
// iptables rule's has; that of a Windows IPsec rule has not, and its key ends in it.
func saysNot(c *model.Condition) bool { return c.Not && !strings.HasSuffix(c.Key, c.Text) }

// holding says in words that a condition, before its negation, holds or does not.
func holding(c *model.Condition, holds bool) string {
	if saysNot(c) {
		if plain := strings.Replace(c.Text, "! ", "", 1); holds && plain != c.Text {
			return plain
		}
		holds = !holds
	}
	if holds || c.Kind == "" {
		return c.Text
	}
	return "not: " + c.Text
}

func mark(m model.MarkTest) string {
	name, is := "mark", " = "
	if m.Connection {
		name = "connection mark"
	}
	if m.Not {
		is = " ≠ "
	}
	return name + " & " + hex(m.Mask) + is + hex(m.Value)
}

func hex(n uint32) string { return "0x" + strconv.FormatUint(uint64(n), 16) }
