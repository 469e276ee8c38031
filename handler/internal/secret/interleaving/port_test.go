package interleaving

import (
	"context"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// port is a call's way to the store: each operation waits for its turn. Those
// that commute with all that the other call does have none to wait for:
// watermarks, and a look at the holds where the other call sets none.
type port struct {
	storetest.Store
	c     *call
	holds bool // the other call sets one
	pairs int  // 1 where the call looks at row and holds side by side
}

func (w *world) port(c *call) port {
	p := port{w.store, c, w.held, 0}
	if w.held {
		p.pairs = 1
	}
	return p
}

func (p port) Get(ctx context.Context, id secret.ID) (*secret.Record, error) {
	defer p.c.wait("get", p.pairs)()
	return p.Store.Get(ctx, id)
}

func (p port) Peek(ctx context.Context, id secret.ID) (*secret.Record, error) {
	defer p.c.wait("peek", p.pairs)()
	return p.Store.Peek(ctx, id)
}

func (p port) Active(ctx context.Context, id secret.ID) ([]secret.Hold, error) {
	if p.holds {
		defer p.c.wait("holds", -p.pairs)()
	}
	return p.Store.Active(ctx, id)
}

func (p port) Update(ctx context.Context, r *secret.Record) error {
	defer p.c.wait("update", 0)()
	return p.Store.Update(ctx, r)
}

func (p port) Mark(ctx context.Context, id secret.ID, t time.Time) error {
	defer p.c.wait("mark", 0)()
	return p.Store.Mark(ctx, id, t)
}

func (p port) Due(ctx context.Context, t time.Time, cursor string) ([]secret.Mark, string, error) {
	defer p.c.wait("due", 0)()
	return p.Store.Due(ctx, t, cursor)
}

func (p port) Unmark(ctx context.Context, marks []secret.Mark) error {
	defer p.c.wait("unmark", 0)()
	return p.Store.Unmark(ctx, marks)
}

func (p port) Expired(ctx context.Context, from, to secret.Slot, uncleared bool, cursor string) ([]*secret.Record, string, error) {
	defer p.c.wait("expired", 0)()
	return p.Store.Expired(ctx, from, to, uncleared, cursor)
}

func (p port) Clear(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	defer p.c.wait("clear", 0)()
	return p.Store.Clear(ctx, rows)
}

func (p port) Delete(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	defer p.c.wait("delete", 0)()
	return p.Store.Delete(ctx, rows)
}
