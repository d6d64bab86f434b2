package render

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/policies/report"
)

//go:embed html/report.html.tmpl html/report.css html/report.js
var htmlAssets embed.FS

// HTML writes the report as the audit document: one file that asks nothing of any
// network, reads without scripts, prints, and can be filtered by verdict and
// name. Its Content-Security-Policy lets only its own style and script run.
func HTML(w io.Writer, r *report.Report, s Style) error {
	css, err := htmlAssets.ReadFile("html/report.css")
	if err != nil {
		return err
	}
	js, err := htmlAssets.ReadFile("html/report.js")
	if err != nil {
		return err
	}
	t, err := template.New("report.html.tmpl").Funcs(template.FuncMap{
		"symbol": verdictSymbol, "need": flowNeed, "plural": plural, "noun": noun, "join": htmlJoin,
		"hop": func(h report.Hop) string { return hopTitle(&h) }, "add": func(a, b int) int { return a + b },
	}).ParseFS(htmlAssets, "html/report.html.tmpl")
	if err != nil {
		return err
	}
	page := newHTMLPage(r)
	page.Version = Escape(s.Version)
	page.CSS, page.JS = template.CSS(css), template.JS(js)
	page.Policy = "default-src 'none'; style-src '" + htmlHash(css) + "'; script-src '" + htmlHash(js) + "'; img-src data:; base-uri 'none'; form-action 'none'"
	return t.Execute(w, page)
}

// htmlHash is a source for a Content-Security-Policy (CSP level 3, 2.3.1).
func htmlHash(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// htmlPage is what the template shows. All its texts are escaped already.
type htmlPage struct {
	CSS         template.CSS
	JS          template.JS
	Policy      string
	Version     string
	Report      *report.Report
	Headline    headline
	Topologies  []htmlTopology
	Findings    []htmlFinding // not waived
	Waived      []htmlFinding
	Groups      []htmlGroup
	Rules       []htmlRule
	Diagnostics []htmlDiagnostic
	Verdicts    []htmlCount
	Bars        []htmlBar
	Filtered    bool // there is something to filter
}

// htmlBar is a verdict's part of the bar below the headline, in percent of its width.
type htmlBar struct {
	Verdict report.Verdict
	X, W    string
}

type htmlTopology struct {
	Path    string
	Drawing *svgDrawing
	Tables  []htmlMatrix
}

type htmlCount struct {
	Verdict report.Verdict
	Count   int
	Text    string
}

type htmlFinding struct {
	*report.Finding
	ID      string
	Verdict report.Verdict // the worst of its flows
	Groups  []htmlLink
}

// SeverityWord is the severity with a sign that does without colour.
func (f htmlFinding) SeverityWord() string { return severityWord(f.Severity) }

// SeverityWord is the severity with a sign that does without colour.
func (d htmlDiagnostic) SeverityWord() string { return severityWord(d.Severity) }

type htmlLink struct{ ID, Text string }

type htmlGroup struct {
	*flowGroup
	ID       string
	Title    string
	Missing  map[int][]report.Missing // by the hop's index
	Members  []htmlMember
	LeftOut  int
	Findings []htmlLink
}

type htmlMember struct{ From, To, Source, Destination string }

type htmlRule struct {
	report.Rule
	Open, Waived int
}

type htmlDiagnostic struct {
	report.Diagnostic
	Before, Marked, After string
}

// The most entries of lists that no reader would read to the end; the JSON report has all.
const (
	htmlMembers = 2000
	htmlMissing = 20
)

func newHTMLPage(original *report.Report) *htmlPage {
	r := escapeReport(original)
	p := &htmlPage{Report: r, Headline: headlineOf(r), Filtered: len(r.Flows) > 0}
	groups := flowGroups(r)
	byFlow := map[*report.Flow]string{}
	waived := map[*report.Flow]bool{}
	for i, g := range groups {
		id := fmt.Sprintf("flow-%d", i+1)
		for _, f := range g.Flows {
			byFlow[f], waived[f] = id, g.Waived
		}
		p.Groups = append(p.Groups, newHTMLGroup(r, g, id))
	}
	for i := range r.Topologies {
		d := draw(r, i)
		p.Topologies = append(p.Topologies, htmlTopology{Path: d.Path, Drawing: layout(d), Tables: htmlMatrices(r, i, byFlow, waived)})
	}
	p.addFindings(r)
	p.addRules(r)
	for i := range r.Diagnostics {
		p.Diagnostics = append(p.Diagnostics, newHTMLDiagnostic(r.Diagnostics[i], original.Diagnostics[i]))
	}
	s := r.Summary
	p.Verdicts = []htmlCount{
		{report.Allowed, s.Allowed, "surely pass"}, {report.Blocked, s.Blocked, "cannot pass"},
		{report.Partial, s.Partial, "pass in part"}, {report.Conditional, s.Conditional, "pass if …"},
	}
	p.Bars = htmlBars(p.Verdicts, s.Flows)
	return p
}

func htmlBars(counts []htmlCount, total int) []htmlBar {
	var bars []htmlBar
	at := 0
	for _, c := range counts {
		if c.Count > 0 && total > 0 {
			bars = append(bars, htmlBar{c.Verdict, htmlPercent(at, total), htmlPercent(c.Count, total)})
		}
		at += c.Count
	}
	return bars
}

// htmlPercent is n of total in percent.
func htmlPercent(n, total int) string {
	return strconv.FormatFloat(float64(n)*100/float64(total), 'f', 2, 64)
}

// addFindings lists the findings, those that are waived apart, the gravest first.
func (p *htmlPage) addFindings(r *report.Report) {
	verdicts := map[string]report.Verdict{}
	for i := range r.Flows {
		verdicts[r.Flows[i].ID] = r.Flows[i].Verdict
	}
	links := map[int][]htmlLink{}
	for i := range p.Groups {
		g := &p.Groups[i]
		for _, at := range g.flowGroup.Findings {
			links[at] = append(links[at], htmlLink{ID: g.ID, Text: g.Title})
		}
	}
	for i := range r.Findings {
		f := htmlFinding{Finding: &r.Findings[i], ID: fmt.Sprintf("finding-%d", i+1), Groups: links[i]}
		f.Severity = levelOf(f.Severity)
		for _, id := range f.Flows {
			if v := verdicts[id]; verdictRank(v) > verdictRank(f.Verdict) {
				f.Verdict = v
			}
		}
		if f.Waived {
			p.Waived = append(p.Waived, f)
		} else {
			p.Findings = append(p.Findings, f)
		}
	}
	slices.SortStableFunc(p.Findings, func(a, b htmlFinding) int { return b.Severity.Rank() - a.Severity.Rank() })
}

func (p *htmlPage) addRules(r *report.Report) {
	for _, rule := range r.Rules {
		x := htmlRule{Rule: rule}
		for i := range r.Findings {
			switch f := &r.Findings[i]; {
			case f.Rule != rule.ID:
			case f.Waived:
				x.Waived++
			default:
				x.Open++
			}
		}
		p.Rules = append(p.Rules, x)
	}
}

func newHTMLGroup(r *report.Report, g *flowGroup, id string) htmlGroup {
	from, to := flowEnds(g.First)
	title := from + " → " + to
	if n := len(g.Flows); n > 1 {
		kind := g.First.TargetType
		switch {
		case kind == "" || g.First.Target == "":
			title = plural(n, "flow", "flows")
		case g.First.Direction == "from-target":
			title = fmt.Sprintf("%d × %s → %s", n, kind, htmlSame(g.Flows, to))
		default:
			title = fmt.Sprintf("%s → %d × %s", htmlSame(g.Flows, from), n, kind)
		}
	}
	x := htmlGroup{flowGroup: g, ID: id, Title: flowPorts(g.First) + ", " + title, Missing: map[int][]report.Missing{}}
	for _, at := range g.Findings {
		x.Findings = append(x.Findings, htmlLink{ID: fmt.Sprintf("finding-%d", at+1), Text: r.Findings[at].Rule})
	}
	for i, f := range g.Flows {
		if i == htmlMembers {
			x.LeftOut = len(g.Flows) - i
			break
		}
		a, z := flowEnds(f)
		x.Members = append(x.Members, htmlMember{a, z, shortList(f.Source, 8), shortList(f.Destination, 8)})
	}
	if len(g.Flows) == 1 {
		for i := range g.First.Hops {
			m := g.First.Hops[i].Missing
			x.Missing[i] = m[:min(len(m), htmlMissing)]
		}
	}
	return x
}

// htmlSame is the server's name where all flows have the same.
func htmlSame(flows []*report.Flow, name string) string {
	for _, f := range flows {
		if f.Server != flows[0].Server {
			return "several servers"
		}
	}
	return name
}

// newHTMLDiagnostic splits the snippet at the part that is meant; columns count the
// code points of the line as it was, before anything was escaped.
func newHTMLDiagnostic(d, original report.Diagnostic) htmlDiagnostic {
	x := htmlDiagnostic{Diagnostic: d}
	x.Severity = levelOf(x.Severity)
	line := original.Snippet
	from := runeOffset(line, original.Location.Column-1)
	to := from + runeOffset(line[from:], max(original.Width, 0))
	x.Before, x.Marked, x.After = clip(Escape(line[:from]), 200), clip(Escape(line[from:to]), 400), clip(Escape(line[to:]), 200)
	return x
}

// runeOffset is the byte offset of the n-th code point, from 0.
func runeOffset(s string, n int) int {
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}

// escapeReport returns a copy of the report with every text escaped.
func escapeReport(r *report.Report) *report.Report {
	out := *r
	escapeInPlace(reflect.ValueOf(&out).Elem())
	return &out
}

// escapeInPlace escapes the texts of a value of the kinds that reports are made
// of. What lists and pointers lead to is copied before.
func escapeInPlace(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if s := v.String(); firstUnsafe(s) < len(s) {
			v.SetString(Escape(s))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			target := reflect.New(v.Type().Elem())
			target.Elem().Set(v.Elem())
			v.Set(target)
			escapeInPlace(target.Elem())
		}
	case reflect.Slice:
		if v.Len() == 0 {
			return
		}
		list := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(list, v)
		v.Set(list)
		for i := range list.Len() {
			escapeInPlace(list.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			escapeInPlace(v.Field(i))
		}
	}
}

// htmlJoin joins texts and shortens long lists.
func htmlJoin(texts []string) string { return shortList(texts, 12) }

// severityWord is a severity with a sign that does without colour.
func severityWord(s diag.Severity) string {
	switch s {
	case diag.Error:
		return "✕ error"
	case diag.Note:
		return "i note"
	}
	return "! " + strings.ToLower(string(s))
}
