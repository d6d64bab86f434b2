package iptables

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/packet"
)

// ruleTests are rules with what they mean; the fuzz target begins with them too.
// A want of several lines is a rule that becomes several.
var ruleTests = []struct {
	family packet.Family
	table  string
	rule   string
	want   string
}{
	{4, "filter", `INPUT`, "IPv4 -> continue"},
	{4, "filter", `INPUT -j ACCEPT`, "IPv4 -> accept"},
	{4, "filter", `INPUT -j REJECT --reject-with icmp-port-unreachable`, "IPv4 -> reject"},
	{4, "filter", `INPUT -p tcp -j REJECT --reject-with tcp-reset`, "IPv4 protocol tcp -> reject"},
	{4, "filter", `INPUT -j mine`, "IPv4 -> jump mine"},
	{4, "filter", `INPUT -g mine`, "IPv4 -> goto mine"},
	{4, "filter", `INPUT --goto mine --protocol udp`, "IPv4 protocol udp -> goto mine"},

	// Addresses.
	{4, "filter", `INPUT -s 10.1.2.3/8 -j DROP`, "IPv4 src 10.0.0.0/8 -> drop"},
	{4, "filter", `INPUT -s 10.1.2.3 -d 10.0.0.0/255.0.0.0 -j DROP`, "IPv4 src 10.1.2.3 dst 10.0.0.0/8 -> drop"},
	{4, "filter", `INPUT -s 10.1/16 -j DROP`, "IPv4 src 10.1.0.0/16 -> drop"},
	{4, "filter", `INPUT -s 0.0.0.0/0 -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT ! -s 10.0.0.0/8 -j DROP`, "IPv4 src 0.0.0.0/5,8.0.0.0/7,11.0.0.0-255.255.255.255 -> drop"},
	{4, "filter", `INPUT -s ! 10.0.0.0/8 -j DROP`, "IPv4 src 0.0.0.0/5,8.0.0.0/7,11.0.0.0-255.255.255.255 -> drop"},
	{4, "filter", `INPUT -s 10.0.0.1,10.0.0.2 -j DROP`, "IPv4 src 10.0.0.1,10.0.0.2 -> drop"},
	{4, "filter", `INPUT --src 10.0.2.0/255.0.255.0 -j DROP`, "IPv4; src & 255.0.255.0 = 10.0.2.0 -> drop"},
	{4, "filter", `INPUT ! -d 10.0.2.0/255.0.255.0 -j DROP`, "IPv4; not dst & 255.0.255.0 = 10.0.2.0 -> drop"},
	{4, "filter", `INPUT -m iprange --src-range 10.0.0.1-10.0.0.9 ! --dst-range 0.0.0.0-9.255.255.255 -j DROP`,
		"IPv4 src 10.0.0.1-10.0.0.9 dst 10.0.0.0-255.255.255.255 -> drop"},
	{6, "filter", `INPUT -s 2001:DB8::1 -d fe80::/10 -j DROP`, "IPv6 src 2001:db8::1 dst fe80::/10 -> drop"},
	{6, "filter", `INPUT -s ::ffff:1.2.3.4 -j DROP`, "IPv6 src ::ffff:1.2.3.4 -> drop"},
	{6, "filter", `INPUT -s 2001:db8::/ffff:ffff:0:ffff:: -j DROP`, "IPv6; src & ffff:ffff:0:ffff:: = 2001:db8:: -> drop"},

	{4, "filter", `INPUT -s 010.0x0a.1 -j DROP`, "IPv4 src 8.10.1.0 -> drop"},
	{4, "filter", `INPUT -s 10.0.0.0/010 -j DROP`, "IPv4 src 10.0.0.0/8 -> drop"},

	// Interfaces.
	{4, "filter", `FORWARD -i eth+ -o br0 -j DROP`, "IPv4 in eth+ out br0 -> drop"},
	{4, "filter", `FORWARD ! -i eth0 -o !br0 -j DROP`, "IPv4 in not eth0 out !br0 -> drop"},
	{4, "filter", `FORWARD -i + -j DROP`, "IPv4 -> drop"},

	// Protocols and ports.
	{4, "filter", `INPUT -p 6 -j DROP`, "IPv4 protocol tcp -> drop"},
	{4, "filter", `INPUT ! -p tcp -j DROP`, "IPv4 protocol not tcp -> drop"},
	{4, "filter", `INPUT -p all -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT -p 253 -j DROP`, "IPv4 protocol 253 -> drop"},
	{6, "filter", `INPUT -p icmpv6 -j DROP`, "IPv6 protocol ipv6-icmp -> drop"},
	{4, "filter", `INPUT -p tcp --dport ssh -j DROP`, "IPv4 protocol tcp dport 22 -> drop"},
	{4, "filter", `INPUT -p tcp -m tcp --dport 1024: --sport :1023 -j DROP`, "IPv4 protocol tcp sport 0-1023 dport 1024-65535 -> drop"},
	{4, "filter", `INPUT -p udp ! --dport 53:54 -j DROP`, "IPv4 protocol udp dport 0-52,55-65535 -> drop"},
	{4, "filter", `INPUT --proto udp --dst 10.0.0.1 --dpor 53 --jum DROP`, "IPv4 protocol udp dst 10.0.0.1 dport 53 -> drop"},
	{4, "filter", `INPUT -p tcp -m multiport --dports 22,80:90 -j DROP`, "IPv4 protocol tcp dport 22,80-90 -> drop"},
	{4, "filter", `INPUT -p tcp -m multiport ! --sports 22,80 -j DROP`, "IPv4 protocol tcp sport 0-21,23-79,81-65535 -> drop"},
	{4, "filter", `INPUT -p tcp -m multiport --ports 80,443 -j DROP`,
		"IPv4 protocol tcp; (protocol tcp sport 80,443 | protocol tcp dport 80,443) -> drop"},
	{4, "filter", `INPUT -p tcp -m multiport ! --ports 80 -j DROP`, "IPv4 protocol tcp sport 0-79,81-65535 dport 0-79,81-65535 -> drop"},
	{4, "filter", `INPUT -p udp -m multiport --sports 53 -m multiport --dports 1024:65535 -j DROP`, "IPv4 protocol udp sport 53 dport 1024-65535 -> drop"},
	{4, "filter", `INPUT -p sctp --dport 3868 --chunk-types any INIT,ABORT -j DROP`,
		"IPv4 protocol sctp dport 3868; sctp?{sctp --chunk-types any INIT,ABORT} fresh -> drop"},
	{4, "filter", `INPUT -p dccp --dport 5 -j DROP`, "IPv4 protocol dccp dport 5 -> drop"},

	{4, "filter", `INPUT -p 021 --dport 010 -j DROP`, "IPv4 protocol udp dport 8 -> drop"},
	{4, "filter", `INPUT -p udp ! --dport 90:80 -j DROP`, "IPv4 protocol udp -> drop"},
	{4, "filter", `INPUT -p icmp --icmp-type 3/1:2 -j DROP`, "IPv4 protocol icmp icmp 3/1-3/2 -> drop"},

	// ICMP, flags, fragments, extension headers.
	{4, "filter", `INPUT -p icmp --icmp-type echo-request -j DROP`, "IPv4 protocol icmp icmp 8 -> drop"},
	{4, "filter", `INPUT -p icmp -m icmp --icmp-type 3/4 -j DROP`, "IPv4 protocol icmp icmp 3/4 -> drop"},
	{4, "filter", `INPUT -p icmp --icmp-type any -j DROP`, "IPv4 protocol icmp -> drop"},
	{4, "filter", `INPUT -p icmp ! --icmp-type 0 -j DROP`, "IPv4 protocol icmp icmp 1/0-255/255 -> drop"},
	{6, "filter", `INPUT -p ipv6-icmp --icmpv6-type neighbour-solicitation -j DROP`, "IPv6 protocol ipv6-icmp icmp 135 -> drop"},
	{4, "filter", `INPUT -p tcp --syn -j DROP`, "IPv4 protocol tcp flags SYN,SYN+PSH,SYN+URG,SYN+PSH+URG -> drop"},
	{4, "filter", `INPUT -p tcp --tcp-flags ALL NONE -j DROP`, "IPv4 protocol tcp flags none -> drop"},
	{4, "filter", `INPUT -f -j DROP`, "nothing -> drop"},
	{4, "filter", `INPUT ! -f -j DROP`, "IPv4 -> drop"},
	{6, "filter", `INPUT -m rt --rt-type 0 -j DROP`, "nothing -> drop"},
	{6, "filter", `INPUT -m frag --fragfirst -j DROP`, "nothing -> drop"},

	// Connection state.
	{4, "filter", `INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT`, "IPv4 state ESTABLISHED,RELATED -> accept"},
	{4, "filter", `INPUT -m state ! --state NEW -j ACCEPT`, "IPv4 state ESTABLISHED,RELATED,INVALID,UNTRACKED -> accept"},
	{4, "filter", `INPUT -m conntrack ! --ctstate NEW,INVALID -j ACCEPT`, "IPv4 state ESTABLISHED,RELATED,UNTRACKED -> accept"},
	{4, "filter", `INPUT -m conntrack --ctstate NEW,DNAT -j ACCEPT`,
		"IPv4 state NEW,ESTABLISHED+DNAT,ESTABLISHED+SNAT+DNAT,RELATED+DNAT,RELATED+SNAT+DNAT,INVALID+DNAT,INVALID+SNAT+DNAT,UNTRACKED+DNAT,UNTRACKED+SNAT+DNAT -> accept"},
	{4, "filter", `INPUT -m conntrack --ctproto 6 -j ACCEPT`, "IPv4 protocol tcp state NEW,ESTABLISHED,RELATED -> accept"},
	{4, "filter", `INPUT -m conntrack ! --ctorigdstport 80 --ctdir ORIGINAL -j ACCEPT`,
		"IPv4 state NEW; not conntrack?{conntrack --ctorigdstport 80} flow original dst port 80 -> accept\n" +
			"IPv4 state ESTABLISHED,RELATED; not conntrack?{conntrack --ctorigdstport 80} flow original dst port 80; conntrack?{conntrack --ctdir ORIGINAL} flow -> accept"},
	{4, "filter", `INPUT -m conntrack --ctstate NEW --ctdir ORIGINAL -j ACCEPT`, "IPv4 state NEW -> accept"},
	{4, "filter", `INPUT -m conntrack --ctdir REPLY -j ACCEPT`, "IPv4 state ESTABLISHED,RELATED; not conntrack?{conntrack --ctdir ORIGINAL} flow -> accept"},
	{4, "filter", `INPUT -m conntrack --ctdir original -j ACCEPT`,
		"IPv4 state NEW -> accept\nIPv4 state ESTABLISHED,RELATED; conntrack?{conntrack --ctdir ORIGINAL} flow -> accept"},
	{4, "filter", `INPUT -m conntrack --ctstate INVALID,NEW --ctdir REPLY -j DROP`, "IPv4 state INVALID -> drop"},
	{4, "filter", `INPUT -m conntrack --ctstate NEW -m conntrack --ctdir REPLY -j DROP`, "nothing -> drop"},

	{4, "filter", `INPUT -m conntrack --ctorigdst 10.9.0.1/24 --ctreplsrcport 80: -j ACCEPT`,
		"IPv4 state NEW,ESTABLISHED,RELATED; conntrack?{conntrack --ctorigdst 10.9.0.1/24} flow original dst 10.9.0.0/24; conntrack?{conntrack --ctreplsrcport 80:} flow reply src port 80-65535 -> accept"},
	{4, "filter", `INPUT -m conntrack --ctstate NEW,INVALID ! --ctorigsrc 10.0.0.0/255.0.0.255 -j DROP`,
		"IPv4 state INVALID -> drop\nIPv4 state NEW; not conntrack?{conntrack --ctorigsrc 10.0.0.0/255.0.0.255} flow -> drop"},
	{4, "filter", `INPUT -m conntrack --ctstatus NONE -j DROP`, "nothing -> drop"},
	{4, "filter", `INPUT -m conntrack ! --ctstatus non -j DROP`, "IPv4 state NEW,ESTABLISHED,RELATED -> drop"},
	{4, "filter", `INPUT -m conntrack --ctstatus EXPECTED,ASSURED -j DROP`, "IPv4 state ESTABLISHED,RELATED; conntrack?{conntrack --ctstatus EXPECTED,ASSURED} packet -> drop"},
	{4, "filter", `INPUT -m conntrack --ctstatus SEEN_REPLY -j DROP`,
		"IPv4 state ESTABLISHED -> drop\nIPv4 state RELATED; conntrack?{conntrack --ctstatus SEEN_REPLY} packet -> drop"},
	{4, "filter", `INPUT -m conntrack ! --ctstatus SEEN_REPLY,CONFIRMED --ctstate NEW,UNTRACKED,ESTABLISHED -j DROP`,
		"IPv4 state UNTRACKED -> drop\nIPv4 state NEW; not conntrack?{conntrack --ctstatus SEEN_REPLY,CONFIRMED} packet -> drop"},
	{4, "filter", `INPUT -m conntrack --ctstate NEW,INVALID --ctproto 17 -j DROP`,
		"IPv4 state NEW,INVALID; (IPv4 protocol udp state NEW,ESTABLISHED,RELATED | IPv4 state INVALID,UNTRACKED) -> drop"},
	{4, "filter", `INPUT -m conntrack ! --ctproto 0 -j DROP`, "IPv4 protocol not hopopt state NEW,ESTABLISHED,RELATED -> drop"},

	// Marks.
	{4, "mangle", `INPUT -m mark --mark 1 -j DROP`, "IPv4; mark & 0xffffffff = 0x1 -> drop"},
	{4, "mangle", `INPUT -m connmark ! --mark 0x10/0xf0 -j DROP`, "IPv4; not connmark & 0xf0 = 0x10 -> drop"},
	{4, "mangle", `INPUT -m mark --mark 0x3/0x2 -j DROP`, "nothing -> drop"},
	{4, "mangle", `INPUT -m mark ! --mark 0x3/0x2 -j DROP`, "IPv4 -> drop"},
	{4, "mangle", `INPUT -j MARK --set-xmark 0x1/0xffffffff`, "IPv4 -> mark 0x1/0xffffffff"},
	{4, "mangle", `INPUT -j MARK --set-mark 0x1/0x2`, "IPv4 -> mark 0x1/0x3"},
	{4, "mangle", `INPUT -j MARK --and-mark 0xff`, "IPv4 -> mark 0x0/0xffffff00"},
	{4, "mangle", `INPUT -j MARK --or-mark 0x10`, "IPv4 -> mark 0x10/0x10"},
	{4, "mangle", `INPUT -j MARK --xor-mark 0x10`, "IPv4 -> mark 0x10/0x0"},
	{4, "mangle", `INPUT -j CONNMARK --set-mark 2`, "IPv4 -> connmark 0x2/0xffffffff"},
	{4, "mangle", `INPUT -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xf0`, "IPv4 -> save conn 0xf0 packet 0xff"},
	{4, "mangle", `INPUT -j CONNMARK --restore-mark`, "IPv4 -> restore conn 0xffffffff packet 0xffffffff"},

	// What an export cannot decide.
	{4, "filter", `INPUT -m limit --limit 5/min -j ACCEPT`, "IPv4; limit?{limit --limit 5/min} fresh -> accept"},
	{4, "filter", `INPUT -m string --algo bm ! --string "GET /x" -j DROP`, `IPv4; not string?{string --algo bm --string "GET /x"} packet -> drop`},
	{4, "filter", `OUTPUT -m owner ! --uid-owner 0-99 --gid-owner 5 -j DROP`,
		"IPv4; not owner?{owner --uid-owner 0-99} flow; owner?{owner --gid-owner 5} flow -> drop"},
	{4, "filter", `INPUT -m recent --set --name ssh --mask 255.255.255.255 --rsource -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT -m recent ! --set --name ssh -j DROP`, "nothing -> drop"},
	{4, "filter", `INPUT -m recent ! --rcheck --name x --rdest -j DROP`, "IPv4; not recent?{recent --rcheck --name x --rdest} fresh -> drop"},
	{4, "filter", `INPUT -m newmatch ! --strange a b --more -j DROP`, "IPv4; newmatch?{newmatch ! --strange a b --more} fresh -> drop"},
	{4, "filter", `INPUT -m mac ! --mac-source 00:11:22:AA:bb:cc -j DROP`, "IPv4; mac?{mac ! --mac-source 00:11:22:aa:bb:cc} flow -> drop"},
	{4, "filter", `INPUT -m set ! --match-set blocked src,dst -j DROP`, "IPv4; not set?{set src,dst blocked} flow -> drop"},
	{4, "filter", `INPUT -m set --match-set s p src -j DROP`, "IPv4; set?{set src s p} flow -> drop"},
	{4, "filter", `INPUT -m set --match-set s src --return-nomatch --packets-gt 5 -j DROP`,
		"IPv4; set?{set-counters --match-set s src --return-nomatch --packets-gt 5} fresh -> drop"},
	{4, "filter", `INPUT -m set --match-set s src ! --update-counters -j DROP`, "IPv4; set?{set src s} flow -> drop"},
	{4, "filter", `INPUT -m set ! --match-set s src ! --update-subcounters -j DROP`, "IPv4; not set?{set src s} flow -> drop"},
	{4, "filter", `INPUT -m set --match-set s src ! --bytes-eq 5 -j DROP`, "IPv4; set?{set-counters --match-set s src ! --bytes-eq 5} fresh -> drop"},

	// A negation that is not the opposite: there are packets that meet neither.
	{4, "filter", `OUTPUT -m cgroup ! --cgroup 5 -j DROP`, "IPv4; cgroup?{cgroup ! --cgroup 5} flow -> drop"},
	{4, "filter", `FORWARD -m physdev ! --physdev-out a ! --physdev-is-bridged -j DROP`,
		"IPv4; physdev?{physdev ! --physdev-out a} flow; not physdev?{physdev --physdev-is-bridged} flow -> drop"},
	{4, "filter", `INPUT -p tcp -m osf ! --genre Linux --ttl 0 -j DROP`, "IPv4 protocol tcp; osf?{osf ! --genre Linux --ttl 0} packet -> drop"},
	{6, "filter", `INPUT -m ipv6header ! --header esp,ah --soft -j DROP`, "IPv6; ipv6header?{ipv6header ! --header esp,ah --soft} packet -> drop"},

	// Options that change what others ask, and matches that packets on their way change.
	{4, "filter", `OUTPUT -m owner ! --gid-owner 5 --suppl-groups --uid-owner 3 -j DROP`,
		"IPv4; not owner?{owner --gid-owner 5 --suppl-groups} flow; owner?{owner --uid-owner 3} flow -> drop"},
	{4, "filter", `OUTPUT -m connlabel ! --label 3 --set -j DROP`, "IPv4; not connlabel?{connlabel --label 3 --set} fresh -> drop"},
	{4, "filter", `INPUT -m ttl ! --ttl-eq 5 -j DROP`, "IPv4; not ttl?{ttl --ttl-eq 5} fresh -> drop"},

	// Options of a match that are also the beginning of one that each rule may have.
	{4, "filter", `FORWARD -s 10.3.0.0/16 -i eth0 -m policy --dir in --pol ipsec --reqid 1 --proto esp -j ACCEPT`,
		"IPv4 src 10.3.0.0/16 in eth0; policy?{policy --dir in --pol ipsec --reqid 1 --proto esp} flow -> accept"},
	{4, "filter", `FORWARD -m policy --pol ipsec --dir out --strict --proto esp --tunnel-dst 10.0.0.9 --mode tunnel --next --reqid 2 ! --proto ah -p udp -j ACCEPT`,
		"IPv4 protocol udp; policy?{policy --pol ipsec --dir out --strict --proto esp --tunnel-dst 10.0.0.9 --mode tunnel --next --reqid 2 ! --proto ah} flow -> accept"},
	{4, "filter", `FORWARD -m policy --dir in --pol ipsec --proto=esp --protocol tcp -j ACCEPT`,
		"IPv4 protocol tcp; policy?{policy --dir in --pol ipsec --proto esp} flow -> accept"},
	{4, "filter", `FORWARD --proto tcp -m policy --dir in --pol none -j ACCEPT`, "IPv4 protocol tcp; policy?{policy --dir in --pol none} flow -> accept"},
	{4, "filter", `FORWARD -j mine --proto tcp`, "IPv4 protocol tcp -> jump mine"},
	{4, "filter", `INPUT -m addrtype ! --src-type LOCAL --dst-type BROADCAST,LOCAL -j DROP`,
		"IPv4; not addrtype?{addrtype src LOCAL} flow; addrtype?{addrtype dst LOCAL,BROADCAST} flow -> drop"},
	{4, "mangle", `PREROUTING -m addrtype ! --dst-type LOCAL --limit-iface-in -j DROP`, "IPv4; not addrtype?{addrtype-limit-iface-in dst LOCAL} flow -> drop"},
	{4, "mangle", `PREROUTING -m rpfilter --validmark --invert -j DROP`, "IPv4; not rpfilter?{rpfilter --validmark} flow -> drop"},
	{4, "filter", `INPUT -m pkttype --pkt-type multicast -j DROP`, "IPv4 dst 224.0.0.0/4 -> drop"},
	{4, "filter", `INPUT -m pkttype --pkt-type broadcast -j DROP`, "IPv4 dst 255.255.255.255 -> drop"},
	{4, "filter", `INPUT -m time --weekdays Mon,Tue --timestart 08:00:00 -j DROP`, "IPv4; time?{time --weekdays Mon,Tue --timestart 08:00:00} packet -> drop"},

	{4, "filter", `INPUT -m set --match-set s src -m recent --set --name a -j DROP`, "IPv4; set?{set src s} flow -> drop"},

	// Conditions that are always, or never, fulfilled.
	{4, "filter", `INPUT -m time --datestop 2038-01-19T03:14:07 -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT -m time -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT -m time --kerneltz --datestop 2038-01-19T03:14:07 -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT -m time --timestart 08:00:00 --datestop 2038-01-19T03:14:07 -j DROP`,
		"IPv4; time?{time --timestart 08:00:00 --datestop 2038-01-19T03:14:07} packet -> drop"},
	{4, "filter", `INPUT -m length --length 0:65535 -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT -m length --length : -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT -m length ! --length 0: -j DROP`, "nothing -> drop"},
	{4, "filter", `INPUT -m length --length 0:1500 -j DROP`, "IPv4; length?{length --length 0:1500} packet -> drop"},
	{4, "filter", `INPUT -m length ! --length 40 -j DROP`, "IPv4; not length?{length --length 40} packet -> drop"},
	{4, "filter", `INPUT -m statistic --mode random --probability 1.00000000000 -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT -m statistic --mode random --probability 0.99999999999 -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT -m statistic --mode random ! --probability 1 -j DROP`, "nothing -> drop"},
	{4, "filter", `INPUT -m statistic --mode random --probability 0 -j DROP`, "nothing -> drop"},
	{4, "filter", `INPUT -m statistic --mode random ! --probability 0 -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT -m statistic --mode random --prob 0.99999999 -j DROP`, "IPv4; statistic?{statistic --mode random --prob 0.99999999} fresh -> drop"},
	{4, "filter", `INPUT -m statistic --mode nth --every 1 --packet 0 -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT -m statistic --mode nth --every 2 --packet 0 -j DROP`, "IPv4; statistic?{statistic --mode nth --every 2 --packet 0} fresh -> drop"},

	// The forms of options.
	{4, "filter", `INPUT -p tcp --dport=22 -j DROP`, "IPv4 protocol tcp dport 22 -> drop"},
	{4, "filter", `INPUT -p tcp ! --dport=22 -j mine`, "IPv4 protocol tcp dport 0-21,23-65535 -> jump mine"},
	{4, "filter", `INPUT -p tcp -j mine --dport=22`, "IPv4 protocol tcp dport 22 -> jump mine"},
	{4, "filter", `INPUT -mcomment --comment="a b" -gmine`, "IPv4 -> goto mine"},
	{4, "filter", `INPUT --match=limit --limit=5/min --goto=mine`, "IPv4; limit?{limit --limit 5/min} fresh -> goto mine"},
	{4, "filter", `INPUT -p tcp -j REJECT --reject-with=tcp-reset`, "IPv4 protocol tcp -> reject"},
	{4, "filter", `INPUT -v -c 1,2 -4 -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT --set-counters=1 2 --verbose -j DROP`, "IPv4 -> drop"},
	{4, "filter", `INPUT -6 -j DROP`, "nothing -> drop"},

	// Comments and quoting.
	{4, "filter", `INPUT -m comment --comment "-j DROP # ! \"x\" it\'s" -j ACCEPT`, "IPv4 -> accept"},
	{4, "filter", `INPUT -m comment --comment one -m comment --comment "two 2" -j ACCEPT`, "IPv4 -> accept"},
	{4, "filter", `INPUT -m comment --comment "" -j ACCEPT`, "IPv4 -> accept"},

	// Targets that go on, and those that nobody can tell.
	{4, "filter", `INPUT -j LOG --log-prefix "a b " --log-level 7 --log-uid`, "IPv4 -> continue"},
	{4, "mangle", `FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu`,
		"IPv4 protocol tcp flags SYN,FIN+SYN,SYN+PSH,FIN+SYN+PSH,SYN+ACK,FIN+SYN+ACK,SYN+PSH+ACK,FIN+SYN+PSH+ACK,SYN+URG,FIN+SYN+URG,SYN+PSH+URG,FIN+SYN+PSH+URG,SYN+ACK+URG,FIN+SYN+ACK+URG,SYN+PSH+ACK+URG,FIN+SYN+PSH+ACK+URG -> continue"},
	{4, "mangle", `POSTROUTING -j TTL --ttl-set 64`, "IPv4 -> continue"},
	{4, "mangle", `PREROUTING -j TTL --ttl-inc 1`, "IPv4 -> continue"},
	{4, "mangle", `INPUT -j TTL --ttl-set 1`, "IPv4 -> continue"},
	{4, "mangle", `PREROUTING -j TTL --ttl-set 1`, "IPv4 -> undecided TTL"},
	{4, "mangle", `PREROUTING -j TTL --ttl-dec 63`, "IPv4 -> undecided TTL"},
	{4, "mangle", `OUTPUT -j TTL --ttl-set 077`, "IPv4 -> undecided TTL"},
	{4, "mangle", `POSTROUTING -j TTL --ttl-set 1`, "IPv4 -> undecided TTL"},
	{4, "mangle", `mine -j TTL --ttl-set 1`, "IPv4 -> undecided TTL"},
	{6, "mangle", `FORWARD -j HL --hl-dec 1`, "IPv6 -> undecided HL"},
	{6, "mangle", `FORWARD -j HL --hl-set 255`, "IPv6 -> continue"},
	{4, "filter", `INPUT -j SET --add-set s1 src --exist --timeout 60`, "IPv4 -> continue"},
	{4, "raw", `PREROUTING -j NOTRACK`, "IPv4 -> untrack"},
	{4, "raw", `PREROUTING -j CT --notrack`, "IPv4 -> untrack"},
	{4, "raw", `PREROUTING -p tcp --dport 21 -j CT --helper ftp`, "IPv4 protocol tcp dport 21 -> continue"},
	{4, "raw", `PREROUTING -j CT --zone 5`, "IPv4 -> undecided CT"},
	{4, "filter", `INPUT -j NFQUEUE --queue-balance 0:3 --queue-bypass`, "IPv4 -> undecided NFQUEUE ends"},
	{4, "mangle", `PREROUTING -p tcp -j TPROXY --on-port 3129 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x1`, "IPv4 protocol tcp -> undecided TPROXY"},
	{4, "filter", `INPUT -j TARPIT --tarpit`, "IPv4 -> undecided TARPIT"},
	{4, "filter", `INPUT -p tcp -j NEWTARGET --strange 1`, "IPv4 protocol tcp -> undecided NEWTARGET"},
	{4, "filter", `INPUT -p tcp -j mine --dport 22`, "IPv4 protocol tcp dport 22 -> jump mine"},
	{4, "filter", `INPUT -j NEWTARGET --strange 1`, "IPv4 -> undecided NEWTARGET"},

	// Translation.
	{4, "nat", `PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1:8080`, "IPv4 protocol tcp dport 80 -> translate 10.0.0.1 port 8080"},
	{4, "nat", `PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1-10.0.0.9:8080-8090 --random --persistent`,
		"IPv4 protocol tcp -> translate 10.0.0.1-10.0.0.9 port 8080-8090 random"},
	{4, "nat", `PREROUTING -p tcp -j DNAT --to-destination :80`, "IPv4 protocol tcp -> translate port 80"},
	{4, "nat", `PREROUTING -p tcp --dport 5000:5003 -j DNAT --to-destination 10.0.0.1:6000-6001/5000`,
		"IPv4 protocol tcp dport 5000,5002 -> translate 10.0.0.1 port 6000\nIPv4 protocol tcp dport 5001,5003 -> translate 10.0.0.1 port 6001"},
	{6, "nat", `PREROUTING -p tcp --dport 80 -j DNAT --to-destination [2001:db8::5]:8080`, "IPv6 protocol tcp dport 80 -> translate 2001:db8::5 port 8080"},
	{6, "nat", `PREROUTING -j DNAT --to-destination 2001:db8::5`, "IPv6 -> translate 2001:db8::5"},
	{4, "nat", `POSTROUTING -o eth0 -j SNAT --to-source 1.2.3.4-1.2.3.9`, "IPv4 out eth0 -> translate 1.2.3.4/30,1.2.3.8/31"},
	{4, "nat", `POSTROUTING -o eth0 -j MASQUERADE --random-fully`, "IPv4 out eth0 -> translate interface random"},
	{4, "nat", `PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 3128`, "IPv4 protocol tcp dport 80 -> translate interface port 3128"},
	{4, "nat", `PREROUTING -d 10.5.0.0/16 -j NETMAP --to 10.6.0.0/16`, "IPv4 dst 10.5.0.0/16 -> translate network 10.6.0.0/16"},
}

func family(n packet.Family) packet.Family {
	if n == 6 {
		return packet.IPv6
	}
	return packet.IPv4
}

func TestRules(t *testing.T) {
	for _, test := range ruleTests {
		t.Run(test.rule, func(t *testing.T) {
			rules, diags := readOne(t, family(test.family), test.table, test.rule)
			for _, d := range diags {
				if !strings.Contains(d.Summary, "stands behind the option") {
					t.Error(d.Error())
				}
			}
			var got []string
			for _, r := range rules {
				got = append(got, describe(r))
				if want := "-A " + test.rule; r.Span.Text() != want {
					t.Errorf("span %q, want %q", r.Span.Text(), want)
				}
			}
			if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}
