package store_test

import (
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

func TestEmbeddedHoldRaces(t *testing.T) {
	storetest.RaceHolds(t, 1000, []storetest.Store{openEmbedded(t, newPath(t), 0)}, 4)
}

// Two clients of the same tables are two instances.
func TestTableHoldRaces(t *testing.T) {
	storetest.RaceHolds(t, storetest.Rounds(100, 1000), []storetest.Store{newTable(t, nil), openTable(t, nil)}, 4)
}

func BenchmarkEmbeddedHolds(b *testing.B) {
	s := openEmbedded(b, newPath(b), 0)
	storetest.BenchmarkHolds(b, s)
	storetest.BenchmarkQuarantine(b, s)
}

func BenchmarkTableHolds(b *testing.B) {
	s := newTable(b, nil)
	storetest.BenchmarkHolds(b, s)
	storetest.BenchmarkQuarantine(b, s)
}
