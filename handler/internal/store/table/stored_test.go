package table_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/store/table"
)

// TestSchema1EncodesTheSame compares bytes: an entity that was read is written back as it was.
func TestSchema1EncodesTheSame(t *testing.T) {
	data, err := os.ReadFile("../storetest/testdata/entities.jsonl")
	must(t, err)
	compared := 0
	for line := range bytes.Lines(data) {
		var stored struct {
			Table  string
			Entity json.RawMessage
		}
		must(t, json.Unmarshal(line, &stored))
		if stored.Table != "secrets" {
			continue
		}
		r, err := table.DecodeSecret(stored.Entity, true)
		must(t, err)
		got, err := table.EncodeSecret(r, !r.Cleared)
		must(t, err)
		var want map[string]any
		must(t, json.Unmarshal(stored.Entity, &want))
		delete(want, "odata.etag") // the service's
		delete(want, "Timestamp")
		if want, err := json.Marshal(want); err != nil || string(got) != string(want) {
			t.Errorf("entity\ngot  %s\nwant %s", got, want)
		}
		compared++
	}
	if compared != 11 {
		t.Errorf("%d entities", compared)
	}
}
