package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// inParallel runs the rounds of a race, four at a time.
func inParallel(t *testing.T, rounds int, round func(i int) error) {
	t.Helper()
	var group errgroup.Group
	group.SetLimit(4)
	for i := range rounds {
		group.Go(func() error { return round(i) })
	}
	must(t, group.Wait())
}

// Race races readers, each with a key of its own, for the one view of a secret,
// in that many rounds for each number of readers. The readers use services on all
// given stores, which lead to the same rows. Exactly one reader must win.
func Race(t *testing.T, rounds int, stores []Store, readers ...int) {
	var services []*secret.Service
	for _, s := range stores {
		services = append(services, Service(s, time.Now))
	}
	inParallel(t, rounds*len(readers), func(i int) error { return race(t.Context(), services, readers[i%len(readers)]) })
	t.Logf("%d rounds each of %v readers over %d services: one winner in each", rounds, readers, len(services))
}

func race(ctx context.Context, services []*secret.Service, readers int) error {
	link := NewLink(time.Now().Add(time.Hour).UTC().Truncate(time.Second), 1, random(300))
	if _, err := services[0].Create(ctx, link.Draft); err != nil {
		return fmt.Errorf("create: %w", err)
	}
	results := make([]error, readers)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range readers {
		group.Go(func() {
			key := random(16)
			<-start
			results[i] = retry(func() error { _, err := link.read(ctx, services[i%len(services)], key); return err })
		})
	}
	close(start)
	group.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else if err := wantGone(err, secret.ReasonRead); err != nil {
			return fmt.Errorf("a loser of %d readers: %w", readers, err)
		}
	}
	if won != 1 {
		return fmt.Errorf("%d of %d readers won", won, readers)
	}
	return nil
}

// countingSealer counts the envelopes that were opened.
type countingSealer struct {
	sealer
	opened atomic.Int64
}

func (s *countingSealer) Open(ctx context.Context, sealed *secret.Sealed, associated []byte) ([]byte, error) {
	s.opened.Add(1)
	return s.sealer.Open(ctx, sealed, associated)
}

// manyViews lets 60 readers take one of 100 views each, at the same time. However many
// conflicts they have, each is served, and opens the envelope once.
func manyViews(t *testing.T, s Store) {
	const readers, views = 60, 100
	var opens countingSealer
	var conflicts atomic.Int64
	deps := Deps(s, time.Now)
	deps.Sealer = &opens
	deps.Pause = func(ctx context.Context, attempt int) {
		conflicts.Add(1)
		select {
		case <-time.After(rand.N(time.Millisecond << attempt)): // #nosec G404 -- as the handler does
		case <-ctx.Done():
		}
	}
	service := secret.New(deps)
	link := NewLink(time.Now().Add(time.Hour), views, random(300))
	if _, err := service.Create(t.Context(), link.Draft); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	var group sync.WaitGroup
	for range readers {
		group.Go(func() {
			if _, err := link.read(t.Context(), service, random(16)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	r, err := s.Peek(t.Context(), link.ID)
	must(t, err)
	if r.Views != views-readers || opens.opened.Load() != readers {
		t.Errorf("%d views left, %d envelopes opened", r.Views, opens.opened.Load())
	}
	t.Logf("%d conflicts in %s", conflicts.Load(), time.Since(begun).Round(time.Millisecond))
}

// RaceHolds races readers with an operator who places a hold. A request that began
// after the hold was placed must get nothing. A reader who had taken the view
// before gets it again after the release. The readers use services on all given
// stores, which lead to the same rows.
func RaceHolds(t *testing.T, rounds int, stores []Store, readers int) {
	var taken atomic.Int64
	inParallel(t, rounds, func(i int) error {
		r := holdRace{stores: stores, now: time.Now().UTC().Truncate(time.Second), startAt: int64(1 + i%placeCalls)}
		if err := r.run(t.Context(), readers); err != nil {
			return fmt.Errorf("%d readers: %w", readers, err)
		}
		if r.winner.Load() != nil {
			taken.Add(1)
		}
		return nil
	})
	before := int(taken.Load())
	if before == 0 || before == rounds {
		t.Errorf("no race: the view was taken before the hold in %d of %d rounds", before, rounds)
	}
	t.Logf("%d rounds of %d readers: nothing was read under the hold; in %d the view was taken before and read again after the release",
		rounds, readers, before)
}

// holdRace is one round: one secret of one view, one hold.
type holdRace struct {
	stores  []Store
	now     time.Time
	startAt int64 // the operator's call to the store that starts the readers
	link    *Link

	placed atomic.Bool
	winner atomic.Value // the key that took the view, as a string
}

// placeCalls is how many calls to the store place a hold.
const placeCalls = 2 + store.Shards + 2

// startingStore is the operator's store. One of its calls starts the readers.
type startingStore struct {
	Store
	calls        atomic.Int64
	at           int64
	startReaders func()
}

func (s *startingStore) call() {
	if s.calls.Add(1) == s.at {
		s.startReaders()
	}
}

func (s *startingStore) InsertHold(ctx context.Context, partition string, h hold.Hold) error {
	s.call()
	return s.Store.InsertHold(ctx, partition, h)
}

func (s *startingStore) GetHold(ctx context.Context, partition, id string) (*hold.Hold, error) {
	s.call()
	return s.Store.GetHold(ctx, partition, id)
}

func (r *holdRace) clock() time.Time { return r.now }

func (r *holdRace) service(i int) *secret.Service {
	return Service(r.stores[i%len(r.stores)], r.clock)
}

func (r *holdRace) run(ctx context.Context, readers int) error {
	r.link = NewLink(r.now.Add(time.Hour), 1, random(300))
	if _, err := r.service(0).Create(ctx, r.link.Draft); err != nil {
		return fmt.Errorf("create: %w", err)
	}
	start := make(chan struct{})
	startReaders := sync.OnceFunc(func() { close(start) })
	errs := make([]error, readers)
	var group sync.WaitGroup
	for i := range readers {
		group.Go(func() {
			<-start
			errs[i] = r.read(ctx, r.service(i), random(16))
		})
	}
	operator := operatorOf(&startingStore{Store: r.stores[len(r.stores)-1], at: r.startAt, startReaders: startReaders}, r.clock)
	o, err := operator.Quarantine(ctx, holdOn(r.link.ID, hold.BlockRead, hold.BlockCreate), random(16))
	r.placed.Store(true)
	startReaders() // in any case, so that they end
	group.Wait()
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	if err := r.checkHeld(ctx); err != nil {
		return err
	}
	if _, err := operator.Release(ctx, o.Hold.ID, "over"); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	// The hold loses nothing: the reader that took the view before, or else a new one, gets it.
	winner, taken := r.winner.Load().(string)
	key := []byte(winner)
	if !taken {
		key = random(16)
	}
	if _, err := r.link.read(ctx, r.service(2), key); err != nil {
		return fmt.Errorf("read after the release, taken before: %v: %w", taken, err)
	}
	return nil
}

// read reads again and again under one key until a request is refused that began
// after the hold was placed.
func (r *holdRace) read(ctx context.Context, s *secret.Service, key []byte) error {
	for {
		placed := r.placed.Load()
		reading, err := r.link.read(ctx, s, key)
		switch {
		case err == nil && placed:
			return fmt.Errorf("read %d bytes under the hold", len(reading.Envelope))
		case err == nil:
			if !r.winner.CompareAndSwap(nil, string(key)) && r.winner.Load() != string(key) {
				return errors.New("the view was served twice")
			}
		case wantHeld(err) != nil && wantGone(err, secret.ReasonRead) != nil:
			return fmt.Errorf("read: %w", err)
		case placed:
			return nil
		}
	}
}

// checkHeld checks create and status under the hold.
func (r *holdRace) checkHeld(ctx context.Context) error {
	s := r.service(1)
	if _, err := s.Create(ctx, r.link.Draft); wantHeld(err) != nil {
		return fmt.Errorf("create under the hold: %w", err)
	}
	if r.winner.Load() != nil {
		return nil
	}
	if status, err := s.Status(ctx, r.link.ID, r.link.Proofs.Access); err != nil || status.State != secret.StateHeld {
		return fmt.Errorf("status under the hold: %s, %w", status.State, err)
	}
	return nil
}
