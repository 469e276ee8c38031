package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
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

// histories runs clients that make random calls for one secret, while one call to
// the store in twelve fails, and checks that their results are linearizable: that
// they could have come from one call after the other. The clock stands still, so
// that no lease ends.
func histories(t *testing.T, s Store, rounds int) {
	unknown, known := 0, 0
	for round := range rounds {
		seed := rand.Uint64() // #nosec G404 -- a schedule
		h := newHistory(s, seed)
		h.play(t.Context())
		for _, o := range h.operations {
			switch {
			case o.Output.(result).kind != "unknown":
				known++
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
	t.Logf("%d histories: %d calls, %d more of unknown outcome", rounds, known, unknown)
}

type history struct {
	service *secret.Service
	faulty  *faulty
	link    *Link
	views   int
	seed    uint64

	moment     atomic.Int64
	mu         sync.Mutex
	operations []porcupine.Operation
}

func newHistory(s Store, seed uint64) *history {
	r := rand.New(rand.NewPCG(seed, 0)) // #nosec G404 -- a schedule
	f := &faulty{Store: s, plan: func(int) fault {
		if r.IntN(12) > 0 {
			return none
		}
		return requestLost + fault(r.IntN(int(late)))
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
	h.faulty.land()
}

// verbs are the calls of the clients, frequent ones several times.
var verbs = []string{"create", "create", "status", "read", "read", "read", "ack", "revoke"}

func (h *history) record(ctx context.Context, client int, verb string) {
	call := h.moment.Add(1)
	out := h.call(ctx, client, verb)
	end := h.moment.Add(1)
	if out.kind == "unknown" {
		end = math.MaxInt64 // it may take effect at any later time
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	add := func(out result) {
		h.operations = append(h.operations, porcupine.Operation{
			ClientId: client, Input: request{verb, client, h.views}, Call: call, Output: out, Return: end,
		})
	}
	add(out)
	if verb == "read" && (out.kind == "ok" || out.kind == "gone revoked") {
		// The read may have taken the view without a response and retried later, after
		// another view was taken or the secret was revoked.
		add(result{kind: "unknown"})
	}
}

func (h *history) call(ctx context.Context, client int, verb string) (out result) {
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
		err = h.service.Revoke(ctx, id, secret.Proofs{Manage: p.Manage}, Admitted{})
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

// request is a call of a client.
type request struct {
	verb   string
	client int
	views  int // of the draft
}

// result is what the call returned.
type result struct {
	kind  string // ok, gone <reason>, not found, unknown
	views int    // left
	fresh bool   // created by this call
}

// spec is the specification of a secret.
type spec struct {
	exists  bool
	views   int
	revoked bool
	leases  [clients]lease
}

type lease byte

const (
	never lease = iota
	held
	acked
)

var model = (&porcupine.NondeterministicModel{
	Init: func() []any { return []any{spec{}} },
	Step: func(state, input, output any) (next []any) {
		s, r, got := state.(spec), input.(request), output.(result)
		after, want := s.call(r)
		switch got.kind {
		case "unknown":
			return []any{s, after} // took effect or not
		case want.kind:
			if got == want {
				return []any{after}
			}
		}
		return nil
	},
}).ToModel()

// call returns the next state of the secret, and the result of the call.
func (s spec) call(r request) (spec, result) {
	if r.verb == "create" {
		if s.exists {
			return s, result{kind: "ok"}
		}
		return spec{exists: true, views: r.views}, result{kind: "ok", fresh: true}
	}
	if !s.exists {
		return s, result{kind: "not found"}
	}
	switch r.verb {
	case "status":
		if gone := s.over(); gone != "" {
			return s, result{kind: gone}
		}
		return s, result{kind: "ok", views: s.views}
	case "read":
		return s.read(r.client)
	case "ack":
		return s.ack(r.client)
	default:
		s.revoked = s.revoked || s.views > 0 || slices.Contains(s.leases[:], held)
		return s, result{kind: "ok"}
	}
}

func (s spec) over() string {
	switch {
	case s.revoked:
		return "gone revoked"
	case s.views == 0:
		return "gone read"
	}
	return ""
}

func (s spec) read(client int) (spec, result) {
	switch lease := s.leases[client]; {
	case s.revoked:
		return s, result{kind: "gone revoked"}
	case lease == held:
		return s, result{kind: "ok", views: s.views}
	case lease == acked, s.views == 0:
		return s, result{kind: "gone read"}
	}
	s.views--
	s.leases[client] = held
	return s, result{kind: "ok", views: s.views}
}

func (s spec) ack(client int) (spec, result) {
	if s.leases[client] == never {
		if gone := s.over(); gone != "" {
			return s, result{kind: gone}
		}
		return s, result{kind: "gone "}
	}
	s.leases[client] = acked
	return s, result{kind: "ok"}
}
