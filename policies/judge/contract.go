package judge

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/judge/compile"
)

// The kinds of packages that have a contract, and the rule names that count in each.
const (
	kindRules = "rules"
	kindNeeds = "needs"
)

var contractRules = map[string][]string{
	kindRules: {"finding", "review"},
	kindNeeds: {"flow"},
}

// policy is a package sumlint.rules.ID or sumlint.needs.ID.
type policy struct {
	kind, id   string // the id as reports have it: with -
	own        bool   // a team's own
	file       *source.File
	at         source.Location // the package clause
	annotation *ast.Annotations
	related    []string
}

// contract checks packages as they come.
type contract struct {
	policies []*policy
	files    map[string]string // package -> its first file
}

// parse reads all files and holds them against the contract. A file whose package is
// taken is not among the modules.
func (c *contract) parse(terms *compile.Terms, builtIn, own []*source.File) (map[string]*ast.Module, diag.List) {
	modules := map[string]*ast.Module{}
	var list diag.List
	for i, file := range slices.Concat(builtIn, own) {
		module, err := terms.Parse(file)
		list = append(list, compile.Diagnostics(err)...)
		switch {
		case module == nil:
		case compile.IsTest(file.Name):
			modules[file.Name] = module
		default:
			wrong, taken := c.check(file, module, i >= len(builtIn))
			if list = append(list, wrong...); !taken {
				modules[file.Name] = module
			}
		}
	}
	return modules, list
}

const legalPackages = "A rule is package sumlint.rules.<id>, declared flows are package sumlint.needs.<id>, helpers are below sumlint.lib. or below a name of your own."

// check holds a module against the contract and remembers it; taken tells that its
// package is somebody else's. Only a team's modules can be wrong about names; METADATA
// is checked on all.
func (c *contract) check(file *source.File, m *ast.Module, own bool) (wrong diag.List, taken bool) {
	if c.files == nil {
		c.files = map[string]string{}
	}
	path := packagePath(m)
	name, at := strings.Join(path, "."), compile.Place(m.Package.Location)
	first, taken := c.files[name]
	if !taken {
		c.files[name] = file.Name
	}
	switch {
	case path[0] == "sumlint" && len(path) == 3 && contractRules[path[1]] != nil:
		if taken {
			return diag.List{policyError(at, fmt.Sprintf("package %s is defined twice", name),
				fmt.Sprintf("It stands in %s already. A rule is one package in one file: choose another id.", first))}, true
		}
		return c.policy(file, m, path, at, own), false
	case own && taken && strings.HasPrefix(first, compile.Root):
		return diag.List{policyError(at, fmt.Sprintf("package %s is sumlint's own", name), legalPackages)}, true
	case own:
		return library(m, path, at), false
	}
	return nil, false
}

// policy checks a package sumlint.rules.ID or sumlint.needs.ID.
func (c *contract) policy(file *source.File, m *ast.Module, path []string, at source.Location, own bool) diag.List {
	p := &policy{kind: path[1], id: strings.ReplaceAll(path[2], "_", "-"), own: own, file: file, at: at}
	var list diag.List
	if !regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`).MatchString(path[2]) {
		list.Add(policyError(at, fmt.Sprintf("%q can't be an id", path[2]), "An id is lower-case words of letters and digits, joined by _ in the package's name and by - everywhere else."))
	}
	list = append(list, p.readMetadata(m)...)
	list = append(list, ruleNames(m, contractRules[p.kind], at)...)
	c.policies = append(c.policies, p)
	return list
}

// library checks a team's package that has no contract of its own: it must not look
// like one that has.
func library(m *ast.Module, path []string, at source.Location) diag.List {
	name := strings.Join(path, ".")
	switch {
	case path[0] == "sumlint" && len(path) > 2 && path[1] == "lib":
	case path[0] == "sumlint":
		return diag.List{policyError(at, fmt.Sprintf("package %s has no meaning to sumlint", name), meantPackage(path)+legalPackages)}
	case diag.Suggest(path[0], []string{"sumlint"}) != "":
		return diag.List{policyError(at, fmt.Sprintf("package %s has no meaning to sumlint", name), "Did you mean sumlint"+strings.TrimPrefix(name, path[0])+"? "+legalPackages)}
	}
	var list diag.List
	for _, r := range m.Rules {
		word := r.Head.Name.String()
		if !slices.Contains(contractRules[kindRules], word) && !slices.Contains(contractRules[kindNeeds], word) {
			continue
		}
		if r.Head.RuleKind() == ast.MultiValue {
			list.Add(policyError(compile.Place(r.Location), fmt.Sprintf("%s in package %s is never judged", word, name), legalPackages))
		}
	}
	return list
}

// meantPackage guesses what a package below sumlint was meant to be.
func meantPackage(path []string) string {
	if len(path) > 1 {
		if kind := diag.Suggest(path[1], []string{kindRules, kindNeeds, "lib"}); kind != "" && kind != path[1] {
			return fmt.Sprintf("Did you mean sumlint.%s? ", strings.Join(append([]string{kind}, path[2:]...), "."))
		}
	}
	return ""
}

// ruleNames checks that a package defines one of the rules that count, as a set, and
// none that was perhaps meant to.
func ruleNames(m *ast.Module, legal []string, at source.Location) diag.List {
	var list diag.List
	found, near := false, false
	for _, r := range m.Rules {
		word := r.Head.Name.String()
		if slices.Contains(legal, word) {
			found = true
			if r.Head.RuleKind() != ast.MultiValue || len(r.Head.Args) > 0 || len(r.Head.Reference) > 1 {
				list.Add(policyError(compile.Place(r.Location), fmt.Sprintf("%s must be a set", word), fmt.Sprintf("Write: %s contains … if { … }", word)))
			}
		} else if meant := nearMiss(word, legal); meant != "" && r.Head.RuleKind() == ast.MultiValue {
			near = true
			list.Add(policyError(compile.Place(r.Location), fmt.Sprintf("rule %s is never judged", word), fmt.Sprintf("Did you mean %q?", meant)))
		}
	}
	if !found && !near {
		list.Add(policyError(at, fmt.Sprintf("this package defines no %s", strings.Join(legal, " or ")), fmt.Sprintf("Write: %s contains … if { … }", legal[0])))
	}
	return list
}

// nearMiss is the legal name that was surely meant by a name: but for case, its plural,
// or one letter that is missing or too many.
func nearMiss(word string, legal []string) string {
	lower := strings.ToLower(word)
	for _, l := range legal {
		if lower == l || lower == l+"s" || len(lower) != len(l) && diag.Suggest(lower, []string{l}) != "" && len(lower)-len(l) <= 1 && len(l)-len(lower) <= 1 {
			return l
		}
	}
	return ""
}

// readMetadata takes a policy's texts and severity from the METADATA of its package.
func (p *policy) readMetadata(m *ast.Module) diag.List {
	for _, a := range m.Annotations {
		if a.Scope == "package" {
			p.annotation = a
		}
	}
	if p.annotation == nil {
		return diag.List{policyError(p.at, "this package has no METADATA",
			"Put a comment right above the package clause: \"# METADATA\", then \"# title:\", \"# description:\", \"# custom:\" and below that \"#   severity:\".")}
	}
	at := compile.Place(p.annotation.Location)
	var list diag.List
	if strings.TrimSpace(p.annotation.Title) == "" {
		list.Add(policyError(at, "METADATA lacks title", "Say in a few words what the rule finds."))
	}
	if strings.TrimSpace(p.annotation.Description) == "" {
		list.Add(policyError(at, "METADATA lacks description", "Say what is wrong when the rule fires, and what to do."))
	}
	severities := []string{string(diag.Error), string(diag.Warning), string(diag.Note)}
	switch severity, ok := p.annotation.Custom["severity"]; {
	case !ok:
		list.Add(policyError(at, "METADATA lacks custom.severity", diag.Legal("", severities)))
	case !slices.Contains(severities, fmt.Sprint(severity)):
		list.Add(policyError(at, fmt.Sprintf("custom.severity is %q", fmt.Sprint(severity)), diag.Legal(fmt.Sprint(severity), severities)))
	}
	for _, r := range p.annotation.RelatedResources {
		p.related = append(p.related, r.Ref.String())
	}
	if len(p.annotation.Schemas) == 0 {
		schema := map[string]string{kindRules: "facts", kindNeeds: "plan"}[p.kind]
		p.annotation.Schemas = append(p.annotation.Schemas, &ast.SchemaAnnotation{
			Path:   ast.InputRootRef,
			Schema: ast.Ref{ast.SchemaRootDocument, ast.StringTerm(schema)},
		})
	}
	return list
}

// packagePath is a module's package without "data"; it has a part at least.
func packagePath(m *ast.Module) []string {
	var path []string
	for _, term := range m.Package.Path[1:] {
		if s, ok := term.Value.(ast.String); ok {
			path = append(path, string(s))
		}
	}
	return path
}
