package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/durable"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
)

const (
	adminKeyName = "admin.key"
	adminKeySize = 32 // random bytes

	adminKeyLimit = 1 << 10 // bytes that are read of the file
)

// openAdminKey returns the hash of the operators' key of this machine. The first start
// makes the key, in a file of mode 0600 with one line of base64url.
func openAdminKey(dir string, modes owned.Modes) (h config.KeyHash, err error) {
	path := filepath.Join(dir, adminKeyName)
	h, err = readAdminKey(path, modes)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, adminKeySize)
		_, _ = rand.Read(key) // never fails
		if err := durable.WriteFile(path, []byte(api.Encode(key)+"\n")); err != nil {
			return h, fmt.Errorf("make operators' key: %w", err)
		}
		h, err = readAdminKey(path, modes)
	}
	if err != nil {
		return h, fmt.Errorf("read operators' key: %w", err)
	}
	return h, nil
}

func readAdminKey(path string, modes owned.Modes) (h config.KeyHash, err error) {
	data, _, err := modes.ReadFile(path, adminKeyLimit)
	if err != nil {
		return h, err
	}
	key := strings.TrimSpace(string(data))
	if raw, err := api.Decode(key); err != nil || len(raw) != adminKeySize {
		return h, fmt.Errorf("%s does not contain a key: remove the file, and the next start makes a new one", path)
	}
	return config.Hash(key), nil
}
