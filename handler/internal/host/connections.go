package host

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

const (
	// maxConnections is how many connections are open. Each takes some 20 KiB, and more
	// than that while its request's header arrives.
	maxConnections = 2048

	// kernelBuffer is the size of a connection's buffers in the kernel, in bytes; Linux
	// doubles it. They count against the memory of a container, too.
	kernelBuffer = 32 << 10
)

// connections is a listener that bounds how many of its connections are open. When there
// are too many, it closes one that waits for the complete header of a request: of the
// peer that has most of these, the one that has waited for longest. So silent connections
// of one peer cannot keep out others. Safe for concurrent use.
type connections struct {
	net.Listener
	most int

	mu      sync.Mutex
	open    int
	turn    uint64
	waiting map[netip.Addr]*list.List // of *connection by peer, the longest waiting first
}

// connection is one of the connections.
type connection struct {
	net.Conn
	all  *connections
	peer netip.Addr

	closed bool
	place  *list.Element // in waiting; nil while a request is handled
	since  uint64        // the turn in which it began to wait
}

type connectionKey struct{}

func newConnections(l net.Listener, most int) *connections {
	return &connections{Listener: l, most: most, waiting: map[netip.Addr]*list.List{}}
}

// Accept implements [net.Listener].
func (c *connections) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err //nolint:wrapcheck // net/http compares it
	}
	own := &connection{Conn: conn, all: c}
	if tcp, is := conn.(*net.TCPConn); is {
		_ = tcp.SetReadBuffer(kernelBuffer) // best effort: without it they are larger
		_ = tcp.SetWriteBuffer(kernelBuffer)
		if address, is := tcp.RemoteAddr().(*net.TCPAddr); is {
			own.peer = network(address.AddrPort().Addr())
		}
	}
	if surplus := c.add(own); surplus != nil {
		_ = surplus.Close()
	}
	return own, nil
}

// network returns what counts as one peer: an IPv4 address, an IPv6 /56.
func network(a netip.Addr) netip.Addr {
	if a = a.Unmap(); a.Is4() {
		return a
	}
	p, _ := a.Prefix(56)
	return p.Addr()
}

// add adds a connection, and returns the one to close if there are too many.
func (c *connections) add(own *connection) (surplus *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open++
	own.enqueue()
	if c.open <= c.most {
		return nil
	}
	size := 0
	for _, queue := range c.waiting {
		first, _ := queue.Front().Value.(*connection)
		if n := queue.Len(); n > size || n == size && first.since < surplus.since {
			surplus, size = first, n
		}
	}
	return surplus
}

// enqueue adds the connection to those that wait. all.mu must be held.
func (c *connection) enqueue() {
	queue := c.all.waiting[c.peer]
	if queue == nil {
		queue = list.New()
		c.all.waiting[c.peer] = queue
	}
	c.all.turn++
	c.since = c.all.turn
	c.place = queue.PushBack(c)
}

// dequeue removes the connection from those that wait. all.mu must be held.
func (c *connection) dequeue() {
	if c.place == nil {
		return
	}
	queue := c.all.waiting[c.peer]
	if queue.Remove(c.place); queue.Len() == 0 {
		delete(c.all.waiting, c.peer)
	}
	c.place = nil
}

// Close implements [net.Conn].
func (c *connection) Close() error {
	c.all.mu.Lock()
	if !c.closed {
		c.closed = true
		c.all.open--
		c.dequeue()
	}
	c.all.mu.Unlock()
	return c.Conn.Close() //nolint:wrapcheck // of the same interface
}

// CloseWrite lets net/http end an answer before it closes the connection.
func (c *connection) CloseWrite() error {
	if tcp, is := c.Conn.(*net.TCPConn); is {
		return tcp.CloseWrite() //nolint:wrapcheck // of the same interface
	}
	return nil
}

// withConnection is the ConnContext of an [http.Server] on connections.
func withConnection(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}

// handling returns a handler whose connections do not wait while next handles a request.
func handling(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, is := r.Context().Value(connectionKey{}).(*connection); is {
			c.handles(true)
			defer c.handles(false)
		}
		next.ServeHTTP(w, r)
	})
}

// handles records whether a request of the connection is handled.
func (c *connection) handles(request bool) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if c.dequeue(); !request && !c.closed {
		c.enqueue()
	}
}
