package netsh

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// usual are the settings of a Windows as it is installed.
var usual = [3]string{"on BlockInbound,AllowOutbound", "on BlockInbound,AllowOutbound", "on BlockInbound,AllowOutbound"}

// both keeps a direction from looking filtered out.
const someOut = "out allow tcp remoteport=9 name=some_rule"

func mustParse(t testing.TB, text string) *Doc {
	t.Helper()
	doc, diags := Parse("dump.txt", []byte(text), "")
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, text)
	}
	return doc
}

func compileText(t testing.TB, text string, interfaces ...string) *model.Firewall {
	t.Helper()
	in := Input{Name: "host", Docs: []*Doc{mustParse(t, text)}}
	for _, a := range interfaces {
		in.Interfaces = append(in.Interfaces, model.Interface{Name: "nic", Addresses: []netip.Prefix{netip.MustParsePrefix(a)}})
	}
	fw, diags := Compile(in)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	return fw
}

const (
	smb    = "in tcp 10.0.0.5:50000 10.1.1.1:445 system"
	wmi    = "in tcp 10.0.0.5:50000 10.1.1.1:50123 svchost.exe/winmgmt"
	mapper = "in tcp 10.0.0.5:50000 10.1.1.1:135 svchost.exe/rpcss"
	sum    = "in tcp 10.0.0.5:50000 10.1.1.1:63001 sumservice.exe/sum"
	sum6   = "in tcp [fd00::5]:50000 [fd00::1]:63001 sumservice.exe/sum"
	local  = "in tcp 127.0.0.1:50000 127.0.0.1:63002 sumservice.exe"
	local6 = "out tcp [::1]:63002 [::1]:50000 sumservice.exe"
	client = "out tcp 10.9.9.9:22 10.1.1.1:50000 sum.exe"
	ping   = "in icmp 10.0.0.5 10.1.1.1 type=8/0"
)

type verdictTest struct {
	name     string
	rules    []string
	settings [3]string // usual if empty
	plain    bool
	subnet   string
	want     map[string]string
}

var verdictTests = []verdictTest{
	{name: "no rule: the defaults", rules: []string{"in allow tcp localport=9"}, want: map[string]string{smb: "blocked", client: "allowed", smb + " established": "allowed", local: "allowed", local6: "allowed"}},
	{name: "an allow opens its port only", rules: []string{"in allow tcp localport=445"}, want: map[string]string{smb: "allowed", sum: "blocked", strings.Replace(smb, "tcp", "udp", 1): "blocked"}},
	{name: "a list of ports and ranges", rules: []string{"in allow tcp localport=22,63000-63002"}, want: map[string]string{sum: "allowed", smb: "blocked"}},
	{name: "a disabled rule does not count", rules: []string{"in allow tcp localport=445 off"}, want: map[string]string{smb: "blocked"}},
	{name: "block beats allow, however specific", rules: []string{"in allow tcp localport=445 remoteip=10.0.0.5", "in block tcp"}, want: map[string]string{smb: "blocked"}},
	{name: "a block of another profile does not count", rules: []string{"in allow tcp localport=445", "in block tcp profiles=Public"}, want: map[string]string{smb: "allowed", smb + " public": "blocked", smb + " private": "allowed"}},
	{name: "an allow of one profile", rules: []string{"in allow tcp localport=445 profiles=Domain"}, want: map[string]string{smb: "allowed", smb + " private": "blocked"}},
	{name: "bypass never counts without IPsec", rules: []string{"in bypass tcp localport=445 security=Authenticate", "in block tcp localport=445"}, want: map[string]string{smb: "conditional"}},
	{name: "nor does a secured allow", rules: []string{"in allow tcp localport=445 security=Authenticate"}, want: map[string]string{smb: "conditional", sum: "blocked"}},
	{name: "an interface type", rules: []string{"in allow tcp localport=445 interfacetypes=Wireless"}, want: map[string]string{smb: "conditional"}},
	{name: "profile off", settings: [3]string{"off BlockInbound,AllowOutbound", usual[1], usual[2]}, rules: []string{"in block tcp"}, want: map[string]string{smb: "allowed", smb + " public": "blocked"}},
	{name: "all inbound blocked", settings: [3]string{"on BlockInboundAlways,AllowOutbound", usual[1], usual[2]}, rules: []string{"in allow tcp localport=445"}, want: map[string]string{smb: "blocked", smb + " private": "allowed", smb + " established": "allowed", local: "allowed", local6: "allowed", client: "allowed"}},
	{name: "inbound allowed by default", settings: [3]string{"on AllowInbound,BlockOutbound", usual[1], usual[2]}, rules: []string{"in block tcp localport=445"}, want: map[string]string{smb: "blocked", sum: "allowed", client: "blocked"}},
	{name: "outbound allow", settings: [3]string{"on BlockInbound,BlockOutbound", usual[1], usual[2]}, rules: []string{"out allow tcp remoteport=22 remoteip=10.9.0.0/16"}, want: map[string]string{client: "allowed", strings.Replace(client, "10.9.", "10.8.", 1): "blocked"}},
	{name: "outbound block", rules: []string{"out block tcp remoteport=22"}, want: map[string]string{client: "blocked"}},
	{name: "sides swap with the direction", rules: []string{"in allow tcp localport=445 localip=10.1.1.1 remoteip=10.0.0.0/24", "out block tcp localip=10.1.1.1 remoteip=10.9.9.0/24 remoteport=22"}, want: map[string]string{smb: "allowed", client: "blocked", strings.Replace(client, "10.9.9", "10.9.8", 1): "allowed"}},
	{name: "a program narrows", rules: []string{`in allow tcp localport=445,63001 program=C:\SUM\sumservice.exe`}, want: map[string]string{sum: "allowed", smb: "blocked"}},
	{name: "a service narrows", rules: []string{"in allow tcp program=%SystemRoot%\\system32\\svchost.exe service=winmgmt"}, want: map[string]string{wmi: "allowed", mapper: "blocked", sum: "blocked"}},
	{name: "System", rules: []string{"in allow tcp localport=445 program=System"}, want: map[string]string{smb: "allowed", strings.Replace(smb, "system", "other.exe", 1): "blocked"}},
	{name: "RPC is the program's dynamic ports", rules: []string{"in allow tcp localport=RPC program=%SystemRoot%\\system32\\svchost.exe service=winmgmt"}, want: map[string]string{wmi: "allowed", mapper: "blocked", sum: "blocked", strings.Replace(wmi, "50123", "5001", 1): "conditional"}},
	{name: "RPC of the spooler does not open WMI", rules: []string{"in allow tcp localport=RPC program=%SystemRoot%\\System32\\spoolsv.exe service=Spooler"}, want: map[string]string{wmi: "blocked"}},
	{name: "RPC without a program", rules: []string{"in allow tcp localport=RPC"}, want: map[string]string{wmi: "allowed", sum: "conditional", smb: "blocked"}},
	{name: "RPC-EPMap is 135", rules: []string{"in allow tcp localport=RPC-EPMap service=RpcSs"}, want: map[string]string{mapper: "allowed", smb: "blocked"}},
	{name: "IPHTTPS is 443", rules: []string{"in allow tcp localport=IPHTTPS program=System"}, want: map[string]string{strings.Replace(smb, "445", "443", 1): "allowed", smb: "blocked"}},
	{name: "Teredo is a port that is not known", rules: []string{"in allow udp localport=Teredo"}, want: map[string]string{"in udp 10.0.0.5:1 10.1.1.1:138 system": "blocked", "in udp 10.0.0.5:1 10.1.1.1:50138 x": "conditional"}},
	{name: "LocalSubnet without addresses", rules: []string{"in allow tcp localport=445 remoteip=LocalSubnet"}, want: map[string]string{smb: "conditional", sum: "blocked"}},
	{name: "LocalSubnet, on link", subnet: "10.0.9.9/16", rules: []string{"in allow tcp localport=445 remoteip=LocalSubnet"}, want: map[string]string{smb: "allowed"}},
	{name: "LocalSubnet, elsewhere", subnet: "10.1.1.1/24", rules: []string{"in allow tcp localport=445 remoteip=LocalSubnet"}, want: map[string]string{smb: "blocked"}},
	{name: "a host's address tells no subnet", subnet: "10.1.1.1/32", rules: []string{"in allow tcp localport=445 remoteip=LocalSubnet"}, want: map[string]string{smb: "conditional"}},
	{name: "LocalSubnet of the other family stays open", subnet: "10.1.1.1/24", rules: []string{"in allow tcp localport=63001 remoteip=LocalSubnet"}, want: map[string]string{sum: "blocked", sum6: "conditional"}},
	{name: "a keyword in a block", rules: []string{"in allow tcp localport=445", "in block tcp localport=445 remoteip=DNS"}, want: map[string]string{smb: "conditional"}},
	{name: "a v4 list leaves v6 out", rules: []string{"in allow tcp localport=63001 remoteip=10.0.0.0/8"}, want: map[string]string{sum: "allowed", sum6: "blocked"}},
	{name: "a mixed list", rules: []string{"in allow tcp localport=63001 remoteip=10.0.0.1-10.0.0.9,fd00::/64"}, want: map[string]string{sum: "allowed", sum6: "allowed"}},
	{name: "every address of one family", rules: []string{"in allow tcp localport=63001 remoteip=0.0.0.0/0"}, want: map[string]string{sum: "allowed", sum6: "blocked"}},
	{name: "ICMP types", rules: []string{"in allow ICMPv4 icmp=8_Any,3_4"}, want: map[string]string{ping: "allowed", strings.Replace(ping, "8/0", "13/0", 1): "blocked", "in icmp 10.0.0.5 10.1.1.1 type=3/4": "allowed", "in icmp fd00::5 fd00::1 type=8/0": "blocked", "in icmp 10.0.0.5 10.1.1.1 type=3/1": "blocked"}},
	{name: "a protocol's number", rules: []string{"in allow 47"}, want: map[string]string{"in gre 10.0.0.5 10.1.1.1": "allowed", smb: "blocked"}},
	{name: "any protocol", rules: []string{"in allow Any"}, want: map[string]string{smb: "allowed", ping: "allowed"}},
	{name: "a Store app's rule in a verbose dump", rules: []string{"in allow Any name=@{Foo_1.0_x64?ms-resource://Foo/Name}"}, want: map[string]string{smb: "blocked"}},
	{name: "a look-alike in a verbose dump", rules: []string{"in allow Any name=Skype group=Skype"}, want: map[string]string{smb: "conditional"}},
	{name: "Wi-Fi Direct's own rules", rules: []string{"in allow tcp program=System name=WFD_Driver-only_(TCP-In) group=WLAN_Service_-_WFD_Services_Kernel_Mode_Driver_Rules"}, want: map[string]string{smb: "blocked"}},
	{name: "other predefined rules for System on any port", rules: []string{"in allow tcp program=System name=Something group=Some_group"}, want: map[string]string{smb: "conditional"}},
	{name: "a user's rule for System on any port", rules: []string{"in allow tcp program=System"}, want: map[string]string{smb: "allowed"}},
	{name: "an unknown row value narrows", rules: []string{"in allow tcp localport=445 security=Whatever"}, want: map[string]string{smb: "conditional"}},

	{name: "plain: a rule that names the port counts", plain: true, rules: []string{"in allow tcp localport=445"}, want: map[string]string{smb: "allowed", sum: "blocked"}},
	{name: "plain: so does a block", plain: true, rules: []string{"in allow tcp localport=445", "in block tcp localport=445"}, want: map[string]string{smb: "blocked"}},
	{name: "plain: any port is a program's that is hidden", plain: true, rules: []string{"in allow tcp"}, want: map[string]string{smb: "conditional", sum: "conditional", ping: "blocked"}},
	{name: "plain: any protocol too", plain: true, rules: []string{"in allow Any"}, want: map[string]string{smb: "conditional"}},
	{name: "plain: a block of any port too", plain: true, rules: []string{"in allow tcp localport=445", "in block tcp"}, want: map[string]string{smb: "conditional"}},
	{name: "plain: the remote port names nothing inbound", plain: true, rules: []string{"in allow tcp remoteport=50000"}, want: map[string]string{smb: "conditional"}},
	{name: "plain: outbound the remote port does", plain: true, rules: []string{"out block tcp remoteport=22"}, want: map[string]string{client: "blocked"}},
	{name: "plain: outbound any port is hidden", plain: true, rules: []string{"out block tcp"}, want: map[string]string{client: "conditional"}},
	{name: "plain: a Store app's rule is no opening", plain: true, rules: []string{"in allow Any name=@{Foo_1.0_x64?ms-resource://Foo/Name}"}, want: map[string]string{smb: "blocked"}},
	{name: "plain: ICMP has no program", plain: true, rules: []string{"in allow ICMPv4 icmp=8_Any"}, want: map[string]string{ping: "allowed"}},
	{name: "plain: RPC is hidden", plain: true, rules: []string{"in allow tcp localport=RPC"}, want: map[string]string{wmi: "conditional", smb: "blocked"}},
}

func TestVerdicts(t *testing.T) {
	for _, tt := range verdictTests {
		t.Run(tt.name, func(t *testing.T) {
			settings := tt.settings
			if settings[0] == "" {
				settings = usual
			}
			specs := parseSpecs(tt.rules)
			d := english()
			text := d.dump(specs, !tt.plain) + d.settings(settings)
			var interfaces []string
			subnet := netip.Prefix{}
			if tt.subnet != "" {
				interfaces = []string{tt.subnet}
				if subnet = netip.MustParsePrefix(tt.subnet); subnet.IsSingleIP() {
					subnet = netip.Prefix{}
				}
			}
			fw := compileText(t, text, interfaces...)
			for line, want := range tt.want {
				c := parseConn(line)
				if got := evalFirewall(fw, c).String(); got != want {
					t.Errorf("%s: got %s, want %s", line, got, want)
				}
				simple := !strings.Contains(text, "RPC  ") && !strings.Contains(text, "RPC\r") && !strings.Contains(text, "Teredo") && !strings.Contains(text, "Grouping:                             S") && !strings.Contains(text, "WLAN")
				if got := naive(specs, settings, !tt.plain, subnet, c).String(); simple && got != want {
					t.Errorf("%s: the naive evaluator says %s, want %s", line, got, want)
				}
			}
		})
	}
}

// TestAgainstNaive compares the compiled chains with the naive evaluator on random
// rule sets and packets.
func TestAgainstNaive(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	counts := map[outcomes]int{}
	for round := range 400 {
		var specs []spec
		for range 1 + rng.IntN(8) {
			specs = append(specs, parseSpec(strings.Join([]string{pick("in", "out"), pick("allow", "allow", "block", "bypass"), pick("tcp", "tcp", "udp", "Any", "ICMPv4", "47"),
				"localport=" + pick("Any", "445", "445,139", "1024-65535", "RPC-EPMap"), "remoteport=" + pick("Any", "Any", "22", "50000-50010"),
				"remoteip=" + pick("Any", "Any", "10.0.0.0/24", "10.0.0.5,fd00::5", "LocalSubnet", "DNS", "10.0.0.1-10.0.0.9"), "localip=" + pick("Any", "Any", "10.1.1.1", "fd00::/64"),
				"program=" + pick("Any", "Any", "System", `C:\x\a.exe`), "profiles=" + pick("Domain", "Private,Public", "Domain,Private,Public"),
				"security=" + pick("NotRequired", "NotRequired", "NotRequired", "Authenticate"), "icmp=" + pick("Any_Any", "8_Any", "3_4"), pick("", "", "off")}, " ")))
		}
		settings := [3]string{}
		for i := range settings {
			settings[i] = pick("on", "on", "on", "off") + " " + pick("BlockInbound", "BlockInbound", "BlockInboundAlways", "AllowInbound") + "," + pick("AllowOutbound", "BlockOutbound")
		}
		verbose := rng.IntN(3) > 0
		subnet, interfaces := netip.Prefix{}, []string(nil)
		if rng.IntN(2) == 0 {
			subnet, interfaces = netip.MustParsePrefix("10.0.0.0/28"), []string{"10.0.0.1/28"}
		}
		d := english()
		text := d.dump(specs, verbose) + d.settings(settings)
		fw := compileText(t, text, interfaces...)
		for range 60 {
			line := fmt.Sprintf("%s %s %s:%s %s:%s %s %s", pick("in", "out"), pick("tcp", "tcp", "udp"), pick("10.0.0.5", "10.0.0.20", "10.9.9.9"), pick("22", "50005", "40000"), pick("10.1.1.1", "10.1.1.2"), pick("445", "135", "139", "9", "50000"), pick("domain/", "private", "public"), pick("system", "a.exe", "b.exe"))
			if rng.IntN(5) == 0 {
				line = fmt.Sprintf("%s %s %s %s type=%s", pick("in", "out"), pick("icmp", "gre"), "10.0.0.5", "10.1.1.1", pick("8/0", "3/4", "3/1"))
			}
			line = strings.Replace(line, "domain/", "", 1)
			if rng.IntN(5) == 0 {
				line = strings.NewReplacer("10.0.0.5:", "[fd00::5]:", "10.0.0.20:", "[fd00::20]:", "10.9.9.9:", "[fd01::9]:", "10.1.1.1:", "[fd00::1]:", "10.1.1.2:", "[fd01::1]:").Replace(line)
				if strings.Contains(line, "icmp") || strings.Contains(line, "gre") {
					continue
				}
			}
			c := parseConn(line)
			got, want := evalFirewall(fw, c), naive(specs, settings, verbose, subnet, c)
			counts[want]++
			if got != want {
				t.Fatalf("round %d, verbose %v, %s: got %s, the naive evaluator says %s\n%s", round, verbose, line, got, want, text)
			}
		}
	}
	for _, o := range []outcomes{1, 2, 3} {
		if counts[o] < 400 {
			t.Errorf("only %d packets are %s: the test says too little", counts[o], o)
		}
	}
}

// shape is what of a firewall must not depend on the dump's language.
func shape(fw *model.Firewall) (out []string) {
	for _, chain := range fw.Chains {
		for _, r := range chain.Rules {
			line := chain.Name + " " + r.Where.String() + " " + r.Action.Kind.String()
			if r.Tests != nil {
				for _, u := range r.Tests.Unknown {
					line += " " + u.Kind
				}
			}
			out = append(out, line)
		}
		out = append(out, chain.Name+" default "+chain.Default.Kind.String())
	}
	return out
}

func TestLanguages(t *testing.T) {
	specs := parseSpecs([]string{"in allow tcp localport=445 program=System remoteip=LocalSubnet,10.0.0.0/8", "in allow tcp service=winmgmt program=%SystemRoot%\\system32\\svchost.exe profiles=Domain",
		"in block udp localport=137-139 profiles=Private,Public", "out block Any remoteip=10.7.0.0/16 profiles=Public", "in allow ICMPv4 icmp=8_Any", "in allow tcp localport=22 off", "in allow 47 profiles=Domain,Public"})
	settings := [3]string{"off BlockInbound,AllowOutbound", "on BlockInboundAlways,AllowOutbound", "on BlockInbound,BlockOutbound"}
	for _, verbose := range []bool{true, false} {
		en := english()
		want := compileText(t, en.dump(specs, verbose)+en.settings(settings))
		for name, d := range dialects() {
			text := d.dump(specs, verbose) + d.settings(settings)
			doc := mustParse(t, text)
			got, _ := Compile(Input{Name: "host", Docs: []*Doc{doc}})
			if diff := cmp.Diff(shape(want), shape(got)); diff != "" {
				t.Errorf("%s, verbose %v (-english +%s):\n%s", name, verbose, name, diff)
			}
			if doc.Language != name {
				t.Errorf("%s is taken for %q", name, doc.Language)
			}
			if ids, idsEN := assumptionIDs(got), assumptionIDs(want); !slices.Equal(ids, idsEN) {
				t.Errorf("%s: assumptions %v, want %v", name, ids, idsEN)
			}
		}
	}
}

func assumptionIDs(fw *model.Firewall) (out []string) {
	for _, a := range fw.Assumptions {
		out = append(out, a.ID)
	}
	return out
}

func TestAssumptions(t *testing.T) {
	en := english()
	specs := parseSpecs([]string{"in allow tcp localport=445", "out block tcp remoteport=22"})
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"verbose and profiles", en.dump(specs, true) + en.settings(usual), []string{"no-group-policy"}},
		{"no profiles", en.dump(specs, true), []string{"no-group-policy", "default-profile-policy"}},
		{"plain", en.dump(specs, false) + en.settings(usual), []string{"no-group-policy", "programs-hidden"}},
		{"effective", "C:\\>netsh advfirewall monitor show firewall rule name=all verbose\r\n" + en.dump(specs, true) + en.settings(usual), nil},
		{"effective by its sources", strings.Replace(en.dump(specs, true), "Local Setting", "Group Policy Setting", 1) + en.settings(usual), nil},
		{"store apps", en.dump(parseSpecs([]string{"in allow Any name=@{Foo}", someOut}), true) + en.settings(usual), []string{"no-group-policy", "store-apps"}},
	} {
		doc, _ := Parse("dump.txt", []byte(tt.text), "")
		fw, _ := Compile(Input{Docs: []*Doc{doc}})
		if diff := cmp.Diff(tt.want, assumptionIDs(fw)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestCoverage: what no export shows is unknown, never open or closed.
func TestCoverage(t *testing.T) {
	en := english()
	in := en.dump(parseSpecs([]string{"in allow tcp localport=445"}), true)
	out := en.dump(parseSpecs([]string{"out allow tcp remoteport=22"}), true)
	many := strings.Repeat(en.rule(parseSpec("in allow tcp localport=445"), true), predefined) + "Ok.\r\n"
	command := "C:\\>netsh advfirewall firewall show rule name=all "
	for _, tt := range []struct {
		name, text string
		want       map[string]string
	}{
		{"dir=in", command + "dir=in verbose\r\n" + in, map[string]string{smb: "allowed", sum: "blocked", client: "conditional", client + " established": "allowed"}},
		{"dir=in and dir=out", command + "dir=in verbose\r\n" + in + "PS C:\\Users\\x> netsh advfirewall firewall show rule name=all dir=out verbose\r\n" + out, map[string]string{smb: "allowed", sum: "blocked", client: "allowed"}},
		{"by name", "netsh advfirewall firewall show rule name=\"a rule\"\r\n" + in, map[string]string{smb: "conditional", sum: "conditional", client: "conditional"}},
		{"by profile", command + "profile=domain\r\n" + in, map[string]string{smb: "allowed", sum: "blocked", sum + " public": "conditional"}},
		{"one direction of very many", many, map[string]string{smb: "allowed", client: "conditional"}},
		{"profiles only", en.settings(usual), map[string]string{smb: "conditional", client: "conditional"}},
		{"profiles only, off", en.settings([3]string{"off BlockInbound,AllowOutbound", usual[1], usual[2]}), map[string]string{smb: "allowed", smb + " public": "conditional"}},
	} {
		doc, _ := Parse("dump.txt", []byte(tt.text), "")
		fw, _ := Compile(Input{Docs: []*Doc{doc}})
		for line, want := range tt.want {
			if got := evalFirewall(fw, parseConn(line)).String(); got != want {
				t.Errorf("%s: %s: got %s, want %s", tt.name, line, got, want)
			}
		}
	}
}

// TestOwnAddress: what the host sends to its own address goes by loopback.
func TestOwnAddress(t *testing.T) {
	fw := compileText(t, english().dump(parseSpecs([]string{"in block tcp", someOut}), true)+english().settings(usual), "10.1.1.1/24")
	own := "in tcp 10.1.1.1:50000 10.1.1.1:445 system"
	for line, want := range map[string]string{own + " loopback": "allowed", own: "blocked", smb + " loopback": "allowed"} {
		if got := evalFirewall(fw, parseConn(line)).String(); got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}

// TestUnreadableBeside: a file that can't be read makes all of its host undecided.
func TestUnreadableBeside(t *testing.T) {
	en := english()
	good := mustParse(t, en.dump(parseSpecs([]string{"in allow tcp localport=445", someOut}), true)+en.settings(usual))
	bad, _ := Parse("polish.txt", []byte(strings.ReplaceAll(en.dump(parseSpecs([]string{"in block tcp"}), true), "Rule Name:", "Nazwa reguły:")), "")
	fw, _ := Compile(Input{Docs: []*Doc{good, bad}})
	for _, line := range []string{smb, sum, client} {
		if got := evalFirewall(fw, parseConn(line)).String(); got != "conditional" {
			t.Errorf("%s: got %s", line, got)
		}
	}
}

// TestKnownProfile: with the profile fixed, packets need not carry it.
func TestKnownProfile(t *testing.T) {
	en := english()
	text := en.dump(parseSpecs([]string{"in allow tcp localport=445 profiles=Domain", "in allow tcp localport=22 profiles=Private", someOut}), true) + en.settings([3]string{usual[0], "off x", usual[2]})
	doc, _ := Parse("dump.txt", []byte(text), "")
	fw, _ := Compile(Input{Docs: []*Doc{doc}, Profile: packet.Domain})
	for line, want := range map[string]string{smb: "allowed", smb + " private": "allowed", "in tcp 10.0.0.5:1 10.1.1.1:22 x": "blocked", sum: "blocked"} {
		if got := evalFirewall(fw, parseConn(line)).String(); got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}

func TestDisabledRulesAndRoles(t *testing.T) {
	en := english()
	fw := compileText(t, en.dump(parseSpecs([]string{"in allow tcp localport=445 off name=File_and_Printer_Sharing_(SMB-In) group=File_and_Printer_Sharing program=System",
		"in allow tcp off name=Compartir_archivos_e_impresoras_(SMB_de_entrada) group=Compartir_archivos_e_impresoras localport=445 profiles=Domain", "in block tcp localport=22 off", "in allow tcp localport=23"}), true)+en.settings(usual))
	var got []string
	for _, d := range fw.Disabled {
		got = append(got, fmt.Sprintf("%s %s | %s | %s %s", d.Hook, d.Name, d.Role, d.Rule.Where, d.Rule.Action.Kind))
	}
	want := []string{
		"input File and Printer Sharing (SMB-In) | File and Printer Sharing (SMB-In) | protocol tcp dport 445 program system accept",
		"input Compartir archivos e impresoras (SMB de entrada) | File and Printer Sharing (SMB-In) | protocol tcp dport 445 profile domain accept",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]string{"@FirewallAPI.dll,-28511": roleSMB, "WMI-WINMGMT-In-TCP-NoScope": roleWMI, "FPS-NB_Datagram-In-UDP": roleDatagram, "something": ""} {
		if got, _ := Role(text); got != want {
			t.Errorf("Role(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestNotes: what decides says what it is where its line does not.
func TestNotes(t *testing.T) {
	en := english()
	text := en.dump(parseSpecs([]string{"in allow tcp localport=445", "in block tcp localport=22", "in block tcp localport=23 profiles=Domain,Public", someOut}), true)
	fw := compileText(t, text+strings.Replace(en.settings(usual), "N/A (GPO-store only)", "Disable", 1))
	var notes []string
	for _, rule := range fw.Hooks[model.Input][0].Rules {
		if rule.Action.Kind == model.Drop {
			notes = append(notes, rule.Note)
		}
	}
	want := []string{"block rule", "block rule of the profile domain,public", "the default of the domain profile: block; group policy lets no local rule count", "the default of the private profile: block", "the default of the public profile: block"}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSampleOfJunk: the warning about text around the rules quotes the first of it.
func TestSampleOfJunk(t *testing.T) {
	_, diags := Parse("dump.txt", []byte(strings.Repeat("Ä", 70)+"\r\nand more\r\n"+english().dump(parseSpecs([]string{"in allow tcp localport=445"}), true)), "")
	if want := "The first begins with \"" + strings.Repeat("Ä", 60) + "…\"."; len(diags) != 1 || diags[0].Detail != want {
		t.Errorf("got %v", diags)
	}
}
