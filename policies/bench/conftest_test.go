package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sumlint/sumlint/parsers/iptables"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// plainPolicy asks in plain Rego whether the first rule that matches a flow accepts it.
const plainPolicy = `package main

deny contains msg if {
	some flow in input.flows
	matching := [i |
		some i, rule in input.rules
		rule.protocol == flow.protocol
		rule.src[0] <= flow.src
		flow.src <= rule.src[1]
		rule.dst[0] <= flow.dst
		flow.dst <= rule.dst[1]
		some ports in rule.ports
		ports[0] <= flow.port
		flow.port <= ports[1]
	]
	not accepted(matching)
	msg := sprintf("%d to %d, port %d is blocked", [flow.src, flow.dst, flow.port])
}

accepted(matching) if input.rules[min(matching)].action == "accept"
`

// plainRule is a rule of the model in the form that the plain policy reads.
type plainRule struct {
	Protocol string      `json:"protocol"`
	Src      [2]uint64   `json:"src"`
	Dst      [2]uint64   `json:"dst"`
	Ports    [][2]uint64 `json:"ports"`
	Action   string      `json:"action"`
}

// withConftest compares a check with conftest, asked about one address of each
// target, over the same rules as JSON.
func withConftest(t *testing.T, folder string, check func(string, func(string) error) run) {
	conftest, err := exec.LookPath("conftest")
	if err != nil {
		fmt.Println("\nconftest is not installed: no ratio to it")
		return
	}
	estate := Estate{1, 1000, 100}
	mine := check("conftest", estate.Write)
	doc, _ := iptables.Parse(source.NewFile("core.v4", estate.Export()))
	fw, _ := iptables.Compile(iptables.Input{Name: "core", Docs: []*iptables.Doc{doc}})
	type flow struct {
		Protocol string `json:"protocol"`
		Src      uint64 `json:"src"`
		Dst      uint64 `json:"dst"`
		Port     int    `json:"port"`
	}
	const server = 10<<24 | 10<<16 | 5
	input := struct {
		Rules []plainRule `json:"rules"`
		Flows []flow      `json:"flows"`
	}{Rules: plainRules(fw.Hooks[model.Forward][0].Rules, packet.Any())}
	for i := range estate.Targets {
		target := uint64(10<<24|128<<16) + uint64(i*8)
		for _, port := range []int{22, 443} {
			input.Flows = append(input.Flows, flow{"tcp", server, target, port})
		}
		input.Flows = append(input.Flows, flow{"tcp", target, server, 63001})
	}
	text, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"input.json": text, "policy.rego": []byte(plainPolicy)} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	plain := measure(t, 3, "", conftest, "test", "--policy", filepath.Join(folder, "policy.rego"), filepath.Join(folder, "input.json"))
	fmt.Printf("\nconftest asks about %d of the flows of 1,000 rules and 100 targets in plain Rego in %.2f s (CPU %.2f s): sumlint check takes %.2f of its CPU time\n",
		len(input.Flows), plain.wall.Seconds(), plain.cpu.Seconds(), ratio(mine, plain))
}

// plainRules lists rules in order, those of called chains in place of their jump.
func plainRules(rules []model.Rule, within packet.Box) []plainRule {
	var out []plainRule
	for _, r := range rules {
		where := r.Where.Intersect(within)
		switch {
		case where.IsEmpty() || where.State&packet.New == 0 || where.Family&packet.IPv4 == 0:
		case r.Action.Kind == model.Jump:
			out = append(out, plainRules(r.Action.Chain.Rules, where)...)
		case r.Action.Kind == model.Accept || r.Action.Kind == model.Drop:
			rule := plainRule{Protocol: where.Protocol.String(), Src: bounds(where.Src), Dst: bounds(where.Dst), Action: r.Action.Kind.String()}
			where.DstPort.Each(func(first, end packet.Port, bounded bool) {
				if !bounded {
					end = 65536
				}
				rule.Ports = append(rule.Ports, [2]uint64{uint64(first), uint64(end) - 1})
			})
			out = append(out, rule)
		}
	}
	return out
}

// bounds are the first and last of a set of IPv4 addresses, which is one range here.
func bounds(s *packet.Addrs) [2]uint64 {
	out := [2]uint64{0, 1<<32 - 1}
	s.Each(func(first, end packet.Addr, bounded bool) {
		if bounded {
			out = [2]uint64{first.Lo, end.Lo - 1}
		}
	})
	return out
}
