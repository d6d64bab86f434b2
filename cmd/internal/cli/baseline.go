package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/policies/baseline"
	"github.com/sumlint/sumlint/policies/report"
)

// baselineFlags are check's flags for findings that are known and accepted.
type baselineFlags struct {
	file  string
	write bool
}

// maxBaseline is the largest baseline file that is read, in bytes.
const maxBaseline = 64 << 20

func (b *baselineFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&b.file, "baseline", "", "`FILE` with known findings, which do not count")
	f.BoolVar(&b.write, "write-baseline", false, "write the findings of this run to the --baseline file; they do not count then")
}

// apply marks the known findings of a report, after writing the file if wanted.
func (b *baselineFlags) apply(r *report.Report) error {
	if b.file == "" {
		if b.write {
			return usagef("--write-baseline needs --baseline FILE")
		}
		return nil
	}
	if b.write {
		if diagnosticsCode(r.Diagnostics) != 0 {
			return usagef("the baseline is not written: not every input could be read")
		}
		text := baseline.Format(r)
		err := replaceFile(b.file, func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		})
		if err != nil {
			return err
		}
		return baseline.Apply(r, b.file, text)
	}
	info, err := os.Stat(b.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usagef("the baseline %q does not exist; write it with --write-baseline", b.file)
	case err != nil:
		return usageError{err}
	case !info.Mode().IsRegular() || info.Size() > maxBaseline:
		return usagef("the baseline %q is no regular file of at most 64 MiB", b.file)
	}
	text, err := os.ReadFile(b.file)
	if err != nil {
		return usageError{err}
	}
	if err := baseline.Apply(r, b.file, text); err != nil {
		return usageError{err}
	}
	return nil
}
