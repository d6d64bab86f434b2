package acl

import (
	"strings"
	"testing"

	"github.com/sumlint/sumlint/parsers/diag"
)

// TestBareAddresses proves that an address without a mask is a host where the device
// takes it for one, and an error elsewhere.
func TestBareAddresses(t *testing.T) {
	ios := func(afi, kind, ace string) string {
		return "config: [{afi: " + afi + ", acls: [{name: A, acl_type: " + kind + ", aces: [{grant: permit, " + ace + "}]}]}]"
	}
	asa := func(address string) string {
		return "acls: [{name: A, acl_type: extended, aces: [{grant: permit, protocol: ip, source: {" + address + "}, destination: {any: true}}]}]"
	}
	eos := func(address string) string {
		return "eos_acls: {config: [{afi: ipv4, acls: [{name: A, aces: [{grant: permit, protocol: ip, source: {" + address + "}, destination: {any: true}}]}]}]}"
	}
	const rest = ", destination: {any: true}, protocol: "
	judge(t, "a in=A;b", []entryCase{
		{"ios: extended", ios("ipv4", "extended", "source: {address: 10.0.0.1}"+rest+"ip"), "the source 10.0.0.1 has no wildcard bits", "maybe"},
		{"ios: extended, a prefix", ios("ipv4", "extended", "source: {address: 10.0.0.0/8}"+rest+"ip"), "has no wildcard bits", "maybe"},
		{"ios: extended, the destination", ios("ipv4", "extended", "protocol: ip, source: {any: true}, destination: {address: 10.0.0.2}"), "the destination 10.0.0.2 has no wildcard bits", "maybe"},
		{"ios: extended, a host", ios("ipv4", "extended", "source: {host: 10.0.0.1}"+rest+"ip"), "", "pass"},
		{"ios: standard", ios("ipv4", "standard", "source: {address: 10.0.0.1}"), "", "pass"},
		{"ios: standard, a prefix", ios("ipv4", "standard", "source: {address: 10.0.0.0/8}"), "has no wildcard bits", "maybe"},
		{"ios: IPv6, a prefix", ios("ipv6", "extended", "source: {address: '2001:db8::/32'}"+rest+"ipv6"), "", "pass"},
		{"ios: IPv6, none", ios("ipv6", "extended", "source: {address: '2001:db8::1'}"+rest+"ipv6"), "is no prefix", "pass"},
		{"asa: none", asa("address: 10.0.0.1"), "the source 10.0.0.1 has no netmask", "maybe"},
		{"asa: a netmask", asa("address: 10.0.0.1, netmask: 255.255.255.255"), "", "pass"},
		{"eos: none", eos("address: 10.0.0.1"), "has no wildcard bits", "maybe"},
		{"eos: a prefix", eos("address: 10.0.0.0/8"), "", "pass"},
	})
}

// TestMappedAddresses proves that an IPv6 address which stands for an IPv4 one is told
// of: no IPv4 packet matches it.
func TestMappedAddresses(t *testing.T) {
	plain := func(source string) string {
		return "acls: [{name: A, rules: [{action: deny, source: '" + source + "'}, {action: permit}]}]"
	}
	for _, c := range []struct{ text, want string }{
		{plain("::ffff:10.0.0.0/104"), "write 10.0.0.0/8."},
		{plain("::ffff:10.0.0.1"), "write 10.0.0.1."},
		{plain("::ffff:10.0.0.1-::ffff:10.0.0.9"), "write 10.0.0.1."},
		{plain("::ffff:0:0/96"), ""},
		{plain("::/0"), ""},
		{vyosDrop("source: {address: '!::ffff:10.0.0.0/104'}"), "write 10.0.0.0/8."},
		{strings.Replace(iosDeny("source: {host: '::ffff:10.0.0.1'}, destination: {any: true}"), "afi: ipv4", "afi: ipv6", 1), "write 10.0.0.1."},
		{"networks: {N: {values: [{address: '::ffff:10.0.0.0/104'}]}}", "write 10.0.0.0/8."},
	} {
		_, diags := compile(t, nil, c.text)
		noErrors(t, diags)
		found := false
		for _, d := range diags {
			found = found || d.Severity == diag.Warning && strings.Contains(d.Summary, "stands for an IPv4 one") && strings.Contains(d.Detail, c.want)
		}
		if found != (c.want != "") {
			t.Errorf("%s: %v", c.text, diags)
		}
	}
}
