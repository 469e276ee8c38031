package bolt_test

import (
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

func TestBoltHoldRaces(t *testing.T) {
	storetest.RaceHolds(t, 1000, []storetest.Store{openStore(t, newPath(t), 0)}, 4)
}

func BenchmarkBoltHolds(b *testing.B) {
	s := openStore(b, newPath(b), 0)
	storetest.BenchmarkHolds(b, s)
	storetest.BenchmarkQuarantine(b, s)
}
