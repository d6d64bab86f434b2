package topology_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/topology"
)

// defaults are SUM's settings where nothing is written.
func defaults(change ...func(*topology.Sum)) topology.Sum {
	s := topology.Sum{Port: 63001, SSLPort: 63002, Phases: []string{"inventory", "deployment"}, NetBIOS: true, RPCPorts: topology.Ports{First: 49152, Last: 65535}}
	for _, c := range change {
		c(&s)
	}
	return s
}

func TestReadEverything(t *testing.T) {
	got, diags := readIn(t, "testdata", "everything")
	if len(diags) > 0 {
		t.Fatal(lines(diags))
	}
	linux, windows, unknown := topology.Ports{First: 32768, Last: 60999}, topology.Ports{First: 49152, Last: 65535}, topology.Ports{First: 1024, Last: 65535}
	block := func(s *topology.Sum) {
		s.Version, s.Port, s.SSLPort, s.OpenFirewall, s.RPCPorts = "8.9.0", 8080, 8443, true, topology.Ports{First: 50000, Last: 51000}
	}
	want := &topology.Topology{
		Path: "everything",
		Zones: []*topology.Zone{
			{Name: "admin", Networks: []netip.Prefix{netip.MustParsePrefix("10.10.0.0/24")}},
			{Name: "oob", Networks: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16"), netip.MustParsePrefix("fd00:20::/64")}},
			{Name: "transit"},
		},
		Servers: []*topology.Server{
			{Name: "sum01", OS: "linux", Addresses: addresses("10.10.0.5", "fd00:20::5"), NATAddresses: addresses("192.0.2.5"),
				Browsers: addresses("10.10.0.0-10.10.0.127"), Ephemeral: linux, Sum: defaults(block)},
			{Name: "sum02", OS: "windows", Addresses: addresses("10.10.0.6"), NATAddresses: addresses(), Browsers: addresses(), Ephemeral: windows,
				Sum: defaults(block, func(s *topology.Sum) {
					s.Version, s.Port, s.FTPPort, s.OpenFirewall, s.NetBIOS, s.Phases = "7.6.0", 63001, 2121, false, false, []string{"inventory"}
				})},
		},
		Targets: []*topology.Target{
			{Type: "ilo", Name: "rack-a", Addresses: addresses("10.20.1.0-10.20.1.63", "10.20.2.1-10.20.2.9", "fd00:20::1:0-fd00:20::1:ffff"),
				NATAddresses: addresses("192.0.2.0-192.0.2.255"), Servers: []topology.Text{text("sum01"), text("sum02")}, Mode: "remote", Ephemeral: unknown},
			{Type: "linux", Name: "db", Addresses: addresses("10.20.3.1"), NATAddresses: addresses(), Mode: "local", Ephemeral: linux},
			{Type: "windows", Name: "ad", Addresses: addresses("10.20.3.2"), NATAddresses: addresses(), Mode: "remote", Ephemeral: topology.Ports{First: 1025, Last: 5000}},
		},
		Firewalls: []*topology.Firewall{
			{Name: "core", Profile: packet.AnyProfile, Exports: []topology.ExportFile{{Path: "exports/core.v4", Format: "iptables"}, {Path: "exports/core.v6", Format: "iptables"}},
				Interfaces: []topology.Interface{
					{Interface: model.Interface{Name: "eth0", Zone: "admin", Addresses: []netip.Prefix{netip.MustParsePrefix("10.10.0.1/24"), netip.MustParsePrefix("fe80::1/64")}}, Zone: text("admin")},
					{Interface: model.Interface{Name: "eth1", Zone: "transit", In: []model.Binding{{ACL: "IN"}}, Out: []model.Binding{{ACL: "OUT4"}, {ACL: "OUT6"}}}, Zone: text("transit")},
				}},
			{Name: "ad-host", Host: text("ad"), Profile: packet.Domain, Exports: []topology.ExportFile{{Path: "everything/ad.txt"}}, Interfaces: []topology.Interface{
				{Interface: model.Interface{Name: "Ethernet 1"}}}},
		},
		Routers: []*topology.Router{{Name: "r1", Interfaces: []topology.Interface{
			{Interface: model.Interface{Name: "a", Zone: "transit"}, Zone: text("transit")}, {Interface: model.Interface{Name: "b", Zone: "oob"}, Zone: text("oob")}}}},
		Paths:    []*topology.Path{{From: text("admin"), To: text("oob"), Via: []topology.Text{text("core"), text("r1")}}},
		Waivers:  []*topology.Waiver{{Rule: "optional-blocked", Server: "sum01", Target: "rack-a", Firewall: "core", Direction: "to-target", Port: 80, Reason: "closed", Until: "2027-03-31"}},
		Assumes:  []*topology.Assume{{Kind: "recent", Firewall: "core", Text: "--name ssh", Holds: true, Reason: "never hit"}},
		Policies: []*topology.Policy{{Rule: "exposed-port", Severity: "off"}},
	}
	if d := cmp.Diff(want, got, same); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// The same topology in JSON reads as the same values.
func TestReadJSON(t *testing.T) {
	native, diags := readIn(t, "testdata", "everything")
	if len(diags) > 0 {
		t.Fatal(lines(diags))
	}
	json, diags := readIn(t, "testdata", "json/everything.sum.hcl.json")
	if len(diags) > 0 {
		t.Fatal(lines(diags))
	}
	native.Path, json.Path = "", ""
	native.Firewalls[1].Exports[0].Path = "json/ad.txt"
	if d := cmp.Diff(native, json, same); d != "" {
		t.Errorf("-native +JSON:\n%s", d)
	}
}

// Places are byte offsets of the text as it is read, whatever stands before them.
func TestSpans(t *testing.T) {
	for name, ending := range map[string]string{"LF": "\n", "CRLF": "\r\n"} {
		hcl := "\ufeff# 網路 é\u0301\n/* ü */ server \"sumñ\" {\n  os        = \"linux\"\n  addresses = [\"10.10.0.5\", \"10.10.0.6\"]\n  port      = 8080\n}\ntarget \"ilo\" \"r\" {\n  addresses = [\"10.20.0.1\"]\n}\n"
		got, diags := read(t, map[string]string{"site/a.sum.hcl": strings.ReplaceAll(hcl, "\n", ending)})
		if len(diags) > 0 {
			t.Fatal(lines(diags))
		}
		s := got.Servers[0]
		for want, span := range map[string]fmt.Stringer{
			`server "sumñ" 2:9`:    spanned{s.Span.Text(), s.Span.Position().Line, s.Span.Position().Column},
			`"10.10.0.6" 4:29`:     spanned{s.Addresses.List[1].Span.Text(), s.Addresses.List[1].Span.Position().Line, s.Addresses.List[1].Span.Position().Column},
			`port      = 8080 5:3`: spanned{s.Sum.PortSpan.Text(), s.Sum.PortSpan.Position().Line, s.Sum.PortSpan.Position().Column},
		} {
			if span.String() != want {
				t.Errorf("%s: %s, want %s", name, span, want)
			}
		}
		if f := got.Servers[0].Span.File.Name; f != "site/a.sum.hcl" {
			t.Errorf("%s: file %q", name, f)
		}
	}
}

type spanned struct {
	text         string
	line, column int
}

func (s spanned) String() string { return fmt.Sprintf("%s %d:%d", s.text, s.line, s.column) }

// All files of a folder are one topology, those of other folders and names are not.
func TestReadFolder(t *testing.T) {
	files := map[string]string{
		"site/a.sum.hcl":      "server \"sum01\" {\n  os        = local.os\n  addresses = [\"10.10.0.5\"]\n}\n",
		"site/c.sum.hcl.json": `{"locals": {"os": "linux"}, "target": {"ilo": {"rack": {"addresses": ["10.20.0.1"]}}}}`,
		"site/d.hcl":          "nonsense",
		"site/sub/e.sum.hcl":  "nonsense",
	}
	got, diags := read(t, files)
	if len(diags) > 0 || len(got.Servers) != 1 || len(got.Targets) != 1 || got.Servers[0].OS != "linux" {
		t.Errorf("%+v\n%s", got, lines(diags))
	}
}

func TestReadNothing(t *testing.T) {
	root := t.TempDir()
	for _, f := range []string{"empty/notes.txt", "other.hcl", "twice/a.sum.hcl/x"} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(f)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, f), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for p, want := range map[string]string{
		"empty":     `empty:0:0: No topology in the folder "empty". Each file of it whose name ends in .sum.hcl or .sum.hcl.json would be part of one.`,
		"other.hcl": `other.hcl:0:0: "other.hcl" is no topology. A topology's name ends in .sum.hcl or .sum.hcl.json.`,
		"nothing":   `nothing:0:0: The topology can't be read: "nothing" does not exist`,
		"../x":      `x:0:0: The topology can't be read: "../x" leads out of the root: nothing outside it is read`,
		"twice":     `a.sum.hcl:0:0: The topology can't be read: "twice/a.sum.hcl" is a folder: only regular files are read`,
	} {
		got, diags := readIn(t, root, p)
		if got == nil || strings.TrimSpace(lines(diags)) != want {
			t.Errorf("%s: %v\n%s", p, got, lines(diags))
		}
	}
}

const server = "server \"sum01\" {\n  os        = \"linux\"\n  addresses = [\"10.10.0.5\"]\n}\n"

// expanded writes targets as "name addresses…".
func expanded(targets []*topology.Target) string {
	var b strings.Builder
	for _, t := range targets {
		b.WriteString(t.Name)
		for _, r := range t.Addresses.List {
			fmt.Fprintf(&b, " %s", r.First)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestForEach(t *testing.T) {
	tests := map[string]struct{ hcl, want string }{
		"map":          {`for_each = { b = "10.20.0.2", a = "10.20.0.1" }`, "r[a] 10.20.0.1\nr[b] 10.20.0.2\n"},
		"set":          {`for_each = toset(["10.20.0.2", "10.20.0.1", "10.20.0.2"])`, "r[10.20.0.1] 10.20.0.1\nr[10.20.0.2] 10.20.0.2\n"},
		"list":         {`for_each = ["10.20.0.2", "10.20.0.1"]`, "r[10.20.0.2] 10.20.0.2\nr[10.20.0.1] 10.20.0.1\n"},
		"loop":         {`for_each = { for i in range(2) : "n${i}" => cidrhost("10.20.0.0/24", i) }`, "r[n0] 10.20.0.0\nr[n1] 10.20.0.1\n"},
		"name":         {"for_each = { a = \"10.20.0.1\" }\n  name = \"ilo-${each.key}\"", "ilo-a 10.20.0.1\n"},
		"without each": {`for_each = {}`, ""},
	}
	for name, test := range tests {
		got, diags := read(t, map[string]string{"site/a.sum.hcl": server + "target \"ilo\" \"other\" {\n  addresses = [\"10.20.9.9\"]\n}\n" +
			"target \"ilo\" \"r\" {\n  addresses = [each.value]\n  " + test.hcl + "\n}\n"})
		if d := cmp.Diff("other 10.20.9.9\n"+test.want, expanded(got.Targets)); d != "" || len(diags) > 0 {
			t.Errorf("%s: %s\n%s", name, d, lines(diags))
		}
	}
}

// Rows of a CSV are objects; those with a name need no map around them.
func TestForEachRows(t *testing.T) {
	got, diags := read(t, map[string]string{
		"inventory/ilo.csv": "\ufeffname,address,site\r\nilo-1,10.20.0.1,a\r\n\"ilo, 2\",10.20.0.2,b\r\n",
		"site/a.sum.hcl": server + `
locals { rows = csvdecode(file("../inventory/ilo.csv")) }
target "ilo" "rack" {
  for_each  = local.rows
  addresses = [each.value.address]
}
target "ilo" "by-address" {
  for_each  = { for r in local.rows : r.address => r if r.site == "a" }
  addresses = [each.key]
}`})
	want := "rack[ilo-1] 10.20.0.1\nrack[ilo, 2] 10.20.0.2\nby-address[10.20.0.1] 10.20.0.1\n"
	if d := cmp.Diff(want, expanded(got.Targets)); d != "" || len(diags) > 0 {
		t.Errorf("%s\n%s", d, lines(diags))
	}
}

// One firewall for each export in a folder, on the host of the file's name.
func TestForEachFirewall(t *testing.T) {
	got, diags := read(t, map[string]string{
		"exports/web-1.v4":     "",
		"exports/web-2.v4":     "",
		"exports/old/web-9.v4": "",
		"site/a.sum.hcl": server + `
target "linux" "node" {
  for_each  = { web-1 = "10.20.0.1", web-2 = "10.20.0.2" }
  addresses = [each.value]
}
firewall "host" {
  for_each = { for f in fileset("../exports", "*.v4") : trimsuffix(f, ".v4") => f }
  host     = "node[${each.key}]"
  exports  = ["../exports/${each.value}"]
}`})
	if len(diags) > 0 {
		t.Fatal(lines(diags))
	}
	var b strings.Builder
	for _, f := range got.Firewalls {
		fmt.Fprintln(&b, f.Name, f.Host.Value, f.Exports[0].Path)
	}
	if d := cmp.Diff("host[web-1] node[web-1] exports/web-1.v4\nhost[web-2] node[web-2] exports/web-2.v4\n", b.String()); d != "" {
		t.Error(d)
	}
}

// A server or target without zones is fine, and a zone of 0.0.0.0/0 holds all of IPv4.
func TestZonesHold(t *testing.T) {
	for _, zones := range []string{"", "zone \"all\" {\n  networks = [\"0.0.0.0/0\", \"::/0\"]\n}\n"} {
		_, diags := read(t, map[string]string{"site/a.sum.hcl": server + zones +
			"target \"ilo\" \"r\" {\n  addresses = [\"0.0.0.0/0\", \"::/0\", \"255.255.255.255\", \"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\"]\n}\n"})
		if len(diags) > 0 {
			t.Error(lines(diags))
		}
	}
}

// A host's interface may say in which of the host's zones it is.
func TestHostInterfaceZone(t *testing.T) {
	_, diags := read(t, map[string]string{"site/e.v4": "", "site/a.sum.hcl": server + `
zone "admin" { networks = ["10.10.0.0/24"] }
zone "oob" { networks = ["10.20.0.0/24"] }
target "ilo" "r" { addresses = ["10.20.0.1"] }
firewall "host" {
  host    = "sum01"
  exports = ["e.v4"]
  interface "ens1" { zone = "admin" }
}`})
	if len(diags) > 0 {
		t.Error(lines(diags))
	}
}

// A waiver with for_each keeps its rule, and names each instance of a target.
func TestForEachWaiver(t *testing.T) {
	got, diags := read(t, map[string]string{"site/a.sum.hcl": server + `
locals { rack = ["a", "b"] }
target "ilo" "rack" {
  for_each  = local.rack
  addresses = ["10.20.0.1"]
}
waive "optional-blocked" {
  for_each = local.rack
  target   = "rack[${each.key}]"
  reason   = "closed"
}`})
	want := []*topology.Waiver{{Rule: "optional-blocked", Target: "rack[a]", Reason: "closed"}, {Rule: "optional-blocked", Target: "rack[b]", Reason: "closed"}}
	if d := cmp.Diff(want, got.Waivers, same); d != "" || len(diags) > 0 {
		t.Errorf("%s\n%s", d, lines(diags))
	}
}

// What is missing may stand in a file that can't be parsed: only that is reported.
func TestBrokenFile(t *testing.T) {
	got, diags := read(t, map[string]string{
		"site/a.sum.hcl": server + "target \"ilo\" \"r\" {\n  addresses = [local.a]\n  servers = [\"sum02\"]\n}\n",
		"site/b.sum.hcl": "locals {\n  a = \n}\nzone \"x\" {}\n",
	})
	if want := "b.sum.hcl:2:7: Invalid expression. Expected the start of an expression, but found an invalid expression token.\n"; lines(diags) != want {
		t.Error(lines(diags))
	}
	if len(got.Servers) != 1 || len(got.Targets) != 1 {
		t.Errorf("%d servers and %d targets were read", len(got.Servers), len(got.Targets))
	}
}
