package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/rs/cors"
)

// withCORS lets the page, wherever its origin, and those of further origins call
// the API. No credentials: all that the API takes travels in headers of its own.
func withCORS(s *Settings, next http.Handler) http.Handler {
	return cors.New(cors.Options{
		AllowedOrigins: append([]string{s.Origin}, s.AllowedOrigins...),
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete},
		AllowedHeaders: []string{"Content-Type", "Idempotency-Key", "Secret-Access", "Secret-Claim", "Secret-Create", "Secret-Manage"},
		ExposedHeaders: []string{"Retry-After"},
		MaxAge:         600,
	}).Handler(next)
}

// welcome says where things are.
func welcome(out io.Writer, s *Settings, addr net.Addr) {
	data, keys := filepath.Join(s.Data, "store.db"), filepath.Join(s.Data, "keyring")
	if s.TableURL != "" {
		data = s.TableURL
	}
	if s.VaultURL != "" {
		keys = s.VaultURL
	}
	server := ""
	if s.Origin != "http://127.0.0.1:7071" { // where the command line looks by itself
		server = " --server " + s.Origin
	}
	_, _ = fmt.Fprintf(out, `Secure Secret Sharer %s listens on %s, for %s
secrets are in   %s   (lost with it)
sealing keys in  %s   (keep it apart from backups of the store; the operator's key beside it in admin.key)
send one with    printf 'my secret' | bin/sss send --ttl 1h%s
stop it with     Ctrl-C: what was answered is on disk
`, version, addr, s.Origin, data, keys, server)
}

// askHealth asks the process that these settings start whether it is ready.
func askHealth(ctx context.Context, environ []string) error {
	s, err := readSettings(environ)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	where := s.Listen
	if s.Hosted {
		where = s.HostAddress
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+reachable(where)+"/api/health?ready=1", nil)
	if err != nil {
		return fmt.Errorf("ask for health: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask for health: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: status %d", response.StatusCode)
	}
	return nil
}

// reachable turns the address of every interface into one that can be called.
func reachable(address string) string {
	name, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(name); err == nil && (name == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}
