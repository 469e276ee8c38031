package client

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/api"
)

var quiet = log.New(io.Discard, "", 0)

// proofs are the headers that carry proofs and keys.
var proofs = []string{api.HeaderAccess, api.HeaderClaim, api.HeaderManage, api.HeaderCreate, api.HeaderIdempotency}

func TestCallsSendTheDocumentedRequests(t *testing.T) {
	link, keys, manage, key := fixture(t)
	access, claim, managed, k := proof(keys.Access), proof(keys.Claim), proof(manage.Manage), proof(key)
	id := path(keys.ID)
	cases := map[string]struct {
		answer http.HandlerFunc
		call   func(*Client) error
		line   string
		proofs []string // as in the variable above
	}{
		"config": {
			reply(200, jsonMedia, goodConfig), func(c *Client) error { _, err := c.Config(t.Context()); return err },
			"GET /api/config", []string{"", "", "", "", ""},
		},
		"create": {
			reply(201, jsonMedia, `{"id":"x","expires_at":"2026-11-25T00:00:00Z"}`),
			func(c *Client) error { _, err := c.Create(t.Context(), keys, manage, []byte("sealed")); return err },
			"POST /api/secrets", []string{"", "", "", "the key", ""},
		},
		"status": {
			reply(200, jsonMedia, goodStatus), func(c *Client) error { _, err := c.Status(t.Context(), link); return err },
			"GET " + id, []string{access, "", "", "", ""},
		},
		"read": {
			reply(200, jsonMedia, goodReading), func(c *Client) error { _, err := c.Read(t.Context(), keys, key); return err },
			"POST " + id + "/read", []string{access, claim, "", "", k},
		},
		"ack": {
			reply(204, "", ""), func(c *Client) error { return c.Ack(t.Context(), keys, key) },
			"POST " + id + "/ack", []string{access, "", "", "", k},
		},
		"revoke": {
			reply(204, "", ""), func(c *Client) error { return c.Revoke(t.Context(), manage) },
			"DELETE " + id, []string{"", "", managed, "", ""},
		},
		"revoke as reader": {
			reply(204, "", ""), func(c *Client) error { return c.RevokeAsReader(t.Context(), keys) },
			"DELETE " + id, []string{access, claim, "", "", ""},
		},
		"receipt": {
			reply(200, jsonMedia, `{"id":"x","state":"read","events":[{"event":"created","at":"2026-11-25T00:00:00Z"}]}`),
			func(c *Client) error { _, err := c.Receipt(t.Context(), manage); return err },
			"GET " + id + "/receipt", []string{"", "", managed, "", ""},
		},
		"unlock": {
			reply(204, "", ""), func(c *Client) error { return c.Unlock(t.Context(), manage, key) },
			"POST " + id + "/unlock", []string{"", "", managed, "", k},
		},
	}
	for name, at := range cases {
		t.Run(name, func(t *testing.T) {
			f, _ := serve(t, at.answer)
			if err := at.call(f.client(t, Options{CreateKey: "the key", Agent: "test"})); err != nil {
				t.Fatal(err)
			}
			got := f.requests()[0]
			if got.line != at.line || got.header.Get("User-Agent") != "test" {
				t.Errorf("sent %s as %s, want %s", got.line, got.header.Get("User-Agent"), at.line)
			}
			for i, h := range proofs {
				if got.header.Get(h) != at.proofs[i] {
					t.Errorf("%s is %q, want %q", h, got.header.Get(h), at.proofs[i])
				}
			}
		})
	}
}

func TestCreateSendsHashesAndNoProofs(t *testing.T) {
	_, keys, manage, _ := fixture(t)
	f, c := serve(t, reply(200, jsonMedia, `{"id":"x","expires_at":"2026-11-25T00:00:00Z"}`))
	if _, err := c.Create(t.Context(), keys, manage, []byte{1, 2, 3, 255}); err != nil {
		t.Fatal(err)
	}
	hash := func(b [32]byte) string {
		sum := sha256.Sum256(b[:])
		return base64.RawURLEncoding.EncodeToString(sum[:])
	}
	want := `{"envelope":"AQID_w","access_hash":"` + hash(keys.Access) + `","claim_hash":"` + hash(keys.Claim) +
		`","manage_hash":"` + hash(manage.Manage) + `"}`
	got := f.requests()[0]
	if got.body != want || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("sent %s, want %s", got.body, want)
	}
}

const goodConfig = `{"origin":"https://secrets.example","min_ttl":300,"default_ttl":86400,"max_ttl":2592000,"max_views":100,
	"max_envelope":921600,"require_passphrase":true,"create":"key","now":"2026-11-25T00:00:00Z","version":"v1","later":1}`

func TestAnswersDecode(t *testing.T) {
	link, _, _, _ := fixture(t)
	_, c := serve(t, reply(200, jsonMedia, goodConfig))
	got, err := c.Config(t.Context())
	want := api.Config{
		Origin: "https://secrets.example", MinTTL: 300, DefaultTTL: 86400, MaxTTL: 2592000,
		MaxViews: 100, MaxEnvelope: 921600, RequirePassphrase: true, Create: "key",
		Now: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), Version: "v1",
	}
	if err != nil || got != want {
		t.Errorf("config is %+v, %v", got, err)
	}
	_, c = serve(t, reply(200, jsonMedia, goodStatus))
	status, err := c.Status(t.Context(), link)
	if err != nil || !reflect.DeepEqual(status, api.Status{ID: "x", State: "live", ViewsLeft: 1, ExpiresAt: want.Now, Passphrase: true, Header: []byte{0}}) {
		t.Errorf("status is %+v, %v", status, err)
	}
}

func TestProblemsDecode(t *testing.T) {
	at := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	cases := []struct {
		status int
		body   string
		want   api.Problem
		kind   error
	}{
		{404, `{"type":"/problems/not-found","title":"Not here"}`, api.Problem{Type: "not-found", Title: "Not here"}, ErrNotFound},
		{
			410, `{"type":"/problems/gone","reason":"read","at":"2026-11-25T04:00:00+01:00"}`,
			api.Problem{Type: "gone", Reason: "read", At: at}, ErrGone,
		},
		{410, `{"at":"yesterday","status":"410","type":"/problems/gone"}`, api.Problem{Type: "gone"}, ErrGone},
		{403, `{"type":"/problems/wrong-passphrase","tries_left":9}`, api.Problem{Type: "wrong-passphrase", TriesLeft: new(9)}, ErrWrongPassphrase},
		{403, `{"type":"/problems/wrong-passphrase","tries_left":0}`, api.Problem{Type: "wrong-passphrase", TriesLeft: new(0)}, ErrWrongPassphrase},
		{423, `{"type":"/problems/held","until":"2026-11-25T03:00:00Z"}`, api.Problem{Type: "held", Until: at}, ErrHeld},
		{423, `{"type":"/problems/frozen","at":"2026-11-25T03:00:00Z"}`, api.Problem{Type: "frozen", At: at}, ErrFrozen},
		{
			422, `{"type":"https://docs.example/problems/invalid","field":"views","detail":"must be 1 to 5"}`,
			api.Problem{Type: "invalid", Field: "views", Detail: "must be 1 to 5"}, nil,
		},
		{409, `{"type":"/problems/conflict"}`, api.Problem{Type: "conflict"}, nil},
		{507, `{"type":"/problems/full"}`, api.Problem{Type: "full"}, ErrFull},
		{413, `{"type":"/problems/too-large"}`, api.Problem{Type: "too-large"}, nil},
		{401, `{"type":"/problems/unauthorized"}`, api.Problem{Type: "unauthorized"}, ErrUnauthorized},
		{403, `{"type":"/problems/forbidden"}`, api.Problem{Type: "forbidden"}, ErrUnauthorized},
		{418, `{"type":"/problems/new-one"}`, api.Problem{Type: "new-one"}, nil},
		{418, `{}`, api.Problem{}, nil},
	}
	for _, at := range cases {
		_, c := serve(t, reply(at.status, problemMedia, at.body))
		_, err := c.Config(t.Context())
		var got *Problem
		if !errors.As(err, &got) {
			t.Errorf("%s gave %v", at.body, err)
			continue
		}
		at.want.Status = at.status
		if !reflect.DeepEqual(got.Problem, at.want) {
			t.Errorf("%s is %+v, want %+v", at.body, got.Problem, at.want)
		}
		for _, kind := range kinds {
			if errors.Is(err, kind) != errors.Is(at.kind, kind) {
				t.Errorf("%s: errors.Is(%v) is %t", at.body, kind, errors.Is(err, kind))
			}
		}
	}
}
