package main

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// problem is an answer that says what went wrong, RFC 9457. Its members tell
// nothing that the caller has not proven to know.
type problem struct {
	Type   string `json:"type"` // /problems/<slug>, a heading of docs/problems.md
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`

	Reason    string            `json:"reason,omitempty"`
	At        string            `json:"at,omitempty"`
	Until     string            `json:"until,omitempty"`
	TriesLeft *int              `json:"tries_left,omitempty"`
	Field     string            `json:"field,omitempty"`
	Checks    map[string]string `json:"checks,omitempty"`

	retryAfter int // seconds, 0 for none
}

// problemKind is what all problems of one type share.
type problemKind struct {
	slug       string
	status     int
	title      string
	field      string // what is at fault, where that is always the same
	retryAfter int    // seconds
}

// The kinds of problems, each with a section in docs/problems.md.
var (
	notFound         = problemKind{slug: "not-found", status: 404, title: "There is nothing here, or not for you."}
	gone             = problemKind{slug: "gone", status: 410, title: "The secret is gone."}
	wrongPassphrase  = problemKind{slug: "wrong-passphrase", status: 403, title: "The passphrase is wrong. Nothing was lost."}
	frozen           = problemKind{slug: "frozen", status: 423, title: "Too many wrong passphrases: the secret is frozen until its sender unlocks it."}
	held             = problemKind{slug: "held", status: 423, title: "The operator holds this for now. Nothing was lost."}
	conflict         = problemKind{slug: "conflict", status: 409, title: "Something else stands under this id or key."}
	invalid          = problemKind{slug: "invalid", status: 422, title: "A field breaks a rule."}
	unauthorized     = problemKind{slug: "unauthorized", status: 401, title: "A proof is missing."}
	forbidden        = problemKind{slug: "forbidden", status: 403, title: "This is not for you."}
	tooLarge         = problemKind{slug: "too-large", status: 413, title: "What was sent is too large.", field: "envelope"}
	bodyTooLarge     = problemKind{slug: "too-large", status: 413, title: "What was sent is too large.", field: "body"}
	unsupportedMedia = problemKind{slug: "unsupported-media-type", status: 415, title: "The body must be application/json."}
	methodNotAllowed = problemKind{slug: "method-not-allowed", status: 405, title: "No such method here."}
	rateLimited      = problemKind{slug: "rate-limited", status: 429, title: "Too many calls from this address.", retryAfter: 30}
	unavailable      = problemKind{slug: "unavailable", status: 503, title: "A part of the service does not answer. Nothing was lost: try again.", retryAfter: 2}
)

// problemsTable is where errors become problems. The first that fits counts.
var problemsTable = []struct {
	is   error
	kind problemKind
}{
	{secret.ErrUnavailable, unavailable}, // whatever the part answered, which it wraps
	{secret.ErrNotFound, notFound},
	{secret.ErrConflict, conflict},
	{secret.ErrTooLarge, tooLarge},
	{secret.ErrFull, unavailable},
	{errBodyLarge, bodyTooLarge},
	{errMediaType, unsupportedMedia},
	{errMethod, methodNotAllowed},
	{errForbidden, forbidden},
	{errRateLimited, rateLimited},
}

// problemOf returns the problem of an error. What it does not know is a part
// that did not answer.
func problemOf(err error) *problem {
	for _, row := range problemsTable {
		if errors.Is(err, row.is) {
			return row.kind.problem()
		}
	}
	return typedProblem(err)
}

// typedProblem returns the problem of an error that carries something to tell.
func typedProblem(err error) *problem {
	var (
		over    *secret.GoneError
		wrong   *secret.WrongClaimError
		freeze  *secret.FrozenError
		hold    *secret.HeldError
		broken  *secret.InvalidError
		missing *missingProofError
		unready *unreadyError
	)
	switch {
	case errors.As(err, &over):
		p := gone.problem()
		p.Reason, p.At = string(over.Reason), stamp(over.At)
		return p
	case errors.As(err, &wrong):
		p := wrongPassphrase.problem()
		p.TriesLeft = &wrong.TriesLeft
		return p
	case errors.As(err, &freeze):
		p := frozen.problem()
		p.At = stamp(freeze.At)
		return p
	case errors.As(err, &hold):
		p := held.problem()
		p.Until = stamp(hold.Until)
		return p
	case errors.As(err, &broken):
		p := invalid.problem()
		p.Field, p.Detail = broken.Field, broken.Field+" "+broken.Reason
		return p
	case errors.As(err, &missing):
		p := unauthorized.problem()
		p.Detail = "missing: " + missing.header
		return p
	case errors.As(err, &unready):
		p := unavailable.problem()
		p.Checks = unready.checks
		return p
	}
	return unavailable.problem()
}

func (k problemKind) problem() *problem {
	return &problem{Type: "/problems/" + k.slug, Title: k.title, Status: k.status, Field: k.field, retryAfter: k.retryAfter}
}

func (p *problem) write(w http.ResponseWriter) {
	setHeaders(w.Header())
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	writeJSON(w, p.Status, "application/problem+json", p)
}

var errMethod = errors.New("method not allowed")

// always answers every request with the same problem.
func always(err error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { problemOf(err).write(w) })
}
