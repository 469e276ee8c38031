package main

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/api"
)

// A read that is repeated under its key gets the same envelope and takes no second view.
func TestARepeatedReadTakesOneView(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{views: 2})
	var first, again api.Reading
	f.want(s.read(keyOf("a")), 200, "").decode(t, &first)
	f.clock.advance(119 * time.Second)
	f.want(s.read(keyOf("a")), 200, "").decode(t, &again)
	if !reflect.DeepEqual(first, again) || !bytes.Equal(first.Envelope, s.envelope) || first.ViewsLeft != 1 || !first.LeaseEndsAt.Equal(start.Add(2*time.Minute)) {
		t.Errorf("first %+v, then %+v", first, again)
	}
}

func TestAKeyGetsNoViewAfterItsLease(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{views: 2})
	f.want(s.read(keyOf("a")), 200, "")
	f.clock.advance(120 * time.Second)
	if got := f.want(s.read(keyOf("a")), 410, "gone"); got.text("reason") != "read" || got.text("at") != "2026-11-24T10:00:00Z" {
		t.Errorf("got %s", got.body)
	}
	f.want(s.ack(keyOf("a")), 204, "")
	f.want(s.read(keyOf("b")), 200, "")
}

func TestALateDuplicateOfAnAcknowledgedReadGetsNothing(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{views: 2})
	f.want(s.read(keyOf("a")), 200, "")
	f.want(s.ack(keyOf("a")), 204, "")
	f.want(s.read(keyOf("a")), 410, "gone")
	f.want(s.ack(keyOf("a")), 204, "")
	var status api.Status
	f.want(s.status(), 200, "").decode(t, &status)
	if status.ViewsLeft != 1 {
		t.Errorf("%d views left, want 1", status.ViewsLeft)
	}
}

// A wrong claim under the key of a live lease counts, and does not end the lease.
func TestAWrongClaimUnderALiveLeaseCounts(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	f.want(s.read(keyOf("a")), 200, "")
	var wrongly api.Problem
	f.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase").decode(t, &wrongly)
	if wrongly.TriesLeft == nil || *wrongly.TriesLeft != 9 {
		t.Errorf("tries left: %+v", wrongly)
	}
	f.want(s.read(keyOf("a")), 200, "")
}

// An Idempotency-Key belongs to one secret. For another one it is an ordinary new key.
func TestAKeyReusedForAnotherSecretIsAnOrdinaryRead(t *testing.T) {
	f := newFixture(t)
	one, two := f.send(terms{}), f.send(terms{})
	for _, s := range []*sent{one, two} {
		var got api.Reading
		f.want(s.read(keyOf("a")), 200, "").decode(t, &got)
		if !bytes.Equal(got.Envelope, s.envelope) {
			t.Errorf("another secret's envelope")
		}
	}
	f.want(one.read(keyOf("a")).to(two.path()+"/read"), 404, "not-found")
}

// With the proofs of another secret, the answer is the same as for an unknown id, to the byte.
func TestForeignAndUnknownIDsHaveTheSameAnswer(t *testing.T) {
	f := newFixture(t)
	one, two, none := f.send(terms{}), f.send(terms{views: 3, data: make([]byte, 9000)}), sealed(t, terms{})
	over := f.send(terms{})
	f.want(over.revoke(), 204, "")
	for operation, r := range none.calls() {
		if operation == "create" {
			continue
		}
		unknown := f.want(r, 404, "not-found")
		for _, other := range []*sent{one, two, over} {
			got := f.want(r.to(other.calls()[operation].path), 404, "not-found")
			unknown.header.Del("Date")
			got.header.Del("Date")
			if string(got.body) != string(unknown.body) || len(got.header) != len(unknown.header) {
				t.Errorf("%s: %s, want that for an unknown id: %s", operation, got.body, unknown.body)
			}
		}
	}
}

// A repeated create is the same only if its hashes are the same.
func TestARepeatedCreateIsTheSameOrAConflict(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	for _, name := range []string{"access_hash", "claim_hash", "manage_hash"} {
		f.want(s.having(name, proofOf("other")).create(), 409, "conflict")
	}
	f.want(s.resealed(func(b []byte) []byte { b[36]++; return b }).create(), 409, "conflict")
	f.want(s.read(keyOf("a")), 200, "")
	f.want(s.ack(keyOf("a")), 204, "")
	f.want(s.create(), 200, "")
	f.want(s.read(keyOf("b")), 410, "gone")
}

func TestALateDuplicateOfAnUnlockDoesNotEndALaterFreeze(t *testing.T) {
	f := newFixture(t, "SSS_TRIES=1")
	s := f.send(terms{})
	f.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase")
	f.want(s.unlock(keyOf("u")), 204, "")
	f.want(wrong(s.read(keyOf("a")), 2), 403, "wrong-passphrase")
	f.want(s.unlock(keyOf("u")), 204, "")
	f.want(s.read(keyOf("a")), 423, "frozen")
	f.want(s.unlock(keyOf("v")), 204, "")
	f.want(s.read(keyOf("a")), 200, "")
}
