package vaulttest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"maps"
	"slices"
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

// find returns a version of the key, the latest for none; nil when there is no such.
func (k *key) find(id string) *version {
	if id == "" {
		return k.latest()
	}
	i := slices.IndexFunc(k.versions, func(v *version) bool { return v.id == id })
	if i < 0 {
		return nil
	}
	return k.versions[i]
}

// Names returns the names of the keys that are not deleted, sorted.
func (s *Server) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.keys))
}

// Versions returns a key's versions, the latest last; none when it does not stand.
func (s *Server) Versions(name string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	if k := s.keys[name]; k != nil {
		for _, v := range k.versions {
			ids = append(ids, v.id)
		}
	}
	return ids
}

// Enabled reports whether every version of a key is enabled.
func (s *Server) Enabled(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.keys[name]
	return k != nil && !slices.ContainsFunc(k.versions, func(v *version) bool { return !v.enabled })
}

// Add makes a key, or a new version of one, with an RSA key of bits, as somebody else would.
func (s *Server) Add(name string, bits int) { s.create(name, bits, []string{"wrapKey", "unwrapKey"}) }

// Disable disables all versions of a key, as a person would.
func (s *Server) Disable(name string) { s.enable(name, false) }

// Enable undoes Disable.
func (s *Server) Enable(name string) { s.enable(name, true) }

// Delete deletes a key. Its name stays taken until Recover or Purge.
func (s *Server) Delete(name string) { s.move(s.keys, s.deleted, name) }

// Recover undoes Delete.
func (s *Server) Recover(name string) { s.move(s.deleted, s.keys, name) }

// Purge frees the name of a deleted key; nothing brings that key back.
func (s *Server) Purge(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.deleted, name)
}

func (s *Server) enable(name string, enabled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keys[name]; k != nil {
		for _, v := range k.versions {
			v.enabled, v.updated = enabled, s.now()
		}
	}
}

func (s *Server) move(from, to map[string]*key, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := from[name]; k != nil {
		delete(from, name)
		to[name] = k
	}
}

func (s *Server) create(name string, bits int, ops []string) (*version, *failure) {
	private, err := privates.take(bits)
	if err != nil {
		return nil, &failure{status: 400, code: "BadParameter", message: err.Error()}
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deleted[name] != nil {
		return nil, &failure{status: 409, code: "Conflict", inner: "ObjectIsDeletedButRecoverable",
			message: "Key " + name + " is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the key can only be recovered or purged."}
	}
	v := &version{id: hex.EncodeToString(id), private: private, ops: ops, enabled: true, created: s.now(), updated: s.now()}
	if s.keys[name] == nil {
		s.keys[name] = &key{}
	}
	s.keys[name].versions = append(s.keys[name].versions, v)
	return v, nil
}
