package ipset

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// describe writes a match for tests.
func describe(m Match) string {
	write := func(boxes []packet.Box) string {
		var out []string
		for _, b := range boxes {
			out = append(out, b.String())
		}
		if len(out) == 0 {
			return "nothing"
		}
		return strings.Join(out, " | ")
	}
	text := write(m.Boxes)
	if len(m.Surely) > 0 {
		text += ", surely " + write(m.Surely)
	}
	if m.Unknown != "" {
		text += " ? " + m.Unknown
	}
	if m.Fresh {
		text += ", fresh"
	}
	return text
}

// setTests are sets with what a match of them means; the fuzz target begins with them.
var setTests = []struct {
	name, text, directions, want string
	six                          bool
	change, member               Change // what rules do with the set, and with each member
}{
	{name: "hash:ip", text: "create a hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1\nadd a 10.0.0.1\nadd a 10.0.0.2\nadd a 10.0.0.3", directions: "src", want: "IPv4 src 10.0.0.1,10.0.0.2/31"},
	{name: "hash:ip in the other family", text: "create a hash:ip\nadd a 10.0.0.1", directions: "src", six: true, want: "nothing"},
	{name: "hash:ip with netmask", text: "create a hash:ip family inet netmask 24\nadd a 10.1.1.0", directions: "dst", want: "IPv4 dst 10.1.1.0/24"},
	{name: "hash:ip with bitmask", text: "create a hash:ip family inet bitmask 255.255.0.255\nadd a 10.1.0.1", directions: "dst", want: "IPv4 ? the set has a bitmask that is no prefix"},
	{name: "hash:ip with range and prefix", text: "create a hash:ip\nadd a 10.0.0.1-10.0.0.3\nadd a 10.0.1.0/30", directions: "dst", want: "IPv4 dst 10.0.0.1,10.0.0.2/31,10.0.1.0/30"},
	{name: "hash:net with exceptions", text: "create a hash:net family inet\nadd a 10.1.0.0/16 nomatch\nadd a 10.0.0.0/8\nadd a 10.1.2.3", directions: "src", want: "IPv4 src 10.0.0.0/16,10.1.2.3,10.2.0.0-10.255.255.255"},
	{name: "hash:net with an exception for a range", text: "create a hash:net\nadd a 10.0.0.0-10.0.0.5 nomatch\nadd a 10.0.0.0/29", directions: "src", want: "IPv4 src 10.0.0.6/31"},
	{name: "hash:net with an entry inside an exception's range", text: "create a hash:net\nadd a 10.0.0.0-10.0.0.5 nomatch\nadd a 10.0.0.0/29\nadd a 10.0.0.2/31", directions: "src", want: "IPv4 src 10.0.0.2/31,10.0.0.6/31"},
	{name: "hash:net six", text: "create g hash:net family inet6 hashsize 1024\nadd g 2001:db8::/32", directions: "src", six: true, want: "IPv6 src 2001:db8::/32"},
	{name: "hash:ip,port", text: "create a hash:ip,port timeout 300 counters comment skbinfo\nadd a 10.0.0.1,udp:53 timeout 299 packets 0 bytes 0\nadd a 10.0.0.2,udp:53 comment \"a nomatch b\"\nadd a 10.0.0.2,icmp:echo-request\nadd a 10.0.0.3,sctp:5\nadd a 10.0.0.4,80\nadd a 10.0.0.5,gre:0",
		directions: "src,dst", want: "IPv4 protocol udp src 10.0.0.1,10.0.0.2 dport 53 | IPv4 protocol icmp src 10.0.0.2 icmp 8/0 | IPv4 protocol sctp src 10.0.0.3 dport 5 | IPv4 protocol tcp src 10.0.0.4 dport 80 | IPv4 protocol gre src 10.0.0.5"},
	{name: "too few directions", text: "create a hash:ip,port\nadd a 10.0.0.1,udp:53", directions: "src", want: "nothing"},
	{name: "more directions", text: "create a hash:ip\nadd a 10.0.0.1", directions: "dst,src", want: "IPv4 dst 10.0.0.1"},
	{name: "hash:ip,port,net", text: "create k hash:ip,port,net family inet\nadd k 1.1.1.1,tcp:81,10.0.0.0/8\nadd k 1.1.1.1,tcp:81,10.1.0.0/16 nomatch\nadd k 1.1.1.1,tcp:82,10.0.0.0/8", directions: "src,dst,dst",
		want: "IPv4 protocol tcp src 1.1.1.1 dst 10.0.0.0/16,10.2.0.0-10.255.255.255 dport 81 | IPv4 protocol tcp src 1.1.1.1 dst 10.0.0.0/8 dport 82"},
	{name: "hash:ip,port,ip", text: "create k hash:ip,port,ip\nadd k 1.1.1.1,tcp:81,2.2.2.2", directions: "src,dst,dst", want: "IPv4 protocol tcp src 1.1.1.1 dst 2.2.2.2 dport 81"},
	{name: "hash:net,port", text: "create k hash:net,port\nadd k 10.0.0.0/8,tcp:80-82", directions: "dst,dst", want: "IPv4 protocol tcp dst 10.0.0.0/8 dport 80-82"},
	{name: "hash:net,net", text: "create k hash:net,net\nadd k 10.0.0.0/8,20.0.0.0/8\nadd k 11.0.0.0/8,20.0.0.0/8", directions: "src,dst", want: "IPv4 src 10.0.0.0/7 dst 20.0.0.0/8"},
	{name: "hash:net,net with an exception", text: "create k hash:net,net\nadd k 10.0.0.0/8,20.0.0.0/8\nadd k 10.1.0.0/16,20.0.0.0/8 nomatch", directions: "src,dst", want: "IPv4 src 10.0.0.0/16,10.2.0.0-10.255.255.255 dst 20.0.0.0/8"},
	{name: "hash:net,port,net", text: "create k hash:net,port,net\nadd k 10.0.0.0/8,udp:53,20.0.0.0/8", directions: "src,src,dst", want: "IPv4 protocol udp src 10.0.0.0/8 sport 53 dst 20.0.0.0/8"},
	{name: "hash:net,iface", text: "create b hash:net,iface family inet\nadd b 10.0.0.0/8,eth0 nomatch\nadd b 0.0.0.0/0,eth0\nadd b 0.0.0.0/0,eth1\nadd b 10.0.0.0/8,ppp wildcard", directions: "src,src",
		want: "IPv4 src 0.0.0.0/5,8.0.0.0/7,11.0.0.0-255.255.255.255 in eth0 | IPv4 src 0.0.0.0/5,8.0.0.0/7,11.0.0.0-255.255.255.255 in eth1 | IPv4 src 10.0.0.0/8 in ppp+"},
	{name: "bridge ports", text: "create b hash:net,iface\nadd b 10.0.0.0/8,physdev:eth0", directions: "src,src", want: "IPv4 ? the set names bridge ports"},
	{name: "hash:ip,mac", text: "create b hash:ip,mac\nadd b 10.0.0.1,00:11:22:33:44:55", directions: "src,src", want: "IPv4 src 10.0.0.1 ? the set holds MAC addresses"},
	{name: "hash:mac", text: "create b hash:mac\nadd b 00:11:22:33:44:55", directions: "src", want: "IPv4 ? the set holds MAC addresses"},
	{name: "hash:ip,mark", text: "create b hash:ip,mark\nadd b 10.0.0.1,0x1", directions: "src,src", want: "IPv4 src 10.0.0.1 ? the set holds marks"},
	{name: "bitmap:ip", text: "create f bitmap:ip range 192.168.0.0-192.168.0.255\nadd f 192.168.0.5\nadd f 192.168.0.6", directions: "src", want: "IPv4 src 192.168.0.5,192.168.0.6"},
	{name: "bitmap:ip with netmask", text: "create f bitmap:ip range 192.168.0.0/16 netmask 24\nadd f 192.168.5.0", directions: "src", want: "IPv4 src 192.168.5.0/24"},
	{name: "bitmap:ip,mac", text: "create f bitmap:ip,mac range 192.168.0.0/16\nadd f 192.168.5.1", directions: "src,src", want: "IPv4 src 192.168.5.1 ? the set holds MAC addresses"},
	{name: "bitmap:port", text: "create e1 bitmap:port range 0-1024\nadd e1 20\nadd e1 21\nadd e1 80", directions: "dst", want: "IPv4 protocol tcp,udp dport 20-21,80"},
	{name: "list:set", text: "create a hash:ip\nadd a 10.0.0.1\ncreate six hash:ip family inet6\nadd six 2001:db8::1\ncreate b bitmap:port range 0-9\nadd b 7\ncreate c list:set size 8\nadd c a\nadd c six\nadd c b", directions: "src", want: "IPv4 src 10.0.0.1 | IPv4 protocol tcp,udp sport 7"},
	{name: "list:set without a member", text: "create c list:set size 8\nadd c a", directions: "src", want: "IPv4 ? its member a is not in the export"},
	{name: "a set that grows", text: "create a hash:net\nadd a 10.0.0.0/8\nadd a 10.1.0.0/16 nomatch", directions: "src", change: Grows,
		want: "IPv4, surely IPv4 src 10.0.0.0/16,10.2.0.0-10.255.255.255 ? rules add to the set, fresh"},
	{name: "a set that grows, in the other family", text: "create a hash:net\nadd a 10.0.0.0/8", directions: "src", six: true, change: Grows, want: "nothing"},
	{name: "a set that changes", text: "create a hash:net\nadd a 10.0.0.0/8", directions: "src", change: Changes, want: "IPv4 ? rules delete from the set, fresh"},
	{name: "a set that grows, with an end", text: "create a hash:ip timeout 0\nadd a 10.0.0.1 timeout 0", directions: "src", change: Grows, want: "IPv4 ? rules add to the set, fresh"},
	{name: "a set that grows and evicts", text: "create a hash:ip family inet forceadd hashsize 1024\nadd a 10.0.0.1", directions: "src", change: Grows, want: "IPv4 ? rules add to the set, fresh"},
	{name: "a set with interfaces that grows", text: "create a hash:net,iface\nadd a 10.0.0.0/8,eth0", directions: "src,src", change: Grows, want: "IPv4 ? rules add to the set, fresh"},
	{name: "a set of MAC addresses that grows", text: "create b hash:ip,mac\nadd b 10.0.0.1,00:11:22:33:44:55", directions: "src,src", change: Grows, want: "IPv4 ? rules add to the set, fresh"},
	{name: "list:set with members that grow", text: "create a hash:ip\nadd a 10.0.0.1\ncreate c list:set size 8\nadd c a", directions: "src", member: Grows,
		want: "IPv4, surely IPv4 src 10.0.0.1 ? of its member a, rules add to the set, fresh"},
	{name: "list:set with a member and without another", text: "create a hash:ip\nadd a 10.0.0.1\ncreate c list:set size 8\nadd c b\nadd c a", directions: "src",
		want: "IPv4 | IPv4 src 10.0.0.1, surely IPv4 src 10.0.0.1 ? its member b is not in the export"},
	{name: "a name with a blank", text: "create s p hash:ip family inet\nadd s p 10.0.0.1", directions: "src", want: "IPv4 src 10.0.0.1"},
	{name: "empty", text: "create a hash:ip", directions: "src", want: "nothing"},
	{name: "ipset list", text: "Name: i1\nType: hash:net\nRevision: 7\nHeader: family inet hashsize 1024\nSize in memory: 600\nReferences: 0\nNumber of entries: 2\nMembers:\n10.1.0.0/16 nomatch\n10.0.0.0/8\n\nName: i2\nType: hash:ip\nMembers:\n1.1.1.1",
		directions: "src", want: "IPv4 src 10.0.0.0/16,10.2.0.0-10.255.255.255"},
}

func TestMatch(t *testing.T) {
	for _, test := range setTests {
		t.Run(test.name, func(t *testing.T) {
			if !Recognise([]byte(test.text)) {
				t.Error("not recognised")
			}
			doc, diags := Parse(source.NewFile("sets", []byte(test.text)))
			for _, d := range diags {
				t.Error(d.Error())
			}
			set := doc.Sets[len(doc.Sets)-1]
			if strings.HasPrefix(test.text, "Name:") {
				set = doc.Sets[0]
			}
			family := packet.IPv4
			if test.six {
				family = packet.IPv6
			}
			directions := strings.Split(test.directions, ",")
			lookup := func(name string) (Match, bool) {
				for _, s := range doc.Sets {
					if s.Name == name && !s.IsList() {
						return s.Match(directions, family, test.member, nil), true
					}
				}
				return Match{}, false
			}
			got := describe(set.Match(directions, family, test.change, lookup))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"add a 10.0.0.1", `1:1: set "a" is not created`},
		{"create a hash:ip\nadd a 10.0.0.300", `2:1: entry "10.0.0.300" of set "a" is not valid`},
		{"create a hash:ip\nadd a 2001:db8::1", `2:1: entry "2001:db8::1" of set "a" is not valid`},
		{"create a hash:ip\nadd a", `2:1: set "a" is not created`},
		{"create a hash:nonsense", `1:1: the set's type is not known`},
		{"create a hash:ip\ncreate a hash:ip", `2:1: set "a" is created twice`},
		{"create a hash:ip\nflush a", `2:1: command "flush" is not followed`},
		{"create a hash:ip netmask 99", `1:1: netmask "99" is not valid`},
		{"<ipsets>\n", `1:1: the XML form of ipset is not read`},
		{"", `1:1: the file holds no set`},
		{"create a hash:ip\n" + strings.Repeat("x", 5000), `2:1: the line is longer than 4096 bytes`},
	} {
		_, diags := Parse(source.NewFile("s", []byte(test.text)))
		if len(diags) == 0 || !strings.Contains(diags.Sorted()[0].Error(), test.want) {
			t.Errorf("%q: got %v, want %s", test.text, diags, test.want)
		}
	}
	doc, _ := Parse(source.NewFile("s", []byte("create a hash:ip\nadd a 10.0.0.1\nadd a nonsense")))
	if m := doc.Sets[0].Match([]string{"src"}, packet.IPv4, Fixed, nil); m.Unknown == "" {
		t.Error("a set with an unreadable entry must be unknown")
	}
}

func TestCorpus(t *testing.T) {
	files, _ := filepath.Glob("../../../../shared/corpus/iptables-generated/*.ipset")
	if len(files) == 0 {
		t.Skip("the corpus is not here")
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		doc, diags := Parse(source.NewFile(name, data))
		if !Recognise(data) || len(diags) > 0 || len(doc.Sets) != 1 {
			t.Errorf("%s: %d sets, %v", name, len(doc.Sets), diags)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, test := range setTests {
		f.Add(test.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		data := []byte(text)
		Recognise(data)
		doc, _ := Parse(source.NewFile("s", data))
		for _, s := range doc.Sets {
			for _, text := range []string{"src", "src,dst", "dst,dst,src"} {
				directions := strings.Split(text, ",")
				lookup := func(string) (Match, bool) {
					first := doc.Sets[0]
					return first.Match(directions, packet.IPv4, Grows, func(string) (Match, bool) { return Match{}, false }), true
				}
				s.Match(directions, packet.IPv4, Fixed, lookup)
				s.Match(directions, packet.IPv4, Grows, lookup)
			}
		}
	})
}

func BenchmarkMillion(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	var text bytes.Buffer
	text.WriteString("create a hash:ip family inet hashsize 1048576 maxelem 1048576\n")
	for range 1_000_000 {
		n := random.Uint32()
		fmt.Fprintf(&text, "add a %d.%d.%d.%d\n", n>>24, n>>16&255, n>>8&255, n&255)
	}
	b.ReportAllocs()
	for b.Loop() {
		doc, diags := Parse(source.NewFile("sets", text.Bytes()))
		if m := doc.Sets[0].Match([]string{"src"}, packet.IPv4, Fixed, nil); len(diags) > 0 || len(m.Boxes) != 1 {
			b.Fatal(diags)
		}
	}
}
