package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Every key that a row was inserted under is in the index once, until it is forgotten.
func keysInUse(t *testing.T, s Store) {
	key := func(name, version string) secret.KeyRef {
		return secret.KeyRef{Algorithm: "A256KW", Name: name, Version: version}
	}
	want := func(keys ...secret.KeyRef) {
		t.Helper()
		got, err := s.UsedKeys(t.Context())
		must(t, err)
		if g, w := texts(got), texts(keys); !slices.Equal(g, w) {
			t.Errorf("the index has %v, want %v", g, w)
		}
	}
	want()
	first, again, next := key("kek-2026w02", "5F"), key("kek-2026w02", "a0"), key("kek-2026w03", "5F")
	for _, ref := range []secret.KeyRef{first, first, again, next, first} {
		r := Record(Start, 10)
		r.Sealed.Key = ref
		must(t, s.Insert(t.Context(), r))
	}
	want(first, again, next)

	id := func(want string) {
		t.Helper()
		if got, err := s.KeyringID(t.Context()); err != nil || got != want {
			t.Errorf("the keyring's id is %q, %v, want %q", got, err, want)
		}
	}
	id("")
	earlier := key("kek-2026w01", "77")
	must(t, s.SetKeyring(t.Context(), "one", []secret.KeyRef{earlier, first}))
	id("one")
	want(earlier, first, again, next)
	must(t, s.SetKeyring(t.Context(), "two", nil))
	id("two")

	for range 2 {
		must(t, s.ForgetKey(t.Context(), "kek-2026w02"))
		want(earlier, next)
	}
	r := Record(Start, 10)
	r.Sealed.Key = first
	must(t, s.Insert(t.Context(), r)) // used again
	want(earlier, first, next)
}

func texts(keys []secret.KeyRef) (all []string) {
	for _, k := range keys {
		all = append(all, fmt.Sprint(k))
	}
	slices.Sort(all)
	return all
}
