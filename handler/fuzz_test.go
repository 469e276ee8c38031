package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/api"
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
		var again api.Draft
		if err := json.Unmarshal([]byte(body), &again); err != nil {
			t.Fatalf("%q: encoding/json refuses it: %v", body, err)
		}
		want, err := secret.NewDraft(again.Envelope, secret.Hash(again.AccessHash), secret.Hash(again.ClaimHash), secret.Hash(again.ManageHash))
		if err != nil || !reflect.DeepEqual(d, want) {
			t.Errorf("%q: encoding/json reads another draft: %v", body, err)
		}
		if head := d.Header().Bytes(); !bytes.HasPrefix(again.Envelope, head[:]) {
			t.Errorf("%q: the header is not the envelope's", body)
		}
	})
}
