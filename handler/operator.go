package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// mayOperate lets operators through: who shows an operator's key, or comes with
// the role. Every refusal is an event.
func (a *api) mayOperate(r *http.Request) error {
	err := a.operator(r)
	if err != nil {
		a.holds.Refuse()
	}
	return err
}

func (a *api) operator(r *http.Request) error {
	if r.Header.Get("Secret-Admin") != "" || !a.Entra {
		return checkKey(r, "Secret-Admin", a.AdminKeys)
	}
	p, err := a.principal(r)
	if err != nil {
		return err
	}
	if !p.has(a.AdminRole) {
		return errForbidden
	}
	return nil
}

// principal is whom App Service authentication vouches for.
type principal struct {
	Type   string `json:"auth_typ"`
	Roles  string `json:"role_typ"`
	Claims []struct {
		Type  string `json:"typ"`
		Value string `json:"val"`
	} `json:"claims"`
}

// principal reads the header that App Service authentication sets. It is
// believed only with SSS_ENTRA=on, since anyone can forge it elsewhere. Source:
// "Work with user identities in Azure App Service authentication".
func (a *api) principal(r *http.Request) (*principal, error) {
	var p principal
	data, err := base64.StdEncoding.DecodeString(r.Header.Get("X-MS-CLIENT-PRINCIPAL"))
	if !a.Entra || err != nil || json.Unmarshal(data, &p) != nil || p.Type != "aad" || len(p.Claims) == 0 {
		return nil, &missingProofError{"sign-in by Entra ID"}
	}
	return &p, nil
}

// has reports whether the principal has an application role.
func (p *principal) has(role string) bool {
	for _, c := range p.Claims {
		if (c.Type == "roles" || c.Type == p.Roles) && c.Value == role {
			return true
		}
	}
	return false
}

// adminKeySize is how many random bytes the operator's key of a machine has.
const adminKeySize = 32

// adminKey returns the hash of the operator's key of this machine, and makes the
// key at the first start: a file of mode 0600, one line of base64url.
func adminKey(dir string) (h KeyHash, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return h, fmt.Errorf("make data directory: %w", err)
	}
	path := filepath.Join(dir, "admin.key")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := makeAdminKey(dir, path); err != nil {
			return h, fmt.Errorf("make operator's key: %w", err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return h, fmt.Errorf("read operator's key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return h, fmt.Errorf("read operator's key: %s is open to others: want mode 0600", path)
	}
	data, err := os.ReadFile(path) // #nosec G304 -- the operator's setting
	if err != nil {
		return h, fmt.Errorf("read operator's key: %w", err)
	}
	key := strings.TrimSpace(string(data))
	if raw, err := base64url.DecodeString(key); err != nil || len(raw) != adminKeySize {
		return h, fmt.Errorf("read operator's key: %s holds none: remove it, and the next start makes a new one", path)
	}
	return hashKey(key), nil
}

// makeAdminKey writes a new key beside its place first, so that a crash leaves the
// whole key or none.
func makeAdminKey(dir, path string) error {
	key := make([]byte, adminKeySize)
	_, _ = rand.Read(key)                       // never fails
	file, err := os.CreateTemp(dir, ".admin-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = file.WriteString(base64url.EncodeToString(key) + "\n")
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return os.Rename(file.Name(), path)
}
