package quarantine

import (
	"context"
	"regexp"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// PageSize is the most holds on a page.
const PageSize = 100

// cursorForm is the form of the cursors of Holds: the list, and the ID of the last
// hold that was seen in it.
var cursorForm = regexp.MustCompile(`^(active|past)-([0-9a-f]{32})?$`)

// Holds returns a page of all holds. next is the cursor of the page before, empty
// for the first page. Errors: *secret.InvalidError, secret.ErrUnavailable.
func (s *Service) Holds(ctx context.Context, next string) (p Page, err error) {
	if next == "" {
		next = "active-"
	}
	cursor := cursorForm.FindStringSubmatch(next)
	if cursor == nil {
		return Page{}, &secret.InvalidError{Field: "next", Reason: "must be that of the page before"}
	}
	list, id := cursor[1], cursor[2]
	if list == "active" {
		if p.Active, id, err = s.active(ctx, id); err != nil {
			return Page{}, err
		}
		if id != "" {
			p.Next = "active-" + id
			return p, nil
		}
	}
	if rest := PageSize - len(p.Active); rest == 0 {
		p.Next = "past-"
	} else {
		if p.Past, id, err = s.Store.Past(ctx, hold.Filter{}, id, rest); err != nil {
			return Page{}, unavailable("list holds", err)
		}
		if id != "" {
			p.Next = "past-" + id
		}
	}
	return p, nil
}

// active returns a page of the active holds, without those that are being released:
// they are archived, and have copies that a call or the next patrol removes.
func (s *Service) active(ctx context.Context, cursor string) (holds []hold.Hold, next string, err error) {
	all, next, err := s.Store.Active(ctx, hold.Filter{}, cursor, PageSize)
	if err != nil {
		return nil, "", unavailable("list holds", err)
	}
	past := make([]*hold.Hold, len(all))
	err = bounded(len(all), func(i int) (err error) {
		past[i], err = s.Store.Archived(ctx, all[i].ID)
		return err
	})
	if err != nil {
		return nil, "", unavailable("look up hold", err)
	}
	for i := range all {
		if past[i] == nil {
			holds = append(holds, all[i])
		}
	}
	return holds, next, nil
}

// maxCounted is the most rows that Covers reads.
const maxCounted = 100_000

// Covers counts the secrets in a scope that can still be read: those with a view
// left that have neither expired nor been revoked. It reads the rows in the slots of
// the scope that have not expired, at most 100,000 of them: more is true if it stopped
// there, and there may be more. It writes nothing. Errors: *secret.InvalidError,
// secret.ErrUnavailable.
func (s *Service) Covers(ctx context.Context, scope hold.Scope) (covered int, more bool, err error) {
	if err := checkScope(&scope); err != nil {
		return 0, false, err
	}
	now := s.Now()
	from, to := slots(scope, now)
	seen := 0
	for cursor := ""; ; {
		rows, next, err := s.Secrets.Expired(ctx, from, to, true, cursor)
		if err != nil {
			return 0, false, unavailable("list secrets", err)
		}
		for _, r := range rows {
			over := r.Views == 0 || r.Cleared || !r.Revoked.IsZero() || !now.Before(r.Expires)
			if !over && scope.Covers(r.Target()) {
				covered++
			}
		}
		seen += len(rows)
		if cursor = next; cursor == "" || seen >= maxCounted {
			return covered, cursor != "", nil
		}
	}
}

// slots returns the slots in which secrets of a scope can expire, from now on.
func slots(scope hold.Scope, now time.Time) (from, to header.Slot) {
	first, last := scope.IDs()
	from, to = header.SlotOf(now), ^header.Slot(0)
	if id, err := header.ParseID(first); err == nil {
		from = max(from, id.Slot())
	}
	if id, err := header.ParseID(last); err == nil && id.Slot() < to {
		to = id.Slot() + 1
	}
	return from, to
}
