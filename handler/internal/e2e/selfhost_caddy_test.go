//go:build selfhost

package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// fromMake returns a variable that make selfhost sets.
func fromMake(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: run make selfhost", name)
	}
	return value
}

// released returns the absolute path of a file that is part of a release.
func released(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "..", "selfhost", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// site is Caddy with the Caddyfile of the release and a certificate of its own
// authority.
type site struct {
	url  string
	root string // file of that authority's certificate
}

// startCaddy starts a site of this name, such as localhost:1234, in front of a handler.
func startCaddy(t *testing.T, name, upstream string) site {
	t.Helper()
	_, port, _ := net.SplitHostPort(name)
	dir := t.TempDir()
	config := filepath.Join(dir, "Caddyfile")
	text := fmt.Sprintf("{\n\tadmin off\n\thttps_port %s\n\tauto_https disable_redirects\n\tskip_install_trust\n\tstorage file_system %s\n}\nimport %s\n", port, dir, released(t, "Caddyfile"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(fromMake(t, "CADDY"), "run", "--config", config, "--adapter", "caddyfile")
	cmd.Env = []string{"SITE=" + name, "UPSTREAM=" + upstream, "HOME=" + dir}
	caddy := testkit.Start(t, cmd)
	s := site{"https://" + name, filepath.Join(dir, "pki", "authorities", "local", "root.crt")}
	testkit.Await(t, "certificate", func() bool {
		_, err := os.Stat(s.root)
		return err == nil
	}, caddy.Out)
	testkit.Await(t, "answer", func() bool {
		res, err := s.clientAt(t, "127.0.0.1").Get(s.url + "/api/health")
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
	}, caddy.Out)
	return s
}

// clientAt returns a client that calls from one of the machine's loopback addresses.
func (s site) clientAt(t *testing.T, address string) *http.Client {
	t.Helper()
	data, err := os.ReadFile(s.root)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(data)
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}, Timeout: 10 * time.Second}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DialContext: func(ctx context.Context, _, to string) (net.Conn, error) {
		_, port, _ := net.SplitHostPort(to)
		return dialer.DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", port))
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

// badCreate sends a create that is refused but counts against the rate limit, and
// returns the status.
func badCreate(t *testing.T, c *http.Client, url, forwarded string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/secrets", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if forwarded != "" {
		r.Header.Set("X-Forwarded-For", forwarded)
	}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// behindCaddy starts Caddy in front of a handler that allows three creates a minute.
func behindCaddy(t *testing.T, settings ...string) site {
	t.Helper()
	name := "localhost:" + strings.TrimPrefix(testkit.FreeAddress(t), "127.0.0.1:")
	p := standalone(t, append(settings, "SSS_RATE=3/m", "SSS_ORIGIN=https://"+name)...)
	return startCaddy(t, name, strings.TrimPrefix(p.url, "http://"))
}

func TestASecretGoesThroughCaddy(t *testing.T) {
	s := behindCaddy(t, "SSS_TRUSTED_PROXIES=127.0.0.1")
	expectHandOver(t, s.url, "SSL_CERT_FILE="+s.root)
}

func TestTheRateLimitCountsEachClientBehindCaddy(t *testing.T) {
	s := behindCaddy(t, "SSS_TRUSTED_PROXIES=127.0.0.1")
	one, other := s.clientAt(t, "127.0.0.2"), s.clientAt(t, "127.0.0.3")
	for range 3 {
		if got := badCreate(t, one, s.url, ""); got == http.StatusTooManyRequests {
			t.Fatal("refused within the limit")
		}
	}
	if got := badCreate(t, one, s.url, ""); got != http.StatusTooManyRequests {
		t.Errorf("above the limit: status %d", got)
	}
	if got := badCreate(t, one, s.url, "192.0.2.9"); got != http.StatusTooManyRequests {
		t.Errorf("above the limit, with a forged address: status %d", got)
	}
	if got := badCreate(t, other, s.url, ""); got == http.StatusTooManyRequests {
		t.Error("another client is refused because of the calls of the first")
	}
}

// The test above can fail: without the setting, all clients have the proxy's address.
func TestWithoutTrustedProxiesAllClientsCountAsOne(t *testing.T) {
	s := behindCaddy(t)
	one, other := s.clientAt(t, "127.0.0.2"), s.clientAt(t, "127.0.0.3")
	for range 3 {
		badCreate(t, one, s.url, "")
	}
	if got := badCreate(t, other, s.url, ""); got != http.StatusTooManyRequests {
		t.Errorf("status %d", got)
	}
}

func TestCaddySendsStrictTransportSecurity(t *testing.T) {
	s := behindCaddy(t, "SSS_TRUSTED_PROXIES=127.0.0.1")
	for _, path := range []string{"/", "/api/config"} {
		res, err := s.clientAt(t, "127.0.0.1").Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if got := res.Header.Values("Strict-Transport-Security"); len(got) != 1 || got[0] != "max-age=31536000" {
			t.Errorf("%s: %q", path, got)
		}
		if got := res.Header.Get("Content-Security-Policy"); path == "/" && got == "" {
			t.Error("the page has no Content-Security-Policy")
		}
	}
}

func TestTheCaddyfileIsValidAndFormatted(t *testing.T) {
	file := released(t, "Caddyfile")
	for _, args := range [][]string{{"validate", "--config", file, "--adapter", "caddyfile"}, {"fmt", "--diff", file}} {
		cmd := exec.CommandContext(t.Context(), fromMake(t, "CADDY"), args...)
		cmd.Env = []string{"SITE=localhost", "HOME=" + t.TempDir()}
		if _, stderr, code := run(t, cmd, ""); code != 0 {
			t.Errorf("%s exits with %d:\n%s", args[0], code, stderr)
		}
	}
}
