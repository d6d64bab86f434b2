package judge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/policies/facts"
)

// HasNeeds tells whether a team declares flows of its own.
func (j *Judge) HasNeeds() bool {
	return slices.ContainsFunc(j.packages, func(p *policy) bool { return p.kind == kindNeeds })
}

// Needs returns the flows that the team's packages sumlint.needs declare over a plan,
// sorted. What is wrong with a flow is a diagnostic; the flow is then left out.
func (j *Judge) Needs(ctx context.Context, plan *facts.Plan) ([]facts.NeedFlow, error) {
	if !j.HasNeeds() {
		return nil, nil
	}
	bindings, err := j.eval(ctx, j.needs, planValue(plan))
	if err != nil {
		return nil, err
	}
	set, _ := bindings["flows"].(ast.Set)
	if set == nil {
		return nil, errors.New("data.sumlint.needs yields no set")
	}
	var flows []facts.NeedFlow
	var wrong []error
	for _, t := range set.Slice() {
		pair, _ := t.Value.(*ast.Array)
		id, _ := pair.Elem(0).Value.(ast.String)
		r := &needReader{plan: plan, flow: facts.NeedFlow{Policy: strings.ReplaceAll(string(id), "_", "-")}}
		for _, p := range j.packages {
			if p.kind == kindNeeds && p.id == r.flow.Policy {
				r.flow.Location, r.need = p.at, needOf[p.page().Severity]
			}
		}
		if r.read(pair.Elem(1).Value); len(r.wrong) == 0 {
			flows = append(flows, r.flow)
		}
		wrong = append(wrong, r.wrong...)
	}
	slices.SortFunc(flows, compareNeeds)
	return flows, errors.Join(wrong...)
}

func compareNeeds(a, b facts.NeedFlow) int {
	return cmp.Or(
		strings.Compare(a.Policy, b.Policy),
		strings.Compare(endpointKey(a.From), endpointKey(b.From)),
		strings.Compare(endpointKey(a.To), endpointKey(b.To)),
		strings.Compare(a.Protocol+a.Port, b.Protocol+b.Port),
		strings.Compare(a.SourcePort+a.Must+a.Need+a.Why, b.SourcePort+b.Must+b.Need+b.Why),
	)
}

func endpointKey(e facts.Endpoint) string {
	return strings.Join([]string{e.Server, e.Target, e.Zone, strings.Join(e.Networks, ",")}, "\x00")
}

// needReader reads one declared flow and collects what is wrong with it.
type needReader struct {
	plan  *facts.Plan
	flow  facts.NeedFlow
	need  string // the package's
	wrong []error
}

// needOf is a flow's need by the severity of the package that declares it.
var needOf = map[diag.Severity]string{diag.Error: "required", diag.Warning: "derived", diag.Note: "optional"}

var (
	needFields     = []string{"from", "to", "protocol", "port", "source_port", "must", "need", "answer", "why"}
	endpointFields = []string{"server", "target", "zone", "networks"}
)

func (r *needReader) errorf(detail, format string, args ...any) {
	r.wrong = append(r.wrong, policyError(r.flow.Location, fmt.Sprintf("policy %s: a flow's ", r.flow.Policy)+fmt.Sprintf(format, args...), detail))
}

func (r *needReader) read(value ast.Value) {
	o, ok := value.(ast.Object)
	if !ok {
		r.errorf("", "value is %v; it must be an object", value)
		return
	}
	r.fields(o, "", needFields)
	r.flow.From, r.flow.To = r.endpoint(o, "from"), r.endpoint(o, "to")
	r.flow.Protocol = r.word(o, "protocol", "", "tcp", "udp")
	r.flow.Must = r.word(o, "must", "", "allow", "never")
	r.flow.Need = r.word(o, "need", r.need, "required", "optional", "derived")
	r.flow.Port, r.flow.SourcePort = r.ports(o, "port"), r.ports(o, "source_port")
	if r.flow.Port == "" && get(o, "port") == nil {
		r.errorf("", "port is missing")
	}
	if r.flow.Why = text(o, "why"); strings.TrimSpace(r.flow.Why) == "" {
		r.errorf("Say in one sentence why, for the report.", "why is missing")
	}
	r.flow.Answer = true
	if answer, ok := get(o, "answer").(ast.Boolean); ok {
		r.flow.Answer = bool(answer)
	} else if get(o, "answer") != nil {
		r.errorf("", "answer is %v; it must be true or false", get(o, "answer"))
	}
}

// fields reports fields that have no meaning.
func (r *needReader) fields(o ast.Object, of string, legal []string) {
	for _, key := range o.Keys() {
		if name, ok := key.Value.(ast.String); !ok || !slices.Contains(legal, string(name)) {
			r.errorf(diag.Legal(strings.Trim(key.String(), `"`), legal), "%sfield %v has no meaning", of, key)
		}
	}
}

// word reads one of the legal words.
func (r *needReader) word(o ast.Object, name, otherwise string, legal ...string) string {
	word, ok := get(o, name).(ast.String)
	switch {
	case get(o, name) == nil && otherwise != "":
		return otherwise
	case get(o, name) == nil:
		r.errorf(diag.Legal("", legal), "%s is missing", name)
	case !ok || !slices.Contains(legal, string(word)):
		r.errorf(diag.Legal(string(word), legal), "%s is %v", name, get(o, name))
	}
	return string(word)
}

// ports reads a port as a number, or "first-last".
func (r *needReader) ports(o ast.Object, name string) string {
	value := get(o, name)
	words := ""
	switch v := value.(type) {
	case nil:
		return ""
	case ast.Number:
		words = v.String()
	case ast.String:
		words = string(v)
	}
	first, last, isRange := strings.Cut(words, "-")
	a, errA := strconv.ParseUint(first, 10, 16)
	b := a
	var errB error
	if isRange {
		b, errB = strconv.ParseUint(last, 10, 16)
	}
	if errA != nil || errB != nil || a == 0 || a > b {
		r.errorf("A port is a number from 1 to 65535, or \"first-last\".", "%s is %v", name, value)
		return ""
	}
	if a == b {
		return strconv.FormatUint(a, 10)
	}
	return fmt.Sprintf("%d-%d", a, b)
}

// endpoint reads one side of the flow.
func (r *needReader) endpoint(o ast.Object, name string) facts.Endpoint {
	side := object(o, name)
	if side == nil || side.Len() != 1 {
		r.errorf(`Write {"zone": "admin"}, {"server": …}, {"target": …} or {"networks": ["10.0.0.0/8"]}.`, "%s must hold exactly one of server, target, zone and networks", name)
		return facts.Endpoint{}
	}
	r.fields(side, name+": ", endpointFields)
	e := facts.Endpoint{Server: text(side, "server"), Target: text(side, "target"), Zone: text(side, "zone")}
	for field, known := range r.names() {
		value := get(side, field)
		if word := text(side, field); value != nil && !slices.Contains(known, word) {
			r.errorf(diag.Legal(word, known), "%s names %s %v, which the plan does not have", name, field, value)
		}
	}
	if get(side, "networks") != nil {
		e.Networks = texts(side, "networks")
		if len(e.Networks) == 0 || len(e.Networks) != len(elements(side, "networks")) {
			r.errorf("", "%s: networks must be a list of addresses and CIDRs, not empty", name)
		}
		for _, n := range e.Networks {
			if !isNetwork(n) {
				r.errorf("Write 10.0.0.0/8, 10.1.2.3, fd00::/8 or ::1.", "%s: %q is neither an address nor a CIDR", name, n)
			}
		}
	}
	return e
}

// names are the plan's names by the field that may hold them.
func (r *needReader) names() map[string][]string {
	names := map[string][]string{"server": {}, "target": {}, "zone": {}}
	for _, s := range r.plan.Servers {
		names["server"] = append(names["server"], s.Name)
	}
	for _, t := range r.plan.Targets {
		names["target"] = append(names["target"], t.Name)
	}
	for _, z := range r.plan.Zones {
		names["zone"] = append(names["zone"], z.Name)
	}
	return names
}

func isNetwork(text string) bool {
	if _, err := netip.ParsePrefix(text); err == nil {
		return true
	}
	address, err := netip.ParseAddr(text)
	return err == nil && address.Zone() == ""
}
