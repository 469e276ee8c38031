package secret_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// recorder records the operations of a call. It delays each operation of a pair until
// the other has begun, which proves that they run in parallel.
type recorder struct {
	mu    sync.Mutex
	all   []string
	pairs map[string]chan struct{} // by operation: the pair's, closed once both have begun
	begun map[chan struct{}]int
}

func newRecorder(pairs ...[2]string) *recorder {
	r := &recorder{pairs: map[string]chan struct{}{}, begun: map[chan struct{}]int{}}
	for _, p := range pairs {
		both := make(chan struct{})
		r.pairs[p[0]], r.pairs[p[1]] = both, both
	}
	return r
}

func (r *recorder) begin(t *testing.T, operation string) {
	r.mu.Lock()
	r.all = append(r.all, operation)
	both := r.pairs[operation]
	if both == nil {
		r.mu.Unlock()
		return
	}
	if r.begun[both]++; r.begun[both] == 2 {
		close(both)
	}
	r.mu.Unlock()
	select {
	case <-both:
	case <-time.After(10 * time.Second):
		t.Errorf("%s waits for the other of its pair, which does not begin", operation)
	}
}

// TestRoundTripsOfEveryCall counts the operations of each call.
func TestRoundTripsOfEveryCall(t *testing.T) {
	for name, test := range map[string]struct {
		begin func(*fixture)
		call  func(context.Context, *fixture) error
		pairs [][2]string
		want  string
	}{
		"create": {
			func(w *fixture) { delete(w.rows, w.id) },
			func(ctx context.Context, w *fixture) error { _, err := w.Create(ctx, w.draft(1)); return err },
			nil, "holds seal insert",
		},
		"status": {
			func(*fixture) {},
			func(ctx context.Context, w *fixture) error { _, err := w.Status(ctx, w.id, access); return err },
			nil, "peek holds",
		},
		"read": {
			func(*fixture) {},
			func(ctx context.Context, w *fixture) error {
				_, err := w.Read(ctx, w.id, byLink, keyA, admitted{})
				return err
			},
			[][2]string{{"add reminder", "get"}}, "peek holds add reminder get open update",
		},
		"read again": {
			func(w *fixture) { w.must(w.read(keyA)) },
			func(ctx context.Context, w *fixture) error {
				_, err := w.Read(ctx, w.id, byLink, keyA, admitted{})
				return err
			},
			nil, "peek holds get open",
		},
		"read, refused by a hold": {
			func(w *fixture) { w.must(w.read(keyA)); w.hold(time.Hour, hold.BlockRead) },
			func(ctx context.Context, w *fixture) error {
				_, _ = w.Read(ctx, w.id, byLink, keyA, admitted{})
				return nil
			},
			nil, "peek holds update",
		},
		"wrong claim": {
			func(*fixture) {},
			func(_ context.Context, w *fixture) error { _ = w.guess("x"); return nil },
			nil, "peek holds update",
		},
		"wrong claim again": {
			func(w *fixture) { _ = w.guess("x") },
			func(_ context.Context, w *fixture) error { _ = w.guess("x"); return nil },
			nil, "peek holds",
		},
		"ack": {
			func(w *fixture) { w.must(w.read(keyA)) },
			func(ctx context.Context, w *fixture) error { return w.Ack(ctx, w.id, access, keyA) },
			nil, "peek holds update",
		},
		"revoke": {
			func(*fixture) {},
			func(ctx context.Context, w *fixture) error { return w.Revoke(ctx, w.id, byManage, admitted{}) },
			nil, "peek holds update",
		},
		"unlock": {
			func(w *fixture) { w.freeze() },
			func(ctx context.Context, w *fixture) error { return w.Unlock(ctx, w.id, manage, keyA) },
			nil, "peek update",
		},
		"receipt": {
			func(*fixture) {},
			func(ctx context.Context, w *fixture) error { _, err := w.Receipt(ctx, w.id, manage); return err },
			nil, "peek holds past",
		},
		"freeze": {
			func(*fixture) {},
			func(ctx context.Context, w *fixture) error { _, err := w.Freeze(ctx, w.id, w.now); return err },
			nil, "peek update",
		},
		"purge, with nothing to do": {
			func(*fixture) {},
			func(ctx context.Context, w *fixture) error { _, err := w.Purge(ctx); return err },
			nil, "watermark watermark due expired set watermark expired set watermark",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := fixtureWith(t, 1)
			test.begin(w)
			r := newRecorder(test.pairs...)
			w.before = func(operation string) error { r.begin(t, operation); return nil }
			w.must(test.call(t.Context(), w))
			for _, p := range test.pairs { // the two of a pair may begin in either order
				if i := slices.Index(r.all, p[1]); i >= 0 && i+1 < len(r.all) && r.all[i+1] == p[0] {
					r.all[i], r.all[i+1] = p[0], p[1]
				}
			}
			if got := strings.Join(r.all, " "); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}
