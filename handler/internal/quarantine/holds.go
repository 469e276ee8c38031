package quarantine

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Holds returns a page of all holds; next is the cursor that the page before
// gave, empty for the first. Errors: *secret.InvalidError, secret.ErrUnavailable.
func (s *Service) Holds(ctx context.Context, next string) (Page, error) {
	if next != "" && !isHoldID(next) {
		return Page{}, &secret.InvalidError{Field: "next", Reason: "must be what the page before gave"}
	}
	var p Page
	errs := together(2, func(i int) (err error) {
		if i == 0 {
			p.Past, p.Next, err = s.Store.ListHolds(ctx, Past, next)
		} else if next == "" {
			p.Active, err = s.active(ctx)
		}
		return err
	})
	if err := errors.Join(errs...); err != nil {
		return Page{}, unavailable("list holds", err)
	}
	// One that is just being lifted stands among both.
	p.Active = slices.DeleteFunc(p.Active, func(h hold.Hold) bool {
		return slices.ContainsFunc(p.Past, func(past hold.Hold) bool { return past.ID == h.ID })
	})
	slices.SortStableFunc(p.Active, newestFirst)
	slices.SortStableFunc(p.Past, newestFirst)
	return p, nil
}

func newestFirst(a, b hold.Hold) int { return b.CreatedAt.Compare(a.CreatedAt) }

// active returns the holds that stand in any shard, in the order of their ids.
func (s *Service) active(ctx context.Context) ([]hold.Hold, error) {
	shards := make([][]hold.Hold, Shards)
	errs := s.all(func(shard int) (err error) {
		shards[shard], err = s.shard(ctx, Active(shard))
		return err
	})
	found := map[string]*hold.Hold{}
	for _, holds := range shards {
		for i := range holds {
			found[holds[i].ID] = longer(found[holds[i].ID], &holds[i])
		}
	}
	all := make([]hold.Hold, 0, len(found))
	for _, h := range found {
		all = append(all, *h)
	}
	slices.SortFunc(all, func(a, b hold.Hold) int { return cmp.Compare(a.ID, b.ID) })
	return all, errors.Join(errs...)
}

func (s *Service) shard(ctx context.Context, partition string) (all []hold.Hold, err error) {
	for cursor := ""; ; {
		holds, next, err := s.Store.ListHolds(ctx, partition, cursor)
		if err != nil {
			return nil, err
		}
		all = append(all, holds...)
		if cursor = next; cursor == "" {
			return all, nil
		}
	}
}
