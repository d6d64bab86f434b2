//go:build linux

package kernel

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sumlint/sumlint/parsers/packet"
)

var asked = flag.Bool("kernel", os.Getenv("SUMLINT_KERNEL") != "", "hold the engine against the kernel; needs root")

// skipUnlessAsked skips a test that needs the kernel unless it was asked for and can run.
func skipUnlessAsked(t *testing.T) {
	t.Helper()
	if !*asked {
		t.Skip("the kernel is asked by `make kernel`, or go test ./policies/kernel -kernel (as root)")
	}
	if why := available(); why != "" {
		t.Skip("the kernel can't be asked: " + why)
	}
}

// setting reads a number from the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s=%q is not a number", name, text)
	}
	return n
}

// flowsPerRuleset is how many flows each ruleset is tried with.
const flowsPerRuleset = 48

// The idle times after which what has not arrived is lost: in the run of all flows,
// and when a disagreement is looked at again on its own.
const (
	idle     = 120 * time.Millisecond
	longIdle = 900 * time.Millisecond
)

// kinds are the labs that a campaign uses; ruleset n runs in kind n modulo their number.
var kinds = []struct {
	firewalls int
	variant   string
}{{1, "nft"}, {1, "legacy"}, {2, "nft"}, {1, "legacy"}, {1, "nft"}, {2, "legacy"}}

// TestCampaign holds the engine against the kernel on random rulesets. Settings:
// SUMLINT_KERNEL_SEED, SUMLINT_KERNEL_COUNT (rulesets) and SUMLINT_KERNEL_FIRST (the
// number of the first ruleset, to repeat one).
func TestCampaign(t *testing.T) {
	skipUnlessAsked(t)
	seed := setting(t, "SUMLINT_KERNEL_SEED", uint64(time.Now().UnixNano()%1e9))
	count := setting(t, "SUMLINT_KERNEL_COUNT", 300)
	first := setting(t, "SUMLINT_KERNEL_FIRST", 0)
	t.Logf("SUMLINT_KERNEL_SEED=%d SUMLINT_KERNEL_COUNT=%d SUMLINT_KERNEL_FIRST=%d", seed, count, first)
	total := tally{reasons: map[string]int{}}
	var wait sync.WaitGroup
	for k, kind := range kinds {
		l := newLab(t, kind.firewalls, kind.variant)
		wait.Go(func() {
			for n := first; n < first+count; n++ {
				if int(n%uint64(len(kinds))) == k && total.failures.Load() < 5 {
					total.try(t, l, seed, n)
				}
			}
		})
	}
	wait.Wait()
	for _, why := range slices.Sorted(maps.Keys(total.reasons)) {
		t.Logf("%d times %s", total.reasons[why], why)
	}
	t.Logf("%d rulesets, %d flows: %d passed in full, %d did not; %d undecided, %d not comparable; no answer came in %d cases that passed when tried again",
		total.rulesets.Load(), total.flows.Load(), total.passed.Load(), total.blocked.Load(), total.undecided.Load(), total.skipped.Load(), total.late.Load())
}

// tally counts what a campaign has seen.
type tally struct {
	rulesets, flows, passed, blocked, undecided, skipped, late, failures atomic.Int64

	mutex   sync.Mutex
	reasons map[string]int // what left flows undecided, or made them not comparable
}

// try runs one ruleset.
func (c *tally) try(t *testing.T, l *lab, seed, n uint64) {
	random := rand.New(rand.NewPCG(seed, n))
	s := generate(random, l)
	flows := makeFlows(random, l, s.filters[0].family)
	fail := func(format string, args ...any) {
		c.failures.Add(1)
		t.Errorf("ruleset %d of seed %d (%s, %d hosts): %s", n, seed, l.variant, len(l.hosts), fmt.Sprintf(format, args...))
	}
	o, outcomes, err := l.play(s, flows, idle)
	if err != nil {
		fail("%v", err)
		return
	}
	c.rulesets.Add(1)
	for i, f := range flows {
		p := o.predict(f)
		c.count(p, outcomes[i])
		if disagrees(f, p, outcomes[i]) == "" {
			continue
		}
		d, err := l.again(s, f)
		if err != nil {
			fail("%v", err)
			return
		}
		if d == nil {
			c.late.Add(1)
			continue
		}
		fail("%s\n", l.shrink(s, d))
		return
	}
	if err := o.sets(); err != nil {
		fail("%v\n%s", err, s)
	}
}

func (c *tally) count(p *prediction, o outcome) {
	c.flows.Add(1)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if p.skip != "" {
		c.reasons["not comparable: "+p.skip]++
	}
	for _, why := range p.depends {
		words := strings.Fields("undecided: " + why)
		c.reasons[strings.Join(words[:min(len(words), 5)], " ")]++
	}
	switch whole := min(p.legs[0], p.legs[1], p.legs[2]); {
	case p.skip != "":
		c.skipped.Add(1)
	case whole == perhaps:
		c.undecided.Add(1)
	case o.followUp:
		c.passed.Add(1)
	default:
		c.blocked.Add(1)
	}
}

// play loads a ruleset and makes the flows.
func (l *lab) play(s *ruleset, flows []flow, idle time.Duration) (*oracle, []outcome, error) {
	printed, err := l.load(s)
	if err != nil {
		return nil, nil, err
	}
	for _, h := range l.hosts {
		if err := h.forgetConnections(); err != nil {
			return nil, nil, err
		}
	}
	o, err := newOracle(l, printed)
	if err != nil {
		return nil, nil, err
	}
	outcomes, err := l.wire.run(flows, idle)
	return o, outcomes, err
}

// makeFlows makes flows in all directions, each with a source port of its own.
func makeFlows(random *rand.Rand, l *lab, family packet.Family) []flow {
	g := &generator{Rand: random, lab: l, family: family}
	used := map[uint16]bool{}
	sport := func() uint16 {
		for {
			n := uint16(1024 + g.IntN(64000))
			if g.chance(50) {
				n = uint16(25000 + g.IntN(8000))
			}
			if !used[n] && !slices.Contains(listenPorts, n) {
				used[n] = true
				return n
			}
		}
	}
	client, server := l.hosts[0], l.last()
	firewall := oneOf(g, l.hosts[1:len(l.hosts)-1]...)
	flows := make([]flow, flowsPerRuleset)
	for i := range flows {
		from, to := client, server
		switch n := g.IntN(100); {
		case n < 20:
			from, to = server, client
		case n < 28:
			to = firewall
		case n < 34:
			from = firewall
		case n < 40:
			from, to = server, firewall
		}
		dst := g.endAddress(to)
		if from == client && g.chance(15) {
			dst = unowned(family, oneOf(g, 2, 3))
		}
		flows[i] = flow{from, oneOf(g, uint8(packet.TCP), uint8(packet.TCP), uint8(packet.UDP)),
			netip.AddrPortFrom(g.sourceAddress(from, dst), sport()), netip.AddrPortFrom(dst, g.port())}
	}
	return flows
}

// sourceAddress is an address of the host from which it may send to dst: on a
// firewall, one of the interface that leads there.
func (g *generator) sourceAddress(h *host, dst netip.Addr) netip.Addr {
	left4, left6 := address(h.index, 0)
	for {
		a := g.endAddress(h)
		onLeft := netip.PrefixFrom(left4, 24).Contains(a) || netip.PrefixFrom(left6, 64).Contains(a)
		if way := g.lab.direction(h, dst); way == 0 || onLeft == (way < 0) {
			return a
		}
	}
}
