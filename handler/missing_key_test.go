package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAMissingKeyEndsNothing takes a week key away, and puts it back.
func TestAMissingKeyEndsNothing(t *testing.T) {
	cfg := testConfig(t)
	f := startFixture(t, cfg)
	s := f.send(terms{views: 2})
	f.want(s.read(keyOf("a")), 200, "")
	keys, err := filepath.Glob(filepath.Join(cfg.Data, "keyring", "*.key"))
	if err != nil || len(keys) == 0 {
		t.Fatalf("no keys: %v", err)
	}
	for _, key := range keys {
		if err := os.Rename(key, key+".away"); err != nil {
			t.Fatal(err)
		}
	}
	f.want(s.status(), 200, "")
	for _, reader := range []string{"a", "b"} { // under a lease, and a new one
		f.want(s.read(keyOf(reader)), 503, "unavailable")
		lines := f.lines()
		if last := lines[len(lines)-1]; last["level"] != "error" || !strings.Contains(last["error"].(string), "kek-2026w") {
			t.Errorf("logged %v", last)
		}
	}
	for _, key := range keys {
		if err := os.Rename(key+".away", key); err != nil {
			t.Fatal(err)
		}
	}
	f.want(s.read(keyOf("a")), 200, "")
	f.want(s.read(keyOf("b")), 200, "")
}
