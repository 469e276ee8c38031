package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// sideBySide is how many rounds of a race run at the same time.
const sideBySide = 4

// Race lets readers, each with a key of its own, race for the one view of a
// secret, as often as rounds says, for each number of readers. They are spread
// over services on the given stores, which lead to the same rows. Exactly one must win.
func Race(t *testing.T, rounds int, stores []Store, readers ...int) {
	var services []*secret.Service
	for _, s := range stores {
		services = append(services, Service(s, time.Now))
	}
	var group sync.WaitGroup
	next := make(chan int)
	for range sideBySide {
		group.Go(func() {
			for n := range next {
				if err := race(t.Context(), services, n); err != nil {
					t.Errorf("%d readers: %v", n, err)
				}
			}
		})
	}
	for i := range rounds * len(readers) {
		next <- readers[i%len(readers)]
	}
	close(next)
	group.Wait()
	if !t.Failed() {
		t.Logf("%d rounds each of %v readers over %d services: one winner every time", rounds, readers, len(services))
	}
}

func race(ctx context.Context, services []*secret.Service, readers int) error {
	link := NewLink(time.Now().Add(time.Hour).UTC().Truncate(time.Second), 1, random(300))
	if _, err := services[0].Create(ctx, link.Draft); err != nil {
		return fmt.Errorf("create: %w", err)
	}
	won := 0
	for r := range attempts(ctx, services, link, readers) {
		var gone *secret.GoneError
		switch {
		case r.err == nil && bytes.Equal(r.reading.Envelope, link.Envelope):
			won++
		case r.err == nil:
			return errors.New("another envelope came back")
		case !errors.As(r.err, &gone) || gone.Reason != secret.ReasonRead:
			return fmt.Errorf("a loser was told: %w", r.err)
		}
	}
	if won != 1 {
		return fmt.Errorf("%d won", won)
	}
	return nil
}

// attempt is what came of a read.
type attempt struct {
	reading secret.Reading
	err     error
}

// attempts lets readers start together and returns what came of each.
func attempts(ctx context.Context, services []*secret.Service, link *Link, readers int) <-chan attempt {
	results := make(chan attempt, readers)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range readers {
		group.Go(func() {
			key := random(16)
			<-start
			var a attempt
			a.err = repeat(func() (err error) { a.reading, err = link.read(ctx, services[i%len(services)], key); return err })
			results <- a
		})
	}
	close(start)
	group.Wait()
	close(results)
	return results
}
