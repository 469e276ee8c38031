package main

import (
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

var errRateLimited = errors.New("too many calls from this address")

// limiter counts calls by the client's address. It forgets an address once it
// would have its whole allowance again, so it holds what called within twice
// that time. Safe for concurrent use.
type limiter struct {
	rate Rate
	now  func() time.Time

	mu       sync.Mutex
	turned   time.Time
	old, new map[netip.Prefix]*rate.Limiter
}

func newLimiter(r Rate, now func() time.Time) *limiter {
	return &limiter{rate: r, now: now, turned: now(), new: map[netip.Prefix]*rate.Limiter{}}
}

// take counts a call, and reports whether it is still allowed.
func (l *limiter) take(client netip.Prefix) bool {
	return l.rate.Calls == 0 || !client.IsValid() || l.of(client).AllowN(l.now(), 1)
}

// spent reports whether nothing is left, and counts nothing.
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

// guess makes a call that looks at a claim, and counts it where the claim was wrong.
func (a *api) guess(r *http.Request, call func() (answer, error)) (answer, error) {
	client := a.client(r)
	if a.tries.spent(client) {
		return answer{}, errRateLimited
	}
	got, err := call()
	var wrong *secret.WrongClaimError
	if errors.As(err, &wrong) {
		a.tries.take(client)
	}
	return got, err
}
