package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Fault is what goes wrong with one call to a store.
type Fault int

// The faults. After each of them the caller cannot tell what the call did.
const (
	None        Fault = iota
	RequestLost       // the store never hears of it
	AnswerLost        // it is done, and nobody is told
	Late              // it is done after a later call
)

var errLost = errors.New("no answer")

// Faulty is a store whose calls go wrong as Plan says of each, counted from 1.
type Faulty struct {
	Store
	Plan func(call int) Fault // called by one goroutine at a time

	mu    sync.Mutex
	calls int
	late  []func()
}

// Calls returns how many calls there were.
func (f *Faulty) Calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

// Land carries out what is late.
func (f *Faulty) Land() {
	f.mu.Lock()
	late := f.late
	f.late = nil
	f.mu.Unlock()
	for _, call := range late {
		call()
	}
}

func (f *Faulty) do(ctx context.Context, call func(context.Context) error) error {
	f.mu.Lock()
	f.calls++
	fault := f.Plan(f.calls)
	if fault == Late {
		f.late = append(f.late, func() { _ = call(context.WithoutCancel(ctx)) })
	}
	f.mu.Unlock()
	switch fault {
	case RequestLost, Late:
		return errLost
	case AnswerLost:
		_ = call(ctx)
		return errLost
	}
	err := call(ctx)
	f.Land()
	return err
}

// pair is two results of a call.
type pair[A, B any] struct {
	a A
	b B
}

// fetch is do for a call that returns something.
func fetch[T any](ctx context.Context, f *Faulty, call func(context.Context) (T, error)) (T, error) {
	var got, none T
	err := f.do(ctx, func(ctx context.Context) (err error) { got, err = call(ctx); return err })
	if errors.Is(err, errLost) {
		return none, err // a late call may still be writing to got
	}
	return got, err
}

// Insert implements secret.Store.
func (f *Faulty) Insert(ctx context.Context, r *secret.Record) error {
	mine := *r
	return f.do(ctx, func(ctx context.Context) error { return f.Store.Insert(ctx, &mine) })
}

// Get implements secret.Store.
func (f *Faulty) Get(ctx context.Context, id secret.ID) (*secret.Record, error) {
	return fetch(ctx, f, func(ctx context.Context) (*secret.Record, error) { return f.Store.Get(ctx, id) })
}

// Peek implements secret.Store.
func (f *Faulty) Peek(ctx context.Context, id secret.ID) (*secret.Record, error) {
	return fetch(ctx, f, func(ctx context.Context) (*secret.Record, error) { return f.Store.Peek(ctx, id) })
}

// Update implements secret.Store.
func (f *Faulty) Update(ctx context.Context, r *secret.Record) error {
	mine := *r
	mine.Leases, mine.Tries, mine.Log = slices.Clone(r.Leases), slices.Clone(r.Tries), slices.Clone(r.Log)
	return f.do(ctx, func(ctx context.Context) error { return f.Store.Update(ctx, &mine) })
}

// Expired implements secret.Store.
func (f *Faulty) Expired(ctx context.Context, from, to secret.Slot, uncleared bool, cursor string) ([]*secret.Record, string, error) {
	p, err := fetch(ctx, f, func(ctx context.Context) (p pair[[]*secret.Record, string], err error) {
		p.a, p.b, err = f.Store.Expired(ctx, from, to, uncleared, cursor)
		return p, err
	})
	return p.a, p.b, err
}

// Clear implements secret.Store.
func (f *Faulty) Clear(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return fetch(ctx, f, func(ctx context.Context) ([]*secret.Record, error) { return f.Store.Clear(ctx, rows) })
}

// Delete implements secret.Store.
func (f *Faulty) Delete(ctx context.Context, rows []*secret.Record) ([]*secret.Record, error) {
	return fetch(ctx, f, func(ctx context.Context) ([]*secret.Record, error) { return f.Store.Delete(ctx, rows) })
}

// AddReminder implements secret.Store.
func (f *Faulty) AddReminder(ctx context.Context, id secret.ID, t time.Time) error {
	return f.do(ctx, func(ctx context.Context) error { return f.Store.AddReminder(ctx, id, t) })
}

// DueReminders implements secret.Store.
func (f *Faulty) DueReminders(ctx context.Context, t time.Time, cursor string) ([]secret.Reminder, string, error) {
	p, err := fetch(ctx, f, func(ctx context.Context) (p pair[[]secret.Reminder, string], err error) {
		p.a, p.b, err = f.Store.DueReminders(ctx, t, cursor)
		return p, err
	})
	return p.a, p.b, err
}

// RemoveReminders implements secret.Store.
func (f *Faulty) RemoveReminders(ctx context.Context, marks []secret.Reminder) error {
	return f.do(ctx, func(ctx context.Context) error { return f.Store.RemoveReminders(ctx, marks) })
}

// Watermark implements secret.Store.
func (f *Faulty) Watermark(ctx context.Context, pass string) (secret.Slot, error) {
	return fetch(ctx, f, func(ctx context.Context) (secret.Slot, error) { return f.Store.Watermark(ctx, pass) })
}

// SetWatermark implements secret.Store.
func (f *Faulty) SetWatermark(ctx context.Context, pass string, s secret.Slot) error {
	return f.do(ctx, func(ctx context.Context) error { return f.Store.SetWatermark(ctx, pass, s) })
}

// ActiveHolds implements secret.Store.
func (f *Faulty) ActiveHolds(ctx context.Context, id secret.ID) ([]hold.Hold, error) {
	return fetch(ctx, f, func(ctx context.Context) ([]hold.Hold, error) { return f.Store.ActiveHolds(ctx, id) })
}
