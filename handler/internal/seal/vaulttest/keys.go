package vaulttest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"maps"
	"slices"
	"sync"
	"time"
)

// key is a key with its versions, the latest last.
type key struct{ versions []*version }

type version struct {
	id      string
	private *rsa.PrivateKey
	ops     []string
	enabled bool
	created int64 // seconds since 1970
	updated int64
}

func (k *key) latest() *version { return k.versions[len(k.versions)-1] }

// find returns a version of the key, the latest when id is empty, and nil when it does not exist.
func (k *key) find(id string) *version {
	if id == "" {
		return k.latest()
	}
	for _, v := range k.versions {
		if v.id == id {
			return v
		}
	}
	return nil
}

// Names returns the names of the keys that are not deleted, sorted.
func (s *Server) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.keys))
}

// Versions returns the versions of a key, the latest last, and none for a key that
// does not exist.
func (s *Server) Versions(name string) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keys[name]; k != nil {
		for _, v := range k.versions {
			ids = append(ids, v.id)
		}
	}
	return ids
}

// Add makes an RSA key of that many bits, or a new version of the key.
func (s *Server) Add(name string, bits int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = s.create(name, bits, []string{"wrapKey", "unwrapKey"}) // fails for a bad size only
}

// Disable disables all versions of a key, as a person would.
func (s *Server) Disable(name string) { s.enable(name, false) }

// Enable undoes Disable.
func (s *Server) Enable(name string) { s.enable(name, true) }

// Delete deletes a key. Its name cannot be used until Recover or Purge.
func (s *Server) Delete(name string) { s.change(func() { move(s.keys, s.deleted, name) }) }

// Recover undoes Delete.
func (s *Server) Recover(name string) { s.change(func() { move(s.deleted, s.keys, name) }) }

// Purge removes a deleted key for good and frees its name.
func (s *Server) Purge(name string) { s.change(func() { delete(s.deleted, name) }) }

func (s *Server) change(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

func (s *Server) enable(name string, enabled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keys[name]; k != nil {
		for _, v := range k.versions {
			v.enabled, v.updated = enabled, time.Now().Unix()
		}
	}
}

func move(from, to map[string]*key, name string) {
	if k := from[name]; k != nil {
		delete(from, name)
		to[name] = k
	}
}

// create is called with mu held.
func (s *Server) create(name string, bits int, ops []string) (*version, *failure) {
	private := privateKeys[bits]
	if private == nil {
		return nil, badParameter("key_size")
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	if s.deleted[name] != nil {
		return nil, &failure{status: 409, code: "Conflict", inner: "ObjectIsDeletedButRecoverable",
			message: "Key " + name + " is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the key can only be recovered or purged."}
	}
	s.created++
	now := time.Now().Unix()
	v := &version{id: hex.EncodeToString(id), private: private()[s.created%2], ops: ops, enabled: true, created: now, updated: now}
	if s.keys[name] == nil {
		s.keys[name] = &key{}
	}
	s.keys[name].versions = append(s.keys[name].versions, v)
	return v, nil
}

// privateKeys are two RSA keys of each size, handed out in turn: making one is
// slow, and the tests only need successive keys to differ.
var privateKeys = map[int]func() [2]*rsa.PrivateKey{2048: sync.OnceValue(pair(2048)), 3072: sync.OnceValue(pair(3072))}

func pair(bits int) func() [2]*rsa.PrivateKey {
	return func() (keys [2]*rsa.PrivateKey) {
		for i := range keys {
			keys[i], _ = rsa.GenerateKey(rand.Reader, bits) // never fails for these sizes
		}
		return keys
	}
}
