package seal_test

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
	"github.com/secretsharer/secretsharer/handler/internal/seal/vaulttest"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const kek = "kek-2026w47"

// calls returns how many calls of each operation came, of those that came.
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

func TestSealingCostsNoCallAndOpeningOne(t *testing.T) {
	server := vaulttest.Start(t)
	vault, _ := openVault(t, server)
	sealer := seal.New(vault, rand.Reader)
	must(t, vault.Ping(t.Context()))
	wantCalls(t, server, map[string]int{"challenge": 1, vaulttest.Get: 1})
	first, err := sealer.Seal(t.Context(), thisWeek, []byte("envelope"), nil)
	must(t, err)
	wantCalls(t, server, map[string]int{vaulttest.Get: 1, vaulttest.Create: 1})
	for range 10 {
		_, err := sealer.Seal(t.Context(), thisWeek, []byte("envelope"), nil)
		must(t, err)
	}
	wantCalls(t, server, map[string]int{})
	_, err = sealer.Open(t.Context(), &first, nil)
	must(t, err)
	wantCalls(t, server, map[string]int{vaulttest.Unwrap: 1})
}

func TestKeyThatStandsIsUsed(t *testing.T) {
	server := vaulttest.Start(t)
	server.Add(kek, 2048)
	vault, _ := openVault(t, server)
	ref, wrapped := wrap(t, vault, thisWeek)
	unwrap(t, vault, ref, wrapped, nil)
	wantCalls(t, server, map[string]int{"challenge": 1, vaulttest.Get: 1, vaulttest.Unwrap: 1})
}

func TestFirstCallersMakeOneKey(t *testing.T) {
	server := vaulttest.Start(t)
	vault, _ := openVault(t, server)
	done := make(chan error)
	for range 16 {
		go func() { _, _, err := vault.Wrap(t.Context(), thisWeek, dataKey); done <- err }()
	}
	for range 16 {
		must(t, <-done)
	}
	if n := server.Requests(vaulttest.Create); n != 1 {
		t.Errorf("%d calls to create", n)
	}
}

func TestWhoeverAskedFirstMayLeave(t *testing.T) {
	t.Parallel()
	server := vaulttest.Start(t)
	vault, _ := openVault(t, server)
	must(t, vault.Ping(t.Context()))
	server.Reset()
	server.Hang(vaulttest.Get, 1)
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan error), make(chan error)
	go func() { _, _, err := vault.Wrap(ctx, thisWeek, dataKey); first <- err }()
	await(t, "first call", func() bool { return server.Requests(vaulttest.Get) == 1 })
	go func() { _, _, err := vault.Wrap(t.Context(), thisWeek, dataKey); second <- err }()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("first: %v", err)
	}
	must(t, <-second) // once the first try has timed out
}

// Two processes may make a week's key at the same time, or one may have its
// answer lost and ask again: the key then has two versions, and both open.
func TestBothVersionsOfAKeyOpen(t *testing.T) {
	server := vaulttest.Start(t)
	here, _ := openVault(t, server)
	refHere, wrappedHere := wrap(t, here, thisWeek)
	server.Add(kek, 3072)
	there, _ := openVault(t, server)
	refThere, wrappedThere := wrap(t, there, thisWeek)
	if refHere.Version == refThere.Version {
		t.Fatal("one version")
	}
	for _, v := range []*seal.Vault{here, there} {
		unwrap(t, v, refHere, wrappedHere, nil)
		unwrap(t, v, refThere, wrappedThere, nil)
	}
	wantKeys(t, here, secret.WeekKey{Week: thisWeek, Enabled: true})
}

func TestLostAnswerToCreateDoesNoHarm(t *testing.T) {
	server := vaulttest.Start(t)
	server.Lose(vaulttest.Create, 1)
	vault, _ := openVault(t, server)
	ref, wrapped := wrap(t, vault, thisWeek)
	unwrap(t, vault, ref, wrapped, nil)
	if n := len(server.Versions(kek)); n != 2 {
		t.Errorf("%d versions, want that of the lost answer, too", n)
	}
}

// What is not about the key itself must never be taken for the end of the
// secret, nor for a person's act.
func TestFailuresMayPass(t *testing.T) {
	for status, tries := range map[int]int{
		http.StatusForbidden: 1, http.StatusUnauthorized: 1, http.StatusNotFound: 1, http.StatusConflict: 1, http.StatusBadRequest: 1,
		http.StatusTooManyRequests: 3, http.StatusInternalServerError: 3, http.StatusServiceUnavailable: 3,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			server := vaulttest.Start(t)
			vault, clock := openVault(t, server)
			ref, wrapped := wrap(t, vault, thisWeek)
			clock.add(time.Hour)
			server.Reset()
			for op, call := range map[string]func() error{
				vaulttest.Unwrap: func() error { _, err := vault.Unwrap(t.Context(), ref, wrapped); return err },
				vaulttest.Get:    func() error { _, _, err := vault.Wrap(t.Context(), thisWeek, dataKey); return err },
				vaulttest.List:   func() error { _, err := vault.Keys(t.Context()); return err },
			} {
				server.Fail(op, status, tries)
				err := call()
				if err == nil || errors.Is(err, secret.ErrKeyGone) || errors.Is(err, secret.ErrKeyDisabled) || errors.Is(err, seal.ErrSealed) {
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

func TestHangingTryIsRepeated(t *testing.T) {
	t.Parallel()
	server := vaulttest.Start(t)
	vault, _ := openVault(t, server)
	ref, wrapped := wrap(t, vault, thisWeek)
	server.Hang(vaulttest.Unwrap, 1)
	unwrap(t, vault, ref, wrapped, nil)
	if n := server.Requests(vaulttest.Unwrap); n != 2 {
		t.Errorf("%d tries", n)
	}
}

func TestHangingVaultIsGivenUp(t *testing.T) {
	t.Parallel()
	server := vaulttest.Start(t)
	vault, _ := openVault(t, server)
	ref, wrapped := wrap(t, vault, thisWeek)
	server.Hang(vaulttest.Unwrap, 1000)
	unwrap(t, vault, ref, wrapped, context.DeadlineExceeded)
}

// The public key that is in memory must not outlive what happens in the vault.
func TestPublicKeyIsConfirmedBehindTheCallersBack(t *testing.T) {
	server := vaulttest.Start(t)
	vault, clock := openVault(t, server)
	old, _ := wrap(t, vault, thisWeek)
	server.Delete(kek)
	server.Purge(kek)
	server.Add(kek, 3072)
	clock.add(59 * time.Second)
	if ref, _ := wrap(t, vault, thisWeek); ref != old {
		t.Error("asked the vault within a minute")
	}
	clock.add(2 * time.Second)
	wrap(t, vault, thisWeek) // waits for nothing, and has it looked up
	await(t, "the new version", func() bool { ref, _ := wrap(t, vault, thisWeek); return ref != old })
}

func TestPublicKeyIsNotUsedUnconfirmedForLong(t *testing.T) {
	server := vaulttest.Start(t)
	vault, clock := openVault(t, server)
	ref, wrapped := wrap(t, vault, thisWeek)
	server.Fail(vaulttest.Get, http.StatusForbidden, 1000)
	clock.add(9 * time.Minute)
	wrap(t, vault, thisWeek)
	clock.add(time.Minute)
	if _, _, err := vault.Wrap(t.Context(), thisWeek, dataKey); err == nil {
		t.Error("wrapped after ten minutes without a confirmation")
	}
	unwrap(t, vault, ref, wrapped, nil)
}

// A vault that refuses must not be asked by every caller.
func TestConfirmationIsTriedNowAndThen(t *testing.T) {
	server := vaulttest.Start(t)
	vault, clock := openVault(t, server)
	wrap(t, vault, thisWeek)
	server.Reset()
	server.Fail(vaulttest.Get, http.StatusForbidden, 1000)
	clock.add(time.Minute)
	wrap(t, vault, thisWeek)
	await(t, "a confirmation", func() bool { return server.Requests(vaulttest.Get) == 1 })
	for range 100 {
		wrap(t, vault, thisWeek)
	}
	if n := server.Requests(vaulttest.Get); n != 1 {
		t.Errorf("asked %d times at once", n)
	}
	await(t, "another confirmation", func() bool {
		clock.add(time.Second)
		wrap(t, vault, thisWeek)
		return server.Requests(vaulttest.Get) > 1
	})
}

func TestReaderWhoMeetsADisabledKeyStopsItsUse(t *testing.T) {
	server := vaulttest.Start(t)
	vault, _ := openVault(t, server)
	ref, wrapped := wrap(t, vault, thisWeek)
	server.Disable(kek)
	wrap(t, vault, thisWeek) // nobody knows yet
	unwrap(t, vault, ref, wrapped, secret.ErrKeyDisabled)
	if _, _, err := vault.Wrap(t.Context(), thisWeek, dataKey); !errors.Is(err, secret.ErrKeyDisabled) {
		t.Errorf("wrap: %v", err)
	}
}

func TestDeletedKeyInTheWayIsNamed(t *testing.T) {
	server := vaulttest.Start(t)
	server.Add(kek, 3072)
	server.Delete(kek)
	vault, _ := openVault(t, server)
	_, _, err := vault.Wrap(t.Context(), thisWeek, dataKey)
	if err == nil || !strings.Contains(err.Error(), "recover or purge it") {
		t.Errorf("wrap: %v", err)
	}
	if err := vault.Make(t.Context(), thisWeek); err == nil || !strings.Contains(err.Error(), "recover or purge it") {
		t.Errorf("make: %v", err)
	}
	server.Recover(kek)
	wrap(t, vault, thisWeek)
}

func TestKeysOfAllPagesAreListed(t *testing.T) {
	server := vaulttest.Start(t)
	vault, _ := openVault(t, server)
	var want []secret.WeekKey
	for w := thisWeek; len(want) <= 2*vaulttest.PageSize; w = w.Next() {
		server.Add("kek-"+string(w), 2048)
		want = append(want, secret.WeekKey{Week: w, Enabled: true})
	}
	for _, foreign := range []string{"backup", "kek-2026w99", "kek-", "KEK-2026w10"} {
		server.Add(foreign, 2048)
	}
	wantKeys(t, vault, want...)
	if n := server.Requests(vaulttest.List); n != 3 {
		t.Errorf("%d pages", n)
	}
}

func TestDisablingReachesEveryVersion(t *testing.T) {
	server := vaulttest.Start(t)
	vault, _ := openVault(t, server)
	first, wrapped := wrap(t, vault, thisWeek)
	server.Add(kek, 3072)
	server.Add(kek, 3072)
	must(t, vault.Disable(t.Context(), thisWeek))
	unwrap(t, vault, first, wrapped, secret.ErrKeyDisabled)
	if n := server.Requests(vaulttest.Update); n != 3 {
		t.Errorf("%d updates", n)
	}
	wantKeys(t, vault, secret.WeekKey{Week: thisWeek})
}

// Rotation sees a key's latest version only: while any is enabled, that one must be.
func TestInterruptedDisablingIsSeen(t *testing.T) {
	for done := range 3 {
		server := vaulttest.Start(t)
		for range 3 {
			server.Add(kek, 3072)
		}
		vault, _ := openVault(t, server)
		server.Pass(vaulttest.Update, done)
		server.Fail(vaulttest.Update, http.StatusForbidden, 1)
		if err := vault.Disable(t.Context(), thisWeek); err == nil {
			t.Fatalf("after %d of 3 versions: no error", done)
		}
		wantKeys(t, vault, secret.WeekKey{Week: thisWeek, Enabled: true})
		must(t, vault.Disable(t.Context(), thisWeek))
		wantKeys(t, vault, secret.WeekKey{Week: thisWeek})
		if got := server.Requests(vaulttest.Update); got != 4 {
			t.Errorf("%d updates", got)
		}
	}
}

func TestPingAsksTheVault(t *testing.T) {
	server := vaulttest.Start(t)
	vault, _ := openVault(t, server)
	must(t, vault.Ping(t.Context())) // there is no key
	server.Add(kek, 3072)
	server.Disable(kek)
	must(t, vault.Ping(t.Context()))
	for _, status := range []int{http.StatusForbidden, http.StatusServiceUnavailable} {
		server.Reset()
		server.Fail(vaulttest.Get, status, 3)
		if err := vault.Ping(t.Context()); err == nil {
			t.Errorf("ping answered though the vault said %d", status)
		} else {
			t.Log(err)
		}
	}
}
