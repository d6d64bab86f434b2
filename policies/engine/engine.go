// Package engine tells what a firewall does with connections.
//
// It is asked about a set of opening packets (a Query) and answers with the parts
// into which the firewall divides it (a Result): where each part's request,
// answers and following packets pass or end, which rule decides, and which
// undecided conditions had to be chosen to get there.
//
// The set walks the firewall's chains once, in pieces: a rule that matches a
// piece in part divides it. A condition that the export can't decide divides a
// piece into the case where it holds and the case where it doesn't, and the piece
// remembers its choice, so that the same condition gets the same answer later. The
// same packet may so be in several parts: it surely passes where all of them pass,
// and may pass where one does.
package engine

import (
	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// Place is how a connection meets a firewall.
type Place uint8

// The places.
const (
	Through  Place = iota // between two other hosts
	Into                  // the firewall's host is the destination
	OutOf                 // the firewall's host opens it
	Loopback              // from the host to itself
)

// Leg is a part of a connection.
type Leg uint8

// The legs.
const (
	Request  Leg = iota // the opening packet
	Reply               // the answers
	FollowUp            // what the opener sends from then on
)

func (l Leg) String() string { return [...]string{"request", "reply", "follow-up"}[l] }

// Query asks about connections through one firewall.
type Query struct {
	Firewall *model.Firewall
	Place    Place
	// Space is the set of opening packets, as they arrive at the firewall, of one
	// family. In and Out are the interfaces they use, Profile, Program and Service
	// what is known of the host; what is not known is left open there, and the
	// result says where it matters. State and Flags are set by the engine.
	Space packet.Box
	// Answers tells whether the opener waits for an answer.
	Answers bool
	// Own are the firewall's own addresses of the family, as far as known.
	Own *packet.Addrs
	// Elsewhere returns other hosts' addresses, as far as known: what the destination
	// sends to them does not come to the firewall. It may be nil.
	Elsewhere func(packet.Family) *packet.Addrs
	// Assume answers conditions for the team, where it can; it may be nil.
	Assume func(*model.Condition) (holds, known bool)
	// Observe is told what each rule does; it may be nil.
	Observe func(Step)
	// Only limits the walk to these tables where it is not empty.
	Only []string
	// State is the connection state of a single packet: where it is set, only the
	// request leg is walked, with packets of that state and Space's flags.
	State packet.States
}

// Decision is what ends a packet's way through a chain: a rule, or the chain's default.
type Decision struct {
	Chain *model.Chain
	Rule  *model.Rule // nil: the chain's default
	// Calls are the rules that jumped there, outermost first.
	Calls []*model.Rule
	// Note says what happened where no rule and no default did it.
	Note string
}

// Choice is an answer that was given to an undecided condition.
type Choice struct {
	Condition *model.Condition
	id        int
	value     uint8 // 1: it holds; 0: not; 2: an undecided target goes on
	of        uint8 // how many values there are
	before    *Choice
}

// Part is a set of connections that fare alike on one leg.
type Part struct {
	// Space are their opening packets as they arrive: family, protocol, addresses, ports.
	Space packet.Box
	// Leaves is the opening packet as it leaves the firewall.
	Leaves packet.Box
	Passes bool
	Hook   model.Hook
	By     Decision
	// Choice is the last of the choices that lead here, nil where none was made.
	Choice *Choice
	// Redirected tells that NAT delivers it to the firewall itself.
	Redirected bool

	seen  packet.Box // the packet with its open dimensions (interfaces, profile …)
	flags packet.Flags
	piece piece
}

// LegResult is how the connections fare on one leg.
type LegResult struct {
	Leg Leg
	// Need are the opening packets whose connections come to this leg.
	Need packet.Set
	// Surely and May are those of them that surely and that possibly pass it.
	Surely, May packet.Set
	// Parts divides them; parts may overlap where choices were made.
	Parts []Part
	// Accepts names the rules that let packets pass.
	Accepts []Part
}

// Result is how connections fare at one firewall.
type Result struct {
	Legs []LegResult
	// Surely and May are the opening packets whose whole connection surely and possibly passes.
	Surely, May packet.Set
}

// Limits on the work for one query. What exceeds them is undecided, and says so.
const (
	// MaxPieces bounds the pieces into which one query may be divided: those on their
	// way, and those that chains have accepted or ended.
	MaxPieces = 10_000
	// MaxSteps bounds how many rules may be tried on pieces.
	MaxSteps = 50_000_000
)

// Evaluate answers a query.
func Evaluate(q Query) Result {
	var tcp, other packet.Box = q.Space, q.Space
	tcp.Protocol = packet.OneProtocol(packet.TCP)
	other.Protocol = packet.OneProtocol(packet.TCP).Not()
	var result Result
	for _, space := range []packet.Box{tcp.Intersect(q.Space), other.Intersect(q.Space)} {
		if !space.IsEmpty() {
			result.add(evaluate(q, space))
		}
	}
	return result
}

// add puts the result of another part of the space beside r's.
func (r *Result) add(o Result) {
	for i, leg := range o.Legs {
		if i == len(r.Legs) {
			r.Legs = append(r.Legs, leg)
			continue
		}
		mine := &r.Legs[i]
		mine.Need = append(mine.Need, leg.Need...)
		mine.Surely = append(mine.Surely, leg.Surely...)
		mine.May = append(mine.May, leg.May...)
		mine.Parts = append(mine.Parts, leg.Parts...)
		mine.Accepts = append(mine.Accepts, leg.Accepts...)
	}
	r.Surely = append(r.Surely, o.Surely...)
	r.May = append(r.May, o.May...)
}

// The TCP packets of each leg of a connection that is opened, used and closed.
var legFlags = [...]packet.Flags{
	Request:  packet.FlagsOf(packet.SYN),
	Reply:    packet.FlagsOf(packet.SYN|packet.ACK, packet.ACK, packet.PSH|packet.ACK, packet.FIN|packet.ACK, packet.FIN|packet.PSH|packet.ACK),
	FollowUp: packet.FlagsOf(packet.ACK, packet.PSH|packet.ACK, packet.FIN|packet.ACK, packet.FIN|packet.PSH|packet.ACK),
}

// flags are the TCP flags of a leg's packets.
func (w *walk) flags(leg Leg) packet.Flags {
	switch {
	case !w.tcp:
		return packet.AnyFlags
	case w.query.State != 0:
		return w.query.Space.Flags
	}
	return legFlags[leg]
}

func evaluate(q Query, space packet.Box) Result {
	w := &walk{query: q, tcp: space.Protocol.Contains(packet.TCP), unharmed: map[visit]packet.Set{}}
	start := piece{box: space, in: space.In, out: space.Out}
	request := w.leg(exchange{Request, w.flags(Request)}, []piece{start}, packet.Set{fiveTuple(space)})
	result := Result{Legs: []LegResult{request}, Surely: request.Surely, May: request.May}
	if q.State != 0 || !q.Answers || len(request.May) == 0 {
		return result
	}
	return w.converse(result)
}

// leg sends pieces through the hooks of one leg and sums up.
func (w *walk) leg(e exchange, pieces []piece, need packet.Set) LegResult {
	w.begin(e)
	for i := range pieces {
		pieces[i].box.Flags = e.flags
		pieces[i].mark, pieces[i].untracked, pieces[i].pickedUp = 0, false, 0
	}
	for _, hook := range w.hooks() {
		if pieces = w.hook(hook, pieces); len(pieces) == 0 {
			break
		}
	}
	for _, p := range pieces {
		w.arrive(p)
	}
	return w.sum(need)
}

// answerType turns an ICMP or ICMPv6 echo request into the reply and back; other
// types have no answer of their own type and stay.
func answerType(t *packet.ICMPTypes, leg Leg) *packet.ICMPTypes {
	whole := func(n packet.ICMPType) *packet.ICMPTypes { return packet.Span(n<<8, n<<8|255) }
	pairs := [][2]*packet.ICMPTypes{{whole(8), whole(0)}, {whole(128), whole(129)}}
	for _, pair := range pairs {
		if t != nil && leg == Reply && t.Within(pair[0]) {
			return pair[1]
		}
		if t != nil && leg == FollowUp && t.Within(pair[1]) {
			return pair[0]
		}
	}
	return t
}

// fiveTuple keeps what tells connections apart and opens the rest.
func fiveTuple(b packet.Box) packet.Box {
	out := packet.Any()
	out.Family, out.Protocol = b.Family, b.Protocol
	out.Src, out.Dst, out.SrcPort, out.DstPort, out.ICMP = b.Src, b.Dst, b.SrcPort, b.DstPort, b.ICMP
	return out
}
