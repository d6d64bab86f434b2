package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/cmd/internal/render"
	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/policies/lint"
	"github.com/sumlint/sumlint/policies/report"
)

// check is the main job.
func (p *program) check() *cobra.Command {
	var o options
	format := choice{"text", formatNames()}
	failOn := choice{"error", []string{"error", "warning", "note", "none"}}
	var files []string
	var verbose bool
	var known baselineFlags
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Check a planned rollout against the firewall exports",
		Long: `Check whether the firewalls let each flow pass that the planned rollout needs.

PATH is a folder with *.sum.hcl files, which make one topology together, or one such
file; the default is the current folder. Several PATHs make one report.

Formats:
` + aboutFormats() + `
--report writes further reports beside the main output: the file is replaced as a
whole once the report is complete, its folder must exist. With --format github the
file that GITHUB_STEP_SUMMARY names gets a summary.

--baseline marks the findings that a file holds as waived, so that an old repository
can start clean; a finding whose cause or flows change is new again. With
--write-baseline the file is written from this run instead.

` + exitCodes,
		Example: `  sumlint check
  sumlint check fixtures/datacenter
  sumlint check --format json rollout/ > report.json
  sumlint check --baseline known.json --write-baseline   # accept what is there today
  sumlint check --baseline known.json                    # and report what is new
  sumlint check --fail-on warning --report json=report.json rollout/a rollout/b
  sumlint check --policy policies/ --today 2026-12-01`,
		RunE: func(cmd *cobra.Command, args []string) error {
			sinks, err := parseSinks(files)
			if err != nil {
				return err
			}
			lo, err := o.lint(p, args, verbose)
			if err != nil {
				return err
			}
			done := p.progress(&lo)
			r, err := lint.Check(cmd.Context(), lo)
			done()
			if err != nil {
				return err
			}
			if err := known.apply(r); err != nil {
				return err
			}
			if err := p.write(r, format.value, sinks, verbose); err != nil {
				return err
			}
			return exit(exitCode(r, diag.Severity(failOn.value)))
		},
	}
	f := cmd.Flags()
	f.Var(&format, "format", "the main output's format")
	f.StringArrayVar(&files, "report", nil, "also write a report: `FORMAT=FILE`; repeatable")
	f.Var(&failOn, "fail-on", "the least severity of a finding that makes the exit code 1")
	f.BoolVar(&verbose, "verbose", false, "show the hops of allowed flows too, and shorten no list")
	known.add(cmd)
	o.add(cmd)
	complete(cmd, "format", format.legal)
	complete(cmd, "fail-on", failOn.legal)
	return cmd
}

// exitCode is the exit code that a report stands for: 2 for errors in usage,
// topology or policy, else 3 for errors in exports, else 1 for findings that are
// not waived and at least as severe as failOn, which is a severity or "none".
func exitCode(r *report.Report, failOn diag.Severity) int {
	if code := diagnosticsCode(r.Diagnostics); code != 0 {
		return code
	}
	if slices.ContainsFunc(r.Findings, func(f report.Finding) bool {
		return !f.Waived && failOn.Rank() > 0 && f.Severity.Rank() >= failOn.Rank()
	}) {
		return 1
	}
	return 0
}

// diagnosticsCode is the exit code that diagnostics alone stand for.
func diagnosticsCode(list []report.Diagnostic) int {
	code := 0
	for _, d := range list {
		switch {
		case d.Severity != diag.Error:
		case d.Origin != diag.Export:
			return 2
		default:
			code = 3
		}
	}
	return code
}

// write writes the main output and the further reports.
func (p *program) write(r *report.Report, format string, sinks []sink, verbose bool) error {
	errs := make([]error, 0, len(sinks)+1)
	plain := render.Style{Verbose: verbose, Version: buildVersion().Version}
	for _, s := range sinks {
		errs = append(errs, replaceFile(s.file, func(w io.Writer) error { return s.format.Write(w, r, plain) }))
	}
	if summary := p.env("GITHUB_STEP_SUMMARY"); format == "github" && summary != "" {
		errs = append(errs, appendFile(summary, func(w io.Writer) error { return render.GitHubSummary(w, r) }))
	}
	f, _ := findFormat(format)
	out := bufio.NewWriter(p.stdout)
	errs = append(errs, f.Write(out, r, p.style(verbose)), out.Flush())
	return errors.Join(errs...)
}

// sink is a report that goes to a file.
type sink struct {
	format render.Format
	file   string
}

// parseSinks reads the values of --report and refuses what could not be written.
func parseSinks(values []string) ([]sink, error) {
	var sinks []sink
	seen := map[string]bool{}
	for _, v := range values {
		name, file, ok := strings.Cut(v, "=")
		if !ok || file == "" {
			return nil, usagef("--report: %q is not FORMAT=FILE, such as json=report.json", v)
		}
		format, ok := findFormat(name)
		if !ok {
			return nil, usagef("--report: unknown format %q. %s", name, diag.Legal(name, formatNames()))
		}
		file = filepath.Clean(file)
		if seen[file] {
			return nil, usagef("--report: %q is named twice", file)
		}
		seen[file] = true
		if dir, err := os.Stat(filepath.Dir(file)); err != nil || !dir.IsDir() {
			return nil, usagef("--report: the folder of %q does not exist", file)
		}
		if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
			return nil, usagef("--report: %q is no regular file; --format writes to the standard output", file)
		}
		sinks = append(sinks, sink{format, file})
	}
	return sinks, nil
}

func findFormat(name string) (render.Format, bool) {
	all := render.Formats()
	i := slices.IndexFunc(all, func(f render.Format) bool { return f.Name == name })
	if i < 0 {
		return render.Format{}, false
	}
	return all[i], true
}

func formatNames() []string {
	var names []string
	for _, f := range render.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// aboutFormats lists the formats for the help.
func aboutFormats() string {
	var b strings.Builder
	for _, f := range render.Formats() {
		fmt.Fprintf(&b, "  %-9s %s\n", f.Name, f.About)
	}
	return b.String()
}
