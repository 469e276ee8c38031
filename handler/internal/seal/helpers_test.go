package seal_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vaulttest"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

var dataKey = bytes.Repeat([]byte("data-key"), 4)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// openVault returns a Vault on a double, and its clock.
func openVault(t testing.TB, server *vaulttest.Server) (*seal.Vault, *clock) {
	t.Helper()
	c := &clock{now: time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)}
	vault, err := seal.NewVault(server.URL, server.Credential(), server.Transport(), c.read)
	must(t, err)
	return vault, c
}

func wrap(t testing.TB, w seal.Wrapper, thisWeek week.Week) (secret.KeyRef, []byte) {
	t.Helper()
	ref, wrapped, err := w.Wrap(t.Context(), thisWeek, dataKey)
	must(t, err)
	return ref, wrapped
}

// unwrap unwraps what wrap wrapped, or wants an error.
func unwrap(t testing.TB, w seal.Wrapper, ref secret.KeyRef, wrapped []byte, want error) {
	t.Helper()
	got, err := w.Unwrap(t.Context(), ref, wrapped)
	if !errors.Is(err, want) || err == nil && !bytes.Equal(got, dataKey) {
		t.Errorf("unwrapped %x: %v, want %v", got, err, want)
	}
}

// wantKeys lists the keys; their times are not compared.
func wantKeys(t testing.TB, k secret.Keyring, want ...secret.WeekKey) []secret.WeekKey {
	t.Helper()
	got, err := k.Keys(t.Context())
	must(t, err)
	slices.SortFunc(got, func(a, b secret.WeekKey) int { return strings.Compare(string(a.Week), string(b.Week)) })
	same := slices.EqualFunc(got, want, func(a, b secret.WeekKey) bool { return a.Week == b.Week && a.Enabled == b.Enabled })
	if !same {
		t.Fatalf("keys %+v, want %+v", got, want)
	}
	return got
}

// await waits until a condition holds that another goroutine brings about.
func await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.After(30 * time.Second); !holds(); {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%s: not within 30 s", what)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
