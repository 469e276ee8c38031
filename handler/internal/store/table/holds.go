package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// ActiveHolds implements secret.Store.
func (t *Store) ActiveHolds(ctx context.Context, id header.ID) ([]hold.Hold, error) {
	return store.AllHolds(ctx, t, store.ActiveHolds(id.Shard()), hold.Filter{ID: id.String()})
}

// PreservingHolds implements secret.Store.
func (t *Store) PreservingHolds(ctx context.Context) ([]hold.Hold, error) {
	return store.AllHolds(ctx, t, store.ActiveHolds(0), hold.Filter{Mode: hold.Preserve})
}

// PastHolds implements secret.Store.
func (t *Store) PastHolds(ctx context.Context, target *hold.Target, since time.Time) ([]hold.Hold, error) {
	all, err := store.AllHolds(ctx, t, store.PastHolds, hold.Filter{ID: target.ID, EndsAfter: since})
	return slices.DeleteFunc(all, func(h hold.Hold) bool { return !h.Scope.Covers(target) || !h.End().After(since) }), err
}

// ListHolds implements store.Partitions.
func (t *Store) ListHolds(ctx context.Context, partition string, f hold.Filter, cursor string, most int) (holds []hold.Hold, next string, err error) {
	if err := checkKeys(partition, cursor+f.ID+"0"); err != nil {
		return nil, "", err
	}
	filter := holdsFilter(partition, f, cursor)
	for more := ""; ; {
		var entities [][]byte
		if entities, more, err = listPage(ctx, t.holds, filter, "value", more, most); err != nil {
			return nil, "", err
		}
		for _, data := range entities {
			var e entity
			if err := json.Unmarshal(data, &e); err != nil {
				return nil, "", fmt.Errorf("decode hold: %w", err)
			}
			h, err := store.DecodeHold([]byte(e.Value))
			if err != nil {
				return nil, "", err
			}
			if f.Selects(&h) {
				holds, next = append(holds, h), h.ID
			}
		}
		switch {
		case more == "":
			return holds, "", nil
		case len(holds) > 0: // an answer may have no holds although more follow
			return holds, next, nil
		}
	}
}

// Properties of a hold by which queries select.
const (
	firstID = "first" // see hold.Scope.IDs
	lastID  = "last"
	until   = "until" // RFC 3339 in UTC, which sorts by time
)

// Holds of earlier versions have no such properties, and services differ in what a
// filter does about a missing property. So the stored form of a hold with properties
// begins with a space, which JSON ignores, and sorts before that of the others.
const (
	withProperties    = " "
	withoutProperties = "value ge '{'"
)

// holdsFilter returns a query for the holds that the filter may select.
func holdsFilter(partition string, f hold.Filter, cursor string) string {
	query := "PartitionKey eq '" + partition + "'"
	if cursor != "" {
		query += " and RowKey gt '" + cursor + "'"
	}
	var by []string
	if f.ID != "" {
		by = append(by, firstID+" le '"+f.ID+"'", lastID+" ge '"+f.ID+"'")
	}
	if !f.EndsAfter.IsZero() {
		by = append(by, until+" gt '"+timeText(f.EndsAfter)+"'")
	}
	if !f.EndsBy.IsZero() {
		by = append(by, until+" le '"+timeText(f.EndsBy)+"'")
	}
	if len(by) == 0 {
		return query
	}
	return query + " and (" + withoutProperties + " or (" + strings.Join(by, " and ") + "))"
}

// timeText cuts a time to the second, as the times of holds are: that changes no
// comparison with one.
func timeText(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// GetHold implements store.Partitions.
func (t *Store) GetHold(ctx context.Context, partition, id string) (*hold.Hold, error) {
	e, err := get(ctx, t.holds, partition, id)
	if errors.Is(err, secret.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	h, err := store.DecodeHold([]byte(e.Value))
	return &h, err
}

// InsertHold implements store.Partitions. The ID of the hold has only lower-case
// letters, digits and hyphens: ErrLimit.
func (t *Store) InsertHold(ctx context.Context, partition string, h hold.Hold) error {
	value, err := store.EncodeHold(h)
	if err != nil {
		return err
	}
	first, last := h.Scope.IDs()
	p := newProperties(partition, h.ID)
	for name, text := range map[string]string{"value": withProperties + string(value), firstID: first, lastID: last, until: timeText(h.Until)} {
		p.add(name, text, utf16Size(text))
	}
	data, err := p.encode()
	if err != nil {
		return err
	}
	_, err = t.holds.AddEntity(ctx, data, nil)
	return portError(err)
}

// DropHold implements store.Partitions.
func (t *Store) DropHold(ctx context.Context, partition, id string) error {
	if err := checkKeys(partition, id); err != nil {
		return err
	}
	_, err := t.holds.DeleteEntity(ctx, partition, id, nil)
	if err = portError(err); errors.Is(err, secret.ErrNotFound) {
		return nil
	}
	return err
}
