package netsh

import (
	"strings"
	"testing"
)

const (
	unreadText  = "a command that changes the firewall is not read: whether it is run is not sure, or it is none of netsh's own"
	strangeText = "the netsh command is not known"
	openSMB     = "netsh advfirewall firewall add rule name=a dir=in action=allow protocol=tcp localport=445\r\n"
)

// TestCutWords: netsh takes each word of a command cut short, as long as it is clear.
func TestCutWords(t *testing.T) {
	shut := " name=b dir=in action=block protocol=tcp localport=445\r\n"
	strange := []string{"error 2:1 " + strangeText}
	blocked, undecided := map[string]string{smb: "blocked"}, map[string]string{smb: "conditional", client: "conditional"}
	shields := " blockinboundalways,allowoutbound\r\n"
	around := "warning 2:1 text around the rules is passed over (prompts, fences, other output): "
	after := func(line string) string { return openSMB + line }
	checkDoubts(t, []doubtTest{
		{"each word", after("netsh adv fire add ru name=b dir=in act=block prot=tcp localp=445"), nil, blocked},
		{"letters", after("NETSH ADVF F A R" + shut), nil, blocked},
		{"tabs", after("netsh\tadvfirewall\tfirewall\tadd\trule\tname=b\tdir=in\taction=block\tprotocol=tcp\tlocalport=445"), nil, blocked},
		{"no netsh, as in a file for netsh -f", after("advf firewall add rule" + shut), nil, blocked},
		{"at netsh's prompt", after("netsh advfirewall firewall>a r" + shut), []string{"warning 2:1 text around the rules is passed over (prompts, fences, other output): 1 line"}, blocked},
		{"the context as an option", after(`netsh -c "advfirewall firewall" add rule` + shut), nil, blocked},
		{"keys that are not clear", after("netsh advfirewall firewall add rule name=b dir=in action=block pro=tcp"), []string{`error 2:1 the argument "pro" is not known`}, map[string]string{smb: "conditional"}},
		{"quoted arguments", after(`netsh advfirewall firewall add rule "name=b c" "dir=in" "action=block" "protocol=tcp" "localport=445"`), nil, blocked},
		{"delete", after("netsh adv fi del ru n=a"), nil, map[string]string{smb: "blocked"}},
		{"set", after("netsh adv fi set ru n=a new en=no"), nil, map[string]string{smb: "blocked"}},
		{"all profiles", after("netsh advfirewall set allprof firewallp" + shields), nil, blocked},
		{"all profiles, shorter", after("netsh advfirewall se al f" + shields), nil, blocked},
		{"settings, as in a file for netsh -f", after("advfirewall\r\nset allprofiles firewallpolicy" + shields), nil, blocked},
		{"a domain", after("netsh advfirewall set domain state off"), nil, map[string]string{sum: "allowed"}},
		{"show", "C:\\>netsh adv fi sh ru n=all di=in\r\n" + english().dump(parseSpecs([]string{"in allow tcp localport=445"}), true), []string{"warning 1:1 text around the rules is passed over (prompts, fences, other output): 1 line"}, map[string]string{smb: "allowed", client: "conditional"}},
		{"several profiles", after("netsh advfirewall set p firewallpolicy" + shields), strange, undecided},
		{"several contexts", after("netsh a firewall add rule" + shut), strange, undecided},
		{"a misspelt profile", after("netsh advfirewall set domainprofiles firewallpolicy" + shields), strange, undecided},
		{"a misspelt setting", after("netsh advfirewall set domainprofile firewalpolicy" + shields), strange, undecided},
		{"a misspelt object", after("netsh advfirewall firewall add rules" + shut), strange, undecided},
		{"a misspelt context", after("netsh advfirewall firewal1 add rule" + shut), strange, undecided},
		{"no such command", after("netsh advfirewall add rule" + shut), strange, undecided},
		{"no object", after("netsh advfirewall firewall add name=b dir=in action=block"), strange, undecided},
		{"contexts cut too short", after("netsh ips dyn add rule srcaddr=any dstaddr=me actioninbound=block"), strange, undecided},
		{"help", after("netsh advfirewall firewall add rule ?\r\nnetsh advfirewall help\r\nnetsh adv fi\r\n"), nil, map[string]string{smb: "allowed"}},
		{"other contexts", after("netsh wlan show all\r\nnetsh int ip set address x\r\nnetsh winhttp import proxy ie\r\nnetsh other add rule\r\n"), nil, map[string]string{smb: "allowed"}},
		{"batch's own set", after("set rule=x\r\nset all=1\r\n"), []string{around + "2 lines"}, map[string]string{smb: "allowed"}},
		{"within another command", after("cmd /c \"netsh adv fi add ru " + strings.TrimSpace(shut) + "\""), []string{"error 2:1 " + unreadText}, undecided},
		{"a listing within another command", after("start netsh adv fi show rule name=all"), []string{around + "1 line"}, map[string]string{smb: "allowed"}},
	})
	for _, text := range []string{"add r 10.0.0.1\n", "add rule ip filter input accept\n", "set all\n"} {
		if Recognise([]byte(text)) {
			t.Errorf("taken for a Windows script: %q", text)
		}
	}
	if !Recognise([]byte("netsh adv fi add ru n=a di=in ac=allow\n")) {
		t.Error("not recognised")
	}
}

// TestOtherWays: what changes the firewall in another way than its own commands is an error.
func TestOtherWays(t *testing.T) {
	undecided, allowed := map[string]string{smb: "conditional"}, map[string]string{smb: "allowed"}
	var tests []doubtTest
	for _, line := range []string{
		"netsh ipsec static add filteraction name=block action=block", "netsh ipsec static set policy name=p assign=y", "netsh ipsec dyn add rule srcaddr=any dstaddr=me actioninbound=block",
		`reg add HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\DomainProfile /v DoNotAllowExceptions /t REG_DWORD /d 1 /f`,
		`reg add HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules /v x /d "v2.10|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=445|" /f`,
		`C:\Windows\System32\reg.exe import firewall.reg`, `regedit /s firewall.reg`, `Set-ItemProperty HKLM:\SOFTWARE\Policies\Microsoft\WindowsFirewall\DomainProfile -Name EnableFirewall -Value 1`,
		"net stop mpssvc", `net stop "Windows Defender Firewall"`, "sc.exe config mpssvc start= disabled", "Stop-Service -Name MpsSvc", "sc stop bfe", "New-NetIPsecRule -DisplayName x -InboundSecurity Require",
		"netsh advfirewall consec set rule name=x new action=requireinrequireout", "if exist x netsh adv reset",
	} {
		tests = append(tests, doubtTest{line, openSMB + line + "\r\n", []string{"error 2:1 " + unreadText}, undecided})
	}
	for _, line := range []string{
		"netsh ipsec static show all", "netsh ipsec static exportpolicy x", "netsh advfirewall set store local", "netsh advfirewall set global statefulftp disable", "netsh advfirewall mainmode add rule name=x",
		"netsh advfirewall set allprofiles logging droppedconnections enable", "net start mpssvc", "echo Now: netsh advfirewall firewall add rule name=b dir=in action=block", "netsh advfirewall consec delete rule name=all",
	} {
		var says []string
		if !strings.HasPrefix(line, "netsh") {
			says = []string{"warning 2:1 text around the rules is passed over (prompts, fences, other output): 1 line"}
		}
		tests = append(tests, doubtTest{line, openSMB + line + "\r\n", says, allowed})
	}
	gpo := []string{"error 2:1 the script changes another store than the host's own"}
	ports := []string{"warning 2:1 the script sets the range of dynamic ports, which the topology tells"}
	checkDoubts(t, append(tests,
		doubtTest{"a group policy", openSMB + `netsh advfirewall set store gpo="corp\x"` + "\r\n" + openSMB, gpo, undecided},
		doubtTest{"a group policy, cut", openSMB + `netsh adv set st gpo=x`, gpo, undecided},
		doubtTest{"dynamic ports", openSMB + "netsh int ipv4 set dynamicport tcp start=10000 num=1000\r\n", ports, allowed},
	))
}

// TestScriptedSecurity: `consec add rule` makes what it requires a condition.
func TestScriptedSecurity(t *testing.T) {
	add := func(arguments string) string {
		return openSMB + "netsh advfirewall consec add rule name=x " + arguments + "\r\n"
	}
	warning := []string{"warning 2:1 1 connection security rule passed over: switched off, or without a requirement that IPsec authenticates connections; what such a rule exempts from another is not worked out"}
	both, in, none := map[string]string{smb: "conditional", client: "conditional"}, map[string]string{smb: "conditional", client: "allowed"}, map[string]string{smb: "allowed", client: "allowed"}
	checkDoubts(t, []doubtTest{
		{"both", add("endpoint1=any endpoint2=any action=requireinrequireout"), nil, both},
		{"inbound, cut", openSMB + "netsh adv cons add ru n=x endpoint1=any endpoint2=any act=requireinclearout auth1=computerkerb", nil, in},
		{"asked for", add("endpoint1=any endpoint2=any action=requestinrequestout"), warning, none},
		{"switched off", add("endpoint1=any endpoint2=any action=requireinrequireout enable=no"), warning, none},
		{"other endpoints", add("endpoint1=10.9.0.0/16 endpoint2=any action=requireinrequestout"), nil, none},
		{"ports", add("endpoint1=any endpoint2=any port1=445 protocol=tcp action=requireinrequestout"), nil, in},
		{"no action", add("endpoint1=any endpoint2=any"), []string{`error 2:1 the action "" of a connection security rule is not known`}, both},
		{"within another command", openSMB + "cmd /c netsh advfirewall consec add rule name=x endpoint1=any endpoint2=any action=requireinrequireout", []string{"error 2:1 " + unreadText}, both},
	})
}
