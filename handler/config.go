package main

import (
	"context"
	"net/http"
	"time"

	"github.com/secretsharer/secretsharer/api"
)

// config returns the limits, the policy and the server's time.
func (s *service) config(context.Context, *http.Request) (answer, error) {
	seconds := func(d time.Duration) int64 { return int64(d / time.Second) }
	return answer{http.StatusOK, api.Config{
		Origin: s.cfg.Origin, MinTTL: seconds(s.cfg.MinTTL), DefaultTTL: seconds(s.cfg.DefaultTTL), MaxTTL: seconds(s.cfg.MaxTTL),
		MaxViews: s.cfg.MaxViews, MaxEnvelope: int64(s.cfg.MaxEnvelope), RequirePassphrase: s.cfg.RequirePassphrase, Create: s.cfg.Create,
		Now: api.Time(s.clock.Now()), Version: version,
	}}, nil
}
