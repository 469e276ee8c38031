package host

import (
	"context"
	"net/http"
	"testing"
)

// named answers with its name, the request's pattern and its wildcard id.
func named(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Served-By", name)
		w.Header().Set("Pattern", r.Pattern)
		w.Header().Set("Id", r.PathValue("id"))
	})
}

func status(code int, name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		named(name).ServeHTTP(w, r)
		w.WriteHeader(code)
	})
}

// handlersOf returns a handler for each HTTP function, and no timers.
func handlersOf(functions []Function) Handlers {
	h := Handlers{HTTP: map[string]http.Handler{}, Timers: map[string]Timer{},
		NotFound: status(http.StatusNotFound, "not found"), MethodNotAllowed: status(http.StatusMethodNotAllowed, "not allowed")}
	for _, f := range functions {
		if f.HTTP != nil {
			h.HTTP[f.Name] = named(f.Name)
		}
	}
	return h
}

func done(context.Context) error { return nil }

// newApp has the HTTP functions status, revoke, read and config, and the given timers.
func newApp(t *testing.T, timers map[string]Timer, ran func(context.Context, Run)) *App {
	t.Helper()
	manifests := map[string]string{
		"status": httpFunction(`"get", "head"`, "secrets/{id}"),
		"revoke": httpFunction(`"delete"`, "secrets/{id}"),
		"read":   httpFunction(`"post"`, "secrets/{id}/read"),
		"config": httpFunction(`"get", "head"`, "config"),
	}
	for name := range timers {
		manifests[name] = timerManifest
	}
	functions := mustLoad(t, manifests)
	handlers := handlersOf(functions)
	handlers.Timers, handlers.Ran = timers, ran
	app, err := New(functions, handlers)
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func TestFunctionsAndHandlersMustMatch(t *testing.T) {
	functions := mustLoad(t, map[string]string{"status": httpManifest, "purge": timerManifest})
	for _, c := range []struct {
		name   string
		change func(*Handlers)
		want   string
	}{
		{"all", func(*Handlers) {}, ""},
		{"no HTTP handler", func(h *Handlers) { delete(h.HTTP, "status") }, "function status has no HTTP handler status"},
		{"no timer", func(h *Handlers) { delete(h.Timers, "purge") }, "function purge has no timer purge"},
		{"no function", func(h *Handlers) { h.Timers["rotate"] = done; h.HTTP["read"] = named("read") },
			"HTTP handler read has no function\ntimer rotate has no function"},
		{"another kind", func(h *Handlers) { delete(h.Timers, "purge"); h.HTTP["purge"] = named("purge") },
			"function purge has no timer purge\nHTTP handler purge has no function"},
	} {
		t.Run(c.name, func(t *testing.T) {
			handlers := handlersOf(functions)
			handlers.Timers["purge"] = done
			c.change(&handlers)
			_, err := New(functions, handlers)
			if got := errorText(err); got != c.want {
				t.Errorf("error %q, want %q", got, c.want)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestConflictingRoutesAreRefused(t *testing.T) {
	for name, manifests := range map[string]map[string]string{
		"a shared method":     {"one": httpFunction(`"post", "delete"`, "secrets/{id}"), "two": httpFunction(`"delete"`, "secrets/{id}")},
		"another wildcard":    {"one": httpFunction(`"post", "delete"`, "secrets/{id}"), "two": httpFunction(`"delete"`, "secrets/{key}")},
		"neither is narrower": {"one": httpFunction(`"post"`, "a/{b}"), "two": httpFunction(`"delete"`, "{a}/b")},
	} {
		functions := mustLoad(t, manifests)
		if _, err := New(functions, handlersOf(functions)); err == nil {
			t.Errorf("%s was taken", name)
		} else {
			t.Log(err)
		}
	}
	functions := mustLoad(t, map[string]string{"one": httpFunction(`"post"`, "secrets/{id}"), "two": httpFunction(`"delete"`, "secrets/{id}")})
	if _, err := New(functions, handlersOf(functions)); err != nil {
		t.Errorf("one route with two methods: %v", err)
	}
}
