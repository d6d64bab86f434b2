package worker_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/judge/worker"
)

// TestMain is the child too: the test binary starts itself again.
func TestMain(m *testing.M) {
	switch os.Getenv("GOTRACEBACK") + " " + strings.Join(os.Args[1:min(len(os.Args), 2)], "") {
	case "none serve":
		if err := worker.Serve(context.Background(), os.Stdin, os.Stdout, os.Args[2:]); err != nil {
			os.Exit(1)
		}
	case "none babble":
		os.Stdout.WriteString("no JSON")
	default:
		os.Exit(m.Run())
	}
}

const head = "# METADATA\n# title: T\n# description: D.\n# custom:\n#   severity: warning\n"

// policy writes a policy folder with one rule.
func policy(t *testing.T, text string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "p.rego"), []byte(head+text), 0o644); err != nil {
		t.Fatal(err)
	}
	return folder
}

func client(args ...string) *worker.Client {
	return &worker.Client{Command: append([]string{os.Args[0]}, args...), Time: 20 * time.Second}
}

func empty() *facts.Facts {
	return &facts.Facts{Schema: facts.Schema, Today: "2026-11-22", Classes: []facts.Class{}, Servers: []facts.Server{}, Targets: []facts.Target{}, Zones: []facts.Zone{},
		Hosts: []facts.HostClass{}, Filters: []facts.Filter{}, Pairs: []facts.PairClass{}, Exposures: []facts.Exposure{}, Waivers: []facts.Waiver{}, Settings: []facts.Setting{}}
}

func TestFindingsComeBack(t *testing.T) {
	folder := policy(t, `package sumlint.rules.always

import data.sumlint.lib.result

finding contains result.of_plan(rego.metadata.chain(), {"message": "always", "topology": ".", "location": {"file": "a.sum.hcl", "line": 1, "column": 1}})
`)
	findings, err := client("serve", folder).Judge(context.Background(), empty())
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) != 1 || findings[0].Rule != "always" || findings[0].Message != "always" {
		t.Errorf("%+v", findings)
	}
}

func TestNeedsComeBack(t *testing.T) {
	folder := policy(t, `package sumlint.needs.monitoring

flow contains {"from": {"networks": ["10.0.0.1"]}, "to": {"server": server.name}, "protocol": "tcp", "port": 9100, "must": "allow", "why": "monitoring"} if {
	some server in input.servers
}
`)
	plan := &facts.Plan{Schema: facts.PlanSchema, Topology: ".", Servers: []facts.PlanServer{{Name: "sum01", OS: "linux", Addresses: []string{"10.0.0.5"}}}}
	flows, err := client("serve", folder).Needs(context.Background(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if len(flows) != 1 || flows[0].To.Server != "sum01" || flows[0].Port != "9100" {
		t.Errorf("%+v", flows)
	}
}

func TestStopped(t *testing.T) {
	loop := policy(t, `package sumlint.rules.loop

import data.sumlint.lib.result

finding contains result.of_plan(rego.metadata.chain(), {"message": "never"}) if {
	some a in numbers.range(1, 1000000)
	some b in numbers.range(1, 1000000)
	a * b < 0
}
`)
	for _, test := range []struct {
		name   string
		client *worker.Client
		want   string
	}{
		{"endless", &worker.Client{Command: []string{os.Args[0], "serve", loop}, Time: 2 * time.Second}, "took longer than 2s"},
		{"no answer", client("babble"), "gave no readable answer"},
		{"no such program", &worker.Client{Command: []string{filepath.Join(t.TempDir(), "none")}}, "ended early"},
		{"a broken policy", client("serve", policy(t, "package sumlint.rules.broken\n\nfinding contains http.send({}) if true\n")), "http.send"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.client.Judge(context.Background(), empty())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
