package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// proofs are the headers with proofs.
var proofs = []string{"Secret-Access", "Secret-Claim", "Secret-Manage"}

func TestMalformedProofsAreNamed(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	bad := map[string]string{
		"short": proofOf("x")[:42], "long": proofOf("x") + "A", "a byte more": proofOf("x") + "AA", "padded": proofOf("x") + "=",
		"standard": strings.Repeat("+", 42) + "A", "spare bits": strings.Repeat("_", 43), "two in one": proofOf("x") + "," + proofOf("x"),
		"space": strings.Repeat("A", 21) + " " + strings.Repeat("A", 21), "empty": "", "not ASCII": strings.Repeat("é", 21) + "A",
	}
	for operation, r := range s.calls() {
		for name := range r.header {
			if !slices.Contains(proofs, name) {
				continue
			}
			for _, value := range bad {
				f.wantField(r.with(name, value), name)
			}
			f.wantField(r.adding(name, r.header.Get(name)), name)
		}
		if operation == "revoke" {
			f.wantField(r.with("Secret-Access", "x"), "Secret-Access")
			f.wantField(s.revokeAsReader().with("Secret-Claim", "x"), "Secret-Claim")
		}
	}
	f.want(s.read(keyOf("a")), http.StatusOK, "")
}

func TestIdempotencyKeysHave16To64Bytes(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{views: 5})
	long := strings.Repeat("A", 86) // 64 bytes
	for _, r := range []request{s.read("x"), s.ack("x"), s.unlock("x")} {
		for _, value := range []string{"", "A", long[:20], long + "A", long + "AA", long[:20] + "==", long[:21] + "B", long[:21] + "/"} {
			f.wantField(r.with("Idempotency-Key", value), "Idempotency-Key")
		}
		f.wantField(r.without("Idempotency-Key"), "Idempotency-Key")
		f.wantField(r.with("Idempotency-Key", keyOf("a")).adding("Idempotency-Key", keyOf("a")), "Idempotency-Key")
		f.wantField(r.with("Idempotency-Key", keyOf("a")).adding("Idempotency-Key", keyOf("b")), "Idempotency-Key")
	}
	f.want(s.read(long[:22]), http.StatusOK, "")
	f.want(s.read(long), http.StatusOK, "")
}

// Missing and malformed headers are reported before any look-up, with the same answer for an
// existing and an unknown id. A malformed id is a 404 before that.
func TestHeadersAreCheckedBeforeAnyLookUp(t *testing.T) {
	f := newFixture(t)
	s, unknown := f.send(terms{}), sealed(t, terms{})
	bad := strings.ToUpper(s.id)
	for operation, r := range s.calls() {
		if operation == "create" {
			continue
		}
		bare := r
		bare.header = http.Header{}
		there := f.want(bare, 401, "unauthorized")
		away := f.want(bare.to(unknown.calls()[operation].path), 401, "unauthorized")
		if string(there.body) != string(away.body) {
			t.Errorf("%s: the answer for an existing id is %s, for an unknown one %s", operation, there.body, away.body)
		}
		f.want(bare.to(strings.Replace(r.path, s.id, bad, 1)), 404, "not-found")
		for name := range r.header {
			f.wantField(r.to(unknown.calls()[operation].path).with(name, "x"), name)
		}
	}
	if n := len(f.clock.sleeps()); n != 6 {
		t.Errorf("%d answers waited, want the 6 that are 404", n)
	}
}

func TestMalformedIDsAreNotFound(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	for name, id := range map[string]string{
		"short": s.id[:31], "long": s.id + "0", "capital": strings.ToUpper(s.id), "i": "i" + s.id[1:], "l": s.id[:31] + "l", "o": "o" + s.id[1:],
		"u": s.id[:31] + "u", "hyphen": s.id[:15] + "-" + s.id[16:], "dot": s.id[:31] + ".", "space": s.id[:31] + "%20", "line break": s.id + "%0a",
		"escaped": s.id[:31] + "%2e", "slash": s.id[:16] + "%2f" + s.id[17:], "zero byte": s.id[:31] + "%00", "twice escaped": s.id[:29] + "%2530",
	} {
		for operation, r := range s.calls() {
			if operation == "create" {
				continue
			}
			got := f.do(r.to(strings.Replace(r.path, s.id, id, 1)))
			if got.status != http.StatusNotFound || got.slug() != "not-found" {
				t.Errorf("%s, id %s: %d %s", operation, name, got.status, got.body)
			}
		}
	}
	f.want(s.read(keyOf("a")), http.StatusOK, "")
}

// Without Secret-Manage, a revocation needs both of the reader's proofs.
func TestRevokeNamesTheMissingProof(t *testing.T) {
	f := newFixture(t)
	s := f.send(terms{})
	for _, name := range []string{"Secret-Access", "Secret-Claim"} {
		if got := f.want(s.revokeAsReader().without(name), 401, "unauthorized"); got.text("detail") != "missing: "+name {
			t.Errorf("without %s: %s", name, got.body)
		}
	}
	f.want(s.status(), 200, "")
}

func TestADuplicatedCreateKeyIsRefused(t *testing.T) {
	f := newFixture(t, "SSS_CREATE=key", "SSS_CREATE_KEYS="+hexHash("letmein"))
	r := sealed(t, terms{}).create()
	f.wantField(r.with("Secret-Create", "letmein").adding("Secret-Create", "other"), "Secret-Create")
}
