package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// readyAge is how old an answer about the parts may be.
const readyAge = 10 * time.Second

type healthBody struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks,omitempty"`
}

// health says that the process lives, and with ?ready=1 whether its parts answer.
func (a *api) health(ctx context.Context, r *http.Request) (answer, error) {
	switch values := r.URL.Query()["ready"]; {
	case len(values) == 0:
		return answer{http.StatusOK, healthBody{Status: "live"}}, nil
	case len(values) > 1 || values[0] != "1":
		return answer{}, &secret.InvalidError{Field: "ready", Reason: "must be 1, once"}
	}
	checks, ok := a.ready.check(ctx)
	if !ok {
		return answer{}, &unreadyError{checks}
	}
	return answer{http.StatusOK, healthBody{"ready", checks}}, nil
}

// unreadyError says which parts do not answer.
type unreadyError struct{ checks map[string]string }

func (*unreadyError) Error() string { return "a part does not answer" }

// readiness asks the parts, at most once in readyAge however many want to know.
type readiness struct {
	parts map[string]func(context.Context) error
	now   func() time.Time

	mu     sync.Mutex
	asked  time.Time
	checks map[string]string
	ok     bool
}

func (c *readiness) check(ctx context.Context) (checks map[string]string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if age := c.now().Sub(c.asked); c.checks != nil && age >= 0 && age < readyAge {
		return c.checks, c.ok
	}
	// Whoever asked may go away; the answer is for all.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	c.checks, c.ok = c.ask(ctx)
	c.asked = c.now()
	return c.checks, c.ok
}

// ask asks all parts side by side.
func (c *readiness) ask(ctx context.Context) (checks map[string]string, ok bool) {
	var mu sync.Mutex
	var group sync.WaitGroup
	checks, ok = map[string]string{}, true
	for name, ping := range c.parts {
		group.Go(func() {
			err := ping(ctx)
			mu.Lock()
			defer mu.Unlock()
			checks[name] = "ok"
			if err != nil {
				checks[name], ok = "no answer", false
			}
		})
	}
	group.Wait()
	return checks, ok
}
