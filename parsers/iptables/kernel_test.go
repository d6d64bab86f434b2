package iptables

import (
	"math/rand/v2"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sumlint/sumlint/parsers/iptables/ipset"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// kernelMatches are matches that the kernel is asked about: one UDP packet to the
// loopback address at port 9999 meets all of them. AA stands for the address.
var kernelMatches = []string{
	"-s AA", "! -s AA", "-i lo", "! -i lo", "-i l+", "-i eth+", "-m udp --dport 9999", "-m udp ! --dport 9999", "-m udp --dport :9998", "-m udp --sport 1024:", "-m udp --dport 9999:1", "-m udp ! --dport 9999:1",
	"-m multiport --dports 1,9990:9999", "-m multiport ! --dports 1,2", "-m multiport --ports 9999,1", "-m multiport ! --ports 9999", "-m multiport ! --ports 53",
	"-m conntrack --ctstate NEW", "-m conntrack ! --ctstate NEW", "-m conntrack --ctstate ESTABLISHED,UNTRACKED", "-m state --state NEW,INVALID", "-m conntrack --ctstate SNAT,DNAT",
	"-m conntrack --ctproto 17", "-m conntrack ! --ctproto 17", "-m mark --mark 0", "-m mark --mark 0/0xff", "-m mark ! --mark 0x1", "-m mark --mark 0x3/0x2", "-m connmark --mark 0",
	"-m addrtype --dst-type LOCAL", "-m addrtype --dst-type MULTICAST", "-m addrtype ! --dst-type LOCAL", "-m addrtype --src-type UNICAST", "-m addrtype --dst-type LOCAL,MULTICAST",
	"-m pkttype --pkt-type unicast", "-m pkttype --pkt-type multicast", "-m pkttype ! --pkt-type broadcast", "-m recent --set --name q", "-m recent ! --set --name r",
	"-m comment --comment x", "-m set --match-set pairs src", "-m set ! --match-set pairs src", "-m set --match-set pairs dst,dst", "-m set --match-set ports dst", "-m set --match-set ports src",
	"-m set --match-set list dst", "-m set --match-set list dst,dst", "-m set --match-set ifaces src,src", "-m set --match-set ifaces src,dst", "-m set --match-set except src",
	"-m set ! --match-set except src", "-m set --match-set hosts src", "-m set --match-set hosts dst,src", "-m set --match-set wide dst", "-m set --match-set empty dst",
}

// kernelSets makes the sets; FF is the family, AA the address, NN its network.
const kernelSets = `ipset create pairs hash:ip,port family FF; ipset add pairs AA,udp:9999; ipset create ports bitmap:port range 9000-9999; ipset add ports 9999
ipset create list list:set; ipset add list pairs; ipset create ifaces hash:net,iface family FF; ipset add ifaces NN,lo
ipset create except hash:net family FF; ipset add except NN; ipset add except AA nomatch; ipset create hosts hash:ip family FF; ipset add hosts AA
ipset create wide hash:ip family FF netmask 24; ipset add wide AA; ipset create empty hash:ip family FF
`

// randomMatches combines matches, so that what several options narrow is asked too.
func randomMatches(random *rand.Rand, n int) (out []string) {
	for range n {
		var words []string
		used := map[string]bool{}
		for range 1 + random.IntN(4) {
			m := kernelMatches[random.IntN(len(kernelMatches))]
			option, _, _ := strings.Cut(strings.TrimPrefix(m, "! "), " ")
			switch {
			case strings.HasPrefix(m, "-m udp "):
				option = "udp" // iptables-nft-save mixes up what two of them say
			case strings.HasPrefix(m, "-m recent "), strings.HasPrefix(m, "-m mark "):
				option = m[:7] // a second one's option may be that of -m set or -m connmark
			}
			if used[option] && option != "-m" {
				continue
			}
			used[option] = true
			words = append(words, m)
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

// askKernel loads the matches, sends the packet, and returns what iptables-save -c and
// ipset save print then.
func askKernel(t *testing.T, tool string, six bool, matches []string) (save, sets string) {
	t.Helper()
	address, network, family := "127.0.0.1", "127.0.0.0/8", "inet"
	if six {
		address, network, family = "fd00::1", "fd00::/64", "inet6"
	}
	script := "ip link set lo up; ip addr add fd00::1/128 dev lo nodad\n" + kernelSets
	script += tool + "-restore <<'END'\n*filter\n:INPUT ACCEPT [0:0]\n"
	for _, m := range matches {
		script += "-A INPUT -p udp " + m + "\n"
	}
	script += "COMMIT\nEND\necho x > /dev/udp/AA/9999\n" + tool + "-save -c; echo ----; ipset save\n"
	script = strings.NewReplacer("AA", address, "NN", network, "FF", family).Replace(script)
	out, err := exec.Command("unshare", "-n", "bash", "-ec", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	save, sets, _ = strings.Cut(string(out), "----\n")
	return save, sets
}

// holds tells whether the packet matches a rule; ok is false where a condition is open.
func holds(r *model.Rule, p *packet.Box) (match, ok bool) {
	match = r.Where.Overlaps(p)
	if r.Tests == nil || !match {
		return match, true
	}
	for _, m := range r.Tests.Marks {
		match = match && (m.Value == 0) != m.Not
	}
	for _, one := range r.Tests.OneOf {
		some := false
		for i := range one.Boxes {
			some = some || one.Boxes[i].Overlaps(p)
		}
		match = match && some != one.Not
	}
	return match, len(r.Tests.Unknown) == 0 && len(r.Tests.Masks) == 0
}

// The kernel's own counters must say of each match what the model says.
func TestKernelCounters(t *testing.T) {
	needTools(t)
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	matches := append(slices.Clone(kernelMatches), randomMatches(rand.New(rand.NewPCG(seed, 0)), 300)...)
	for _, six := range []bool{false, true} {
		for _, variant := range []string{"nft", "legacy"} {
			tool, address := "iptables-"+variant, netip.MustParseAddr("127.0.0.1")
			if six {
				tool, address = "ip6tables-"+variant, netip.MustParseAddr("fd00::1")
			}
			t.Run(tool, func(t *testing.T) {
				save, sets := askKernel(t, tool, six, matches)
				doc, diags := Parse(source.NewFile("save", []byte(save)))
				setDoc, setDiags := ipset.Parse(source.NewFile("sets", []byte(sets)))
				for _, d := range append(diags, setDiags...) {
					t.Error(d.Error())
				}
				fw, _ := Compile(Input{Name: "x", Docs: []*Doc{doc}, Sets: []*ipset.Doc{setDoc}})
				compareCounters(t, fw, save, loopbackPacket(address))
			})
		}
	}
}

// loopbackPacket is the packet that askKernel sends, from any ephemeral port.
func loopbackPacket(address netip.Addr) packet.Box {
	p := packet.Any()
	at, family := packet.FromNetip(address)
	p.Family, p.Src, p.Dst = family, packet.Only(at), packet.Only(at)
	p.Protocol, p.SrcPort, p.DstPort = packet.OneProtocol(packet.UDP), packet.Span[packet.Port](32768, 60999), packet.Only[packet.Port](9999)
	p.State, p.In, p.Out = packet.New&^(packet.TranslatedSource|packet.TranslatedDestination), packet.OneName("lo"), packet.OneName("")
	return p
}

// compareCounters holds the counter of each rule of INPUT against the model.
func compareCounters(t *testing.T, fw *model.Firewall, save string, p packet.Box) {
	t.Helper()
	counted := map[string]bool{}
	for _, line := range strings.Split(save, "\n") {
		if counter, rule, ok := strings.Cut(line, "] -A "); ok {
			counted["-A "+rule] = !strings.HasPrefix(counter, "[0:")
		}
	}
	predicted := map[string]bool{}
	for i := range fw.Hooks[model.Input][0].Rules {
		r := &fw.Hooks[model.Input][0].Rules[i]
		match, ok := holds(r, &p)
		if !ok {
			t.Errorf("undecided: %s", describe(*r))
		}
		predicted[r.Span.Text()] = predicted[r.Span.Text()] || match
	}
	if len(counted) < len(kernelMatches) {
		t.Errorf("only %d rules", len(counted))
	}
	for rule, want := range counted {
		if got, known := predicted[rule]; got != want || !known {
			t.Errorf("%s: the kernel says %v, the model %v", rule, want, got)
		}
	}
}
