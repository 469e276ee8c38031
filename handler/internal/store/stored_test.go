package store_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/seal/keyring"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
	"github.com/secretsharer/secretsharer/handler/internal/store/table"
)

// testdata is a store of schema 1 in both forms; its README.md describes the files.
const testdata = "storetest/testdata/"

func TestBoltReadsSchema1(t *testing.T) {
	s, err := bolt.Open(copyOut(t, "store.db", filepath.Join(t.TempDir(), "store.db")), 0, owned.Private)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	checkStored(t, s)
}

func TestTableReadsSchema1(t *testing.T) {
	endpoint := storetest.Azurite(t)
	s, err := table.Open(t.Context(), endpoint, nil, nil)
	must(t, err)
	key, err := aztables.NewSharedKeyCredential("devstoreaccount1", "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==") // #nosec G101 -- known to everybody
	must(t, err)
	service, err := aztables.NewServiceClientWithSharedKey(endpoint+"/devstoreaccount1", key, nil)
	must(t, err)
	for _, e := range storedEntities(t) {
		delete(e.Entity, "odata.etag")
		delete(e.Entity, "Timestamp")
		data, err := json.Marshal(e.Entity)
		must(t, err)
		_, err = service.NewClient(e.Table).UpsertEntity(t.Context(), data, nil)
		must(t, err)
	}
	checkStored(t, s)
}

// TestSchema1EncodesTheSame compares bytes: a row that was read is written back as it was.
func TestSchema1EncodesTheSame(t *testing.T) {
	var rows, holds []string
	for _, e := range storedEntities(t) {
		switch e.Table {
		case "secrets":
			rows = append(rows, e.Entity["row"].(string))
		case "holds":
			holds = append(holds, e.Entity["value"].(string))
		}
	}
	db, err := bbolt.Open(testdata+"store.db", 0o600, &bbolt.Options{ReadOnly: true})
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

type storedEntity struct {
	Table  string
	Entity map[string]any
}

// storedEntities returns the entities of the tables, as the service listed them.
func storedEntities(t testing.TB) (all []storedEntity) {
	t.Helper()
	data, err := os.ReadFile(testdata + "entities.jsonl")
	must(t, err)
	for line := range bytes.Lines(data) {
		var e storedEntity
		must(t, json.Unmarshal(line, &e))
		all = append(all, e)
	}
	return all
}

func copyOut(t testing.TB, name, path string) string {
	t.Helper()
	data, err := os.ReadFile(testdata + name)
	must(t, err)
	must(t, os.WriteFile(path, data, 0o600))
	return path
}

// decoded is the content of decoded.json.
type decoded struct {
	Records      []storedRecord
	Active, Past []storedHold
	Reminders    []storedReminder `json:"marks"`
	Watermarks   map[string]header.Slot
}

type storedRecord struct {
	Name                                      string
	ID, Header, Access, Claim, Manage, Digest string
	Created, Expires                          string
	Views                                     int
	Leases                                    []struct{ Key, Taken, End, Acked string }
	Tries                                     []string
	Frozen, Revoked, Unlock                   string
	Log                                       []struct{ Event, At string }
	Cleared                                   bool
	Algorithm, KeyName, KeyVersion            string
	Sealed, Envelope                          string
}

type storedHold struct {
	ID, Kind, Week, Name, Version, From, To, Prefix, Secret string
	Modes                                                   []hold.Mode
	Until, Reason, Source, Alert                            string
	Created, Released, ReleaseReason                        string
}

type storedReminder struct{ Minute, ID string }

// checkStored checks that a store returns exactly the records, holds, reminders and
// watermarks of decoded.json, and that the envelopes open under the keyring.
func checkStored(t *testing.T, s storetest.Store) {
	ctx := t.Context()
	var want decoded
	data, err := os.ReadFile(testdata + "decoded.json")
	must(t, err)
	must(t, json.Unmarshal(data, &want))
	got := decoded{Watermarks: map[string]header.Slot{}}
	sealer := storedSealer(t)
	for _, w := range want.Records {
		var id header.ID
		_, err := hex.Decode(id[:], []byte(w.ID))
		must(t, err)
		r, err := s.Get(ctx, id)
		must(t, err)
		plain := plainRecord(r)
		plain.Name = w.Name
		if !r.Cleared {
			envelope, err := sealer.Open(ctx, &r.Sealed, bytes.Join([][]byte{r.ID[:], r.Header[:], r.Access[:], r.Claim[:], r.Manage[:]}, nil))
			if err != nil {
				t.Errorf("unseal %q: %v", w.Name, err)
			}
			plain.Envelope = sumOf(envelope)
		}
		got.Records = append(got.Records, plain)
	}
	rows, next, err := s.Expired(ctx, 0, ^header.Slot(0), false, "")
	if err != nil || next != "" || len(rows) != len(want.Records) {
		t.Errorf("%d rows, cursor %q, %v", len(rows), next, err)
	}
	for pass := range want.Watermarks {
		got.Watermarks[pass], err = s.Watermark(ctx, pass)
		must(t, err)
	}
	reminders, _, err := s.DueReminders(ctx, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), "")
	must(t, err)
	for _, r := range reminders {
		got.Reminders = append(got.Reminders, storedReminder{timeText(r.Minute), hex.EncodeToString(r.ID[:])})
	}
	past, err := store.AllHolds(ctx, s, store.PastHolds, hold.Filter{})
	must(t, err)
	got.Past = plainHolds(past)
	for shard := range store.Shards {
		active, err := store.AllHolds(ctx, s, store.ActiveHolds(byte(shard)), hold.Filter{})
		must(t, err)
		got.Active = plainHolds(active)
		if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
			t.Fatalf("shard %d\ngot  %s\nwant %s", shard, g, w)
		}
	}
}

func storedSealer(t testing.TB) *seal.Sealer {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keyring")
	must(t, os.Mkdir(dir, 0o700))
	files, err := os.ReadDir(testdata + "keyring")
	must(t, err)
	for _, f := range files {
		copyOut(t, "keyring/"+f.Name(), filepath.Join(dir, f.Name()))
	}
	keys, err := keyring.Open(dir, owned.Private, rand.Reader)
	must(t, err)
	return seal.New(keys, rand.Reader)
}

func plainRecord(r *secret.Record) storedRecord {
	p := storedRecord{
		ID: hex.EncodeToString(r.ID[:]), Header: hex.EncodeToString(r.Header[:]), Access: hex.EncodeToString(r.Access[:]),
		Claim: hex.EncodeToString(r.Claim[:]), Manage: hex.EncodeToString(r.Manage[:]), Digest: hex.EncodeToString(r.Digest[:]),
		Created: timeText(r.Created), Expires: timeText(r.Expires), Views: r.Views, Frozen: timeText(r.Frozen), Revoked: timeText(r.Revoked),
		Cleared: r.Cleared, Algorithm: r.Sealed.Key.Algorithm, KeyName: r.Sealed.Key.Name, KeyVersion: r.Sealed.Key.Version,
	}
	if r.Unlock != (secret.Hash{}) {
		p.Unlock = hex.EncodeToString(r.Unlock[:])
	}
	for _, l := range r.Leases {
		p.Leases = append(p.Leases, struct{ Key, Taken, End, Acked string }{hex.EncodeToString(l.Key[:]), timeText(l.Taken), timeText(l.End), timeText(l.Acked)})
	}
	for _, try := range r.Tries {
		p.Tries = append(p.Tries, hex.EncodeToString(try[:]))
	}
	for _, e := range r.Log {
		p.Log = append(p.Log, struct{ Event, At string }{e.Event, timeText(e.At)})
	}
	if len(r.Sealed.Wrapped)+len(r.Sealed.Envelope) > 0 {
		p.Sealed = sumOf(bytes.Join([][]byte{r.Sealed.Wrapped, r.Sealed.Envelope}, nil))
	}
	return p
}

func plainHolds(holds []hold.Hold) (all []storedHold) {
	for _, h := range holds {
		all = append(all, storedHold{
			ID: h.ID, Kind: string(h.Scope.Kind), Week: string(h.Scope.Week), Name: h.Scope.Name, Version: h.Scope.Version,
			From: timeText(h.Scope.From), To: timeText(h.Scope.To), Prefix: h.Scope.Prefix, Secret: h.Scope.ID,
			Modes: h.Modes, Until: timeText(h.Until), Reason: h.Reason, Source: h.Source, Alert: h.Alert,
			Created: timeText(h.CreatedAt), Released: timeText(h.ReleasedAt), ReleaseReason: h.ReleaseReason,
		})
	}
	return all
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
