package inspect_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/policies/inspect"
)

const export = `*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:web - [0:0]
-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A FORWARD -i eth0 -p tcp -m tcp --dport 443 -j web
-A FORWARD -p udp -m limit --limit 5/min -j ACCEPT
-A web -s 10.0.0.0/25 -j ACCEPT
COMMIT
`

func file(t *testing.T) string { return fileOf(t, export) }

func fileOf(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "core.v4")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTrace(t *testing.T) {
	path := file(t)
	web := inspect.Packet{Src: "10.0.0.7", Dst: "10.9.0.1", Protocol: "tcp", Dport: "443", In: "eth0", Out: "eth1", Hook: "forward", State: "new"}
	change := func(f func(*inspect.Packet)) inspect.Packet { p := web; f(&p); return p }
	for _, test := range []struct {
		name, verdict string
		packet        inspect.Packet
		lines         []string // line and effect of each step
	}{
		{"through a chain", "allowed", web, []string{"6 not matched: connection state", "7 jumped", "9 accepted"}},
		{"from elsewhere", "blocked", change(func(p *inspect.Packet) { p.Src = "10.0.0.200" }),
			[]string{"6 not matched: connection state", "7 jumped", "9 not matched: source", "8 not matched: protocol", "3 default: drop"}},
		{"an answer", "allowed", change(func(p *inspect.Packet) { p.State = "established" }), []string{"6 accepted"}},
		{"two kinds of source", "conditional", change(func(p *inspect.Packet) { p.Src = "10.0.0.0/24" }), nil},
		{"an unknown interface", "conditional", change(func(p *inspect.Packet) { p.In = "" }), nil},
		{"a rate limit", "conditional", change(func(p *inspect.Packet) { p.Protocol = "udp" }), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, _, err := inspect.TraceFiles(context.Background(), []string{path}, "", test.packet)
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict != test.verdict {
				t.Errorf("verdict %s, want %s", got.Verdict, test.verdict)
			}
			if got.Verdict == "conditional" && len(got.DependsOn) == 0 {
				t.Error("conditional, and nothing said on what")
			}
			var lines []string
			for _, s := range got.Steps {
				line := fmt.Sprint(s.Line, " ", s.Effect)
				if len(s.Fields) > 0 {
					line += ": " + strings.Join(s.Fields, ", ")
				}
				lines = append(lines, line)
			}
			if diff := cmp.Diff(test.lines, lines); test.lines != nil && diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPacketMistakes(t *testing.T) {
	path := file(t)
	for want, p := range map[string]inspect.Packet{
		`--src "10.0.0" is no address`:  {Src: "10.0.0", Hook: "forward", State: "new"},
		"of different families":         {Src: "10.0.0.1", Dst: "fd00::1", Hook: "forward", State: "new"},
		"a port needs --protocol":       {Dport: "22", Hook: "forward", State: "new"},
		`--dport "22-" is no port`:      {Protocol: "tcp", Dport: "22-", Hook: "forward", State: "new"},
		`--protocol "tpc" is neither`:   {Protocol: "tpc", Hook: "forward", State: "new"},
		`--hook "foward" is unknown`:    {Hook: "foward", State: "new"},
		`--state "NEW" is unknown`:      {Hook: "forward", State: "NEW"},
		`--table "fitler" is not in`:    {Hook: "forward", State: "new", Tables: []string{"fitler"}},
		`--profile "home" is unknown`:   {Hook: "forward", State: "new", Profile: "home"},
		`--dport "300" is no ICMP type`: {Protocol: "icmp", Dport: "300", Hook: "forward", State: "new"},
	} {
		if _, _, err := inspect.TraceFiles(context.Background(), []string{path}, "", p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", p, err, want)
		}
	}
}

func TestShow(t *testing.T) {
	got, _, err := inspect.Show(context.Background(), []string{file(t)}, "")
	if err != nil || len(got.Exports) != 1 {
		t.Fatal(got, err)
	}
	e := got.Exports[0]
	if e.Format != "iptables" || e.RuleCount != 4 {
		t.Errorf("format %s, %d rules", e.Format, e.RuleCount)
	}
	for _, c := range e.Chains {
		if c.Chain == "filter/web" && (len(c.Rules) != 1 || c.Rules[0].Where != "IPv4 src 10.0.0.0/25" || c.Rules[0].Action != "accept" || c.Rules[0].Line != 9) {
			t.Errorf("chain web: %+v", c)
		}
	}
}

// TestNegations: a negated condition is told as it stands in the rule, and what was
// taken to hold is true of the way that it leads to.
func TestNegations(t *testing.T) {
	for _, test := range []struct{ match, show, drop, pass string }{
		{"-m owner ! --uid-owner 0", "-m owner ! --uid-owner 0", "-m owner ! --uid-owner 0", "-m owner --uid-owner 0"},
		{"-m owner --uid-owner 0", "-m owner --uid-owner 0", "-m owner --uid-owner 0", "not: -m owner --uid-owner 0"},
		{"-m set ! --match-set s src", "-m set ! --match-set s src", "-m set ! --match-set s src", "-m set --match-set s src"},
		{"-m conntrack --ctstate ESTABLISHED --ctdir REPLY", "-m conntrack --ctdir REPLY", "-m conntrack --ctdir REPLY", "not: -m conntrack --ctdir REPLY"},
	} {
		path := fileOf(t, "*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT "+test.match+" -j DROP\nCOMMIT\n")
		shown, _, err := inspect.Show(context.Background(), []string{path}, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := shown.Exports[0].Chains[0].Rules[0].Unknown; !slices.Equal(got, []string{test.show}) {
			t.Errorf("%s: show says %q", test.match, got)
		}
		trace, _, err := inspect.TraceFiles(context.Background(), []string{path}, "", inspect.Packet{Src: "10.0.0.7", Dst: "10.9.0.1", Protocol: "tcp", Hook: "output", State: "established"})
		if err != nil || len(trace.Steps) != 2 {
			t.Fatal(trace, err)
		}
		for i, want := range []string{test.drop, test.pass} {
			if got := trace.Steps[i]; !slices.Equal(got.Given, []string{want}) {
				t.Errorf("%s: %s given %q, want %q", test.match, got.Effect, got.Given, want)
			}
		}
	}
}
