package vaulttest

import (
	"net/http"
	"slices"
)

// The operations that are counted and can be made to fail. Calls that were
// answered with the challenge count as "challenge", those to the identity
// endpoint as "token", and as nothing else.
const (
	Create   = "create"
	Get      = "get"
	List     = "list"
	Versions = "versions"
	Update   = "update"
	Destroy  = "delete"
	Unwrap   = "unwrap"
)

type fault struct {
	op     string
	left   int
	status int  // to answer instead; zero where the call is passed, lost or hangs
	lost   bool // it takes effect, and the connection breaks
	passed bool // nothing happens to it
}

// Requests returns how many calls of an operation came since the start or the last Reset.
func (s *Server) Requests(op string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[op]
}

// Reset forgets counts and faults. The keys stay.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.counts)
	s.faults = nil
}

// Fail answers the next n calls of an operation with status. The SDK repeats
// 408, 429 and 5xx twice, so three of those are one failed call.
func (s *Server) Fail(op string, status, n int) { s.add(&fault{op: op, left: n, status: status}) }

// Hang leaves the next n calls of an operation without an answer, until the client goes.
func (s *Server) Hang(op string, n int) { s.add(&fault{op: op, left: n}) }

// Lose lets the next n calls of an operation take effect and breaks the connection.
func (s *Server) Lose(op string, n int) { s.add(&fault{op: op, left: n, lost: true}) }

// Pass lets the next n calls of an operation through before the faults that are asked for after it.
func (s *Server) Pass(op string, n int) { s.add(&fault{op: op, left: n, passed: true}) }

func (s *Server) add(f *fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

func (s *Server) count(op string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[op]++
}

// next returns the fault that the next call of an operation meets, nil for none.
func (s *Server) next(op string) *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.faults, func(f *fault) bool { return f.op == op && f.left > 0 })
	if i < 0 {
		return nil
	}
	s.faults[i].left--
	return s.faults[i]
}

// failed describes a status as the service does.
func failed(status int) *failure {
	f := &failure{status: status, code: "InternalServerError", message: "this is a test"}
	switch status {
	case http.StatusForbidden:
		f.code, f.inner = "Forbidden", "ForbiddenByRbac"
	case http.StatusTooManyRequests:
		f.code = "Throttled"
	case http.StatusServiceUnavailable:
		f.code = "ServiceUnavailable"
	}
	return f
}
