package derive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/policies/facts"
)

// page is HPE's table, typed in by hand from the pages: not from the data file.
// Each cell is a text as printed; "-" is None.
type page struct {
	servers                      string // systems that run SUM
	targets                      string // target types
	inventoryTo, inventoryFrom   string
	deploymentTo, deploymentFrom string
}

// "SUM network ports used", column "From target (SUM 7.3.0 and later)".
var page8 = []page{
	{"windows", "windows", "445, 135, 137, 138, 139", "-", "445, 135, 137, 138, 139", "-"},
	{"windows linux", "linux", "22", "-", "22", "-"},
	{"windows linux", "vmware", "443, 5989", "63001", "443, 5989", "63001"},
	{"windows linux", "oa", "22, (80), 443", "-", "22, (80), 443", "-"},
	{"windows linux", "superdome-x", "22, (80), 443", "-", "22, (80), 443", "63001, 63002"},
	{"windows linux", "ilo vc fc-switch sas-switch", "22, (80), 443", "-", "22, (80), 443", "63001"},
	{"windows linux", "superdome-flex", "443", "-", "443", "63002"},
}

// The help of HP SUM 7.x, column "7.3.0 and later".
var page73 = []page{
	{"windows", "windows", "445, 135, 137, 138, 139", "-", "445, 135, 137, 138, 139", "-"},
	{"windows linux", "linux", "22", "-", "22", "-"},
	{"windows linux", "hp-ux", "22", "63001, 63002", "22", "63001, 63002"},
	{"windows linux", "vmware", "443, 5989", "63001", "443, 5989", "63001"},
	{"windows linux", "oa", "22, (80), 443", "-", "22, (80), 443", "-"},
	{"windows linux", "ilo vc fc-switch sas-switch moonshot superdome-2 superdome-x", "22, (80), 443", "-", "22, (80), 443", "63001"},
}

// The same page, column "7.2.1 and earlier".
var page70 = []page{
	{"windows", "windows", "445, 135, 137, 138, 139", "63001, 63002", "445, 135, 137, 138, 139", "63001, 63002"},
	{"windows linux", "linux", "22", "63001, 63002", "22", "63001, 63002"},
	{"windows linux", "hp-ux", "22", "63001, 63002", "22", "63001, 63002"},
	{"windows linux", "vmware", "443, 5989", "63001", "443, 5989", "63001"},
	{"windows linux", "oa", "22, (80), 443", "-", "22, (80), 443", "-"},
	{"windows linux", "ilo vc fc-switch sas-switch moonshot superdome-2 superdome-x", "22, (80), 443", "-", "22, (80), 443", "63001"},
}

var pages = []struct {
	versions string
	rows     []page
}{
	{" 8 8.0 8.0.0 8.3.1 8.9.0 9.1 10.2.0 12.6.0", page8}, // and the newest: ""
	{"7.3 7.3.0 7.4.0 7.6.2", page73},
	{"7.0 7.0.0 7.1.0 7.2 7.2.1", page70},
}

var types = []string{
	"windows", "linux", "vmware", "oa", "superdome-x", "superdome-flex", "ilo", "vc", "fc-switch", "sas-switch",
	"hp-ux", "moonshot", "superdome-2",
}

var phaseChoices = [][]string{{"inventory", "deployment"}, {"inventory"}, {"deployment"}}

// options are the choices that change ports and needs.
var options = []facts.Combination{
	{Port: 63001, SSLPort: 63002, NetBIOS: true, RPCPorts: "49152-65535"},
	{Port: 80, SSLPort: 443, NetBIOS: true, RPCPorts: "49152-65535"},
	{Port: 8001, SSLPort: 22, FTPPort: 2121, NetBIOS: false, RPCPorts: "5000-5100", OpenFirewall: true},
}

// expected works out from the page by hand what a combination needs: one line for
// each flow, "direction protocol port need phases".
func expected(rows []page, c facts.Combination) []string {
	var row *page
	for i := range rows {
		if slices.Contains(strings.Fields(rows[i].servers), c.ServerOS) && slices.Contains(strings.Fields(rows[i].targets), c.TargetType) {
			row = &rows[i]
		}
	}
	if row == nil {
		return nil
	}
	phases := map[string][]string{}
	add := func(direction, cell, phase string) {
		if cell == "-" || !slices.Contains(c.Phases, phase) {
			return
		}
		for _, port := range strings.Split(cell, ", ") {
			line := direction + " " + portLine(port, c)
			phases[line] = append(phases[line], phase)
		}
	}
	add("to-target", row.inventoryTo, "inventory")
	add("to-target", row.deploymentTo, "deployment")
	add("from-target", row.inventoryFrom, "inventory")
	add("from-target", row.deploymentFrom, "deployment")
	all := strings.Join(c.Phases, "+")
	var lines []string
	for line, p := range phases {
		lines = append(lines, line+" "+strings.Join(p, "+"))
	}
	if c.TargetType == "windows" {
		lines = append(lines, fmt.Sprintf("to-target tcp %s derived %s", c.RPCPorts, all), fmt.Sprintf("from-target tcp %s derived %s", c.RPCPorts, all))
	}
	if c.FTPPort != 0 {
		lines = append(lines, fmt.Sprintf("from-target tcp %d derived %s", c.FTPPort, all))
	}
	slices.Sort(lines)
	return lines
}

// portLine is "protocol port need" of a port as the page prints it.
func portLine(port string, c facts.Combination) string {
	switch port {
	case "(80)":
		return "tcp 80 optional"
	case "63001":
		return fmt.Sprintf("tcp %d required", c.Port)
	case "63002":
		return fmt.Sprintf("tcp %d required", c.SSLPort)
	case "137", "138", "139":
		protocol := map[string]string{"137": "udp", "138": "udp", "139": "tcp"}[port]
		if !c.NetBIOS {
			return protocol + " " + port + " optional"
		}
		return protocol + " " + port + " required"
	}
	return "tcp " + port + " required"
}

func lines(templates []facts.Template) []string {
	var out []string
	for _, t := range templates {
		out = append(out, fmt.Sprintf("%s %s %s %s %s", t.Direction, t.Protocol, t.Port, t.Need, strings.Join(t.Phases, "+")))
	}
	slices.Sort(out)
	return out
}

func newDeriver(t *testing.T) *Deriver {
	t.Helper()
	d, err := New(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEveryCombination(t *testing.T) {
	d := newDeriver(t)
	count := 0
	for _, p := range pages {
		for i, version := range strings.Split(p.versions, " ") {
			for _, os := range []string{"windows", "linux"} {
				for _, target := range types {
					for _, phases := range phaseChoices {
						for _, c := range options {
							if i > 0 && len(phases) == 1 {
								continue // one version of each edition in full, the others in part
							}
							c.Version, c.ServerOS, c.TargetType, c.Mode, c.Phases = version, os, target, "remote", phases
							check(t, d, c, expected(p.rows, c))
							count++
						}
					}
				}
			}
		}
	}
	if count != 3*2*13*9+15*2*13*3 {
		t.Errorf("%d combinations were checked", count)
	}
}

func check(t *testing.T, d *Deriver, c facts.Combination, want []string) {
	t.Helper()
	got, err := d.Templates(context.Background(), c)
	var problem *Problem
	if len(want) == 0 {
		if !errors.As(err, &problem) || problem.Kind != NoRow {
			t.Errorf("%+v: got %v, %v; want no row", c, lines(got), err)
		}
		return
	}
	if err != nil {
		t.Errorf("%+v: %v", c, err)
	}
	if diff := cmp.Diff(want, lines(got)); diff != "" {
		t.Errorf("%+v:\n%s", c, diff)
	}
}

func TestServerFlows(t *testing.T) {
	d := newDeriver(t)
	for _, os := range []string{"windows", "linux"} {
		for _, version := range []string{"", "8.9.0", "7.5.0", "7.2.1"} {
			c := facts.Combination{Version: version, ServerOS: os, Mode: "remote", Phases: []string{"deployment"}, Port: 80, SSLPort: 443, FTPPort: 21, RPCPorts: "49152-65535"}
			check(t, d, c, []string{
				"browser tcp 443 derived deployment",
				"browser tcp 80 derived deployment",
				"local tcp 443 required deployment",
			})
		}
	}
}

func TestModes(t *testing.T) {
	d := newDeriver(t)
	// SUM on Linux has no row for Windows targets; in these modes it needs none.
	c := facts.Combination{ServerOS: "linux", TargetType: "windows", Phases: []string{"inventory", "deployment"}, Port: 63001, SSLPort: 63002, FTPPort: 21, RPCPorts: "49152-65535"}
	c.Mode = "local"
	check(t, d, c, []string{"local tcp 63002 required inventory+deployment"})
	c.Mode = "web"
	got, err := d.Templates(context.Background(), c)
	if err != nil || len(got) != 0 {
		t.Errorf("mode web: got %v, %v; want none", lines(got), err)
	}
}

func TestUnknownVersions(t *testing.T) {
	d := newDeriver(t)
	for _, version := range []string{"6.4.1", "5.3", "0", "7.2.2", "2022.12", "8.x", "v8.9", "newest", "8.", ".8", "-8", "8.9.0.1.2", "99999"} {
		c := facts.Combination{Version: version, ServerOS: "linux", TargetType: "ilo", Mode: "remote", Phases: []string{"inventory"}, Port: 63001, SSLPort: 63002}
		_, err := d.Templates(context.Background(), c)
		var problem *Problem
		if !errors.As(err, &problem) || problem.Kind != UnknownVersion {
			t.Errorf("version %q: got %v", version, err)
			continue
		}
		head := "No port table is known for SUM " + version + "."
		if strings.Trim(version, "0123456789.") != "" || slices.Contains([]string{"8.", ".8", "8.9.0.1.2", "99999"}, version) {
			head = fmt.Sprintf("%q is no version number: write one such as 8.9.0, digits and dots only.", version)
		}
		want := head + " Known are: SUM 8.0 and later; SUM 7.3 to 7.x; SUM 7.0 to 7.2.1."
		if problem.Error() != want {
			t.Errorf("version %q:\n got %s\nwant %s", version, problem.Error(), want)
		}
	}
}

// TestFind chooses an edition by its ID or a version, as the policies do.
func TestFind(t *testing.T) {
	table, err := LoadTable()
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{
		"": "8", "8": "8", "8.9.0": "8", "12": "8", "7.3": "7.3", "7.9.1": "7.3", "7": "7.0", "7.0": "7.0", "7.2.1": "7.0", "7.2.1.5": "7.0",
	} {
		if e, err := table.Find(version); err != nil || e.ID != want {
			t.Errorf("Find(%q) = %v, %v, want %s", version, e, err, want)
		}
	}
	for version, want := range map[string]string{
		"6.4":        "no port table is known for SUM 6.4. Known are: SUM 8.0 and later; SUM 7.3 to 7.x; SUM 7.0 to 7.2.1.",
		"7.2.2":      "no port table is known for SUM 7.2.2.",
		"2022.12":    "no port table is known for SUM 2022.12.",
		"8.x":        `"8.x" is no version number`,
		"v8.9":       `"v8.9" is no version number`,
		"8.9.0-beta": `"8.9.0-beta" is no version number`,
		"8.":         `"8." is no version number`,
		"+8":         `"+8" is no version number`,
		"8.9.0.1.2":  `"8.9.0.1.2" is no version number`,
		"80000":      `"80000" is no version number`,
	} {
		if e, err := table.Find(version); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Find(%q) = %v, %v, want %s", version, e, err, want)
		}
	}
}

func TestMissingRowNamesEditions(t *testing.T) {
	d := newDeriver(t)
	_, err := d.Templates(context.Background(), facts.Combination{ServerOS: "linux", TargetType: "moonshot", Mode: "remote", Phases: []string{"inventory"}})
	want := "The table of SUM 8.0 and later has no row for SUM on linux and a target of type moonshot. It stands in: SUM 7.3 to 7.x; SUM 7.0 to 7.2.1."
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestImpossiblePortsMakeNoFlow(t *testing.T) {
	d := newDeriver(t)
	c := facts.Combination{ServerOS: "linux", TargetType: "superdome-x", Mode: "remote", Phases: []string{"deployment"}, Port: 70000, SSLPort: -1, FTPPort: 65536}
	check(t, d, c, []string{"to-target tcp 22 required deployment", "to-target tcp 443 required deployment", "to-target tcp 80 optional deployment"})
	c.Port, c.SSLPort, c.FTPPort = 8080, 8080, 8080
	check(t, d, c, []string{
		"from-target tcp 8080 required deployment",
		"to-target tcp 22 required deployment", "to-target tcp 443 required deployment", "to-target tcp 80 optional deployment",
	})
}

func TestWindowsDetails(t *testing.T) {
	d := newDeriver(t)
	c := facts.Combination{ServerOS: "windows", TargetType: "windows", Mode: "remote", Phases: []string{"inventory"}, Port: 63001, SSLPort: 63002, NetBIOS: true, RPCPorts: "49152-65535"}
	templates, err := d.Templates(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]facts.Template{}
	for _, f := range templates {
		got[f.Direction+" "+f.Port] = f
	}
	system := facts.Listener{Program: "system"}
	want := map[string]facts.Template{
		"to-target 445": {
			Row: "Windows: inventory, to target", Service: "SMB (share ADMIN$)", Answer: true, Entry: true, Listener: system, Sender: system,
			WindowsRules: []string{"File and Printer Sharing (SMB-In)"},
		},
		"to-target 135": {
			Row: "Windows: inventory, to target", Service: "RPC endpoint mapper (DCOM)", Answer: true, Entry: true,
			Listener:     facts.Listener{Program: "svchost.exe", Service: "rpcss"},
			WindowsRules: []string{"Windows Management Instrumentation (DCOM-In)"},
		},
		"to-target 137": {
			Row: "Windows: inventory, to target", Service: "NetBIOS name service", SourcePort: "137", Answer: true, OpenedBySUM: true, Listener: system, Sender: system,
			Protocol: "udp", WindowsRules: []string{"File and Printer Sharing (NB-Name-In)"},
		},
		"to-target 138": {
			Row: "Windows: inventory, to target", Service: "NetBIOS datagrams", SourcePort: "138", OpenedBySUM: true, Listener: system, Sender: system,
			Protocol: "udp", WindowsRules: []string{"File and Printer Sharing (NB-Datagram-In)"},
		},
		"to-target 139": {
			Row: "Windows: inventory, to target", Service: "NetBIOS session (SMB)", Answer: true, OpenedBySUM: true, Listener: system, Sender: system,
			WindowsRules: []string{"File and Printer Sharing (NB-Session-In)"},
		},
		"to-target 49152-65535": {
			Row: "note: Windows to Windows uses WMI (WMI-in)", Service: "WMI (dynamic RPC)", Need: "derived", Answer: true, OpenedBySUM: true,
			Listener:     facts.Listener{Program: "svchost.exe", Service: "winmgmt"},
			WindowsRules: []string{"Windows Management Instrumentation (WMI-In)"},
		},
		"from-target 49152-65535": {
			Row: "note: Windows to Windows uses WMI (Async-in)", Service: "WMI's asynchronous callbacks (dynamic RPC)", Need: "derived", Answer: true,
			Listener: facts.Listener{Program: "unsecapp.exe"}, Sender: facts.Listener{Program: "svchost.exe", Service: "winmgmt"},
			WindowsRules: []string{"Windows Management Instrumentation (ASync-In)"},
		},
	}
	for key, w := range want {
		w.Direction, w.Port, _ = strings.Cut(key, " ")
		w.Phases = []string{"inventory"}
		if w.Need == "" {
			w.Need = "required"
		}
		if w.Protocol == "" {
			w.Protocol = "tcp"
		}
		want[key] = w
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestProgramsOfSUM(t *testing.T) {
	d := newDeriver(t)
	for _, test := range []struct{ os, version, target, mode, direction, listener, sender string }{
		{"windows", "", "ilo", "remote", "from-target", "sum_service_x64.exe", ""},
		{"windows", "7.4", "ilo", "remote", "from-target", "hpsum_service_x64.exe", ""},
		{"linux", "", "ilo", "remote", "from-target", "", ""},
		{"windows", "", "", "remote", "local", "sum_service_x64.exe", "sum_bin_x64.exe"},
		{"linux", "", "", "remote", "local", "", ""},
		{"linux", "", "windows", "local", "local", "sum_service_x64.exe", "sum_bin_x64.exe"},
		{"windows", "", "linux", "local", "local", "", ""},
		{"windows", "", "", "remote", "browser", "sum_service_x64.exe", ""},
	} {
		templates, err := d.Templates(context.Background(), facts.Combination{
			Version: test.version, ServerOS: test.os, TargetType: test.target, Mode: test.mode, Phases: []string{"deployment"}, Port: 63001, SSLPort: 63002,
		})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, f := range templates {
			if f.Direction != test.direction {
				continue
			}
			found = true
			if f.Listener.Program != test.listener || f.Sender.Program != test.sender || !f.OpenedBySUM || f.Entry {
				t.Errorf("%+v: got %+v", test, f)
			}
		}
		if !found {
			t.Errorf("%+v: no such flow", test)
		}
	}
}

func TestTable(t *testing.T) {
	table, err := LoadTable()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range table.Editions {
		if e.Source == "" {
			t.Errorf("edition %s names no source", e.Name)
		}
	}
	if diff := cmp.Diff([]string{"SUM 8.0 and later", "SUM 7.3 to 7.x", "SUM 7.0 to 7.2.1"}, table.Names()); diff != "" {
		t.Error(diff)
	}
	want := slices.Sorted(slices.Values(types))
	if diff := cmp.Diff(want, table.TargetTypes()); diff != "" {
		t.Error(diff)
	}
	for _, target := range want {
		if table.WaysOut[target] == "" {
			t.Errorf("no way out for %s", target)
		}
	}
	if got := Cell(table.Editions[0].Rows[3].Inventory.ToTarget) + "; " + Cell(nil); got != "22, (80), 443; None" {
		t.Errorf("cells print as %q", got)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
