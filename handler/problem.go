package main

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Errors of requests, besides those of the domain.
var (
	errMediaType = errors.New("want application/json")
	errBodyLarge = errors.New("body is too large")
	errMethod    = errors.New("method not allowed")
	errForbidden = errors.New("forbidden")
)

// missingProofError means that a request lacks a proof that it needs.
type missingProofError struct{ proof string }

func (e *missingProofError) Error() string { return "missing " + e.proof }

// rateError means that a limit of the caller is spent, and that it admits the same
// call after the wait.
type rateError struct{ wait time.Duration }

func (*rateError) Error() string { return "too many requests" }

// problemKind is what all problems of one type share.
type problemKind struct {
	slug       string
	status     int
	title      string
	field      string // the field at fault, where it is always the same
	retryAfter int    // seconds; 0: no Retry-After
}

// The kinds of problems. docs/problems.md has a section for each.
var (
	notFound         = problemKind{slug: api.ProblemNotFound, status: 404, title: "Not found."}
	gone             = problemKind{slug: api.ProblemGone, status: 410, title: "The secret is gone."}
	wrongPassphrase  = problemKind{slug: api.ProblemWrongPassphrase, status: 403, title: "The passphrase is wrong. Nothing was lost."}
	frozen           = problemKind{slug: api.ProblemFrozen, status: 423, title: "The secret is frozen. Nothing was lost."}
	held             = problemKind{slug: api.ProblemHeld, status: 423, title: "The operator holds this for now. Nothing was lost."}
	conflict         = problemKind{slug: api.ProblemConflict, status: 409, title: "This id or key is already used for something else."}
	invalid          = problemKind{slug: api.ProblemInvalid, status: 422, title: "A field is invalid."}
	unauthorized     = problemKind{slug: api.ProblemUnauthorized, status: 401, title: "A proof is missing."}
	forbidden        = problemKind{slug: api.ProblemForbidden, status: 403, title: "Not allowed."}
	tooLarge         = problemKind{slug: api.ProblemTooLarge, status: 413, title: "The request is too large.", field: "envelope"}
	bodyTooLarge     = problemKind{slug: api.ProblemTooLarge, status: 413, title: "The request is too large.", field: "body"}
	unsupportedMedia = problemKind{slug: api.ProblemUnsupportedMediaType, status: 415, title: "The body must be application/json."}
	methodNotAllowed = problemKind{slug: api.ProblemMethodNotAllowed, status: 405, title: "This path does not support the method."}
	rateLimited      = problemKind{slug: api.ProblemRateLimited, status: 429, title: "Too many requests from this address."}
	unavailable      = problemKind{slug: api.ProblemUnavailable, status: 503, title: "The service cannot do this at the moment. Nothing was lost: try again.", retryAfter: 2}
	busy             = problemKind{slug: api.ProblemUnavailable, status: 503, title: "The service has too much to do at the moment. Nothing was lost: try again.", retryAfter: 1}
	full             = problemKind{slug: api.ProblemFull, status: 507, title: "The service has no room for this secret. Nothing was stored."}
)

// sentinels maps errors to problems; the first match counts.
var sentinels = []struct {
	err  error
	kind *problemKind
}{
	{errBusy, &busy},
	{secret.ErrUnavailable, &unavailable}, // before the others: it wraps the answer of the dependency
	{secret.ErrNotFound, &notFound},
	{secret.ErrConflict, &conflict},
	{secret.ErrTooLarge, &tooLarge},
	{secret.ErrFull, &full},
	{errBodyLarge, &bodyTooLarge},
	{errMediaType, &unsupportedMedia},
	{errMethod, &methodNotAllowed},
	{errForbidden, &forbidden},
}

// problem is the answer to a request that failed. Its members reveal nothing that
// the caller has not proved to know.
type problem struct {
	api.Problem
	kind       *problemKind
	retryAfter int  // seconds; 0: no Retry-After
	newClaim   bool // wrongPassphrase: the claim was not tried before
}

func (k *problemKind) problem() *problem {
	return &problem{
		Problem: api.Problem{Type: api.ProblemPrefix + k.slug, Title: k.title, Status: k.status, Field: k.field},
		kind:    k, retryAfter: k.retryAfter,
	}
}

// classify returns the problem of an error, nil for none. It is the only place
// that looks into errors; limits, abuse detection, answers and the log use its
// result. An unknown error is a dependency that failed.
func classify(err error) *problem {
	if err == nil {
		return nil
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return s.kind.problem()
		}
	}
	var (
		goneErr   *secret.GoneError
		claimErr  *secret.WrongClaimError
		frozenErr *secret.FrozenError
		heldErr   *secret.HeldError
		fieldErr  *secret.InvalidError
		proofErr  *missingProofError
		readyErr  *notReadyError
		rateErr   *rateError
	)
	switch {
	case errors.As(err, &rateErr):
		p := rateLimited.problem()
		p.retryAfter = int((rateErr.wait + time.Second - 1) / time.Second)
		return p
	case errors.As(err, &goneErr):
		p := gone.problem()
		p.Reason, p.At = string(goneErr.Reason), api.Time(goneErr.At)
		return p
	case errors.As(err, &claimErr):
		p := wrongPassphrase.problem()
		p.TriesLeft, p.newClaim = &claimErr.TriesLeft, claimErr.New
		return p
	case errors.As(err, &frozenErr):
		p := frozen.problem()
		p.Reason, p.At, p.UnlocksLeft = string(frozenErr.Reason), api.Time(frozenErr.At), &frozenErr.UnlocksLeft
		return p
	case errors.As(err, &heldErr):
		p := held.problem()
		p.Until = api.Time(heldErr.Until)
		return p
	case errors.As(err, &fieldErr):
		p := invalid.problem()
		p.Field, p.Detail = fieldErr.Field, fieldErr.Field+" "+fieldErr.Reason
		return p
	case errors.As(err, &proofErr):
		p := unauthorized.problem()
		p.Detail = "missing: " + proofErr.proof
		return p
	case errors.As(err, &readyErr):
		p := unavailable.problem()
		p.Checks = readyErr.checks
		return p
	}
	return unavailable.problem()
}

func (p *problem) write(w http.ResponseWriter) {
	setHeaders(w.Header())
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	writeJSON(w, p.Status, api.MediaProblem, p.Problem)
}

// problemHandler answers every request with the problem of err.
func problemHandler(err error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { classify(err).write(w) })
}
