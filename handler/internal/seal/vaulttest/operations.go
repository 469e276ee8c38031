package vaulttest

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
)

func (s *Server) createKey(r *http.Request, body []byte) (object, *failure) {
	var in struct {
		Kty  string
		Size int      `json:"key_size"`
		Ops  []string `json:"key_ops"`
	}
	if json.Unmarshal(body, &in) != nil || in.Kty != "RSA" {
		return nil, badParameter("kty")
	}
	name := r.PathValue("name")
	v, failed := s.create(name, in.Size, in.Ops)
	if failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bundle(name, v), nil
}

// find is called with mu held.
func (s *Server) find(r *http.Request) (*version, *failure) {
	if k := s.keys[r.PathValue("name")]; k != nil {
		if v := k.find(r.PathValue("version")); v != nil {
			return v, nil
		}
	}
	return nil, &failure{status: http.StatusNotFound, code: "KeyNotFound",
		message: "A key with (name/id) " + r.PathValue("name") + " was not found in this key vault."}
}

// getKey answers for a disabled key, too: its public half stays to be had.
func (s *Server) getKey(r *http.Request, _ []byte) (object, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, failed := s.find(r)
	if failed != nil {
		return nil, failed
	}
	return s.bundle(r.PathValue("name"), v), nil
}

func (s *Server) updateKey(r *http.Request, body []byte) (object, *failure) {
	var in struct{ Attributes struct{ Enabled *bool } }
	if json.Unmarshal(body, &in) != nil {
		return nil, badParameter("attributes")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v, failed := s.find(r)
	if failed != nil {
		return nil, failed
	}
	if in.Attributes.Enabled != nil {
		v.enabled, v.updated = *in.Attributes.Enabled, s.now()
	}
	return s.bundle(r.PathValue("name"), v), nil
}

func (s *Server) deleteKey(r *http.Request, _ []byte) (object, *failure) {
	s.mu.Lock()
	v, failed := s.find(r)
	if failed != nil {
		s.mu.Unlock()
		return nil, failed
	}
	name := r.PathValue("name")
	answer := s.bundle(name, v)
	answer["recoveryId"] = s.URL + "/deletedkeys/" + name
	answer["deletedDate"], answer["scheduledPurgeDate"] = s.now(), s.now()+90*24*3600
	s.mu.Unlock()
	s.Delete(name)
	return answer, nil
}

func (s *Server) unwrapKey(r *http.Request, body []byte) (object, *failure) {
	var in struct{ Alg, Value string }
	if json.Unmarshal(body, &in) != nil || in.Alg != "RSA-OAEP-256" {
		return nil, badParameter("alg")
	}
	wrapped, err := base64.RawURLEncoding.DecodeString(in.Value)
	if err != nil {
		return nil, badParameter("value")
	}
	s.mu.Lock()
	v, failed := s.find(r)
	disabled := failed == nil && !v.enabled
	s.mu.Unlock()
	switch {
	case failed != nil:
		return nil, failed
	case disabled:
		return nil, &failure{status: http.StatusForbidden, code: "Forbidden", inner: "KeyDisabled",
			message: "Operation unwrapKey is not allowed on a disabled key."}
	case !slices.Contains(v.ops, "unwrapKey"):
		return nil, &failure{status: http.StatusForbidden, code: "Forbidden", inner: "KeyOperationForbidden",
			message: "Operation unwrapKey is not permitted on this key."}
	}
	value, err := rsa.DecryptOAEP(sha256.New(), nil, v.private, wrapped, nil)
	if err != nil {
		return nil, badParameter("value")
	}
	return object{"kid": s.kid(r.PathValue("name"), v), "value": base64.RawURLEncoding.EncodeToString(value)}, nil
}
