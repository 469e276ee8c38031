package main

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// Each of the configured keys permits creating.
func TestCreateRequiresAKey(t *testing.T) {
	f := newFixture(t, "SSS_CREATE=key", "SSS_CREATE_KEYS="+hexHash("first key")+","+hexHash("second key"))
	for _, key := range []string{"first key", "second key"} {
		s := sealed(t, terms{})
		f.want(s.create().with("Secret-Create", key), 201, "")
		f.want(s.status(), 200, "") // nothing else wants one
	}
	s := sealed(t, terms{})
	for _, key := range []string{"first", "First key", "first key,second key", hexHash("first key")} {
		f.want(s.create().with("Secret-Create", key), 403, "forbidden")
	}
	for _, r := range []request{s.create(), s.create().with("Secret-Create", ""), s.create().with("Authorization", "Bearer first key")} {
		if got := f.want(r, 401, "unauthorized"); got.text("detail") != "missing: Secret-Create" {
			t.Errorf("got %s", got.body)
		}
	}
	f.want(s.status(), 404, "not-found")
}

func TestCreateKeyIsCheckedBeforeTheBody(t *testing.T) {
	f := newFixture(t, "SSS_CREATE=key", "SSS_CREATE_KEYS="+hexHash("key"))
	r := newRequest("POST", "/api/secrets", "Content-Type", "text/plain")
	f.want(r, 401, "unauthorized")
	f.want(r.with("Secret-Create", "other"), 403, "forbidden")
	f.want(r.with("Secret-Create", "key"), 415, "unsupported-media-type")
}

func hexHash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
