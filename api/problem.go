package api

import "time"

// ProblemPrefix comes before the slug in Problem.Type.
const ProblemPrefix = "/problems/"

// Slugs of problems. docs/problems.md has a section for each.
const (
	ProblemNotFound             = "not-found"
	ProblemGone                 = "gone"
	ProblemWrongPassphrase      = "wrong-passphrase" // #nosec G101 -- a name, not a credential
	ProblemFrozen               = "frozen"
	ProblemHeld                 = "held"
	ProblemConflict             = "conflict"
	ProblemInvalid              = "invalid"
	ProblemUnauthorized         = "unauthorized"
	ProblemForbidden            = "forbidden"
	ProblemTooLarge             = "too-large"
	ProblemUnsupportedMediaType = "unsupported-media-type"
	ProblemMethodNotAllowed     = "method-not-allowed"
	ProblemRateLimited          = "rate-limited"
	ProblemUnavailable          = "unavailable"
	ProblemFull                 = "full"
)

// Problem is the answer to a request that fails, RFC 9457. Type is stable; Title
// and Detail are for people. The comments name the slugs that have a member.
type Problem struct {
	Type   string `json:"type"` // ProblemPrefix and a slug
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"` // invalid, unauthorized

	Reason      string            `json:"reason,omitempty"`       // gone: missing if it is gone for this Idempotency-Key only; frozen: passphrase or addresses
	At          time.Time         `json:"at,omitzero"`            // gone: when, if known; frozen: since when
	Until       time.Time         `json:"until,omitzero"`         // held: when the hold ends by itself
	TriesLeft   *int              `json:"tries_left,omitempty"`   // wrong-passphrase: before the freeze; 0 once it is frozen
	UnlocksLeft *int              `json:"unlocks_left,omitempty"` // frozen: how many unlocks may still forget wrong passphrases
	Field       string            `json:"field,omitempty"`        // invalid, too-large: a header, or a member of the body or the query
	Checks      map[string]string `json:"checks,omitempty"`       // unavailable, from health only
}
