package interleaving

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// port is the store of one call. Each operation waits for its turn, except those that
// commute with everything that the other call does: watermarks, and looking up holds
// when the other call places none.
type port struct {
	storetest.Store
	c     *call
	holds bool // the other call places one
}

func (w *fixture) port(c *call) port { return port{w.store, c, w.held} }

func (p port) Get(ctx context.Context, id header.ID) (*secret.Record, error) {
	defer p.c.wait("get", p.c.pairs(&p.c.got))()
	r, err := p.Store.Get(ctx, id)
	return r, p.c.note(err)
}

func (p port) Peek(ctx context.Context, id header.ID) (*secret.Record, error) {
	defer p.c.wait("peek", 0)()
	r, err := p.Store.Peek(ctx, id)
	if err == nil && p.c.key != nil {
		key := secret.Hash(sha256.Sum256(p.c.key))
		p.c.takes = !slices.ContainsFunc(r.Leases, func(l secret.Lease) bool { return l.Key == key })
	}
	return r, p.c.note(err)
}

func (p port) ActiveHolds(ctx context.Context, id header.ID) ([]hold.Hold, error) {
	if p.holds {
		defer p.c.wait("holds", 0)()
	}
	all, err := p.Store.ActiveHolds(ctx, id)
	return all, p.c.note(err)
}

func (p port) PreservingHolds(ctx context.Context) ([]hold.Hold, error) {
	if p.holds {
		defer p.c.wait("holds", 0)()
	}
	all, err := p.Store.PreservingHolds(ctx)
	return all, p.c.note(err)
}

func (p port) Update(ctx context.Context, r *secret.Record) error {
	defer p.c.wait("update", 0)()
	return p.c.note(p.Store.Update(ctx, r))
}

func (p port) AddReminder(ctx context.Context, id header.ID, t time.Time) error {
	defer p.c.wait("add reminder", -p.c.pairs(&p.c.reminded))()
	return p.c.note(p.Store.AddReminder(ctx, id, t))
}

func (p port) DueReminders(ctx context.Context, t time.Time, cursor string) ([]secret.Reminder, string, error) {
	defer p.c.wait("due", 0)()
	reminders, next, err := p.Store.DueReminders(ctx, t, cursor)
	return reminders, next, p.c.note(err)
}

func (p port) RemoveReminders(ctx context.Context, reminders []secret.Reminder) error {
	defer p.c.wait("remove reminders", 0)()
	return p.c.note(p.Store.RemoveReminders(ctx, reminders))
}

func (p port) Expired(ctx context.Context, from, to header.Slot, uncleared bool, cursor string) ([]*secret.Record, string, error) {
	defer p.c.wait("expired", 0)()
	rows, next, err := p.Store.Expired(ctx, from, to, uncleared, cursor)
	return rows, next, p.c.note(err)
}

func (p port) Clear(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	defer p.c.wait("clear", 0)()
	left, err := p.Store.Clear(ctx, rows)
	return left, p.c.note(err)
}

func (p port) Delete(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	defer p.c.wait("delete", 0)()
	left, err := p.Store.Delete(ctx, rows)
	return left, p.c.note(err)
}
