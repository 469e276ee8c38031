//go:build e2e && attack

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

const (
	most    = 300 << 10       // KiB that a service may have resident under any attack
	patient = 5 * time.Second // an honest call is answered within this, under any attack

	large = 880_000 // characters of a secret close to the largest that is admitted
)

// proxied makes the service take a client's address from X-Forwarded-For, so that
// one machine can act as many clients.
const proxied = "SSS_TRUSTED_PROXIES=127.0.0.1"

// ip returns the n-th address of a group of clients.
func ip(group byte, n int) string { return fmt.Sprintf("10.%d.%d.%d", group, n>>8&255, n&255) }

// caller calls the API from one client address, and repeats nothing.
type caller struct {
	url, address string
	http         *http.Client
}

// callers returns a caller of each address; they share connections.
func callers(url string, group byte, n int) []*caller {
	all, shared := make([]*caller, n), pooled(n)
	for i := range all {
		all[i] = &caller{url, ip(group, i), shared}
	}
	return all
}

// pooled returns a client that keeps this many connections.
func pooled(connections int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}, Timeout: time.Minute}
}

// reply is an answer; its status is 0 if there was none.
type reply struct {
	status int
	body   []byte
	took   time.Duration
}

// problem returns the last part of the type of a problem.
func (r reply) problem() string {
	var p struct{ Type string }
	_ = json.Unmarshal(r.body, &p)
	return p.Type[strings.LastIndex(p.Type, "/")+1:]
}

func (c *caller) call(ctx context.Context, method, path string, header http.Header, body []byte) reply {
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	if header != nil {
		r.Header = header.Clone()
	}
	r.Header.Set("X-Forwarded-For", c.address)
	begun := time.Now()
	res, err := c.http.Do(r)
	if err != nil {
		return reply{took: time.Since(begun)}
	}
	data, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		return reply{took: time.Since(begun)}
	}
	return reply{res.StatusCode, data, time.Since(begun)}
}

func (c *caller) create(ctx context.Context, s *sent) reply {
	return c.call(ctx, http.MethodPost, "/api/secrets", http.Header{"Content-Type": {"application/json"}}, createBody(s))
}

// proofs returns the headers of every call about a secret.
func (s *sent) proofs(key client.Key) http.Header {
	encode := base64.RawURLEncoding.EncodeToString
	return http.Header{
		"Secret-Access": {encode(s.keys.Access[:])}, "Secret-Claim": {encode(s.keys.Claim[:])},
		"Secret-Manage": {encode(s.manage.Manage[:])}, "Idempotency-Key": {encode(key[:])},
	}
}

// wrong returns proofs in which one is not right.
func (s *sent) wrong(name string, key client.Key, n int) http.Header {
	h := s.proofs(key)
	h.Set(name, base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%032d", n)))
	return h
}

func (s *sent) path(operation string) string { return "/api/secrets/" + s.keys.ID.String() + operation }

func (c *caller) read(ctx context.Context, s *sent, key client.Key) reply {
	return c.call(ctx, http.MethodPost, s.path("/read"), s.proofs(key), nil)
}

func (c *caller) guess(ctx context.Context, s *sent, n int) reply {
	return c.call(ctx, http.MethodPost, s.path("/read"), s.wrong("Secret-Claim", newKey(), n), nil)
}

func (c *caller) status(ctx context.Context, s *sent) reply {
	return c.call(ctx, http.MethodGet, s.path(""), http.Header{"Secret-Access": s.proofs(client.Key{})["Secret-Access"]}, nil)
}

// stored seals a secret and has it stored, by a client whose limits nobody else uses up.
func stored(t testing.TB, url, text, passphrase string, views int) *sent {
	t.Helper()
	s, err := seal(url, text, passphrase, views)
	if err != nil {
		t.Fatal(err)
	}
	c := callers(url, 250, 1)[0]
	c.address = fmt.Sprintf("10.251.%d.%d", s.keys.ID[14], s.keys.ID[15])
	if got := c.create(t.Context(), s); got.status != http.StatusCreated {
		t.Fatalf("create: %d %s", got.status, got.body)
	}
	return s
}

// during runs the attackers side by side, and the honest clients meanwhile, for a
// time. An attacker does one thing and is called again until the time is over.
func during(t testing.TB, limit time.Duration, attackers []func(context.Context), honest func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var group sync.WaitGroup
	for _, attack := range attackers {
		group.Go(func() {
			for ctx.Err() == nil {
				attack(ctx)
			}
		})
	}
	for ctx.Err() == nil {
		honest(ctx)
	}
	group.Wait()
}

// times returns n attackers, made for their numbers.
func times(n int, attacker func(i int) func(context.Context)) (all []func(context.Context)) {
	for i := range n {
		all = append(all, attacker(i))
	}
	return all
}

// long returns how long an attack lasts: less with -short.
func long() time.Duration {
	if testing.Short() {
		return 4 * time.Second
	}
	return 8 * time.Second
}

// honestly returns an honest sender and reader, each time with another address, who
// use the client as it is. It reports calls that are not answered in time.
func honestly(t testing.TB, url string) func(context.Context) {
	var n atomic.Int64
	return func(context.Context) {
		i := n.Add(1)
		c, err := client.New(url, client.Options{Transport: from(ip(253, int(i)))})
		if err != nil {
			t.Error(err)
			return
		}
		s, err := seal(url, fmt.Sprintf("honest %d", i), "", 1)
		if err != nil {
			t.Error(err)
			return
		}
		in(t, "create", func(ctx context.Context) error { _, err := c.Create(ctx, s.keys, s.manage, s.sealed); return err })
		in(t, "read", func(ctx context.Context) error { return s.open(ctx, c, newKey()) })
	}
}

// in reports a call that fails or is not answered in time.
func in(t testing.TB, name string, do func(context.Context) error) {
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	begun := time.Now()
	if err := do(ctx); err != nil {
		t.Errorf("an honest %s, after %v: %v", name, time.Since(begun).Round(time.Millisecond), err)
	}
}

// from is a transport that a proxy gives this client address. Its connections are its own.
type from string

func (f from) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Forwarded-For", string(f))
	return honestTransport.RoundTrip(r)
}

var honestTransport = &http.Transport{MaxIdleConnsPerHost: 4}

// connection is a raw connection whose buffer for answers is as small as possible.
func connection(ctx context.Context, url string) (net.Conn, error) {
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 2048) })
	}}
	return d.DialContext(ctx, "tcp", strings.TrimPrefix(url, "http://"))
}

// rawRead sends a read over a connection of its own, and hands on the connection.
// Afterwards it closes it.
func rawRead(ctx context.Context, url, address string, s *sent, use func(net.Conn)) {
	conn, err := connection(ctx, url)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+s.path("/read"), nil)
	if err != nil {
		return
	}
	r.Header = s.proofs(newKey())
	r.Header.Set("X-Forwarded-For", address)
	if r.Write(conn) == nil {
		use(conn)
	}
}

// sip reads an answer at some 20 KB a second.
func sip(conn net.Conn) {
	buffer, tick := make([]byte, 1024), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := conn.Read(buffer); err != nil {
			return
		}
		<-tick.C
	}
}

// stare reads nothing of an answer but its first line, and hangs up if it is no success.
func stare(ctx context.Context) func(net.Conn) {
	return func(conn net.Conn) {
		line := make([]byte, len("HTTP/1.1 200"))
		if _, err := io.ReadFull(conn, line); err == nil && bytes.HasSuffix(line, []byte("200")) {
			<-ctx.Done()
		}
	}
}

// withhold sends a create except for its last byte.
func withhold(ctx context.Context, url, address string, body []byte) {
	conn, err := connection(ctx, url)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	_, _ = fmt.Fprintf(conn, "POST /api/secrets HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nX-Forwarded-For: %s\r\nContent-Length: %d\r\n\r\n", address, len(body))
	if _, err := conn.Write(body[:len(body)-1]); err == nil {
		_, _ = bufio.NewReader(conn).ReadString('\n')
	}
}

// expectSmall checks the peak of a process's resident memory, and that it still runs.
func expectSmall(t testing.TB, p *process) {
	t.Helper()
	peak := kibibytes(t, p.Cmd.Process.Pid, "VmHWM")
	t.Logf("%d MiB resident at most", peak>>10)
	if peak > most {
		t.Errorf("%d MiB resident, want at most %d", peak>>10, most>>10)
	}
	if !testkit.Answers(p.url + "/api/health") {
		t.Error("it no longer answers")
	}
}
