package host

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Too many connections cost the peer that has most of them, whoever comes next.
func TestSurplusConnectionsAreThoseOfTheirPeer(t *testing.T) {
	c := newConnections(nil, 3)
	for _, peer := range []string{"2001:db8:0:1::1", "192.0.2.1", "2001:db8:0:2::2", "192.0.2.3", "192.0.2.4", "192.0.2.5"} {
		idle, _ := net.Pipe()
		if out := c.add(&connection{Conn: idle, all: c, peer: network(netip.MustParseAddr(peer))}); out != nil {
			_ = out.Close()
		}
	}
	var left []string
	for peer, queue := range c.waiting {
		for range queue.Len() {
			left = append(left, peer.String())
		}
	}
	// The first of the /56 made room for 192.0.2.3. Then all had one, and the first ones went.
	slices.Sort(left)
	if want := []string{"192.0.2.3", "192.0.2.4", "192.0.2.5"}; c.open != 3 || !slices.Equal(left, want) {
		t.Errorf("%d are open: %v, want %v", c.open, left, want)
	}
}

// The connection that waited for longest is closed, and none whose request is handled.
func TestTheLongestSilentConnectionMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, busy := newPipes(), make(chan struct{})
		server := &http.Server{ConnContext: withConnection, Handler: handling(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/busy" {
				<-busy
			}
		}))}
		all := newConnections(l, 3)
		go func() { _ = server.Serve(all) }()
		working, answer := l.dial(t, "GET /busy HTTP/1.1\r\nHost: x\r\n\r\n")
		half, _ := l.dial(t, "GET / HTTP/1.1\r\nHost:")
		served, in := l.dial(t, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		readStatus(t, in)
		synctest.Wait()
		isClosed := func(conn net.Conn) bool {
			_ = conn.SetReadDeadline(time.Now().Add(time.Millisecond))
			_, err := conn.Read(make([]byte, 1))
			return errors.Is(err, io.EOF)
		}
		first, _ := l.dial(t, "G")
		if !isClosed(half) || isClosed(served) || isClosed(first) {
			t.Error("a fourth connection did not close the half-open one")
		}
		second, _ := l.dial(t, "G")
		if !isClosed(served) || isClosed(first) || isClosed(second) {
			t.Error("a fifth connection did not close the idle one")
		}
		close(busy)
		if status := readStatus(t, answer); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		for _, conn := range []net.Conn{working, half, served, first, second} {
			_ = conn.Close()
		}
		_ = server.Close()
		synctest.Wait()
		if all.open != 0 || len(all.waiting) != 0 {
			t.Errorf("%d connections and %d peers are kept", all.open, len(all.waiting))
		}
	})
}
