package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// FuzzSettings feeds environments of one entry a line. What is accepted holds to
// the limits that the rest of the program relies on.
func FuzzSettings(f *testing.F) {
	for _, s := range settingsTable {
		f.Add(s.name + "=" + s.fallback)
	}
	f.Add("SSS_LISTEN=:0")
	f.Add("SSS_LISTEN=:0\nSSS_ORIGIN=https://a.test/\nSSS_STORE_LIMIT=999999TiB\nSSS_RATE=7/h")
	f.Add("FUNCTIONS_CUSTOMHANDLER_PORT=1\nSSS_TABLE_URL=http://[::1]:1/x\nAZURE_FUNCTIONS_ENVIRONMENT=Development\nSSS_ORIGIN=http://a")
	f.Add("SSS_CREATE=key\nSSS_CREATE_KEYS=" + hexHash("a") + "," + hexHash("b"))
	f.Add("SSS_TRUSTED_PROXIES=::ffff:10.0.0.1/104,fe80::1%eth0\nSSS_ABUSE=addresses=20/10m,unknown=60/m,wrong=30/10m")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := readSettings(strings.Split(text, "\n"))
		if err != nil {
			if s != nil {
				t.Errorf("settings with an error: %v", err)
			}
			return
		}
		for what, broken := range map[string]bool{
			"ttl":       s.MinTTL <= 0 || s.MinTTL > s.DefaultTTL || s.DefaultTTL > s.MaxTTL,
			"retention": s.ReceiptRetention < 0, "views": s.MaxViews < 1 || s.MaxViews > header.MaxViews,
			"envelope": s.MaxEnvelope < 1024 || s.MaxEnvelope > 921600, "tries": s.Tries < 1, "limit": s.StoreLimit <= 0,
			"rate": s.Rate.Calls < 0 || s.Rate.Calls > 0 && s.Rate.Per <= 0, "create": s.Create == createKey && len(s.CreateKeys) == 0,
			"entra": s.Entra && !s.Hosted, "origin": strings.HasSuffix(s.Origin, "/"), "hosted": s.Hosted && s.TableURL == "",
		} {
			if broken {
				t.Errorf("%q gives a bad %s: %+v", text, what, s)
			}
		}
	})
}

// FuzzCreateBody feeds bodies of a create. What is accepted has one text only, and
// its header is the one in its bytes.
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
			if !errors.As(err, &invalid) || problemOf(err).Status != 422 {
				t.Errorf("%q: %v is not said of a field", body, err)
			}
			return
		}
		h, err := header.Parse(d.Envelope)
		if err != nil || h.Bytes() != d.Header || h.ID != [20]byte(d.ID) || h.Views != d.Views || !h.Expires.Equal(d.Expires) {
			t.Errorf("%q: header %+v, %v, draft %+v", body, h, err, d)
		}
		for name, value := range map[string][]byte{"envelope": d.Envelope, "access_hash": d.Access[:], "claim_hash": d.Claim[:], "manage_hash": d.Manage[:]} {
			if values, err := decodeStrings([]byte(body), "envelope", "access_hash", "claim_hash", "manage_hash"); err != nil || values[name] != encode(value) {
				t.Errorf("%q: %s has another text than %s", body, name, encode(value))
			}
		}
		if !bytes.HasPrefix(d.Envelope, d.Header[:]) {
			t.Errorf("%q: the header is not the envelope's", body)
		}
	})
}
