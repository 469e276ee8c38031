package telemetry

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRedactRemovesAddressesIDsAndKeys(t *testing.T) {
	id := "00ptm74j9mhtsycjzvebjq684s373kpj"
	for text, want := range map[string]string{
		"get row: unavailable":    "get row: unavailable",
		"":                        "",
		"row " + id + " is gone":  "row 00ptm74j[..] is gone",
		"RowKey='" + id + "-due'": "RowKey='00ptm74j[..]-due'",
		id + id:                   "00ptm74j[..]",
		"proof " + proof("x"):     "proof [..]",
		"hash " + digest("x"):     "hash " + digest("x")[:8] + "[..]",
		"Bearer " + proof("x") + "." + proof("y"):                                                             "Bearer [..].[..]",
		"AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==": "[..]",
		"GET https://name.vault.azure.net/keys/kek-2026w47?api-version=7.4\n----\nRESPONSE 403":               "GET [address]\n----\nRESPONSE 403",
		`Get "http://127.0.0.1:10002/devstoreaccount1/t(PartitionKey='a',RowKey='b')": EOF`:                   `Get "[address]'a',RowKey='b')": EOF`,
		"request 8d5c1a6e-2f0b-4c39-9f7e-0a1b2c3d4e5f failed":                                                 "request 8d5c1a6e-2f0b-4c39-9f7e-0a1b2c3d4e5f failed",
		"key kek-2026w47 is disabled":                                                                         "key kek-2026w47 is disabled",
	} {
		if got := redact(errors.New(text)); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestRedactedTextIsShortAndValid(t *testing.T) {
	for _, letter := range []string{"x ", "é ", "€ ", "𝄞 "} {
		got := redact(errors.New(strings.Repeat(letter, 600)))
		if len(got) > maxText || len(got) < maxText-4 || !utf8.ValidString(got) {
			t.Errorf("%q gives %d bytes, valid %t", letter, len(got), utf8.ValidString(got))
		}
	}
	if got := redact(errors.New("half \xe2\x82")); got != "half " {
		t.Errorf("got %q", got)
	}
	if got := redact(errors.New("\xff" + strings.Repeat("x ", 600))); len(got) < maxText-4 {
		t.Errorf("an error that begins with an invalid byte became %q", got)
	}
}

// proof returns text of the form of a proof.
func proof(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// digest returns text of the form of a key's hash.
func digest(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return hex.EncodeToString(sum[:])
}
