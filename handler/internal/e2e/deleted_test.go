//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// TestPurgeOverwritesSealedBytes searches the store's file for the sealed bytes of
// read and revoked secrets after a purge.
func TestPurgeOverwritesSealedBytes(t *testing.T) {
	p := standalone(t)
	c, ctx := dial(t, p.url), t.Context()
	var all []*sent
	for range 20 {
		s, err := send(ctx, c, strings.Repeat("sealed content ", 2000), "", 1)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	file := filepath.Join(p.data, "store.db")
	sealed := valuesOf(t, file)
	if size := len(bytes.Join(sealed, nil)); size < 20*30_000 {
		t.Fatalf("found %d bytes of sealed envelopes", size)
	}
	for i, s := range all {
		if i%2 == 0 {
			if err := c.Revoke(ctx, s.manage); err != nil {
				t.Fatal(err)
			}
			continue
		}
		key := newKey()
		if err := errors.Join(s.open(ctx, c, key), c.Ack(ctx, s.keys, key)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	p.start(t) // purge runs at the start
	testkit.Await(t, "purge", func() bool { return strings.Contains(p.Out.String(), `"event":"timer","operation":"purge"`) }, p.Out)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range sealed {
		for at := 0; at+32 <= len(value); at += 256 {
			if bytes.Contains(data, value[at:at+32]) {
				t.Fatalf("bytes %d to %d of a sealed envelope are still in the file", at, at+32)
			}
		}
	}
}

// valuesOf returns the pieces of the sealed envelopes in a copy of the store's file.
func valuesOf(t *testing.T, file string) (values [][]byte) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(copied, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := bolt.Open(copied, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.View(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("sealed")).ForEach(func(_, v []byte) error {
			values = append(values, bytes.Clone(v))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return values
}
