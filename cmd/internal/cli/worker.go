package cli

import (
	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/policies/judge/worker"
	"github.com/sumlint/sumlint/policies/lint"
)

// worker runs a team's policies in a child process, where they can be stopped.
// Without such policies, or without a program to start, they run here.
func (o *options) worker(p *program) lint.Policies {
	if len(o.policies) == 0 || p.self == "" {
		return nil
	}
	command := []string{p.self, "policy-worker"}
	for _, dir := range o.policies {
		command = append(command, "--policy", dir)
	}
	return &worker.Client{Command: command}
}

// policyWorker is the child's side.
func (p *program) policyWorker() *cobra.Command {
	var dirs []string
	cmd := &cobra.Command{
		Use:    "policy-worker",
		Short:  "Judge what the standard input holds, for a check that is under way",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return worker.Serve(cmd.Context(), cmd.InOrStdin(), p.stdout, dirs)
		},
	}
	cmd.Flags().StringArrayVar(&dirs, "policy", nil, "policies in Rego")
	return cmd
}
