// Package cli is sumlint's command line: its commands, flags and exit codes.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/cmd/internal/render"
)

// Run executes one command line, without the program's name, and returns the exit
// code. It touches nothing but what it is given and the files that args name.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	p := &program{stdout: stdout, stderr: stderr, env: env}
	root := p.root()
	root.SetArgs(append([]string{}, args...))
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	var status interface{ ExitCode() int }
	if !errors.As(err, &status) {
		status = usageError{err}
	}
	if text := err.Error(); text != "" {
		fmt.Fprintf(stderr, "sumlint: %s\n", render.EscapeLines(text))
		if errors.As(err, new(usageError)) {
			fmt.Fprintf(stderr, "See '%s --help'.\n", cmd.CommandPath())
		}
	}
	return status.ExitCode()
}

// program is what the commands share.
type program struct {
	stdout, stderr io.Writer
	env            func(string) string
	color          choice
}

// root builds the tree of commands.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "sumlint",
		Short: "Tells whether the firewalls will let a planned HPE SUM rollout work",
		Long: `sumlint tells, before anyone touches a server, whether the firewalls will let a
planned HPE Smart Update Manager (SUM) rollout work. It reads firewall exports
(iptables-save, Windows netsh advfirewall, YAML ACLs) and the planned topology
(*.sum.hcl), derives from SUM's published port table every flow that the rollout
needs, and reports what is missing: the flow, the firewall, the file and line that
decides, and the row of the table that asks for it.

It needs no device, no network and no privileges, and writes nothing but the
reports that it is asked for.

` + exitCodes,
		Example: `  sumlint check                      # the topology in this folder
  sumlint check --format json rollout/
  sumlint flows --format csv         # the change request for the firewall team
  sumlint explain missing-allowance`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef("no command given. %s", legalCommands(cmd, ""))
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(helpCommand())
	p.color = choice{value: "auto", legal: []string{"auto", "always", "never"}}
	root.PersistentFlags().Var(&p.color, "color", "colour: auto (on a terminal, unless NO_COLOR is set), always or never")
	complete(root, "color", p.color.legal)
	root.AddCommand(p.check(), p.flows(), p.facts(), p.ports(), p.rules(), p.explain(), p.test(), p.version())
	return root
}

const exitCodes = `Exit codes, the worst counts (2 over 3 over 1):
  0  no finding at or above --fail-on
  1  there are such findings
  2  wrong usage, a broken topology or policy, nothing to look at
  3  an export could not be recognised or read in full; what could be read is
     still linted and reported`

// helpCommand is `sumlint help`, which refuses unknown topics.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		Long:  "Show the help of a command: the same as `sumlint COMMAND --help`.",
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(cmd.Root(), rest)
			}
			topic.InitDefaultHelpFlag()
			return topic.Help()
		},
	}
}

// style is how output on stdout may look.
func (p *program) style(verbose bool) render.Style {
	return render.Style{
		Color:   p.colored(p.stdout),
		Width:   terminalWidth(p.stdout),
		Verbose: verbose,
		Version: buildVersion().Version,
	}
}
