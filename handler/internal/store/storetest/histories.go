package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	clients  = 5 // of one secret, each with a key of its own
	requests = 7 // of each client
)

// Histories lets clients deal with one secret at random while one call to the
// store in twelve goes wrong, and checks that what they were told could have
// happened one after the other. Time stands still, so that no lease lapses.
func Histories(t *testing.T, open func(t testing.TB) Store, rounds int) {
	s := open(t)
	unknown, answered := 0, 0
	for round := range rounds {
		seed := rand.Uint64() // #nosec G404 -- a schedule
		h := newHistory(s, seed)
		h.play(t.Context())
		for _, o := range h.operations {
			switch {
			case o.Output.(answer).kind != "unknown":
				answered++
			case o.Return == math.MaxInt64:
				unknown++
			}
		}
		if result := porcupine.CheckOperationsTimeout(model, h.operations, time.Minute); result != porcupine.Ok {
			for _, o := range h.operations {
				t.Logf("client %d: %v -> %v in [%d, %d]", o.ClientId, o.Input, o.Output, o.Call, o.Return)
			}
			t.Fatalf("round %d, seed %d: %s", round, seed, result)
		}
	}
	t.Logf("%d histories: %d answers, %d calls of unknown outcome", rounds, answered, unknown)
}

type history struct {
	service *secret.Service
	faulty  *Faulty
	link    *Link
	views   int
	seed    uint64

	moment     atomic.Int64
	mu         sync.Mutex
	operations []porcupine.Operation
}

func newHistory(s Store, seed uint64) *history {
	r := rand.New(rand.NewPCG(seed, 0)) // #nosec G404 -- a schedule
	f := &Faulty{Store: s, Plan: func(int) Fault {
		if r.IntN(12) > 0 {
			return None
		}
		return RequestLost + Fault(r.IntN(int(Late)))
	}}
	now := time.Now().UTC().Truncate(time.Second)
	views := 1 + int(seed%2)
	h := &history{faulty: f, service: Service(f, func() time.Time { return now }), views: views, seed: seed}
	h.link = NewLink(now.Add(time.Hour), views, random(50))
	return h
}

func (h *history) play(ctx context.Context) {
	var group sync.WaitGroup
	for client := range clients {
		r := rand.New(rand.NewPCG(h.seed, uint64(client)+1)) // #nosec G404 G115 -- a schedule
		group.Go(func() {
			for range requests {
				h.record(ctx, client, verbs[r.IntN(len(verbs))])
			}
		})
	}
	group.Wait()
	h.faulty.Land()
}

// verbs are what clients do, the frequent ones several times.
var verbs = []string{"create", "create", "status", "read", "read", "read", "ack", "revoke"}

func (h *history) record(ctx context.Context, client int, verb string) {
	call := h.moment.Add(1)
	out := h.ask(ctx, client, verb)
	end := h.moment.Add(1)
	if out.kind == "unknown" {
		end = math.MaxInt64 // it may take effect at any later time
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	add := func(out answer) {
		h.operations = append(h.operations, porcupine.Operation{
			ClientId: client, Input: question{verb, client, h.views}, Call: call, Output: out, Return: end,
		})
	}
	add(out)
	if verb == "read" && (out.kind == "ok" || out.kind == "gone revoked") {
		// It may have taken the view at one moment, had no answer, and looked again
		// at another: when another view was taken, too, or the secret revoked.
		add(answer{kind: "unknown"})
	}
}

func (h *history) ask(ctx context.Context, client int, verb string) (out answer) {
	id, p, key := h.link.ID, h.link.Proofs, fmt.Appendf(nil, "key of client %d", client)
	var err error
	switch verb {
	case "create":
		out.fresh, err = h.service.Create(ctx, h.link.Draft)
	case "status":
		var s secret.Status
		s, err = h.service.Status(ctx, id, p.Access)
		out.views = s.Views
	case "read":
		var r secret.Reading
		r, err = h.link.read(ctx, h.service, key)
		out.views = r.Views
	case "ack":
		err = h.service.Ack(ctx, id, p.Access, key)
	case "revoke":
		err = h.service.Revoke(ctx, id, secret.Proofs{Manage: p.Manage})
	}
	out.kind = kindOf(err)
	return out
}

func kindOf(err error) string {
	var gone *secret.GoneError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &gone):
		return "gone " + string(gone.Reason)
	case errors.Is(err, secret.ErrNotFound):
		return "not found"
	case errors.Is(err, secret.ErrUnavailable):
		return "unknown"
	}
	return err.Error()
}
