package judge

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

// Page is what `sumlint explain` shows of a rule.
type Page struct {
	report.Rule
	Resources []Resource      `json:"resources"`
	Own       bool            `json:"own"`      // from a team's policy folder
	Location  source.Location `json:"location"` // its package clause
	Source    string          `json:"source"`   // the Rego file
}

// Resource is a text that a rule refers to.
type Resource struct {
	URL         string `json:"url"`
	Description string `json:"description,omitempty"`
}

// Rules lists the rules by id, as reports have them.
func (j *Judge) Rules() []report.Rule { return rulesOf(j.pages(kindRules)) }

// Pages lists the rules by id, with all that is known of each.
func (j *Judge) Pages() []Page { return j.pages(kindRules) }

// NeedPages lists the packages of declared flows by id.
func (j *Judge) NeedPages() []Page { return j.pages(kindNeeds) }

// RuleIDs are the ids of all rules, sorted: what waivers and policy blocks may name.
func (j *Judge) RuleIDs() []string {
	var ids []string
	for _, p := range j.pages(kindRules) {
		ids = append(ids, p.ID)
	}
	return ids
}

func rulesOf(pages []Page) []report.Rule {
	rules := make([]report.Rule, len(pages))
	for i, p := range pages {
		rules[i] = p.Rule
	}
	return rules
}

func (j *Judge) pages(kind string) []Page {
	pages := []Page{}
	for _, p := range j.packages {
		if p.kind == kind {
			pages = append(pages, p.page())
		}
	}
	slices.SortFunc(pages, func(a, b Page) int { return strings.Compare(a.ID, b.ID) })
	return pages
}

func (p *policy) page() Page {
	severity, _ := p.annotation.Custom["severity"].(string)
	page := Page{
		Rule: report.Rule{
			ID:          p.id,
			Title:       p.annotation.Title,
			Description: strings.TrimSpace(p.annotation.Description),
			Severity:    diag.Severity(severity),
			Related:     p.related,
		},
		Resources: []Resource{},
		Own:       p.own,
		Location:  p.at,
		Source:    string(p.file.Data),
	}
	for _, r := range p.annotation.RelatedResources {
		page.Resources = append(page.Resources, Resource{URL: r.Ref.String(), Description: r.Description})
	}
	return page
}

// The lists of the facts that no built-in policy reads.
const (
	listFirewalls = "firewalls" // the normalized model of all exports
	listTargets   = "targets"
)

// UsesFirewalls tells whether a policy may read input.firewalls, which is only then
// worth making.
func (j *Judge) UsesFirewalls() bool { return j.Reads(listFirewalls) }

// Reads tells whether a team's policy may read a list of the facts.
func (j *Judge) Reads(list string) bool {
	for name, m := range j.compiler.Modules {
		if builtIn(name) {
			continue
		}
		reads := false
		ast.WalkRefs(m, func(r ast.Ref) bool {
			reads = reads || reaches(r, list)
			return reads
		})
		if reads {
			return true
		}
	}
	return false
}

// reaches tells whether a reference may reach a list of the input: by its name, by a
// variable, or because it is the input as a whole.
func reaches(r ast.Ref, list string) bool {
	if !r[0].Equal(ast.InputRootDocument) {
		return false
	}
	if len(r) == 1 {
		return true
	}
	name, ok := r[1].Value.(ast.String)
	return !ok || string(name) == list
}
