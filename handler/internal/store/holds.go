package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// Partitions keeps holds by partition and ID. All methods are safe for
// concurrent use, from several processes where the store is shared, and may be
// repeated. An error other than the named ones is ambiguous: the write may have
// taken effect, or may still do so after the call has returned.
type Partitions interface {
	// InsertHold adds a hold: secret.ErrExists when the partition has one with
	// its ID, which an earlier attempt of the same call may have added.
	InsertHold(ctx context.Context, partition string, h hold.Hold) error
	// DropHold removes a hold. A missing one is no error.
	DropHold(ctx context.Context, partition, id string) error
	// GetHold returns the hold with the ID, nil when there is none.
	GetHold(ctx context.Context, partition, id string) (*hold.Hold, error)
	// ListHolds returns the holds that the filter selects in the order of their IDs,
	// at most so many and at most [MaxHolds], and the cursor of the next page, empty
	// after the last. A cursor is an ID: the page has the holds after it.
	ListHolds(ctx context.Context, partition string, f hold.Filter, cursor string, most int) ([]hold.Hold, string, error)
}

// MaxHolds is the most holds that a store lists at a time.
const MaxHolds = 1000

// Shards is the number of partitions that have a copy of each active hold: a
// request reads only the partition of its own ID, so that no single partition
// has to serve all requests.
const Shards = 16

// Holds implements quarantine.Store over the partitions of a store.
type Holds struct{ Partitions Partitions }

// Place implements quarantine.Store.
func (s Holds) Place(ctx context.Context, h hold.Hold) (first bool, err error) {
	err = eachShard(func(shard byte) error {
		err := s.Partitions.InsertHold(ctx, ActiveHolds(shard), h)
		if shard == 0 {
			first = err == nil
		}
		if errors.Is(err, secret.ErrExists) {
			return nil
		}
		return err
	})
	return first, err
}

// Remove implements quarantine.Store.
func (s Holds) Remove(ctx context.Context, id string) error {
	return eachShard(func(shard byte) error { return s.Partitions.DropHold(ctx, ActiveHolds(shard), id) })
}

// Archive implements quarantine.Store.
func (s Holds) Archive(ctx context.Context, h hold.Hold) error {
	return s.Partitions.InsertHold(ctx, PastHolds, h)
}

// Archived implements quarantine.Store.
func (s Holds) Archived(ctx context.Context, id string) (*hold.Hold, error) {
	return s.Partitions.GetHold(ctx, PastHolds, id)
}

// Forget implements quarantine.Store.
func (s Holds) Forget(ctx context.Context, id string) error {
	return s.Partitions.DropHold(ctx, PastHolds, id)
}

// Placed implements quarantine.Store.
func (s Holds) Placed(ctx context.Context, id string) (*hold.Hold, error) {
	return s.Partitions.GetHold(ctx, ActiveHolds(0), id)
}

// Find implements quarantine.Store. Two calls that place a hold at the same time may
// give its copies ends a second apart.
func (s Holds) Find(ctx context.Context, id string) (found *hold.Hold, err error) {
	copies := make([]*hold.Hold, Shards)
	err = eachShard(func(shard byte) (err error) {
		copies[shard], err = s.Partitions.GetHold(ctx, ActiveHolds(shard), id)
		return err
	})
	for _, h := range copies {
		if found == nil || h != nil && h.Until.After(found.Until) {
			found = h
		}
	}
	return found, err
}

// Active implements quarantine.Store.
func (s Holds) Active(ctx context.Context, f hold.Filter, cursor string, most int) (all []hold.Hold, next string, err error) {
	shards, ends := make([][]hold.Hold, Shards), make([]string, Shards)
	err = eachShard(func(shard byte) (err error) {
		shards[shard], ends[shard], err = s.Partitions.ListHolds(ctx, ActiveHolds(shard), f, cursor, most)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	all = slices.Concat(shards...)
	slices.SortFunc(all, func(a, b hold.Hold) int { return cmp.Or(cmp.Compare(a.ID, b.ID), b.Until.Compare(a.Until)) })
	all = slices.CompactFunc(all, func(a, b hold.Hold) bool { return a.ID == b.ID })
	// The page ends where the first of the shards' pages ends: what comes later may
	// be missing from it.
	for _, end := range ends {
		if end != "" && (next == "" || end < next) {
			next = end
		}
	}
	if next != "" {
		all = slices.DeleteFunc(all, func(h hold.Hold) bool { return h.ID > next })
	}
	if len(all) > most {
		all, next = all[:most], all[most-1].ID
	}
	return all, next, nil
}

// Past implements quarantine.Store.
func (s Holds) Past(ctx context.Context, f hold.Filter, cursor string, most int) ([]hold.Hold, string, error) {
	return s.Partitions.ListHolds(ctx, PastHolds, f, cursor, most)
}

// probe is the partition and the ID of the row that Ready adds and removes.
const probe = "probe"

// Ready implements quarantine.Store.
func (s Holds) Ready(ctx context.Context) error {
	err := s.Partitions.InsertHold(ctx, probe, hold.Hold{ID: probe})
	if err != nil && !errors.Is(err, secret.ErrExists) { // it exists when an earlier call was interrupted
		return err
	}
	return s.Partitions.DropHold(ctx, probe, probe)
}

// AllHolds returns all holds of a partition that the filter selects, in the order of
// their IDs.
func AllHolds(ctx context.Context, p Partitions, partition string, f hold.Filter) (all []hold.Hold, err error) {
	for cursor := ""; ; {
		holds, next, err := p.ListHolds(ctx, partition, f, cursor, MaxHolds)
		if err != nil {
			return nil, err
		}
		all = append(all, holds...)
		if cursor = next; cursor == "" {
			return all, nil
		}
	}
}

// eachShard calls do for all shards in parallel, even after one has failed, and
// returns the first error.
func eachShard(do func(shard byte) error) error {
	var group errgroup.Group
	for shard := range byte(Shards) {
		group.Go(func() error { return do(shard) })
	}
	return group.Wait()
}

// holdVersion is the version of a stored hold. The first one, 0, is not written.
const holdVersion = 0

// storedHold is a hold as both stores keep it. Times are RFC 3339 in UTC.
type storedHold struct {
	Version       int         `json:"v,omitempty"`
	ID            string      `json:"id"`
	Scope         storedScope `json:"scope"`
	Modes         []hold.Mode `json:"modes"`
	Until         time.Time   `json:"until"`
	Reason        string      `json:"reason"`
	Source        string      `json:"source"`
	Alert         string      `json:"alert,omitempty"`
	CreatedAt     time.Time   `json:"created_at"`
	ReleasedAt    time.Time   `json:"released_at,omitzero"`
	ReleaseReason string      `json:"release_reason,omitempty"`
}

type storedScope struct {
	Kind    hold.Kind `json:"kind"`
	Week    week.Week `json:"week,omitempty"`
	Name    string    `json:"name,omitempty"`
	Version string    `json:"version,omitempty"`
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"`
	Prefix  string    `json:"prefix,omitempty"`
	ID      string    `json:"id,omitempty"`
}

// EncodeHold returns the stored form of a hold.
func EncodeHold(h hold.Hold) ([]byte, error) {
	data, err := json.Marshal(storedHold{
		holdVersion, h.ID, storedScope(h.Scope), h.Modes, h.Until, h.Reason, h.Source, h.Alert, h.CreatedAt, h.ReleasedAt, h.ReleaseReason,
	})
	if err != nil {
		return nil, fmt.Errorf("encode hold: %w", err)
	}
	return data, nil
}

// DecodeHold returns the hold that EncodeHold encoded. A stored hold of another
// version is an error: to ignore its new fields could forbid too little.
func DecodeHold(data []byte) (hold.Hold, error) {
	var s storedHold
	if err := json.Unmarshal(data, &s); err != nil {
		return hold.Hold{}, fmt.Errorf("decode hold: %w", err)
	}
	if s.Version != holdVersion {
		return hold.Hold{}, fmt.Errorf("decode hold: unknown version %d", s.Version)
	}
	return hold.Hold{
		ID: s.ID, Scope: hold.Scope(s.Scope), Modes: s.Modes, Until: s.Until, Reason: s.Reason, Source: s.Source, Alert: s.Alert,
		CreatedAt: s.CreatedAt, ReleasedAt: s.ReleasedAt, ReleaseReason: s.ReleaseReason,
	}, nil
}
