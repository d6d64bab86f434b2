package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker in releases:
// -ldflags "-X github.com/sumlint/sumlint/cmd/internal/cli.version=1.2.3".
var version string

// build says which sumlint this is.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// buildVersion asks the linker, else the Go tool, which version this is.
func buildVersion() build {
	b := build{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Revision = s.Value
			}
		}
		if b.Version == "" {
			b.Version = info.Main.Version
		}
	}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	return b
}

func (p *program) version() *cobra.Command {
	format := choice{"text", []string{"text", "json"}}
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Show the version",
		Long:    "Show which sumlint this is: its version, revision, Go version and platform.",
		Example: "  sumlint version\n  sumlint version --format json",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			b := buildVersion()
			if format.value == "json" {
				return p.printJSON(b)
			}
			_, err := fmt.Fprintf(p.stdout, "sumlint %s (%s, %s)\n", b.Version, b.Go, b.Platform)
			return err
		},
	}
	cmd.Flags().Var(&format, "format", "the output's format")
	complete(cmd, "format", format.legal)
	return cmd
}

// noArguments refuses arguments.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments, but %q is one", cmd.CommandPath(), args[0])
	}
	return nil
}
