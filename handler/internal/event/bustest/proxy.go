package bustest

import (
	"net"
	"sync"
	"testing"
)

// proxy forwards the connections of clients to the broker, with the faults that tests ask for.
type proxy struct {
	broker  string // its address
	address string

	mu       sync.Mutex
	listener net.Listener
	pipes    map[*pipe]bool // the open ones
	cuts     []*cut         // of the next pipes
	flow     chan struct{}  // closed while bytes flow
}

// cut is the number of bytes that may still pass before a connection is cut.
type cut struct {
	left    int64
	answers bool // count only the bytes of the broker
}

// pipe is a connection of a client, with its counterpart to the broker.
type pipe struct {
	client, broker net.Conn
	cut            *cut // nil: none
	frozen         bool
	ended          chan struct{}
}

func newProxy(broker string) *proxy {
	p := &proxy{broker: broker, address: "127.0.0.1:0", pipes: map[*pipe]bool{}, flow: make(chan struct{})}
	close(p.flow)
	return p
}

// Down refuses new connections and cuts the existing ones.
func (p *proxy) Down() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	for one := range p.pipes {
		p.end(one)
	}
}

// Up accepts connections again, at the same address.
func (p *proxy) Up(t testing.TB) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	l, err := net.Listen("tcp", p.address) //nolint:noctx // loopback
	must(t, err)
	p.listener, p.address = l, l.Addr().String()
	go p.accept(l)
}

// Hang stalls all connections, in both directions, until Resume.
func (p *proxy) Hang() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flow = make(chan struct{})
}

// Resume ends Hang. No byte is lost.
func (p *proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.flow)
}

// Freeze stalls the existing connections for ever, as if the peer had vanished.
// New connections are not affected.
func (p *proxy) Freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for one := range p.pipes {
		one.frozen = true
	}
}

// Cut cuts each of the next connections after so many bytes, counted in both directions.
func (p *proxy) Cut(after ...int64) { p.cut(false, after) }

// CutAnswers is Cut that counts only the bytes of the broker. Everything that the client sends before arrives.
func (p *proxy) CutAnswers(after ...int64) { p.cut(true, after) }

func (p *proxy) cut(answers bool, after []int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range after {
		p.cuts = append(p.cuts, &cut{n, answers})
	}
}

// Cuts returns how many cuts are left.
func (p *proxy) Cuts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.cuts)
}

func (p *proxy) accept(l net.Listener) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		broker, err := net.Dial("tcp", p.broker) //nolint:noctx // loopback
		if err != nil {
			_ = client.Close()
			continue
		}
		p.start(&pipe{client: client, broker: broker, ended: make(chan struct{})})
	}
}

func (p *proxy) start(one *pipe) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.cuts) > 0 {
		one.cut, p.cuts = p.cuts[0], p.cuts[1:]
	}
	p.pipes[one] = true
	go p.copy(one, one.broker, one.client)
	go p.copy(one, one.client, one.broker)
}

func (p *proxy) copy(one *pipe, to, from net.Conn) {
	defer p.forget(one)
	chunk := make([]byte, 4096)
	for {
		n, err := from.Read(chunk)
		if err != nil || !p.flowing(one) {
			return
		}
		granted := p.grant(one, from, n)
		if _, err := to.Write(chunk[:granted]); err != nil || granted < n {
			return
		}
	}
}

// flowing waits while the proxy hangs, and reports whether the pipe is still open.
func (p *proxy) flowing(one *pipe) bool {
	p.mu.Lock()
	flow := p.flow
	if one.frozen {
		flow = nil // blocks for ever
	}
	p.mu.Unlock()
	select {
	case <-flow:
		return true
	case <-one.ended:
		return false
	}
}

func (p *proxy) forget(one *pipe) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end(one)
}

// grant returns how many of n bytes from one side of the pipe may still pass.
func (p *proxy) grant(one *pipe, from net.Conn, n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if one.cut == nil || one.cut.answers && from != one.broker {
		return n
	}
	granted := min(one.cut.left, int64(n))
	one.cut.left -= granted
	return int(granted)
}

// end cuts a connection, unless it was cut before. It is called with mu held.
func (p *proxy) end(one *pipe) {
	if p.pipes[one] {
		delete(p.pipes, one)
		close(one.ended)
		_ = one.client.Close()
		_ = one.broker.Close()
	}
}
