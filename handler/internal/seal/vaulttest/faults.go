package vaulttest

import (
	"net/http"
	"slices"
)

// The operations that are counted and can fail. Calls that got the challenge count
// as "challenge" only, and calls to the identity endpoint as "token".
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
	status int  // of the response; zero when the call passes, hangs or loses its response
	lost   bool // the call takes effect, and the connection breaks
	passed bool // the call succeeds
}

// Requests returns how many calls of an operation there were since the last Reset.
func (s *Server) Requests(op string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[op]
}

// Reset removes counts and faults, and keeps the keys.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.counts)
	s.faults = nil
}

// Fail makes the next n calls of an operation return status. The SDK retries 408,
// 429 and 5xx twice, so that three of those are one failed call.
func (s *Server) Fail(op string, status, n int) { s.add(&fault{op: op, left: n, status: status}) }

// Hang leaves the next n calls of an operation without a response until the client disconnects.
func (s *Server) Hang(op string, n int) { s.add(&fault{op: op, left: n}) }

// Lose carries out the next n calls of an operation and breaks their connections.
func (s *Server) Lose(op string, n int) { s.add(&fault{op: op, left: n, lost: true}) }

// Pass lets the next n calls of an operation succeed, before the faults that are added after it.
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

// next returns the fault of the next call of an operation, nil for none.
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

// failureOf returns the response that the service sends with a status.
func failureOf(status int) *failure {
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
