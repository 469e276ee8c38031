package keycheck_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/keycheck"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/seal/sealtest"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vault"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vaulttest"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// now is in the week of the keys.
var now = sealtest.Week.Start().Add(time.Hour)

// fixture is a store with a secret that is sealed under a key of a vault.
type fixture struct {
	t      *testing.T
	store  *bolt.Store
	server *vaulttest.Server
	vault  *vault.Keyring
	row    *secret.Record
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, server: vaulttest.Start(t)}
	var err error
	f.store, err = bolt.Open(filepath.Join(t.TempDir(), "store.db"), 0, owned.Private)
	f.must(err)
	t.Cleanup(func() { _ = f.store.Close() })
	f.vault, err = vault.New(f.server.URL, f.server.Credential(), f.server.Transport(), func() time.Time { return now })
	f.must(err)
	f.row = f.insert(24 * time.Hour)
	return f
}

func (f *fixture) insert(ttl time.Duration) *secret.Record {
	f.t.Helper()
	r := storetest.Record(now.Add(ttl), 10)
	var err error
	r.Sealed.Key, r.Sealed.Wrapped, err = f.vault.Wrap(f.t.Context(), week.Of(r.Expires), sealtest.DataKey)
	f.must(err)
	f.must(f.store.Insert(f.t.Context(), r))
	return r
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) check(keys keycheck.Keyring, at time.Time) (*keycheck.Result, error) {
	c := keycheck.Checker{Rows: f.store, Index: f.store, Keyring: keys, Now: func() time.Time { return at }}
	return c.Check(f.t.Context())
}

// faults checks that there is a fault with each text, and no other.
func (f *fixture) faults(at time.Time, want ...string) *keycheck.Result {
	f.t.Helper()
	r, err := f.check(f.vault, at)
	f.must(err)
	if len(r.Faults) != len(want) {
		f.t.Fatalf("faults %v, want %q", r.Faults, want)
	}
	for i, text := range want {
		if !strings.Contains(r.Faults[i].Error(), text) {
			f.t.Errorf("fault %v, want %q", r.Faults[i], text)
		}
	}
	return r
}

func TestADeletedKeyOfTheVaultIsMissedWhileItIsNeeded(t *testing.T) {
	f := newFixture(t)
	f.must(f.faults(now).Keep(t.Context()))
	f.server.Disable("kek-2026w47")
	f.faults(now) // it can be enabled again
	f.server.Enable("kek-2026w47")
	f.server.Delete("kek-2026w47")
	missed := f.faults(now, "kek-2026w47")
	if err := missed.Faults[0]; !errors.Is(err, secret.ErrKeyGone) || !strings.Contains(err.Error(), "need it: 1") {
		t.Errorf("fault %v", err)
	}
	if err := missed.StillMissing(t.Context()); !errors.Is(err, secret.ErrKeyGone) {
		t.Errorf("still missing: %v", err)
	}
	f.server.Recover("kek-2026w47")
	f.must(missed.StillMissing(t.Context()))
	f.faults(now)
	f.server.Delete("kek-2026w47")
	f.faults(now.Add(25 * time.Hour)) // the secret has expired
	f.row, _ = f.store.Peek(t.Context(), f.row.ID)
	f.row.Cleared = true
	f.must(f.store.Update(t.Context(), f.row))
	f.faults(now) // it was read or revoked
}

// A key that was lost and made again has another version.
func TestAKeyThatWasMadeAgainIsNotTheSame(t *testing.T) {
	f := newFixture(t)
	f.server.Delete("kek-2026w47")
	f.server.Purge("kek-2026w47")
	f.must(f.vault.Make(t.Context(), sealtest.Week))
	f.faults(now, "kek-2026w47")
}

// Whether a key is there is not known while the vault does not answer.
func TestAVaultThatDoesNotAnswerIsNotAMissingKey(t *testing.T) {
	f := newFixture(t)
	f.server.Fail(vaulttest.Get, http.StatusForbidden, 1)
	if r, err := f.check(f.vault, now); err == nil {
		t.Errorf("found %+v", r)
	}
	f.faults(now)
}

func TestAnotherVaultIsNoticed(t *testing.T) {
	f := newFixture(t)
	f.must(f.faults(now).Keep(t.Context()))
	other := newFixture(t)
	f.vault = other.vault
	f.faults(now, "kek-2026w47", "not the one that the store was used with")
}

// The index is made once for a store that has none, and then kept by the inserts.
func TestTheIndexIsMadeFromTheLivingRows(t *testing.T) {
	f := newFixture(t)
	f.insert(14 * 24 * time.Hour)
	f.must(f.store.ForgetKey(t.Context(), "kek-2026w47"))
	f.must(f.store.ForgetKey(t.Context(), "kek-2026w49"))
	f.must(f.faults(now).Keep(t.Context()))
	if used, err := f.store.UsedKeys(t.Context()); err != nil || len(used) != 2 {
		t.Errorf("the index has %v, %v", used, err)
	}
	f.must(f.store.ForgetKey(t.Context(), "kek-2026w49"))
	f.must(f.faults(now).Keep(t.Context()))
	if used, err := f.store.UsedKeys(t.Context()); err != nil || len(used) != 1 {
		t.Errorf("the index was made twice: %v, %v", used, err)
	}
}

// failing is a keyring that does not delete.
type failing struct{ secret.Keyring }

func (failing) Delete(context.Context, week.Week) error { return errors.New("away") }

// A key leaves the index before it is deleted: after a crash between the two it is
// only deleted again.
func TestADeletedKeyLeavesTheIndexFirst(t *testing.T) {
	f := newFixture(t)
	keys := keycheck.Forget(failing{f.vault}, f.store)
	if err := keys.Delete(t.Context(), sealtest.Week); err == nil {
		t.Error("deleted")
	}
	if used, err := f.store.UsedKeys(t.Context()); err != nil || len(used) != 0 {
		t.Errorf("the index has %v, %v", used, err)
	}
	f.must(f.store.Close())
	if err := keycheck.Forget(f.vault, f.store).Delete(t.Context(), sealtest.Week); err == nil {
		t.Error("deleted without the index")
	}
	if keys, err := f.vault.Keys(t.Context()); err != nil || len(keys) != 1 || keys[0].Week != sealtest.Week {
		t.Errorf("the vault has %v, %v", keys, err)
	}
}
