package interleaving

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

const (
	ttl       = time.Hour
	leaseTime = 120 * time.Second
)

var (
	start                 = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	access, claim, manage = []byte("access"), []byte("claim"), []byte("manage")
)

// fixture is one secret in a store, and a clock.
type fixture struct {
	*testing.T
	store storetest.Store
	held  bool // one of the calls places a hold
	id    header.ID
	hold  hold.Hold
	clock *testkit.Clock
}

func newFixture(t *testing.T, s storetest.Store) *fixture {
	w := &fixture{T: t, store: s, clock: testkit.NewClock(start)}
	expires := start.Add(ttl)
	binary.BigEndian.PutUint32(w.id[:], uint32(header.SlotOf(expires)))
	w.must(s.Insert(t.Context(), &secret.Record{
		ID: w.id, Access: sha256.Sum256(access), Claim: sha256.Sum256(claim), Manage: sha256.Sum256(manage),
		Created: start, Expires: expires, Views: 1, Sealed: secret.Sealed{Wrapped: []byte("key"), Envelope: []byte("envelope")},
	}))
	for _, pass := range []string{"rows", "envelopes"} {
		w.must(s.SetWatermark(t.Context(), pass, header.SlotOf(start)))
	}
	return w
}

// end removes everything that the run may have left.
func (w *fixture) end() {
	ctx := w.Context()
	rows, _, err := w.store.Expired(ctx, 0, header.SlotOf(start.AddDate(1, 0, 0)), false, "")
	w.must(err)
	left, err := w.store.Delete(ctx, rows)
	if w.must(err); len(left) > 0 {
		w.Fatal("a row stays")
	}
	reminders, _, err := w.store.DueReminders(ctx, start.AddDate(1, 0, 0), "")
	w.must(err)
	w.must(w.store.RemoveReminders(ctx, reminders))
	if w.hold.ID != "" {
		w.must(w.store.DropHold(ctx, "active-0", w.hold.ID))
	}
}

func (w *fixture) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// service returns the real service on a store.
func (w *fixture) service(s storetest.Store) *secret.Service { return secret.New(w.deps(s)) }

func (w *fixture) deps(s storetest.Store) secret.Deps {
	return secret.Deps{
		Store: s, Sealer: plain{}, Publisher: plain{},
		Policy: secret.Policy{Tries: 10, ReceiptRetention: 24 * time.Hour},
		Now:    w.clock.Now, Settled: w.clock.Now, Pause: func(context.Context, int) {},
	}
}

// plain is a sealer that does not encrypt, and a publisher that drops. Neither shares anything between calls.
type plain struct{}

func (plain) Seal(_ context.Context, _ week.Week, envelope, _ []byte) (secret.Sealed, error) {
	return secret.Sealed{Envelope: envelope}, nil
}

func (plain) Open(_ context.Context, s *secret.Sealed, _ []byte) ([]byte, error) {
	if len(s.Envelope) == 0 {
		return nil, errors.New("nothing to open")
	}
	return s.Envelope, nil
}

func (plain) Publish(secret.Event) {}

// ends returns the final state of the row, from its receipt and from the store.
func (w *fixture) ends() string {
	r, err := w.store.Get(w.Context(), w.id)
	if errors.Is(err, secret.ErrNotFound) {
		return "row gone"
	}
	w.must(err)
	receipt, err := w.service(w.store).Receipt(w.Context(), w.id, manage)
	w.must(err)
	if len(r.Leases)+r.Views != 1 {
		w.Errorf("%d views left, %d taken", r.Views, len(r.Leases))
	}
	if r.Cleared != (len(r.Sealed.Envelope) == 0) {
		w.Errorf("cleared %v with an envelope of %d bytes", r.Cleared, len(r.Sealed.Envelope))
	}
	if r.Cleared {
		return string(receipt.State) + ", cleared"
	}
	return string(receipt.State) + ", sealed"
}

// answerOf returns the response that a client gets.
func answerOf(err error) string {
	var gone *secret.GoneError
	switch {
	case err == nil:
		return "204"
	case errors.As(err, &gone):
		return strings.TrimSpace("410 " + string(gone.Reason))
	case errors.Is(err, secret.ErrUnavailable):
		return "503"
	}
	return fmt.Sprint("423 ", err)
}
