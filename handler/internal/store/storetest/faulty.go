package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// fault is how a call to a store fails.
type fault int

// After each of these faults the caller cannot know whether the call took effect.
const (
	none         fault = iota
	requestLost        // the call never takes effect
	responseLost       // the call takes effect, and its result is lost
	late               // the call takes effect after a later call
)

var errLost = errors.New("no response")

// faulty is a store whose calls fail as plan decides, counted from 1.
type faulty struct {
	Store
	plan func(call int) fault // called by one goroutine at a time

	mu     sync.Mutex
	called int
	late   []func()
}

func (f *faulty) calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.called
}

// land carries out the late calls.
func (f *faulty) land() {
	f.mu.Lock()
	calls := f.late
	f.late = nil
	f.mu.Unlock()
	for _, call := range calls {
		call()
	}
}

func (f *faulty) do(ctx context.Context, call func(context.Context) error) error {
	f.mu.Lock()
	f.called++
	fault := f.plan(f.called)
	if fault == late {
		f.late = append(f.late, func() { _ = call(context.WithoutCancel(ctx)) })
	}
	f.mu.Unlock()
	switch fault {
	case requestLost, late:
		return errLost
	case responseLost:
		_ = call(ctx)
		return errLost
	}
	err := call(ctx)
	f.land()
	return err
}

// get is do for a call with one argument and a result.
func get[A, T any](ctx context.Context, f *faulty, arg A, call func(context.Context, A) (T, error)) (T, error) {
	var got, zero T
	err := f.do(ctx, func(ctx context.Context) (err error) { got, err = call(ctx, arg); return err })
	if errors.Is(err, errLost) {
		return zero, err // a late call may still be writing to got
	}
	return got, err
}

// page is do for a call that returns a page and a cursor.
func page[T any](ctx context.Context, f *faulty, call func(context.Context) ([]T, string, error)) ([]T, string, error) {
	type result struct {
		items []T
		next  string
	}
	r, err := get(ctx, f, struct{}{}, func(ctx context.Context, _ struct{}) (r result, err error) {
		r.items, r.next, err = call(ctx)
		return r, err
	})
	return r.items, r.next, err
}

func (f *faulty) Insert(ctx context.Context, r *secret.Record) error {
	own := *r
	return f.do(ctx, func(ctx context.Context) error { return f.Store.Insert(ctx, &own) })
}

func (f *faulty) Get(ctx context.Context, id header.ID) (*secret.Record, error) {
	return get(ctx, f, id, f.Store.Get)
}

func (f *faulty) Peek(ctx context.Context, id header.ID) (*secret.Record, error) {
	return get(ctx, f, id, f.Store.Peek)
}

func (f *faulty) Update(ctx context.Context, r *secret.Record) error {
	own := *r
	own.Leases, own.Tries, own.Log = slices.Clone(r.Leases), slices.Clone(r.Tries), slices.Clone(r.Log)
	return f.do(ctx, func(ctx context.Context) error { return f.Store.Update(ctx, &own) })
}

func (f *faulty) Expired(ctx context.Context, from, to header.Slot, uncleared bool, cursor string) ([]*secret.Record, string, error) {
	return page(ctx, f, func(ctx context.Context) ([]*secret.Record, string, error) {
		return f.Store.Expired(ctx, from, to, uncleared, cursor)
	})
}

func (f *faulty) Clear(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return get(ctx, f, rows, f.Store.Clear)
}

func (f *faulty) Delete(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return get(ctx, f, rows, f.Store.Delete)
}

func (f *faulty) AddReminder(ctx context.Context, id header.ID, t time.Time) error {
	return f.do(ctx, func(ctx context.Context) error { return f.Store.AddReminder(ctx, id, t) })
}

func (f *faulty) DueReminders(ctx context.Context, t time.Time, cursor string) ([]secret.Reminder, string, error) {
	return page(ctx, f, func(ctx context.Context) ([]secret.Reminder, string, error) {
		return f.Store.DueReminders(ctx, t, cursor)
	})
}

func (f *faulty) RemoveReminders(ctx context.Context, reminders []secret.Reminder) error {
	return f.do(ctx, func(ctx context.Context) error { return f.Store.RemoveReminders(ctx, reminders) })
}

func (f *faulty) Watermark(ctx context.Context, pass string) (header.Slot, error) {
	return get(ctx, f, pass, f.Store.Watermark)
}

func (f *faulty) SetWatermark(ctx context.Context, pass string, s header.Slot) error {
	return f.do(ctx, func(ctx context.Context) error { return f.Store.SetWatermark(ctx, pass, s) })
}

func (f *faulty) ActiveHolds(ctx context.Context, id header.ID) ([]hold.Hold, error) {
	return get(ctx, f, id, f.Store.ActiveHolds)
}

func (f *faulty) PreservingHolds(ctx context.Context) ([]hold.Hold, error) {
	return get(ctx, f, "", func(ctx context.Context, _ string) ([]hold.Hold, error) { return f.Store.PreservingHolds(ctx) })
}

func (f *faulty) InsertHold(ctx context.Context, partition string, h hold.Hold) error {
	return f.do(ctx, func(ctx context.Context) error { return f.Store.InsertHold(ctx, partition, h) })
}

func (f *faulty) DropHold(ctx context.Context, partition, id string) error {
	return f.do(ctx, func(ctx context.Context) error { return f.Store.DropHold(ctx, partition, id) })
}

func (f *faulty) GetHold(ctx context.Context, partition, id string) (*hold.Hold, error) {
	return get(ctx, f, id, func(ctx context.Context, id string) (*hold.Hold, error) { return f.Store.GetHold(ctx, partition, id) })
}

func (f *faulty) ListHolds(ctx context.Context, partition string, filter hold.Filter, cursor string, most int) ([]hold.Hold, string, error) {
	return page(ctx, f, func(ctx context.Context) ([]hold.Hold, string, error) {
		return f.Store.ListHolds(ctx, partition, filter, cursor, most)
	})
}
