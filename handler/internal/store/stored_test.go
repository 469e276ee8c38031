package store_test

import (
	"encoding/json"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// TestStoredRowsEncodeTheSame compares bytes: a version that reads a row writes it back as it was.
func TestStoredRowsEncodeTheSame(t *testing.T) {
	var rows, holds []string
	for _, e := range storetest.StoredEntities(t) {
		var members map[string]any
		must(t, json.Unmarshal(e.Entity, &members))
		switch e.Table {
		case "secrets":
			rows = append(rows, members["row"].(string))
		case "holds":
			holds = append(holds, members["value"].(string))
		}
	}
	db, err := bbolt.Open(storetest.StoredFile(t), 0o600, &bbolt.Options{ReadOnly: true})
	must(t, err)
	defer func() { _ = db.Close() }()
	must(t, db.View(func(tx *bbolt.Tx) error {
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
		h, err := store.DecodeHold([]byte(want))
		must(t, err)
		if got, err := store.EncodeHold(h); err != nil || string(got) != want {
			t.Errorf("hold\ngot  %s, %v\nwant %s", got, err, want)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
