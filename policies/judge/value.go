package judge

import (
	"bytes"
	"encoding/json"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/report"
)

// FactsJSON is the document that policies see, for `sumlint facts`: the stock
// `opa eval -d rego -i FILE data.sumlint.findings` finds the same in it. Keys are sorted.
func FactsJSON(f *facts.Facts) ([]byte, error) {
	value, err := newConverter(nil).facts(f, func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	plain, err := ast.JSON(value)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(plain)
	return out.Bytes(), err
}

// converter makes values by hand: through JSON it takes several times the time and
// memory, and there may be tens of thousands of classes and hops. Empty lists are
// lists, never null; what JSON leaves out when empty, this leaves out.
type converter struct {
	keys map[string]*ast.Term // each key is made once
	// shorthand stands in for long lists of members; nil writes them out.
	shorthand *shorthand
}

func newConverter(s *shorthand) *converter {
	return &converter{keys: map[string]*ast.Term{}, shorthand: s}
}

// facts converts the document. Of the lists that no built-in policy reads it holds
// those that reads tells.
func (c *converter) facts(f *facts.Facts, reads func(list string) bool) (ast.Value, error) {
	fields := [][2]*ast.Term{
		c.text("schema", f.Schema),
		c.text("today", f.Today),
		list(c, "classes", f.Classes, c.class),
		list(c, "servers", f.Servers, c.server),
		list(c, "zones", f.Zones, c.zone),
		list(c, "hosts", f.Hosts, c.hosts),
		list(c, "filters", f.Filters, c.filter),
		list(c, "pairs", f.Pairs, c.pairs),
		list(c, "exposures", f.Exposures, c.exposure),
		list(c, "waivers", f.Waivers, c.waiver),
		list(c, "settings", f.Settings, c.setting),
	}
	if reads(listTargets) {
		fields = append(fields, list(c, listTargets, f.Targets, c.target))
	}
	if len(f.Firewalls) > 0 {
		model, err := ast.InterfaceToValue(f.Firewalls)
		if err != nil {
			return nil, err
		}
		fields = append(fields, c.field(listFirewalls, ast.NewTerm(model)))
	}
	return ast.NewObject(fields...), nil
}

func (c *converter) field(name string, value *ast.Term) [2]*ast.Term {
	key, ok := c.keys[name]
	if !ok {
		key = ast.StringTerm(name)
		c.keys[name] = key
	}
	return [2]*ast.Term{key, value}
}

func (c *converter) text(name, value string) [2]*ast.Term {
	return c.field(name, ast.InternedTerm(value))
}

func (c *converter) number(name string, value int) [2]*ast.Term {
	return c.field(name, ast.InternedTerm(value))
}

func (c *converter) truth(name string, value bool) [2]*ast.Term {
	return c.field(name, ast.InternedTerm(value))
}

func (c *converter) texts(name string, values []string) [2]*ast.Term {
	return list(c, name, values, func(s *string) *ast.Term { return ast.InternedTerm(*s) })
}

// members are names of flows, servers or targets of a class.
func (c *converter) members(name string, values []string) [2]*ast.Term {
	return c.texts(name, c.shorthand.standIn(values))
}

func (c *converter) numbers(name string, values []int) [2]*ast.Term {
	return list(c, name, values, func(n *int) *ast.Term { return ast.InternedTerm(*n) })
}

func (c *converter) place(name string, l source.Location) [2]*ast.Term {
	return c.field(name, c.location(l))
}

func (c *converter) location(l source.Location) *ast.Term {
	fields := append(make([][2]*ast.Term, 0, 3), c.text("file", l.File))
	if l.Line != 0 {
		fields = append(fields, c.number("line", l.Line))
	}
	if l.Column != 0 {
		fields = append(fields, c.number("column", l.Column))
	}
	return ast.ObjectTerm(fields...)
}

func list[T any](c *converter, name string, values []T, term func(*T) *ast.Term) [2]*ast.Term {
	terms := make([]*ast.Term, len(values))
	for i := range values {
		terms[i] = term(&values[i])
	}
	return c.field(name, ast.ArrayTerm(terms...))
}

// optional appends a text that JSON leaves out when it is empty.
func (c *converter) optional(fields [][2]*ast.Term, name, value string) [][2]*ast.Term {
	if value == "" {
		return fields
	}
	return append(fields, c.text(name, value))
}

func (c *converter) class(v *facts.Class) *ast.Term {
	return ast.ObjectTerm(
		c.text("id", v.ID),
		c.text("topology", v.Topology),
		c.text("direction", v.Direction),
		c.texts("phases", v.Phases),
		c.text("need", v.Need),
		c.text("row", v.Row),
		c.text("service", v.Service),
		c.text("protocol", v.Protocol),
		c.text("port", v.Port),
		c.text("target_type", v.TargetType),
		c.text("server_os", v.ServerOS),
		c.text("verdict", string(v.Verdict)),
		c.text("reason", v.Reason),
		c.text("words", v.Words),
		c.truth("entry", v.Entry),
		c.truth("opened_by_sum", v.OpenedBySUM),
		c.texts("windows_rules", v.WindowsRules),
		c.members("flows", v.Flows),
		c.members("servers", v.Servers),
		c.members("targets", v.Targets),
		list(c, "hops", v.Hops, c.hop),
		c.numbers("waivers", v.Waivers),
		c.text("digest", v.Digest),
		c.place("location", v.Location),
		list(c, "related", v.Related, c.related),
		c.text("policy", v.Policy),
		c.text("must", v.Must),
	)
}

func (c *converter) hop(v *facts.Hop) *ast.Term {
	fields := [][2]*ast.Term{
		c.number("path", v.Path),
		c.text("firewall", v.Firewall),
		c.text("hook", v.Hook),
		c.text("leg", v.Leg),
		c.text("verdict", string(v.Verdict)),
		list(c, "missing", v.Missing, c.missing),
		list(c, "decided_by", v.DecidedBy, c.decider),
		list(c, "depends_on", v.DependsOn, c.dependsOn),
		c.text("host", v.Host),
		c.text("host_os", v.HostOS),
		c.place("location", v.At),
		c.text("summary", v.Summary),
		c.text("causes", v.Causes),
	}
	if len(v.Near) > 0 {
		fields = append(fields, list(c, "near", v.Near, c.near))
	}
	return ast.ObjectTerm(c.optional(fields, "redirected", v.Redirected)...)
}

func (c *converter) missing(v *report.Missing) *ast.Term {
	fields := c.optional([][2]*ast.Term{
		c.texts("source", v.Source),
		c.texts("destination", v.Destination),
		c.text("protocol", v.Protocol),
		c.text("port", v.Port),
	}, "source_port", v.SourcePort)
	if v.More != 0 {
		fields = append(fields, c.number("more", v.More))
	}
	return ast.ObjectTerm(fields...)
}

func (c *converter) decider(v *report.Decider) *ast.Term {
	fields := [][2]*ast.Term{c.text("file", v.File), c.number("line", v.Line), c.text("text", v.Text)}
	fields = c.optional(fields, "chain", v.Chain)
	if len(v.Calls) > 0 {
		fields = append(fields, list(c, "calls", v.Calls, c.decider))
	}
	return ast.ObjectTerm(c.optional(fields, "note", v.Note)...)
}

func (c *converter) dependsOn(v *report.DependsOn) *ast.Term {
	fields := [][2]*ast.Term{c.text("kind", v.Kind), c.text("text", v.Text)}
	if v.Location != nil {
		fields = append(fields, c.place("location", *v.Location))
	}
	return ast.ObjectTerm(c.optional(fields, "supply", v.Supply)...)
}

func (c *converter) near(v *report.Near) *ast.Term {
	return ast.ObjectTerm(
		c.text("file", v.File),
		c.number("line", v.Line),
		c.text("text", v.Text),
		c.text("field", v.Field),
		c.text("reason", v.Reason),
	)
}

func (c *converter) related(v *report.Related) *ast.Term {
	return ast.ObjectTerm(c.text("message", v.Message), c.place("location", v.Location))
}
