package table_test

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
	"github.com/secretsharer/secretsharer/handler/internal/store/table"
)

func TestTableReadsStoredRows(t *testing.T) {
	newTable(t, nil)
	service, _, err := table.Connect(storetest.Azurite(t), nil, nil)
	must(t, err)
	for _, e := range storetest.StoredEntities(t) {
		_, err = service.NewClient(e.Table).UpsertEntity(t.Context(), withoutMetadata(t, e), nil)
		must(t, err)
	}
	storetest.Stored(t, openTable(t, nil))
}

// TestStoredEntitiesEncodeTheSame compares bytes: a version that reads an entity writes it back as it was.
func TestStoredEntitiesEncodeTheSame(t *testing.T) {
	for _, e := range storetest.StoredEntities(t) {
		if e.Table != "secrets" {
			continue
		}
		r, err := table.DecodeSecret(e.Entity, true)
		must(t, err)
		got, err := table.EncodeSecret(r, !r.Cleared)
		must(t, err)
		if want := withoutMetadata(t, e); string(got) != string(want) {
			t.Errorf("entity\ngot  %s\nwant %s", got, want)
		}
	}
}

// withoutMetadata returns an entity without what the service adds.
func withoutMetadata(t *testing.T, e storetest.StoredEntity) []byte {
	t.Helper()
	var members map[string]any
	must(t, json.Unmarshal(e.Entity, &members))
	maps.DeleteFunc(members, func(name string, _ any) bool { return name == "odata.etag" || name == "Timestamp" })
	data, err := json.Marshal(members)
	must(t, err)
	return data
}
