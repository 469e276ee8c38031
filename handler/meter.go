package main

import (
	"net/http"
	"strconv"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// meter counts what happens, for GET /metrics in Prometheus' text format.
// docs/operations.md lists the names. Safe for concurrent use.
type meter struct {
	set  *metrics.Set
	left *metrics.Gauge
	late *metrics.Gauge
}

func newMeter() *meter {
	set := metrics.NewSet()
	return &meter{set: set, left: set.NewGauge("secretsharer_purge_left", nil), late: set.NewGauge("secretsharer_purge_behind_seconds", nil)}
}

func (m *meter) request(operation string, status int, took time.Duration) {
	m.set.GetOrCreateCounter(`secretsharer_requests_total{operation="` + operation + `",status="` + strconv.Itoa(status) + `"}`).Inc()
	m.set.GetOrCreatePrometheusHistogram(`secretsharer_request_seconds{operation="` + operation + `"}`).Update(took.Seconds())
}

func (m *meter) timer(name string, err error) {
	result := "done"
	if err != nil {
		result = "failed"
	}
	m.set.GetOrCreateCounter(`secretsharer_timer_runs_total{timer="` + name + `",result="` + result + `"}`).Inc()
}

func (m *meter) purged(p secret.Purged) {
	m.set.GetOrCreateCounter("secretsharer_purge_cleared_total").Add(p.Cleared)
	m.set.GetOrCreateCounter("secretsharer_purge_deleted_total").Add(p.Deleted)
	m.left.Set(float64(p.Left))
	m.late.Set(p.Behind.Seconds())
}

// gauge reports a value that somebody else keeps.
func (m *meter) gauge(name string, value func() float64) { m.set.NewGauge(name, value) }

// ServeHTTP answers GET /metrics, and nothing else.
func (m *meter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/metrics" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	m.set.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
}
