package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is a server that stores one secret and fails on demand. The scripts run against the real one.
type fake struct {
	*httptest.Server

	mu         sync.Mutex
	origin     string // of the page
	sealed     []byte
	state      string
	views      int
	passphrase bool
	calls      []string
	keys       []string                    // Idempotency-Keys of read
	faults     map[string]http.HandlerFunc // each replaces one answer
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{state: "live", faults: map[string]http.HandlerFunc{}}
	mux := http.NewServeMux()
	for pattern, call := range map[string]struct {
		name string
		do   func(*http.Request) (int, any)
	}{
		"GET /api/config":             {"config", f.config},
		"POST /api/secrets":           {"create", f.create},
		"GET /api/secrets/{id}":       {"status", f.status},
		"POST /api/secrets/{id}/read": {"read", f.read},
		"POST /api/secrets/{id}/ack":  {"ack", func(*http.Request) (int, any) { return 204, nil }},
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { f.answer(w, r, call.name, call.do) })
	}
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	f.change(func(f *fake) { f.origin = f.URL })
	return f
}

func (f *fake) answer(w http.ResponseWriter, r *http.Request, name string, do func(*http.Request) (int, any)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, name)
	status, body := do(r)
	if fault := f.faults[name]; fault != nil {
		delete(f.faults, name)
		fault(w, r)
		return
	}
	if body == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (f *fake) config(*http.Request) (int, any) {
	return 200, map[string]any{
		"origin": f.origin, "min_ttl": 300, "default_ttl": 86400, "max_ttl": 2592000, "max_views": 100,
		"max_envelope": 921600, "create": "anyone", "now": time.Now().UTC().Format(time.RFC3339),
	}
}

func (f *fake) create(r *http.Request) (int, any) {
	var body struct{ Envelope string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	f.sealed, _ = base64.RawURLEncoding.DecodeString(body.Envelope)
	f.views, f.passphrase = int(f.sealed[6]), f.sealed[4] == 1
	return 201, map[string]any{"id": "x", "expires_at": time.Now().UTC().Format(time.RFC3339)}
}

func (f *fake) status(*http.Request) (int, any) {
	return 200, map[string]any{
		"id": "x", "state": f.state, "views_left": f.views, "passphrase": f.passphrase,
		"expires_at": time.Now().UTC().Format(time.RFC3339),
	}
}

func (f *fake) read(r *http.Request) (int, any) {
	f.keys = append(f.keys, r.Header.Get("Idempotency-Key"))
	return 200, map[string]any{"envelope": base64.RawURLEncoding.EncodeToString(f.sealed), "views_left": f.views - 1}
}

// change changes the server's state.
func (f *fake) change(how func(*fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	how(f)
}

// fail makes the next call of this name take effect and then answer with the fault.
func (f *fake) fail(name string, fault http.HandlerFunc) {
	f.change(func(f *fake) { f.faults[name] = fault })
}

// keysOfReads returns the Idempotency-Keys of read.
func (f *fake) keysOfReads() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.keys
}

func (f *fake) called() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.calls, " ")
}

func problemAnswer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// result is the outcome of a run.
type result struct {
	code     int
	out, err string
}

func (r result) String() string { return fmt.Sprintf("exit %d, out %q, err %q", r.code, r.out, r.err) }

// sss runs the command without a terminal.
func sss(ctx context.Context, stdin string, args ...string) result {
	var out, errOut bytes.Buffer
	a := &app{in: strings.NewReader(stdin), out: &out, err: &errOut, random: zeros{}, terminal: noTerminal}
	return result{a.run(ctx, args), out.String(), errOut.String()}
}

func noTerminal() (*terminal, error) { return nil, errNoTerminal }

// zeros replaces randomness.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// send sends a secret to the fake and returns its link.
func (f *fake) send(t *testing.T, secret string, args ...string) string {
	t.Helper()
	r := sss(t.Context(), secret, append([]string{"send", "--server", f.URL}, args...)...)
	if r.code != 0 {
		t.Fatal(r)
	}
	f.change(func(f *fake) { f.calls = nil })
	return strings.TrimSpace(r.out)
}

func passphraseIn(t *testing.T, s string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
