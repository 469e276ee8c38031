package simulation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// state is the part of the world that survives a crash.
type state struct {
	row       *secret.Record
	version   int
	reminders map[secret.Reminder]bool
	water     map[string]header.Slot
	holds     []hold.Hold
	past      []hold.Hold
}

// process is one instance of the handler. It implements all dependencies, through the scheduler.
type process struct {
	w *world
	c *call
}

func clone(r *secret.Record) *secret.Record {
	next := *r
	next.Leases, next.Tries, next.Log = slices.Clone(r.Leases), slices.Clone(r.Tries), slices.Clone(r.Log)
	return &next
}

func (p process) step(ctx context.Context, name string, e effect, apply func() error) error {
	var err error
	p.w.checkWork(p.c, name)
	if lost := p.w.stop(ctx, p.c, name, e, func() { err = apply() }); lost != nil {
		return lost
	}
	return err
}

func (p process) Insert(ctx context.Context, r *secret.Record) error {
	r = clone(r)
	return p.step(ctx, "insert", writes, func() error {
		if p.w.row != nil {
			return secret.ErrExists
		}
		p.w.insert(r)
		return nil
	})
}

func (p process) Get(ctx context.Context, id header.ID) (r *secret.Record, err error) {
	return r, p.step(ctx, "get", reads, func() error { r, err = p.w.get(id); return err })
}

func (p process) Peek(ctx context.Context, id header.ID) (r *secret.Record, err error) {
	return r, p.step(ctx, "peek", reads, func() error {
		if r, err = p.w.get(id); err == nil {
			r.Sealed.Wrapped, r.Sealed.Envelope = nil, nil
		}
		return err
	})
}

func (p process) Update(ctx context.Context, r *secret.Record) error {
	r = clone(r)
	return p.step(ctx, "update", writes, func() error { return p.w.update(p.c, r) })
}

func (p process) Expired(ctx context.Context, from, to header.Slot, uncleared bool, _ string) (rows []*secret.Record, _ string, err error) {
	return rows, "", p.step(ctx, "expired", reads, func() error {
		r := p.w.row
		if r != nil && r.ID.Slot() >= from && r.ID.Slot() < to && (!uncleared || !r.Cleared) {
			rows = append(rows, clone(r))
		}
		return nil
	})
}

func (p process) Clear(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return p.each(ctx, "clear", rows, func(r *secret.Record) error {
		r = clone(r)
		r.Cleared = true
		return p.w.update(p.c, r)
	})
}

func (p process) Delete(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return p.each(ctx, "delete", rows, func(r *secret.Record) error { return p.w.delete(p.c, r) })
}

func (p process) each(ctx context.Context, name string, rows []*secret.Record, do func(*secret.Record) error) (left []*secret.Record, err error) {
	if len(rows) == 0 {
		return nil, nil
	}
	return left, p.step(ctx, name, writes, func() error {
		for _, r := range rows {
			if do(r) != nil {
				left = append(left, r)
			}
		}
		return nil
	})
}

func (p process) AddReminder(ctx context.Context, id header.ID, t time.Time) error {
	err := p.step(ctx, "add reminder", writes, func() error {
		p.w.reminders[secret.Reminder{Minute: t.Truncate(time.Minute), ID: id}] = true
		return nil
	})
	if p.c.client.stalls {
		p.c.client.pause()
	}
	return err
}

func (p process) DueReminders(ctx context.Context, t time.Time, _ string) (due []secret.Reminder, _ string, err error) {
	return due, "", p.step(ctx, "due", reads, func() error {
		for m := range p.w.reminders {
			if !m.Minute.Add(time.Minute).After(t) {
				due = append(due, m)
			}
		}
		slices.SortFunc(due, func(a, b secret.Reminder) int { return a.Minute.Compare(b.Minute) })
		return nil
	})
}

func (p process) RemoveReminders(ctx context.Context, reminders []secret.Reminder) error {
	if len(reminders) == 0 {
		return nil
	}
	return p.step(ctx, "remove reminders", writes, func() error {
		for _, m := range reminders {
			delete(p.w.reminders, m)
		}
		return nil
	})
}

func (p process) Watermark(_ context.Context, pass string) (header.Slot, error) {
	return p.w.water[pass], nil
}

func (p process) SetWatermark(_ context.Context, pass string, s header.Slot) error {
	p.w.water[pass] = s
	return nil
}

func (p process) ActiveHolds(ctx context.Context, _ header.ID) (holds []hold.Hold, err error) {
	return holds, p.step(ctx, "holds", reads, func() error {
		holds = slices.Clone(p.w.holds)
		return nil
	})
}

func (p process) PreservingHolds(ctx context.Context) ([]hold.Hold, error) {
	return p.ActiveHolds(ctx, header.ID{})
}

func (p process) PastHolds(context.Context, *hold.Target, time.Time) ([]hold.Hold, error) {
	return p.w.past, nil
}

func (p process) Seal(_ context.Context, _ week.Week, envelope, _ []byte) (secret.Sealed, error) {
	return secret.Sealed{Envelope: bytes.Clone(envelope)}, nil
}

func (p process) Open(ctx context.Context, s *secret.Sealed, _ []byte) (envelope []byte, err error) {
	open := func() error {
		if s.Envelope == nil {
			return errors.New("nothing to open")
		}
		envelope = bytes.Clone(s.Envelope)
		p.w.checkOpening(p.c)
		return nil
	}
	if p.c.client.cached {
		err = open()
		return envelope, err
	}
	err = p.step(ctx, "open", reads, open)
	return envelope, err
}

// Guess and Load implement secret.Caller.

func (p process) Guess(header.ID) error { return nil }

func (p process) Load(ctx context.Context, _ int) error {
	if !p.c.client.loads {
		return nil
	}
	if err := p.step(ctx, "load", reads, func() error { return nil }); err != nil {
		return fmt.Errorf("load: %w: %w", secret.ErrUnavailable, err)
	}
	return nil
}

func (p process) Publish(secret.Event) {}

// settled makes reading the clock a step, so that time may pass before it within a call.
func (p process) settled(clock func() time.Time) func() time.Time {
	return func() (t time.Time) {
		_ = p.w.stop(background, p.c, "clock", looks, func() { t = clock() })
		return t
	}
}

func (w *world) get(id header.ID) (*secret.Record, error) {
	if w.row == nil || w.row.ID != id {
		return nil, secret.ErrNotFound
	}
	return clone(w.row), nil
}

func (w *world) insert(r *secret.Record) {
	if w.everDeleted {
		w.fail("a deleted row came back")
	}
	w.version++
	r.Version = strconv.Itoa(w.version)
	w.row = r
}

func (w *world) update(k *call, next *secret.Record) error {
	switch {
	case w.row == nil:
		return secret.ErrNotFound
	case next.Version != w.row.Version && next.Version != "*": // as If-Match has it
		return secret.ErrStale
	}
	w.checkWrite(k, w.row, next)
	next.Sealed = w.row.Sealed
	if next.Cleared {
		next.Sealed.Envelope = nil
	}
	w.version++
	next.Version = strconv.Itoa(w.version)
	w.row = clone(next)
	return nil
}

func (w *world) delete(k *call, r *secret.Record) error {
	if w.row == nil || r.Version != w.row.Version {
		return secret.ErrStale
	}
	if w.inHold(k, hold.Preserve) {
		w.fail("deleted under a hold that preserves")
	}
	w.row, w.everDeleted = nil, true
	return nil
}
