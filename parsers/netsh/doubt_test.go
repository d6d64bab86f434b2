package netsh

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// doubtTest is an export and what must come of it.
type doubtTest struct {
	name, text string
	says       []string
	want       map[string]string
}

func checkDoubts(t *testing.T, tests []doubtTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, diags := Parse("fw.txt", []byte(tt.text), "")
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

// TestCutOff: what stood behind the end of a listing that is cut off may allow or block.
func TestCutOff(t *testing.T) {
	en := english()
	rules := func(specs ...string) string {
		return strings.TrimSuffix(en.dump(parseSpecs(specs), true), "Ok.\r\n\r\n")
	}
	open, settings := "in allow tcp localport=445", en.settings(usual)
	undecided := map[string]string{smb: "conditional", sum: "conditional", client: "conditional"}
	decided := map[string]string{smb: "allowed", sum: "blocked", client: "allowed"}
	says := []string{`error 2:1 the listing is cut off: no "Ok." ends it`}
	var tests []doubtTest
	for language, d := range dialects() {
		if _, ok := unverified(language); !ok {
			tests = append(tests, doubtTest{"whole, " + language, d.dump(parseSpecs([]string{open}), true), nil, decided})
		}
	}
	checkDoubts(t, append(tests,
		doubtTest{"before a block", rules(open), says, undecided},
		doubtTest{"what blocks, blocks", rules("in block tcp localport=445"), says, map[string]string{smb: "blocked", sum: "conditional"}},
		doubtTest{"settings follow", rules(open) + settings, says, undecided},
		doubtTest{"a prompt follows, and another listing", rules(open) + "C:\\>\r\n" + en.dump(parseSpecs([]string{someOut}), true), append(says, "warning 19:1 text around the rules is passed over (prompts, fences, other output): 1 line"), undecided},
		doubtTest{"a command follows", rules(open) + "netsh advfirewall show allprofiles\r\n" + settings, says, undecided},
		doubtTest{"registry values before it", "HKEY_LOCAL_MACHINE\\X\r\n" + strings.TrimPrefix(en.dump(parseSpecs([]string{open}), true), "\r\n"), nil, decided},
		doubtTest{"settings before rules", strings.TrimSuffix(settings, "Ok.\r\n") + en.dump(parseSpecs([]string{open}), true), nil, decided},
		doubtTest{"settings cut off", en.dump(parseSpecs([]string{open}), true) + settings[:strings.Index(settings, "Firewall Policy")], []string{`error 24:1 the listing is cut off: no "Ok." ends it`}, undecided},
	))
}

// TestProgramPaths: Windows' own programs are known by their folder.
func TestProgramPaths(t *testing.T) {
	en := english()
	rule := func(path string) string {
		return en.dump(parseSpecs([]string{"in allow tcp localport=135,445,50123,63001 program=" + path, someOut}), true)
	}
	async := strings.Replace(wmi, "svchost.exe/winmgmt", "unsecapp.exe", 1)
	all := func(m, s, a, u string) map[string]string {
		return map[string]string{mapper: m, smb: s, async: a, sum: u}
	}
	none := all("blocked", "blocked", "blocked", "blocked")
	checkDoubts(t, []doubtTest{
		{"svchost", rule(`%SystemRoot%\system32\svchost.exe`), nil, all("allowed", "blocked", "blocked", "blocked")},
		{"svchost by drive", rule(`C:\WINDOWS\System32\svchost.exe`), nil, all("allowed", "blocked", "blocked", "blocked")},
		{"svchost elsewhere", rule(`C:\evil\svchost.exe`), nil, none},
		{"svchost of 32 bits", rule(`C:\Windows\SysWOW64\svchost.exe`), nil, none},
		{"svchost of another Windows folder", rule(`D:\WinNT\system32\svchost.exe`), nil, all("conditional", "blocked", "blocked", "blocked")},
		{"svchost by a short name", rule(`C:\Window~1\svchost.exe`), nil, all("conditional", "blocked", "blocked", "blocked")},
		{"svchost by an unknown variable", rule(`%X%\svchost.exe`), nil, all("conditional", "blocked", "blocked", "blocked")},
		{"svchost without a folder", rule(`svchost.exe`), nil, all("conditional", "blocked", "blocked", "blocked")},
		{"System", rule(`System`), nil, all("blocked", "allowed", "blocked", "blocked")},
		{"System in a folder", rule(`C:\foo\System`), nil, none},
		{"unsecapp", rule(`%windir%\system32\wbem\unsecapp.exe`), nil, all("blocked", "blocked", "allowed", "blocked")},
		{"unsecapp elsewhere", rule(`%windir%\system32\unsecapp.exe`), nil, none},
		{"another program goes by its name", rule(`D:\old\junk\sumservice.exe`), nil, all("blocked", "blocked", "blocked", "allowed")},
		{"a short name", en.dump(parseSpecs([]string{"in allow tcp localport=63001", `in block tcp program=C:\SUM\SUM_SE~1.EXE`, someOut}), true), nil, map[string]string{sum: "conditional"}},
		{"a variable", rule(`%SUM%`), nil, all("conditional", "conditional", "conditional", "conditional")},
		{"a block of another svchost", en.dump(parseSpecs([]string{"in allow tcp localport=135", `in block tcp program=C:\evil\svchost.exe`, someOut}), true), nil, map[string]string{mapper: "allowed"}},
	})
	doc := mustParse(t, rule(`D:\old\junk\sumservice.exe`))
	fw, _ := Compile(Input{Docs: []*Doc{doc}})
	if diff := cmp.Diff([]string{"no-group-policy", "default-profile-policy", "program-folders"}, assumptionIDs(fw)); diff != "" {
		t.Error(diff)
	}
}

// TestServicesOfNoProgram: the kernel and the program for WMI's callbacks run no services.
func TestServicesOfNoProgram(t *testing.T) {
	en := english()
	checkDoubts(t, []doubtTest{
		{"a service", en.dump(parseSpecs([]string{"in allow tcp service=rpcss", someOut}), true), nil, map[string]string{mapper: "allowed", smb + "/": "blocked", strings.Replace(smb, "system", "system/rpcss", 1): "blocked"}},
		{"services only", "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Svc=*|\n", nil, map[string]string{mapper: "conditional", smb: "blocked"}},
	})
}

// TestWidePorts: a plain dump's rule for nearly all ports is as good as one for any port.
func TestWidePorts(t *testing.T) {
	en := english()
	rule := func(ports string) string {
		return en.dump(parseSpecs([]string{"in allow tcp localport=" + ports, someOut}), false)
	}
	checkDoubts(t, []doubtTest{
		{"all", rule("0-65535"), nil, map[string]string{smb: "conditional"}},
		{"all but 0", rule("1-65535"), nil, map[string]string{smb: "conditional"}},
		{"nearly all, in pieces", rule("2-5000,5002-65535"), nil, map[string]string{smb: "conditional"}},
		{"the privileged ones", rule("1-1024"), nil, map[string]string{smb: "allowed"}},
		{"the dynamic range", rule("135,49152-65535"), nil, map[string]string{wmi: "allowed", mapper: "allowed"}},
	})
}

// TestWrappedRows: a list that goes on in the next line is wider than its row says.
func TestWrappedRows(t *testing.T) {
	block := func(list string) string {
		en := english()
		return strings.Replace(en.dump(parseSpecs([]string{"in block tcp localport=445 remoteip=WRAPPED", "in allow tcp localport=445", someOut}), true), "WRAPPED", list, 1)
	}
	checkDoubts(t, []doubtTest{
		{"IPv4", block("192.0.2.0/24,\r\n" + pad + "10.0.0.0/8"), []string{`error 10:31 the row "10.0.0.0/8" is not known`}, map[string]string{smb: "conditional"}},
		{"IPv6", block("192.0.2.0/24,\r\n" + pad + "fd00::/8,10.0.0.0/8"), []string{`error 10:31 the row "fd00" is not known`}, map[string]string{smb: "conditional"}},
	})
}

// TestShell: commands within others are read or reported, never passed over.
func TestShell(t *testing.T) {
	add := "netsh advfirewall firewall add rule "
	open, shut := add+"name=a dir=in action=allow protocol=tcp localport=445\r\n", add+"name=b dir=in action=block protocol=tcp localport=445"
	unread := []string{"error 2:1 a command that changes the firewall is not read: whether it is run is not sure, or it is none of netsh's own"}
	third := []string{strings.Replace(unread[0], "2:1", "3:1", 1)}
	around := "warning 2:1 text around the rules is passed over (prompts, fences, other output): "
	blocked, undecided := map[string]string{smb: "blocked", client: "allowed"}, map[string]string{smb: "conditional", client: "conditional"}
	path := func(p string) string { return open + p + strings.TrimPrefix(shut, "netsh") }
	checkDoubts(t, []doubtTest{
		{"call", open + "call " + shut, nil, blocked},
		{"@call with a path", open + "@CALL " + `"%windir%\system32\netsh.exe"` + strings.TrimPrefix(shut, "netsh"), nil, blocked},
		{"a full path", path(`C:\Windows\System32\netsh.exe`), nil, blocked},
		{"a full path, redirected", path(`C:\Windows\System32\netsh.exe`) + " > nul", nil, blocked},
		{"a variable in the path", path(`%windir%\system32\netsh`), nil, blocked},
		{"a quoted path", path(`"C:\Windows\System32\netsh.exe"`), nil, blocked},
		{"PowerShell's call of a path", path(`& "C:\Windows\System32\netsh.exe"`), nil, blocked},
		{"redirected", open + shut + " >nul 2>&1", nil, blocked},
		{"a second command behind a redirection", open + add + "name=c dir=in action=allow protocol=tcp localport=9 >nul & " + shut, nil, blocked},
		{"settings, redirected", open + "netsh advfirewall set allprofiles firewallpolicy blockinbound,blockoutbound >nul", nil, map[string]string{client: "blocked", smb: "allowed"}},
		{"cmd /c", open + "cmd /c " + shut, unread, undecided},
		{"if", open + "if not exist x " + shut, unread, undecided},
		{"for", open + "for %%p in (445) do " + strings.Replace(shut, "445", "%%p", 1), unread, undecided},
		{"if, at a prompt", open + `C:\>if not exist x ` + shut, []string{strings.Replace(unread[0], "2:1", "2:5", 1), around + "1 line"}, undecided},
		{"where another command fails", open + "netsh advfirewall firewall show rule name=b || " + shut, unread, undecided},
		{"behind another command", open + "echo x & " + shut, unread, undecided},
		{"PowerShell", open + "New-NetFirewallRule -DisplayName x -Direction Inbound -LocalPort 445 -Protocol TCP -Action Block", unread, undecided},
		{"PowerShell, piped", open + "Get-NetFirewallRule | Disable-NetFirewallRule", unread, undecided},
		{"import", open + `netsh advfirewall import C:\x.wfw`, unread, undecided},
		{"a file of commands", open + `netsh -f x.txt`, unread, undecided},
		{"a block of commands", open + "if exist x (\r\n  " + shut + "\r\n)\r\n", []string{strings.Replace(third[0], "3:1", "3:3", 1), around + "2 lines"}, undecided},
		{"behind a block", open + "if exist x (\r\n  echo y\r\n)\r\n" + shut, []string{around + "3 lines"}, blocked},
		{"behind a jump", open + "if exist x goto end\r\n" + shut, append(third, around+"1 line"), undecided},
		{"a block of PowerShell", open + "if ($x) {\r\n" + shut + "\r\n}\r\n", append(third, around+"2 lines"), undecided},
		{"a condition in two lines", open + "if not exist x ^\r\n" + shut, append(third, around+"1 line"), undecided},
		{"an error is only told", open + "if errorlevel 1 echo failed\r\n" + shut, []string{around + "1 line"}, blocked},
		{"the reset of something else", open + "netsh winsock reset\r\nnetsh int ip reset\r\n", nil, map[string]string{smb: "allowed"}},
		{"a comment", open + "rem call " + shut + "\r\n# New-NetFirewallRule\r\n", nil, map[string]string{smb: "allowed"}},
	})
}

// TestChoices: a command that netsh refuses changes nothing, and one that may concern a
// rule makes it undecided.
func TestChoices(t *testing.T) {
	add, change := "netsh advfirewall firewall add rule ", "netsh advfirewall firewall "
	open, shut := add+"name=a dir=in action=allow protocol=tcp localport=445,135\r\n", add+"name=b dir=in action=block protocol=tcp localport=445\r\n"
	svchost := add + `name=b dir=in action=block protocol=tcp localport=135 program=C:\Windows\System32\svchost.exe` + "\r\n"
	checkDoubts(t, []doubtTest{
		{"an unknown argument", open + shut + change + "delete rule name=b foo=1", []string{"error 3:1 `delete rule` does not choose by \"foo=1\""}, map[string]string{smb: "blocked"}},
		{"no name", open + shut + change + "delete rule dir=in", []string{"error 3:1 `delete rule` without name="}, map[string]string{smb: "blocked"}},
		{"set with an unknown argument", open + shut + change + "set rule name=b foo=1 new enable=no", []string{"error 3:1 `set rule` does not choose by \"foo=1\""}, map[string]string{smb: "blocked"}},
		{"new values that can't be read", open + shut + change + "set rule name=b new localport=22 foo=1", []string{`error 3:1 the argument "foo" is not known`}, map[string]string{smb: "conditional"}},
		{"another program of that name", open + svchost + change + `delete rule name=all program=C:\evil\svchost.exe`, nil, map[string]string{mapper: "blocked"}},
		{"the same program, written otherwise", open + svchost + change + `delete rule name=all program=%SystemRoot%\system32\SVCHOST.exe`, nil, map[string]string{mapper: "allowed"}},
		{"perhaps the same program", open + svchost + change + `delete rule name=all program=%X%\svchost.exe`, nil, map[string]string{mapper: "conditional"}},
	})
}

// TestFilteredQuery: a listing that went through a filter shows some rules only.
func TestFilteredQuery(t *testing.T) {
	dump := english().dump(parseSpecs([]string{"in allow tcp localport=445", someOut}), true)
	for pipe, want := range map[string]string{"| findstr /i smb": "conditional", "| Select-String smb": "conditional", "| more": "allowed", "> x.txt": "allowed",
		"| Out-File x.txt": "allowed", "| more | find \"x\"": "conditional"} {
		doc := mustParse(t, `C:\>netsh advfirewall firewall show rule name=all verbose `+pipe+"\r\n"+dump)
		fw, _ := Compile(Input{Docs: []*Doc{doc}})
		if got := evalFirewall(fw, parseConn(smb)).String(); got != want {
			t.Errorf("%s: got %s, want %s", pipe, got, want)
		}
	}
}

// TestGermanWindows1252: values tell the code page where labels do not.
func TestGermanWindows1252(t *testing.T) {
	for _, page := range []*charmap.Charmap{charmap.Windows1252, charmap.CodePage850} {
		raw, err := page.NewEncoder().String(dialects()["de"].dump(parseSpecs([]string{"in allow tcp localport=445", someOut}), false))
		if err != nil {
			t.Fatal(err)
		}
		doc, diags := Parse("de.txt", []byte(raw), "")
		if diags.HasErrors() || !strings.Contains(string(doc.File.Data), "Domäne") {
			t.Errorf("%s is read as %s: %v", page, doc.Encoding, diags)
		}
	}
}

// TestRoleOfARange: a rule for more than the one port is not the predefined one.
func TestRoleOfARange(t *testing.T) {
	for port, want := range map[string]string{"445": roleSMB, "445-500": "", "445,139": ""} {
		doc := mustParse(t, english().dump(parseSpecs([]string{"in allow tcp group=File_and_Printer_Sharing localport=" + port, someOut}), true))
		if got := doc.Rules[0].Role(); got != want {
			t.Errorf("port %s: got %q, want %q", port, got, want)
		}
	}
}

// TestTwoEncodings: what one program wrote behind another's text is not lost in silence.
func TestTwoEncodings(t *testing.T) {
	en := english()
	open, shut := en.dump(parseSpecs([]string{"in allow tcp localport=445", someOut}), true), en.dump(parseSpecs([]string{"in block tcp localport=445"}), true)
	wide := func(order unicode.Endianness, mark unicode.BOMPolicy, text string) string {
		raw, err := unicode.UTF16(order, mark).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	little := func(text string) string { return wide(unicode.LittleEndian, unicode.IgnoreBOM, text) }
	marked := func(text string) string { return wide(unicode.LittleEndian, unicode.UseBOM, text) }
	big := func(text string) string { return wide(unicode.BigEndian, unicode.UseBOM, text) }
	mixed := func(line string) []string { return []string{"error " + line + " the file holds text in two encodings"} }
	undecided := map[string]string{smb: "conditional"}
	long := en.dump(parseSpecs(append(slices.Repeat([]string{someOut}, 9), "in allow tcp localport=445")), true)
	chinese := strings.Replace(open, "a rule", strings.Repeat("测试规则", 20), 1)
	checkDoubts(t, []doubtTest{
		{"UTF-16 behind ASCII", long + little(shut), append(mixed("183:2"), "warning 183:2 text around the rules is passed over (prompts, fences, other output): 21 lines"), undecided},
		{"with a mark", long + marked(shut), append([]string{"warning 1:1 nothing in the text tells its encoding; it is read as code page 850"}, append(mixed("183:4"), "warning 183:2 text around the rules is passed over (prompts, fences, other output): 21 lines")...), undecided},
		{"ASCII behind UTF-16", marked(open) + shut, append(mixed("39:1"), "warning 39:1 text around the rules is passed over (prompts, fences, other output): 1 line"), undecided},
		{"ASCII before UTF-16", "x" + strings.Repeat(" ", 39) + "\r\n" + little(shut+open), append(mixed("1:1"), "warning 1:1 text around the rules is passed over (prompts, fences, other output): 1 line"), map[string]string{smb: "blocked"}},
		{"ASCII behind big UTF-16", big(open) + shut, append(mixed("39:1"), "warning 39:1 text around the rules is passed over (prompts, fences, other output): 1 line"), undecided},
		{"NULs", open + "\x00\x00\x00", append(mixed("39:1"), "warning 39:1 text around the rules is passed over (prompts, fences, other output): 1 line"), undecided},
		{"Chinese names", marked(chinese), nil, map[string]string{smb: "allowed"}},
	})
}
