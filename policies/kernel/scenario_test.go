//go:build linux

package kernel

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sumlint/sumlint/parsers/packet"
)

// The scenarios are rulesets written by hand, each with what the kernel does with
// one flow from client to server: the lab must see it, and the engine must say it,
// with nothing left undecided but where that is said.
var scenarios = []struct {
	name  string
	rules string // "host table rule", one a line; "host table :CHAIN policy" declares
	sets  string // "host line"
	flow  string // protocol and destination port; "to" and "from" name other addresses
	want  string
	open  bool // the exports leave something undecided
}{
	{name: "no rules", flow: "tcp 22", want: "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, all passes"},
	{name: "no rules, UDP", flow: "udp 137", want: "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:137, all passes"},
	{name: "a dropped request", flow: "tcp 22",
		rules: "fw1 filter -A FORWARD -p tcp --dport 22 -j DROP",
		want:  "the request does not arrive"},
	{name: "a rejected request", flow: "tcp 22",
		rules: "fw1 filter -A FORWARD -p tcp --dport 22 -j REJECT --reject-with tcp-reset",
		want:  "the request does not arrive"},
	{name: "no rule for the answers", flow: "tcp 22",
		rules: "fw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -p tcp --dport 22 -j ACCEPT",
		want:  "the request reaches server, no answer comes back"},
	{name: "no rule for the answers, UDP", flow: "udp 443",
		rules: "fw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -p udp --dport 443 -j ACCEPT",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:443, no answer comes back"},
	{name: "answers of the client's side only", flow: "tcp 22",
		rules: "fw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -i lan0 -m conntrack --ctstate NEW -j ACCEPT\nfw1 filter -A FORWARD -i wan0 -m conntrack --ctstate ESTABLISHED -j ACCEPT",
		want:  "the request reaches server, its answer comes back, later packets do not all arrive"},
	{name: "a dropped close", flow: "tcp 22",
		rules: "fw1 filter -A FORWARD -i wan0 -p tcp --tcp-flags FIN FIN -j DROP",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, its answer comes back, later packets do not all arrive"},
	{name: "dropped bare acknowledgements", flow: "tcp 22",
		rules: "fw1 filter -A FORWARD -i wan0 -p tcp --tcp-flags FIN,SYN,PSH,ACK ACK -j DROP",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, its answer comes back, later packets do not all arrive"},
	{name: "untracked packets are not NEW", flow: "udp 443",
		rules: "fw1 raw -A PREROUTING -p udp -j CT --notrack\nfw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT",
		want:  "the request does not arrive"},
	{name: "untracked packets", flow: "tcp 443",
		rules: "fw1 raw -A PREROUTING -p tcp -j NOTRACK\nfw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:443, all passes"},
	{name: "an untracked request makes the answer invalid", flow: "tcp 443",
		rules: "fw1 raw -A PREROUTING -i lan0 -j CT --notrack\nfw1 filter -A FORWARD -m conntrack --ctstate INVALID -j DROP",
		want:  "the request reaches server, no answer comes back"},
	{name: "DNAT to another port", flow: "tcp 80 to 10.9.0.2",
		rules: "fw1 nat -A PREROUTING -d 10.9.0.2 -p tcp --dport 80 -j DNAT --to-destination 10.2.0.3:8080\nfw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -m conntrack --ctstate DNAT -j ACCEPT",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.3:8080, all passes"},
	{name: "SNAT", flow: "udp 22",
		rules: "fw1 nat -A POSTROUTING -o wan0 -j SNAT --to-source 10.9.0.7\nserver filter -A INPUT ! -s 10.9.0.7 -j DROP",
		want:  "the request reaches server as 10.9.0.7:30000 -> 10.2.0.2:22, all passes"},
	{name: "masquerading", flow: "tcp 22",
		rules: "fw1 nat -A POSTROUTING -o wan+ -j MASQUERADE",
		want:  "the request reaches server as 10.2.0.1:30000 -> 10.2.0.2:22, all passes"},
	{name: "NETMAP", flow: "tcp 22 to 10.9.0.3",
		rules: "fw1 nat -A PREROUTING -d 10.9.0.0/24 -j NETMAP --to 10.2.0.0/24",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.3:22, all passes"},
	{name: "a redirect to the firewall", flow: "tcp 22",
		rules: "fw1 nat -A PREROUTING -p tcp -j REDIRECT --to-ports 443",
		want:  "the request reaches fw1 as 10.1.0.2:30000 -> 10.1.0.254:443, all passes"},
	{name: "a return from a chain that was gone to", flow: "tcp 22",
		rules: "fw1 filter :a -\nfw1 filter :b -\nfw1 filter -A FORWARD -j a\nfw1 filter -A FORWARD -j ACCEPT\nfw1 filter -A a -g b\nfw1 filter -A a -j DROP\nfw1 filter -A b -j RETURN",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, all passes"},
	{name: "a goto from a base chain ends at the policy", flow: "tcp 22",
		rules: "fw1 filter :FORWARD DROP\nfw1 filter :b -\nfw1 filter -A FORWARD -g b\nfw1 filter -A FORWARD -j ACCEPT\nfw1 filter -A b -p udp -j ACCEPT",
		want:  "the request does not arrive"},
	{name: "marks between tables", flow: "tcp 22",
		rules: "fw1 mangle -A PREROUTING -i lan0 -j MARK --set-mark 0x10\nfw1 mangle -A PREROUTING -m mark --mark 0x10 -j CONNMARK --save-mark\nfw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -m connmark --mark 0x10 -j ACCEPT",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, all passes"},
	{name: "a packet's mark does not come back with the answer", flow: "tcp 22",
		rules: "fw1 mangle -A PREROUTING -i lan0 -j MARK --set-mark 0x10\nfw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -m mark --mark 0x10 -j ACCEPT",
		want:  "the request reaches server, no answer comes back"},
	{name: "a set with an exception", flow: "tcp 22",
		sets:  "fw1 create net.4 hash:net\nfw1 add net.4 10.2.0.0/24\nfw1 add net.4 10.2.0.2/32 nomatch",
		rules: "fw1 filter -A FORWARD -i lan0 -m set ! --match-set net.4 dst -j DROP",
		want:  "the request does not arrive"},
	{name: "a set of addresses and ports", flow: "udp 443",
		sets:  "fw1 create ipport.4 hash:ip,port\nfw1 add ipport.4 10.2.0.2,udp:443",
		rules: "fw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -m set --match-set ipport.4 dst,dst -j ACCEPT\nfw1 filter -A FORWARD -m set --match-set ipport.4 src,src -j ACCEPT",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:443, all passes"},
	{name: "a set's counters that are not to be updated", flow: "tcp 22",
		sets:  "fw1 create counted.4 hash:ip counters\nfw1 add counted.4 10.2.0.2",
		rules: "fw1 filter -A FORWARD -m set --match-set counted.4 dst ! --update-counters -j DROP",
		want:  "the request does not arrive"},
	{name: "what is in a set that grows", flow: "tcp 22",
		sets:  "fw1 create grown.4 hash:ip\nfw1 add grown.4 10.2.0.2",
		rules: "fw1 filter -A FORWARD -m set --match-set grown.4 dst -j DROP\nfw1 filter -A FORWARD -p udp -j SET --add-set grown.4 src",
		want:  "the request does not arrive"},
	{name: "what is added to a list goes into its members", flow: "tcp 22", open: true,
		sets:  "fw1 create member.4 hash:ip\nfw1 create all.4 list:set\nfw1 add all.4 member.4",
		rules: "fw1 filter -A FORWARD -i lan0 -j SET --add-set all.4 src\nfw1 filter -A FORWARD -m set --match-set member.4 src -j DROP",
		want:  "the request does not arrive"},
	{name: "an entry that gets an end", flow: "tcp 22", open: true,
		sets:  "fw1 create ends.4 hash:ip timeout 0\nfw1 add ends.4 10.1.0.2",
		rules: "fw1 filter -A FORWARD -i lan0 -j SET --add-set ends.4 src --exist --timeout 600\nfw1 filter -A FORWARD -m set --match-set ends.4 src -j DROP",
		want:  "the request does not arrive"},
	{name: "the hosts' own filters", flow: "tcp 22",
		rules: "client filter :OUTPUT DROP\nclient filter -A OUTPUT -o eth0 -p tcp --syn -j ACCEPT\nserver filter -A INPUT -i eth0 -p tcp --dport 22 -j ACCEPT",
		want:  "the request reaches server, its answer comes back, later packets do not all arrive"},
	{name: "masquerading what the host itself sends", flow: "tcp 22 from 10.1.0.3",
		rules: "client nat -A POSTROUTING -o eth0 -j MASQUERADE",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, all passes"},
	{name: "a redirect of what is for the firewall itself", flow: "udp 443 to 10.2.0.1",
		rules: "fw1 nat -A PREROUTING -p udp -j REDIRECT\nfw1 filter -A INPUT -d 10.2.0.1 -j DROP",
		want:  "the request reaches fw1 as 10.1.0.2:30000 -> 10.1.0.254:443, all passes"},
	{name: "what has no connection has no connection mark, negated or not", flow: "udp 443",
		rules: "fw1 raw -A PREROUTING -j CT --notrack\nfw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -m connmark ! --mark 0x1 -j ACCEPT",
		want:  "the request does not arrive"},
	{name: "an answer that conntrack takes for a request is translated", flow: "udp 443",
		rules: "fw1 raw -A PREROUTING -i lan0 -j CT --notrack\nfw1 nat -A POSTROUTING -o lan0 -j MASQUERADE",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:443, no answer comes back"},
	{name: "such an answer that has the address already", flow: "udp 443 to 10.1.0.254",
		rules: "fw1 raw -A PREROUTING -i lan0 -j CT --notrack\nfw1 nat -A POSTROUTING -o lan0 -j MASQUERADE",
		want:  "the request reaches fw1 as 10.1.0.2:30000 -> 10.1.0.254:443, all passes"},
	{name: "a translation that changes nothing is none", flow: "tcp 22",
		rules: "fw1 nat -A PREROUTING -d 10.2.0.2 -j DNAT --to-destination 10.2.0.2\nfw1 filter -A FORWARD -m conntrack --ctstate DNAT -j DROP",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, all passes"},
	{name: "a port that is in SNAT's range stays", flow: "tcp 22",
		rules: "fw1 nat -A POSTROUTING -p tcp -j SNAT --to-source 10.9.0.7:20000-40000\nserver filter -A INPUT -p tcp ! --sport 30000 -j DROP",
		want:  "the request reaches server as 10.9.0.7:30000 -> 10.2.0.2:22, all passes"},
	{name: "the most specific network of a set decides, whatever its interface", flow: "tcp 22",
		sets:  "fw1 create netiface.4 hash:net,iface\nfw1 add netiface.4 10.1.0.0/24,lan0\nfw1 add netiface.4 10.1.0.2/32,wan0",
		rules: "fw1 filter -A FORWARD -m set --match-set netiface.4 src,src -j DROP",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, all passes"},
	{name: "where the connection was opened to, as Docker recommends", flow: "tcp 80 to 10.9.0.2",
		rules: "fw1 nat -A PREROUTING -d 10.9.0.2 -p tcp --dport 80 -j DNAT --to-destination 10.2.0.3:8080\nfw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -m conntrack --ctorigdst 10.9.0.2 --ctorigdstport 80 -j ACCEPT",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.3:8080, all passes"},
	{name: "not where the connection was opened to", flow: "tcp 80 to 10.9.0.2",
		rules: "fw1 nat -A PREROUTING -d 10.9.0.2 -p tcp -j DNAT --to-destination 10.2.0.3\nfw1 filter -A FORWARD -m conntrack ! --ctorigdst 10.2.0.0/24 --ctorigdstport 70:90 -j DROP",
		want:  "the request does not arrive"},
	{name: "an opener and a port that are not the connection's", flow: "udp 443",
		rules: "fw1 filter -A FORWARD -m conntrack ! --ctorigsrc 10.1.0.0/24 -j DROP\nfw1 filter -A FORWARD -m conntrack ! --ctorigsrcport 30000 -j DROP\nfw1 filter -A FORWARD -m conntrack --ctreplsrcport 30000 -j DROP",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:443, all passes"},
	{name: "SNAT is not known before it is done", flow: "tcp 22",
		rules: "fw1 nat -A POSTROUTING -o wan0 -j SNAT --to-source 10.9.0.7\nfw1 filter -A FORWARD -m conntrack --ctrepldst 10.9.0.7 -j DROP",
		want:  "the request reaches server, no answer comes back"},
	{name: "the network that NETMAP mapped", flow: "tcp 22 to 10.9.0.3",
		rules: "fw1 nat -A PREROUTING -d 10.9.0.0/24 -j NETMAP --to 10.2.0.0/24\nfw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -m conntrack --ctorigdst 10.9.0.3 --ctreplsrc 10.2.0.3 -j ACCEPT",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.3:22, all passes"},
	{name: "before tracking there is no connection", flow: "tcp 22",
		rules: "fw1 raw -A PREROUTING -m conntrack --ctorigsrc 10.1.0.2 -j DROP\nfw1 raw -A PREROUTING -m conntrack ! --ctstatus NONE -j DROP",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, all passes"},
	{name: "what has no connection is asked for its state only", flow: "udp 443",
		rules: "fw1 raw -A PREROUTING -j CT --notrack\nfw1 filter -A FORWARD -m conntrack --ctstate UNTRACKED --ctproto tcp --ctorigsrc 10.8.0.1 --ctstatus NONE -j DROP",
		want:  "the request does not arrive"},
	{name: "connections that have seen an answer", flow: "tcp 22",
		rules: "fw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -i lan0 -p tcp --syn -m conntrack ! --ctstatus SEEN_REPLY,ASSURED -j ACCEPT\nfw1 filter -A FORWARD -m conntrack --ctstatus SEEN_REPLY -j ACCEPT",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, all passes"},
	{name: "connections without and with a status", flow: "tcp 22",
		rules: "fw1 filter -A FORWARD -m conntrack --ctstatus NONE -j DROP\nfw1 filter -A FORWARD -i wan0 -m conntrack --ctstatus CONFIRMED -j DROP",
		want:  "the request reaches server, no answer comes back"},
	{name: "the reverse path", flow: "tcp 80 to 10.9.0.2",
		rules: "fw1 raw -A PREROUTING -m rpfilter --validmark --invert -j DROP\nfw1 nat -A PREROUTING -d 10.9.0.2 -j DNAT --to-destination 10.2.0.3\nfw1 nat -A POSTROUTING -o wan0 -j MASQUERADE\nserver mangle -A PREROUTING -m rpfilter --loose --invert -j DROP\nclient raw -A PREROUTING -m rpfilter --invert -j DROP",
		want:  "the request reaches server as 10.2.0.1:30000 -> 10.2.0.3:80, all passes"},
	{name: "a time that is always", flow: "tcp 22",
		rules: "fw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -m time --kerneltz -j ACCEPT",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, all passes"},
	{name: "a mask that is no prefix", flow: "tcp 22",
		rules: "fw1 filter -A FORWARD -d 0.0.0.2/0.0.0.3 -i lan0 -j DROP",
		want:  "the request does not arrive"},
	{name: "NOTRACK shows at once", flow: "tcp 22",
		rules: "fw1 raw -A PREROUTING -p tcp -j NOTRACK\nfw1 raw -A PREROUTING -m conntrack --ctstate INVALID -j DROP\nfw1 raw -A PREROUTING -m conntrack --ctstate UNTRACKED -j ACCEPT\nfw1 raw -A PREROUTING -j DROP",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, all passes"},
	{name: "an untracked SYN+ACK leaves the connection half open", flow: "tcp 22",
		rules: "fw1 raw -A PREROUTING -p tcp --tcp-flags SYN,ACK SYN,ACK -j NOTRACK\nfw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\nfw1 filter -A FORWARD -m conntrack --ctstate NEW,UNTRACKED -j ACCEPT",
		want:  "the request reaches server, its answer comes back, later packets do not all arrive"},
	{name: "a mark that the data set", flow: "tcp 22",
		rules: "fw1 filter -A FORWARD -i wan0 -m connmark --mark 7 -j DROP\nfw1 mangle -A POSTROUTING -o wan0 -p tcp --tcp-flags PSH PSH -j CONNMARK --set-mark 7",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, its answer comes back, later packets do not all arrive"},
	{name: "a mark that the acknowledgement sets in time", flow: "tcp 22",
		rules: "fw1 filter :FORWARD DROP\nfw1 filter -A FORWARD -i lan0 -j ACCEPT\nfw1 filter -A FORWARD -p tcp --tcp-flags SYN,ACK SYN,ACK -j ACCEPT\nfw1 filter -A FORWARD -m connmark --mark 7 -j ACCEPT\nfw1 mangle -A POSTROUTING -o wan0 -p tcp --tcp-flags SYN,ACK ACK -j CONNMARK --set-mark 7",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, all passes"},
	{name: "a close that tracking misses", flow: "tcp 22",
		rules: "fw1 raw -A PREROUTING -i lan0 -p tcp --tcp-flags FIN FIN -j NOTRACK\nfw1 filter -A FORWARD -m conntrack --ctstate INVALID -j DROP",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, its answer comes back, later packets do not all arrive", open: true},
	{name: "a close that NAT misses", flow: "tcp 22",
		rules: "fw1 raw -A PREROUTING -i lan0 -p tcp --tcp-flags FIN FIN -j NOTRACK\nfw1 nat -A POSTROUTING -o wan0 -j MASQUERADE",
		want:  "the request reaches server as 10.2.0.1:30000 -> 10.2.0.2:22, its answer comes back, later packets do not all arrive"},
	{name: "a random port is a source's", flow: "tcp 22",
		rules: "fw1 nat -A PREROUTING -d 10.2.0.2 -p tcp -j DNAT --to-destination 10.2.0.2 --random",
		want:  "the request reaches server as 10.1.0.2:30000 -> 10.2.0.2:22, all passes"},
	{name: "SNAT to the destination's own address", flow: "tcp 22",
		rules: "fw1 nat -A POSTROUTING -o wan0 -j SNAT --to-source 10.2.0.2",
		want:  "the request does not arrive"},
	{name: "SNAT to a loopback address", flow: "udp 22",
		rules: "fw1 nat -A POSTROUTING -o wan0 -j SNAT --to-source 127.0.0.9",
		want:  "the request does not arrive"},
	{name: "SNAT to an address that is routed to the firewall", flow: "udp 22",
		rules: "fw1 nat -A POSTROUTING -o wan0 -j SNAT --to-source 10.9.0.7",
		want:  "the request reaches server as 10.9.0.7:30000 -> 10.2.0.2:22, all passes"},
}

// parseScenario makes the ruleset of a scenario.
func parseScenario(rules, sets string) *ruleset {
	s := &ruleset{sets: map[string][]string{}}
	filters := map[string]*filter{}
	for line := range strings.Lines(sets) {
		host, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		s.sets[host] = append(s.sets[host], text)
	}
	for line := range strings.Lines(rules) {
		host, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, text, _ := strings.Cut(text, " ")
		f := filters[host]
		if f == nil {
			f = newFilter(host, packet.IPv4)
			filters[host] = f
			s.filters = append(s.filters, f)
		}
		for _, t := range f.tables {
			if t.name == name {
				t.read(text)
			}
		}
	}
	return s
}

// read adds a declaration or a rule.
func (t *table) read(line string) {
	if rest, ok := strings.CutPrefix(line, ":"); ok {
		name, policy, _ := strings.Cut(rest, " ")
		for i := range t.chains {
			if t.chains[i].name == name {
				t.chains[i].policy = policy
				return
			}
		}
		t.chains = append(t.chains, chain{name, policy})
		return
	}
	name, text, _ := strings.Cut(strings.TrimPrefix(line, "-A "), " ")
	t.rules = append(t.rules, rule{chain: name, text: text})
}

func (l *lab) parseFlow(t *testing.T, text string) flow {
	words := strings.Fields(text)
	protocol, ok := packet.ProtocolNumber(words[0])
	src, _ := address(1, 2)
	dst, _ := address(len(l.hosts)-1, 2)
	for i := 2; i+1 < len(words); i += 2 {
		if a := netip.MustParseAddr(words[i+1]); words[i] == "to" {
			dst = a
		} else {
			src = a
		}
	}
	port, err := netip.ParseAddrPort("0.0.0.0:" + words[1])
	if !ok || err != nil {
		t.Fatalf("bad flow %q", text)
	}
	return flow{l.hosts[0], protocol, netip.AddrPortFrom(src, 30000), netip.AddrPortFrom(dst, port.Port())}
}

func TestScenarios(t *testing.T) {
	skipUnlessAsked(t)
	for _, variant := range []string{"nft", "legacy"} {
		t.Run(variant, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, 1, variant)
			for _, c := range scenarios {
				t.Run(c.name, func(t *testing.T) {
					l.scenario(t, parseScenario(c.rules, c.sets), l.parseFlow(t, c.flow), c.want, c.open)
				})
			}
		})
	}
}

// scenario plays a ruleset with one flow; with more patience where something seems lost.
func (l *lab) scenario(t *testing.T, s *ruleset, f flow, want string, open bool) {
	t.Helper()
	for _, wait := range []time.Duration{idle, longIdle} {
		o, outcomes, err := l.play(s, []flow{f}, wait)
		if err != nil {
			t.Fatal(err)
		}
		got, p := outcomes[0].String(), o.predict(f)
		what := disagrees(f, p, outcomes[0])
		if p.skip == "" && slices.Contains(p.legs[:], perhaps) != open {
			what = "no doubt is left, or some is that should not be"
		}
		if got == want && what == "" {
			return
		}
		if wait == idle {
			continue
		}
		if got != want {
			t.Errorf("%s: %s; want: %s", f, got, want)
		}
		if what != "" {
			t.Errorf("%s: in the kernel, %s; the engine: %s", f, what, p)
		}
	}
}
