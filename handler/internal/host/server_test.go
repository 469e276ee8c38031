package host

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/host/internal/transcript"
)

func TestAddressReadsTheHostsPort(t *testing.T) {
	for port, want := range map[string]string{"7071": "127.0.0.1:7071", "65535": "127.0.0.1:65535"} {
		addr, hosted, err := Address(environment(port))
		if addr != want || !hosted || err != nil {
			t.Errorf("%s: %s, %v, %v", port, addr, hosted, err)
		}
	}
	if addr, hosted, err := Address(environment("")); addr != "" || hosted || err != nil {
		t.Errorf("standalone: %s, %v, %v", addr, hosted, err)
	}
	for _, port := range []string{"0", "-1", "65536", "http", "7071 ", "127.0.0.1:7071"} {
		if _, _, err := Address(environment(port)); err == nil || !strings.Contains(err.Error(), portVariable) {
			t.Errorf("%s: %v", port, err)
		}
	}
}

func environment(port string) func(string) string {
	return func(name string) string { return map[string]string{portVariable: port}[name] }
}

// pipes is a listener in memory, for a synctest bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial opens a connection to which a request can be written in pieces.
func (p *pipes) dial(t *testing.T, text string) (net.Conn, *bufio.Reader) {
	t.Helper()
	client, server := net.Pipe()
	p.conns <- server
	if _, err := io.WriteString(client, text); err != nil {
		t.Fatal(err)
	}
	return client, bufio.NewReader(client)
}

// serving runs Serve in a bubble until the test ends.
func serving(t *testing.T, h http.Handler, test func(t *testing.T, l *pipes)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l, served := newPipes(), make(chan error)
		go func() { served <- Serve(ctx, l, h) }()
		test(t, l)
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

func answers(w http.ResponseWriter, r *http.Request) {
	_, err := io.Copy(io.Discard, r.Body)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		w.WriteHeader(http.StatusRequestTimeout)
	}
}

func readStatus(t *testing.T, in *bufio.Reader) int {
	t.Helper()
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}

func TestSilentConnectionsAreClosed(t *testing.T) {
	const headerLimit = 10 * time.Second
	for name, c := range map[string]struct {
		text  string
		after time.Duration
	}{
		"never a byte":   {"", headerLimit},
		"half a header":  {"GET / HTTP/1.1\r\nHost:", headerLimit},
		"idle afterward": {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			serving(t, http.HandlerFunc(answers), func(t *testing.T, l *pipes) {
				start := time.Now()
				_, in := l.dial(t, c.text)
				if strings.HasSuffix(c.text, "\r\n\r\n") {
					readStatus(t, in)
				}
				_, err := io.Copy(io.Discard, in)
				if took := time.Since(start); err != nil || took != c.after {
					t.Errorf("closed after %v, %v; want %v", took, err, c.after)
				}
			})
		})
	}
}

// The host's pool closes idle connections after a minute. If the server closed
// them first, a request could be lost.
func TestIdleConnectionsOutliveTheHostsPool(t *testing.T) {
	serving(t, http.HandlerFunc(answers), func(t *testing.T, l *pipes) {
		conn, in := l.dial(t, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		readStatus(t, in)
		time.Sleep(time.Minute + 30*time.Second)
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if status := readStatus(t, in); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		_ = conn.Close()
	})
}

func TestASlowBodyIsAnsweredAndCut(t *testing.T) {
	serving(t, http.HandlerFunc(answers), func(t *testing.T, l *pipes) {
		start := time.Now()
		conn, in := l.dial(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			for { // a byte every second
				if _, err := io.WriteString(conn, "x"); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		status := readStatus(t, in)
		if took := time.Since(start); status != http.StatusRequestTimeout || took != bodyLimit {
			t.Errorf("status %d after %v", status, took)
		}
		_ = conn.Close()
		<-gone
	})
}

func TestAnUnreadAnswerIsCut(t *testing.T) {
	var cut chan error
	serving(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, err := w.Write(make([]byte, 1<<20))
		cut <- err
	}), func(t *testing.T, l *pipes) {
		cut = make(chan error) // made in the bubble
		conn, _ := l.dial(t, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if err := <-cut; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("written: %v", err)
		}
		_ = conn.Close()
	})
}

func TestAnswerLimitCoversGateAndTimer(t *testing.T) {
	app := timerApp(t, "0 0 * * * *", func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	}, nil)
	var gate *Gate
	serving(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { gate.ServeHTTP(w, r) }), func(t *testing.T, l *pipes) {
		gate = newGate() // made in the bubble
		start := time.Now()
		conn, in := l.dial(t, "POST /purge HTTP/1.1\r\nHost: x\r\nContent-Length: 22\r\n\r\n"+`{"Data":{"timer":{} }}`)
		time.Sleep(gateLimit - 1)
		gate.Ready(app.Hosted())
		status := readStatus(t, in)
		if took := time.Since(start); status != http.StatusOK || took != gateLimit-1+TimerLimit {
			t.Errorf("status %d after %v", status, took)
		}
		_ = conn.Close()
	})
}

func TestARunEndsWhenTheHostDropsTheCall(t *testing.T) {
	ended := make(chan error, 1)
	app := timerApp(t, "0 0 * * * *", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		func(_ context.Context, r Run) { ended <- r.Err })
	serving(t, app.hosted, func(t *testing.T, l *pipes) {
		conn, _ := l.dial(t, "POST /purge HTTP/1.1\r\nHost: x\r\nContent-Length: 22\r\n\r\n"+`{"Data":{"timer":{} }}`)
		synctest.Wait()
		_ = conn.Close()
		synctest.Wait()
		if len(ended) == 0 || !errors.Is(<-ended, context.Canceled) {
			t.Error("it goes on")
		}
	})
}

func TestHeadersHaveALimit(t *testing.T) {
	serving(t, http.HandlerFunc(answers), func(t *testing.T, l *pipes) {
		for size, want := range map[int]int{15 << 10: http.StatusOK, 32 << 10: http.StatusRequestHeaderFieldsTooLarge} {
			client, server := net.Pipe()
			l.conns <- server
			go func() {
				_, _ = io.WriteString(client, "GET / HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("x", size)+"\r\n\r\n")
			}()
			if status := readStatus(t, bufio.NewReader(client)); status != want {
				t.Errorf("%d bytes: status %d, want %d", size, status, want)
			}
			_ = client.Close()
		}
	})
}

func TestHTTP10Works(t *testing.T) {
	serving(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "one")
		_ = http.NewResponseController(w).Flush()
		_, _ = io.WriteString(w, " two")
	}), func(t *testing.T, l *pipes) {
		_, in := l.dial(t, "GET /api/config HTTP/1.0\r\n\r\n")
		answer, err := io.ReadAll(in) // until the connection ends
		if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.0 200 OK\r\n") || !strings.HasSuffix(string(answer), "\r\n\r\none two") {
			t.Errorf("%q, %v", answer, err)
		}
	})
}

func TestTheRecordedBytesAreServed(t *testing.T) {
	c := transcript.Load(t, transcripts, "wire-timer")[0]
	functions := mustLoad(t, map[string]string{"timer": timerManifest})
	ran := make(chan Run, 1)
	app, err := New(functions, Handlers{Timers: map[string]Timer{"timer": done}, Ran: func(_ context.Context, r Run) { ran <- r }})
	if err != nil {
		t.Fatal(err)
	}
	gate := newGate()
	gate.Ready(app.Hosted())
	serving(t, gate, func(t *testing.T, l *pipes) {
		for _, text := range []string{c.Ping, c.Raw} {
			conn, in := l.dial(t, text)
			if status := readStatus(t, in); status != http.StatusOK {
				t.Errorf("%.20s: status %d", text, status)
			}
			_ = conn.Close()
		}
		if run := <-ran; run.InvocationID != "45db6db7-6eb5-457c-b309-262c1340223e" {
			t.Errorf("%+v", run)
		}
	})
}

func TestServeDrains(t *testing.T) {
	for name, c := range map[string]struct {
		took  time.Duration
		fails bool
	}{"a call that ends": {19 * time.Second, false}, "a call that does not": {time.Minute, true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				l, served := newPipes(), make(chan error)
				go func() {
					served <- Serve(ctx, l, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(c.took) }))
				}()
				_, in := l.dial(t, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				synctest.Wait()
				start := time.Now()
				cancel()
				synctest.Wait()
				if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
					t.Errorf("while it drains: %v", err)
				}
				answered := make(chan error, 1)
				go func() {
					_, err := in.ReadString('\n')
					answered <- err
				}()
				err := <-served
				if took := time.Since(start); (err != nil) != c.fails || took > drainLimit+time.Second {
					t.Errorf("drained after %v: %v", took, err)
				}
				if err := <-answered; (err != nil) != c.fails {
					t.Errorf("the call: %v", err)
				}
				time.Sleep(c.took) // the handler has to end within the bubble
			})
		})
	}
}

func TestServeClosesItsListener(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := newPipes()
	if err := Serve(ctx, l, http.NotFoundHandler()); err != nil {
		t.Error(err)
	}
	select {
	case <-l.closed:
	default:
		t.Error("it is open")
	}
}

func TestServeReportsABrokenListener(t *testing.T) {
	l := newPipes()
	_ = l.Close()
	if err := Serve(t.Context(), l, http.NotFoundHandler()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("error %v", err)
	}
}
