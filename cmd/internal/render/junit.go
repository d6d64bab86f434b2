package render

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/policies/report"
)

// JUnit writes the report as JUnit XML, the form that Jenkins, GitLab and others
// read test results in: a suite for each target and for each server's own flows,
// with a case for each flow, also for those that pass; a suite "rules" with a case
// for each rule, for findings about no flow; and a suite "inputs" with a case for
// each file.
//
// A flow with an error that is not waived is a failure. One with a warning, or
// with waived findings only, is skipped, since it neither surely passes nor
// fails; the message says why. A name is the same from run to run and stands
// only once in its suite, because viewers fold equal names into one.
func JUnit(w io.Writer, r *report.Report, _ Style) error {
	j := junitBuilder{r: r, byFlow: findingsByFlow(r), suites: map[string]*junitSuite{}}
	for i := range r.Flows {
		j.flow(&r.Flows[i])
	}
	j.rules()
	j.inputs()
	root := junitRoot{Name: "sumlint"}
	for _, s := range j.order {
		s.finish()
		root.Suites = append(root.Suites, s)
		root.Tests += s.Tests
		root.Failures += s.Failures
		root.Errors += s.Errors
		root.Skipped += s.Skipped
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(root); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

type (
	junitRoot struct {
		XMLName  xml.Name      `xml:"testsuites"`
		Name     string        `xml:"name,attr"`
		Tests    int           `xml:"tests,attr"`
		Failures int           `xml:"failures,attr"`
		Errors   int           `xml:"errors,attr"`
		Skipped  int           `xml:"skipped,attr"`
		Suites   []*junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
		ids      []string
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    int           `xml:"time,attr"` // some readers want one
		Failure *junitProblem `xml:"failure"`
		Error   *junitProblem `xml:"error"`
		Skipped *junitProblem `xml:"skipped"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
	junitBuilder struct {
		r      *report.Report
		byFlow map[string][]int
		suites map[string]*junitSuite
		order  []*junitSuite
	}
)

// add appends a case to a suite; id tells cases of one name apart.
func (j *junitBuilder) add(suite, id string, c junitCase) {
	s := j.suites[suite]
	if s == nil {
		s = &junitSuite{Name: suite}
		j.suites[suite] = s
		j.order = append(j.order, s)
	}
	s.Cases, s.ids = append(s.Cases, c), append(s.ids, id)
}

// finish counts a suite's cases and makes their names unique.
func (s *junitSuite) finish() {
	seen := map[string]int{}
	for i := range s.Cases {
		seen[s.Cases[i].Name]++
	}
	for i := range s.Cases {
		c := &s.Cases[i]
		if seen[c.Name] > 1 && s.ids[i] != "" {
			c.Name += " [" + s.ids[i] + "]"
		}
	}
	seen = map[string]int{}
	for i := range s.Cases {
		c := &s.Cases[i]
		if seen[c.Name]++; seen[c.Name] > 1 {
			c.Name = fmt.Sprintf("%s (%d)", c.Name, seen[c.Name])
		}
		s.Tests++
		switch {
		case c.Error != nil:
			s.Errors++
		case c.Failure != nil:
			s.Failures++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
}

// flow adds the case of a flow.
func (j *junitBuilder) flow(f *report.Flow) {
	suite, class := "target "+f.Target, f.Server+"."+f.Target
	switch {
	case f.Target == "" && f.Server == "":
		suite, class = "policy "+f.Policy, "policy."+f.Policy
	case f.Target == "":
		suite, class = "server "+f.Server, f.Server+"."+f.Direction
	}
	if f.Topology != "" && len(j.r.Topologies) > 1 {
		suite, class = f.Topology+": "+suite, f.Topology+"."+class
	}
	from, to := flowEnds(f)
	c := junitCase{Name: Escape(fmt.Sprintf("%s %s, %s → %s", f.Direction, flowPorts(f), from, to)), Class: Escape("sumlint." + class)}
	if f.Must == report.Never {
		c.Name += " (must never pass)"
	}
	open, waived := j.about(f)
	text := junitFlowText(f)
	switch {
	case len(open) > 0 && levelOf(open[0].Severity) == diag.Error:
		c.Failure = &junitProblem{Message: Escape(open[0].Message), Type: Escape(open[0].Rule), Text: junitFindings(open) + text}
	case len(open) > 0 && levelOf(open[0].Severity) == diag.Warning:
		c.Skipped = &junitProblem{Message: Escape("warning: " + open[0].Message)}
		c.Out = junitFindings(open) + text
	case len(open) > 0:
		c.Out = junitFindings(open) + text
	case len(waived) > 0:
		c.Skipped = &junitProblem{Message: Escape("waived: " + firstOf(waived[0].WaivedBy, waived[0].Message))}
		c.Out = junitFindings(waived) + text
	case !asWanted(f):
		c.Out = text
	}
	j.add(Escape(suite), Escape(f.ID), c)
}

// about returns the findings about a flow, those that are waived apart, the gravest first.
func (j *junitBuilder) about(f *report.Flow) (open, waived []*report.Finding) {
	for _, at := range j.byFlow[f.ID] {
		x := &j.r.Findings[at]
		switch {
		case x.Waived:
			waived = append(waived, x)
		case len(open) > 0 && levelOf(x.Severity).Rank() > levelOf(open[0].Severity).Rank():
			open = append([]*report.Finding{x}, open...)
		default:
			open = append(open, x)
		}
	}
	return open, waived
}

// rules adds a case for each rule, for its findings about no flow.
func (j *junitBuilder) rules() {
	byRule := map[string][]*report.Finding{}
	var order []string
	for _, rule := range j.r.Rules {
		byRule[rule.ID] = nil
		order = append(order, rule.ID)
	}
	for i := range j.r.Findings {
		f := &j.r.Findings[i]
		if len(f.Flows) > 0 || f.Waived {
			continue
		}
		if _, ok := byRule[f.Rule]; !ok {
			order = append(order, f.Rule)
		}
		byRule[f.Rule] = append(byRule[f.Rule], f)
	}
	for _, id := range order {
		c := junitCase{Name: Escape(id), Class: "sumlint.rules"}
		worst := diag.Severity("")
		for _, f := range byRule[id] {
			if levelOf(f.Severity).Rank() > worst.Rank() {
				worst = levelOf(f.Severity)
			}
		}
		if found := byRule[id]; len(found) > 0 {
			text := junitFindings(found)
			switch worst {
			case diag.Error:
				c.Failure = &junitProblem{Message: Escape(found[0].Message), Type: Escape(id), Text: text}
			case diag.Warning:
				c.Skipped, c.Out = &junitProblem{Message: Escape("warning: " + found[0].Message)}, text
			default:
				c.Out = text
			}
		}
		j.add("rules", "", c)
	}
}

// inputs adds a case for each export and for each other place that a diagnostic names.
func (j *junitBuilder) inputs() {
	byFile := map[string][]*report.Diagnostic{}
	var order []string
	note := func(file string) {
		if _, ok := byFile[file]; !ok {
			byFile[file] = nil
			order = append(order, file)
		}
	}
	for _, t := range j.r.Topologies {
		for _, f := range t.Firewalls {
			for _, e := range f.Exports {
				note(e)
			}
		}
	}
	for i := range j.r.Diagnostics {
		d := &j.r.Diagnostics[i]
		file := firstOf(d.Location.File, "the run")
		note(file)
		byFile[file] = append(byFile[file], d)
	}
	for _, file := range order {
		c := junitCase{Name: Escape(file), Class: "sumlint.inputs"}
		var text strings.Builder
		for _, d := range byFile[file] {
			line := fmt.Sprintf("%s:%d:%d: %s: %s\n", Escape(file), d.Location.Line, d.Location.Column, Escape(string(d.Severity)), Escape(d.Message))
			text.WriteString(line)
			if d.Severity == diag.Error && c.Error == nil {
				c.Error = &junitProblem{Message: Escape(d.Message), Type: "input"}
			}
		}
		if c.Error != nil {
			c.Error.Text = text.String()
		} else {
			c.Out = text.String()
		}
		j.add("inputs", "", c)
	}
}

// junitFindings lists findings, a line each.
func junitFindings(list []*report.Finding) string {
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%s: %s: %s\n", Escape(string(f.Severity)), Escape(f.Rule), findingText(f))
		if f.Location.File != "" {
			fmt.Fprintf(&b, "  at %s:%d\n", Escape(f.Location.File), f.Location.Line)
		}
	}
	return b.String()
}

// junitFlowText explains a flow hop by hop.
func junitFlowText(f *report.Flow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s to %s, %s\n", Escape(string(f.Verdict)), Escape(flowNeed(f)), Escape(shortList(f.Source, 5)), Escape(shortList(f.Destination, 5)), Escape(flowPorts(f)))
	if f.Row != "" {
		fmt.Fprintf(&b, "port table: %s\n", Escape(f.Row))
	}
	for i := range f.Hops {
		h := &f.Hops[i]
		fmt.Fprintf(&b, "%s: %s\n", Escape(hopTitle(h)), Escape(string(h.Verdict)))
		for _, d := range h.DecidedBy {
			fmt.Fprintf(&b, "  decided by %s:%d: %s\n", Escape(d.File), d.Line, Escape(d.Text))
		}
		for _, d := range h.DependsOn {
			fmt.Fprintf(&b, "  depends on %s: %s\n", Escape(d.Kind), Escape(d.Text))
		}
	}
	return b.String()
}
