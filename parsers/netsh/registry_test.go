package netsh

import (
	"strings"
	"testing"
)

const (
	localKey  = `[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\`
	policyKey = `[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\WindowsFirewall\`
)

// regFile is a .reg file with these values under the key with the host's own rules.
func regFile(values ...string) string {
	return "Windows Registry Editor Version 5.00\r\n\r\n" + localKey + "FirewallRules]\r\n" + strings.Join(values, "\r\n") + "\r\n\r\n"
}

// TestRulesKey: whatever stands in the key with the rules is read, or it is an error and
// what it may block is undecided.
func TestRulesKey(t *testing.T) {
	open := `"a"="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=445|"`
	shut := `"b"="v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=445|"`
	edit := func(old, new string) string { return regFile(open, strings.Replace(shut, old, new, 1)) }
	lost := []string{"error 5:1 a value among the firewall's rules can't be read"}
	blocked, undecided := map[string]string{smb: "blocked"}, map[string]string{smb: "conditional"}
	checkDoubts(t, []doubtTest{
		{"as it should be", regFile(open, shut), nil, blocked},
		{"a line end in the text", edit("Dir=In", "Desc=a\r\nb|Dir=In"), nil, blocked},
		{"more line ends", edit("Dir=In", "Desc=a\r\n\r\n;b\r\nHKEY_X|Dir=In"), nil, blocked},
		{"a narrowing behind a line end", regFile(strings.Replace(open, "Protocol=6", "Desc=a\r\nb|Security=Authenticate|Protocol=6", 1)), nil, undecided},
		{"a blank in the version", edit("v2.31|", "v2.31 |"), lost, undecided},
		{"a capital V", edit("v2.31|", "V2.31|"), lost, undecided},
		{"no version", edit("v2.31|", ""), lost, undecided},
		{"digits", edit(shut, "\"b\"=hex(2):76,00,32,00,\\\r\n  2e,00,33,00"), lost, undecided},
		{"a number", edit(shut, `"b"=dword:00000001`), lost, undecided},
		{"a value that is deleted", edit(shut, `"b"=-`), lost, undecided},
		{"a quote too many", edit("LPort=445", `Desc="x|LPort=445`), lost, undecided},
		{"no name", edit(`"b"=`, ""), lost, undecided},
		{"the key's own value", edit(shut, `@=""`), nil, map[string]string{smb: "allowed"}},
		{"a comment", edit(shut, ";"+shut), nil, map[string]string{smb: "allowed"}},
		{"no quote at the end", edit(`445|"`, `4`) + localKey + "DomainProfile]\r\n\"EnableFirewall\"=dword:00000001\r\n", []string{"error 5:6 the rule string is cut off"}, undecided},
		{"no bar at the end", edit(`445|`, `44`), []string{"error 5:6 the rule string is cut off"}, undecided},
		{"Active in small letters", edit("Active=", "active="), []string{"error 5:6 the rule string has no field Active="}, undecided},
		{"Active that can't be read", edit("Active=TRUE", "Active=YES"), []string{"error 5:6 the value of Active=YES is not known"}, undecided},
		{"a protocol that can't be read", edit("Protocol=6", "Protocol=TCPX"), []string{"error 5:6 the value of Protocol=TCPX is not known", "error 5:6 the rule string has ports, but its protocol is any"}, undecided},
		{"a protocol out of range", edit("Protocol=6|LPort=445", "Protocol=256"), []string{"error 5:6 the value of Protocol=256 is not known"}, undecided},
		{"a profile that can't be read", edit("Protocol=6", "Protocol=6|Profile=Domian|Profile=Public"), []string{"error 5:6 the value of Profile=Domian is not known"}, undecided},
		{"reg query, a line of no value", "HKEY_LOCAL_MACHINE\\X\\FirewallRules\r\n    (Default)    REG_SZ    (value not set)\r\n    a    REG_SZ    v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=445|Desc=x\r\ny|Security=Authenticate|\r\n\r\nEnd of search: 2 match(es) found.\r\n",
			[]string{"error 3:20 the rule string is cut off", "error 4:1 a value among the firewall's rules can't be read"}, undecided},
		{"a bare string", "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=445|\r\nv2.31 |Action=Block|Active=TRUE|Dir=In|\r\n", []string{"error 2:1 a value among the firewall's rules can't be read"}, undecided},
	})
}
