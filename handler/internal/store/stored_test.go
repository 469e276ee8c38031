package store_test

import (
	"encoding/json"
	"maps"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

func TestEmbeddedReadsStoredRows(t *testing.T) {
	storetest.Stored(t, openEmbedded(t, storetest.StoredFile(t), 0))
}

func TestTableReadsStoredRows(t *testing.T) {
	newTable(t, nil)
	service, _, err := store.Connect(storetest.Azurite(t), nil, nil)
	must(t, err)
	for _, e := range storetest.StoredEntities(t) {
		var members map[string]any
		must(t, json.Unmarshal(e.Entity, &members))
		maps.DeleteFunc(members, func(name string, _ any) bool { return name == "odata.etag" || name == "Timestamp" })
		data, err := json.Marshal(members)
		must(t, err)
		_, err = service.NewClient(e.Table).UpsertEntity(t.Context(), data, nil)
		must(t, err)
	}
	storetest.Stored(t, openTable(t, nil))
}

// TestStoredRowsEncodeTheSame compares bytes: a version that reads a row writes it back as it was.
func TestStoredRowsEncodeTheSame(t *testing.T) {
	var rows, holds []string
	for _, e := range storetest.StoredEntities(t) {
		var members map[string]any
		must(t, json.Unmarshal(e.Entity, &members))
		switch e.Table {
		case "secrets":
			r, err := store.DecodeEntity(e.Entity, true)
			must(t, err)
			data, err := store.EncodeEntity(r, !r.Cleared)
			must(t, err)
			maps.DeleteFunc(members, func(name string, _ any) bool { return name == "odata.etag" || name == "Timestamp" })
			if want, _ := json.Marshal(members); string(data) != string(want) {
				t.Errorf("entity\ngot  %s\nwant %s", data, want)
			}
			rows = append(rows, members["row"].(string))
		case "holds":
			holds = append(holds, members["value"].(string))
		}
	}
	db, err := bolt.Open(storetest.StoredFile(t), 0o600, &bolt.Options{ReadOnly: true})
	must(t, err)
	defer func() { _ = db.Close() }()
	must(t, db.View(func(tx *bolt.Tx) error {
		must(t, tx.Bucket([]byte("rows")).ForEach(func(_, value []byte) error { rows = append(rows, string(value[8:])); return nil }))
		return tx.Bucket([]byte("holds")).ForEach(func(_, value []byte) error { holds = append(holds, string(value)); return nil })
	}))
	if len(rows) != 22 || len(holds) != 106 {
		t.Errorf("%d rows, %d holds", len(rows), len(holds))
	}
	for _, want := range rows {
		r, err := store.DecodeRow([]byte(want))
		must(t, err)
		if got, err := store.EncodeRow(r); err != nil || string(got) != want {
			t.Errorf("row\ngot  %s, %v\nwant %s", got, err, want)
		}
	}
	for _, want := range holds {
		var h secret.Hold
		must(t, json.Unmarshal([]byte(want), &h))
		if got, err := json.Marshal(h); err != nil || string(got) != want {
			t.Errorf("hold\ngot  %s, %v\nwant %s", got, err, want)
		}
	}
}
