package render

import (
	"encoding/json"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

// sarifUnread is the rule id of results that stand for error diagnostics.
const sarifUnread = "unreadable-input"

// SARIF writes the report in the Static Analysis Results Interchange Format
// 2.1.0 (OASIS), as code scanning takes it.
//
// Findings are results; waived ones carry a suppression with its reason. Each
// diagnostic is a notification of the run (3.20.20, 3.20.21), and one that is an
// error and has a place is a result besides: viewers show results only, and what
// could not be read must not look like a pass.
func SARIF(w io.Writer, r *report.Report, s Style) error {
	rules := newSARIFRules(r)
	run := sarifRun{
		Tool:               sarifTool{Driver: sarifDriver{Name: "sumlint", Version: Escape(s.Version), InformationURI: "https://github.com/sumlint/sumlint"}},
		OriginalURIBaseIDs: map[string]sarifBase{sarifRoot: {Description: sarifText{Text: "the root that the paths in the report are relative to"}}},
		ColumnKind:         "unicodeCodePoints",
		Results:            []sarifResult{},
		Invocations:        []sarifInvocation{sarifInvocationOf(r)},
	}
	fallback := sarifFallback(r)
	for i := range r.Findings {
		run.Results = append(run.Results, rules.result(&r.Findings[i], fallback))
	}
	for i := range r.Diagnostics {
		if d := &r.Diagnostics[i]; d.Severity == diag.Error && d.Location.File != "" {
			run.Results = append(run.Results, rules.unread(d))
		}
	}
	run.Tool.Driver.Rules = rules.list
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

// sarifRules collects the rules that results refer to by index.
type sarifRules struct {
	list  []sarifRule
	index map[string]int
}

func newSARIFRules(r *report.Report) *sarifRules {
	rules := &sarifRules{list: []sarifRule{}, index: map[string]int{}}
	for _, rule := range r.Rules {
		rules.add(rule)
	}
	return rules
}

// add returns the index of a rule, listing it where it is new.
func (s *sarifRules) add(r report.Rule) int {
	if i, ok := s.index[r.ID]; ok {
		return i
	}
	page := firstOf(r.Description, r.Title, r.ID)
	rule := sarifRule{
		ID:               Escape(r.ID),
		ShortDescription: sarifPlain(firstOf(r.Title, r.ID)),
		FullDescription:  sarifPlain(page),
		Help:             sarifHelp{Text: sarifPlain(page).Text, Markdown: markdownPage(page)},
		Default:          sarifDefault{Level: sarifLevel(r.Severity)},
		Properties:       sarifTags{Tags: []string{"firewall", "network"}},
	}
	for _, link := range r.Related {
		if u, err := url.Parse(link); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && Escape(link) == link {
			rule.HelpURI = u.String()
			break
		}
	}
	i := len(s.list)
	s.list, s.index[r.ID] = append(s.list, rule), i
	return i
}

// result writes a finding.
func (s *sarifRules) result(f *report.Finding, fallback source.Location) sarifResult {
	i := s.add(report.Rule{ID: f.Rule, Title: f.Rule, Severity: f.Severity})
	res := sarifResult{
		RuleID: s.list[i].ID, RuleIndex: i, Level: sarifLevel(f.Severity),
		Suppressions: []sarifSuppression{},
		Properties:   &sarifFindingBag{Firewall: Escape(f.Firewall), Servers: escapeAll(f.Servers), Targets: escapeAll(f.Targets), Flows: len(f.Flows)},
	}
	place := f.Location
	if place.File == "" && len(f.Related) > 0 {
		place = f.Related[0].Location
	}
	if place.File == "" {
		place = fallback
	}
	if place.File != "" {
		res.Locations = []sarifLocation{{Physical: sarifPlace(place, 0)}}
	}
	text := findingText(f)
	var links strings.Builder
	for _, rel := range f.Related {
		if rel.Location.File == "" {
			continue
		}
		id := len(res.Related) + 1
		label := sarifPlain(firstOf(rel.Message, rel.Location.File))
		res.Related = append(res.Related, sarifLocation{ID: id, Physical: sarifPlace(rel.Location, 0), Message: &label})
		links.WriteString("\nSee [" + strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(label.Text) + "](" + strconv.Itoa(id) + ").")
	}
	res.Message = sarifText{Text: sarifMessage(text) + links.String()}
	if f.Fingerprint != "" {
		// Code scanning tells alerts apart by primaryLocationLineHash only. Findings of
		// one rule often share the line that decides, so the line's hash would not do.
		fp := Escape(f.Fingerprint)
		res.Fingerprints = map[string]string{"sumlint/v1": fp, "primaryLocationLineHash": fp + ":1"}
	}
	if f.Waived {
		res.Suppressions = append(res.Suppressions, sarifSuppression{Kind: "external", Status: "accepted", Justification: Escape(f.WaivedBy)})
	}
	return res
}

// unread writes an error diagnostic as a result.
func (s *sarifRules) unread(d *report.Diagnostic) sarifResult {
	i := s.add(report.Rule{ID: sarifUnread, Title: "An input could not be read in full", Severity: diag.Error,
		Description: "What the linter cannot read it cannot judge: flows that depend on it are at best conditional."})
	return sarifResult{RuleID: sarifUnread, RuleIndex: i, Level: "error", Message: sarifPlain(d.Message),
		Locations: []sarifLocation{{Physical: sarifPlace(d.Location, d.Width)}}, Suppressions: []sarifSuppression{}}
}

// sarifInvocationOf tells how the run went: it failed where an input could not be read.
func sarifInvocationOf(r *report.Report) sarifInvocation {
	inv := sarifInvocation{Successful: true}
	for i := range r.Diagnostics {
		d := &r.Diagnostics[i]
		n := sarifNotification{Level: sarifLevel(d.Severity), Message: sarifPlain(d.Message)}
		if d.Location.File != "" {
			n.Locations = []sarifLocation{{Physical: sarifPlace(d.Location, d.Width)}}
		}
		if d.Severity == diag.Error {
			inv.Successful = false
		}
		if d.Origin == diag.Usage || d.Origin == diag.Policy {
			inv.Configuration = append(inv.Configuration, n)
		} else {
			inv.Execution = append(inv.Execution, n)
		}
	}
	return inv
}

// sarifFallback is a place for findings that have none: code scanning refuses
// results without one.
func sarifFallback(r *report.Report) source.Location {
	for _, t := range r.Topologies {
		for _, n := range t.Servers {
			if n.Location.File != "" {
				return source.Location{File: n.Location.File}
			}
		}
	}
	return source.Location{}
}

// sarifPlace writes a place; width counts the code points that are meant, 0 is unknown.
func sarifPlace(l source.Location, width int) sarifPhysical {
	p := sarifPhysical{Artifact: sarifArtifact{URI: sarifURI(l.File), BaseID: sarifRoot}}
	if l.Line > 0 {
		p.Region = &sarifRegion{StartLine: l.Line, StartColumn: max(l.Column, 0)}
		if l.Column > 0 && width > 0 {
			p.Region.EndColumn = l.Column + width
		}
	}
	return p
}

// sarifURI percent-encodes a path, byte for byte, as a relative reference (RFC
// 3986, 4.2): a name that holds ':' or begins with '/' must not become a scheme
// or a host.
func sarifURI(path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~', c == '/' && i > 0:
			b.WriteByte(c)
		default:
			b.WriteString("%" + strings.ToUpper(hex(c)))
		}
	}
	return b.String()
}

// sarifPlain is a message without links.
func sarifPlain(s string) sarifText { return sarifText{Text: sarifMessage(EscapeLines(s))} }

// sarifMessage keeps a text from being read as placeholders (3.11.5) or as an
// embedded link (3.11.6).
func sarifMessage(s string) string {
	return strings.NewReplacer("{", "{{", "}", "}}", "](", "] (").Replace(s)
}

func sarifLevel(s diag.Severity) string { return string(levelOf(s)) }

// findingText is a finding's message with its effect and the advice, escaped, a line each.
func findingText(f *report.Finding) string {
	text := Escape(f.Message)
	if f.Effect != "" {
		text += "\nEffect: " + Escape(f.Effect)
	}
	if f.Advice != "" {
		text += "\nWhat to do: " + Escape(f.Advice)
	}
	return text
}

// firstOf returns the first text that is not empty.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return "unnamed"
}

func escapeAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = Escape(t)
	}
	return out
}
