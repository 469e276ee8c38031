package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// metricSet holds the metrics of one process. Safe for concurrent use.
type metricSet struct {
	set    *metrics.Set
	left   *metrics.Gauge
	behind *metrics.Gauge
}

func newMetricSet() *metricSet {
	set := metrics.NewSet()
	return &metricSet{set: set, left: set.NewGauge("secretsharer_purge_left", nil), behind: set.NewGauge("secretsharer_purge_behind_seconds", nil)}
}

func (m *metricSet) request(operation string, status int, took time.Duration) {
	m.set.GetOrCreateCounter(`secretsharer_requests_total{operation="` + operation + `",status="` + strconv.Itoa(status) + `"}`).Inc()
	m.set.GetOrCreatePrometheusHistogram(`secretsharer_request_seconds{operation="` + operation + `"}`).Update(took.Seconds())
}

func (m *metricSet) abuse(kind string) {
	m.set.GetOrCreateCounter(`secretsharer_abuse_total{kind="` + kind + `"}`).Inc()
}

func (m *metricSet) timer(name string, err error) {
	result := "done"
	if err != nil {
		result = "failed"
	}
	m.set.GetOrCreateCounter(`secretsharer_timer_runs_total{timer="` + name + `",result="` + result + `"}`).Inc()
}

func (m *metricSet) purged(p secret.Purged) {
	m.set.GetOrCreateCounter("secretsharer_purge_cleared_total").Add(p.Cleared)
	m.set.GetOrCreateCounter("secretsharer_purge_deleted_total").Add(p.Deleted)
	m.left.Set(float64(p.Left))
	m.behind.Set(p.Behind.Seconds())
}

func (m *metricSet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/metrics" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	m.set.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
}
