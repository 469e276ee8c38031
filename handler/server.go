package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	weak "math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/functions"
	"github.com/secretsharer/secretsharer/handler/internal/abuse"
	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// server is the process: its functions, their parts, and what stands around them.
type server struct {
	*parts
	api    *api
	timers *timers
	app    *host.App
	page   http.Handler // nil under the host, where others serve it
}

// newServer joins the functions with their handlers. It opens nothing but the files of the page's branding.
func newServer(s *Settings, w *watch, now func() time.Time) (*server, error) {
	service := newService(s, now)
	rate := s.Rate
	if s.Hosted {
		rate = Rate{} // the web application firewall counts, over all instances
	}
	a := &api{
		Settings: s, service: service, watch: w, now: now, version: version, bodyTime: bodyTime, wait: waitUntil, ready: &readiness{now: now},
		creates: newLimiter(rate, now), tries: newLimiter(rate, now),
	}
	holds := newQuarantine(s, service)
	a.holds, a.abuse = holds, abuse.New(s.Abuse, now)
	t := &timers{service: service, holds: holds, watch: w}
	manifests, err := host.Load(functions.Files)
	if err != nil {
		return nil, err
	}
	app, err := host.New(manifests, host.Handlers{
		HTTP:     a.functions(),
		Timers:   map[string]host.Timer{"purge": t.purge, "rotate": t.rotate, "patrol": t.patrol},
		NotFound: always(secret.ErrNotFound), MethodNotAllowed: always(errMethod), Ran: w.ran,
	})
	if err != nil {
		return nil, err
	}
	server := &server{parts: &parts{Settings: s, service: service, holds: holds, watch: w}, api: a, timers: t, app: app}
	if !s.Hosted {
		server.page, err = newPage(s, now, always(secret.ErrNotFound))
	}
	return server, err
}

// newService returns the domain without its ports.
func newService(s *Settings, now func() time.Time) *secret.Service {
	started := time.Now()
	steady := func() time.Duration { return time.Since(started) }
	return &secret.Service{
		Policy: secret.Policy{
			MinTTL: s.MinTTL, MaxTTL: s.MaxTTL, MaxViews: s.MaxViews, MaxEnvelope: s.MaxEnvelope,
			RequirePassphrase: s.RequirePassphrase, Tries: s.Tries, ReceiptRetention: s.ReceiptRetention,
		},
		Now:     now,
		Settled: clock.NewSettled(now, steady).Now,
		Pause: func(ctx context.Context, attempt int) {
			most := 5 * time.Millisecond << attempt
			waitUntil(ctx, time.Now().Add(weak.N(most))) // #nosec G404 -- spreads calls that met
		},
	}
}

// newQuarantine returns the operators' part without its ports.
func newQuarantine(s *Settings, service *secret.Service) *quarantine.Service {
	return &quarantine.Service{
		Policy: quarantine.Policy{Hold: s.Hold, HoldMax: s.HoldMax, Resources: s.Resources, Severity: s.AlertSeverity, Types: s.AlertTypes},
		Now:    service.Now, Settled: service.Settled, Random: rand.Reader,
	}
}

// run serves until ctx ends. It answers the host's probe from the first moment,
// and everything else once the parts are there.
func (s *server) run(ctx context.Context, l net.Listener, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	gate := host.NewGate(always(secret.ErrUnavailable))
	served := make(chan error, 1)
	go func() {
		defer cancel()
		served <- host.Serve(ctx, l, s.front(gate))
	}()
	var background sync.WaitGroup
	err := s.open(ctx)
	if err == nil {
		err = s.begin(ctx, gate, &background, l.Addr(), out)
	}
	if err != nil {
		cancel()
	}
	err = errors.Join(err, <-served)
	background.Wait()
	return errors.Join(err, s.close()) //nolint:contextcheck // ctx is over, and closing comes after
}

// begin opens the gate. Alone on its machine, the service also runs what the
// host does otherwise: the timers, and the metrics.
func (s *server) begin(ctx context.Context, gate *host.Gate, background *sync.WaitGroup, addr net.Addr, out io.Writer) error {
	s.timers.scrubber, s.timers.queue, s.api.ready.parts = s.scrubber, s.queue, s.pings
	if s.Hosted {
		gate.Ready(s.app.Hosted())
		return nil
	}
	if s.MetricsListen != "" {
		metrics, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.MetricsListen)
		if err != nil {
			return fmt.Errorf("listen for metrics: %w", err)
		}
		background.Go(func() { _ = host.Serve(ctx, metrics, s.watch.meter) })
	}
	welcome(out, s.Settings, addr)
	gate.Ready(s.app.Standalone())
	background.Go(func() { s.app.RunTimers(ctx, time.Now) })
	return nil
}

// front is what stands before the gate: under the host nothing, alone the page,
// and what tells browsers of the API's rules.
func (s *server) front(gate http.Handler) http.Handler {
	if s.Hosted {
		return gate
	}
	gate = withCORS(s.Settings, gate)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, host.Prefix) {
			gate.ServeHTTP(w, r)
			return
		}
		s.page.ServeHTTP(w, r)
	})
}
