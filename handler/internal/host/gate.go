package host

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// gateLimit is how long a call waits for the app.
const gateLimit = 10 * time.Second

// Gate serves requests before the app is ready. It always answers the host's
// probe, GET /, at once, because the host sends no calls before that. Every other
// call waits for the app, 10 s at most. Safe for concurrent use.
type Gate struct {
	unavailable http.Handler
	once        sync.Once
	ready       chan struct{}
	app         http.Handler // set before ready is closed
}

// NewGate returns a closed gate. Calls that reach the limit go to unavailable,
// which should answer 503 with Retry-After.
func NewGate(unavailable http.Handler) *Gate {
	return &Gate{unavailable: unavailable, ready: make(chan struct{})}
}

// Ready opens the gate to the app. Only the first call counts.
func (g *Gate) Ready(app http.Handler) {
	g.once.Do(func() {
		g.app = app
		close(g.ready)
	})
}

func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" && r.Method == http.MethodGet {
		w.WriteHeader(http.StatusOK)
		return
	}
	select {
	case <-g.ready:
		g.app.ServeHTTP(w, r)
	default:
		g.wait(w, r)
	}
}

// wait delays a call until the app is ready.
func (g *Gate) wait(w http.ResponseWriter, r *http.Request) {
	limit, cancel := context.WithTimeout(r.Context(), gateLimit)
	defer cancel()
	select {
	case <-g.ready:
		g.app.ServeHTTP(w, r)
	case <-limit.Done(): // net/http also ends it for a half-closed client, which must not get an empty 200
		g.unavailable.ServeHTTP(w, r)
	}
}
