package seal_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// slowWrapper unwraps a key when it is let go. The data key is the wrapped key, 32 times.
type slowWrapper struct {
	seal.Wrapper
	fails    error
	begun    atomic.Int64
	released chan struct{}
	returned sync.Map // wrapped key -> the slice that Unwrap returned
}

func (w *slowWrapper) Unwrap(ctx context.Context, _ secret.KeyRef, wrapped []byte) ([]byte, error) {
	w.begun.Add(1)
	select {
	case <-w.released:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	key := bytes.Repeat(wrapped[:1], seal.KeySize)
	w.returned.Store(string(wrapped), key)
	return key, w.fails
}

// wiped reports whether the slice that Unwrap returned was overwritten.
func (w *slowWrapper) wiped(wrapped []byte) bool {
	key, _ := w.returned.Load(string(wrapped))
	return bytes.Equal(key.([]byte), make([]byte, seal.KeySize))
}

func newSlowWrapper() *slowWrapper { return &slowWrapper{released: make(chan struct{})} }

func wantKey(t *testing.T, c *seal.Cache, ref secret.KeyRef, wrapped []byte) {
	t.Helper()
	key, err := c.Unwrap(t.Context(), ref, wrapped)
	if err != nil || !bytes.Equal(key, bytes.Repeat(wrapped[:1], seal.KeySize)) {
		t.Errorf("unwrapped %x, %v", key, err)
	}
	clear(key) // as a caller does
}

func (w *slowWrapper) wantUnwraps(t *testing.T, want int64) {
	t.Helper()
	if got := w.begun.Load(); got != want {
		t.Errorf("%d unwraps, want %d", got, want)
	}
}

// TestCacheKeepsAKeyFor120Seconds also checks that it is overwritten then, though nobody asks.
func TestCacheKeepsAKeyFor120Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newSlowWrapper()
		close(w.released)
		c := seal.NewCache(w)
		key := []byte("a key")
		for range 3 {
			wantKey(t, c, secret.KeyRef{}, key)
		}
		time.Sleep(120*time.Second - time.Nanosecond)
		wantKey(t, c, secret.KeyRef{}, key)
		w.wantUnwraps(t, 1)
		if w.wiped(key) {
			t.Error("overwritten too soon")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if !w.wiped(key) {
			t.Error("not overwritten")
		}
		wantKey(t, c, secret.KeyRef{}, key)
		wantKey(t, c, secret.KeyRef{Version: "2"}, key)
		w.wantUnwraps(t, 3)
	})
}

// TestCallersShareAnUnwrap lets 60 callers wait, the first and every third of which give up.
func TestCallersShareAnUnwrap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newSlowWrapper()
		c := seal.NewCache(w)
		ctx, giveUp := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for i := range 60 {
			group.Go(func() {
				if i%3 > 0 {
					wantKey(t, c, secret.KeyRef{}, []byte("key"))
				} else if _, err := c.Unwrap(ctx, secret.KeyRef{}, []byte("key")); !errors.Is(err, context.Canceled) {
					t.Errorf("a caller that gave up got %v", err)
				}
			})
			synctest.Wait()
		}
		giveUp()
		synctest.Wait()
		close(w.released)
		group.Wait()
		w.wantUnwraps(t, 1)
	})
}

func TestUnwrapThatHangsEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := seal.NewCache(newSlowWrapper()).Unwrap(t.Context(), secret.KeyRef{}, []byte("key"))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestCacheKeepsNoErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newSlowWrapper()
		close(w.released)
		w.fails = seal.ErrKeyDisabled
		c := seal.NewCache(w)
		if _, err := c.Unwrap(t.Context(), secret.KeyRef{}, []byte("key")); !errors.Is(err, seal.ErrKeyDisabled) {
			t.Error(err)
		}
		w.fails = nil
		wantKey(t, c, secret.KeyRef{}, []byte("key"))
	})
}

func TestCacheIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newSlowWrapper()
		close(w.released)
		c := seal.NewCache(w)
		first, second := []byte{1, 0, 0}, []byte{1, 0, 1}
		for i := range 1025 {
			wantKey(t, c, secret.KeyRef{}, []byte{1, byte(i >> 8), byte(i)}) // #nosec G115 -- the low byte
		}
		if !w.wiped(first) || w.wiped(second) {
			t.Errorf("overwritten: the oldest %v, the next %v", w.wiped(first), w.wiped(second))
		}
		wantKey(t, c, secret.KeyRef{}, second)
		w.wantUnwraps(t, 1025)
		wantKey(t, c, secret.KeyRef{}, first)
		w.wantUnwraps(t, 1026)
	})
}
