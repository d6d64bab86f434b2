package judge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/judge/compile"
	"github.com/sumlint/sumlint/policies/report"
)

// Judge returns the findings of all rules, sorted by place, rule, message and
// fingerprint. Diagnostics turns its error into what reports show.
func (j *Judge) Judge(ctx context.Context, f *facts.Facts) ([]report.Finding, error) {
	var short *shorthand
	if !j.hasOwn() {
		short = newShorthand()
	}
	input, err := newConverter(short).facts(f, j.Reads)
	if err != nil {
		return nil, err
	}
	bindings, err := j.eval(ctx, j.findings, input)
	if err != nil {
		return nil, err
	}
	if err := j.malformed(bindings["malformed"]); err != nil {
		return nil, err
	}
	set, _ := bindings["findings"].(ast.Set)
	if set == nil {
		return nil, errors.New("data.sumlint.findings is no set")
	}
	findings := make([]report.Finding, 0, set.Len())
	var wrong []error
	set.Foreach(func(t *ast.Term) {
		finding, err := readFinding(t.Value)
		if err != nil {
			wrong = append(wrong, j.blame(finding.Rule, err.Error()))
		}
		for _, members := range []*[]string{&finding.Flows, &finding.Servers, &finding.Targets} {
			*members = short.expand(*members)
		}
		findings = append(findings, finding)
	})
	slices.SortFunc(findings, compareFindings)
	return findings, errors.Join(wrong...)
}

// hasOwn tells whether some of the policies are a team's.
func (j *Judge) hasOwn() bool {
	for name := range j.compiler.Modules {
		if !builtIn(name) {
			return true
		}
	}
	return false
}

// builtIn tells of a module's file whether it is part of the program.
func builtIn(file string) bool { return strings.HasPrefix(file, compile.Root) }

// Diagnostics turns an error of Judge, Needs or Test into diagnostics about the policies.
func Diagnostics(err error) diag.List { return compile.Diagnostics(err) }

// eval evaluates a query within the time limit.
func (j *Judge) eval(ctx context.Context, query rego.PreparedEvalQuery, input ast.Value) (map[string]any, error) {
	limited, cancel := context.WithTimeout(ctx, j.timeout)
	defer cancel()
	results, err := query.Eval(limited, rego.EvalParsedInput(input))
	if limited.Err() != nil && ctx.Err() == nil {
		return nil, policyError(source.Location{}, "the policies "+tookTooLong(j.timeout)+"; they were stopped", endless)
	}
	if err != nil {
		return nil, err
	}
	if len(results) != 1 {
		return nil, fmt.Errorf("the policies have %d results", len(results))
	}
	return results[0].Bindings, nil
}

// endless is the detail for what took too long.
const endless = "A rule may loop over every pair of classes, or never end."

func tookTooLong(limit time.Duration) string {
	return fmt.Sprintf("took longer than %s", limit.Round(time.Millisecond))
}

// malformed makes errors of findings that lack fields.
func (j *Judge) malformed(value any) error {
	set, _ := value.(ast.Set)
	if set == nil {
		return nil
	}
	var list []error
	for _, t := range set.Slice() {
		o, _ := t.Value.(ast.Object)
		id := strings.ReplaceAll(text(o, "package"), "_", "-")
		what := "a finding lacks " + strings.Join(texts(o, "missing"), ", ")
		if finding := get(o, "finding"); finding != nil {
			if _, ok := finding.(ast.Object); !ok {
				what = fmt.Sprintf("a finding is %v, which is no object", finding)
			}
		}
		list = append(list, j.blame(id, what))
	}
	return errors.Join(list...)
}

// blame is an error about what a rule made.
func (j *Judge) blame(id, what string) diag.Diagnostic {
	var at source.Location
	for _, p := range j.packages {
		if p.kind == kindRules && p.id == id {
			at = p.at
		}
	}
	return policyError(at, fmt.Sprintf("rule %s: %s", id, what),
		"Make findings with result.at_hop, result.of_class or result.of_plan of data.sumlint.lib.result, which fill in the fields.")
}

// readFinding reads a finding of data.sumlint.findings.
func readFinding(value ast.Value) (report.Finding, error) {
	o, _ := value.(ast.Object)
	if o == nil {
		return report.Finding{}, errors.New("a finding is no object")
	}
	f := report.Finding{
		Rule:        text(o, "rule"),
		Severity:    diag.Severity(text(o, "severity")),
		Message:     text(o, "message"),
		Advice:      text(o, "advice"),
		Effect:      text(o, "effect"),
		Flows:       texts(o, "flows"),
		Servers:     texts(o, "servers"),
		Targets:     texts(o, "targets"),
		Firewall:    text(o, "firewall"),
		Location:    location(object(o, "location")),
		Fingerprint: text(o, "fingerprint"),
		Waived:      truth(o, "waived"),
		WaivedBy:    text(o, "waived_by"),
		Class:       text(o, "class"),
		Hop:         number(o, "hop"),
	}
	for _, r := range elements(o, "related") {
		if place, ok := r.(ast.Object); ok {
			f.Related = append(f.Related, report.Related{Message: text(place, "message"), Location: location(object(place, "location"))})
		}
	}
	switch {
	case f.Severity.Rank() == 0:
		return f, fmt.Errorf("%q is no severity; legal are error, warning and note", f.Severity)
	case f.Message == "":
		return f, errors.New("a finding's message is empty")
	}
	return f, nil
}

func compareFindings(a, b report.Finding) int {
	return cmp.Or(
		a.Location.Compare(b.Location),
		strings.Compare(a.Rule, b.Rule),
		strings.Compare(a.Message, b.Message),
		strings.Compare(a.Fingerprint, b.Fingerprint),
		strings.Compare(a.Class, b.Class),
		a.Hop-b.Hop,
	)
}
