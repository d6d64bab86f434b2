// Package baseline lets an old repository start clean: the findings of one day,
// kept by fingerprint in a file, do not count until they change.
package baseline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

// Schema names the form of the file.
const Schema = "sumlint/baseline/v1"

// By is what report.Finding.WaivedBy says of a finding in the baseline.
const By = "baseline"

type file struct {
	Schema   string  `json:"schema"`
	Findings []entry `json:"findings"`
}

// entry is one finding; only the fingerprint counts, the rest is for the reader.
type entry struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	Message     string `json:"message"`
}

// Format makes the file of a report's findings that are not waived otherwise.
func Format(r *report.Report) []byte {
	f := file{Schema: Schema, Findings: []entry{}}
	for _, finding := range r.Findings {
		if !finding.Waived || finding.WaivedBy == By {
			f.Findings = append(f.Findings, entry{finding.Fingerprint, finding.Rule, finding.Message})
		}
	}
	slices.SortFunc(f.Findings, func(a, b entry) int { return strings.Compare(a.Fingerprint, b.Fingerprint) })
	f.Findings = slices.CompactFunc(f.Findings, func(a, b entry) bool { return a.Fingerprint == b.Fingerprint })
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(f) // strings only: it can't fail
	return out.Bytes()
}

// Apply marks the findings of a report that a baseline file holds as waived. Entries
// that occur no longer are told in a diagnostic, so that the file can shrink.
func Apply(r *report.Report, name string, text []byte) error {
	var f file
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return fmt.Errorf("the baseline %q can't be read: %w", name, err)
	}
	if f.Schema != Schema {
		return fmt.Errorf("the baseline %q has the schema %q; expected %q", name, f.Schema, Schema)
	}
	gone := map[string]bool{}
	for _, e := range f.Findings {
		gone[e.Fingerprint] = true
	}
	known := map[string]bool{}
	for i := range r.Findings {
		finding := &r.Findings[i]
		if gone[finding.Fingerprint] || known[finding.Fingerprint] {
			known[finding.Fingerprint] = true
			delete(gone, finding.Fingerprint)
			if !finding.Waived {
				finding.Waived, finding.WaivedBy = true, By
			}
		}
	}
	if len(gone) > 0 {
		r.Diagnostics = append(r.Diagnostics, report.Diagnostic{Severity: diag.Note, Origin: diag.Usage,
			Location: source.Location{File: name},
			Message:  fmt.Sprintf("%d of the baseline's findings occur no longer; write the baseline anew to forget them", len(gone))})
	}
	r.Count()
	return nil
}
