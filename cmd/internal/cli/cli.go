// Package cli is sumlint's command line: its commands, flags and exit codes.
package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/cmd/internal/render"
)

// frugalFrom is from how much memory on, in bytes, garbage is collected more often.
const frugalFrom = 768 << 20

// Main executes the process's own command line and returns the exit code. A team's
// policies run in a child process of the same program.
func Main(ctx context.Context) int {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	if os.Getenv("GOGC") == "" {
		// A run is short and makes much that it soon drops: collecting less often takes
		// 40 % off the processor time of an estate of host exports (make bench), for twice
		// the memory. Where that is much, it is collected as often as elsewhere.
		debug.SetGCPercent(300)
		if os.Getenv("GOMEMLIMIT") == "" {
			debug.SetMemoryLimit(frugalFrom)
		}
	}
	p := &program{stdout: os.Stdout, stderr: os.Stderr, env: os.Getenv, self: self}
	return p.run(ctx, os.Args[1:], os.Stdin)
}

// Run executes one command line, without the program's name, and returns the exit
// code. It touches nothing but what it is given and the files that args name.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	p := &program{stdout: stdout, stderr: stderr, env: env}
	return p.run(ctx, args, stdin)
}

func (p *program) run(ctx context.Context, args []string, stdin io.Reader) int {
	root := p.root()
	root.SetArgs(append([]string{}, args...))
	root.SetIn(stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	var status interface{ ExitCode() int }
	if !errors.As(err, &status) {
		status = usageError{err}
	}
	if text := err.Error(); text != "" {
		fmt.Fprintf(p.stderr, "sumlint: %s\n", render.EscapeLines(text))
		if errors.As(err, new(usageError)) {
			fmt.Fprintf(p.stderr, "See '%s --help'.\n", cmd.CommandPath())
		}
	}
	return status.ExitCode()
}

// program is what the commands share.
type program struct {
	stdout, stderr io.Writer
	env            func(string) string
	// self is the program's file, to start it again for a team's policies; "" runs them here.
	self  string
	color choice
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
	root.AddCommand(p.check(), p.flows(), p.diff(), p.trace(), p.show(), p.facts(),
		p.ports(), p.rules(), p.explain(), p.test(), p.version(), p.init(), p.policyWorker())
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

// printJSON prints a value as indented JSON.
func (p *program) printJSON(v any) error {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	if err := out.Encode(v); err != nil {
		return err
	}
	_, err := p.stdout.Write(render.SafeJSON(b.Bytes()))
	return err
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
