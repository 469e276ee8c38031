// Package storetest is the suite that every store passes. It tests the contracts
// of the ports, and what a [secret.Service] over the store promises when readers
// race and calls fail.
package storetest

import (
	"os"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/keycheck"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// Store is what a store implements.
type Store interface {
	secret.Store
	store.Partitions
	keycheck.Index
}

// Run runs the suite on stores that open returns, each of them empty.
func Run(t *testing.T, open func(t testing.TB) Store) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Store)
	}{
		{"an inserted row is read back whole", wholeRow},
		{"a row is inserted once", insertedOnce},
		{"an update needs the current version", currentVersion},
		{"a cleared row has no envelope", clearedRow},
		{"a version never repeats", freshVersions},
		{"one of many writers of a version wins", oneWriter},
		{"expired rows come in pages, in order, without living ones", expiredPages},
		{"clear and delete leave changed rows", leavesChanged},
		{"reminders are due, once each, until they are removed", dueReminders},
		{"watermarks are kept", keptWatermarks},
		{"the keys of rows are in the index until they are forgotten", keysInUse},
		{"the holds that may cover a secret are found", heldTargets},
		{"a hold is inserted once, found, and listed in pages", holdRows},
		{"the holds of all shards are listed in pages", holdsOfShards},
		{"a store that takes holds says so", readyForHolds},
		{"a hold is in every shard once it is placed, and in none once it is released", heldShards},
		{"nothing is served when holds cannot be looked up", refusesWithoutHolds},
		{"no call outlasts its context", endsWithContext},
		{"one of many readers takes the view", func(t *testing.T, s Store) { Race(t, 3, []Store{s}, 2, 3, 8, 64) }},
		{"many readers each take a view, at their first request", manyViews},
		{"a clock that runs ahead deletes nothing early and skips nothing", clockAhead},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
	t.Run("the next purge completes an interrupted one", func(t *testing.T) { purgeCutOff(t, open) })
	t.Run("no failing call loses a view or serves it twice", func(t *testing.T) { everyFault(t, open(t), (*life).live) })
	t.Run("no failing call loses a secret under a hold", func(t *testing.T) { everyFault(t, open(t), (*life).liveHeld) })
	t.Run("histories are linearizable", func(t *testing.T) { histories(t, open(t), Rounds(40, 1000)) })
}

// Rounds returns the number of repetitions of a test: long if ROUNDS=long is set,
// as make proofs does, or else short.
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
