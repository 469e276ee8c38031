package host

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/host/internal/transcript"
)

// serve sends a request with this target in its request line.
func serve(t *testing.T, h http.Handler, method, target string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestRequestsReachTheirFunction(t *testing.T) {
	app := newApp(t, map[string]Timer{"purge": done}, nil)
	for _, c := range []struct{ method, target, by, pattern, id string }{
		{"GET", "/api/config", "config", "/api/config", ""},
		{"HEAD", "/api/config", "config", "/api/config", ""},
		{"GET", "/api/config?code=x&x=%2F", "config", "/api/config", ""},
		{"GET", "/api/secrets/abc", "status", "/api/secrets/{id}", "abc"},
		{"HEAD", "/api/secrets/abc", "status", "/api/secrets/{id}", "abc"},
		{"DELETE", "/api/secrets/abc", "revoke", "/api/secrets/{id}", "abc"},
		{"POST", "/api/secrets/abc/read", "read", "/api/secrets/{id}/read", "abc"},
		{"GET", "http://any.example/api/config", "config", "/api/config", ""},

		{"GET", "/api/secrets/a%2Fb", "status", "/api/secrets/{id}", "a/b"},
		{"GET", "/api/secrets/a%252Fb", "status", "/api/secrets/{id}", "a%2Fb"}, // as the host sends %2F
		{"GET", "/api/secrets/%61bc", "status", "/api/secrets/{id}", "abc"},
		{"GET", "/api/secrets/%2E%2E", "status", "/api/secrets/{id}", ".."},
		{"GET", "/%61pi/config", "config", "/api/config", ""},

		{"POST", "/api/config", "not allowed", "/api/config", ""},
		{"POST", "/api/secrets/abc", "not allowed", "/api/secrets/{id}", "abc"},
		{"get", "/api/config", "not allowed", "/api/config", ""},

		{"GET", "/", "not found", "", ""},
		{"GET", "/api", "not found", "", ""},
		{"GET", "/api/", "not found", "", ""},
		{"GET", "/config", "not found", "", ""},
		{"GET", "/api/Config", "not found", "", ""},
		{"GET", "/api/config/", "not found", "", ""},
		{"GET", "/api/config/x", "not found", "", ""},
		{"GET", "/api%2Fconfig", "not found", "", ""},
		{"GET", "/api/secrets/", "not found", "", ""},
		{"POST", "/api/secrets//read", "not found", "", ""},
		{"OPTIONS", "*", "not found", "", ""},
		{"CONNECT", "any.example:443", "not found", "", ""},
		{"POST", "/api/purge", "not found", "", ""},
	} {
		for name, h := range map[string]http.Handler{"standalone": app.Standalone(), "hosted": app.Hosted()} {
			header := serve(t, h, c.method, c.target).Header()
			if header.Get("Served-By") != c.by || header.Get("Pattern") != c.pattern || header.Get("Id") != c.id {
				t.Errorf("%s: %s %s: %v, want %s, %q, %q", name, c.method, c.target, header, c.by, c.pattern, c.id)
			}
		}
	}
}

func TestPathsThatAreNotCleanAreNotRedirected(t *testing.T) {
	app := newApp(t, nil, nil)
	for _, target := range []string{"//", "///", "//api/config", "/api//config", "/api/./config", "/api/x/../config", "/api/config/.", "/api/config//",
		"/..", "/.", "/api/config/.."} {
		w := serve(t, app.Hosted(), http.MethodGet, target)
		if w.Code != http.StatusNotFound || w.Header().Get("Location") != "" || w.Header().Get("Pattern") != "" {
			t.Errorf("%s: %d %v", target, w.Code, w.Header())
		}
	}
}

func TestMethodNotAllowedNamesTheMethods(t *testing.T) {
	app := newApp(t, map[string]Timer{"purge": done}, nil)
	for target, want := range map[string]string{
		"/api/secrets/abc": "DELETE, GET, HEAD", "/api/secrets/abc/read": "POST", "/api/config": "GET, HEAD", "/purge": "POST"} {
		w := serve(t, app.Hosted(), http.MethodPatch, target)
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != want {
			t.Errorf("%s: %d, allow %q, want %q", target, w.Code, w.Header().Get("Allow"), want)
		}
	}
}

func TestStandaloneServesNoTimers(t *testing.T) {
	ran := false
	app := newApp(t, map[string]Timer{"purge": func(context.Context) error { ran = true; return nil }}, nil)
	for _, target := range []string{"/purge", "/api/purge"} {
		if w := serve(t, app.Standalone(), http.MethodPost, target); w.Code != http.StatusNotFound || ran {
			t.Errorf("%s: %d, ran %v", target, w.Code, ran)
		}
	}
}

func TestRecordedRequestsReachTheirFunction(t *testing.T) {
	const methods = `"get", "head", "post", "put", "patch", "delete"`
	functions := mustLoad(t, map[string]string{"plain": httpFunction(methods, "plain/a"), "deep": httpFunction(methods, "plain/{a}/{b}/{c}/{d}")})
	app, err := New(functions, handlersOf(functions))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range transcript.Load(t, transcripts, "proxy-*", "proxybase-*") {
		if c.Request == nil {
			continue // the host did not forward it
		}
		w := httptest.NewRecorder()
		app.Hosted().ServeHTTP(w, c.Request.HTTP(t))
		want := "plain"
		if c.Name == "proxy-encoded-path" {
			want = "deep"
		}
		if by := w.Header().Get("Served-By"); by != want {
			t.Errorf("%s: %s %s is served by %q", c.Name, c.Request.Method, c.Request.URL, by)
		}
	}
}

// checkReached checks that an HTTP function gets the requests of its route and methods.
func checkReached(t *testing.T, f Function) {
	t.Helper()
	app, err := New([]Function{f}, handlersOf([]Function{f}))
	if err != nil {
		t.Fatalf("%+v: %v", f.HTTP, err)
	}
	target := Prefix + strings.NewReplacer("{", "", "}", "").Replace(f.HTTP.Route)
	for _, method := range f.HTTP.Methods {
		if by := serve(t, app.Hosted(), method, target).Header().Get("Served-By"); by != f.Name {
			t.Errorf("%s %s is served by %q", method, target, by)
		}
	}
}
