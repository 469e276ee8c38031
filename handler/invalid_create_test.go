package main

import (
	"encoding/binary"
	"net/http"
	"strings"
	"testing"
	"time"
)

// An invalid create is refused with the name of the field, and leaves no row: a valid
// create of the same secret still succeeds.
func TestInvalidCreatesNameTheField(t *testing.T) {
	f := newFixture(t)
	for name, at := range map[string]struct {
		field string
		edit  func(*sent) request
	}{
		"no body":           {"body", body("")},
		"cut":               {"body", cut(1)},
		"cut in a string":   {"body", cut(30)},
		"no object":         {"body", body("[]")},
		"no JSON":           {"body", body("envelope=1")},
		"null":              {"body", body("null")},
		"trailing object":   {"body", trailing("{}")},
		"trailing garbage":  {"body", trailing("x")},
		"unknown member":    {"body", edited(`{`, `{"extra":"1",`)},
		"member in capital": {"body", edited(`"envelope"`, `"Envelope"`)},
		"doubled member":    {"access_hash", edited(`{`, `{"access_hash":"`+proofOf("x")+`",`)},
		"missing member":    {"manage_hash", func(s *sent) request { delete(s.body, "manage_hash"); return s.create() }},
		"number":            {"claim_hash", edited(`"claim_hash":"`, `"claim_hash":1,"x":"`)},
		"null member":       {"claim_hash", edited(`"claim_hash":"`, `"claim_hash":null,"x":"`)},
		"array":             {"claim_hash", edited(`"claim_hash":"`, `"claim_hash":["a"],"x":"`)},

		"empty hash":      {"access_hash", member("access_hash", "")},
		"short hash":      {"access_hash", member("access_hash", proofOf("x")[:42])},
		"long hash":       {"claim_hash", member("claim_hash", proofOf("x")+"AA")},
		"padded hash":     {"claim_hash", member("claim_hash", proofOf("x")+"=")},
		"spare bits":      {"manage_hash", member("manage_hash", strings.Repeat("_", 43))},
		"standard base64": {"manage_hash", member("manage_hash", strings.Repeat("+", 42)+"A")},
		"line break":      {"manage_hash", member("manage_hash", "\n"+proofOf("x"))},

		"no envelope":         {"envelope", member("envelope", "")},
		"envelope not base64": {"envelope", member("envelope", "!")},
		"broken line":         {"envelope", func(s *sent) request { return member("envelope", "\r\n"+s.body["envelope"])(s) }},
		"less than a header":  {"envelope", enveloped(func(b []byte) []byte { return b[:35] })},
		"header only":         {"envelope", enveloped(func(b []byte) []byte { return b[:36] })},
		"a byte short":        {"envelope", enveloped(func(b []byte) []byte { return b[:len(b)-1] })},
		"a byte long":         {"envelope", enveloped(func(b []byte) []byte { return append(b, 0) })},
		"no Padmé length":     {"envelope", enveloped(func(b []byte) []byte { return append(b, make([]byte, 9)...) })},

		"other magic":        {"magic", set(0, 'X')},
		"version 0":          {"version", set(3, 0)},
		"version 2":          {"version", set(3, 2)},
		"unknown flag":       {"flags", set(4, 2)},
		"flag, no profile":   {"profile", set(4, 1)},
		"profile, no flag":   {"profile", set(5, 1)},
		"unknown profile":    {"profile", enveloped(func(b []byte) []byte { b[4], b[5] = 1, 2; return b })},
		"views 0":            {"views", set(6, 0)},
		"views 101":          {"views", set(6, 101)},
		"reserved":           {"reserved", set(7, 1)},
		"expiry past":        {"expiry", expiring(-time.Second)},
		"expiry now":         {"expiry", expiring(0)},
		"expiry too near":    {"expiry", expiring(5*time.Minute - 2*time.Minute - time.Second)},
		"expiry too far":     {"expiry", expiring(720*time.Hour + 2*time.Minute + time.Second)},
		"expiry in next":     {"expiry", slotted(600)},
		"expiry in previous": {"expiry", slotted(-1)},
		"expiry overflows":   {"expiry", set(8, 255)},
	} {
		t.Run(name, func(t *testing.T) {
			s := sealed(t, terms{})
			f.t = t
			f.wantField(at.edit(s.clone()), at.field)
			f.want(s.create(), http.StatusCreated, "")
		})
	}
}

// The limits of the expiry have 120 s of leeway, for clocks and retries.
func TestExpiryLimitsHaveLeeway(t *testing.T) {
	f := newFixture(t)
	for _, ttl := range []time.Duration{3 * time.Minute, 720*time.Hour + 2*time.Minute} {
		f.want(sealed(t, terms{ttl: ttl}).create(), http.StatusCreated, "")
	}
}

func TestCreateEnforcesTheConfiguredLimits(t *testing.T) {
	f := newFixture(t, "SSS_MAX_VIEWS=5", "SSS_REQUIRE_PASSPHRASE=true", "SSS_MIN_TTL=1h", "SSS_MAX_TTL=48h")
	f.wantField(sealed(t, terms{views: 6}).create(), "views")
	f.wantField(sealed(t, terms{views: 5}).create(), "flags")
	f.wantField(sealed(t, terms{ttl: 57 * time.Minute}).create(), "expiry")
	f.wantField(sealed(t, terms{ttl: 49 * time.Hour}).create(), "expiry")
	f.want(sealed(t, terms{views: 5, passphrase: "x", ttl: 48 * time.Hour}).create(), http.StatusCreated, "")
}

func body(text string) func(*sent) request {
	return func(s *sent) request { r := s.create(); r.body = text; return r }
}

func cut(n int) func(*sent) request {
	return func(s *sent) request { r := s.create(); r.body = r.body[:n]; return r }
}

func trailing(text string) func(*sent) request {
	return func(s *sent) request { r := s.create(); r.body += text; return r }
}

func edited(from, to string) func(*sent) request {
	return func(s *sent) request {
		r := s.create()
		r.body = strings.Replace(r.body, from, to, 1)
		return r
	}
}

func member(name, value string) func(*sent) request {
	return func(s *sent) request { return s.having(name, value).create() }
}

func enveloped(edit func([]byte) []byte) func(*sent) request {
	return func(s *sent) request { return s.resealed(edit).create() }
}

func set(offset int, value byte) func(*sent) request {
	return enveloped(func(b []byte) []byte { b[offset] = value; return b })
}

// expiring changes the expiry, and the slot in the id to match.
func expiring(ttl time.Duration) func(*sent) request {
	return enveloped(func(b []byte) []byte {
		unix := uint64(start.Add(ttl).Unix())
		binary.BigEndian.PutUint64(b[8:], unix)
		binary.BigEndian.PutUint32(b[16:], uint32(unix/600))
		return b
	})
}

// slotted changes the expiry by seconds, without the slot in the id.
func slotted(seconds int64) func(*sent) request {
	return enveloped(func(b []byte) []byte {
		binary.BigEndian.PutUint64(b[8:], uint64(start.Add(24*time.Hour).Unix()+seconds))
		return b
	})
}
