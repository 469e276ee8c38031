package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

func (w *world) metrics() string {
	w.t.Helper()
	res := httptest.NewRecorder()
	w.watch.meter.ServeHTTP(res, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if res.Code != 200 || !strings.HasPrefix(res.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		w.t.Fatalf("%d %v", res.Code, res.Header())
	}
	return res.Body.String()
}

func TestMetricsCountCallsByOperationAndStatus(t *testing.T) {
	w := newWorld(t)
	s := w.send(terms{})
	w.want(s.create(), 200, "")
	w.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase")
	w.want(s.read(keyOf("a")), 200, "")
	w.want(s.read(keyOf("a")), 200, "")
	w.want(sealed(t, terms{}).status(), 404, "not-found")
	w.watch.ran(t.Context(), host.Run{Timer: "purge"})
	w.watch.ran(t.Context(), host.Run{Timer: "purge", Err: errors.New("x")})
	w.watch.purged(secret.Purged{Cleared: 3, Deleted: 2, Left: 1, Behind: time.Minute})
	w.watch.purged(secret.Purged{Cleared: 1})
	text := w.metrics()
	for _, line := range []string{
		`secretsharer_requests_total{operation="create",status="201"} 1`, `secretsharer_requests_total{operation="create",status="200"} 1`,
		`secretsharer_requests_total{operation="read",status="200"} 2`, `secretsharer_requests_total{operation="read",status="403"} 1`,
		`secretsharer_requests_total{operation="status",status="404"} 1`, `secretsharer_request_seconds_count{operation="read"} 3`,
		`secretsharer_timer_runs_total{timer="purge",result="done"} 1`, `secretsharer_timer_runs_total{timer="purge",result="failed"} 1`,
		`secretsharer_purge_cleared_total 4`, `secretsharer_purge_deleted_total 2`, `secretsharer_purge_left 0`, `secretsharer_purge_behind_seconds 0`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	for _, kept := range []string{s.id[:9], s.access, s.claim, "127.0.0.1"} {
		if strings.Contains(text, kept) {
			t.Errorf("the metrics hold %s", kept)
		}
	}
}

// The docs list the metrics, and there are no others of ours.
func TestMetricsAreThoseOfTheDocs(t *testing.T) {
	w := newWorld(t)
	w.send(terms{})
	w.watch.ran(t.Context(), host.Run{Timer: "purge"})
	w.watch.purged(secret.Purged{})
	docs, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	names := func(form, text string) []string {
		var all []string
		for _, m := range regexp.MustCompile(form).FindAllStringSubmatch(text, -1) {
			all = append(all, m[1])
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	got := append(names(`(?m)^(secretsharer_[a-z_]+?)(?:_bucket|_sum|_count)?[ {]`, w.metrics()), "secretsharer_events_dropped") // with Service Bus
	want := names("`(secretsharer_[a-z_]+)[`{]", string(docs))
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("metrics are\n%v, the docs list\n%v", got, want)
	}
}

func TestMetricsAnswerNothingElse(t *testing.T) {
	m := newMeter()
	for _, r := range [][2]string{{"GET", "/"}, {"GET", "/metrics/"}, {"POST", "/metrics"}, {"DELETE", "/metrics"}, {"GET", "/api/config"}} {
		res := httptest.NewRecorder()
		m.ServeHTTP(res, httptest.NewRequest(r[0], r[1], nil))
		if res.Code != 404 {
			t.Errorf("%v: %d", r, res.Code)
		}
	}
}
