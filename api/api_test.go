package api_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/api"
)

func TestBytesHaveOneText(t *testing.T) {
	for _, text := range []string{"", "AA", "AQID_w", "_-8", strings.Repeat("A", 43)} {
		b, err := api.Decode(text)
		if err != nil || api.Encode(b) != text {
			t.Errorf("%q becomes %x, %v", text, b, err)
		}
	}
	for name, text := range map[string]string{
		"padding": "AQI=", "spare bits": "_", "spare bits set": "__", "standard alphabet": "+/+/",
		"line feed": "AQ\nID", "carriage return": "AQID\r", "space": "AQ ID", "half a byte": "A",
	} {
		if b, err := api.Decode(text); err == nil {
			t.Errorf("%s: %q becomes %x", name, text, b)
		}
	}
}

func TestDraftSurvivesJSON(t *testing.T) {
	want := api.Draft{Envelope: api.Bytes("\x00\xff\xfe"), AccessHash: api.Hash{1}, ClaimHash: api.Hash{2}, ManageHash: api.Hash{31: 3}}
	text, err := json.Marshal(want)
	if err != nil || !strings.HasPrefix(string(text), `{"envelope":"AP_-","access_hash":"AQAA`) {
		t.Fatalf("%s, %v", text, err)
	}
	var got api.Draft
	if err := json.Unmarshal(text, &got); err != nil || string(got.Envelope) != string(want.Envelope) ||
		got.AccessHash != want.AccessHash || got.ClaimHash != want.ClaimHash || got.ManageHash != want.ManageHash {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestHashIsRefusedUnlessItHas32Bytes(t *testing.T) {
	for _, text := range []string{"", "secret", strings.Repeat("A", 42), strings.Repeat("A", 44), strings.Repeat("A", 42) + "_"} {
		var h api.Hash
		err := h.UnmarshalText([]byte(text))
		if err == nil || h != (api.Hash{}) || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%q becomes %x, %v", text, h, err)
		}
	}
}

func TestTimesAreUTCInWholeSeconds(t *testing.T) {
	at := time.Date(2026, 11, 25, 1, 2, 3, 999_999_999, time.FixedZone("", 3600))
	if text, err := json.Marshal(api.Time(at)); err != nil || string(text) != `"2026-11-25T00:02:03Z"` {
		t.Errorf("%s, %v", text, err)
	}
	if got := api.Time(time.Time{}.In(time.FixedZone("", 3600))); got != (time.Time{}) {
		t.Errorf("no time becomes %v", got)
	}
}
