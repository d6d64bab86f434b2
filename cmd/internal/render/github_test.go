package render

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/policies/report"
)

// command is a workflow command as the runner reads it.
type command struct {
	Name, Data string
	Properties map[string]string
}

// readCommand does what the runner does with a line of output: a command begins
// with "::" behind white space, and "##[" anywhere begins one of the older form.
func readCommand(line string) (command, bool) {
	line = strings.TrimLeft(line, " \t\v\f\r\u0085\u00a0\u2028\u2029")
	if !strings.HasPrefix(line, "::") {
		return command{Name: "##["}, strings.Contains(line, "##[")
	}
	head, data, ok := strings.Cut(line[2:], "::")
	if !ok {
		return command{}, false
	}
	decode := func(s string) string {
		return strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%").Replace(s)
	}
	c := command{Data: decode(data), Properties: map[string]string{}}
	var properties string
	c.Name, properties, _ = strings.Cut(head, " ")
	for _, p := range strings.Split(properties, ",") {
		if key, value, ok := strings.Cut(p, "="); ok {
			c.Properties[key] = decode(value)
		}
	}
	return c, true
}

func TestGitHubCommands(t *testing.T) {
	r := dataCentre()
	r.Findings[0].Location.File = "a,b:c%/d.v4"
	r.Findings[0].Message = "100%\r\n::error::x"
	var got []command
	for _, line := range strings.Split(string(write(t, r, GitHub)), "\n") {
		if c, ok := readCommand(line); ok {
			got = append(got, c)
		}
	}
	first := command{Name: "error", Data: "100%\\r\\n::error::x\nEffect: " + r.Findings[0].Effect + "\nWhat to do: " + r.Findings[0].Advice,
		Properties: map[string]string{"file": "a,b:c%/d.v4", "line": "41", "col": "1", "title": "sumlint: missing-allowance"}}
	if diff := cmp.Diff(first, got[0]); diff != "" {
		t.Errorf("first command (-want +got):\n%s", diff)
	}
	var names []string
	for _, c := range got {
		names = append(names, c.Name)
	}
	if diff := cmp.Diff([]string{"error", "error", "warning", "warning", "warning", "notice"}, names); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

func TestGitHubLimit(t *testing.T) {
	r := &report.Report{}
	for i := range 25 {
		r.Findings = append(r.Findings, report.Finding{Rule: "r", Severity: diag.Error, Message: fmt.Sprintf("##[warning]%d", i)})
	}
	lines := strings.Split(strings.TrimSpace(string(write(t, r, GitHub))), "\n")
	var errors, plain int
	for _, line := range lines {
		c, ok := readCommand(line)
		switch {
		case ok && c.Name == "error":
			errors++
		case !ok && regexp.MustCompile(`^error sumlint: r .*\d+$`).MatchString(line):
			plain++
		}
		if c.Name == "##[" && ok {
			t.Errorf("%q is a command of the older form", line)
		}
	}
	if errors != githubShown || plain != 25-githubShown+1 {
		t.Errorf("%d annotations and %d plain lines, want 10 and 16", errors, plain)
	}
}
