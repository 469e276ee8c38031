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

// TestKillsUnderLoadLoseNothing kills the service with SIGKILL at random moments,
// while senders and readers go on: what was answered is there, every view that
// was taken reaches its reader, and nobody else gets it.
func TestKillsUnderLoadLoseNothing(t *testing.T) {
	p := standalone(t)
	c := dial(t, p.url)
	over, handed := make(chan struct{}), make(chan error)
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case handed <- handOver(t.Context(), c, fmt.Sprintf("secret %d of worker %d", i, worker)):
				case <-over:
					return
				}
			}
		})
	}
	total, kills := 0, storetest.Rounds(10, 200)
	for range kills {
		for range rand.IntN(40) {
			if err := <-handed; err != nil {
				t.Errorf("after %d kills: %v", kills, err)
			}
			total++
		}
		p.kill()
		p.start(t)
	}
	close(over)
	group.Wait()
	t.Logf("%d secrets were handed over, over %d kills", total, kills)
	if strings.Contains(p.out.String(), `"event":"panic"`) {
		t.Error("something panicked")
	}
}

// TestWhatIsRevokedStaysSoOverAKill looks at the other writes that were answered.
func TestWhatIsRevokedStaysSoOverAKill(t *testing.T) {
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
		p.kill()
		p.start(t)
		var problem *client.Problem
		if _, err := c.Read(ctx, wrong, newKey()); !errors.As(err, &problem) || problem.TriesLeft != 9 {
			t.Errorf("the same wrong passphrase after a kill: %v", err)
		}
		if err := c.Revoke(ctx, s.manage); err != nil {
			t.Fatal(err)
		}
		p.kill()
		p.start(t)
		if err := s.open(ctx, c, newKey()); !errors.As(err, &problem) || problem.Reason != "revoked" {
			t.Errorf("a revoked secret after a kill: %v", err)
		}
	}
}
