package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/api"
)

func TestConfigReturnsTheSettings(t *testing.T) {
	f := newFixture(t, "SSS_MIN_TTL=10m", "SSS_DEFAULT_TTL=1h", "SSS_MAX_TTL=48h", "SSS_MAX_VIEWS=7", "SSS_MAX_ENVELOPE=4096",
		"SSS_REQUIRE_PASSPHRASE=true", "SSS_CREATE=key", "SSS_CREATE_KEYS="+hexHash("x"))
	f.clock.advance(time.Hour + 999*time.Millisecond)
	var got api.Config
	f.want(newRequest("GET", "/api/config"), 200, "").decode(t, &got)
	want := api.Config{
		Origin: "https://secrets.example", MinTTL: 600, DefaultTTL: 3600, MaxTTL: 172800, MaxViews: 7, MaxEnvelope: 4096,
		RequirePassphrase: true, Create: "key", Now: start.Add(time.Hour), Version: version,
	}
	if got != want {
		t.Errorf("config is %+v, want %+v", got, want)
	}
}

// Drafts at the limits of config are accepted.
func TestLimitsOfConfigAreAccepted(t *testing.T) {
	f := newFixture(t)
	var limits api.Config
	f.want(newRequest("GET", "/api/config"), 200, "").decode(t, &limits)
	for _, ttl := range []int64{limits.MinTTL, limits.DefaultTTL, limits.MaxTTL} {
		f.send(terms{ttl: time.Duration(ttl) * time.Second, views: limits.MaxViews})
	}
	data := make([]byte, limits.MaxEnvelope)
	for int64(len(sealed(t, terms{data: data}).envelope)) > limits.MaxEnvelope {
		data = data[:len(data)-4096]
	}
	s := f.send(terms{data: data})
	var got api.Reading
	f.want(s.read(keyOf("a")), 200, "").decode(t, &got)
	if !bytes.Equal(got.Envelope, s.envelope) {
		t.Error("the largest envelope came back changed")
	}
}
