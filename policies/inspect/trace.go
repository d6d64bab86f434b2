// Package inspect looks into exports without a topology: one packet's way through
// a firewall, and the model that an export is compiled into.
package inspect

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/exports"
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/tree"
	"github.com/sumlint/sumlint/policies/engine"
)

// Packet is a packet in the words of the command line; what is "" is open.
type Packet struct {
	Src, Dst     string // an address, a prefix or first-last
	Protocol     string // a name or a number
	Sport, Dport string // "22", "1024-65535", "22,443"; for ICMP Dport is a type or type/code
	In, Out      string
	Hook         string // input, forward, output
	State        string // new, established, related, invalid, untracked
	Profile      string // domain, private, public
	Tables       []string
}

// Trace is one packet's way, as `sumlint trace --format json` prints it.
type Trace struct {
	Verdict   string   `json:"verdict"` // allowed, blocked, conditional
	Steps     []Step   `json:"steps"`
	DependsOn []string `json:"depends_on"`
}

// Step is what one rule did.
type Step struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Text   string `json:"text"`
	Effect string `json:"effect"`
	Hook   string `json:"hook"`
	Chain  string `json:"chain"`
	Depth  int    `json:"depth"`
	// Fields are the fields in which a rule does not match.
	Fields []string `json:"fields,omitempty"`
	// Packets are those of the packets that are meant, where not all are.
	Packets string `json:"packets,omitempty"`
	// Given is what was taken to hold on the way here.
	Given []string `json:"given,omitempty"`
}

// TraceFiles sends a packet through the firewall whose exports are named. The error
// is a mistake in the packet; what is wrong with the exports is in the list.
func TraceFiles(ctx context.Context, paths []string, format string, p Packet) (*Trace, diag.List, error) {
	q, err := p.query()
	if err != nil {
		return nil, nil, err
	}
	files, diags := read(paths, format)
	fw, more := exports.Compile(exports.Host{Name: "the firewall", Own: q.Place != engine.Through, Profile: q.Space.Profile}, files)
	diags = append(diags, more...)
	q.Firewall = fw
	t := &Trace{Steps: []Step{}, DependsOn: []string{}}
	whole := q.Space
	q.Observe = func(s engine.Step) {
		if !silent(s) {
			t.Steps = append(t.Steps, step(s, &whole))
		}
	}
	if err := checkTables(fw, p.Tables); err != nil {
		return nil, diags.Sorted(), err
	}
	result := engine.Evaluate(q)
	t.judge(result)
	return t, diags.Sorted(), ctx.Err()
}

// silent tells of a step that no line of an export stands for and that did nothing:
// what a compiler adds for the other family, or for tables that nobody exported.
func silent(s engine.Step) bool {
	if s.Rule == nil {
		return s.Chain.Span.IsZero() && s.Chain.Default.Kind != model.Drop
	}
	return s.Rule.Synthetic() || s.Rule.Span.IsZero() && s.Effect == engine.EffectNoMatch
}

// checkTables refuses a table that the firewall does not have.
func checkTables(fw *model.Firewall, names []string) error {
	var legal []string
	for _, c := range fw.Chains {
		if c.Table != "" && !slices.Contains(legal, c.Table) {
			legal = append(legal, c.Table)
		}
	}
	for _, name := range names {
		if !slices.Contains(legal, name) {
			return fmt.Errorf("--table %q is not in the exports. %s", name, diag.Legal(name, legal))
		}
	}
	return nil
}

func (t *Trace) judge(r engine.Result) {
	leg := &r.Legs[0]
	switch {
	case leg.Need.Within(r.Surely):
		t.Verdict = "allowed"
	case r.May.IsEmpty():
		t.Verdict = "blocked"
	default:
		t.Verdict = "conditional"
	}
	for _, c := range leg.DependsOn(leg.May.SubtractSet(leg.Surely)) {
		text := c.Text
		if !c.Span.IsZero() {
			l := c.Span.Location()
			text = fmt.Sprintf("%s (%s:%d)", text, l.File, l.Line)
		}
		t.DependsOn = append(t.DependsOn, text)
	}
	if missing := leg.Need.SubtractSet(leg.May); t.Verdict == "conditional" && !missing.IsEmpty() {
		t.DependsOn = append(t.DependsOn, "which packet it is: blocked is "+missing[0].String())
	}
	for _, p := range leg.Parts {
		if p.Redirected {
			t.Steps = append(t.Steps, Step{Effect: "delivered to the firewall itself", Hook: p.Hook.String()})
		}
	}
}

// step makes a step as the report has it.
func step(s engine.Step, whole *packet.Box) Step {
	out := Step{Effect: string(s.Effect), Hook: s.Hook.String(), Depth: s.Depth, Fields: s.Fields,
		Chain: strings.TrimPrefix(s.Chain.Table+"/"+s.Chain.Name, "/")}
	span := s.Chain.Span
	if s.Rule != nil {
		span = s.Rule.Span
	} else {
		out.Effect = "default: " + s.Chain.Default.Kind.String()
	}
	if !span.IsZero() {
		l := span.Location()
		out.File, out.Line, out.Text = l.File, l.Line, span.Text()
	}
	seen := s.Space
	seen.State, seen.In, seen.Out, seen.Flags = whole.State, whole.In, whole.Out, whole.Flags
	if !whole.Within(&seen) {
		out.Packets = seen.String()
	}
	for _, c := range s.Choice.Choices() {
		out.Given = append(out.Given, holding(c.Condition, c.Holds()))
	}
	if len(out.Given) > 0 && s.Effect != engine.EffectNoMatch {
		out.Effect = "perhaps " + out.Effect
	}
	return out
}

// read reads exports anywhere on the disk, each below its own folder.
func read(paths []string, format string) ([]*exports.File, diag.List) {
	var files []*exports.File
	var diags diag.List
	for _, path := range paths {
		raw, err := readFile(path)
		if err != nil {
			diags.Add(diag.Diagnostic{Severity: diag.Error, Origin: diag.Usage, Summary: err.Error()})
			continue
		}
		f, more := exports.Parse(filepath.ToSlash(path), raw, format)
		files, diags = append(files, f), append(diags, more...)
	}
	return files, diags
}

func readFile(path string) ([]byte, error) {
	t, err := tree.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer t.Close()
	return t.Read(filepath.Base(path))
}

// query makes the engine's question of the words.
func (p Packet) query() (engine.Query, error) {
	q := engine.Query{Space: packet.Any(), Only: p.Tables}
	b := &q.Space
	b.Family = packet.IPv4
	var err error
	if b.Src, b.Family, err = parseAddrs("--src", p.Src, b.Family); err != nil {
		return q, err
	}
	if b.Dst, b.Family, err = parseAddrs("--dst", p.Dst, b.Family); err != nil {
		return q, err
	}
	if p.Src != "" && p.Dst != "" {
		if _, f, _ := parseAddrs("--src", p.Src, 0); f != b.Family {
			return q, fmt.Errorf("--src %s and --dst %s are of different families", p.Src, p.Dst)
		}
	}
	if err := p.transport(b); err != nil {
		return q, err
	}
	places := map[string]engine.Place{"input": engine.Into, "forward": engine.Through, "output": engine.OutOf}
	var ok bool
	if q.Place, ok = places[p.Hook]; !ok {
		return q, fmt.Errorf("--hook %q is unknown: %s", p.Hook, diag.Legal(p.Hook, []string{"input", "forward", "output"}))
	}
	if err := p.state(&q); err != nil {
		return q, err
	}
	if p.In != "" {
		b.In = packet.OneName(p.In)
	}
	if p.Out != "" {
		b.Out = packet.OneName(p.Out)
	}
	if p.Profile != "" {
		profiles := map[string]packet.Profiles{"domain": packet.Domain, "private": packet.Private, "public": packet.Public}
		if b.Profile, ok = profiles[p.Profile]; !ok {
			return q, fmt.Errorf("--profile %q is unknown: %s", p.Profile, diag.Legal(p.Profile, []string{"domain", "private", "public"}))
		}
	}
	return q, nil
}

func (p Packet) transport(b *packet.Box) error {
	if p.Protocol != "" && p.Protocol != "any" {
		n, ok := packet.ProtocolNumber(strings.ToLower(p.Protocol))
		if !ok {
			return fmt.Errorf("--protocol %q is neither a known name nor a number from 0 to 255", p.Protocol)
		}
		b.Protocol = packet.OneProtocol(n)
		if (n == packet.ICMP || n == packet.ICMPv6) && p.Dport != "" {
			t, code, hasCode := strings.Cut(p.Dport, "/")
			kind, err := strconv.ParseUint(t, 10, 8)
			first, last := packet.ICMPType(kind<<8), packet.ICMPType(kind<<8|255)
			if hasCode && err == nil {
				var c uint64
				c, err = strconv.ParseUint(code, 10, 8)
				first += packet.ICMPType(c)
				last = first
			}
			if err != nil {
				return fmt.Errorf("--dport %q is no ICMP type: it is a number, or type/code", p.Dport)
			}
			b.ICMP = packet.Span(first, last)
			return nil
		}
	}
	if (p.Sport != "" || p.Dport != "") && b.Protocol == packet.AnyProtocol {
		return fmt.Errorf("a port needs --protocol tcp or udp")
	}
	var err error
	if b.SrcPort, err = parsePorts("--sport", p.Sport); err != nil {
		return err
	}
	b.DstPort, err = parsePorts("--dport", p.Dport)
	return err
}

func (p Packet) state(q *engine.Query) error {
	states := map[string]packet.States{"new": packet.New, "established": packet.Established, "related": packet.Related, "invalid": packet.Invalid, "untracked": packet.Untracked}
	var ok bool
	if q.State, ok = states[p.State]; !ok {
		return fmt.Errorf("--state %q is unknown: %s", p.State, diag.Legal(p.State, []string{"new", "established", "related", "invalid", "untracked"}))
	}
	switch p.State {
	case "new", "related":
		q.Space.Flags = packet.FlagsOf(packet.SYN)
	case "established":
		q.Space.Flags = packet.FlagsOf(packet.ACK)
	}
	return nil
}

// parseAddrs reads an address, a prefix or first-last; "" is any address.
func parseAddrs(flag, text string, family packet.Family) (*packet.Addrs, packet.Family, error) {
	if text == "" {
		return nil, family, nil
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		set, f := packet.PrefixAddrs(p)
		return set, f, nil
	}
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	a, err := netip.ParseAddr(from)
	if err == nil {
		var b netip.Addr
		if b, err = netip.ParseAddr(to); err == nil && a.Is4() == b.Is4() && a.Compare(b) <= 0 {
			first, f := packet.FromNetip(a)
			last, _ := packet.FromNetip(b)
			return packet.Span(first, last), f, nil
		}
	}
	return nil, family, fmt.Errorf("%s %q is no address, prefix or first-last range", flag, text)
}

// parsePorts reads "22", "1024-65535" or a list of them; "" is any port.
func parsePorts(flag, text string) (*packet.Ports, error) {
	if text == "" {
		return nil, nil
	}
	var sets []*packet.Ports
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		a, err := strconv.ParseUint(from, 10, 16)
		b, err2 := strconv.ParseUint(to, 10, 16)
		if err != nil || err2 != nil || a > b {
			return nil, fmt.Errorf("%s %q is no port from 0 to 65535, range or list of them", flag, text)
		}
		sets = append(sets, packet.Span(packet.Port(a), packet.Port(b)))
	}
	return packet.Union(sets...), nil
}
