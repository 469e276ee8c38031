package client

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/api"
)

// Kinds of [*Problem], for errors.Is. A problem of another type is none of them.
var (
	ErrNotFound        = errors.New("not found") // unknown, or over for so long that no receipt is left
	ErrGone            = errors.New("gone")      // read, revoked or expired
	ErrWrongPassphrase = errors.New("wrong passphrase")
	ErrHeld            = errors.New("held")
	ErrFrozen          = errors.New("frozen")
	ErrUnauthorized    = errors.New("unauthorized") // or forbidden
	ErrRateLimited     = errors.New("rate limited")
	ErrUnavailable     = errors.New("unavailable") // also a gateway's 5xx
	ErrFull            = errors.New("full")        // the store has no room for the secret; trying again does not help
)

var kinds = map[string]error{
	api.ProblemNotFound: ErrNotFound, api.ProblemGone: ErrGone, api.ProblemWrongPassphrase: ErrWrongPassphrase,
	api.ProblemHeld: ErrHeld, api.ProblemFrozen: ErrFrozen, api.ProblemUnauthorized: ErrUnauthorized,
	api.ProblemForbidden: ErrUnauthorized, api.ProblemRateLimited: ErrRateLimited, api.ProblemUnavailable: ErrUnavailable,
	api.ProblemFull: ErrFull,
}

// Problem is a server's answer to a call that failed. Its Type is the slug after
// /problems/, such as "gone", and empty from a gateway; At, Until, TriesLeft and UnlocksLeft are
// zero where unknown. Its texts are the server's: escape them before they reach a terminal.
type Problem struct {
	api.Problem
	RetryAfter time.Duration // of rate-limited and unavailable; zero where unknown
}

// Error returns the type and the server's text.
func (p *Problem) Error() string {
	s := p.Type
	if s == "" {
		s = fmt.Sprintf("status %d", p.Status)
	}
	if text := cmp.Or(p.Detail, p.Title); text != "" {
		s += ": " + text
	}
	return s
}

// Is reports whether target is the problem's kind.
func (p *Problem) Is(target error) bool {
	if p.Type == "" && p.temporary() {
		return target == ErrUnavailable
	}
	kind, known := kinds[p.Type]
	return known && kind == target
}

// temporary reports whether the same call may succeed later.
func (p *Problem) temporary() bool {
	switch p.Status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func parseProblem(status int, after time.Duration, body []byte) error {
	var wire struct {
		api.Problem
		// These shadow the members of api.Problem, so that a malformed one does not spoil the others.
		Status any    `json:"status"`
		At     string `json:"at"`
		Until  string `json:"until"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return errDamaged
	}
	p := &Problem{wire.Problem, after}
	p.Status, p.At, p.Until = status, parseTime(wire.At), parseTime(wire.Until)
	_, p.Type, _ = strings.Cut(wire.Type, api.ProblemPrefix)
	for _, left := range []**int{&p.TriesLeft, &p.UnlocksLeft} {
		if *left != nil && **left < 0 {
			*left = nil
		}
	}
	return p
}

// parseTime returns zero if a time is missing or malformed.
func parseTime(s string) time.Time {
	t, _ := time.Parse(time.RFC3339, s)
	return t.UTC()
}

// retryAfter reads a Retry-After in seconds of at most a day; zero for any other.
func retryAfter(s string) time.Duration {
	n, err := strconv.Atoi(s)
	if err == nil && n >= 0 && n <= 24*60*60 {
		return time.Duration(n) * time.Second
	}
	return 0
}
