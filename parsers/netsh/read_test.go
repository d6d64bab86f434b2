package netsh

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/sumlint/sumlint/parsers/diag"
)

// says writes diagnostics as "severity line:column summary".
func says(diags diag.List) (out []string) {
	for _, d := range diags {
		l := d.Location()
		out = append(out, fmt.Sprintf("%s %d:%d %s", d.Severity, l.Line, l.Column, d.Summary))
	}
	return out
}

// block is a plain rule block for tests of single rows.
func blockText(replace ...string) string {
	text := english().rule(parseSpec("in allow tcp localport=445"), false)
	return strings.NewReplacer(replace...).Replace(text)
}

const (
	pad      = "                              "
	portRow  = "LocalPort:                            445\r\n"
	otherEnd = "Action:                               Allow\r\n"
)

// TestUnreadable: each thing that can't be read is an error with its place, and the
// rule is undecided where it may matter, never gone.
func TestUnreadable(t *testing.T) {
	udp := strings.Replace(smb, "445", "446", 1)
	for _, tt := range []struct {
		name, text string
		says       []string
		want       map[string]string
	}{
		{"protocol", blockText("TCP", "TPC"), []string{`error 10:1 Protocol is "TPC", which is not known`, `error 2:1 the rule "a rule" has ports, but its protocol is any`}, map[string]string{smb: "conditional", sum: "conditional"}},
		{"address", blockText("RemoteIP:                             Any", "RemoteIP:                             10.0.0.0/8,10.1"), []string{`error 9:50 the address "10.1" can't be read`}, map[string]string{smb: "conditional", strings.Replace(smb, "10.0.0.5", "192.168.7.7", 1): "conditional", sum: "blocked"}},
		{"a label of no language", blockText("Grouping:", "Groupe:"), []string{`error 7:1 the row "Groupe" is not known`}, map[string]string{smb: "conditional"}},
		{"port", blockText(portRow, "LocalPort:                            445,70000\r\n"), []string{`error 11:43 the port "70000" can't be read`}, map[string]string{smb: "conditional", udp: "conditional"}},
		{"action", blockText("Allow", "Alow"), []string{`error 14:1 Action is "Alow", which is not known`}, map[string]string{smb: "conditional", sum: "blocked"}},
		{"direction", blockText(" In\r", " Inn\r"), []string{`error 5:1 Direction is "Inn", which is not known`}, map[string]string{smb: "conditional", client: "allowed"}},
		{"profile", blockText("Domain,Private,Public", "Domaine2"), []string{`error 6:39 the profile "Domaine2" is not known`}, map[string]string{smb: "conditional"}},
		{"enabled", blockText("Yes", "Perhaps"), []string{`error 4:1 Enabled is "Perhaps", which is not known`}, map[string]string{smb: "conditional"}},
		{"a row twice", blockText(portRow, portRow+portRow), []string{`error 12:1 the row "LocalPort" is there twice`}, map[string]string{smb: "conditional", sum: "conditional"}},
		{"an unknown row", blockText(portRow, portRow+"Sandbox:"+pad+"Yes\r\n"), []string{`error 12:1 the row "Sandbox" is not known`}, map[string]string{smb: "conditional", sum: "blocked"}},
		{"cut off", blockText(otherEnd, ""), []string{`error 2:1 the rule "a rule" has no row "Action"`}, map[string]string{smb: "conditional", sum: "blocked"}},
		{"cut off earlier", blockText(portRow, "")[:300], []string{`error 2:1 the rule "a rule" has no row "LocalIP", "RemoteIP", "Protocol", "Action"`}, map[string]string{smb: "conditional", ping: "conditional"}},
		{"ports without a protocol", blockText("TCP", "Any"), []string{`error 2:1 the rule "a rule" has ports, but its protocol is any`}, map[string]string{smb: "conditional"}},
		{"a row in no rule", blockText() + "Program:" + pad + "System\r\n", []string{`error 15:1 the row "Program" stands outside of a rule`}, map[string]string{smb: "conditional"}},
		{"a block that can't be read whole", blockText() + blockText("Allow", "Block", portRow, "LocalPort:"+pad+"what\r\n"), []string{`error 25:41 the port "what" can't be read`}, map[string]string{smb: "conditional"}},
		{"an ICMP type", english().rule(parseSpec("in allow ICMPv4 icmp=8_Any,x_y"), false), []string{`error 13:39 the ICMP type "x       y" is not known`}, map[string]string{ping: "conditional"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, diags := Parse("dump.txt", []byte(tt.text+"\r\nOk.\r\n"), "")
			if diff := cmp.Diff(tt.says, says(diags)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			fw, _ := Compile(Input{Docs: []*Doc{doc}})
			for line, want := range tt.want {
				if got := evalFirewall(fw, parseConn(line)).String(); got != want {
					t.Errorf("%s: got %s, want %s", line, got, want)
				}
			}
		})
	}
}

// TestAround: what stands around a dump is passed over, with one warning.
func TestAround(t *testing.T) {
	en := english()
	dump := en.dump(parseSpecs([]string{"in allow tcp localport=445 program=System", "in allow tcp program=%SystemRoot%\\system32\\svchost.exe service=winmgmt"}), true)
	described := strings.Replace(dump, "Enabled:", "Description:                          Two lines\r\nand: a second one\r\nEnabled:", 1)
	for _, tt := range []struct {
		name, text string
		says       []string
	}{
		{"nothing", dump, nil},
		{"unix line ends", strings.ReplaceAll(dump, "\r\n", "\n"), nil},
		{"doubled carriage returns", strings.ReplaceAll(dump, "\r\n", "\r\r\n"), nil},
		{"a prompt and a command", "C:\\Users\\x>netsh advfirewall firewall show rule name=all verbose\r\n" + dump + "C:\\Users\\x>\r\n", []string{"warning 1:1 text around the rules is passed over (prompts, fences, other output): 2 lines"}},
		{"a PowerShell prompt", "PS C:\\> netsh advfirewall firewall show rule name=all verbose > fw.txt\r\n" + dump, []string{"warning 1:1 text around the rules is passed over (prompts, fences, other output): 1 line"}},
		{"a fence", "```text\n" + dump + "```\n", []string{"warning 1:1 text around the rules is passed over (prompts, fences, other output): 2 lines"}},
		{"other output", "Microsoft Windows [Version 10.0]\r\n(c) Microsoft\r\n" + dump, []string{"warning 1:1 text around the rules is passed over (prompts, fences, other output): 2 lines"}},
		{"a prefix on each line", "[*]   " + strings.ReplaceAll(dump, "\r\n", "\r\n[*]   "), nil},
		{"quoted", "> " + strings.ReplaceAll(dump, "\r\n", "\r\n> "), nil},
		{"indented", "    " + strings.ReplaceAll(dump, "\r\n", "\r\n    "), nil},
		{"a description of two lines", described, nil},
		{"a dump and profiles in one file", dump + en.settings(usual), nil},
		{"connection security rules", dump + "\r\nRule Name:" + pad + "x\r\n" + strings.Repeat("-", 70) + "\r\nEnabled:" + pad + "Yes\r\nEndpoint1:" + pad + "Any\r\nEndpoint2:" + pad + "Any\r\nAction:" + pad + "NoAuthentication\r\nAuth1:" + pad + "ComputerKerb\r\nRule source:" + pad + "Local Setting\r\nOk.\r\n", []string{"warning 41:1 1 connection security rule passed over: switched off, or without a requirement that IPsec authenticates connections; what such a rule exempts from another is not worked out"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, diags := Parse("dump.txt", []byte(tt.text), "")
			if diff := cmp.Diff(tt.says, says(diags)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(doc.Rules) != 2 || doc.Rules[0].Program != "system" || doc.Rules[1].Service != "winmgmt" || doc.RuleCount != 2 {
				t.Errorf("got %d rules: %+v", len(doc.Rules), doc.Rules)
			}
			if !Recognise([]byte(tt.text)) {
				t.Error("not recognised")
			}
		})
	}
}

// TestEncodings: the same dump in each encoding is the same dump.
func TestEncodings(t *testing.T) {
	text := func(language string) string {
		return dialects()[language].dump(parseSpecs([]string{"in allow tcp localport=445 program=System", "out block udp profiles=Public"}), true)
	}
	for _, tt := range []struct {
		name, language string
		encoding       encoding.Encoding
		hint, want     string
	}{
		{"850", "es", charmap.CodePage850, "", "850"},
		{"437", "es", charmap.CodePage437, "", "850"}, // the same letters
		{"850", "pt", charmap.CodePage850, "", "850"},
		{"852", "de", charmap.CodePage852, "", "850"}, // the same letters
		{"852 by name", "de", charmap.CodePage852, "cp852", "852"},
		{"866", "ru", charmap.CodePage866, "", "866"},
		{"1251", "ru", charmap.Windows1251, "", "1251"},
		{"932", "ja", japanese.ShiftJIS, "", "932"},
		{"936", "zh", simplifiedchinese.GBK, "", "936"},
		{"1252", "fr", charmap.Windows1252, "", "1252"},
		{"1252", "pt", charmap.Windows1252, "", "1252"},
		{"437 by name", "es", charmap.CodePage437, "OEM437", "437"},
		{"utf-16le with a mark", "es", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "", "utf-16le"},
		{"utf-16be with a mark", "es", unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "", "utf-16be"},
		{"utf-16le", "ja", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "", "utf-16le"},
		{"utf-16be", "en", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "", "utf-16be"},
		{"utf-8 with a mark", "ja", unicode.UTF8BOM, "", "utf-8"},
		{"utf-8", "ru", unicode.UTF8, "", "utf-8"},
	} {
		t.Run(tt.name+" "+tt.language, func(t *testing.T) {
			raw, err := tt.encoding.NewEncoder().Bytes([]byte(text(tt.language)))
			if err != nil {
				t.Fatal(err)
			}
			doc, diags := Parse("dump.txt", raw, tt.hint)
			if diags.HasErrors() || doc.Encoding != tt.want {
				t.Errorf("read as %s: %v", doc.Encoding, diags)
			}
			if got := string(doc.File.Data); got != text(tt.language) {
				t.Errorf("decoded to\n%s", got)
			}
			if !Recognise(raw) {
				t.Error("not recognised")
			}
		})
	}
	if _, diags := Parse("x", []byte(text("en")), "ebcdic"); !diags.HasErrors() {
		t.Error("an unknown encoding is no error")
	}
	raw := []byte(strings.Replace(text("en"), "a rule", "r\x8agle", 1))
	if doc, diags := Parse("x", raw, ""); len(doc.Rules) != 2 || len(diags) != 1 || diags[0].Severity != diag.Warning {
		t.Errorf("a name in an unknown encoding: %v", diags)
	}
}

// TestRefused: what is of no use is recognised, and the error says what is.
func TestRefused(t *testing.T) {
	polish := strings.NewReplacer("Rule Name:", "Nazwa reguły:", "Enabled:", "Włączone:", "Direction:", "Kierunek:", "Action:", "Akcja:", "Profiles:", "Profile1:").Replace(english().dump(parseSpecs([]string{"in allow tcp localport=445", "in allow tcp localport=22"}), false))
	for _, tt := range []struct {
		name, text string
		says       string
		count      int
	}{
		{"an unknown language", polish, "error 2:1 this is a netsh dump in a language that is not known: 2 rules can't be read", 2},
		{"nothing found", "\r\nNo rules match the specified criteria.\r\n", "error 1:1 netsh found no rule", 0},
		{"dump is not implemented", "The 'netsh advfirewall dump' command is not implemented in this version\r\nof Windows. You can then use 'netsh\r\nadvfirewall import' to read the file.\r\n", "error 1:1 this is the notice of `netsh advfirewall dump`, and no usable export: that command prints no rules", 0},
		{"the old show config", "\r\nDomain profile configuration (current):\r\n" + strings.Repeat("-", 67) + "\r\nOperational mode                  = Enable\r\nException mode                    = Enable\r\n", "error 1:1 this is the output of the deprecated `netsh firewall show`, and no usable export: it shows neither addresses nor block rules", 0},
		{"Get-NetFirewallRule", "\r\n\r\nName                  : vm-monitoring-dcom\r\nDisplayName           : Virtual Machine Monitoring (DCOM-In)\r\nEnabled               : False\r\nDirection             : Inbound\r\nAction                : Allow\r\n", "error 1:1 this is PowerShell's Get-NetFirewallRule as a list, and no usable export: ports, addresses and programs are not part of it", 1},
		{"its table", "Name DisplayName Direction Action\r\n---- ----------- --------- ------\r\nx    y           Inbound   Allow\r\n", "error 1:1 this is PowerShell's Get-NetFirewallRule as a table, and no usable export: ports, addresses and programs are not part of it", 0},
		{"its JSON", "[\n  {\n    \"DisplayName\": \"x\",\n    \"Enabled\": 1,\n    \"Direction\": 1\n  }\n]", "error 1:1 this is PowerShell's Get-NetFirewallRule as JSON, and no usable export: ports, addresses and programs are not part of it", 1},
		{"connection security rules", "\r\nRule Name:" + pad + "x\r\n" + strings.Repeat("-", 70) + "\r\nEnabled:" + pad + "Yes\r\nEndpoint1:" + pad + "Any\r\nEndpoint2:" + pad + "Any\r\nAction:" + pad + "NoAuthentication\r\nOk.\r\n", "error 1:1 this is the output of `netsh advfirewall consec show rule`, and no usable export: connection security rules (IPsec) tell which connections must be authenticated, not which are allowed", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, diags := Parse("dump.txt", []byte(tt.text), "")
			if diff := cmp.Diff([]string{tt.says}, says(diags)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if doc.RuleCount != tt.count || len(doc.Rules) != 0 {
				t.Errorf("%d rules counted, %d read", doc.RuleCount, len(doc.Rules))
			}
			if !Recognise([]byte(tt.text)) {
				t.Error("not recognised")
			}
			fw, _ := Compile(Input{Docs: []*Doc{doc}})
			for _, line := range []string{smb, client} {
				if got := evalFirewall(fw, parseConn(line)).String(); got != "conditional" {
					t.Errorf("%s: got %s", line, got)
				}
			}
		})
	}
	for _, text := range []string{"", "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n", "acls:\n  - name: ADMIN-IN\n    rules:\n---\n", "create s hash:ip family inet\nadd s 10.0.0.1\n"} {
		if Recognise([]byte(text)) {
			t.Errorf("taken for a Windows export: %q", text)
		}
	}
}

func TestScripts(t *testing.T) {
	add := "netsh advfirewall firewall add rule "
	for _, tt := range []struct {
		name, text string
		says       []string
		want       map[string]string
	}{
		{"defaults", add + `name="SMB" dir=in action=allow protocol=tcp localport=445`, nil, map[string]string{smb: "allowed", smb + " public": "allowed", sum: "blocked", client: "allowed"}},
		{"blanks, capitals, lists", `NETSH AdvFirewall Firewall Add Rule Name = "a b" Dir = In Action = Allow Protocol = TCP LocalPort = "22,445" RemoteIP = 10.0.0.0/255.0.0.0,localsubnet Profile = domain,private`, nil, map[string]string{smb: "allowed", smb + " public": "blocked"}},
		{"a program with blanks", add + `name=x dir=in action=allow program="C:\Program Files\SUM\sumservice.exe"`, nil, map[string]string{sum: "allowed", smb: "blocked"}},
		{"ICMP", add + `name=x dir=in action=allow protocol=icmpv4:8,any`, nil, map[string]string{ping: "allowed", "in icmp 10.0.0.5 10.1.1.1 type=3/1": "blocked"}},
		{"security", add + `name=x dir=in action=allow protocol=tcp localport=445 security=authenticate`, nil, map[string]string{smb: "conditional"}},
		{"switched off", add + `name=x dir=in action=allow protocol=tcp localport=445 enable=no`, nil, map[string]string{smb: "blocked"}},
		{"a command in several lines, among comments", "@echo off\r\nrem open SMB\r\n:: and more\r\n" + add + "name=x dir=in ^\r\n  action=allow protocol=tcp ^\r\n localport=445\r\n", nil, map[string]string{smb: "allowed"}},
		{"set", add + "name=x dir=in action=allow protocol=tcp localport=22\n" + `netsh advfirewall firewall set rule name="X" new localport=445 remoteip=10.0.0.0/24`, nil, map[string]string{smb: "allowed", "in tcp 10.0.0.5:1 10.1.1.1:22 x": "blocked"}},
		{"set enables", add + "name=x dir=in action=allow protocol=tcp localport=445 enable=no\nadvfirewall firewall set rule name=x dir=in new enable=yes", nil, map[string]string{smb: "allowed"}},
		{"set of a rule that is not here", "netsh advfirewall firewall set rule group=\"remote desktop\" new enable=Yes\n", []string{"warning 1:1 `set rule` changes rules that this file does not show"}, map[string]string{smb: "conditional"}},
		{"delete", add + "name=x dir=in action=allow protocol=tcp localport=445\n" + add + "name=y dir=in action=allow protocol=tcp localport=63001\nnetsh advfirewall firewall delete rule name=x", nil, map[string]string{smb: "blocked", sum: "allowed"}},
		{"profiles", add + "name=x dir=in action=block\nnetsh advfirewall set domainprofile state off\nnetsh advfirewall set publicprofile firewallpolicy allowinbound,blockoutbound\n", nil, map[string]string{smb: "allowed", smb + " private": "blocked", client + " public": "blocked"}},
		{"the profile that is active there", add + "name=x dir=in action=allow protocol=tcp localport=445\nnetsh advfirewall set currentprofile state off\n", nil, map[string]string{smb: "allowed", sum: "conditional"}},
		{"no direction", add + "name=x action=allow protocol=tcp localport=445", []string{"error 1:1 `add rule` without dir="}, map[string]string{smb: "conditional"}},
		{"an unknown key", add + "name=x dir=in action=allow protocol=tcp localpot=445", []string{`error 1:1 the argument "localpot" is not known`}, map[string]string{smb: "conditional"}},
		{"ports without a protocol", add + "name=x dir=in action=allow localport=445", []string{"error 1:1 ports need a protocol that has ports"}, map[string]string{smb: "conditional"}},
		{"a bad value", add + "name=x dir=in action=allow protocol=tcp localport=445x", []string{"error 1:1 the value of localport=445x is not known"}, map[string]string{smb: "conditional"}},
		{"an unquoted name", add + "name=a b dir=in action=allow protocol=tcp localport=445", []string{`error 1:1 the word "b" is not an argument`}, map[string]string{smb: "conditional"}},
		{"the old commands", "netsh firewall add portopening TCP 445 smb\n" + add + "name=x dir=in action=allow protocol=tcp localport=22", []string{"error 1:1 commands of the deprecated `netsh firewall` are not read"}, map[string]string{smb: "conditional"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, diags := Parse("fw.cmd", []byte(tt.text), "")
			if diff := cmp.Diff(tt.says, says(diags)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			fw, _ := Compile(Input{Docs: []*Doc{doc}})
			for line, want := range tt.want {
				if got := evalFirewall(fw, parseConn(line)).String(); got != want {
					t.Errorf("%s: got %s, want %s", line, got, want)
				}
			}
			if !Recognise([]byte(tt.text)) {
				t.Error("not recognised")
			}
		})
	}
}

func TestRegistry(t *testing.T) {
	const smbString = `v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=445|App=System|Name=@FirewallAPI.dll,-28511|EmbedCtxt=@FirewallAPI.dll,-28502|`
	rule := func(more string) string { return "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|" + more }
	key := `[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\`
	policy := `[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\WindowsFirewall`
	for _, tt := range []struct {
		name, text string
		says       []string
		want       map[string]string
	}{
		{"a line", smbString, nil, map[string]string{smb: "allowed", sum: "blocked", smb + " public": "allowed", client: "allowed"}},
		{"a .reg file", "Windows Registry Editor Version 5.00\r\n\r\n" + key + "FirewallRules]\r\n" + `"FPS-SMB-In-TCP"="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(rule(`LPort=445|App=C:\Windows\"a\x.exe|`)) + "\"\r\n", nil, map[string]string{smb: "blocked", strings.Replace(smb, "system", "x.exe", 1): "allowed"}},
		{"reg query", "\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules\r\n    FPS-SMB-In-TCP    REG_SZ    " + smbString + "\r\n", nil, map[string]string{smb: "allowed"}},
		{"nor are the rules of app isolation", key + "RestrictedServices\\AppIso\\FirewallRules]\r\n\"x\"=\"v2.30|Action=Block|Active=TRUE|Dir=In|\"\r\n" + key + "FirewallRules]\r\n\"y\"=\"" + smbString + "\"\r\n", nil, map[string]string{smb: "allowed"}},
		{"service hardening is no rule", key + "RestrictedServices\\Static\\System]\r\n\"x\"=\"v2.0|Action=Block|Active=TRUE|Dir=In|\"\r\n" + key + "FirewallRules]\r\n\"y\"=\"" + smbString + "\"\r\n", nil, map[string]string{smb: "allowed"}},
		{"profiles", key + "DomainProfile]\r\n\"EnableFirewall\"=dword:00000000\r\n" + key + "StandardProfile]\r\n\"DoNotAllowExceptions\"=dword:00000001\r\n\"DefaultInboundAction\"=dword:00000001\r\n" + key + "PublicProfile]\r\n\"DefaultInboundAction\"=dword:00000000\r\n\"DefaultOutboundAction\"=dword:00000001\r\n" + key + "FirewallRules]\r\n\"y\"=\"" + smbString + "\"\r\n", nil,
			map[string]string{sum: "allowed", smb + " private": "blocked", sum + " public": "allowed", client + " public": "blocked"}},
		{"several values of a key", rule("Profile=Domain|Profile=Public|LPort=22|LPort=445|LPort2_10=63001-63002|RA4=10.0.0.0/255.0.0.0|RA4=10.9.0.1-10.9.0.7|"), nil, map[string]string{smb: "allowed", sum: "allowed", sum6: "blocked", smb + " private": "blocked"}},
		{"v6 only", rule("LPort=63001|RA6=fd00::/16|"), nil, map[string]string{sum: "blocked", sum6: "allowed"}},
		{"a keyword of one family", rule("LPort=63001|RA4=LocalSubnet|"), nil, map[string]string{sum: "conditional", sum6: "blocked"}},
		{"a local v4 list means v4 only", rule("LPort=63001|LA4=10.1.1.1|"), nil, map[string]string{sum: "allowed", sum6: "blocked"}},
		{"not active", strings.Replace(smbString, "TRUE", "FALSE", 1), nil, map[string]string{smb: "blocked"}},
		{"a Store app", rule("AppPkgId=S-1-15-2-1|LUOwn=S-1-5-21|Platform=2:6:2|Platform2=GTEQ|"), nil, map[string]string{smb: "blocked"}},
		{"a paired device", rule("App=System|TTK2_27=WFDKmDriver|"), nil, map[string]string{smb: "blocked"}},
		{"a user", rule("LPort=445|LUOwn=S-1-5-21|"), nil, map[string]string{smb: "conditional"}},
		{"an unknown key narrows", rule("LPort=445|Foo=Bar|"), nil, map[string]string{smb: "conditional", sum: "blocked"}},
		{"IPsec", rule("LPort=445|Security=Authenticate|"), nil, map[string]string{smb: "conditional"}},
		{"bypass", "v2.30|Action=Block|Active=TRUE|Dir=In|\n" + strings.Replace(rule("LPort=445|Security2_9=An-NoEncap|RMauth=O:LSD:|"), "Allow", "ByPass", 1), nil, map[string]string{smb: "conditional", sum: "blocked"}},
		{"outbound bypass", "v2.30|Action=Block|Active=TRUE|Dir=Out|\nv2.30|Action=Allow|Active=TRUE|Dir=Out|Security=Authenticate|AuthByPassOut=TRUE|", nil, map[string]string{client: "conditional"}},
		{"services only", rule("LPort=63001|Svc=*|"), nil, map[string]string{sum: "conditional"}},
		{"each type of interface", rule("LPort=445|IFType=Lan|IFType=Wireless|IFType=RemoteAccess|"), nil, map[string]string{smb: "allowed"}},
		{"one type of interface", rule("LPort=445|IFType=Wireless|"), nil, map[string]string{smb: "conditional"}},
		{"ICMP", "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=1|ICMP4=8:*|ICMP4=3:4|", nil, map[string]string{ping: "allowed", "in icmp 10.0.0.5 10.1.1.1 type=3/1": "blocked"}},
		{"IP-HTTPS is 443", rule("LPort2_10=IPTLSIn|LPort2_10=IPHTTPSIn|App=System|"), nil, map[string]string{smb: "blocked", strings.Replace(smb, ":445", ":443", 1): "allowed"}},
		{"a port that can't be read", rule("LPort=x|"), []string{"error 1:1 the value of LPort=x is not known"}, map[string]string{smb: "conditional"}},
		{"no direction", "v2.30|Action=Allow|Active=TRUE|Protocol=6|LPort=445|", []string{"error 1:1 the rule string has no field Dir="}, map[string]string{smb: "conditional"}},
		{"a key twice", rule("LPort=445|Dir=Out|"), []string{`error 1:1 the field "Dir" is there twice`}, map[string]string{smb: "conditional", client: "conditional"}},
		{"group policy alone does not show the host's own rules", policy + "\\FirewallRules]\r\n\"y\"=\"" + smbString + "\"\r\n", nil, map[string]string{smb: "conditional", sum: "conditional"}},
		{"unless it shuts them out", policy + "\\DomainProfile]\r\n\"AllowLocalPolicyMerge\"=dword:00000000\r\n" + policy + "\\FirewallRules]\r\n\"y\"=\"" + smbString + "\"\r\n", nil, map[string]string{smb: "allowed", sum: "blocked", sum + " public": "conditional"}},
		{"the standard profile of a policy", policy + "\\StandardProfile]\r\n\"EnableFirewall\"=dword:00000000\r\n", nil, map[string]string{smb: "conditional", smb + " private": "allowed", smb + " public": "allowed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, diags := Parse("fw.reg", []byte(tt.text), "")
			if diff := cmp.Diff(tt.says, says(diags)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			fw, _ := Compile(Input{Docs: []*Doc{doc}})
			for line, want := range tt.want {
				if got := evalFirewall(fw, parseConn(line)).String(); got != want {
					t.Errorf("%s: got %s, want %s", line, got, want)
				}
			}
			if !Recognise([]byte(tt.text)) {
				t.Error("not recognised")
			}
		})
	}
}

// TestGroupPolicyAndLocal: policy settings win, and may take the host's rules out.
func TestGroupPolicyAndLocal(t *testing.T) {
	en := english()
	local, _ := Parse("local.txt", []byte(en.dump(parseSpecs([]string{"in allow tcp localport=445", "in allow tcp localport=63001 profiles=Domain", someOut}), true)+en.settings(usual)), "")
	policy, _ := Parse("gpo.reg", []byte("[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\DomainProfile]\n\"AllowLocalPolicyMerge\"=dword:00000000\n\"DefaultOutboundAction\"=dword:00000001\n"), "")
	fw, diags := Compile(Input{Docs: []*Doc{policy, local}})
	if len(diags) > 0 {
		t.Error(diags)
	}
	for line, want := range map[string]string{smb: "blocked", smb + " private": "allowed", sum: "blocked", client: "blocked", client + " private": "allowed"} {
		if got := evalFirewall(fw, parseConn(line)).String(); got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}

func TestSettings(t *testing.T) {
	dashes := strings.Repeat("-", 70)
	rows := func(text string) string {
		return "Domain Profile Settings: \r\n" + dashes + "\r\n" + text
	}
	for _, tt := range []struct {
		name, text string
		says       []string
		want       Settings
	}{
		{"state only", rows("State                                 OFF\r\nOk.\r\n"), nil, Settings{State: StateOff}},
		{"policy only", rows("Firewall Policy                       AllowInbound,BlockOutbound\r\nOk.\r\n"), nil, Settings{Inbound: DefaultAllow, Outbound: DefaultBlock, Shielded: StateOff}},
		{"group policy's store", rows("State                                 ON\r\nFirewall Policy                       NotConfigured\r\nLocalFirewallRules                    Disable\r\n"), nil, Settings{State: StateOn, IgnoreLocalRules: true}},
		{"the local store can't show whether rules merge", rows("LocalFirewallRules                    N/A (GPO-store only)\r\n"), nil, Settings{}},
		{"an unknown state", rows("State                                 MAYBE\r\n"), []string{`error 3:1 the state "MAYBE" is not known`}, Settings{State: UnknownState}},
		{"an unknown policy", rows("Firewall Policy                       BloquearTodo,AllowOutbound\r\n"), []string{`error 3:1 the firewall policy "BloquearTodo,AllowOutbound" is not known`}, Settings{Inbound: UnknownDefault, Outbound: DefaultAllow, Shielded: UnknownState}},
		{"global settings before", "Global Settings:\r\n" + dashes + "\r\nIPsec:\r\nStrongCRLCheck                        0:Disabled\r\n\r\n" + rows("State                                 ON\r\n"), nil, Settings{State: StateOn}},
	} {
		doc, diags := Parse("x.txt", []byte(strings.TrimSuffix(tt.text, "Ok.\r\n")+"Ok.\r\n"), "")
		got := doc.Profiles[0]
		got.StateSpan, got.InboundSpan, got.OutboundSpan, got.ShieldSpan = tt.want.StateSpan, tt.want.InboundSpan, tt.want.OutboundSpan, tt.want.ShieldSpan
		if got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
		if diff := cmp.Diff(tt.says, says(diags)); tt.says != nil && diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
