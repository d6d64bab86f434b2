package cli

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sumlint/sumlint/cmd/internal/render"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/inspect"
	"github.com/sumlint/sumlint/policies/report"
)

// exportFormats are the formats of exports that a flag may name.
func exportFormats() []string { return []string{"auto", "iptables", "ipset", "netsh", "acl"} }

// exportFormat is the flag that says what exports are; auto recognises them.
func exportFormat(cmd *cobra.Command) *choice {
	c := &choice{"auto", exportFormats()}
	cmd.Flags().Var(c, "export-format", "what the exports are; auto recognises it from the content")
	complete(cmd, "export-format", c.legal)
	return c
}

// named is the format as policies/inspect takes it.
func (c *choice) named() string {
	if c.value == "auto" {
		return ""
	}
	return c.value
}

// needExports refuses a command line without exports.
func needExports(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("%s needs at least one export: a file that iptables-save, netsh or a network tool wrote", cmd.CommandPath())
	}
	return nil
}

const exitCodesOfExports = `Exit codes:
  0  done
  2  wrong usage, no such file
  3  an export could not be recognised or read in full; what could be read is shown`

// show is the normalized model of exports.
func (p *program) show() *cobra.Command {
	format := choice{"text", []string{"text", "json"}}
	var as *choice
	cmd := &cobra.Command{
		Use:   "show EXPORT...",
		Short: "Show the normalized model of exports",
		Long: `Show what each export is compiled into: the chains that the hooks call, and for each
rule the packets that it matches, the conditions that the export can't decide, and
its action. It needs no topology.

What is wrong with an export goes to the standard error; json holds it too.

` + exitCodesOfExports,
		Example: `  sumlint show exports/core.v4
  sumlint show --export-format netsh --format json firewall.txt`,
		Args: needExports,
		RunE: func(cmd *cobra.Command, args []string) error {
			model, problems, err := inspect.Show(cmd.Context(), args, as.named())
			if err != nil {
				return err
			}
			if format.value == "json" {
				list := report.FromDiagnostics(problems)
				err := p.printJSON(struct {
					*inspect.Model
					Diagnostics []report.Diagnostic `json:"diagnostics"`
				}{model, list})
				if err != nil {
					return err
				}
				return exit(diagnosticsCode(list))
			}
			out := bufio.NewWriter(p.stdout)
			for i := range model.Exports {
				if i > 0 {
					fmt.Fprintln(out)
				}
				writeModel(out, &model.Exports[i])
			}
			if err := out.Flush(); err != nil {
				return err
			}
			return p.explainProblems(problems)
		},
	}
	cmd.Flags().Var(&format, "format", "the output's format")
	complete(cmd, "format", format.legal)
	as = exportFormat(cmd)
	return cmd
}

// writeModel writes an export's chains, hooks first.
func writeModel(w io.Writer, e *inspect.ShownExport) {
	fmt.Fprintf(w, "%s: %s, rule lines: %d\n", render.Escape(e.File), cmp.Or(e.Format, "unknown format"), e.RuleCount)
	for _, hook := range []string{"prerouting", "input", "forward", "output", "postrouting"} {
		var chains []string
		for _, c := range e.Hooks[hook] {
			chains = append(chains, render.Escape(c.Chain))
		}
		if len(chains) > 0 {
			fmt.Fprintf(w, "  %-11s %s\n", hook, strings.Join(chains, ", "))
		}
	}
	for _, a := range e.Assumptions {
		fmt.Fprintf(w, "  assumed: %s\n", render.Escape(a.Message))
	}
	for _, c := range e.Chains {
		fmt.Fprintf(w, "\n%s, default %s\n", render.Escape(c.Chain), c.Default)
		for _, r := range c.Rules {
			text := cmp.Or(r.Text, "(no line of the export)")
			fmt.Fprintf(w, "%6s  %s\n", lineNumber(r.Line), render.Escape(text))
			action := strings.TrimSpace(r.Action + " " + r.Target)
			fmt.Fprintf(w, "        %s → %s\n", render.Escape(r.Where), render.Escape(action))
			for _, u := range r.Unknown {
				fmt.Fprintf(w, "        depends on %s\n", render.Escape(u))
			}
			if r.Note != "" && !slices.Contains(r.Unknown, r.Note) {
				fmt.Fprintf(w, "        (%s)\n", render.Escape(r.Note))
			}
		}
	}
}

// lineNumber is a line's number, "" for none.
func lineNumber(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// trace follows one packet through one firewall.
func (p *program) trace() *cobra.Command {
	format := choice{"text", []string{"text", "json"}}
	hook := choice{"forward", []string{"input", "forward", "output"}}
	state := choice{"new", []string{"new", "established", "related", "invalid", "untracked"}}
	var packet inspect.Packet
	var as *choice
	cmd := &cobra.Command{
		Use:   "trace EXPORT...",
		Short: "Follow one packet through one firewall, rule by rule",
		Long: `Follow a packet through the firewall that the exports together make, rule by rule. It
needs no topology. What is not given is open: a port that is not named is any port, an
interface that is not named is unknown; packets that fare differently give the verdict
conditional, with each class in the steps. A new tcp packet is a SYN, an established
one carries ACK.

What is wrong with an export goes to the standard error.

` + exitCodesOfExports,
		Example: `  sumlint trace core.v4 --src 10.10.0.5 --dst 10.20.1.7 --protocol tcp --dport 443
  sumlint trace host.v4 host.ipset --hook input --in eth0 --src 10.20.1.7 \
      --protocol tcp --dport 63001 --format json`,
		Args: needExports,
		RunE: func(cmd *cobra.Command, args []string) error {
			packet.Hook, packet.State = hook.value, state.value
			t, problems, err := inspect.TraceFiles(cmd.Context(), args, as.named(), packet)
			if err != nil {
				return usageError{err}
			}
			if format.value == "json" {
				err = p.printJSON(t)
			} else {
				out := bufio.NewWriter(p.stdout)
				writeTrace(out, t)
				err = out.Flush()
			}
			if err != nil {
				return err
			}
			return p.explainProblems(problems)
		},
	}
	f := cmd.Flags()
	f.StringVar(&packet.Src, "src", "", "source: an `ADDRESS`, prefix or first-last")
	f.StringVar(&packet.Dst, "dst", "", "destination: an `ADDRESS`, prefix or first-last")
	f.StringVar(&packet.Protocol, "protocol", "", "protocol: a `NAME` or number")
	f.StringVar(&packet.Sport, "sport", "", "source `PORT`, range or list")
	f.StringVar(&packet.Dport, "dport", "", "destination `PORT`, range or list; for icmp a type or type/code")
	f.Var(&hook, "hook", "where the packet passes: to the firewall, through it or from it")
	f.Var(&state, "state", "the state of its connection")
	f.StringVar(&packet.In, "in", "", "the `INTERFACE` that it comes in by")
	f.StringVar(&packet.Out, "out", "", "the `INTERFACE` that it goes out by")
	f.StringVar(&packet.Profile, "profile", "", "the active Windows `PROFILE`: domain, private or public")
	f.StringArrayVar(&packet.Tables, "table", nil, "look at this `TABLE` only; repeatable")
	f.Var(&format, "format", "the output's format")
	for name, c := range map[string]*choice{"hook": &hook, "state": &state, "format": &format} {
		complete(cmd, name, c.legal)
	}
	as = exportFormat(cmd)
	return cmd
}

// writeTrace writes the steps, then the verdict.
func writeTrace(w io.Writer, t *inspect.Trace) {
	for _, s := range t.Steps {
		in := strings.Repeat("  ", s.Depth)
		place := render.Place(source.Location{File: s.File, Line: s.Line})
		if place == "" {
			place = s.Hook
		}
		fmt.Fprintf(w, "%s%s  %s  %s\n", in, place, render.Escape(s.Chain), render.Escape(s.Text))
		effect := s.Effect
		if len(s.Fields) > 0 {
			effect += ": " + strings.Join(s.Fields, ", ")
		}
		fmt.Fprintf(w, "%s    → %s\n", in, render.Escape(effect))
		if s.Packets != "" {
			fmt.Fprintf(w, "%s      for %s\n", in, render.Escape(s.Packets))
		}
		for _, g := range s.Given {
			fmt.Fprintf(w, "%s      given %s\n", in, render.Escape(g))
		}
	}
	fmt.Fprintf(w, "\n%s\n", t.Verdict)
	for _, d := range t.DependsOn {
		fmt.Fprintf(w, "depends on %s\n", render.Escape(d))
	}
}
