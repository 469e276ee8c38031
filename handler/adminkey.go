package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/durable"
)

const (
	adminKeyName = "admin.key"
	adminKeySize = 32 // random bytes
)

// openAdminKey returns the hash of the operators' key of this machine. The first start
// makes the key, in a file of mode 0600 with one line of base64url.
func openAdminKey(dir string) (h config.KeyHash, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return h, fmt.Errorf("make data directory: %w", err)
	}
	path := filepath.Join(dir, adminKeyName)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, adminKeySize)
		_, _ = rand.Read(key) // never fails
		if err := durable.WriteFile(path, []byte(api.Encode(key)+"\n")); err != nil {
			return h, fmt.Errorf("make operators' key: %w", err)
		}
		info, err = os.Stat(path)
	}
	if err != nil {
		return h, fmt.Errorf("read operators' key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return h, fmt.Errorf("read operators' key: %s is accessible to others: its mode must be 0600", path)
	}
	data, err := os.ReadFile(path) // #nosec G304 -- the operator's setting
	if err != nil {
		return h, fmt.Errorf("read operators' key: %w", err)
	}
	key := strings.TrimSpace(string(data))
	if raw, err := api.Decode(key); err != nil || len(raw) != adminKeySize {
		return h, fmt.Errorf("read operators' key: %s does not contain a key: remove the file, and the next start makes a new one", path)
	}
	return config.Hash(key), nil
}
