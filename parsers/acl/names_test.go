package acl

import (
	"fmt"
	"testing"
)

// TestPortNames proves that each device has its own names of ports: one that it does
// not know makes it refuse the entry.
func TestPortNames(t *testing.T) {
	entry := func(protocol, name string) string {
		return fmt.Sprintf("grant: permit, protocol: %s, source: {any: true}, destination: {any: true, port_protocol: {eq: %s}}", protocol, name)
	}
	devices := map[string]func(protocol, name string) string{
		"ios": func(protocol, name string) string { return iosACE(entry(protocol, name)) },
		"asa": func(protocol, name string) string {
			return "acls: [{name: A, acl_type: extended, aces: [{" + entry(protocol, name) + "}]}]\n"
		},
		"eos": func(protocol, name string) string {
			return "config: [{afi: ipv4, acls: [{name: A, standard: false, aces: [{" + entry(protocol, name) + "}]}]}]\n"
		},
	}
	var cases []entryCase
	add := func(device, protocol, want, verdict string, names ...string) {
		for _, name := range names {
			text := want
			if want != "" {
				text = fmt.Sprintf("eq is %q", name)
			}
			cases = append(cases, entryCase{device + ": " + protocol + " " + name, devices[device](protocol, name), text, verdict})
		}
	}
	add("ios", "tcp", "", "drop", "www", "msrpc", "drip", "onep-tls", "syslog", "cmd", "pim-auto-rp")
	add("ios", "udp", "", "drop", "netbios-ss", "non500-isakmp", "ripv6", "snmp", "xdmcp")
	add("ios", "tcp", "error", "maybe", "https", "ssh", "ldap", "ldaps", "nfs", "snmp", "pptp", "rtsp", "sip", "http")
	add("ios", "udp", "error", "maybe", "nfs", "sip", "radius")
	add("asa", "tcp", "", "drop", "https", "ssh", "ldaps", "netbios-ssn", "sip", "http")
	add("asa", "udp", "", "drop", "www", "nfs", "vxlan")
	add("asa", "tcp", "error", "maybe", "msrpc", "snmp", "sqlnet", "microsoft-ds", "syslog")
	add("asa", "udp", "error", "maybe", "netbios-ss", "non500-isakmp", "ripv6")
	add("eos", "tcp", "", "drop", "https", "ssh", "snmp", "microsoft-ds")
	add("eos", "tcp", "error", "maybe", "msrpc", "onep-tls", "drip", "pptp", "http")
	judge(t, "a in=A;b", cases)
}
