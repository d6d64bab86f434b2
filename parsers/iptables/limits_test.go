package iptables

import (
	"strings"
	"testing"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
)

// Each limit is an error that names it, and the rule stays as an unknown one.
func TestLimits(t *testing.T) {
	var inserts strings.Builder
	for range 7000 {
		inserts.WriteString("-I INPUT -j ACCEPT\n")
	}
	head := "*filter\n:INPUT ACCEPT [0:0]\n"
	for _, test := range []struct{ name, text, want string }{
		{"line", head + "-A INPUT -m comment --comment " + strings.Repeat("x", 11000) + " -j ACCEPT\nCOMMIT\n", "3:1: the line is longer than 10240 bytes"},
		{"quote", head + "-A INPUT -m comment --comment \"x -j ACCEPT\nCOMMIT\n", "3:1: a quote is not closed"},
		{"quote at the end", head + "-A INPUT -m comment --comment \"x", "3:1: a quote is not closed"},
		{"matches", head + "-A INPUT " + strings.Repeat("-m state ", 40) + "-j ACCEPT\nCOMMIT\n", "more than 32 matches in a rule"},
		{"moves", head + inserts.String() + "COMMIT\n", "more than 20000000 rules moved"},
		{"rules", head + strings.Repeat("-A INPUT\n", maxRules+1) + "COMMIT\n", "more than 1000000 rules, the limit"},
		{"tables", strings.Repeat("*filter\nCOMMIT\n", 1001), "more than 1000 tables"},
		{"problems", head + strings.Repeat("-A INPUT --x\n", 1100) + "COMMIT\n", "more than 1000 problems"},
	} {
		t.Run(test.name, func(t *testing.T) {
			doc, diags := Parse(source.NewFile("x", []byte(test.text)))
			found := false
			for _, d := range diags {
				found = found || d.Severity == diag.Error && strings.Contains(d.Error(), test.want)
			}
			if !found {
				t.Errorf("got %v", diags[:min(len(diags), 3)])
			}
			if len(diags) > 1001 {
				t.Errorf("%d diagnostics", len(diags))
			}
			unknown := test.name == "tables"
			for _, c := range doc.Sections[0].Chains {
				for _, r := range c.Rules {
					unknown = unknown || r.Action.Unknown != nil
				}
			}
			if !unknown {
				t.Error("no unknown rule")
			}
		})
	}
}
