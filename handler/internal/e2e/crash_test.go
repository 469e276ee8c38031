//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// TestKillsUnderLoadLoseNothing kills the service with SIGKILL at random moments
// while senders and readers go on. Every answered create is there afterwards, and
// every secret reaches one reader and no other.
func TestKillsUnderLoadLoseNothing(t *testing.T) {
	p := standalone(t)
	c := dial(t, p.url)
	done, handed := make(chan struct{}), make(chan error)
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case handed <- handOver(t.Context(), c, fmt.Sprintf("secret %d of worker %d", i, worker)):
				case <-done:
					return
				}
			}
		})
	}
	total, kills := 0, storetest.Rounds(10, 200)
	for killed := range kills {
		for range rand.IntN(40) {
			if err := <-handed; err != nil {
				t.Errorf("after %d kills: %v", killed, err)
			}
			total++
		}
		p.Kill()
		if strings.Contains(p.Out.String(), `"event":"panic"`) {
			t.Errorf("a panic:\n%s", p.Out)
		}
		p.start(t)
	}
	close(done)
	group.Wait()
	t.Logf("%d secrets were handed over during %d kills", total, kills)
}

// TestTriesAndRevocationsSurviveAKill tests the other writes that are answered.
func TestTriesAndRevocationsSurviveAKill(t *testing.T) {
	p := standalone(t)
	c, ctx := dial(t, p.url), t.Context()
	for range storetest.Rounds(3, 20) {
		s, err := send(ctx, c, "revoked", "pass", 1)
		if err != nil {
			t.Fatal(err)
		}
		wrong, err := s.link.Keys("wrong")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(ctx, wrong, newKey()); !errors.Is(err, client.ErrWrongPassphrase) {
			t.Fatal(err)
		}
		p.Kill()
		p.start(t)
		var problem *client.Problem
		if _, err := c.Read(ctx, wrong, newKey()); !errors.As(err, &problem) || problem.TriesLeft == nil || *problem.TriesLeft != 9 {
			t.Errorf("the same wrong passphrase after a kill: %v", err)
		}
		if err := c.Revoke(ctx, s.manage); err != nil {
			t.Fatal(err)
		}
		p.Kill()
		p.start(t)
		if err := s.open(ctx, c, newKey()); !errors.As(err, &problem) || problem.Reason != "revoked" {
			t.Errorf("a revoked secret after a kill: %v", err)
		}
	}
}
