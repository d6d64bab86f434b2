//go:build linux

package kernel

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sumlint/sumlint/parsers/packet"
)

// host is a machine of the lab: a network namespace and the thread that lives in it.
type host struct {
	name  string
	index int // its place in the row
	addrs []netip.Addr
	jobs  chan func()
	tid   int
}

// newHost makes a namespace; it is gone when the jobs are closed and the last socket is.
func newHost(name string, index int) (*host, error) {
	h := &host{name: name, index: index, jobs: make(chan func())}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		h.tid = unix.Gettid()
		started <- err
		if err != nil {
			return
		}
		for job := range h.jobs {
			job()
		}
	}()
	return h, <-started
}

// do runs f on the host's thread.
func (h *host) do(f func() error) error {
	done := make(chan error)
	h.jobs <- func() { done <- f() }
	return <-done
}

// run runs a program in the namespace and returns what it prints.
func (h *host) run(stdin, program string, args ...string) (string, error) {
	var out []byte
	err := h.do(func() error {
		cmd := exec.Command(program, args...)
		cmd.Stdin = strings.NewReader(stdin)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		var err error
		if out, err = cmd.Output(); err != nil {
			return fmt.Errorf("%s: %s %s: %w: %s", h.name, program, strings.Join(args, " "), err, stderr.String())
		}
		return nil
	})
	return string(out), err
}

// sysctl writes settings of the namespace.
func (h *host) sysctl(settings map[string]string) error {
	return h.do(func() error {
		var errs []error
		for name, value := range settings {
			errs = append(errs, os.WriteFile("/proc/sys/net/"+name, []byte(value), 0o644))
		}
		return errors.Join(errs...)
	})
}

// sourceNumber is the number of an address that no host has and that SNAT may use.
const sourceNumber = 7

// direction tells which way a host sends packets for an address: -1 is left, +1
// right, 0 nowhere. The address is not the host's own.
func (l *lab) direction(h *host, to netip.Addr) int {
	last := len(l.hosts) - 1
	switch owner := l.owner(to); {
	case owner != nil && owner.index < h.index:
		return -1
	case owner != nil:
		return 1
	case h.index == 0:
		return 1
	case h.index == last:
		return -1
	}
	for n := 1; n <= last; n++ {
		v4, v6 := address(n, 0)
		for _, p := range []netip.Prefix{netip.PrefixFrom(v4, 24), netip.PrefixFrom(v6, 64)} {
			if p.Contains(to) {
				return 0 // nobody on that link has it
			}
		}
	}
	switch {
	case last == 3 && h.index == 1:
		return 1
	case h.index == 2 && (to == unowned(packet.IPv4, sourceNumber) || to == unowned(packet.IPv6, sourceNumber)):
		return -1
	}
	return 0
}

// lab is a row of hosts: a client, firewalls, a server. Link n, between host n-1
// and host n, is the network 10.n.0.0/24 and fd0n::/64.
type lab struct {
	hosts   []*host
	variant string // "nft" or "legacy": which iptables loads the rulesets
	wire    *wire
	loaded  map[loadKey]bool // what is not empty now
	tries   int              // how often single flows were tried again
}

// The addresses that each end has on its link, and the ports at which each host listens.
var (
	endNumbers   = []int{2, 3, 4}
	listenPorts  = []uint16{22, 80, 137, 443, 5989, 8080, 63001, 63002}
	requirements = []string{"ip", "nft", "ipset", "iptables-nft-restore", "ip6tables-nft-restore", "iptables-legacy-restore", "ip6tables-legacy-restore"}
)

// available tells why the lab can't be built here; "" if it can.
func available() string {
	if os.Geteuid() != 0 {
		return "not root"
	}
	for _, tool := range requirements {
		if _, err := exec.LookPath(tool); err != nil {
			return "no " + tool
		}
	}
	h, err := newHost("probe", 0)
	if err != nil {
		return "no network namespaces: " + err.Error()
	}
	defer close(h.jobs)
	if _, err := h.run("", "iptables-nft-save"); err != nil {
		return "iptables does not work here: " + err.Error()
	}
	return ""
}

// newLab builds a lab with that many firewalls (1 or 2).
func newLab(t *testing.T, firewalls int, variant string) *lab {
	t.Helper()
	l := &lab{variant: variant}
	t.Cleanup(l.close)
	names := append([]string{"client"}, []string{"fw1", "fw2"}[:firewalls]...)
	for i, name := range append(names, "server") {
		h, err := newHost(name, i)
		if err != nil {
			t.Fatal(err)
		}
		l.hosts = append(l.hosts, h)
	}
	for n := 1; n < len(l.hosts); n++ {
		if err := l.link(n); err != nil {
			t.Fatal(err)
		}
	}
	for _, h := range l.hosts {
		if err := l.finish(h); err != nil {
			t.Fatal(err)
		}
	}
	wire, err := newWire(l.hosts)
	if err != nil {
		t.Fatal(err)
	}
	l.wire = wire
	return l
}

func (l *lab) close() {
	if l.wire != nil {
		l.wire.close()
	}
	for _, h := range l.hosts {
		close(h.jobs)
	}
}

func (l *lab) last() *host { return l.hosts[len(l.hosts)-1] }

// interfaces names the host's interface to the left and to the right; "" is none.
func (l *lab) interfaces(h *host) (left, right string) {
	switch h.index {
	case 0:
		return "", "eth0"
	case len(l.hosts) - 1:
		return "eth0", ""
	}
	return "lan0", "wan0"
}

func address(link, number int) (v4, v6 netip.Addr) {
	return netip.MustParseAddr(fmt.Sprintf("10.%d.0.%d", link, number)), netip.MustParseAddr(fmt.Sprintf("fd%02d::%d", link, number))
}

// numbers are the host parts of h's addresses on the link.
func (l *lab) numbers(link int, h *host) []int {
	switch {
	case h.index == 0 || h.index == len(l.hosts)-1:
		return endNumbers
	case h.index == link: // the firewall on the link's right side
		return []int{254}
	}
	return []int{1}
}

// link joins host n-1 and host n. Neighbours are permanent, so that rules that
// drop neighbour discovery do not cut the line.
func (l *lab) link(n int) error {
	left, right := l.hosts[n-1], l.hosts[n]
	_, leftName := l.interfaces(left)
	rightName, _ := l.interfaces(right)
	mac := func(h *host) string { return fmt.Sprintf("02:00:00:00:%02x:%02x", n, h.index) }
	batch := fmt.Sprintf("link add %s mtu 65535 address %s type veth peer name %s mtu 65535 address %s netns %d\n",
		leftName, mac(left), rightName, mac(right), right.tid)
	if _, err := left.run(batch, "ip", "-batch", "-"); err != nil {
		return err
	}
	for _, side := range []struct {
		me, peer *host
		device   string
	}{{left, right, leftName}, {right, left, rightName}} {
		var b strings.Builder
		for _, number := range l.numbers(n, side.me) {
			v4, v6 := address(n, number)
			fmt.Fprintf(&b, "addr add %s/24 dev %s\naddr add %s/64 dev %s nodad\n", v4, side.device, v6, side.device)
			side.me.addrs = append(side.me.addrs, v4, v6)
		}
		fmt.Fprintf(&b, "link set %s up\n", side.device)
		for _, number := range l.numbers(n, side.peer) {
			v4, v6 := address(n, number)
			for _, a := range []netip.Addr{v4, v6} {
				fmt.Fprintf(&b, "neigh replace %s lladdr %s dev %s nud permanent\n", a, mac(side.peer), side.device)
			}
		}
		if _, err := side.me.run(b.String(), "ip", "-batch", "-"); err != nil {
			return err
		}
	}
	return nil
}

// The packets that reached the last hook of a host's input, by their maximum segment
// size, which is the flow's own.
const watchTable = `table inet watch {
	set syn {
		typeof tcp option maxseg size
		size 65535
		flags dynamic
	}
	chain input {
		type filter hook input priority 1000
		tcp flags syn / syn,ack update @syn { tcp option maxseg size }
	}
}
`

// finish sets routes, forwarding and the watch table.
func (l *lab) finish(h *host) error {
	var b strings.Builder
	fmt.Fprintf(&b, "link set lo up\n")
	towards := func(link, number int) {
		v4, v6 := address(link, number)
		fmt.Fprintf(&b, "route add default via %s\nroute add default via %s\n", v4, v6)
	}
	links := len(l.hosts) - 1
	switch {
	case h.index == 0:
		towards(1, 254)
	case h.index == links:
		towards(links, 1)
	case links == 3 && h.index == 1:
		towards(2, 254)
	case links == 3 && h.index == 2:
		// No default route: what belongs to nobody must not go round in circles.
		v4, v6 := address(2, 1)
		behind4, behind6 := address(1, 0)
		nobody4, nobody6 := address(9, sourceNumber)
		fmt.Fprintf(&b, "route add %s/24 via %s\nroute add %s/64 via %s\nroute add %s via %s\nroute add %s via %s\n",
			behind4, v4, behind6, v6, nobody4, v4, nobody6, v6)
	}
	if _, err := h.run(b.String(), "ip", "-batch", "-"); err != nil {
		return err
	}
	if err := h.sysctl(map[string]string{
		"ipv4/ip_forward": "1", "ipv6/conf/all/forwarding": "1", "ipv4/conf/all/rp_filter": "0", "ipv4/conf/default/rp_filter": "0",
		"ipv4/conf/all/send_redirects": "0", "ipv4/tcp_syn_retries": "1", "ipv4/icmp_ratelimit": "0", "ipv4/tcp_max_tw_buckets": "0",
	}); err != nil {
		return err
	}
	_, err := h.run(watchTable, "nft", "-f", "-")
	return err
}

var setElements = regexp.MustCompile(`(?s)elements = \{(.*?)\}`)

// synsSeen returns the segment sizes of the opening packets that reached the host.
func (h *host) synsSeen() (map[int]bool, error) {
	text, err := h.run("", "nft", "list", "set", "inet", "watch", "syn")
	if err != nil {
		return nil, err
	}
	seen := map[int]bool{}
	if m := setElements.FindStringSubmatch(text); m != nil {
		for _, word := range strings.Split(m[1], ",") {
			n, err := strconv.Atoi(strings.TrimSpace(word))
			if err != nil {
				return nil, fmt.Errorf("%s: nft prints %q", h.name, word)
			}
			seen[n] = true
		}
	}
	if len(seen) > 2000 {
		err = h.forgetSyns()
	}
	return seen, err
}

func (h *host) forgetSyns() error {
	_, err := h.run("", "nft", "flush", "set", "inet", "watch", "syn")
	return err
}

// forgetConnections empties the connection tracking table: a ctnetlink delete
// request that names no connection.
func (h *host) forgetConnections() error {
	return h.do(func() error {
		fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_NETFILTER)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		const ctnetlink, remove, size = 1, 2, 20
		m := binary.NativeEndian.AppendUint32(nil, size)
		m = binary.NativeEndian.AppendUint16(m, ctnetlink<<8|remove)
		m = binary.NativeEndian.AppendUint16(m, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
		m = append(m, make([]byte, 12)...) // sequence, port, nfgenmsg
		if err := unix.Sendto(fd, m, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
			return err
		}
		answer := make([]byte, 256)
		n, _, err := unix.Recvfrom(fd, answer, 0)
		if err != nil {
			return err
		}
		if n < 20 {
			return fmt.Errorf("%s: ctnetlink answers %d bytes", h.name, n)
		}
		if code := int32(binary.NativeEndian.Uint32(answer[16:])); code != 0 {
			return fmt.Errorf("%s: ctnetlink answers %d", h.name, code)
		}
		return nil
	})
}

// host returns the host of that name.
func (l *lab) host(name string) *host {
	for _, h := range l.hosts {
		if h.name == name {
			return h
		}
	}
	return nil
}

// owner is the host that has the address; nil if none has.
func (l *lab) owner(a netip.Addr) *host {
	for _, h := range l.hosts {
		for _, own := range h.addrs {
			if own == a {
				return h
			}
		}
	}
	return nil
}
