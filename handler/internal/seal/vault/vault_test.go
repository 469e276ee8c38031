package vault_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/seal/sealtest"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vault"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vaulttest"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// keyName is the name of the key of sealtest.Week.
const keyName = "kek-2026w47"

// open returns a Keyring on a double, and its clock.
func open(t testing.TB, server *vaulttest.Server) (*vault.Keyring, *testkit.Clock) {
	t.Helper()
	c := testkit.NewClock(time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC))
	keys, err := vault.New(server.URL, server.Credential(), server.Transport(), c.Now)
	must(t, err)
	return keys, c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// calls returns the number of calls of each operation that was called.
func calls(s *vaulttest.Server) map[string]int {
	counts := map[string]int{}
	for _, op := range []string{"challenge", vaulttest.Create, vaulttest.Get, vaulttest.List, vaulttest.Versions, vaulttest.Update, vaulttest.Destroy, vaulttest.Unwrap} {
		if n := s.Requests(op); n > 0 {
			counts[op] = n
		}
	}
	return counts
}

func wantCalls(t *testing.T, s *vaulttest.Server, want map[string]int) {
	t.Helper()
	if got := calls(s); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("calls %v, want %v", got, want)
	}
	s.Reset()
}

func TestSealingNeedsNoCallAndOpeningOne(t *testing.T) {
	server := vaulttest.Start(t)
	keys, _ := open(t, server)
	sealer := seal.New(keys, rand.Reader)
	must(t, keys.Ping(t.Context()))
	wantCalls(t, server, map[string]int{"challenge": 1, vaulttest.Get: 1})
	first, err := sealer.Seal(t.Context(), sealtest.Week, []byte("envelope"), nil)
	must(t, err)
	wantCalls(t, server, map[string]int{vaulttest.Get: 1, vaulttest.Create: 1})
	for range 10 {
		_, err := sealer.Seal(t.Context(), sealtest.Week, []byte("envelope"), nil)
		must(t, err)
	}
	wantCalls(t, server, map[string]int{})
	_, err = sealer.Open(t.Context(), &first, nil)
	must(t, err)
	wantCalls(t, server, map[string]int{vaulttest.Unwrap: 1})
}

func TestExistingKeyIsUsed(t *testing.T) {
	server := vaulttest.Start(t)
	server.Add(keyName, 2048)
	keys, _ := open(t, server)
	ref, wrapped := sealtest.Wrap(t, keys, sealtest.Week)
	sealtest.Unwrap(t, keys, ref, wrapped, nil)
	wantCalls(t, server, map[string]int{"challenge": 1, vaulttest.Get: 1, vaulttest.Unwrap: 1})
}

func TestConcurrentFirstCallersMakeOneKey(t *testing.T) {
	server := vaulttest.Start(t)
	keys, _ := open(t, server)
	done := make(chan error)
	for range 16 {
		go func() { _, _, err := keys.Wrap(t.Context(), sealtest.Week, sealtest.DataKey); done <- err }()
	}
	for range 16 {
		must(t, <-done)
	}
	if n := server.Requests(vaulttest.Create); n != 1 {
		t.Errorf("%d keys made", n)
	}
}

func TestFirstCallerMayCancel(t *testing.T) {
	t.Parallel()
	server := vaulttest.Start(t)
	keys, _ := open(t, server)
	must(t, keys.Ping(t.Context()))
	server.Reset()
	server.Hang(vaulttest.Get, 1)
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan error), make(chan error)
	go func() { _, _, err := keys.Wrap(ctx, sealtest.Week, sealtest.DataKey); first <- err }()
	testkit.Await(t, "first call", func() bool { return server.Requests(vaulttest.Get) == 1 })
	go func() { _, _, err := keys.Wrap(t.Context(), sealtest.Week, sealtest.DataKey); second <- err }()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("first: %v", err)
	}
	must(t, <-second) // after the first try has timed out
}

// Two processes may make a week's key at the same time, or one may lose the
// response and retry: the key then has two versions, and both can unwrap.
func TestBothVersionsOfAKeyOpen(t *testing.T) {
	server := vaulttest.Start(t)
	here, _ := open(t, server)
	refHere, wrappedHere := sealtest.Wrap(t, here, sealtest.Week)
	server.Add(keyName, 3072)
	there, _ := open(t, server)
	refThere, wrappedThere := sealtest.Wrap(t, there, sealtest.Week)
	if refHere.Version == refThere.Version {
		t.Fatal("one version")
	}
	for _, v := range []*vault.Keyring{here, there} {
		sealtest.Unwrap(t, v, refHere, wrappedHere, nil)
		sealtest.Unwrap(t, v, refThere, wrappedThere, nil)
	}
	sealtest.WantKeys(t, here, secret.WeekKey{Week: sealtest.Week, Enabled: true})
}

func TestLostResponseToCreateIsHarmless(t *testing.T) {
	server := vaulttest.Start(t)
	server.Lose(vaulttest.Create, 1)
	keys, _ := open(t, server)
	ref, wrapped := sealtest.Wrap(t, keys, sealtest.Week)
	sealtest.Unwrap(t, keys, ref, wrapped, nil)
	if n := len(server.Versions(keyName)); n != 2 {
		t.Errorf("%d versions, want two, with that of the lost response", n)
	}
}

// An error that is not about the key itself must not be reported as a deleted or
// disabled key.
func TestOtherErrorsAreTemporary(t *testing.T) {
	for status, tries := range map[int]int{
		http.StatusForbidden: 1, http.StatusUnauthorized: 1, http.StatusNotFound: 1, http.StatusConflict: 1, http.StatusBadRequest: 1,
		http.StatusTooManyRequests: 3, http.StatusInternalServerError: 3, http.StatusServiceUnavailable: 3,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			server := vaulttest.Start(t)
			keys, clock := open(t, server)
			ref, wrapped := sealtest.Wrap(t, keys, sealtest.Week)
			clock.Advance(time.Hour)
			server.Reset()
			for op, call := range map[string]func() error{
				vaulttest.Unwrap: func() error { _, err := keys.Unwrap(t.Context(), ref, wrapped); return err },
				vaulttest.Get:    func() error { _, _, err := keys.Wrap(t.Context(), sealtest.Week, sealtest.DataKey); return err },
				vaulttest.List:   func() error { _, err := keys.Keys(t.Context()); return err },
			} {
				server.Fail(op, status, tries)
				err := call()
				if err == nil || errors.Is(err, secret.ErrKeyGone) || errors.Is(err, seal.ErrKeyDisabled) || errors.Is(err, seal.ErrSealed) {
					t.Errorf("%s: %v", op, err)
				}
				if n := server.Requests(op); n != tries {
					t.Errorf("%s: %d tries, want %d", op, n, tries)
				}
				must(t, call())
			}
		})
	}
}

func TestHangingTryIsRetried(t *testing.T) {
	t.Parallel()
	server := vaulttest.Start(t)
	keys, _ := open(t, server)
	ref, wrapped := sealtest.Wrap(t, keys, sealtest.Week)
	server.Hang(vaulttest.Unwrap, 1)
	sealtest.Unwrap(t, keys, ref, wrapped, nil)
	if n := server.Requests(vaulttest.Unwrap); n != 2 {
		t.Errorf("%d tries", n)
	}
}

func TestHangingVaultTimesOut(t *testing.T) {
	t.Parallel()
	server := vaulttest.Start(t)
	keys, _ := open(t, server)
	ref, wrapped := sealtest.Wrap(t, keys, sealtest.Week)
	server.Hang(vaulttest.Unwrap, 1000)
	sealtest.Unwrap(t, keys, ref, wrapped, context.DeadlineExceeded)
}

// Changes in the vault must reach the public key in memory.
func TestPublicKeyIsRefreshedInTheBackground(t *testing.T) {
	server := vaulttest.Start(t)
	keys, clock := open(t, server)
	old, _ := sealtest.Wrap(t, keys, sealtest.Week)
	server.Delete(keyName)
	server.Purge(keyName)
	server.Add(keyName, 3072)
	clock.Advance(59 * time.Second)
	if ref, _ := sealtest.Wrap(t, keys, sealtest.Week); ref != old {
		t.Error("refreshed within a minute")
	}
	clock.Advance(2 * time.Second)
	sealtest.Wrap(t, keys, sealtest.Week) // does not wait, and starts a refresh
	testkit.Await(t, "the new version", func() bool { ref, _ := sealtest.Wrap(t, keys, sealtest.Week); return ref != old })
}

func TestPublicKeyExpiresWithoutARefresh(t *testing.T) {
	server := vaulttest.Start(t)
	keys, clock := open(t, server)
	ref, wrapped := sealtest.Wrap(t, keys, sealtest.Week)
	server.Fail(vaulttest.Get, http.StatusForbidden, 1000)
	clock.Advance(9 * time.Minute)
	sealtest.Wrap(t, keys, sealtest.Week)
	clock.Advance(time.Minute)
	if _, _, err := keys.Wrap(t.Context(), sealtest.Week, sealtest.DataKey); err == nil {
		t.Error("wrapped after ten minutes without a refresh")
	}
	sealtest.Unwrap(t, keys, ref, wrapped, nil)
}

// Callers must not all call a vault that refuses.
func TestFailedRefreshIsRetriedAfterAPause(t *testing.T) {
	server := vaulttest.Start(t)
	keys, clock := open(t, server)
	sealtest.Wrap(t, keys, sealtest.Week)
	server.Reset()
	server.Fail(vaulttest.Get, http.StatusForbidden, 1000)
	clock.Advance(time.Minute)
	sealtest.Wrap(t, keys, sealtest.Week)
	testkit.Await(t, "a refresh", func() bool { return server.Requests(vaulttest.Get) == 1 })
	for range 100 {
		sealtest.Wrap(t, keys, sealtest.Week)
	}
	if n := server.Requests(vaulttest.Get); n != 1 {
		t.Errorf("%d refreshes at once", n)
	}
	testkit.Await(t, "another refresh", func() bool {
		clock.Advance(time.Second)
		sealtest.Wrap(t, keys, sealtest.Week)
		return server.Requests(vaulttest.Get) > 1
	})
}

func TestDisabledKeyIsForgottenByUnwrap(t *testing.T) {
	server := vaulttest.Start(t)
	keys, _ := open(t, server)
	ref, wrapped := sealtest.Wrap(t, keys, sealtest.Week)
	server.Disable(keyName)
	sealtest.Wrap(t, keys, sealtest.Week) // not noticed yet
	sealtest.Unwrap(t, keys, ref, wrapped, seal.ErrKeyDisabled)
	if _, _, err := keys.Wrap(t.Context(), sealtest.Week, sealtest.DataKey); !errors.Is(err, seal.ErrKeyDisabled) {
		t.Errorf("wrap: %v", err)
	}
}

func TestErrorNamesADeletedKeyOfTheSameName(t *testing.T) {
	server := vaulttest.Start(t)
	server.Add(keyName, 3072)
	server.Delete(keyName)
	keys, _ := open(t, server)
	_, _, err := keys.Wrap(t.Context(), sealtest.Week, sealtest.DataKey)
	if err == nil || !strings.Contains(err.Error(), "recover or purge it") {
		t.Errorf("wrap: %v", err)
	}
	if err := keys.Make(t.Context(), sealtest.Week); err == nil || !strings.Contains(err.Error(), "recover or purge it") {
		t.Errorf("make: %v", err)
	}
	server.Recover(keyName)
	sealtest.Wrap(t, keys, sealtest.Week)
}

func TestKeysOfAllPagesAreListed(t *testing.T) {
	server := vaulttest.Start(t)
	keys, _ := open(t, server)
	var want []secret.WeekKey
	for w := sealtest.Week; len(want) <= 2*vaulttest.PageSize; w = w.Next() {
		server.Add("kek-"+string(w), 2048)
		want = append(want, secret.WeekKey{Week: w, Enabled: true})
	}
	for _, foreign := range []string{"backup", "kek-2026w99", "kek-", "KEK-2026w10"} {
		server.Add(foreign, 2048)
	}
	sealtest.WantKeys(t, keys, want...)
	if n := server.Requests(vaulttest.List); n != 3 {
		t.Errorf("%d pages", n)
	}
}

func TestDisablingReachesEveryVersion(t *testing.T) {
	server := vaulttest.Start(t)
	keys, _ := open(t, server)
	first, wrapped := sealtest.Wrap(t, keys, sealtest.Week)
	server.Add(keyName, 3072)
	server.Add(keyName, 3072)
	must(t, keys.Disable(t.Context(), sealtest.Week))
	sealtest.Unwrap(t, keys, first, wrapped, seal.ErrKeyDisabled)
	if n := server.Requests(vaulttest.Update); n != 3 {
		t.Errorf("%d updates", n)
	}
	sealtest.WantKeys(t, keys, secret.WeekKey{Week: sealtest.Week})
}

// Rotation sees only a key's latest version: it must be enabled while any version is.
func TestInterruptedDisablingIsRepeated(t *testing.T) {
	for done := range 3 {
		server := vaulttest.Start(t)
		for range 3 {
			server.Add(keyName, 3072)
		}
		keys, _ := open(t, server)
		server.Pass(vaulttest.Update, done)
		server.Fail(vaulttest.Update, http.StatusForbidden, 1)
		if err := keys.Disable(t.Context(), sealtest.Week); err == nil {
			t.Fatalf("after %d of 3 versions: no error", done)
		}
		sealtest.WantKeys(t, keys, secret.WeekKey{Week: sealtest.Week, Enabled: true})
		must(t, keys.Disable(t.Context(), sealtest.Week))
		sealtest.WantKeys(t, keys, secret.WeekKey{Week: sealtest.Week})
		if got := server.Requests(vaulttest.Update); got != 4 {
			t.Errorf("%d updates", got)
		}
	}
}

func TestPingCallsTheVault(t *testing.T) {
	server := vaulttest.Start(t)
	keys, _ := open(t, server)
	must(t, keys.Ping(t.Context())) // without a key
	server.Add(keyName, 3072)
	server.Disable(keyName)
	must(t, keys.Ping(t.Context()))
	for _, status := range []int{http.StatusForbidden, http.StatusServiceUnavailable} {
		server.Reset()
		server.Fail(vaulttest.Get, status, 3)
		if err := keys.Ping(t.Context()); err == nil {
			t.Errorf("no error from ping though the vault returned %d", status)
		} else {
			t.Log(err)
		}
	}
}

func BenchmarkWrap(b *testing.B) {
	keys, _ := open(b, vaulttest.Start(b))
	for b.Loop() {
		sealtest.Wrap(b, keys, sealtest.Week)
	}
}
