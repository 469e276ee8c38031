package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/secretsharer/secretsharer/envelope"
)

// hostile has characters that control a terminal, reorder its text or are hidden in it.
const hostile = "\x1b[2J\x07\x08\r\x7f\u009b31m\u009d0;t\u009c\u00ad\u034f\u061c\u115f\u180e\u200b\u200d\u200e\u2028\u2029\u202e\u2066\u2069\u2060\u3164\ufe0f\ufeff\ufff9\U000e0041\U000f0000end"

// harmless fails the test if a text has a character of hostile, or is not UTF-8.
func harmless(t *testing.T, what, text string) {
	t.Helper()
	for i, r := range text {
		if strings.ContainsRune(strings.TrimSuffix(hostile, "end"), r) && !strings.ContainsRune("[2J31m0;t", r) || r == utf8.RuneError && text[i] != "\ufffd"[0] {
			t.Errorf("%s: %+q has %+q", what, text, r)
			return
		}
	}
}

// quotedHostile is hostile within JSON.
func quotedHostile(t *testing.T) string {
	t.Helper()
	b, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(string(b), `"`)
}

// answers are a server's answers with hostile text in each member, by path. %s is the text.
var answers = map[string]string{
	"GET /config.json":        `{"api":"%s"}`,
	"GET /api/config":         `{"origin":"%s","create":"%s","now":"2026-11-25T00:00:00Z","max_views":1,"max_envelope":9999,"default_ttl":600,"max_ttl":600}`,
	"POST /api/secrets":       `{"id":"%s","expires_at":"2026-11-25T00:00:00Z"}`,
	"GET /api/secrets/":       `{"id":"%s","state":"%s","reason":"%s","header":"AA","expires_at":"2026-11-25T00:00:00Z"}`,
	"GET /api/secrets/../rec": `{"id":"%s","state":"%s","reason":"%s","events":[{"at":"2026-11-25T00:00:00Z","event":"%s\n%s","held":true}]}`,
	"GET /api/quarantine":     `{"active":[` + hostileHold + `],"past":[` + hostileHold + `],"next":""}`,
	"POST /api/quarantine":    `{"hold":` + hostileHold + `,"event_sent":false,"reason":"%s"}`,
	"DELETE /api/quarantine/": `{"hold":` + hostileHold + `,"event_sent":true,"reason":"%s"}`,
}

const hostileHold = `{"id":"%s","scope":{"kind":"%s","week":"%s","name":"%s","version":"%s","prefix":"%s","id":"%s"},"modes":["%s"],` +
	`"reason":"%s","source":"%s","alert":"%s","release_reason":"%s","until":"2026-11-25T00:00:00Z","released_at":"2026-11-25T00:00:00Z"}`

const hostileProblem = `{"type":"/problems/%s","title":"%s","detail":"%s","reason":"%s","field":"%s","checks":{"%s":"%s"}}`

// TestNothingFromOthersControlsATerminal runs every command against a server that answers with hostile text
// in all places: with results, with problems, and in the head of an answer. A client does not repeat these calls.
func TestNothingFromOthersControlsATerminal(t *testing.T) {
	l := envelope.Link{Origin: "https://secrets.example", Key: [32]byte{1}, Slot: 3_000_000}
	link, manage := l.String(), envelope.ManageLink{Origin: "https://secrets.example", ID: l.ID()}.String()
	key := filepath.Join(t.TempDir(), "admin.key")
	if err := os.WriteFile(key, []byte("key"), 0o600); err != nil {
		t.Fatal(err)
	}
	commands := [][]string{
		{"send"}, {"send", "--origin", "https://secrets.example"}, {"open", link}, {"status", link}, {"revoke", link}, {"revoke", manage}, {"receipt", manage}, {"unlock", manage},
		{"hold", "--scope", "all", "--reason", "x", "--yes", "--admin-key-file", key},
		{"hold", "--scope", "all", "--dry-run", "--admin-key-file", key},
		{"holds", "--past", "--admin-key-file", key}, {"release", "x", "--reason", "y", "--admin-key-file", key},
	}
	for name, server := range hostileServers(t) {
		for _, command := range commands {
			for _, more := range [][]string{nil, {"--json"}} {
				args := append(append([]string{"--server", server}, command...), more...)
				r := sss(t.Context(), "hunter2", args...)
				what := fmt.Sprintf("%s: sss %s", name, strings.Join(append(command, more...), " "))
				harmless(t, what+", standard output", r.out)
				harmless(t, what+", standard error", r.err)
				if more != nil && r.out != "" && !json.Valid([]byte(r.out)) {
					t.Errorf("%s: not JSON: %q", what, r.out)
				}
			}
		}
	}
}

func hostileServers(t *testing.T) map[string]string {
	t.Helper()
	quoted := quotedHostile(t)
	fill := func(text string) []byte { return []byte(strings.ReplaceAll(text, "%s", quoted)) }
	results := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		path := r.Method + " " + r.URL.Path
		if strings.HasSuffix(path, "/receipt") {
			path = "GET /api/secrets/../rec"
		}
		for prefix, text := range answers {
			if path == prefix || strings.HasSuffix(prefix, "/") && strings.HasPrefix(path, prefix) {
				_, _ = w.Write(fill(text))
				return
			}
		}
		w.Header().Del("Content-Type")
		w.WriteHeader(http.StatusNoContent)
	})
	problems := func(status int, slug string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(status)
			_, _ = w.Write(fill(strings.Replace(hostileProblem, "%s", slug, 1)))
		})
	}
	servers := map[string]string{
		"a status line": rawServer(t, "HTTP/1.1 404 "+strings.ReplaceAll(hostile, "\r", "")+"\r\nContent-Length: 0\r\n\r\n"),
		"a redirect":    rawServer(t, "HTTP/1.1 302 Found\r\nLocation: https://a.example/\u009b31m\u202e%zz\r\nContent-Length: 0\r\n\r\n"),
		"a media type":  rawServer(t, "HTTP/1.1 200 OK\r\nContent-Type: \u009b31m\u202e/json\r\nContent-Length: 0\r\n\r\n"),
	}
	for name, handler := range map[string]http.Handler{
		"results": results, "a problem": problems(418, "%s"), "gone": problems(410, "gone"), "invalid": problems(400, "invalid"), "frozen": problems(423, "frozen"),
		"unauthorized": problems(401, "unauthorized"), "full": problems(507, "full"), "not found": problems(404, "not-found"),
	} {
		s := httptest.NewServer(handler)
		t.Cleanup(s.Close)
		servers[name] = s.URL
	}
	return servers
}

// rawServer answers each connection with these bytes.
func rawServer(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = conn.Write([]byte(answer))
			_ = conn.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

// TestNothingFromASenderControlsATerminal opens a text and a file whose name and data are hostile.
func TestNothingFromASenderControlsATerminal(t *testing.T) {
	for _, sent := range [][]string{nil, {"--name", hostile + ".txt"}} {
		f := newFake(t)
		link := f.send(t, hostile, sent...)
		for _, args := range [][]string{{"--json"}, {"--output", filepath.Join(t.TempDir(), "x")}, {"--json", "--output", filepath.Join(t.TempDir(), "x")}} {
			r := sss(t.Context(), "", append([]string{"open", link}, args...)...)
			harmless(t, strings.Join(args, " "), r.out+r.err)
			var got struct{ Name, Text string }
			if r.code != 0 || args[0] == "--json" && (json.Unmarshal([]byte(r.out), &got) != nil ||
				len(sent) > 0 && got.Name != hostile+".txt" || len(sent) == 0 && len(args) == 1 && got.Text != hostile) {
				t.Errorf("%v, decoded %+q", r, got)
			}
		}
	}
}
