package host

import (
	"container/list"
	"context"
	"net"
	"net/http"
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
// are too many, it closes the one that has waited for longest without the complete header
// of a request, so that silent connections cannot keep out others. Safe for concurrent use.
type connections struct {
	net.Listener
	most int

	mu      sync.Mutex
	open    int
	waiting *list.List // of *connection: those without a request, the longest waiting first
}

// connection is one of the connections.
type connection struct {
	net.Conn
	all *connections

	closed bool
	place  *list.Element // in waiting; nil while a request is handled
}

type connectionKey struct{}

func newConnections(l net.Listener, most int) *connections {
	return &connections{Listener: l, most: most, waiting: list.New()}
}

// Accept implements [net.Listener].
func (c *connections) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err //nolint:wrapcheck // net/http compares it
	}
	if tcp, is := conn.(*net.TCPConn); is {
		_ = tcp.SetReadBuffer(kernelBuffer) // best effort: without it they are larger
		_ = tcp.SetWriteBuffer(kernelBuffer)
	}
	own := &connection{Conn: conn, all: c}
	if surplus := c.add(own); surplus != nil {
		_ = surplus.Close()
	}
	return own, nil
}

// add adds a connection, and returns the one to close instead if there are too many.
func (c *connections) add(own *connection) (surplus *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open++
	own.place = c.waiting.PushBack(own)
	if c.open > c.most {
		surplus, _ = c.waiting.Front().Value.(*connection)
	}
	return surplus
}

// Close implements [net.Conn].
func (c *connection) Close() error {
	c.all.mu.Lock()
	if !c.closed {
		c.closed = true
		c.all.open--
	}
	c.all.mu.Unlock()
	c.wait(false)
	return c.Conn.Close() //nolint:wrapcheck // of the same interface
}

// CloseWrite lets net/http end an answer before it closes the connection.
func (c *connection) CloseWrite() error {
	if tcp, is := c.Conn.(*net.TCPConn); is {
		return tcp.CloseWrite() //nolint:wrapcheck // of the same interface
	}
	return nil
}

// wait records whether the connection waits for a request.
func (c *connection) wait(waits bool) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if c.place != nil {
		c.all.waiting.Remove(c.place)
		c.place = nil
	}
	if waits && !c.closed {
		c.place = c.all.waiting.PushBack(c)
	}
}

// withConnection is the ConnContext of an [http.Server] on connections.
func withConnection(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}

// handling returns a handler whose connections do not wait while next handles a request.
func handling(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, is := r.Context().Value(connectionKey{}).(*connection); is {
			c.wait(false)
			defer c.wait(true)
		}
		next.ServeHTTP(w, r)
	})
}
