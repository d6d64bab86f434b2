package bench

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
)

// Case is a generated estate that is made to be hard.
type Case struct {
	Name  string // as the table prints it
	Write func(folder string) error
}

// WorstCases are what a firewall can hold at its worst, or a stranger can make up.
func WorstCases() []Case {
	return []Case{
		{"5,100 rules, RETURN chains, 100 targets", returns(50).write(racks("ilo", 100))},
		{"10,000 rules that accept and drop in turn", patchwork{10_000, false}.write(wide)},
		{"the same over addresses and ports", patchwork{10_000, true}.write(wide)},
		{"500 chains 60 deep", ladder{500, 60}.write(racks("ilo", 10))},
		{"a set of 1,000,000 addresses", bigSet(1_000_000).write(wide)},
		{"an export of 200 MB", huge(200 << 20).write(racks("ilo", 10))},
		{"24 undecided conditions in 12 chains", undecided(12).write(racks("ilo", 10))},
		{"10,000 targets, each with rules of its own", rules(10_000).write},
		{"10,000 targets without firewalls", Alike{"linux", 10_000}.Write},
		{"10,000 pairs without a row", Alike{"windows", 10_000}.Write},
	}
}

func addr(n int) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// Alike is an estate whose targets behave alike.
type Alike struct {
	Type    string // of the targets
	Targets int
}

// Write makes the files.
func (a Alike) Write(folder string) error {
	return write(folder, []string{"core.v4"}, func(topology, export *bufio.Writer) {
		racks(a.Type, a.Targets)(topology)
		header(export)
		fmt.Fprintf(export, "-A FORWARD -p tcp -m tcp --dport 443 -j ACCEPT\nCOMMIT\n")
	})
}

// write makes a topology of one central firewall and its exports; fill writes the
// topology's targets and the first export.
func write(folder string, exports []string, fill func(topology, export *bufio.Writer)) error {
	return create(filepath.Join(folder, "estate.sum.hcl"), func(topology *bufio.Writer) error {
		fmt.Fprintf(topology, `zone "admin" { networks = ["10.10.0.0/24"] }
zone "oob" { networks = ["10.128.0.0/9"] }
server "sum01" {
  os = "linux"
  addresses = ["10.10.0.5"]
}
firewall "core" {
  exports = ["%s"]
  interface "eth0" { zone = "admin" }
  interface "eth1" { zone = "oob" }
}
`, strings.Join(exports, `", "`))
		return create(filepath.Join(folder, exports[0]), func(export *bufio.Writer) error {
			fill(topology, export)
			return nil
		})
	})
}

// create writes a file.
func create(path string, fill func(*bufio.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	return errors.Join(fill(out), out.Flush(), f.Close())
}

// header begins an export whose filter table answers what is established.
func header(export *bufio.Writer, chains ...string) {
	fmt.Fprint(export, "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n")
	for _, c := range chains {
		fmt.Fprintf(export, ":%s - [0:0]\n", c)
	}
	fmt.Fprint(export, "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n")
}

// targets writes the targets of a topology.
type targets func(topology *bufio.Writer)

// with makes an estate of the targets and one export, filled with the same random
// numbers each time.
func (to targets) with(fill func(export *bufio.Writer, r *rand.Rand)) func(folder string) error {
	return func(folder string) error {
		return write(folder, []string{"core.v4"}, func(topology, export *bufio.Writer) {
			to(topology)
			fill(export, random())
		})
	}
}

// racks are so many target blocks of 8 addresses each.
func racks(kind string, n int) targets {
	return func(topology *bufio.Writer) {
		for i := range n {
			fmt.Fprintf(topology, "target %q \"rack-%05d\" { addresses = [\"%v/29\"] }\n", kind, i, addr(10<<24|128<<16|i*8))
		}
	}
}

// wide is one target block that fills its zone.
func wide(topology *bufio.Writer) {
	fmt.Fprint(topology, "target \"ilo\" \"all\" { addresses = [\"10.128.0.0/9\"] }\n")
}

func random() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }

// inPlan is a random stretch of the targets' zone, up to 65,536 addresses long.
func inPlan(r *rand.Rand) (first, last netip.Addr) {
	const base, size = 10<<24 | 128<<16, 1 << 23
	n := r.IntN(size)
	return addr(base + n), addr(base + min(size-1, n+r.IntN(1<<16)))
}

// returns are pairs of chains that let known networks and machines return and drop the
// rest, as campus firewalls have them: 102 rules a pair.
type returns int

func (n returns) write(to targets) func(string) error {
	return to.with(func(export *bufio.Writer, r *rand.Rand) {
		var chains []string
		for i := range int(n) {
			chains = append(chains, fmt.Sprintf("ranges_%02d", i), fmt.Sprintf("macs_%02d", i))
		}
		header(export, chains...)
		for i, c := range chains {
			fmt.Fprintf(export, "-A FORWARD -i eth%d -j %s\n", i/2%2, c)
		}
		for i := range int(n) {
			for range 25 {
				fmt.Fprintf(export, "-A ranges_%02d -s 10.%d.%d.0/24 -j RETURN\n", i, 10+118*r.IntN(2), r.IntN(256))
			}
			fmt.Fprintf(export, "-A ranges_%02d -s 10.10.0.0/24 -j RETURN\n-A ranges_%02d -s 10.128.0.0/9 -j RETURN\n-A ranges_%02d -j DROP\n", i, i, i)
			for k := range 70 {
				fmt.Fprintf(export, "-A macs_%02d -s 10.128.%d.%d/32 -m mac --mac-source 00:11:22:33:%02x:%02x -j RETURN\n", i, r.IntN(4), r.IntN(256), i, k)
			}
			fmt.Fprintf(export, "-A macs_%02d -s 10.10.0.0/16 -j RETURN\n-A macs_%02d -s 10.128.0.0/9 -j RETURN\n", i, i)
		}
		fmt.Fprint(export, "-A FORWARD -s 10.10.0.5/32 -p tcp -m multiport --dports 22,80,443 -j ACCEPT\n-A FORWARD -d 10.10.0.5/32 -p tcp -m tcp --dport 63001 -j ACCEPT\nCOMMIT\n")
	})
}

// patchwork are rules that accept and drop in turn over ranges that overlap.
type patchwork struct {
	rules int
	ports bool // also over the client's ports
}

func (p patchwork) write(to targets) func(string) error {
	return to.with(func(export *bufio.Writer, r *rand.Rand) {
		header(export)
		for i := range p.rules {
			side := []string{"--dst-range", "--src-range"}[i/2%2]
			first, last := inPlan(r)
			ports := ""
			if p.ports {
				port := 32768 + r.IntN(28_000)
				ports = fmt.Sprintf(" -m tcp --sport %d:%d", port, port+r.IntN(4000))
			}
			fmt.Fprintf(export, "-A FORWARD -p tcp -m iprange %s %v-%v%s -j %s\n", side, first, last, ports, []string{"DROP", "ACCEPT"}[i%2])
		}
		fmt.Fprint(export, "COMMIT\n")
	})
}

// undecided are so many chains in which a machine's address lets return and a rate drops:
// each condition may double the cases.
type undecided int

func (n undecided) write(to targets) func(string) error {
	return to.with(func(export *bufio.Writer, _ *rand.Rand) {
		var chains []string
		for i := range int(n) {
			chains = append(chains, fmt.Sprintf("group_%02d", i))
		}
		header(export, chains...)
		for i, c := range chains {
			fmt.Fprintf(export, "-A FORWARD -j %s\n-A %s -m mac --mac-source 00:11:22:33:44:%02x -j RETURN\n", c, c, i)
			fmt.Fprintf(export, "-A %s -m hashlimit --hashlimit-above 20/sec --hashlimit-name %s -j DROP\n", c, c)
		}
		fmt.Fprint(export, "-A FORWARD -p tcp -j ACCEPT\nCOMMIT\n")
	})
}

// rules is how many targets there are, with gaps between them and rules for each.
type rules int

func (n rules) write(folder string) error {
	return write(folder, []string{"core.v4"}, func(topology, export *bufio.Writer) {
		header(export)
		for i := range int(n) {
			at := addr(10<<24 | 128<<16 | i*3)
			fmt.Fprintf(topology, "target \"ilo\" \"node-%05d\" { addresses = [\"%v\"] }\n", i, at)
			fmt.Fprintf(export, "-A FORWARD -s 10.10.0.5/32 -d %v/32 -p tcp -m multiport --dports 22,80,443 -j ACCEPT\n", at)
			fmt.Fprintf(export, "-A FORWARD -s %v/32 -d 10.10.0.5/32 -p tcp -m tcp --dport 63001 -j ACCEPT\n", at)
		}
		fmt.Fprint(export, "COMMIT\n")
	})
}

// ladder are chains of which each level jumps to all of the next: exponentially many
// ways lead through them.
type ladder struct{ chains, deep int }

func (l ladder) write(to targets) func(string) error {
	return to.with(func(export *bufio.Writer, r *rand.Rand) {
		chains := make([]string, l.chains)
		for i := range chains {
			chains[i] = fmt.Sprintf("c%03d", i)
		}
		header(export, chains...)
		fmt.Fprintf(export, "-A FORWARD -j %s\n", chains[0])
		width := l.chains / l.deep
		for i, c := range chains {
			for range 18 {
				fmt.Fprintf(export, "-A %s -d 10.%d.%d.0/24 -j DROP\n", c, 128+r.IntN(128), r.IntN(256))
			}
			next := (i/width + 1) * width
			if i/width+1 >= l.deep {
				continue
			}
			for _, to := range chains[min(next, len(chains)):min(next+width, len(chains))] {
				fmt.Fprintf(export, "-A %s -p tcp -m tcp --dport %d -j %s\n-A %s -s 10.%d.0.0/16 -j %s\n-A %s -j %s\n",
					c, []int{22, 80, 443, 63001}[r.IntN(4)], to, c, r.IntN(256), to, c, to)
			}
		}
		fmt.Fprint(export, "-A FORWARD -p tcp -j ACCEPT\nCOMMIT\n")
	})
}

// bigSet is how many members a set has that decides.
type bigSet int

func (n bigSet) write(to targets) func(string) error {
	return func(folder string) error {
		r := random()
		if err := write(folder, []string{"core.v4", "core.ipset"}, func(topology, export *bufio.Writer) {
			to(topology)
			header(export)
			fmt.Fprint(export, "-A FORWARD -m set --match-set ilos dst -j ACCEPT\n-A FORWARD -m set --match-set ilos src -j ACCEPT\nCOMMIT\n")
		}); err != nil {
			return err
		}
		return create(filepath.Join(folder, "core.ipset"), func(out *bufio.Writer) error {
			fmt.Fprint(out, "create ilos hash:ip family inet hashsize 65536 maxelem 2000000\n")
			for _, at := range r.Perm(1 << 23)[:n] {
				fmt.Fprintf(out, "add ilos %v\n", addr(10<<24|128<<16+at))
			}
			return nil
		})
	}
}

// huge is the size of an export, in bytes.
type huge int

func (n huge) write(to targets) func(string) error {
	return to.with(func(export *bufio.Writer, r *rand.Rand) {
		header(export)
		for written := 0; written < int(n); {
			k, _ := fmt.Fprintf(export, "-A FORWARD -s 10.%d.%d.0/24 -p tcp -m tcp --dport %d -m comment --comment \"req %06d\" -j ACCEPT\n", r.IntN(128), r.IntN(256), r.IntN(65536), r.IntN(1_000_000))
			written += k
		}
		fmt.Fprint(export, "COMMIT\n")
	})
}

// ChangeOneRule gives one rule in the middle of an estate's export another port.
func ChangeOneRule(folder string) error {
	path := filepath.Join(folder, "core.v4")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	at := len(text) / 2
	for string(text[at:at+8]) != "--dport " {
		at++
	}
	text[at+8] = '1' + (text[at+8]-'0')%9
	return os.WriteFile(path, text, 0o644)
}
