package seal_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vaulttest"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

const (
	thisWeek week.Week = "2026w47"
	other    week.Week = "2026w48"
)

// ring is what both kinds of keys offer.
type ring interface {
	seal.Wrapper
	secret.Keyring
	Ping(ctx context.Context) error
}

// kind is one of them, with what a person may do to it behind its back.
type kind struct {
	ring
	disable, enable, destroy func(t *testing.T, w week.Week)
}

// eachKind runs a test against both.
func eachKind(t *testing.T, test func(t *testing.T, k kind)) {
	t.Run("local", func(t *testing.T) { test(t, localKind(t)) })
	t.Run("vault", func(t *testing.T) { test(t, vaultKind(t)) })
}

func localKind(t *testing.T) kind {
	dir := filepath.Join(t.TempDir(), "keyring")
	local, err := seal.OpenLocal(dir, rand.Reader)
	must(t, err)
	file := func(w week.Week, suffix string) string { return filepath.Join(dir, "kek-"+string(w)+suffix) }
	return kind{
		ring:    local,
		disable: func(t *testing.T, w week.Week) { must(t, os.Rename(file(w, ".key"), file(w, ".disabled"))) },
		enable:  func(t *testing.T, w week.Week) { must(t, os.Rename(file(w, ".disabled"), file(w, ".key"))) },
		destroy: func(t *testing.T, w week.Week) { must(t, os.Remove(file(w, ".key"))) },
	}
}

func vaultKind(t *testing.T) kind {
	server := vaulttest.Start(t)
	vault, clock := openVault(t, server)
	name := func(w week.Week) string { return "kek-" + string(w) }
	return kind{
		ring:    vault,
		disable: func(_ *testing.T, w week.Week) { server.Disable(name(w)); clock.add(time.Hour) },
		enable:  func(_ *testing.T, w week.Week) { server.Enable(name(w)) },
		destroy: func(_ *testing.T, w week.Week) {
			server.Delete(name(w))
			server.Purge(name(w))
			clock.add(time.Hour)
		},
	}
}

func TestDataKeyComesBack(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		must(t, k.Ping(t.Context()))
		ref, wrapped := wrap(t, k, thisWeek)
		t.Logf("%+v, %d bytes", ref, len(wrapped))
		if ref.Name != "kek-2026w47" {
			t.Errorf("wrapped under %q", ref.Name)
		}
		unwrap(t, k, ref, wrapped, nil)
		again, _ := wrap(t, k, thisWeek)
		if again != ref {
			t.Errorf("wrapped under %+v, then under %+v", ref, again)
		}
	})
}

func TestWrongWrappedKeyDoesNotOpen(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		ref, wrapped := wrap(t, k, thisWeek)
		otherRef, otherWrapped := wrap(t, k, other)
		unwrap(t, k, ref, otherWrapped, seal.ErrSealed)
		unwrap(t, k, otherRef, wrapped, seal.ErrSealed)
		unwrap(t, k, ref, wrapped[1:], seal.ErrSealed)
		unwrap(t, k, ref, nil, seal.ErrSealed)
		for i := range wrapped {
			wrapped[i] ^= 1 << (i % 8)
			unwrap(t, k, ref, wrapped, seal.ErrSealed)
			wrapped[i] ^= 1 << (i % 8)
		}
	})
}

// A row that another installation wrote is no sign that its key was deleted.
func TestForeignKeyIsNotTakenForGone(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		ref, wrapped := wrap(t, k, thisWeek)
		for _, foreign := range []secret.KeyRef{
			{},
			{Algorithm: "none", Name: ref.Name, Version: ref.Version},
			{Algorithm: ref.Algorithm, Name: "../" + ref.Name, Version: ref.Version},
			{Algorithm: ref.Algorithm, Name: "kek-2026w99", Version: ref.Version},
		} {
			_, err := k.Unwrap(t.Context(), foreign, wrapped)
			if err == nil || errors.Is(err, secret.ErrKeyGone) || errors.Is(err, secret.ErrKeyDisabled) {
				t.Errorf("%+v: %v", foreign, err)
			}
		}
	})
}

func TestDisabledKeyOpensNothingUntilItIsEnabled(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		ref, wrapped := wrap(t, k, thisWeek)
		k.disable(t, thisWeek)
		unwrap(t, k, ref, wrapped, secret.ErrKeyDisabled)
		if _, _, err := k.Wrap(t.Context(), thisWeek, dataKey); !errors.Is(err, secret.ErrKeyDisabled) {
			t.Errorf("wrap under a disabled key: %v", err)
		}
		must(t, k.Make(t.Context(), thisWeek))
		unwrap(t, k, ref, wrapped, secret.ErrKeyDisabled)
		k.enable(t, thisWeek)
		unwrap(t, k, ref, wrapped, nil)
		if again, _ := wrap(t, k, thisWeek); again != ref {
			t.Errorf("wrapped under %+v, want %+v", again, ref)
		}
	})
}

// Also when another key stands under its name.
func TestDeletedKeyIsGone(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		ref, wrapped := wrap(t, k, thisWeek)
		k.destroy(t, thisWeek)
		unwrap(t, k, ref, wrapped, secret.ErrKeyGone)
		must(t, k.Make(t.Context(), thisWeek))
		unwrap(t, k, ref, wrapped, secret.ErrKeyGone)
		anew, wrappedAnew := wrap(t, k, thisWeek)
		unwrap(t, k, anew, wrappedAnew, nil)
		unwrap(t, k, ref, wrapped, secret.ErrKeyGone)
	})
}

func TestKeyringMayBeAskedTwice(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		ctx := t.Context()
		for _, retire := range []func(context.Context, week.Week) error{k.Disable, k.Delete} {
			must(t, retire(ctx, thisWeek)) // there is none
		}
		must(t, k.Make(ctx, thisWeek))
		ref, wrapped := wrap(t, k, thisWeek)
		must(t, k.Make(ctx, thisWeek))
		unwrap(t, k, ref, wrapped, nil)
		wantKeys(t, k, secret.WeekKey{Week: thisWeek, Enabled: true})

		must(t, k.Disable(ctx, thisWeek))
		since := wantKeys(t, k, secret.WeekKey{Week: thisWeek})[0].Updated
		must(t, k.Make(ctx, thisWeek))
		must(t, k.Disable(ctx, thisWeek))
		if again := wantKeys(t, k, secret.WeekKey{Week: thisWeek})[0].Updated; !again.Equal(since) {
			t.Errorf("disabled at %s, then at %s", since, again)
		}
		unwrap(t, k, ref, wrapped, secret.ErrKeyDisabled)

		must(t, k.Delete(ctx, thisWeek))
		wantKeys(t, k)
		unwrap(t, k, ref, wrapped, secret.ErrKeyGone)
		must(t, k.Delete(ctx, thisWeek))
	})
}

func TestDisablingIsTimedWhenItIsDone(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		must(t, k.Make(t.Context(), thisWeek))
		before := time.Now().Truncate(time.Second)
		must(t, k.Disable(t.Context(), thisWeek))
		if at := wantKeys(t, k, secret.WeekKey{Week: thisWeek})[0].Updated; at.Before(before) || at.After(time.Now()) {
			t.Errorf("disabled at %s, not after %s", at, before)
		}
	})
}

func TestConcurrentCallersShareOneKey(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		refs := make(chan secret.KeyRef)
		for range 16 {
			go func() {
				ref, _, err := k.Wrap(t.Context(), thisWeek, dataKey)
				if err != nil {
					t.Errorf("wrap: %v", err)
				}
				refs <- ref
			}()
		}
		first := <-refs
		for range 15 {
			if ref := <-refs; ref != first {
				t.Errorf("wrapped under %+v and %+v", first, ref)
			}
		}
	})
}
