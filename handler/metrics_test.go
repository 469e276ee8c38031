package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/telemetry"
)

func (f *fixture) metrics() string {
	f.t.Helper()
	res := httptest.NewRecorder()
	f.tel.Metrics().ServeHTTP(res, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if res.Code != 200 || !strings.HasPrefix(res.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		f.t.Fatalf("%d %v", res.Code, res.Header())
	}
	return res.Body.String()
}

func TestMetricsCountCallsByOperationAndStatus(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	f.want(s.create(), 200, "")
	f.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase")
	f.want(s.read(keyOf("a")), 200, "")
	f.want(s.read(keyOf("a")), 200, "")
	f.want(sealed(t, terms{}).status(), 404, "not-found")
	f.tel.TimerRan(t.Context(), host.Run{Timer: "purge"})
	f.tel.TimerRan(t.Context(), host.Run{Timer: "purge", Err: errors.New("x")})
	f.tel.Purged(secret.Purged{Cleared: 3, Deleted: 2, Left: 1, Behind: time.Minute})
	f.tel.Purged(secret.Purged{Cleared: 1})
	text := f.metrics()
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
			t.Errorf("the metrics have %s", kept)
		}
	}
}

// The docs list every metric of ours.
func TestTheDocsListEveryMetric(t *testing.T) {
	f := newFixture(t)
	f.send(terms{})
	f.tel.TimerRan(t.Context(), host.Run{Timer: "purge"})
	f.tel.Purged(secret.Purged{})
	f.tel.AbuseCounted("wrong")
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
	got := append(names(`(?m)^(secretsharer_[a-z_]+?)(?:_bucket|_sum|_count)?[ {]`, f.metrics()), "secretsharer_events_dropped") // with Service Bus
	want := names("`(secretsharer_[a-z_]+)[`{]", string(docs))
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("metrics are\n%v, the docs list\n%v", got, want)
	}
}

func TestMetricsAnswerNoOtherRequest(t *testing.T) {
	m := telemetry.New(io.Discard, zerolog.InfoLevel).Metrics()
	for _, r := range [][2]string{{"GET", "/"}, {"GET", "/metrics/"}, {"POST", "/metrics"}, {"DELETE", "/metrics"}, {"GET", "/api/config"}} {
		res := httptest.NewRecorder()
		m.ServeHTTP(res, httptest.NewRequest(r[0], r[1], nil))
		if res.Code != 404 {
			t.Errorf("%v: %d", r, res.Code)
		}
	}
}
