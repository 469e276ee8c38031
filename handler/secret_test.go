package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/envelope"
)

// sent is a secret as its sender knows it.
type sent struct {
	id                    string
	access, claim, manage string // as they travel
	envelope              []byte
	body                  map[string]string
}

// terms are the choices of a sender.
type terms struct {
	ttl        time.Duration // from the start of the clock; 24 hours when zero
	views      int           // 1 when zero
	passphrase string
	data       []byte    // "correct horse" when nil
	link       io.Reader // what the link's key is made of; random when nil
}

// sealed returns a secret that is not created yet.
func sealed(t testing.TB, w terms) *sent {
	t.Helper()
	return sealedAt(t, w, start)
}

// sealedAt is sealed at the given time.
func sealedAt(t testing.TB, w terms, now time.Time) *sent {
	t.Helper()
	w.defaults()
	expires := now.Add(w.ttl)
	link, err := envelope.NewLink(w.link, "https://secrets.example", expires)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := link.Keys(w.passphrase)
	if err != nil {
		t.Fatal(err)
	}
	manage, err := envelope.NewManageLink(rand.Reader, "https://secrets.example", keys.ID)
	if err != nil {
		t.Fatal(err)
	}
	var to bytes.Buffer
	p := envelope.Params{Views: w.views, Expires: expires}
	if err := envelope.Seal(&to, rand.Reader, keys, p, envelope.Meta{Type: "text"}, bytes.NewReader(w.data), int64(len(w.data))); err != nil {
		t.Fatal(err)
	}
	s := &sent{
		id: keys.ID.String(), envelope: to.Bytes(),
		access: api.Encode(keys.Access[:]), claim: api.Encode(keys.Claim[:]), manage: api.Encode(manage.Manage[:]),
	}
	s.body = map[string]string{
		"envelope": api.Encode(s.envelope), "access_hash": hashOf(keys.Access[:]), "claim_hash": hashOf(keys.Claim[:]), "manage_hash": hashOf(manage.Manage[:]),
	}
	return s
}

func (w *terms) defaults() {
	if w.ttl == 0 {
		w.ttl = 24 * time.Hour
	}
	if w.views == 0 {
		w.views = 1
	}
	if w.data == nil {
		w.data = []byte("correct horse")
	}
	if w.link == nil {
		w.link = rand.Reader
	}
}

// send seals a secret and creates it.
func (f *fixture) send(t terms) *sent {
	f.t.Helper()
	s := sealed(f.t, t)
	f.want(s.create(), http.StatusCreated, "")
	return s
}

func (s *sent) create() request {
	r := newRequest(http.MethodPost, "/api/secrets", "Content-Type", "application/json")
	body, _ := json.Marshal(s.body)
	r.body = string(body)
	return r
}

// resealed returns a secret with other bytes in its envelope.
func (s *sent) resealed(edit func(envelope []byte) []byte) *sent {
	other := s.having("envelope", api.Encode(edit(bytes.Clone(s.envelope))))
	other.envelope = nil
	return other
}

// having returns a secret whose create has another value for a member.
func (s *sent) having(member, value string) *sent {
	other := s.clone()
	other.body[member] = value
	return other
}

func (s *sent) clone() *sent {
	other := *s
	other.body = maps.Clone(s.body)
	return &other
}

func (s *sent) path() string { return "/api/secrets/" + s.id }

func (s *sent) status() request {
	return newRequest(http.MethodGet, s.path(), "Secret-Access", s.access)
}

func (s *sent) read(key string) request {
	return newRequest(http.MethodPost, s.path()+"/read", "Secret-Access", s.access, "Secret-Claim", s.claim, "Idempotency-Key", key)
}

func (s *sent) ack(key string) request {
	return newRequest(http.MethodPost, s.path()+"/ack", "Secret-Access", s.access, "Idempotency-Key", key)
}

func (s *sent) revoke() request {
	return newRequest(http.MethodDelete, s.path(), "Secret-Manage", s.manage)
}

func (s *sent) revokeAsReader() request {
	return newRequest(http.MethodDelete, s.path(), "Secret-Access", s.access, "Secret-Claim", s.claim)
}

func (s *sent) receipt() request {
	return newRequest(http.MethodGet, s.path()+"/receipt", "Secret-Manage", s.manage)
}

func (s *sent) unlock(key string) request {
	return newRequest(http.MethodPost, s.path()+"/unlock", "Secret-Manage", s.manage, "Idempotency-Key", key)
}

// wrong returns a request with the n-th of several wrong claims.
func wrong(r request, n int) request { return r.with("Secret-Claim", proofOf("wrong", n)) }

// proofOf returns a proof that depends on the words only.
func proofOf(words ...any) string {
	sum := sha256.Sum256(fmt.Append(nil, words...))
	return api.Encode(sum[:])
}

// keyOf returns an Idempotency-Key that depends on the words only.
func keyOf(words ...any) string { return proofOf(words...)[:21] + "A" }

func hashOf(proof []byte) string {
	sum := sha256.Sum256(proof)
	return api.Encode(sum[:])
}
