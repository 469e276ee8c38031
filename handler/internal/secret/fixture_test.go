package secret_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	ttl       = 24 * time.Hour
	retention = 7 * 24 * time.Hour
	triesMax  = 10

	maxEnvelope = 92 + 896 + 16 // a length that an envelope can have
)

var (
	start  = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	access = []byte("access of 32 bytes, as from a link")
	claim  = []byte("claim of 32 bytes, as from a link")
	manage = []byte("manage of 32 bytes, of the sender")
	keyA   = []byte("idempotency key a")
	keyB   = []byte("idempotency key b")

	// envelope is the part of the smallest envelope after the header.
	envelope = append([]byte("the envelope"), make([]byte, 92+256+16-header.Size-len("the envelope"))...)

	byLink   = secret.Proofs{Access: access, Claim: claim}
	byManage = secret.Proofs{Manage: manage}
)

// fixture is a service with everything in memory, at a time that the test sets.
type fixture struct {
	*testing.T
	*secret.Service
	*memory
	deps   secret.Deps
	now    time.Time
	id     header.ID
	caller secret.Caller
}

// newFixture returns a fixture without secrets.
func newFixture(t *testing.T) *fixture {
	m := newMemory()
	w := &fixture{T: t, memory: m, now: start, caller: admitted{}}
	m.clock = func() time.Time { return w.now }
	w.deps = secret.Deps{
		Store: m, Sealer: m, Keyring: keyring{m}, Publisher: m,
		Policy: secret.Policy{
			MinTTL: 5 * time.Minute, MaxTTL: 30 * 24 * time.Hour, MaxViews: 100, MaxEnvelope: maxEnvelope,
			Tries: triesMax, ReceiptRetention: retention,
		},
		Now: m.clock, Settled: m.clock, Pause: func(context.Context, int) {},
	}
	w.Service = secret.New(w.deps)
	return w
}

// with replaces the service by one with other dependencies.
func (w *fixture) with(change func(*secret.Deps)) {
	change(&w.deps)
	w.Service = secret.New(w.deps)
}

// leaseTime is how long a reader may repeat a read, clearMargin how much longer purge
// waits, and renewMargin how much longer a refusal renews a lease.
const (
	leaseTime   = 120 * time.Second
	clearMargin = 2 * time.Minute
	renewMargin = 30 * time.Second
)

// fixtureWith returns a fixture with one secret of so many views.
func fixtureWith(t *testing.T, views int) *fixture {
	w := newFixture(t)
	w.create(w.draft(views))
	return w
}

// parts are the parts of a draft.
type parts struct {
	header                header.Header
	rest                  []byte // of the envelope, after the header
	access, claim, manage secret.Hash
}

func (w *fixture) parts(views int) *parts {
	p := &parts{
		header: header.Header{Views: views, ID: header.ID{19: 7}}, rest: envelope,
		access: sha256.Sum256(access), claim: sha256.Sum256(claim), manage: sha256.Sum256(manage),
	}
	p.expire(w.now.Add(ttl))
	return p
}

// expire sets the expiry and the slot of the ID.
func (p *parts) expire(t time.Time) {
	p.header.Expires = t
	binary.BigEndian.PutUint32(p.header.ID[:], uint32(header.SlotOf(t)))
}

func (p *parts) draft() (secret.Draft, error) {
	h := p.header.Bytes()
	return secret.NewDraft(append(h[:], p.rest...), p.access, p.claim, p.manage)
}

// draft returns a draft after some changes.
func (w *fixture) draft(views int, changes ...func(*parts)) secret.Draft {
	w.Helper()
	p := w.parts(views)
	for _, change := range changes {
		change(p)
	}
	d, err := p.draft()
	w.must(err)
	return d
}

// number changes the last byte of the ID.
func number(n int) func(*parts) { return func(p *parts) { p.header.ID[19] = byte(n) } }

func (w *fixture) create(d secret.Draft) {
	w.Helper()
	if created, err := w.Create(w.Context(), d); err != nil || !created {
		w.Fatalf("create: %v, %v", created, err)
	}
	w.id = d.Header().ID
}

func (w *fixture) pass(d time.Duration) { w.now = w.now.Add(d) }

// stored returns the row in the store, nil when it is gone.
func (w *fixture) stored() *secret.Record { return w.rows[w.id] }

func (w *fixture) sealed() bool { return w.stored() != nil && w.stored().Sealed.Envelope != nil }

func (w *fixture) hold(d time.Duration, modes ...hold.Mode) {
	w.active = append(w.active, hold.Hold{
		ID: "hold", Scope: hold.Scope{Kind: hold.ScopeAll}, Modes: modes, CreatedAt: w.now, Until: w.now.Add(d),
	})
}

// release releases all holds.
func (w *fixture) release() {
	for _, h := range w.active {
		h.ReleasedAt = w.now
		w.past = append(w.past, h)
	}
	w.active = nil
}

func (w *fixture) read(key []byte) error {
	r, err := w.Read(w.Context(), w.id, byLink, key, w.caller)
	if err == nil && !bytes.Equal(r.Envelope[header.Size:], envelope) {
		w.Errorf("read: another envelope")
	}
	return err
}

// guess reads with a wrong claim.
func (w *fixture) guess(claim string) error {
	_, err := w.Read(w.Context(), w.id, secret.Proofs{Access: access, Claim: []byte(claim)}, keyB, w.caller)
	return err
}

func (w *fixture) freeze() { w.Helper(); w.freezeFrom(0) }

// freezeFrom makes wrong tries until the secret freezes, after the given number of earlier ones.
func (w *fixture) freezeFrom(tries int) {
	w.Helper()
	for i := tries; i < triesMax; i++ {
		var wrong *secret.WrongClaimError
		if err := w.guess(string(rune('a' + i))); !errors.As(err, &wrong) || wrong.TriesLeft != triesMax-1-i {
			w.Fatalf("guess %d: %v, %+v", i, err, wrong)
		}
	}
}

func (w *fixture) ack(key []byte) error { return w.Ack(w.Context(), w.id, access, key) }

func (w *fixture) revoke() error { return w.Revoke(w.Context(), w.id, byManage, admitted{}) }

func (w *fixture) unlock(key string) error { return w.Unlock(w.Context(), w.id, manage, []byte(key)) }

func (w *fixture) purge() secret.Purged {
	w.Helper()
	p, err := w.Purge(w.Context())
	if err != nil {
		w.Fatalf("purge: %v", err)
	}
	return p
}

func (w *fixture) receipt() secret.Receipt {
	w.Helper()
	r, err := w.Receipt(w.Context(), w.id, manage)
	if err != nil {
		w.Fatalf("receipt: %v", err)
	}
	return r
}

// must stops the test when a preparing step fails.
func (w *fixture) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// wantAnswer compares an error by what a client would see.
func (w *fixture) wantAnswer(got error, want string) {
	w.Helper()
	if answer(got) != want {
		w.Errorf("answered %q, want %q", answer(got), want)
	}
}

// answer returns what a client would see of an error.
func answer(err error) string {
	var gone *secret.GoneError
	var wrong *secret.WrongClaimError
	var invalid *secret.InvalidError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &gone):
		return "gone " + string(gone.Reason)
	case errors.As(err, &wrong):
		return "wrong"
	case errors.As(err, &invalid):
		return "invalid " + invalid.Field
	}
	for _, known := range []error{secret.ErrNotFound, secret.ErrUnavailable, secret.ErrConflict, secret.ErrTooLarge, secret.ErrFull} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return err.Error() // held, frozen
}

// published returns the types of the events published so far.
func (w *fixture) published() []string {
	var all []string
	for _, e := range w.events {
		all = append(all, e.Type)
	}
	return slices.Clip(all)
}

// admitted is a caller without limits.
type admitted struct{}

func (admitted) Guess(header.ID) error           { return nil }
func (admitted) Load(context.Context, int) error { return nil }
