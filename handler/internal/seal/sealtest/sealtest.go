// Package sealtest has what the tests of the keyrings share.
package sealtest

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// Week is the week of most tests.
const Week week.Week = "2026w47"

// DataKey is the data key that Wrap wraps.
var DataKey = bytes.Repeat([]byte("data-key"), 4)

// Wrap wraps DataKey under a week's key.
func Wrap(t testing.TB, w seal.Wrapper, under week.Week) (secret.KeyRef, []byte) {
	t.Helper()
	ref, wrapped, err := w.Wrap(t.Context(), under, DataKey)
	if err != nil {
		t.Fatal(err)
	}
	return ref, wrapped
}

// Unwrap checks that a wrapped key unwraps to DataKey, or with an error unless it is nil.
func Unwrap(t testing.TB, w seal.Wrapper, ref secret.KeyRef, wrapped []byte, want error) {
	t.Helper()
	got, err := w.Unwrap(t.Context(), ref, wrapped)
	if !errors.Is(err, want) || err == nil && !bytes.Equal(got, DataKey) {
		t.Errorf("unwrapped %x: %v, want %v", got, err, want)
	}
}

// WantKeys checks which keys there are, ordered by week, and returns them. It does
// not compare their times.
func WantKeys(t testing.TB, k secret.Keyring, want ...secret.WeekKey) []secret.WeekKey {
	t.Helper()
	got, err := k.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b secret.WeekKey) int { return strings.Compare(string(a.Week), string(b.Week)) })
	same := slices.EqualFunc(got, want, func(a, b secret.WeekKey) bool { return a.Week == b.Week && a.Enabled == b.Enabled })
	if !same {
		t.Fatalf("keys %+v, want %+v", got, want)
	}
	return got
}
