package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sumlint/sumlint/parsers/diag"
)

// usageError is a mistake on the command line.
type usageError struct{ error }

// ExitCode is the process's exit code.
func (usageError) ExitCode() int { return 2 }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// status is an exit code that the output has explained already.
type status int

func (status) Error() string { return "" }

// ExitCode is the process's exit code.
func (s status) ExitCode() int { return int(s) }

// exit turns an exit code into what a command returns.
func exit(code int) error {
	if code == 0 {
		return nil
	}
	return status(code)
}

// unknownCommand is the root's rule for arguments: each is a command that does not exist.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef("unknown command %q. %s", args[0], legalCommands(cmd, args[0]))
}

// legalCommands says which commands there are and which was perhaps meant.
func legalCommands(cmd *cobra.Command, word string) string {
	var names []string
	for _, c := range cmd.Root().Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return diag.Legal(word, names)
}

// flagError says what is wrong with a flag and what is legal.
func flagError(cmd *cobra.Command, err error) error {
	if args := cmd.Flags().Args(); !cmd.HasParent() && len(args) > 0 {
		return unknownCommand(cmd, args) // its flags are not to blame
	}
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var bare *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return usagef("unknown flag \"-%s\" for %s", unknown.GetSpecifiedName(), cmd.CommandPath())
	case errors.As(err, &unknown):
		return usagef("unknown flag \"--%s\" for %s. %s", unknown.GetSpecifiedName(), cmd.CommandPath(),
			legalFlags(cmd, unknown.GetSpecifiedName()))
	case errors.As(err, &invalid):
		return usagef("--%s: %w", invalid.GetFlag().Name, invalid.Unwrap())
	case errors.As(err, &bare):
		return usagef("--%s needs a value", bare.GetSpecifiedName())
	}
	return usageError{err}
}

// legalFlags says which flags a command has and which was perhaps meant.
func legalFlags(cmd *cobra.Command, word string) string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	return diag.Legal("--"+word, names)
}

// choice is a flag's value that is one of a few words.
type choice struct {
	value string
	legal []string
}

func (c *choice) String() string { return c.value }

// Type is what the help shows behind the flag.
func (c *choice) Type() string { return strings.Join(c.legal, "|") }

// Set checks and sets the value.
func (c *choice) Set(word string) error {
	for _, l := range c.legal {
		if word == l {
			c.value = word
			return nil
		}
	}
	return fmt.Errorf("unknown value %q. %s", word, diag.Legal(word, c.legal))
}

// complete lets the shell complete a flag's words.
func complete(cmd *cobra.Command, flag string, words []string) {
	// The one error is a flag that does not exist, which the tests would show.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}
