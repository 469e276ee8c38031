package secret_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

var errDown = errors.New("down")

// memory implements all dependencies in memory.
type memory struct {
	mu        sync.Mutex
	rows      map[header.ID]*secret.Record
	version   int
	reminders map[secret.Reminder]bool
	water     map[string]header.Slot
	active    []hold.Hold
	past      []hold.Hold
	keys      map[week.Week]secret.WeekKey
	events    []secret.Event

	clock  func() time.Time             // the vault's
	page   int                          // rows in a page
	before func(operation string) error // runs before an operation, which fails with its error
}

func newMemory() *memory {
	return &memory{
		rows: map[header.ID]*secret.Record{}, reminders: map[secret.Reminder]bool{}, water: map[string]header.Slot{},
		keys: map[week.Week]secret.WeekKey{}, page: 1000,
	}
}

// do runs one operation, unless its context is done or the test makes it fail.
func (m *memory) do(ctx context.Context, operation string, f func() error) error {
	if m.before != nil {
		if err := m.before(operation); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return f()
}

func clone(r *secret.Record) *secret.Record {
	next := *r
	next.Leases, next.Tries, next.Log = slices.Clone(r.Leases), slices.Clone(r.Tries), slices.Clone(r.Log)
	return &next
}

func (m *memory) put(r *secret.Record) {
	m.version++
	next := clone(r)
	next.Version = strconv.Itoa(m.version)
	if next.Cleared {
		next.Sealed.Wrapped, next.Sealed.Envelope = nil, nil
	}
	m.rows[r.ID] = next
}

// current returns the row that r was read from, if it has not changed since.
func (m *memory) current(r *secret.Record) (*secret.Record, error) {
	old := m.rows[r.ID]
	switch {
	case old == nil:
		return nil, secret.ErrNotFound
	case old.Version != r.Version:
		return nil, secret.ErrStale
	}
	return old, nil
}

func (m *memory) Insert(ctx context.Context, r *secret.Record) error {
	return m.do(ctx, "insert", func() error {
		if m.rows[r.ID] != nil {
			return secret.ErrExists
		}
		m.put(r)
		return nil
	})
}

func (m *memory) Get(ctx context.Context, id header.ID) (r *secret.Record, err error) {
	return r, m.do(ctx, "get", func() error { r, err = m.row(id); return err })
}

func (m *memory) Peek(ctx context.Context, id header.ID) (r *secret.Record, err error) {
	return r, m.do(ctx, "peek", func() error {
		if r, err = m.row(id); err == nil {
			r.Sealed.Wrapped, r.Sealed.Envelope = nil, nil
		}
		return err
	})
}

func (m *memory) row(id header.ID) (*secret.Record, error) {
	if m.rows[id] == nil {
		return nil, secret.ErrNotFound
	}
	return clone(m.rows[id]), nil
}

func (m *memory) Update(ctx context.Context, r *secret.Record) error {
	return m.do(ctx, "update", func() error {
		old, err := m.current(r)
		if err != nil {
			return err
		}
		next := clone(r)
		next.Sealed = old.Sealed
		m.put(next)
		return nil
	})
}

func (m *memory) Expired(ctx context.Context, from, to header.Slot, uncleared bool, cursor string) (rows []*secret.Record, next string, err error) {
	err = m.do(ctx, "expired", func() error {
		var all []*secret.Record
		for _, r := range m.rows {
			if s := r.ID.Slot(); s >= from && s < to && (!uncleared || !r.Cleared) && r.ID.String() > cursor {
				all = append(all, clone(r))
			}
		}
		slices.SortFunc(all, func(a, b *secret.Record) int { return bytes.Compare(a.ID[:], b.ID[:]) })
		if rows = all; len(all) > m.page {
			rows = all[:m.page]
			next = rows[m.page-1].ID.String()
		}
		return nil
	})
	return rows, next, err
}

func (m *memory) Clear(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return m.each(ctx, "clear", rows, func(old *secret.Record) { old = clone(old); old.Cleared = true; m.put(old) })
}

func (m *memory) Delete(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return m.each(ctx, "delete", rows, func(old *secret.Record) { delete(m.rows, old.ID) })
}

func (m *memory) each(ctx context.Context, name string, rows []*secret.Record, f func(*secret.Record)) (left []*secret.Record, err error) {
	return left, m.do(ctx, name, func() error {
		for _, r := range rows {
			if old, err := m.current(r); err != nil {
				left = append(left, r)
			} else {
				f(old)
			}
		}
		return nil
	})
}

func (m *memory) AddReminder(ctx context.Context, id header.ID, t time.Time) error {
	return m.do(ctx, "add reminder", func() error {
		m.reminders[secret.Reminder{Minute: t.Truncate(time.Minute), ID: id}] = true
		return nil
	})
}

func (m *memory) DueReminders(ctx context.Context, t time.Time, _ string) (due []secret.Reminder, next string, err error) {
	return due, "", m.do(ctx, "due", func() error {
		for reminder := range m.reminders {
			if !reminder.Minute.Add(time.Minute).After(t) {
				due = append(due, reminder)
			}
		}
		return nil
	})
}

func (m *memory) RemoveReminders(ctx context.Context, reminders []secret.Reminder) error {
	return m.do(ctx, "remove reminders", func() error {
		for _, reminder := range reminders {
			delete(m.reminders, reminder)
		}
		return nil
	})
}

func (m *memory) Watermark(ctx context.Context, pass string) (s header.Slot, err error) {
	return s, m.do(ctx, "watermark", func() error { s = m.water[pass]; return nil })
}

func (m *memory) SetWatermark(ctx context.Context, pass string, s header.Slot) error {
	return m.do(ctx, "set watermark", func() error { m.water[pass] = s; return nil })
}

func (m *memory) ActiveHolds(ctx context.Context, _ header.ID) (holds []hold.Hold, err error) {
	return holds, m.do(ctx, "holds", func() error { holds = slices.Clone(m.active); return nil })
}

func (m *memory) PreservingHolds(ctx context.Context) ([]hold.Hold, error) {
	return m.ActiveHolds(ctx, header.ID{})
}

func (m *memory) PastHolds(ctx context.Context, _ *hold.Target, _ time.Time) (holds []hold.Hold, err error) {
	return holds, m.do(ctx, "past", func() error { holds = slices.Clone(m.past); return nil })
}

func (m *memory) Seal(ctx context.Context, w week.Week, envelope, associated []byte) (s secret.Sealed, err error) {
	return s, m.do(ctx, "seal", func() error {
		s = secret.Sealed{Key: secret.KeyRef{Name: "kek-" + string(w)}, Wrapped: bytes.Clone(associated), Envelope: bytes.Clone(envelope)}
		return nil
	})
}

func (m *memory) Open(ctx context.Context, s *secret.Sealed, associated []byte) (envelope []byte, err error) {
	return envelope, m.do(ctx, "open", func() error {
		if !bytes.Equal(s.Wrapped, associated) {
			return errors.New("sealed for another row")
		}
		envelope = bytes.Clone(s.Envelope)
		return nil
	})
}

func (m *memory) Publish(e secret.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append(m.events, e)
}
