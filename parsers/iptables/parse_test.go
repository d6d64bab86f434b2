package iptables

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// ruleErrors are rules that iptables-restore refuses; column counts from the "-A".
var ruleErrors = []struct {
	family packet.Family
	table  string
	rule   string
	column int
	want   string // part of the message
}{
	{4, "filter", `INPUT -j nochain`, 13, `chain "nochain" does not exist`},
	{4, "filter", `INPUT -j FORWARD`, 13, `jump to the built-in chain FORWARD`},
	{4, "filter", `INPUT -g ACCEPT`, 13, `"ACCEPT" is no chain`},
	{4, "filter", `INPUT --dport 22 -j ACCEPT`, 10, `unknown option "--dport". Ports need a protocol`},
	{4, "filter", `INPUT -p tcp --dprot 22 -j ACCEPT`, 17, `Did you mean --dport?`},
	{4, "filter", `INPUT -m tcp --dport 22 -j ACCEPT`, 10, `match "tcp" needs -p tcp`},
	{4, "filter", `INPUT -m multiport --dports 22 -j ACCEPT`, 10, `match "multiport" needs -p tcp, udp`},
	{4, "filter", `INPUT -p udp -m tcp --dport 22 -j ACCEPT`, 17, `match "tcp" needs -p tcp`},
	{4, "filter", `INPUT -p tcp --dport 70000 -j ACCEPT`, 25, `port "70000" is not known`},
	{4, "filter", `INPUT -p tcp --dport 90:80 -j ACCEPT`, 25, `port range "90:80" is empty`},
	{4, "filter", `INPUT -p tcp --dport nosuch -j ACCEPT`, 25, `port "nosuch" is not known`},
	{4, "filter", `INPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16`, 39, `too many ports`},
	{4, "filter", `INPUT -p tcpp -j ACCEPT`, 13, `protocol "tcpp" is not known`},
	{4, "filter", `INPUT -p tcp -p udp -j ACCEPT`, 17, `option "-p" stands twice`},
	{4, "filter", `INPUT -s 1.1.1.1 -s 2.2.2.2 -j ACCEPT`, 21, `option "-s" stands twice`},
	{4, "filter", `INPUT -j DROP -j ACCEPT`, 18, `option "-j" stands twice`},
	{4, "filter", `INPUT -p tcp --dport 22 --dport 33`, 28, `option "--dport" stands twice`},
	{4, "filter", `INPUT ! -s 1.1.1.1,2.2.2.2 -j ACCEPT`, 15, `"!" before a list of addresses`},
	{4, "filter", `INPUT -s 10.0.0.300 -j ACCEPT`, 13, `address "10.0.0.300" is not valid`},
	{4, "filter", `INPUT -s 10.0.0.0/33 -j ACCEPT`, 13, `prefix length 33 is larger than 32`},
	{4, "filter", `INPUT -s www.example.com -j ACCEPT`, 13, `host name "www.example.com"`},
	{4, "filter", `INPUT -d 2001:db8::1 -j ACCEPT`, 13, `IPv6 address "2001:db8::1"`},
	{6, "filter", `INPUT -d 10.0.0.1 -j ACCEPT`, 13, `IPv4 address "10.0.0.1"`},
	{4, "filter", `OUTPUT -i eth0 -j ACCEPT`, 11, `-i cannot be used in chain OUTPUT`},
	{4, "filter", `INPUT -o eth0 -j ACCEPT`, 10, `-o cannot be used in chain INPUT`},
	{4, "filter", `INPUT -i interface-name-16 -j ACCEPT`, 13, `interface name "interface-name-16" is too long`},
	{4, "filter", `INPUT -t nat -j ACCEPT`, 10, `option -t cannot stand in a rule`},
	{4, "filter", `INPUT -m comment --comment 'a b' -j ACCEPT`, 34, `bad argument "b'". Only double quotes`},
	{4, "filter", `INPUT -j ACCEPT # why`, 20, `bad argument "#". A comment must have a line`},
	{4, "filter", `INPUT --protocol=tcp -j ACCEPT`, 10, `Write a blank, not =`},
	{4, "filter", `INPUT -ptcp -j ACCEPT`, 10, `Write a blank between`},
	{4, "filter", `INPUT -j REJECT --reject-with nonsense`, 34, `answer "nonsense" is not known`},
	{4, "filter", `INPUT -j REJECT --reject-with tcp-reset`, 34, `answer tcp-reset needs -p tcp`},
	{4, "mangle", `FORWARD -j REJECT`, 15, `target REJECT cannot stand in the mangle table`},
	{4, "nat", `PREROUTING -j DROP`, 18, `target DROP cannot stand in the nat table`},
	{4, "nat", `POSTROUTING -j DNAT --to-destination 1.1.1.1`, 19, `target DNAT cannot stand in chain POSTROUTING`},
	{4, "nat", `PREROUTING -j DNAT --to-destination 1.1.1.1:80`, 40, `needs a protocol that has them`},
	{4, "filter", `INPUT -m state --state NWE -j ACCEPT`, 27, `state "NWE" is not known`},
	{4, "filter", `INPUT -m limit --limits 5/min -j ACCEPT`, 19, `Did you mean --limit?`},
	{4, "filter", `INPUT -p icmp --icmp-type nosuch -j ACCEPT`, 30, `ICMP type "nosuch" is not known`},
	{4, "filter", `INPUT -j ACCEPT !`, 20, `"!" at the end of the rule`},
	{4, "filter", `INPUT -s`, 10, `option "-s" needs a value`},
	{4, "filter", `other -j ACCEPT`, 4, `chain "other" is not declared`},
	{4, "filter", `INPUT -m state -j ACCEPT`, 13, `match "state" needs an option`},
	{4, "filter", `INPUT -m owner -j ACCEPT`, 13, `match "owner" needs an option`},
	{4, "filter", `INPUT -p icmp -m icmp -j ACCEPT`, 21, `match "icmp" needs an option`},
	{4, "filter", `INPUT -p tcp -m multiport`, 20, `match "multiport" needs an option`},
	{4, "filter", `INPUT -m mark --mark 08 -j ACCEPT`, 25, `mark "08" is not valid`},
	{4, "filter", `INPUT -s 10.0.0.0/08 -j ACCEPT`, 13, `mask "08" is not known`},
	{4, "filter", `INPUT -m set --match-set s src ! --return-nomatch`, 37, `option "--return-nomatch" cannot be negated`},
	{4, "filter", `INPUT -m set --match-set s src ! --packets-gt 5`, 37, `option "--packets-gt" cannot be negated`},
	{4, "filter", `FORWARD --proto tcp -p tcp -j DROP`, 24, `option "-p" stands twice in a rule`},
	{4, "filter", `INPUT -m conntrack --ctstatus REPLY`, 34, `connection status "REPLY" is not known`},
	{4, "filter", `INPUT -m conntrack --ctorigdst 10.0.0.1,10.0.0.2`, 35, `address "10.0.0.1,10.0.0.2" is not valid`},
	{4, "filter", `INPUT -m recent --set -m set --match-set s src -m recent --set`, 61, `option "--set" needs a value`},
	{4, "filter", `INPUT -m mark --mark 1 -m connmark --mark 2 -m mark --mark 3`, 56, `stands twice in a match`},
	{4, "mangle", `PREROUTING -j TTL`, 18, `target TTL needs an option`},
	{4, "mangle", `PREROUTING -j TTL --ttl-set 256`, 32, `number "256" of hops is not valid`},
	{4, "mangle", `PREROUTING -j TTL --ttl-dec 0`, 32, `number "0" of hops is not valid`},
	{4, "mangle", `PREROUTING -j TTL --ttl-set 64 --ttl-inc 1`, 18, `target TTL needs an option`},
	{4, "filter", `INPUT -j TTL --ttl-set 64`, 13, `target TTL cannot stand in the filter table`},
	{4, "filter", `INPUT -m conntrack ! --ctdir ORIGINAL`, 33, `option --ctdir cannot be negated`},
	{4, "filter", `INPUT -m conntrack --ctdir ORIG`, 31, `direction "ORIG" is not known`},
	{4, "filter", `INPUT -m length --length x:9`, 29, `length "x:9" is not valid`},
	{4, "filter", `INPUT -m length --length 0:65536`, 29, `length "0:65536" is not valid`},
	{4, "filter", `INPUT -p tcp --syn=1 -j DROP`, 23, `bad argument "1"`},
	{4, "filter", `INPUT --jump=DROP`, 10, `Write a blank, not =`},
	{4, "filter", `INPUT -s10.0.0.1 -j DROP`, 10, `Write a blank between`},
	{4, "filter", `INPUT --in eth0 -j DROP`, 10, `unknown option "--in"`},
	{4, "filter", `INPUT -n -j DROP`, 10, `option "-n" cannot stand in a rule`},
	{4, "filter", `INPUT -c 1 -j DROP`, 18, `bad argument "DROP"`},
	{4, "filter", `INPUT -j DROP -A FORWARD`, 18, `unknown option "-A"`},
	{6, "filter", `INPUT -m ttl --ttl-eq 5`, 13, `match "ttl" does not exist for IPv6`},
}

func TestRuleErrors(t *testing.T) {
	for _, test := range ruleErrors {
		t.Run(test.rule, func(t *testing.T) {
			rules, diags := readOne(t, family(test.family), test.table, test.rule)
			if len(diags) == 0 {
				t.Fatalf("no error; rule %v", describe(rules[0]))
			}
			d := diags.Sorted()[0]
			if d.Severity != diag.Error || d.Origin != diag.Export || !strings.Contains(d.Message(), test.want) || d.Location().Line != 4 || d.Location().Column != test.column {
				t.Errorf("got %s %v, want column %d, %q", d.Severity, d.Error(), test.column, test.want)
			}
			if strings.HasPrefix(test.rule, "other") {
				return
			}
			if len(rules) != 1 || rules[0].Action.Kind != model.Undecided || rules[0].Action.Unknown.Kind != "unreadable" {
				t.Errorf("the rule is not unknown: %v", rules)
			}
		})
	}
}

// outline writes what Parse made of a file: sections with chains, their defaults and
// rules.
func outline(doc *Doc) string {
	var b strings.Builder
	for _, s := range doc.Sections {
		fmt.Fprintf(&b, "%s %s", s.Family, s.Table)
		for _, flag := range []struct {
			on   bool
			name string
		}{{s.Listing, "listing"}, {s.Replaced, "replaced"}, {s.Incompatible, "incompatible"}, {s.Empty, "empty"}, {len(s.Missing) > 0, "without " + strings.Join(s.Missing, ",")}} {
			if flag.on {
				b.WriteString(" " + flag.name)
			}
		}
		b.WriteString("\n")
		for _, c := range s.Chains {
			fmt.Fprintf(&b, "  %s %s\n", c.Name, c.Default.Kind)
			for _, r := range c.Rules {
				fmt.Fprintf(&b, "    %s\n", describe(r))
			}
		}
	}
	fmt.Fprintf(&b, "%d rules\n", doc.RuleCount)
	return b.String()
}

// fileTests are whole files: what is read of them and which diagnostics come.
var fileTests = []struct {
	name, file, text string
	want             string
	diags            []string // "severity line:column part of the message"
}{
	{name: "save", file: "core", text: `# Generated by iptables-save v1.8.9 (nf_tables) on Sun Nov 22 05:58:52 2026
*filter
:INPUT DROP [1:2]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:mine - [0:0]
[7298987164312:1] -A INPUT -j mine
-A mine -s 10.0.0.0/8 -j RETURN
COMMIT
# Completed on Sun Nov 22 05:58:52 2026
`, want: `IPv4 filter
  INPUT drop
    IPv4 -> jump mine
  FORWARD accept
  OUTPUT accept
  mine return
    IPv4 src 10.0.0.0/8 -> return
2 rules
`},
	{name: "listing", file: "router-nat.txt", text: `-P PREROUTING ACCEPT -c 0 0
-P INPUT ACCEPT
-P OUTPUT ACCEPT
-P POSTROUTING ACCEPT
-N mine
-A PREROUTING -c 5 6 -j mine
-A mine -p tcp -j DNAT --to-destination 10.0.0.1
`, want: `IPv4 nat listing
  PREROUTING accept
    IPv4 -> jump mine
  INPUT accept
  OUTPUT accept
  POSTROUTING accept
  mine return
    IPv4 protocol tcp -> translate 10.0.0.1
2 rules
`},
	{name: "one chain listed", file: "x", text: "-P INPUT DROP\n-A INPUT -i lo -j ACCEPT\n", want: `IPv4 filter listing without FORWARD,OUTPUT
  INPUT drop
    IPv4 in lo -> accept
1 rules
`},
	{name: "both families in one file", file: "x", text: `*filter
:INPUT ACCEPT
-A INPUT -s 10.0.0.1 -j DROP
COMMIT
*filter
:INPUT ACCEPT
-A INPUT -s 2001:db8::1 -j DROP
COMMIT
`, want: `IPv4 filter
  INPUT accept
    IPv4 src 10.0.0.1 -> drop
IPv6 filter
  INPUT accept
    IPv6 src 2001:db8::1 -> drop
2 rules
`},
	{name: "lines for one family", file: "x", text: `*filter
:INPUT ACCEPT
-4 -A INPUT -s 10.0.0.1 -j DROP
-6 -A INPUT -s 2001:db8::1 -j DROP
-A INPUT -i lo -j ACCEPT
COMMIT
`, want: `IPv4 filter
  INPUT accept
    IPv4 src 10.0.0.1 -> drop
    IPv4 in lo -> accept
IPv6 filter
  INPUT accept
    IPv6 src 2001:db8::1 -> drop
    IPv6 in lo -> accept
3 rules
`},
	{name: "lines for one family beside addresses of one", file: "x", text: "*filter\n:INPUT ACCEPT\n-6 -A INPUT -s 2001:db8::1 -j DROP\n-A INPUT -s 10.0.0.1 -j DROP\nCOMMIT\n",
		want: "IPv4 filter\n  INPUT accept\n    IPv4 src 10.0.0.1 -> drop\n2 rules\n"},
	{name: "family by name", file: "rules.v6", text: "*filter\n:INPUT DROP [0:0]\nCOMMIT\n", want: "IPv6 filter\n  INPUT drop\n0 rules\n"},
	{name: "second section", file: "x", text: `*filter
:INPUT ACCEPT [0:0]
-A INPUT -j DROP
COMMIT
*filter
:INPUT ACCEPT [0:0]
-A INPUT -p udp -j DROP
COMMIT
`, want: `IPv4 filter replaced
  INPUT accept
    IPv4 -> drop
IPv4 filter
  INPUT accept
    IPv4 protocol udp -> drop
2 rules
`, diags: []string{"warning 5:1 is here a second time, first on line 1"}},
	{name: "commands", file: "x", text: `*filter
-P INPUT DROP
-N a
-N b
-A INPUT -p tcp -j ACCEPT
-I INPUT -p udp -j ACCEPT
-I INPUT 2 -p icmp -j ACCEPT
-R INPUT 1 -p sctp -j ACCEPT
-D INPUT 3
-A b -j DROP
-A b -p tcp -j DROP
-D b -j DROP
-F a
-X a
--append INPUT --jump b
COMMIT
`, want: `IPv4 filter
  INPUT drop
    IPv4 protocol sctp -> accept
    IPv4 protocol icmp -> accept
    IPv4 -> jump b
  b return
    IPv4 protocol tcp -> drop
7 rules
`},
	{name: "a rule deleted as it was meant", file: "x", text: `*filter
:FORWARD ACCEPT
-A FORWARD -p tcp -m tcp --dport 22 -j ACCEPT
-A FORWARD -p udp ! --dport 53 -m comment --comment "a  b" -j DROP
[1:2] -I FORWARD 1 -p icmp -m icmp --icmp-type 8 -j DROP
-A FORWARD -p tcp -m tcp -j DROP
-D FORWARD -p tcp --dport 22 -j ACCEPT
-D FORWARD -p udp -m udp ! --dport 53 -m comment --comment "a  b" -j DROP
-D FORWARD -p icmp --icmp-type 8 -j DROP
COMMIT
`, want: "IPv4 filter\n  FORWARD accept\n    IPv4 protocol tcp -> drop\n4 rules\n"},
	{name: "a match that nothing implies", file: "x", text: "*filter\n:FORWARD ACCEPT\n-A FORWARD -p tcp -m tcp -j DROP\n-D FORWARD -p tcp -j DROP\nCOMMIT\n",
		want:  "IPv4 filter\n  FORWARD accept\n    IPv4 -> undecided unreadable\n    IPv4 protocol tcp -> drop\n1 rules\n",
		diags: []string{"error 4:1 has no such rule"}},
	{name: "lines that are several rules", file: "x", text: `*filter
:FORWARD ACCEPT
-A FORWARD -m conntrack --ctdir ORIGINAL -j ACCEPT
-A FORWARD -p udp -j ACCEPT
-I FORWARD 2 -p icmp -j DROP
-D FORWARD 1
-A FORWARD -m conntrack --ctdir ORIGINAL -j DROP
-R FORWARD 3 -p tcp -j DROP
-I FORWARD 4 -p sctp -j DROP
COMMIT
`, want: `IPv4 filter
  FORWARD accept
    IPv4 protocol icmp -> drop
    IPv4 protocol udp -> accept
    IPv4 protocol tcp -> drop
    IPv4 protocol sctp -> drop
6 rules
`},
	{name: "a chain declared again", file: "x", text: "# Generated by iptables-save v1.8.9 (nf_tables)\n*filter\n:FORWARD ACCEPT\n:a - [0:0]\n-A a -j DROP\n:a - [0:0]\n-A a -p tcp -j ACCEPT\nCOMMIT\n",
		want:  "IPv4 filter\n  FORWARD accept\n  a return\n    IPv4 protocol tcp -> accept\n2 rules\n",
		diags: []string{`warning 6:1 iptables-nft-restore empties the chain there; iptables-legacy-restore says "File exists"`}},
	{name: "a chain declared again for any variant", file: "x", text: "*filter\n:FORWARD ACCEPT\n:a - [0:0]\n-A a -j DROP\n:a - [0:0]\n-N a\nCOMMIT\n",
		want:  "IPv4 filter\n  FORWARD accept\n  a return\n1 rules\n",
		diags: []string{`error 5:1 chain "a" is declared twice`, `error 6:1 iptables-restore refuses it: the chain exists already`}},
	{name: "newline in a comment", file: "x", text: "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment \"new\nline\" -j DROP\nCOMMIT\n",
		want: "IPv4 filter\n  INPUT accept\n    IPv4 -> drop\n1 rules\n", diags: []string{"warning 3:1 a quoted text holds a newline"}},
	{name: "newline and a rule in a comment", file: "x", text: "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment \"new\n-A INPUT -j ACCEPT\n\" -j DROP\nCOMMIT\n",
		want: "IPv4 filter\n  INPUT accept\n    IPv4 -> undecided unreadable\n1 rules\n", diags: []string{"error 3:1 a quote is not closed"}},
	{name: "paste", file: "x", text: "root@fw:~# iptables-save\r\n```\r\n*filter\r\n   :INPUT ACCEPT [0:0]\r\n-A INPUT -i lo -j ACCEPT   \r\nCOMMIT\r\n```\r\nroot@fw:~#\r\n",
		want:  "IPv4 filter\n  INPUT accept\n    IPv4 in lo -> accept\n1 rules\n",
		diags: []string{"warning 1:1 a shell prompt", "warning 1:25 lines end in CR LF", "warning 2:1 a fence", "warning 4:4 chain lines are indented"}},
	{name: "loop", file: "x", text: "*filter\n:INPUT ACCEPT [0:0]\n:a - [0:0]\n:b - [0:0]\n-A a -j b\n-A b -g a\nCOMMIT\n",
		want: `IPv4 filter
  INPUT accept
  a return
    IPv4 -> jump b
  b return
    IPv4 -> undecided unreadable
2 rules
`, diags: []string{"error 6:1 chains in a loop: a -> b -> a"}},
	{name: "declared late", file: "x", text: "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j a\n:a - [0:0]\nCOMMIT\n",
		want:  "IPv4 filter\n  INPUT accept\n    IPv4 -> undecided unreadable\n  a return\n1 rules\n",
		diags: []string{"error 3:13 It is declared further down"}},
	{name: "translation on the wrong hook", file: "x", text: "*nat\n:POSTROUTING ACCEPT [0:0]\n:a - [0:0]\n-A POSTROUTING -j a\n-A a -j DNAT --to-destination 1.1.1.1\nCOMMIT\n",
		want: `IPv4 nat
  POSTROUTING accept
    IPv4 -> jump a
  a return
    IPv4 -> undecided unreadable
2 rules
`, diags: []string{"error 5:1 target DNAT cannot stand in a chain that POSTROUTING calls"}},
	{name: "rule behind COMMIT", file: "x", text: "\xef\xbb\xbf*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n-A INPUT -j DROP\n-t nat -A INPUT -j DROP\n",
		want: "IPv4 filter\n  INPUT accept\n2 rules\n", diags: []string{"error 4:1 a rule outside of a table", "error 5:1 a rule outside of a table"}},
	{name: "deleted chain", file: "x", text: "*filter\n:INPUT ACCEPT [0:0]\n:a - [0:0]\n-A INPUT -j a\n-X a\nCOMMIT\n",
		want: "IPv4 filter\n  INPUT accept\n    IPv4 -> undecided unreadable\n1 rules\n", diags: []string{`error 4:1 chain "a" does not exist any more`}},
	{name: "broken files", file: "x", text: "*filtre\n:INPUT ACCEPT [0:0]\nCOMMIT\n*filter\n:INPUT MAYBE [0:0]\n:a - [0:0]\n:a - [0:0]\nwhat is this\n-Q INPUT\n",
		want: "IPv4 filter\n  INPUT accept\n    IPv4 -> undecided unreadable\n  a return\n  FORWARD accept\n    IPv4 -> undecided unreadable\n  OUTPUT accept\n    IPv4 -> undecided unreadable\n0 rules\n",
		diags: []string{`error 1:1 table "filtre" is not known. Did you mean "filter"?`, "error 4:1 is not closed by COMMIT", `error 5:1 policy "MAYBE"`, `error 7:1 chain "a" is declared twice`,
			`error 8:1 "what" is not known here`, `error 9:1 "-Q" is no command`}},
	{name: "incompatible", file: "x", text: "# Generated by ip6tables-save v1.8.9\n# Table `filter' is incompatible, use 'nft' tool.\n# Warning: ip6tables-legacy tables present, use ip6tables-legacy-save to see them\n",
		want: "IPv6 filter incompatible\n0 rules\n", diags: []string{`error 2:1 the IPv6 table "filter" could not be saved`, "warning 3:1 tables of the other iptables variant"}},
	{name: "empty save", file: "x", text: "# Generated by iptables-save v1.8.9 (nf_tables)\n# Completed\n", want: "0 rules\n", diags: []string{"error 1:1 the save is empty"}},
	{name: "iptables -L", file: "x", text: "Chain INPUT (policy ACCEPT)\ntarget     prot opt source               destination\nACCEPT     all  --  anywhere             anywhere\n", want: "0 rules\n",
		diags: []string{"error 1:1 this is the output of `iptables -L`"}},
	{name: "policy of a replaced section", file: "x", text: "*filter\n:INPUT DROP [0:0]\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n",
		want:  "IPv4 filter replaced\n  INPUT drop\nIPv4 filter\n  FORWARD accept\n  INPUT accept\n    IPv4 -> undecided unreadable ends\n0 rules\n",
		diags: []string{"warning 4:1 is here a second time", "warning 4:1 the section does not declare chain INPUT"}},
	{name: "commands in odd forms", file: "x", text: `*filter
:INPUT ACCEPT
:FORWARD ACCEPT
:a - [0:0]
-AFORWARD -s 10.0.0.1 -j DROP
--append=FORWARD -s 10.0.0.2 -j DROP
-p tcp -A FORWARD --dport 3 -j DROP
! -s 10.0.0.4 -m comment --comment "-A INPUT" -A FORWARD -j DROP
[1:2]-A FORWARD -s 10.0.0.5 -j DROP
"-A" "FORWARD" -s 10.0.0.6 -j DROP
-s 10.0.0.7 -I FORWARD 1 -j DROP
-IFORWARD 2 -s 10.0.0.8 -j DROP
-v -A FORWARD -s 10.0.0.9 -j DROP
-c 1 2 -A FORWARD -s 10.0.0.10 -j DROP
-p tcp --syn -A a
-j DROP -A FORWARD
-PINPUT DROP
-Nb
-Fa
COMMIT
`, want: `IPv4 filter
  INPUT drop
  FORWARD accept
    IPv4 src 10.0.0.7 -> drop
    IPv4 src 10.0.0.8 -> drop
    IPv4 src 10.0.0.1 -> drop
    IPv4 src 10.0.0.2 -> drop
    IPv4 protocol tcp dport 3 -> drop
    IPv4 src 0.0.0.0-10.0.0.3,10.0.0.5-255.255.255.255 -> drop
    IPv4 src 10.0.0.5 -> drop
    IPv4 src 10.0.0.6 -> drop
    IPv4 src 10.0.0.9 -> drop
    IPv4 src 10.0.0.10 -> drop
    IPv4 -> drop
  a return
  b return
12 rules
`},
	{name: "unreadable lines that name a chain", file: "x", text: `*filter
:INPUT ACCEPT
:FORWARD ACCEPT
-t filter -A FORWARD -j DROP
-A FORWARD -p tcp -j ACCEPT
iptables -A FORWARD -j DROP
-A INPUT -jDROP
$ iptables -I FORWARD -j DROP
-A FORWARD -p udp -j ACCEPT
-p tcp -P INPUT DROP
-D FORWARD -p sctp -j ACCEPT
COMMIT
`, want: `IPv4 filter
  INPUT accept
    IPv4 -> undecided unreadable
  FORWARD accept
    IPv4 -> undecided unreadable
    IPv4 protocol tcp -> accept
    IPv4 -> undecided unreadable
    IPv4 protocol udp -> accept
6 rules
`, diags: []string{"error 4:1 option -t cannot stand", `error 6:1 "iptables" is not known here`, "error 7:10 Write a blank", `error 8:1 "$" is not known here`, `error 10:1 no place in a policy`,
		"error 11:1 has no such rule"}},
	{name: "unreadable lines that name no chain", file: "x", text: "*filter\n:INPUT ACCEPT\n-A INPUT -p tcp -j ACCEPT\nFORWARD -j DROP\n-j DROP\nCOMMIT\n*nat\n-A INPUT -j ACCEPT -A OUTPUT\n-Z -A OUTPUT -j ACCEPT\n-A OUPTUT -j ACCEPT\n:OUTPUT\nCOMMIT\n",
		want: `IPv4 filter
  INPUT accept
    IPv4 protocol tcp -> accept
    IPv4 -> undecided unreadable
  FORWARD accept
    IPv4 -> undecided unreadable
  OUTPUT accept
    IPv4 -> undecided unreadable
IPv4 nat
  INPUT accept
    IPv4 -> undecided unreadable
  PREROUTING accept
    IPv4 -> undecided unreadable
  OUTPUT accept
    IPv4 -> undecided unreadable
  POSTROUTING accept
    IPv4 -> undecided unreadable
  OUPTUT return
    IPv4 -> accept
3 rules
`, diags: []string{`error 4:1 "FORWARD" is not known here`, `error 5:1 "-j" is no command`, "warning 7:1 does not declare", `error 8:20 unknown option "-A"`, "error 9:1 cannot be told which command", `error 10:4 chain "OUPTUT" is not declared`, "error 11:1 without a name or policy"}},
	{name: "flush behind rules", file: "x", text: "*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n-F\n-X\n-Z\n-A INPUT -p tcp -j ACCEPT\n-F\n-A FORWARD -j DROP\n-F b\nCOMMIT\n",
		want: `IPv4 filter
  INPUT accept
    IPv4 -> undecided unreadable
  FORWARD accept
    IPv4 -> undecided unreadable
    IPv4 -> drop
  OUTPUT accept
    IPv4 -> undecided unreadable
2 rules
`, diags: []string{`error 8:1 -F without a chain behind rules of chain "INPUT"`, `error 10:1 chain "b" does not exist`}},
	{name: "nothing shown", file: "x", text: "*filter\nCOMMIT\n", want: "IPv4 filter empty\n0 rules\n", diags: []string{"error 1:1 the export holds neither rules nor policies"}},
	{name: "chains without rules", file: "x", text: "*filter\n:mine - [0:0]\nCOMMIT\n*nat\nCOMMIT\n", want: "IPv4 filter empty\n  mine return\nIPv4 nat empty\n0 rules\n",
		diags: []string{"error 1:1 the export holds neither rules nor policies"}},
	{name: "a table without anything", file: "x", text: "*filter\nCOMMIT\n*nat\n:OUTPUT ACCEPT\nCOMMIT\n", want: "IPv4 filter empty\nIPv4 nat\n  OUTPUT accept\n0 rules\n",
		diags: []string{`warning 1:1 the IPv4 table "filter" holds neither`}},
	{name: "an emptied table", file: "x", text: "*filter\n:INPUT ACCEPT\n-A INPUT -j DROP\nCOMMIT\n*filter\nCOMMIT\n", want: "IPv4 filter replaced\n  INPUT accept\n    IPv4 -> drop\nIPv4 filter\n1 rules\n",
		diags: []string{"warning 5:1 is here a second time"}},
	{name: "ipv6-icmp tells no family", file: "x", text: "*filter\n:INPUT ACCEPT\n-A INPUT -p ipv6-icmp -j DROP\nCOMMIT\n", want: "IPv4 filter\n  INPUT accept\n    IPv4 protocol ipv6-icmp -> drop\n1 rules\n"},
	{name: "an ICMPv6 type tells the family", file: "x", text: "*filter\n:INPUT ACCEPT\n-A INPUT -p ipv6-icmp --icmpv6-type 135 -j DROP\nCOMMIT\n", want: "IPv6 filter\n  INPUT accept\n    IPv6 protocol ipv6-icmp icmp 135 -> drop\n1 rules\n"},
	{name: "an answer tells the family", file: "x", text: "*filter\n:INPUT ACCEPT\n-A INPUT -j REJECT --reject-with icmp6-no-route\nCOMMIT\n", want: "IPv6 filter\n  INPUT accept\n    IPv6 -> reject\n1 rules\n"},
}

func TestFiles(t *testing.T) {
	for _, test := range fileTests {
		t.Run(test.name, func(t *testing.T) {
			doc, diags := Parse(source.NewFile(test.file, []byte(test.text)))
			if diff := cmp.Diff(test.want, outline(doc)); diff != "" {
				t.Error(diff)
			}
			diags = diags.Sorted()
			for i, d := range diags {
				l := d.Location()
				got := fmt.Sprintf("%s %d:%d %s", d.Severity, l.Line, l.Column, d.Message())
				if i >= len(test.diags) {
					t.Errorf("unexpected: %s", got)
					continue
				}
				where, what := cutAfter(test.diags[i], 2)
				if !strings.HasPrefix(got, where) || !strings.Contains(got, what) {
					t.Errorf("got %s\nwant %s", got, test.diags[i])
				}
			}
			if len(diags) < len(test.diags) {
				t.Errorf("missing: %v", test.diags[len(diags):])
			}
		})
	}
}

// cutAfter splits behind the n-th blank.
func cutAfter(text string, n int) (string, string) {
	at := 0
	for range n {
		at += strings.IndexByte(text[at:], ' ') + 1
	}
	return text[:at], text[at:]
}

func TestRecognise(t *testing.T) {
	for _, test := range []struct {
		text string
		want bool
	}{
		{"*nat\n", true}, {"\n\nroot@x# iptables-save\n*filter\n", true}, {"-P INPUT ACCEPT\n", true}, {"[0:0] -A INPUT -j DROP\n", true},
		{"# Generated by ip6tables-save v1.4\n", true}, {"Chain INPUT (policy ACCEPT 1 packets, 2 bytes)\n", true},
		{"create a hash:ip\nadd a 1.1.1.1\n", false}, {"table ip filter {\n", false}, {"Rule Name: x\n----\n", false}, {"acls:\n- name: a\n", false},
		{"*** notes ***\n- A list\n", false}, {"", false},
	} {
		if got := Recognise([]byte(test.text)); got != test.want {
			t.Errorf("Recognise(%q) = %v", test.text, got)
		}
	}
}
