package seal_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/seal/keyring"
	"github.com/secretsharer/secretsharer/handler/internal/seal/sealtest"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vault"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vaulttest"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

const other week.Week = "2026w48"

// keys is what both kinds of keyrings implement.
type keys interface {
	seal.Wrapper
	secret.Keyring
	Ping(ctx context.Context) error
}

// kind is a kind of keyring, with the manual changes to a week's key that a person can make.
type kind struct {
	keys
	disable, enable, destroy func(t *testing.T, w week.Week)
}

// eachKind runs a test with both kinds.
func eachKind(t *testing.T, test func(t *testing.T, k kind)) {
	t.Run("keyring", func(t *testing.T) { test(t, directory(t)) })
	t.Run("vault", func(t *testing.T) { test(t, keyVault(t)) })
}

func directory(t *testing.T) kind {
	dir := filepath.Join(t.TempDir(), "keyring")
	k, err := keyring.Open(dir, owned.Private, rand.Reader)
	must(t, err)
	must(t, k.Prepare())
	file := func(w week.Week, suffix string) string { return filepath.Join(dir, "kek-"+string(w)+suffix) }
	return kind{
		keys:    k,
		disable: func(t *testing.T, w week.Week) { must(t, os.Rename(file(w, ".key"), file(w, ".disabled"))) },
		enable:  func(t *testing.T, w week.Week) { must(t, os.Rename(file(w, ".disabled"), file(w, ".key"))) },
		destroy: func(t *testing.T, w week.Week) { must(t, k.Delete(t.Context(), w)) },
	}
}

// keyVault's clock advances with each change, so that no public key stays in memory.
func keyVault(t *testing.T) kind {
	server := vaulttest.Start(t)
	var hours atomic.Int64
	k, err := vault.New(server.URL, server.Credential(), server.Transport(), func() time.Time {
		return time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC).Add(time.Duration(hours.Load()) * time.Hour)
	})
	must(t, err)
	name := func(w week.Week) string { return "kek-" + string(w) }
	return kind{
		keys:    k,
		disable: func(_ *testing.T, w week.Week) { server.Disable(name(w)); hours.Add(1) },
		enable:  func(_ *testing.T, w week.Week) { server.Enable(name(w)) },
		destroy: func(_ *testing.T, w week.Week) {
			server.Delete(name(w))
			server.Purge(name(w))
			hours.Add(1)
		},
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestDataKeyUnwraps(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		must(t, k.Ping(t.Context()))
		ref, wrapped := sealtest.Wrap(t, k, sealtest.Week)
		t.Logf("%+v, %d bytes", ref, len(wrapped))
		if ref.Name != "kek-2026w47" {
			t.Errorf("wrapped under %q", ref.Name)
		}
		sealtest.Unwrap(t, k, ref, wrapped, nil)
		again, _ := sealtest.Wrap(t, k, sealtest.Week)
		if again != ref {
			t.Errorf("wrapped under %+v, then under %+v", ref, again)
		}
	})
}

func TestWrongWrappedKeyDoesNotUnwrap(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		ref, wrapped := sealtest.Wrap(t, k, sealtest.Week)
		otherRef, otherWrapped := sealtest.Wrap(t, k, other)
		sealtest.Unwrap(t, k, ref, otherWrapped, seal.ErrSealed)
		sealtest.Unwrap(t, k, otherRef, wrapped, seal.ErrSealed)
		sealtest.Unwrap(t, k, ref, wrapped[1:], seal.ErrSealed)
		sealtest.Unwrap(t, k, ref, nil, seal.ErrSealed)
		for i := range wrapped {
			wrapped[i] ^= 1 << (i % 8)
			sealtest.Unwrap(t, k, ref, wrapped, seal.ErrSealed)
			wrapped[i] ^= 1 << (i % 8)
		}
	})
}

// A row of another installation does not mean that its key was deleted.
func TestForeignKeyIsNotReportedAsGone(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		ref, wrapped := sealtest.Wrap(t, k, sealtest.Week)
		for _, foreign := range []secret.KeyRef{
			{},
			{Algorithm: "none", Name: ref.Name, Version: ref.Version},
			{Algorithm: ref.Algorithm, Name: "../" + ref.Name, Version: ref.Version},
			{Algorithm: ref.Algorithm, Name: "kek-2026w99", Version: ref.Version},
		} {
			_, err := k.Unwrap(t.Context(), foreign, wrapped)
			if err == nil || errors.Is(err, secret.ErrKeyGone) || errors.Is(err, seal.ErrKeyDisabled) {
				t.Errorf("%+v: %v", foreign, err)
			}
		}
	})
}

func TestDisabledKeyUnwrapsNothingUntilEnabled(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		ref, wrapped := sealtest.Wrap(t, k, sealtest.Week)
		k.disable(t, sealtest.Week)
		sealtest.Unwrap(t, k, ref, wrapped, seal.ErrKeyDisabled)
		if _, _, err := k.Wrap(t.Context(), sealtest.Week, sealtest.DataKey); !errors.Is(err, seal.ErrKeyDisabled) {
			t.Errorf("wrap under a disabled key: %v", err)
		}
		must(t, k.Make(t.Context(), sealtest.Week))
		sealtest.Unwrap(t, k, ref, wrapped, seal.ErrKeyDisabled)
		k.enable(t, sealtest.Week)
		sealtest.Unwrap(t, k, ref, wrapped, nil)
		if again, _ := sealtest.Wrap(t, k, sealtest.Week); again != ref {
			t.Errorf("wrapped under %+v, want %+v", again, ref)
		}
	})
}

// The old key stays gone even when a new one is made under its name.
func TestDeletedKeyIsGone(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		ref, wrapped := sealtest.Wrap(t, k, sealtest.Week)
		k.destroy(t, sealtest.Week)
		sealtest.Unwrap(t, k, ref, wrapped, secret.ErrKeyGone)
		must(t, k.Make(t.Context(), sealtest.Week))
		sealtest.Unwrap(t, k, ref, wrapped, secret.ErrKeyGone)
		anew, wrappedAnew := sealtest.Wrap(t, k, sealtest.Week)
		sealtest.Unwrap(t, k, anew, wrappedAnew, nil)
		sealtest.Unwrap(t, k, ref, wrapped, secret.ErrKeyGone)
	})
}

func TestKeyringCallsMayBeRepeated(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		ctx := t.Context()
		for _, retire := range []func(context.Context, week.Week) error{k.Disable, k.Delete} {
			must(t, retire(ctx, sealtest.Week)) // without a key
		}
		must(t, k.Make(ctx, sealtest.Week))
		ref, wrapped := sealtest.Wrap(t, k, sealtest.Week)
		must(t, k.Make(ctx, sealtest.Week))
		sealtest.Unwrap(t, k, ref, wrapped, nil)
		sealtest.WantKeys(t, k, secret.WeekKey{Week: sealtest.Week, Enabled: true})

		must(t, k.Disable(ctx, sealtest.Week))
		since := sealtest.WantKeys(t, k, secret.WeekKey{Week: sealtest.Week})[0].Updated
		must(t, k.Make(ctx, sealtest.Week))
		must(t, k.Disable(ctx, sealtest.Week))
		if again := sealtest.WantKeys(t, k, secret.WeekKey{Week: sealtest.Week})[0].Updated; !again.Equal(since) {
			t.Errorf("disabled at %s, then at %s", since, again)
		}
		sealtest.Unwrap(t, k, ref, wrapped, seal.ErrKeyDisabled)

		must(t, k.Delete(ctx, sealtest.Week))
		sealtest.WantKeys(t, k)
		sealtest.Unwrap(t, k, ref, wrapped, secret.ErrKeyGone)
		must(t, k.Delete(ctx, sealtest.Week))
	})
}

func TestUpdatedIsTheTimeOfDisabling(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		must(t, k.Make(t.Context(), sealtest.Week))
		before := time.Now().Truncate(time.Second)
		must(t, k.Disable(t.Context(), sealtest.Week))
		if at := sealtest.WantKeys(t, k, secret.WeekKey{Week: sealtest.Week})[0].Updated; at.Before(before) || at.After(time.Now()) {
			t.Errorf("disabled at %s, not after %s", at, before)
		}
	})
}

func TestConcurrentCallersUseOneKey(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		refs := make(chan secret.KeyRef)
		for range 16 {
			go func() {
				ref, _, err := k.Wrap(t.Context(), sealtest.Week, sealtest.DataKey)
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
