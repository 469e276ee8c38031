package table_test

import (
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
	"github.com/secretsharer/secretsharer/handler/internal/store/table"
)

func TestTable(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Store { return newTable(t, nil) })
}

func TestTableRaces(t *testing.T) {
	storetest.Race(t, storetest.Rounds(50, 1000), []storetest.Store{newTable(t, nil)}, 16)
}

// Two stores over the same tables are like two processes.
func TestTableHoldRaces(t *testing.T) {
	storetest.RaceHolds(t, storetest.Rounds(100, 1000), []storetest.Store{newTable(t, nil), openTable(t, nil)}, 4)
}

// newTable opens empty tables.
func newTable(t testing.TB, transport policy.Transporter) *table.Store {
	t.Helper()
	service, _, err := table.Connect(storetest.Azurite(t), nil, nil)
	must(t, err)
	for _, name := range []string{"secrets", "holds", "work"} {
		_, _ = service.DeleteTable(t.Context(), name, nil) // the first time there is none
	}
	return openTable(t, transport)
}

// openTable opens the tables as they are.
func openTable(t testing.TB, transport policy.Transporter) *table.Store {
	t.Helper()
	s, err := table.Open(t.Context(), storetest.Azurite(t), nil, transport)
	must(t, err)
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
