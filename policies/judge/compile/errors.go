package compile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
)

// Diagnostics turns what OPA returns as an error into diagnostics about policies, each
// with its place where there is one.
func Diagnostics(err error) diag.List {
	var list diag.List
	var many ast.Errors
	var one *ast.Error
	var failure *topdown.Error
	var done diag.Diagnostic
	var joined interface{ Unwrap() []error }
	switch {
	case err == nil:
	case errors.As(err, &joined):
		for _, e := range joined.Unwrap() {
			list = append(list, Diagnostics(e)...)
		}
	case errors.As(err, &done):
		list.Add(done)
	case errors.As(err, &many):
		for _, e := range many {
			list.Add(explained(e))
		}
	case errors.As(err, &one):
		list.Add(explained(one))
	case errors.As(err, &failure):
		list.Add(at(failure.Location, failure.Message, "The policies stopped here; no finding counts until this is mended."))
	default:
		list.Add(at(nil, err.Error(), ""))
	}
	return list
}

// explained words a compiler's error.
func explained(e *ast.Error) diag.Diagnostic {
	detail := ""
	if e.Details != nil {
		detail = strings.Join(e.Details.Lines(), "\n")
	}
	summary := e.Message
	if name, ok := strings.CutPrefix(e.Message, "undefined function "); ok && Removed(name) {
		summary = fmt.Sprintf("%s is not available to policies", name)
		detail = "Policies see their input and the port table only: builtins that reach the network, the clock, chance or the environment are taken out, " +
			"so that the same input always gives the same findings. Today's date is input.today."
	}
	return at(e.Location, summary, detail)
}

// at makes an error about a policy.
func at(location *ast.Location, summary, detail string) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Error, Origin: diag.Policy, Summary: summary, Detail: detail, Place: Place(location)}
}

// Place is an OPA location as reports print it.
func Place(location *ast.Location) source.Location {
	if location == nil {
		return source.Location{}
	}
	return source.Location{File: location.File, Line: location.Row, Column: location.Col}
}
