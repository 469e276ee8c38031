// Package storetest is the one suite that every store passes: what the ports of
// package secret promise, seen from outside, and what a [secret.Service] over
// the store promises when readers race and calls go wrong.
package storetest

import (
	"crypto/rand"
	"encoding/binary"
	"os"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// Store is all that a store does.
type Store interface {
	secret.Store
	store.Partitions
}

// Start is the expiry of the suite's secrets: long past, so that no test waits for it.
var Start = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

// Record returns a new row that expires at the given time, with an envelope of the given size in bytes.
func Record(expires time.Time, size int) *secret.Record {
	r := &secret.Record{
		Created: expires.Add(-time.Hour), Expires: expires, Views: 1,
		Sealed: secret.Sealed{Key: secret.KeyRef{Algorithm: "A256KW", Name: "kek", Version: "1"}, Wrapped: []byte("wrapped"), Envelope: make([]byte, size)},
	}
	for _, b := range [][]byte{r.ID[:], r.Header[:], r.Access[:], r.Claim[:], r.Manage[:], r.Digest[:], r.Sealed.Envelope} {
		_, _ = rand.Read(b) // never fails
	}
	binary.BigEndian.PutUint32(r.ID[:], uint32(secret.SlotOf(expires)))
	return r
}

// Run runs the suite on stores that open returns, each of them empty.
func Run(t *testing.T, open func(t testing.TB) Store) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Store)
	}{
		{"an inserted row comes back whole", wholeRow},
		{"a row is inserted once", insertedOnce},
		{"an update needs the current version", currentVersion},
		{"a cleared row has lost its envelope", clearedRow},
		{"a version never comes back", freshVersions},
		{"one writer of a version wins", oneWriter},
		{"expired rows come in pages, in order, and no living one", expiredPages},
		{"clear and delete leave what has changed", leavesChanged},
		{"marks are due, once each, until they are removed", dueMarks},
		{"watermarks are kept", keptWatermarks},
		{"holds stand in their partitions", heldPartitions},
		{"a hold is inserted once, found and listed in pages", holdRows},
		{"a hold acts on every shard once it stands, and on none once it is lifted", heldShards},
		{"a failing look-up refuses", blindRefuses},
		{"no call outlasts its context", endsWithContext},
		{"one of many readers takes the view", func(t *testing.T, s Store) { Race(t, 3, []Store{s}, 2, 3, 8, 64) }},
		{"a clock that runs ahead deletes nothing early and skips nothing", clockAhead},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
	t.Run("a purge that is cut off anywhere is made up for by the next", func(t *testing.T) { purgeCutOff(t, open) })
	t.Run("no call that goes wrong costs a view or serves it twice", func(t *testing.T) { everyFault(t, open) })
	t.Run("no call that goes wrong costs a held reader the secret", func(t *testing.T) { everyHoldFault(t, open) })
	t.Run("histories are linearizable", func(t *testing.T) { Histories(t, open, Rounds(40, 1000)) })
}

// Rounds returns how often a proof is repeated: the second where ROUNDS=long is set, as make proofs does.
func Rounds(short, long int) int {
	if os.Getenv("ROUNDS") == "long" {
		return long
	}
	return short
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
