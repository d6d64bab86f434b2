package cli

import (
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/policies/lint"
)

// options are the flags that every command has which reads a topology.
type options struct {
	root, today string
	policies    []string
}

func (o *options) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.root, "root", "", "read nothing outside `DIR` (default: the git work tree, else the topology's folder)")
	f.StringArrayVar(&o.policies, "policy", nil, "more policies in Rego from `DIR`; repeatable")
	f.StringVar(&o.today, "today", "", "the day that waivers are held against, `YYYY-MM-DD` (default: SOURCE_DATE_EPOCH, else the clock, in UTC)")
	_ = cmd.MarkFlagDirname("root")
	_ = cmd.MarkFlagDirname("policy")
}

// lint turns the flags and PATHs into what policies/lint takes.
func (o *options) lint(p *program, paths []string, verbose bool) (lint.Options, error) {
	day, err := today(o.today, p.env("SOURCE_DATE_EPOCH"), time.Now())
	if err != nil {
		return lint.Options{}, err
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	return lint.Options{
		Policies:   o.worker(p),
		Paths:      paths,
		Root:       o.root,
		Today:      day,
		PolicyDirs: o.policies,
		Verbose:    verbose,
	}, nil
}

// today is the day that a run counts as: the flag's, that of SOURCE_DATE_EPOCH
// (seconds since 1970, as reproducible builds set it), or the clock's; in UTC.
func today(flag, epoch string, now time.Time) (string, error) {
	switch {
	case flag != "":
		if _, err := time.Parse(time.DateOnly, flag); err != nil {
			return "", usagef("--today: %q is no date; write it as YYYY-MM-DD", flag)
		}
		return flag, nil
	case epoch != "":
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil || seconds < 0 || seconds > 253402300799 {
			return "", usagef("SOURCE_DATE_EPOCH: %q is no number of seconds since 1970", epoch)
		}
		now = time.Unix(seconds, 0)
	}
	return now.UTC().Format(time.DateOnly), nil
}
