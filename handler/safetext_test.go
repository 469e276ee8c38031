package main

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSafeTextLeavesOutWhatErrorsQuote(t *testing.T) {
	id := "00ptm74j9mhtsycjzvebjq684s373kpj"
	for text, want := range map[string]string{
		"get row: unavailable":    "get row: unavailable",
		"":                        "",
		"row " + id + " is gone":  "row 00ptm74j[..] is gone",
		"RowKey='" + id + "-due'": "RowKey='00ptm74j[..]-due'",
		id + id:                   "00ptm74j[..]",
		"proof " + proofOf("x"):   "proof [..]",
		"hash " + hexHash("x"):    "hash " + hexHash("x")[:8] + "[..]",
		"Bearer " + proofOf("x") + "." + proofOf("y"):                                                         "Bearer [..].[..]",
		"AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==": "[..]",
		"GET https://name.vault.azure.net/keys/kek-2026w47?api-version=7.4\n----\nRESPONSE 403":               "GET [address]\n----\nRESPONSE 403",
		`Get "http://127.0.0.1:10002/devstoreaccount1/t(PartitionKey='a',RowKey='b')": EOF`:                   `Get "[address]'a',RowKey='b')": EOF`,
		"request 8d5c1a6e-2f0b-4c39-9f7e-0a1b2c3d4e5f failed":                                                 "request 8d5c1a6e-2f0b-4c39-9f7e-0a1b2c3d4e5f failed",
		"key kek-2026w47 is disabled":                                                                         "key kek-2026w47 is disabled",
	} {
		if got := safeText(errors.New(text)); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestSafeTextIsShortAndWhole(t *testing.T) {
	for _, letter := range []string{"x ", "é ", "€ ", "𝄞 "} {
		got := safeText(errors.New(strings.Repeat(letter, 600)))
		if len(got) > maxText || len(got) < maxText-4 || !utf8.ValidString(got) {
			t.Errorf("%q gives %d bytes, valid %t", letter, len(got), utf8.ValidString(got))
		}
	}
	if got := safeText(errors.New("half \xe2\x82")); got != "half " {
		t.Errorf("got %q", got)
	}
	if got := safeText(errors.New("\xff" + strings.Repeat("x ", 600))); len(got) < maxText-4 {
		t.Errorf("an error with a broken first letter became %q", got)
	}
}
