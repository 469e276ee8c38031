package bustest

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy forwards the connections of clients to the broker, with the faults that tests ask for.
type proxy struct {
	broker  string
	address string

	mu       sync.Mutex
	listener net.Listener
	pipes    map[*pipe]struct{}
	cuts     []cut
	flow     chan struct{} // closed while bytes flow
}

// cut is the number of bytes after which a connection is cut.
type cut struct {
	after   int64
	answers bool // count only the bytes of the broker
}

// pipe is a connection of a client, with its counterpart to the broker.
type pipe struct {
	client, broker net.Conn
	left           atomic.Int64 // bytes until it is cut; negative: never
	answers        bool
	frozen         atomic.Bool
	ended          chan struct{}
	once           sync.Once
}

func newProxy(broker string) (*proxy, error) {
	p := &proxy{broker: broker, address: "127.0.0.1:0", pipes: map[*pipe]struct{}{}, flow: make(chan struct{})}
	close(p.flow)
	return p, p.up()
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
		one.end()
	}
}

// Up accepts connections again, at the same address.
func (p *proxy) Up(t testing.TB) {
	t.Helper()
	if err := p.up(); err != nil {
		t.Fatal(err)
	}
}

func (p *proxy) up() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, err := net.Listen("tcp", p.address) //nolint:noctx // loopback
	if err != nil {
		return err
	}
	p.listener, p.address = l, l.Addr().String()
	go p.accept(l)
	return nil
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
		one.frozen.Store(true)
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
		p.cuts = append(p.cuts, cut{n, answers})
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
	one.left.Store(-1)
	if len(p.cuts) > 0 {
		one.left.Store(p.cuts[0].after)
		one.answers = p.cuts[0].answers
		p.cuts = p.cuts[1:]
	}
	p.pipes[one] = struct{}{}
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
		granted := n
		if from == one.broker || !one.answers {
			granted = one.grant(n)
		}
		if _, err := to.Write(chunk[:granted]); err != nil || granted < n {
			return
		}
	}
}

// flowing waits while the proxy hangs, and reports whether the pipe is still open.
func (p *proxy) flowing(one *pipe) bool {
	p.mu.Lock()
	flow := p.flow
	p.mu.Unlock()
	if one.frozen.Load() {
		<-one.ended
	}
	select {
	case <-flow:
		return true
	case <-one.ended:
		return false
	}
}

func (p *proxy) forget(one *pipe) {
	one.end()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.pipes, one)
}

// grant returns how many of n bytes may still pass.
func (one *pipe) grant(n int) int {
	for {
		left := one.left.Load()
		if left < 0 {
			return n
		}
		granted := min(left, int64(n))
		if one.left.CompareAndSwap(left, left-granted) {
			return int(granted)
		}
	}
}

func (one *pipe) end() {
	one.once.Do(func() {
		close(one.ended)
		_ = one.client.Close()
		_ = one.broker.Close()
	})
}
