package judge

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/policies/facts"
)

func somePlan() *facts.Plan {
	return &facts.Plan{
		Schema:   facts.PlanSchema,
		Topology: "plan",
		Zones:    []facts.PlanZone{{Name: "admin", Networks: []string{"10.10.0.0/24"}}, {Name: "oob"}, {Name: "lab"}},
		Servers:  []facts.PlanServer{{Name: "sum01", OS: "linux", Port: 63001, SSLPort: 63002}},
		Targets:  []facts.PlanTarget{{Name: "rack-a", Type: "ilo"}},
	}
}

// needs evaluates a package that declares one flow for each of the given texts.
func needs(t *testing.T, flows ...string) ([]facts.NeedFlow, diag.List) {
	t.Helper()
	text := metadata + "\npackage sumlint.needs.admin_only\n"
	for _, f := range flows {
		text += "\nflow contains " + f + "\n"
	}
	got, err := load(t, policyDir(t, map[string]string{"needs.rego": text})).Needs(context.Background(), somePlan())
	for i := range got {
		got[i].Location.File = ""
	}
	return got, Diagnostics(err)
}

func TestNeeds(t *testing.T) {
	got, list := needs(t, `{
	"from": {"zone": zone.name},
	"to": {"server": server.name},
	"protocol": "tcp",
	"port": server.port,
	"must": "never",
	"why": "SUM is for administrators",
} if {
	some server in input.servers
	some zone in input.zones
	zone.name != "admin"
}`, `{
	"from": {"target": "rack-a"},
	"to": {"networks": ["10.0.0.1", "fd00::/8"]},
	"protocol": "udp",
	"port": "33434-33534",
	"source_port": 514,
	"answer": false,
	"need": "optional",
	"must": "allow",
	"why": "syslog",
}`)
	if len(list) != 0 {
		t.Fatal(list)
	}
	never := facts.NeedFlow{
		Policy: "admin-only", To: facts.Endpoint{Server: "sum01"}, Protocol: "tcp", Port: "63001",
		Must: "never", Need: "derived", Answer: true, Why: "SUM is for administrators", Location: facts.Location{Line: 6, Column: 1},
	}
	lab, oob := never, never
	lab.From, oob.From = facts.Endpoint{Zone: "lab"}, facts.Endpoint{Zone: "oob"}
	want := []facts.NeedFlow{lab, oob, {
		Policy: "admin-only", From: facts.Endpoint{Target: "rack-a"}, To: facts.Endpoint{Networks: []string{"10.0.0.1", "fd00::/8"}},
		Protocol: "udp", Port: "33434-33534", SourcePort: "514", Must: "allow", Need: "optional", Why: "syslog", Location: facts.Location{Line: 6, Column: 1},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if flows, err := load(t).Needs(context.Background(), somePlan()); flows != nil || err != nil {
		t.Errorf("without such packages: %v, %v", flows, err)
	}
}

func TestWrongNeeds(t *testing.T) {
	good := map[string]string{
		"from": `{"zone": "lab"}`, "to": `{"server": "sum01"}`, "protocol": `"tcp"`, "port": "22", "must": `"never"`, "why": `"because"`,
	}
	var declared []string
	want := map[string]string{}
	for name, test := range map[string]struct{ field, value, want string }{
		"unknown zone":     {"from", `{"zone": "lap"}`, `from names zone "lap", which the plan does not have. Did you mean "lab"? Expected one of "admin", "lab", "oob".`},
		"unknown server":   {"to", `{"server": "x"}`, `to names server "x", which the plan does not have. Expected one of "sum01".`},
		"unknown target":   {"to", `{"target": 7}`, `to names target 7, which the plan does not have. Expected one of "rack-a".`},
		"two ends":         {"to", `{"server": "sum01", "zone": "lab"}`, "to must hold exactly one of server, target, zone and networks."},
		"no end":           {"to", `"sum01"`, "to must hold exactly one of"},
		"unknown end":      {"to", `{"host": "sum01"}`, `to: field "host" has no meaning`},
		"no network":       {"to", `{"networks": ["10.0.0.0/33"]}`, `to: "10.0.0.0/33" is neither an address nor a CIDR`},
		"network no text":  {"to", `{"networks": [1]}`, "to: networks must be a list of addresses and CIDRs"},
		"networks empty":   {"to", `{"networks": []}`, "to: networks must be a list of addresses and CIDRs"},
		"protocol":         {"protocol", `"TCP"`, `protocol is "TCP". Did you mean "tcp"? Expected one of "tcp", "udp".`},
		"port 0":           {"port", "0", "port is 0."},
		"port too large":   {"port", "65536", "port is 65536."},
		"port backwards":   {"port", `"9-7"`, `port is "9-7".`},
		"port no number":   {"port", `"ssh"`, `port is "ssh".`},
		"port fraction":    {"port", "1.5", "port is 1.5."},
		"port list":        {"port", "[22]", "port is [22]."},
		"source port":      {"source_port", `"x"`, `source_port is "x".`},
		"must":             {"must", `"not"`, `must is "not".`},
		"need":             {"need", `"urgent"`, `need is "urgent".`},
		"answer":           {"answer", `"no"`, `answer is "no"; it must be true or false`},
		"why":              {"why", `" "`, "why is missing"},
		"unknown field":    {"prot", `"tcp"`, `field "prot" has no meaning. Did you mean `},
		"missing must":     {"-must", "", "must is missing."},
		"missing port":     {"-port", "", "port is missing"},
		"missing protocol": {"-protocol", "", "protocol is missing."},
		"missing from":     {"-from", "", "from must hold exactly one of"},
	} {
		fields := []string{}
		for _, field := range []string{"from", "to", "protocol", "port", "must", "why"} {
			if field != test.field && "-"+field != test.field {
				fields = append(fields, `"`+field+`": `+good[field])
			}
		}
		if test.value != "" {
			fields = append(fields, `"`+test.field+`": `+test.value)
		}
		declared = append(declared, "{"+strings.Join(fields, ", ")+"}")
		want[name] = "policy admin-only: a flow's " + test.want
	}
	flows, list := needs(t, declared...)
	if len(flows) != 0 || len(list) != len(want) {
		t.Errorf("got %v and %d diagnostics, want %d", flows, len(list), len(want))
	}
	for name, text := range want {
		if !slices.ContainsFunc(list, func(d diag.Diagnostic) bool { return strings.HasPrefix(d.Message(), text) && d.Place.Line == 6 }) {
			t.Errorf("%s: no diagnostic begins with\n%s", name, text)
		}
	}
	if t.Failed() {
		t.Log(list)
	}
	if _, list := needs(t, "7"); len(list) != 1 || !strings.Contains(list[0].Summary, "it must be an object") {
		t.Errorf("got %v", list)
	}
}

func TestPlanOf(t *testing.T) {
	address := netip.MustParseAddr
	list := topology.Addresses{List: []topology.Range{
		{First: address("10.0.0.5"), Last: address("10.0.0.5")},
		{First: address("10.0.0.0"), Last: address("10.0.0.63")},
		{First: address("10.0.0.0"), Last: address("10.0.0.62")},
		{First: address("fd00::"), Last: address("fd00::ffff")},
		{First: address("0.0.0.0"), Last: address("255.255.255.255")},
	}}
	got := PlanOf(&topology.Topology{
		Path:      "plan",
		Zones:     []*topology.Zone{{Name: "admin", Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}}},
		Servers:   []*topology.Server{{Name: "sum01", OS: "linux", Addresses: list, Sum: topology.Sum{Port: 63001, SSLPort: 63002, Phases: []string{"inventory"}}}},
		Targets:   []*topology.Target{{Name: "rack-a", Type: "ilo", Mode: "remote", Servers: []topology.Text{{Value: "sum01"}}}},
		Firewalls: []*topology.Firewall{{Name: "core", Interfaces: []topology.Interface{{Zone: topology.Text{Value: "admin"}}, {}}}},
	})
	want := &facts.Plan{
		Schema: facts.PlanSchema, Topology: "plan",
		Zones: []facts.PlanZone{{Name: "admin", Networks: []string{"10.0.0.0/24"}}},
		Servers: []facts.PlanServer{{
			Name: "sum01", OS: "linux", Port: 63001, SSLPort: 63002, Phases: []string{"inventory"}, Browsers: []string{},
			Addresses: []string{"10.0.0.5", "10.0.0.0/26", "10.0.0.0-10.0.0.62", "fd00::/112", "0.0.0.0/0"},
		}},
		Targets:   []facts.PlanTarget{{Name: "rack-a", Type: "ilo", Mode: "remote", Addresses: []string{}, Servers: []string{"sum01"}}},
		Firewalls: []facts.PlanFirewall{{Name: "core", Zones: []string{"admin"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	validate(t, "plan", []byte(planValue(got).String()))
	validate(t, "plan", []byte(planValue(&facts.Plan{}).String()))
}
