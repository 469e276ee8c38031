package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// FuzzCreateBody decodes bodies of create. An accepted body means the same to
// encoding/json, and the draft's header is the one in its envelope.
func FuzzCreateBody(f *testing.F) {
	good := sealed(f, terms{}).create().body
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(good + " ")
	f.Add(strings.Replace(good, "{", `{"envelope":"`, 1))
	f.Add(strings.ReplaceAll(good, `"`, `\u0022`))
	f.Add(`{"envelope":"","access_hash":null,"claim_hash":[],"manage_hash":{}}`)
	f.Fuzz(func(t *testing.T, body string) {
		d, err := decodeDraft([]byte(body))
		if err != nil {
			var invalid *secret.InvalidError
			if !errors.As(err, &invalid) || classify(err).Status != 422 {
				t.Errorf("%q: %v names no field", body, err)
			}
			return
		}
		h, err := header.Parse(d.Envelope)
		if err != nil || h.Bytes() != d.Header || h.ID != header.ID(d.ID) || h.Views != d.Views || !h.Expires.Equal(d.Expires) {
			t.Errorf("%q: header %+v, %v, draft %+v", body, h, err, d)
		}
		var again api.Draft
		if err := json.Unmarshal([]byte(body), &again); err != nil || !bytes.Equal(again.Envelope, d.Envelope) || again.AccessHash != api.Hash(d.Access) ||
			again.ClaimHash != api.Hash(d.Claim) || again.ManageHash != api.Hash(d.Manage) {
			t.Errorf("%q: encoding/json reads another draft: %v", body, err)
		}
		if !bytes.HasPrefix(d.Envelope, d.Header[:]) {
			t.Errorf("%q: the header is not the envelope's", body)
		}
	})
}
