//go:build selfhost

package selfhost

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
)

// site is Caddy as Caddyfile has it, with a certificate of its own authority.
type site struct {
	url         string
	authorities string // file of that authority
}

// caddy starts the site before a handler.
func caddy(t *testing.T, name, upstream string) site {
	t.Helper()
	_, port, _ := net.SplitHostPort(name)
	folder := t.TempDir()
	settings, err := filepath.Abs("Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	around := filepath.Join(folder, "Caddyfile")
	text := fmt.Sprintf("{\n\tadmin off\n\thttps_port %s\n\tauto_https disable_redirects\n\tskip_install_trust\n\tstorage file_system %s\n}\nimport %s\n", port, folder, settings)
	if err := os.WriteFile(around, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(given(t, "CADDY"), "run", "--config", around, "--adapter", "caddyfile")
	cmd.Env = []string{"SITE=" + name, "UPSTREAM=" + upstream, "HOME=" + folder}
	out := start(t, cmd)
	s := site{"https://" + name, filepath.Join(folder, "pki", "authorities", "local", "root.crt")}
	await(t, "certificate", out, func() bool {
		_, err := os.Stat(s.authorities)
		return err == nil
	})
	await(t, "answer", out, func() bool {
		res, err := s.from(t, "127.0.0.1").Get(s.url + "/api/health")
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
	})
	return s
}

// from is a client that calls from one of this machine's loopback addresses.
func (s site) from(t *testing.T, address string) *http.Client {
	t.Helper()
	data, err := os.ReadFile(s.authorities)
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

// guess sends a create that counts and is refused, and returns the status.
func guess(t *testing.T, c *http.Client, url, forwarded string) int {
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

// behind starts Caddy before a handler that allows three creates a minute.
func behind(t *testing.T, settings ...string) site {
	t.Helper()
	name := "localhost:" + strings.TrimPrefix(freeAddress(t), "127.0.0.1:")
	return caddy(t, name, handler(t, append(settings, "SSS_RATE=3/m", "SSS_ORIGIN=https://"+name)...))
}

func TestASecretGoesThroughCaddy(t *testing.T) {
	s := behind(t, "SSS_TRUSTED_PROXIES=127.0.0.1")
	sss := func(stdin string, args ...string) (string, string, int) {
		cmd := exec.CommandContext(t.Context(), filepath.Join(given(t, "BIN"), "sss"), args...)
		cmd.Env = append(os.Environ(), "SSS_SERVER="+s.url, "SSL_CERT_FILE="+s.authorities)
		return run(t, cmd, stdin)
	}
	link, said, code := sss("db password: hunter2", "send", "--ttl", "1h")
	if code != 0 || !strings.HasPrefix(link, s.url+"/s#1") {
		t.Fatalf("send exits with %d: %q\n%s", code, link, said)
	}
	if text, said, code := sss("", "open", strings.TrimSpace(link)); code != 0 || text != "db password: hunter2" {
		t.Errorf("open exits with %d: %q\n%s", code, text, said)
	}
	if _, said, code := sss("", "open", strings.TrimSpace(link)); code != 3 {
		t.Errorf("the second open exits with %d:\n%s", code, said)
	}
}

func TestEachClientBehindCaddyIsCountedByItself(t *testing.T) {
	s := behind(t, "SSS_TRUSTED_PROXIES=127.0.0.1")
	one, other := s.from(t, "127.0.0.2"), s.from(t, "127.0.0.3")
	for range 3 {
		if got := guess(t, one, s.url, ""); got == http.StatusTooManyRequests {
			t.Fatal("refused within the limit")
		}
	}
	if got := guess(t, one, s.url, ""); got != http.StatusTooManyRequests {
		t.Errorf("above the limit: status %d", got)
	}
	if got := guess(t, one, s.url, "192.0.2.9"); got != http.StatusTooManyRequests {
		t.Errorf("above the limit, under a forged address: status %d", got)
	}
	if got := guess(t, other, s.url, ""); got == http.StatusTooManyRequests {
		t.Error("another client pays for the first one")
	}
}

// Without the setting all of them are the proxy: so the test above sees the difference.
func TestWithoutTrustedProxiesAllClientsAreOne(t *testing.T) {
	s := behind(t)
	one, other := s.from(t, "127.0.0.2"), s.from(t, "127.0.0.3")
	for range 3 {
		guess(t, one, s.url, "")
	}
	if got := guess(t, other, s.url, ""); got != http.StatusTooManyRequests {
		t.Errorf("status %d", got)
	}
}

func TestCaddyTellsBrowsersToStayWithTLS(t *testing.T) {
	s := behind(t, "SSS_TRUSTED_PROXIES=127.0.0.1")
	for _, path := range []string{"/", "/api/config"} {
		res, err := s.from(t, "127.0.0.1").Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if got := res.Header.Values("Strict-Transport-Security"); len(got) != 1 || got[0] != "max-age=31536000" {
			t.Errorf("%s: %q", path, got)
		}
		if got := res.Header.Get("Content-Security-Policy"); path == "/" && got == "" {
			t.Error("the page's policy is lost on the way")
		}
	}
}

func TestTheCaddyfileIsValidAndFormatted(t *testing.T) {
	for _, args := range [][]string{{"validate", "--config", "Caddyfile", "--adapter", "caddyfile"}, {"fmt", "--diff", "Caddyfile"}} {
		cmd := exec.CommandContext(t.Context(), given(t, "CADDY"), args...)
		cmd.Env = []string{"SITE=localhost", "HOME=" + t.TempDir()}
		if _, said, code := run(t, cmd, ""); code != 0 {
			t.Errorf("%s exits with %d:\n%s", args[0], code, said)
		}
	}
}
