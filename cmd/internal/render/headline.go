package render

import (
	"fmt"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/policies/report"
)

// headline is a report in a sentence or two, as documents begin with it.
type headline struct {
	// State is "fail", "unread", "open" or "pass"; "unread" where errors in the inputs
	// keep the report from being complete, "open" where nothing is wrong and something undecided.
	State string
	// Title is the verdict; Text the numbers behind it; Unread what could not be
	// read, "" where all was.
	Title, Text, Unread string
}

// headlineOf puts a report's verdict into words.
func headlineOf(r *report.Report) headline {
	s := r.Summary
	h := headline{Text: countText(s)}
	errors := 0
	for _, d := range r.Diagnostics {
		if d.Severity == diag.Error {
			errors++
		}
	}
	if errors > 0 {
		h.Unread = fmt.Sprintf("%s in the inputs: the answer is not complete.", plural(errors, "error", "errors"))
	}
	switch {
	case s.Errors > 0 && s.Blocked+s.Partial > 0:
		h.State, h.Title = "fail", "The firewalls will stop parts of this rollout"
	case s.Errors > 0:
		h.State, h.Title = "fail", "This rollout cannot be cleared"
	case errors > 0:
		h.State, h.Title = "unread", "Not everything could be read"
	case s.Flows == 0:
		h.State, h.Title = "unread", "Nothing was checked"
	case unreported(r) > 0:
		h.State = "open"
		h.Title = fmt.Sprintf("No error was found, but %s blocked that no rule reports: rules are switched off", plural(unreported(r), "required flow is", "required flows are"))
	case s.Conditional > 0 || s.Warnings > 0:
		h.State, h.Title = "open", "No error was found, but the rollout depends on conditions"
		if s.Conditional == 0 {
			h.Title = "No error was found, but there are warnings"
		}
	case s.Blocked+s.Partial > 0:
		h.State, h.Title = "pass", "No error was found; what is blocked is optional or waived"
	default:
		h.State, h.Title = "pass", "The firewalls will let this rollout pass"
	}
	return h
}

// unreported counts the required flows that can't pass and that no finding is about,
// since the topology switches its rule off.
func unreported(r *report.Report) int {
	told := map[string]bool{}
	for i := range r.Findings {
		for _, id := range r.Findings[i].Flows {
			told[id] = true
		}
	}
	n := 0
	for i := range r.Flows {
		f := &r.Flows[i]
		if f.Need == "required" && f.Must != report.Never && (f.Verdict == report.Blocked || f.Verdict == report.Partial) && !told[f.ID] {
			n++
		}
	}
	return n
}

// countText counts flows and findings.
func countText(s report.Summary) string {
	var parts []string
	add := func(n int, word string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, word))
		}
	}
	add(s.Allowed, "allowed")
	add(s.Blocked, "blocked")
	add(s.Partial, "partial")
	add(s.Conditional, "conditional")
	text := fmt.Sprintf("%s needed", plural(s.Flows-s.Forbidden, "flow is", "flows are"))
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if s.Forbidden > 0 {
		text += fmt.Sprintf("; %d must never pass", s.Forbidden)
	}
	parts = nil
	add(s.Errors, noun(s.Errors, "error", "errors"))
	add(s.Warnings, noun(s.Warnings, "warning", "warnings"))
	add(s.Notes, noun(s.Notes, "note", "notes"))
	add(s.Waived, "waived")
	if len(parts) == 0 {
		return text + ". There are no findings."
	}
	return text + ". Findings: " + strings.Join(parts, ", ") + "."
}

// plural is a number with its noun.
func plural(n int, one, many string) string { return fmt.Sprintf("%d %s", n, noun(n, one, many)) }

func noun(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// verdictSymbol is a sign for a verdict that does without colour.
func verdictSymbol(v report.Verdict) string {
	switch v {
	case report.Allowed:
		return "✓"
	case report.Blocked:
		return "✕"
	case report.Partial:
		return "◐"
	case report.Conditional:
		return "?"
	}
	return "·"
}

// verdictRank orders verdicts: the worst is the highest.
func verdictRank(v report.Verdict) int {
	switch v {
	case report.Allowed:
		return 1
	case report.Conditional:
		return 2
	case report.Partial:
		return 3
	case report.Blocked:
		return 4
	}
	return 0
}

// asWanted tells that a flow fares as the plan and the policies want: that it
// surely passes, or that it cannot pass where it never must.
func asWanted(f *report.Flow) bool {
	if f.Must == report.Never {
		return f.Verdict == report.Blocked
	}
	return f.Verdict == report.Allowed || f.Verdict == ""
}

// levelOf is a severity as formats know them; one that is none of the three counts
// as a warning, so that nothing is lost.
func levelOf(s diag.Severity) diag.Severity {
	if s.Rank() == 0 {
		return diag.Warning
	}
	return s
}
