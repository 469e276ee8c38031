package main

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/secretsharer/secretsharer/handler/internal/config"
)

// limiter limits calls by client address. It forgets an address once its whole
// allowance is back, so it holds the addresses of at most twice that time. Safe
// for concurrent use.
type limiter struct {
	rate config.Rate
	now  func() time.Time

	mu       sync.Mutex
	turned   time.Time // when new became old
	old, new map[netip.Prefix]*rate.Limiter
}

func newLimiter(r config.Rate, now func() time.Time) *limiter {
	return &limiter{rate: r, now: now, turned: now(), new: map[netip.Prefix]*rate.Limiter{}}
}

// take counts a call, and reports whether the rate allows it.
func (l *limiter) take(client netip.Prefix) bool {
	return l.rate.Calls == 0 || !client.IsValid() || l.of(client).AllowN(l.now(), 1)
}

// spent reports whether the rate allows no further call. It counts nothing.
func (l *limiter) spent(client netip.Prefix) bool {
	return l.rate.Calls != 0 && client.IsValid() && l.of(client).TokensAt(l.now()) < 1
}

func (l *limiter) of(client netip.Prefix) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.now(); now.Sub(l.turned) >= l.rate.Per {
		l.old, l.new, l.turned = l.new, map[netip.Prefix]*rate.Limiter{}, now
	}
	if l.new[client] == nil {
		if l.new[client] = l.old[client]; l.new[client] == nil {
			every := rate.Every(l.rate.Per / time.Duration(l.rate.Calls))
			l.new[client] = rate.NewLimiter(every, l.rate.Calls)
		}
	}
	return l.new[client]
}
