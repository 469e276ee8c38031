package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAMissingKeyEndsNothing takes a week key away, or damages it, and puts it back.
func TestAMissingKeyEndsNothing(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"removed":   os.Remove,
		"damaged":   func(path string) error { return os.Truncate(path, 5) },
		"exchanged": func(path string) error { return os.WriteFile(path, make([]byte, 32), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t)
			f := startFixture(t, cfg)
			s := f.send(terms{views: 2})
			f.want(s.read(keyOf("a")), 200, "")
			keys, err := filepath.Glob(filepath.Join(cfg.Data, "keyring", "*.key"))
			if err != nil || len(keys) != 1 {
				t.Fatalf("keys %v, %v", keys, err)
			}
			key, err := os.ReadFile(keys[0])
			if err := errors.Join(err, spoil(keys[0])); err != nil {
				t.Fatal(err)
			}
			f.want(s.status(), 200, "")
			for _, reader := range []string{"a", "b"} { // under a lease, and a new one
				f.want(s.read(keyOf(reader)), 503, "unavailable")
				lines := f.lines()
				if last := lines[len(lines)-1]; last["level"] != "error" || !strings.Contains(last["error"].(string), "kek-2026w") {
					t.Errorf("logged %v", last)
				}
			}
			if err := os.WriteFile(keys[0], key, 0o600); err != nil {
				t.Fatal(err)
			}
			f.want(s.read(keyOf("a")), 200, "")
			f.want(s.read(keyOf("b")), 200, "")
		})
	}
}
