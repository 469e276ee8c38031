package main

import (
	"testing"
	"time"
)

func TestConfigSaysWhatIsSet(t *testing.T) {
	w := newWorld(t, "SSS_MIN_TTL=10m", "SSS_DEFAULT_TTL=1h", "SSS_MAX_TTL=48h", "SSS_MAX_VIEWS=7", "SSS_MAX_ENVELOPE=4096",
		"SSS_REQUIRE_PASSPHRASE=true", "SSS_CREATE=key", "SSS_CREATE_KEYS="+hexHash("x"))
	w.clock.advance(time.Hour + 999*time.Millisecond)
	var got configBody
	w.want(newRequest("GET", "/api/config"), 200, "").decode(t, &got)
	want := configBody{
		Origin: "https://secrets.example", MinTTL: 600, DefaultTTL: 3600, MaxTTL: 172800, MaxViews: 7, MaxEnvelope: 4096,
		RequirePassphrase: true, Create: "key", Now: "2026-11-24T11:00:00Z", Version: version,
	}
	if got != want {
		t.Errorf("config is %+v, want %+v", got, want)
	}
}

// What a client may make by the limits that config says is taken.
func TestConfigSaysLimitsThatHold(t *testing.T) {
	w := newWorld(t)
	var limits configBody
	w.want(newRequest("GET", "/api/config"), 200, "").decode(t, &limits)
	for _, ttl := range []int64{limits.MinTTL, limits.DefaultTTL, limits.MaxTTL} {
		w.send(terms{ttl: time.Duration(ttl) * time.Second, views: limits.MaxViews})
	}
	data := make([]byte, limits.MaxEnvelope)
	for len(sealed(t, terms{data: data}).envelope) > limits.MaxEnvelope {
		data = data[:len(data)-4096]
	}
	s := w.send(terms{data: data})
	var got readBodyAnswer
	w.want(s.read(keyOf("a")), 200, "").decode(t, &got)
	if got.Envelope != s.body["envelope"] {
		t.Error("the largest envelope came back changed")
	}
}

func TestStampsAreUTCToTheSecond(t *testing.T) {
	if got := stamp(start.Add(999 * time.Millisecond).In(time.FixedZone("", 3600))); got != "2026-11-24T10:00:00Z" {
		t.Errorf("got %s", got)
	}
	if got := stamp(time.Time{}); got != "" {
		t.Errorf("no time is %q", got)
	}
}
