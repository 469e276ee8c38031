package quarantine

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Holds returns a page of all holds. next is the cursor of the page before, empty
// for the first page. Errors: *secret.InvalidError, secret.ErrUnavailable.
func (s *Service) Holds(ctx context.Context, next string) (Page, error) {
	if next != "" && !isHoldID(next) {
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
