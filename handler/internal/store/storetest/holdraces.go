package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// RaceHolds lets readers race a hold, as often as rounds says. Nobody whose
// request began after quarantine had returned may get a byte; whoever had taken
// the view before, and lost the answer, gets it again after the release. Readers
// and operators are spread over services on the given stores, which lead to the same rows.
func RaceHolds(t *testing.T, rounds int, stores []Store, readers int) {
	var group sync.WaitGroup
	var before atomic.Int64
	next := make(chan int)
	for range sideBySide {
		group.Go(func() {
			for i := range next {
				r := holdRace{stores: stores, now: time.Now().UTC().Truncate(time.Second)}
				r.gate = gate{Store: stores[len(stores)-1], opens: int64(1 + i%lookWriteLook), open: make(chan struct{})}
				if err := r.run(t.Context(), readers); err != nil {
					t.Errorf("%d readers: %v", readers, err)
				}
				if r.winner != nil {
					before.Add(1)
				}
			}
		})
	}
	for i := range rounds {
		next <- i
	}
	close(next)
	group.Wait()
	if before.Load() == 0 || before.Load() == int64(rounds) {
		t.Errorf("no race: the view was taken before the hold in %d of %d rounds", before.Load(), rounds)
	}
	if !t.Failed() {
		t.Logf("%d rounds of %d readers: 0 bytes after the hold stood; in %d the view was taken before and read again after the release",
			rounds, readers, before.Load())
	}
}

// holdRace is one round: one secret of one view, one hold.
type holdRace struct {
	stores []Store
	now    time.Time
	link   *Link
	gate   gate
	stands atomic.Bool // quarantine has returned

	mu     sync.Mutex
	winner []byte // the key under which the view was taken
}

// lookWriteLook is how many calls of the store set a hold.
const lookWriteLook = 2 + store.Shards + 2

// gate is the operator's store. It lets the readers start with one of its calls.
type gate struct {
	Store
	calls atomic.Int64
	opens int64
	once  sync.Once
	open  chan struct{}
}

func (g *gate) called() {
	if g.calls.Add(1) == g.opens {
		g.start()
	}
}

func (g *gate) start() { g.once.Do(func() { close(g.open) }) }

// InsertHold implements store.Partitions.
func (g *gate) InsertHold(ctx context.Context, partition string, h hold.Hold) error {
	g.called()
	return g.Store.InsertHold(ctx, partition, h)
}

// GetHold implements store.Partitions.
func (g *gate) GetHold(ctx context.Context, partition, id string) (hold.Hold, error) {
	g.called()
	return g.Store.GetHold(ctx, partition, id)
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
	errs := make([]error, readers)
	var group sync.WaitGroup
	for i := range readers {
		group.Go(func() {
			<-r.gate.open
			errs[i] = r.reads(ctx, r.service(i), random(16))
		})
	}
	operator := Quarantine(&r.gate, r.clock)
	o, err := operator.Quarantine(ctx, holdOn(r.link.ID, hold.BlockRead, hold.BlockCreate), random(16))
	r.stands.Store(true)
	r.gate.start() // in any case, or the readers would wait for ever
	group.Wait()
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	if err := r.isHeld(ctx); err != nil {
		return err
	}
	if _, err := operator.Release(ctx, o.Hold.ID, "over"); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	return r.isBack(ctx)
}

// reads asks again and again under one key until a request that began after the hold stood is refused.
func (r *holdRace) reads(ctx context.Context, s *secret.Service, key []byte) error {
	for {
		held := r.stands.Load()
		reading, err := r.link.read(ctx, s, key)
		switch {
		case err == nil && held:
			return fmt.Errorf("%d bytes after the hold stood", len(reading.Envelope))
		case err == nil:
			if err := r.wins(key, reading); err != nil {
				return err
			}
		case !refused(err):
			return fmt.Errorf("a reader was told: %w", err)
		case held:
			return nil
		}
	}
}

// refused reports whether a reader was told that the secret is held, or that another has taken the view.
func refused(err error) bool {
	var held *secret.HeldError
	var gone *secret.GoneError
	return errors.As(err, &held) || errors.As(err, &gone) && gone.Reason == secret.ReasonRead
}

func (r *holdRace) wins(key []byte, reading secret.Reading) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.winner != nil && !bytes.Equal(r.winner, key) {
		return errors.New("the view was served twice")
	}
	if !bytes.Equal(reading.Envelope, r.link.Envelope) {
		return errors.New("another envelope came back")
	}
	r.winner = key
	return nil
}

// isHeld checks what everybody is told while the hold stands.
func (r *holdRace) isHeld(ctx context.Context) error {
	s := r.service(1)
	var held *secret.HeldError
	if _, err := s.Create(ctx, r.link.Draft); !errors.As(err, &held) {
		return fmt.Errorf("create under the hold: %w", err)
	}
	if r.winner == nil {
		if status, err := s.Status(ctx, r.link.ID, r.link.Proofs.Access); err != nil || status.State != secret.StateHeld {
			return fmt.Errorf("status under the hold: %s, %w", status.State, err)
		}
	}
	return nil
}

// isBack checks that the hold has cost nobody the secret: the reader whose
// answer was lost before it, or else a new one, gets the view.
func (r *holdRace) isBack(ctx context.Context) error {
	key := r.winner
	if key == nil {
		key = random(16)
	}
	reading, err := r.link.read(ctx, r.service(2), key)
	if err != nil {
		return fmt.Errorf("read after the release, taken before: %v: %w", r.winner != nil, err)
	}
	if !bytes.Equal(reading.Envelope, r.link.Envelope) {
		return errors.New("another envelope came back after the release")
	}
	return nil
}
