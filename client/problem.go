package client

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Kinds of [*Problem], for errors.Is.
var (
	ErrNotFound        = errors.New("not found") // unknown, or over for so long that nothing is left
	ErrGone            = errors.New("gone")      // read, revoked or expired
	ErrWrongPassphrase = errors.New("wrong passphrase")
	ErrHeld            = errors.New("held")
	ErrFrozen          = errors.New("frozen")
	ErrConflict        = errors.New("conflict")
	ErrInvalid         = errors.New("invalid")
	ErrTooLarge        = errors.New("too large")
	ErrUnauthorized    = errors.New("unauthorized") // or forbidden
	ErrRateLimited     = errors.New("rate limited")
	ErrUnavailable     = errors.New("unavailable") // also a gateway's 5xx
)

var kinds = map[string]error{
	"not-found": ErrNotFound, "gone": ErrGone, "wrong-passphrase": ErrWrongPassphrase, "held": ErrHeld,
	"frozen": ErrFrozen, "conflict": ErrConflict, "invalid": ErrInvalid, "too-large": ErrTooLarge,
	"unauthorized": ErrUnauthorized, "forbidden": ErrUnauthorized, "rate-limited": ErrRateLimited, "unavailable": ErrUnavailable,
}

// Problem is what a server answers instead of success (RFC 9457). Its texts
// are the server's: make them harmless before they reach a terminal.
type Problem struct {
	Type       string // the slug after /problems/, such as "gone"; empty from a gateway
	Status     int
	Title      string
	Detail     string
	Field      string        // of invalid: which
	Reason     string        // of gone: "read", "revoked", "expired", or empty
	At         time.Time     // of gone: when; of frozen: since when; zero where not said
	Until      time.Time     // of held: its end; zero where not said
	TriesLeft  int           // of wrong-passphrase: before the freeze; -1 where not said
	RetryAfter time.Duration // of rate-limited and unavailable; zero where not said
}

// Error names the type and what the server said.
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

// Is reports whether the target is the problem's kind.
func (p *Problem) Is(target error) bool {
	if p.Type == "" && p.passing() {
		return target == ErrUnavailable
	}
	kind, known := kinds[p.Type]
	return known && kind == target
}

// passing reports whether the same call may succeed later.
func (p *Problem) passing() bool {
	switch p.Status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func parseProblem(status int, after string, body []byte) error {
	var wire struct {
		Type      string `json:"type"`
		Title     string `json:"title"`
		Detail    string `json:"detail"`
		Field     string `json:"field"`
		Reason    string `json:"reason"`
		At        string `json:"at"`
		Until     string `json:"until"`
		TriesLeft *int   `json:"tries_left"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return &lost{cause: errors.New("the answer is damaged or incomplete")}
	}
	p := &Problem{
		Status: status, Title: wire.Title, Detail: wire.Detail, Field: wire.Field, Reason: wire.Reason,
		At: moment(wire.At), Until: moment(wire.Until), TriesLeft: -1, RetryAfter: retryAfter(after),
	}
	if i := strings.LastIndex(wire.Type, "/problems/"); i >= 0 {
		p.Type = wire.Type[i+len("/problems/"):]
	}
	if wire.TriesLeft != nil && *wire.TriesLeft >= 0 {
		p.TriesLeft = *wire.TriesLeft
	}
	return p
}

// moment is zero where a time is missing or none: it is news beside the point.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
