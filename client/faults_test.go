package client

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestReadIsRepeatedWithTheSameKeyUntilItIsAnswered(t *testing.T) {
	_, keys, _, key := fixture(t)
	gateway := reply(502, "text/html", "<h1>Bad gateway</h1>")
	cases := map[string][]http.HandlerFunc{
		"lost answer":          {lose},
		"lost answers":         {lose, lose, lose},
		"truncated body":       {truncate},
		"broken JSON":          {reply(200, jsonMedia, `{"envelope":"AQ`)},
		"other JSON":           {reply(200, jsonMedia, `{"hello":"world"}`)},
		"padded base64":        {reply(200, jsonMedia, `{"envelope":"AQI="}`)},
		"unavailable":          {reply(503, problemMedia, `{"type":"/problems/unavailable"}`, "Retry-After", "2")},
		"rate limited":         {reply(429, problemMedia, `{"type":"/problems/rate-limited"}`, "Retry-After", "30")},
		"gateway":              {gateway, reply(504, "", "")},
		"a host that restarts": {reply(500, "", ""), lose, gateway},
		"broken problem":       {reply(410, problemMedia, `{"type":`)},
	}
	for name, faults := range cases {
		t.Run(name, func(t *testing.T) {
			f, c := serve(t, append(faults, reply(200, jsonMedia, goodReading))...)
			got, err := c.Read(t.Context(), keys, key)
			if err != nil || string(got.Envelope) != "\x01\x02\x03" || got.ViewsLeft != 1 {
				t.Fatalf("read gave %+v, %v", got, err)
			}
			seen := f.requests()
			if len(seen) != len(faults)+1 {
				t.Errorf("%d requests, want %d", len(seen), len(faults)+1)
			}
			for _, r := range seen {
				if r.header.Get("Idempotency-Key") != proof(key) || r.header.Get("Secret-Claim") != proof(keys.Claim) {
					t.Errorf("a try has other proofs: %v", r.header)
				}
			}
			t.Logf("paused %v", f.times)
		})
	}
}

func TestFinalAnswersAreNotRetried(t *testing.T) {
	_, keys, _, key := fixture(t)
	cases := map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"gone":               {reply(410, problemMedia, `{"type":"/problems/gone","reason":"read"}`), ErrGone},
		"wrong passphrase":   {reply(403, problemMedia, `{"type":"/problems/wrong-passphrase"}`), ErrWrongPassphrase},
		"held":               {reply(423, problemMedia, `{"type":"/problems/held"}`), ErrHeld},
		"redirect":           {reply(307, "", "", "Location", "http://127.0.0.1:1/"), ErrUnreachable},
		"redirect nowhere":   {reply(302, "", "", "Location", "https://\u202e[2J:x/%zz"), ErrUnreachable},
		"full":               {reply(507, problemMedia, `{"type":"/problems/full"}`, "Retry-After", "1"), ErrFull},
		"a portal's page":    {reply(200, "text/html", "<h1>Please sign in</h1>"), ErrUnreachable},
		"a page of 404":      {reply(404, "text/html", "<h1>Not found</h1>"), ErrUnreachable},
		"a firewall's page":  {reply(403, "text/html", "<h1>Blocked</h1>"), ErrUnreachable},
		"a body without end": {reply(200, jsonMedia, `{"envelope":"`+strings.Repeat("A", maxAnswer)+`"}`), ErrUnreachable},
		"no body":            {reply(204, "", ""), ErrUnreachable},
	}
	for name, at := range cases {
		t.Run(name, func(t *testing.T) {
			f, c := serve(t, at.answer)
			_, err := c.Read(t.Context(), keys, key)
			if !errors.Is(err, at.want) || len(f.requests()) != 1 {
				t.Fatalf("%d requests gave %v, want one and %v", len(f.requests()), err, at.want)
			}
			if errors.Is(err, ErrNotFound) {
				t.Error("an answer that is not from a secret sharer was accepted")
			}
			t.Log(err)
		})
	}
}

func TestAckRefusesOtherAnswersThan204(t *testing.T) {
	_, keys, _, key := fixture(t)
	for _, a := range []http.HandlerFunc{reply(200, "text/html", "<h1>Hello</h1>"), reply(200, jsonMedia, `{}`), reply(206, "", "")} {
		_, c := serve(t, a)
		if err := c.Ack(t.Context(), keys, key); !errors.Is(err, ErrUnreachable) {
			t.Errorf("ack gave %v", err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	_, keys, _, key := fixture(t)
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer other.Close()
	_, c := serve(t, reply(308, "", "", "Location", other.URL))
	if _, err := c.Read(t.Context(), keys, key); !errors.Is(err, ErrUnreachable) {
		t.Errorf("read gave %v", err)
	}
}

func TestRetriesEndBeforeTheView(t *testing.T) {
	_, keys, manage, key := fixture(t)
	calls := map[string]func(*Client) error{
		"read":    func(c *Client) error { _, err := c.Read(t.Context(), keys, key); return err },
		"ack":     func(c *Client) error { return c.Ack(t.Context(), keys, key) },
		"receipt": func(c *Client) error { _, err := c.Receipt(t.Context(), manage); return err },
		"unlock":  func(c *Client) error { return c.Unlock(t.Context(), manage, key) },
	}
	for name, call := range calls {
		f, c := serve(t, lose)
		if err := call(c); !errors.Is(err, ErrUnreachable) {
			t.Errorf("%s gave %v", name, err)
		}
		var sum time.Duration
		for _, d := range f.times {
			sum += d
		}
		if len(f.times) < 3 || sum+tryTimeout >= 120*time.Second {
			t.Errorf("%s paused %d times, %s in all", name, len(f.times), sum)
		}
		t.Logf("%s: %d tries in %s", name, len(f.requests()), sum)
	}
}

func TestRetryAfterLongerThanThePatienceIsReturned(t *testing.T) {
	f, c := serve(t, reply(429, problemMedia, `{"type":"/problems/rate-limited"}`, "Retry-After", "3600"))
	_, err := c.Config(t.Context())
	var p *Problem
	if !errors.As(err, &p) || !errors.Is(err, ErrRateLimited) || p.RetryAfter != time.Hour || len(f.requests()) != 1 {
		t.Errorf("%d requests gave %v", len(f.requests()), err)
	}
}

func TestHangingTryTimesOut(t *testing.T) {
	_, keys, _, key := fixture(t)
	f, c := serve(t, hang, reply(200, jsonMedia, goodReading))
	c.timeout = 50 * time.Millisecond
	if _, err := c.Read(t.Context(), keys, key); err != nil || len(f.requests()) != 2 {
		t.Errorf("%d requests gave %v", len(f.requests()), err)
	}
}

func TestCancelledCallReturnsTheContextsError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f, c := serve(t, func(w http.ResponseWriter, r *http.Request) { cancel(); hang(w, r) })
	if _, err := c.Config(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnreachable) || len(f.requests()) != 1 {
		t.Errorf("config gave %v", err)
	}
	_, c = serve(t, lose)
	ctx, cancel = context.WithCancel(t.Context())
	c.pause = func(context.Context, time.Duration) error { cancel(); return ctx.Err() }
	if _, err := c.Config(ctx); err == nil {
		t.Error("a cancelled pause went on")
	}
}

func TestUntrustedCertificateIsNotRetried(t *testing.T) {
	_, keys, _, key := fixture(t)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the request was sent") }))
	s.Config.ErrorLog = quiet
	s.StartTLS()
	defer s.Close()
	c, err := New(s.URL, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c.pause = func(context.Context, time.Duration) error { t.Error("it was tried again"); return context.Canceled }
	if _, err := c.Read(t.Context(), keys, key); !errors.Is(err, ErrUnreachable) {
		t.Errorf("read gave %v", err)
	}
}

func TestErrorsContainNoProofAndNoID(t *testing.T) {
	link, keys, manage, key := fixture(t)
	c, err := New("http://127.0.0.1:1", Options{})
	if err != nil {
		t.Fatal(err)
	}
	c.pause = func(context.Context, time.Duration) error { return context.Canceled }
	_, readErr := c.Read(t.Context(), keys, key)
	_, statusErr := c.Status(t.Context(), link)
	for _, err := range []error{readErr, statusErr, c.Revoke(t.Context(), manage)} {
		for _, secret := range []string{proof(keys.Access), proof(keys.Claim), proof(manage.Manage), proof(key), path(keys.ID)} {
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%v contains %s", err, secret)
			}
		}
	}
}
