package main

import (
	"context"
	"crypto/sha256"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	leaseTime  = 120 * time.Second // of package secret
	maxRepeats = 30                // how often a reader may repeat a read under one lease
)

// limits are the limits of the process. Safe for concurrent use.
type limits struct {
	inflight  *inflight
	creates   *limiter[netip.Addr]     // creates by client
	space     *limiter[netip.Addr]     // bytes of secrets times their time to live, by client
	spaceKeys *limiter[config.KeyHash] // the same by create key
	charged   *counter[header.ID]      // secrets that were charged for their space
	guesses   *limiter[guess]          // new wrong claims by client and secret
	guessers  *limiter[netip.Addr]     // the first wrong claim on each secret, by client
	repeats   *counter[lease]          // answers of read by lease
	signs     *limiter[string]         // responses to patterns of abuse, by kind
	refusals  *limiter[struct{}]       // events of calls that were refused because their caller is not an operator
}

func newLimits(cfg *config.Config, memory int64, steady func() time.Duration) *limits {
	return &limits{
		inflight:  newInflight(memory, createLimit(cfg)),
		creates:   newLimiter[netip.Addr](cfg.Rate.Per, steady),
		space:     newLimiter[netip.Addr](spaceBurst(cfg), steady),
		spaceKeys: newLimiter[config.KeyHash](spaceBurst(cfg), steady),
		charged:   newCounter[header.ID](1, time.Hour, steady),
		guesses:   newLimiter[guess](cfg.Rate.Per, steady),
		guessers:  newLimiter[netip.Addr](cfg.Rate.Per, steady),
		repeats:   newCounter[lease](1+maxRepeats, leaseTime, steady),
		signs:     newLimiter[string](signRate.Per, steady),
		refusals:  newLimiter[struct{}](refusalTime, steady),
	}
}

// guess identifies the claims of one client on one secret.
type guess struct {
	client netip.Addr
	id     header.ID
}

// lease identifies the reads of one secret under one Idempotency-Key.
type lease struct {
	id  header.ID
	key [sha256.Size]byte
}

// caller is the client of one request, with what the request has taken of the limits.
// It is a secret.Caller. Not safe for concurrent use.
type caller struct {
	limits  *limits
	rate    config.Rate
	address func() netip.Addr

	lease   lease  // of a read
	loaded  bool   // one answer of the lease is counted
	guessed func() // takes a guess back; nil if there was none
	release []func()
}

type callerKey struct{}

// callerOf returns the caller of a request, from the context that serve made.
func callerOf(ctx context.Context) *caller {
	c, _ := ctx.Value(callerKey{}).(*caller)
	return c
}

// withCaller returns a context with the caller.
func withCaller(ctx context.Context, c *caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

func (s *service) newCaller(r *http.Request) *caller {
	return &caller{limits: s.limits, rate: s.cfg.Rate, address: sync.OnceValue(func() netip.Addr { return s.clients.of(r) })}
}

// Guess implements secret.Caller. The claim counts as a new wrong one until answered
// learns what it was, so that many at once cannot exceed the limit.
func (c *caller) Guess(id header.ID) error {
	if c.guessed != nil {
		return nil
	}
	client, cost := subscriber(c.address()), each(c.rate)
	key := guess{client, id}
	further := !c.limits.guesses.knows(key)
	if wait := c.limits.guesses.take(key, cost); wait > 0 {
		return &rateError{wait}
	}
	if further {
		if wait := c.limits.guessers.take(client, cost); wait > 0 {
			c.limits.guesses.give(key, cost)
			return &rateError{wait}
		}
	}
	c.guessed = func() {
		c.limits.guesses.give(key, cost)
		if further {
			c.limits.guessers.give(client, cost)
		}
	}
	return nil
}

// Load implements secret.Caller.
func (c *caller) Load(ctx context.Context, bytes int) error {
	if c.loaded {
		return nil
	}
	if !c.limits.repeats.add(c.lease, 1) {
		return &rateError{leaseTime}
	}
	c.loaded = true
	return c.hold(ctx, int64(bytes))
}

// hold waits until a transfer of the caller fits into memory. It is held until the
// request is answered. An error wraps errBusy.
func (c *caller) hold(ctx context.Context, bytes int64) error {
	release, err := c.limits.inflight.take(ctx, household(c.address()), bytes)
	if err == nil {
		c.release = append(c.release, release)
	}
	return err
}

// answered takes back what does not count for this answer: a guess that was no new
// wrong claim, and a read that was not served.
func (c *caller) answered(p *problem) {
	if c.guessed != nil && (p == nil || !p.newClaim) {
		c.guessed()
	}
	if c.loaded && p != nil {
		c.limits.repeats.add(c.lease, -1)
	}
}

// done releases what the request held. It must be called once the answer was written.
func (c *caller) done() {
	for _, release := range c.release {
		release()
	}
}

// spaceBurst is the burst of the limits of space: SSS_ADDRESS_BYTES for the longest time
// to live.
func spaceBurst(cfg *config.Config) time.Duration {
	if cfg.AddressBytes == 0 {
		return 0
	}
	return cfg.MaxTTL
}

// takeSpace charges a secret to its sender, by address and create key, and returns what
// takes it back. A secret of SSS_ADDRESS_BYTES costs its time to live. The same secret is
// charged once, so that a create whose answer was lost can be repeated.
func (s *service) takeSpace(c *caller, r *http.Request, d *secret.Draft) (undo func(), err error) {
	id := d.Header().ID
	if s.cfg.AddressBytes == 0 || !s.limits.charged.add(id, 1) {
		return func() {}, nil
	}
	defer func() {
		if err != nil {
			s.limits.charged.add(id, -1)
		}
	}()
	ttl := min(max(d.Header().Expires.Sub(s.clock.Now()), 0), s.cfg.MaxTTL)
	cost := time.Duration(float64(ttl) * float64(d.Size()) / float64(s.cfg.AddressBytes))
	client := subscriber(c.address())
	if wait := s.limits.space.take(client, cost); wait > 0 {
		return nil, &rateError{wait}
	}
	undo = func() {
		s.limits.charged.add(id, -1)
		s.limits.space.give(client, cost)
	}
	if s.cfg.Create != api.CreateKey {
		return undo, nil
	}
	key := config.Hash(r.Header.Get(api.HeaderCreate))
	if wait := s.limits.spaceKeys.take(key, cost); wait > 0 {
		s.limits.space.give(client, cost)
		return nil, &rateError{wait}
	}
	return func() {
		undo()
		s.limits.spaceKeys.give(key, cost)
	}, nil
}
