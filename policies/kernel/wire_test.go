//go:build linux

package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sumlint/sumlint/parsers/packet"
)

// wire is the event loop over all sockets of a lab: the listeners on each host and
// the clients of one run. It knows no other threads.
type wire struct {
	hosts   []*host
	epoll   int
	servers map[int]*server // by descriptor
	clients map[int]*exchange
	flows   []*exchange // of this run
	first   int         // the number of the run's first flow
	pending int
	next    int // the next flow's number
}

// server is a listener, a UDP socket or an accepted connection on a host.
type server struct {
	at        *host
	listens   bool
	udp       bool
	own, peer netip.AddrPort
	flow      *exchange
}

// exchange is the state of one flow.
type exchange struct {
	flow
	number                          int
	fd                              int
	outcome                         outcome
	connected, followed             bool
	serverSawEnd, clientSawEnd, end bool
	accepted                        int // the server's descriptor, with TCP
}

// The messages: a kind and the flow's number.
const (
	request  = 'Q'
	answer   = 'A'
	followUp = 'F'
	length   = 5
)

// firstSegmentSize is flow 0's maximum segment size; the kernel takes up to 32767.
const (
	firstSegmentSize = 1000
	segmentSizes     = 30000
)

func message(kind byte, number int) []byte {
	return binary.BigEndian.AppendUint32([]byte{kind}, uint32(number))
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}

func addrPort(sa unix.Sockaddr) netip.AddrPort {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port))
	}
	return netip.AddrPort{}
}

func domain(a netip.Addr) int {
	if a.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// newWire opens the listeners: one socket for each address and port.
func newWire(hosts []*host) (*wire, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	w := &wire{hosts: hosts, epoll: epoll, servers: map[int]*server{}, clients: map[int]*exchange{}}
	for _, h := range hosts {
		for _, a := range h.addrs {
			for _, port := range listenPorts {
				own := netip.AddrPortFrom(a, port)
				err = errors.Join(err, w.listen(h, own, true), w.listen(h, own, false))
			}
		}
	}
	return w, err
}

// restart makes the TCP listeners anew: connections of an earlier run that are half
// open would answer in their stead where a source port comes again. A listener is shut
// down first, since a process that is being forked may hold on to it for a moment.
func (w *wire) restart() error {
	var old []*server
	for fd, s := range w.servers {
		if !s.listens || s.udp {
			continue
		}
		if err := unix.Shutdown(fd, unix.SHUT_RDWR); err != nil {
			return fmt.Errorf("%s: shutdown of %s: %w", s.at.name, s.own, err)
		}
		unix.Close(fd)
		delete(w.servers, fd)
		old = append(old, s)
	}
	for _, s := range old {
		if err := w.listen(s.at, s.own, false); err != nil {
			return err
		}
	}
	return nil
}

// backlog is how many connections may wait to be accepted.
const backlog = 1024

func (w *wire) close() {
	for fd := range w.servers {
		unix.Close(fd)
	}
	unix.Close(w.epoll)
}

func (w *wire) watch(fd int, events uint32) error {
	return unix.EpollCtl(w.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)})
}

func (w *wire) listen(h *host, own netip.AddrPort, udp bool) error {
	kind := unix.SOCK_STREAM
	if udp {
		kind = unix.SOCK_DGRAM
	}
	fd := -1
	err := h.do(func() (err error) {
		fd, err = unix.Socket(domain(own.Addr()), kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		return err
	})
	if err != nil {
		return err
	}
	w.servers[fd] = &server{at: h, listens: true, udp: udp, own: own}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return err
	}
	if err := unix.Bind(fd, sockaddr(own)); err != nil {
		return fmt.Errorf("%s: listening on %s: %w", h.name, own, err)
	}
	if !udp {
		if err := unix.Listen(fd, backlog); err != nil {
			return err
		}
	}
	return w.watch(fd, unix.EPOLLIN)
}

// run makes the flows, all at once, and tells what happened. It ends when each flow
// has ended or when nothing has happened for the idle time.
func (w *wire) run(flows []flow, idle time.Duration) ([]outcome, error) {
	if err := w.restart(); err != nil {
		return nil, err
	}
	if w.next+len(flows) > segmentSizes {
		w.next = 0
		for _, h := range w.hosts {
			if err := h.forgetSyns(); err != nil {
				return nil, err
			}
		}
	}
	w.first = w.next
	w.next += len(flows)
	w.flows, w.pending = nil, len(flows)
	for i, f := range flows {
		w.flows = append(w.flows, &exchange{flow: f, number: w.first + i, fd: -1})
	}
	defer w.hangUp()
	for _, e := range w.flows {
		if err := e.from.do(func() error { return w.open(e) }); err != nil {
			return nil, fmt.Errorf("%s: %w", e.flow, err)
		}
	}
	events := make([]unix.EpollEvent, 256)
	for last := time.Now(); w.pending > 0 && time.Since(last) < idle; {
		n, err := unix.EpollWait(w.epoll, events, int(pollInterval.Milliseconds()))
		if err != nil && err != unix.EINTR {
			return nil, err
		}
		for _, event := range events[:max(n, 0)] {
			w.handle(int(event.Fd))
		}
		if w.poll() || n > 0 {
			last = time.Now()
		}
	}
	out := make([]outcome, len(flows))
	for i, e := range w.flows {
		out[i] = e.outcome
	}
	return out, w.addSyns(out)
}

// addSyns completes the outcomes with the opening packets of TCP flows that got no answer.
func (w *wire) addSyns(out []outcome) error {
	unanswered := false
	for i, e := range w.flows {
		unanswered = unanswered || e.protocol == packet.TCP && !out[i].request
	}
	if !unanswered {
		return nil
	}
	for _, h := range w.hosts {
		seen, err := h.synsSeen()
		if err != nil {
			return err
		}
		for i, e := range w.flows {
			if e.protocol == packet.TCP && !out[i].request && seen[firstSegmentSize+e.number] {
				out[i].request, out[i].at = true, h.name
			}
		}
	}
	return nil
}

// hangUp closes the run's sockets, with a reset where TCP would wait.
func (w *wire) hangUp() {
	reset := func(fd int) {
		unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
		unix.Close(fd)
	}
	for fd := range w.clients {
		reset(fd)
		delete(w.clients, fd)
	}
	for fd, s := range w.servers {
		if !s.listens {
			reset(fd)
			delete(w.servers, fd)
		}
	}
}

// open sends a flow's opening packet; on the thread of its host. An error that the
// firewall causes (a reject on output) ends the flow, others are returned.
func (w *wire) open(e *exchange) error {
	kind := unix.SOCK_STREAM
	if e.protocol == packet.UDP {
		kind = unix.SOCK_DGRAM
	}
	fd, err := unix.Socket(domain(e.src.Addr()), kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	e.fd, w.clients[fd] = fd, e
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return err
	}
	if err := unix.Bind(fd, sockaddr(e.src)); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	if e.protocol == packet.TCP {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_MAXSEG, firstSegmentSize+e.number); err != nil {
			return fmt.Errorf("segment size: %w", err)
		}
	}
	switch err := unix.Connect(fd, sockaddr(e.dst)); err {
	case nil, unix.EINPROGRESS:
	default:
		w.finish(e)
		return nil
	}
	events := uint32(unix.EPOLLIN)
	if e.protocol == packet.TCP {
		events |= unix.EPOLLOUT
	} else if _, err := unix.Write(fd, message(request, e.number)); err != nil {
		w.finish(e)
		return nil
	}
	return w.watch(fd, events)
}

func (w *wire) finish(e *exchange) {
	if !e.end {
		e.end = true
		w.pending--
	}
}

func (w *wire) handle(fd int) {
	if e := w.clients[fd]; e != nil {
		w.client(e)
		return
	}
	switch s := w.servers[fd]; {
	case s == nil:
	case s.udp:
		w.datagram(fd, s)
	case s.listens:
		w.accept(fd, s)
	default:
		w.stream(fd, s)
	}
}

// client goes on with a flow at the end that opened it.
func (w *wire) client(e *exchange) {
	if e.protocol == packet.TCP && !e.connected {
		if code, err := unix.GetsockoptInt(e.fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || code != 0 {
			w.drop(e)
			return
		}
		if _, err := unix.Getpeername(e.fd); err != nil {
			return
		}
		e.connected, e.outcome.answer = true, true
		unix.EpollCtl(w.epoll, unix.EPOLL_CTL_MOD, e.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(e.fd)})
		if _, err := unix.Write(e.fd, message(request, e.number)); err != nil {
			w.drop(e)
		}
		return
	}
	buffer := make([]byte, 64)
	n, err := unix.Read(e.fd, buffer)
	switch {
	case err == unix.EAGAIN:
	case err != nil:
		w.drop(e)
	case n == 0 && e.protocol == packet.TCP:
		e.clientSawEnd = true
		unix.EpollCtl(w.epoll, unix.EPOLL_CTL_DEL, e.fd, nil)
	case n >= length && buffer[0] == answer:
		e.outcome.answer = true
		if _, err := unix.Write(e.fd, message(followUp, e.number)); err != nil {
			w.drop(e)
		}
		e.followed = e.protocol == packet.TCP
	}
}

// pollInterval is how often the loop looks at what no event tells.
const pollInterval = 4 * time.Millisecond

// poll goes on with TCP flows that wait for a bare acknowledgement, so that a flow
// is complete only if those pass both ways: the follow-up's before the client
// closes, the last one after both ends have. It tells whether anything has moved.
func (w *wire) poll() (moved bool) {
	for _, e := range w.flows {
		switch {
		case e.end:
		case e.followed:
			if n, err := unix.IoctlGetInt(e.fd, unix.SIOCOUTQ); err == nil && n == 0 {
				e.followed, moved = false, true
				unix.Shutdown(e.fd, unix.SHUT_WR)
			}
		case e.serverSawEnd && e.clientSawEnd:
			if info, err := unix.GetsockoptTCPInfo(e.accepted, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil && info.State == tcpClosed {
				e.outcome.followUp, moved = true, true
				w.finish(e)
			}
		}
	}
	return moved
}

// tcpClosed is TCP_CLOSE in linux/tcp_states.h.
const tcpClosed = 7

// drop ends a flow whose socket has failed.
func (w *wire) drop(e *exchange) {
	unix.EpollCtl(w.epoll, unix.EPOLL_CTL_DEL, e.fd, nil)
	w.finish(e)
}

// of returns this run's flow with the number in a message; nil for a late one.
func (w *wire) of(data []byte) *exchange {
	if len(data) < length {
		return nil
	}
	n := int(binary.BigEndian.Uint32(data[1:])) - w.first
	if n < 0 || n >= len(w.flows) {
		return nil
	}
	return w.flows[n]
}

// arrived notes where a flow's request came out.
func (e *exchange) arrived(s *server, peer netip.AddrPort) {
	e.outcome.request, e.outcome.at = true, s.at.name
	e.outcome.client, e.outcome.server = peer, s.own
}

func (w *wire) datagram(fd int, s *server) {
	buffer := make([]byte, 64)
	for {
		n, from, err := unix.Recvfrom(fd, buffer, 0)
		if err == unix.EAGAIN {
			return
		}
		if err != nil { // an ICMP error for an earlier answer
			continue
		}
		e := w.of(buffer[:n])
		if e == nil {
			continue
		}
		switch buffer[0] {
		case request:
			e.arrived(s, addrPort(from))
			unix.Sendto(fd, message(answer, e.number), 0, from)
		case followUp:
			e.outcome.followUp = true
			w.finish(e)
		}
	}
}

func (w *wire) accept(fd int, s *server) {
	for {
		n, from, err := unix.Accept4(fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err != nil {
			return
		}
		w.servers[n] = &server{at: s.at, own: s.own, peer: addrPort(from)}
		if err := w.watch(n, unix.EPOLLIN); err != nil {
			unix.Close(n)
			delete(w.servers, n)
		}
	}
}

// stream goes on with a TCP connection at the end that accepted it.
func (w *wire) stream(fd int, s *server) {
	buffer := make([]byte, 64)
	n, err := unix.Read(fd, buffer)
	switch {
	case err == unix.EAGAIN:
		return
	case err != nil || n == 0:
		if n == 0 && err == nil && s.flow != nil {
			unix.Shutdown(fd, unix.SHUT_WR)
			s.flow.serverSawEnd = true
		}
		unix.EpollCtl(w.epoll, unix.EPOLL_CTL_DEL, fd, nil)
		return
	}
	for data := buffer[:n]; len(data) >= length; data = data[length:] {
		e := w.of(data)
		if e == nil || data[0] != request {
			continue
		}
		s.flow, e.accepted = e, fd
		e.arrived(s, s.peer)
		unix.Write(fd, message(answer, e.number))
	}
}
