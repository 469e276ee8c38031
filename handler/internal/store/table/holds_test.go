package table_test

import (
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// Two clients of the same tables are two instances.
func TestTableHoldRaces(t *testing.T) {
	storetest.RaceHolds(t, storetest.Rounds(100, 1000), []storetest.Store{newTable(t, nil), openTable(t, nil)}, 4)
}

func BenchmarkTableHolds(b *testing.B) {
	s := newTable(b, nil)
	storetest.BenchmarkHolds(b, s)
	storetest.BenchmarkQuarantine(b, s)
}
