package host

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func newGate() *Gate { return NewGate(status(http.StatusServiceUnavailable, "unavailable")) }

// servedBy sends a request to the gate, and sends the name of the handler that answered.
func servedBy(ctx context.Context, g *Gate, method, target string) <-chan string {
	by := make(chan string, 1)
	go func() {
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequestWithContext(ctx, method, target, nil))
		by <- w.Header().Get("Served-By")
	}()
	return by
}

func TestTheGateAlwaysAnswersTheProbe(t *testing.T) {
	gate := newGate()
	for _, when := range []string{"closed", "open"} {
		w := httptest.NewRecorder()
		gate.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		if w.Code != http.StatusOK || w.Header().Get("Served-By") != "" {
			t.Errorf("%s: %d by %q", when, w.Code, w.Header().Get("Served-By"))
		}
		gate.Ready(named("app"))
	}
}

func TestCallsWaitForTheApp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := newGate()
		calls := map[string]<-chan string{}
		for _, target := range []string{"/api/config", "/api/health", "/purge", "/?x", "//"} {
			calls["POST "+target] = servedBy(t.Context(), gate, http.MethodPost, target)
		}
		calls["HEAD /"] = servedBy(t.Context(), gate, http.MethodHead, "/")
		time.Sleep(gateLimit - 1)
		synctest.Wait()
		for name, by := range calls {
			if len(by) != 0 {
				t.Errorf("%s did not wait: %s", name, <-by)
			}
		}
		gate.Ready(named("app"))
		gate.Ready(named("a second app"))
		calls["late"] = servedBy(t.Context(), gate, http.MethodGet, "/api/config")
		for name, by := range calls {
			if got := <-by; got != "app" {
				t.Errorf("%s is served by %q", name, got)
			}
		}
	})
}

func TestCallsGetUnavailableAfterTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := newGate()
		start := time.Now()
		if by := <-servedBy(t.Context(), gate, http.MethodGet, "/api/config"); by != "unavailable" || time.Since(start) != 10*time.Second {
			t.Errorf("after %v: %q", time.Since(start), by)
		}
	})
}

// An empty 200 as a timer's answer would make the host hang.
func TestACallThatIsCutAtTheGateGetsUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		by := servedBy(ctx, newGate(), http.MethodPost, "/purge")
		synctest.Wait()
		cancel()
		synctest.Wait()
		if len(by) == 0 {
			t.Error("it goes on waiting")
		}
		if by := <-by; by != "unavailable" {
			t.Errorf("served by %q", by)
		}
	})
}
