package quarantine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Past is the partition of the holds that were released or have ended.
const Past = "past"

// Shards is how many partitions an active hold stands in.
const Shards = 16

// Active returns the partition of the active holds for the ids of a shard, 0 to 15.
func Active(shard int) string { return fmt.Sprintf("active-%x", shard) }

// raise sets the hold unless it stands or is past already; admit decides that,
// given the one that stands or nil. Three round trips: look, write, look again. The second
// look finds a release that came between, whose removals the writes may have undone.
func (s *Service) raise(ctx context.Context, h hold.Hold, admit func(stands *hold.Hold) error) (Outcome, error) {
	past, first, err := s.look(ctx, h.ID)
	if err != nil {
		return Outcome{}, err
	}
	if past != nil {
		first = past
	}
	if err := admit(first); err != nil {
		return Outcome{}, err
	}
	if past != nil {
		return s.told(ctx, lifted(past), past, false), nil
	}
	isNew := first == nil
	if first != nil {
		h = *first
	}
	errs := s.all(func(shard int) error { return s.Store.InsertHold(ctx, Active(shard), h) })
	for _, err := range errs {
		if err != nil && !errors.Is(err, secret.ErrExists) {
			return Outcome{}, unavailable("write hold", err)
		}
	}
	past, first, err = s.look(ctx, h.ID)
	switch {
	case err != nil:
		return Outcome{}, err
	case past != nil:
		return s.removed(ctx, past)
	case first != nil: // another call may have been first
		h = *first
	}
	return s.told(ctx, created(&h), &h, isNew && errs[0] == nil), nil
}

// look fetches the hold from the past ones and from the first shard, side by side; nil where it does not stand.
func (s *Service) look(ctx context.Context, id string) (past, first *hold.Hold, err error) {
	errs := together(2, func(i int) (err error) {
		if i == 0 {
			past, err = s.get(ctx, Past, id)
		} else {
			first, err = s.get(ctx, Active(0), id)
		}
		return err
	})
	return past, first, errors.Join(errs...)
}

func (s *Service) get(ctx context.Context, partition, id string) (*hold.Hold, error) {
	h, err := s.Store.GetHold(ctx, partition, id)
	switch {
	case errors.Is(err, secret.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, unavailable("look up hold", err)
	}
	return &h, nil
}

// lift moves a hold to the past ones. One that is there already stays as it is. Two round trips.
func (s *Service) lift(ctx context.Context, h *hold.Hold) (Outcome, error) {
	past, _, err := s.file(ctx, h)
	if err != nil {
		return Outcome{}, err
	}
	return s.removed(ctx, past)
}

// file writes a hold to the past ones, before its rows go. It returns what stands
// there, and whether this call has written it.
func (s *Service) file(ctx context.Context, h *hold.Hold) (past *hold.Hold, first bool, err error) {
	err = s.Store.InsertHold(ctx, Past, *h)
	switch {
	case err == nil:
		return h, true, nil
	case !errors.Is(err, secret.ErrExists):
		return nil, false, unavailable("write past hold", err)
	}
	// Another call was first, or an earlier try of this one.
	if past, err = s.get(ctx, Past, h.ID); past == nil {
		past = h
	}
	return past, false, err
}

// removed removes the rows of a hold that is past.
func (s *Service) removed(ctx context.Context, past *hold.Hold) (Outcome, error) {
	if err := s.drop(ctx, past.ID); err != nil {
		return Outcome{}, err
	}
	return s.told(ctx, lifted(past), past, false), nil
}

func (s *Service) drop(ctx context.Context, id string) error {
	err := errors.Join(s.all(func(shard int) error { return s.Store.DropHold(ctx, Active(shard), id) })...)
	if err != nil {
		return unavailable("remove hold", err)
	}
	return nil
}

// all does something in all shards side by side, and returns what each of them answered.
func (s *Service) all(do func(shard int) error) []error { return together(Shards, do) }

func together(n int, do func(i int) error) []error {
	errs := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { errs[i] = do(i) })
	}
	group.Wait()
	return errs
}

func unavailable(operation string, err error) error {
	return fmt.Errorf("%s: %w: %w", operation, secret.ErrUnavailable, err)
}
