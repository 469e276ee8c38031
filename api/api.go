// Package api holds the HTTP API as it is on the wire: the bodies of requests and
// answers, the headers, and the names of problems and states. The handler writes
// them, the client reads them. docs/openapi.yaml describes the same, and a test
// compares the two.
//
// Members are snake_case. Times are UTC in whole seconds, see [Time]; lengths of
// time are whole seconds; bytes are base64url, see [Bytes]. The types fix
// only the form: code that reads one from a network must check the values. A member
// whose tag has omitempty or omitzero may be missing; all others are always present.
package api

import "time"

// Headers of requests. A proof is 32 bytes, so 43 characters of base64url.
const (
	HeaderAccess      = "Secret-Access"   // proof of the link
	HeaderClaim       = "Secret-Claim"    // proof of the link and its passphrase
	HeaderManage      = "Secret-Manage"   // proof of the manage link
	HeaderIdempotency = "Idempotency-Key" // 16 to 64 random bytes, base64url: one view, unlock or hold
	HeaderCreate      = "Secret-Create"   // a sender's key, which the operator issues
	HeaderAdmin       = "Secret-Admin"    // an operator's key, as it is in admin.key
)

// Media types of bodies.
const (
	MediaJSON    = "application/json"
	MediaProblem = "application/problem+json" // RFC 9457
)

// Time returns t as the API writes it: in UTC, cut to the second. Zero stays zero.
func Time(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}
