package judge

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/judge/compile"
)

// maxSuspects bounds how many packages a message names.
const maxSuspects = 10

// FindingProblems turns an error of the rules' evaluation, here or in another process,
// into diagnostics. One that tells no place in the team's files names the team's rules.
func (j *Judge) FindingProblems(err error) diag.List { return j.problems(err, kindRules) }

// NeedProblems is FindingProblems for the evaluation of declared flows.
func (j *Judge) NeedProblems(err error) diag.List { return j.problems(err, kindNeeds) }

func (j *Judge) problems(err error, kind string) diag.List {
	list := Diagnostics(err)
	var own []*policy
	for _, p := range j.packages {
		if p.own && p.kind == kind {
			own = append(own, p)
		}
	}
	if len(own) == 0 || errors.Is(err, context.Canceled) {
		return list
	}
	for i := range list {
		if at := list[i].Location(); at.File == "" || strings.HasPrefix(at.File, compile.Root) {
			suspect(&list[i], at, own)
		}
	}
	return list
}

// suspect says in a diagnostic from which packages of the team the problem comes; a
// single one is its place.
func suspect(d *diag.Diagnostic, at source.Location, own []*policy) {
	if at.File != "" {
		d.Detail = strings.TrimSpace(fmt.Sprintf("It shows in %s:%d, by what a rule of the team's own says. %s", at.File, at.Line, d.Detail))
	}
	if len(own) == 1 {
		d.Place = own[0].at
		return
	}
	var names []string
	for _, p := range own[:min(len(own), maxSuspects)] {
		names = append(names, fmt.Sprintf("%s (%s:%d)", p.id, p.at.File, p.at.Line))
	}
	text := "The cause is one of the team's packages: " + strings.Join(names, ", ")
	if more := len(own) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	d.Detail = strings.TrimSpace(d.Detail + " " + text + ".")
}
