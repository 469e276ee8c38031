package secret_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

func expires(in time.Duration) func(*fixture, *parts) {
	return func(w *fixture, p *parts) { p.expire(w.now.Add(in)) }
}

func sized(n int) func(*fixture, *parts) {
	return func(_ *fixture, p *parts) { p.rest = make([]byte, n-header.Size) }
}

func requirePassphrase(w *fixture) {
	w.with(func(d *secret.Deps) { d.Policy.RequirePassphrase = true })
}

// TestCreateRefusesDraftsThatBreakARule tries each limit from both sides.
func TestCreateRefusesDraftsThatBreakARule(t *testing.T) {
	month := 30 * 24 * time.Hour
	for name, test := range map[string]struct {
		change func(*fixture, *parts)
		want   string
	}{
		"valid":                 {func(*fixture, *parts) {}, "ok"},
		"expired":               {expires(-time.Second), "invalid expiry"},
		"expires now":           {expires(0), "invalid expiry"},
		"too near":              {expires(3*time.Minute - time.Second), "invalid expiry"},
		"nearest, with leeway":  {expires(3 * time.Minute), "ok"},
		"farthest, with leeway": {expires(month + 2*time.Minute), "ok"},
		"too far":               {expires(month + 2*time.Minute + time.Second), "invalid expiry"},
		"far beyond all slots":  {expires(290 * 365 * 24 * time.Hour), "invalid expiry"},
		"another slot":          {func(_ *fixture, p *parts) { p.header.ID[3]++ }, "invalid expiry"},
		"no view":               {func(_ *fixture, p *parts) { p.header.Views = 0 }, "invalid views"},
		"negative views":        {func(_ *fixture, p *parts) { p.header.Views = -1 }, "invalid views"},
		"most views":            {func(_ *fixture, p *parts) { p.header.Views = 50 }, "ok"},
		"too many views":        {func(_ *fixture, p *parts) { p.header.Views = 51 }, "invalid views"},
		"largest":               {sized(maxEnvelope), "ok"},
		"too large":             {sized(maxEnvelope + 32), "envelope is too large"},
		"no possible length":    {sized(maxEnvelope - 1), "invalid envelope"},
		"no passphrase":         {func(w *fixture, _ *parts) { requirePassphrase(w) }, "invalid flags"},
		"with a passphrase":     {func(w *fixture, p *parts) { requirePassphrase(w); p.header.Passphrase = true }, "ok"},
		"expired, where the leeway is more than the least": {func(w *fixture, p *parts) {
			w.with(func(d *secret.Deps) { d.Policy.MinTTL = time.Minute })
			expires(-time.Second)(w, p)
		}, "invalid expiry"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newFixture(t)
			w.with(func(d *secret.Deps) { d.Policy.MaxViews = 50 })
			p := w.parts(1)
			test.change(w, p)
			created := false
			d, err := p.draft()
			if err == nil {
				created, err = w.Create(t.Context(), d)
			}
			w.wantAnswer(err, test.want)
			if stored := len(w.rows) == 1; created != stored || stored != (test.want == "ok") {
				t.Errorf("created %v, stored %v", created, stored)
			}
		})
	}
}

func TestDraftNeedsAWholeHeader(t *testing.T) {
	w := newFixture(t)
	h := w.parts(1).header.Bytes()
	_, err := secret.NewDraft(h[:header.Size-1], secret.Hash{}, secret.Hash{}, secret.Hash{})
	w.wantAnswer(err, "invalid envelope")
}

func TestCreateAgainChangesNothing(t *testing.T) {
	w := newFixture(t)
	d := w.draft(1)
	w.create(d)
	again := func(when string) {
		t.Helper()
		version := w.stored().Version
		if created, err := w.Create(t.Context(), d); created || err != nil || w.stored().Version != version {
			t.Errorf("%s: %v, %v", when, created, err)
		}
		for name, change := range map[string]func(*parts){
			"envelope": func(p *parts) { p.rest = bytes.Clone(p.rest); p.rest[4]++ },
			"access":   func(p *parts) { p.access[0]++ },
			"claim":    func(p *parts) { p.claim[0]++ },
			"manage":   func(p *parts) { p.manage[0]++ },
		} {
			_, err := w.Create(t.Context(), w.draft(1, change, func(p *parts) { p.expire(start.Add(ttl)) }))
			if answer(err) != "another secret has this id" || w.stored().Version != version {
				t.Errorf("%s, with another %s: %v", when, name, err)
			}
		}
	}
	again("unread")
	w.must(w.read(keyA))
	again("read")
	w.must(w.ack(keyA))
	again("acknowledged")
	w.wantAnswer(w.read(keyB), "gone read")
	if w.sealed() {
		t.Error("the envelope came back")
	}
}

// TestCreateIsIdempotentUntilTheExpiry creates again after a purge with a retention of 0.
func TestCreateIsIdempotentUntilTheExpiry(t *testing.T) {
	w := newFixture(t)
	w.with(func(d *secret.Deps) { d.Policy.ReceiptRetention = 0 })
	d := w.draft(1)
	w.create(d)
	w.must(w.read(keyA))
	w.must(w.ack(keyA))
	w.pass(ttl - 4*time.Minute)
	w.purge()
	if created, err := w.Create(t.Context(), d); created || err != nil {
		t.Errorf("before the expiry: %v, %v", created, err)
	}
	w.pass(20 * time.Minute)
	w.purge()
	if w.stored() != nil {
		t.Error("the tombstone stays")
	}
	if _, err := w.Create(t.Context(), d); answer(err) != "invalid expiry" {
		t.Errorf("after the expiry: %v", err)
	}
}

func TestCreateStoresNothingInAHold(t *testing.T) {
	w := newFixture(t)
	w.hold(time.Hour, hold.BlockCreate)
	_, err := w.Create(t.Context(), w.draft(1))
	w.wantAnswer(err, "held")
	w.active[0].Modes = []hold.Mode{hold.BlockRead, hold.Preserve}
	_, err = w.Create(t.Context(), w.draft(1))
	w.wantAnswer(err, "ok")
	w.before = failing("holds")
	_, err = w.Create(t.Context(), w.draft(2))
	w.wantAnswer(err, "unavailable")
	if len(w.rows) != 1 {
		t.Errorf("%d rows", len(w.rows))
	}
}

func TestCreateReportsFailures(t *testing.T) {
	for operation, want := range map[string]string{"seal": "unavailable", "holds": "unavailable", "insert": "unavailable"} {
		w := newFixture(t)
		w.before = failing(operation)
		_, err := w.Create(t.Context(), w.draft(1))
		w.wantAnswer(err, want)
	}
	w := newFixture(t)
	w.before = failingWith(secret.ErrFull, "insert")
	_, err := w.Create(t.Context(), w.draft(1))
	w.wantAnswer(err, "store is full")
}

// deadlines records how long an insert may take.
type deadlines struct {
	*memory
	left time.Duration
}

func (d *deadlines) Insert(ctx context.Context, r *secret.Record) error {
	if end, ok := ctx.Deadline(); ok {
		d.left = time.Until(end)
	}
	return d.memory.Insert(ctx, r)
}

func TestCreateIsSentUnderADeadline(t *testing.T) {
	w := newFixture(t)
	d := &deadlines{memory: w.memory}
	w.with(func(deps *secret.Deps) { deps.Store = d })
	w.create(w.draft(1))
	if d.left <= 0 || d.left > time.Minute {
		t.Errorf("an insert may take %v", d.left)
	}
}
