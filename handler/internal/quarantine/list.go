package quarantine

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Holds returns a page of all holds. next is the cursor of the page before, empty
// for the first page. Errors: *secret.InvalidError, secret.ErrUnavailable.
func (s *Service) Holds(ctx context.Context, next string) (Page, error) {
	if next != "" && !holdIDForm.MatchString(next) {
		return Page{}, &secret.InvalidError{Field: "next", Reason: "must be that of the page before"}
	}
	var p Page
	var group errgroup.Group
	group.Go(func() (err error) { p.Past, p.Next, err = s.Store.Past(ctx, next); return err })
	if next == "" {
		group.Go(func() (err error) { p.Active, err = s.Store.Active(ctx); return err })
	}
	if err := group.Wait(); err != nil {
		return Page{}, unavailable("list holds", err)
	}
	// A hold that is being released is in both lists.
	p.Active = slices.DeleteFunc(p.Active, func(h hold.Hold) bool {
		return slices.ContainsFunc(p.Past, func(past hold.Hold) bool { return past.ID == h.ID })
	})
	slices.SortStableFunc(p.Active, newestFirst)
	slices.SortStableFunc(p.Past, newestFirst)
	return p, nil
}

func newestFirst(a, b hold.Hold) int { return b.CreatedAt.Compare(a.CreatedAt) }

// Covers counts the secrets in a scope that can still be read: those with a view
// left that have neither expired nor been revoked. It reads all rows in the slots of
// the scope that have not expired, so its time grows with their number. It writes
// nothing. Errors: *secret.InvalidError, secret.ErrUnavailable.
func (s *Service) Covers(ctx context.Context, scope hold.Scope) (covered int, err error) {
	if err := checkScope(&scope); err != nil {
		return 0, err
	}
	now := s.Now()
	from, to := slots(scope, now)
	for cursor := ""; ; {
		rows, next, err := s.Secrets.Expired(ctx, from, to, true, cursor)
		if err != nil {
			return 0, unavailable("list secrets", err)
		}
		for _, r := range rows {
			over := r.Views == 0 || r.Cleared || !r.Revoked.IsZero() || !now.Before(r.Expires)
			if !over && scope.Covers(r.Target()) {
				covered++
			}
		}
		if cursor = next; cursor == "" {
			return covered, nil
		}
	}
}

// slots returns the slots in which secrets of a scope can expire, from now on.
func slots(scope hold.Scope, now time.Time) (from, to header.Slot) {
	from, to = header.SlotOf(now), ^header.Slot(0)
	switch scope.Kind {
	case hold.ScopeWeek:
		from, to = max(from, header.SlotOf(scope.Week.Start())), header.SlotOf(scope.Week.End())
	case hold.ScopeID:
		if id, err := header.ParseID(scope.ID); err == nil {
			from, to = max(from, id.Slot()), id.Slot()+1
		}
	}
	return from, to
}
