package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	// tryTimeout bounds one try, its body included: half of what the server
	// leaves between its last write and the end of a reader's view.
	tryTimeout = 20 * time.Second
	// A call may start another try for as long as this after its first: a question,
	// a change, and a read, after whose first try a view may be taken. patient and
	// tryTimeout together are less than the 120 seconds for which it is kept.
	quick   = 5 * time.Second
	steady  = 40 * time.Second
	patient = 80 * time.Second
	// maxAnswer is the largest body that is read, in bytes.
	maxAnswer = MaxEnvelope/3*4 + 4096
)

// MaxEnvelope is the largest envelope that a client sends or reads, in bytes, whatever a server allows.
const MaxEnvelope = 3 << 20

// ErrUnreachable says that no answer of a secret sharer came: the call may or may not have taken effect.
var ErrUnreachable = errors.New("no answer from the server")

// lost is a try without an answer that can be used.
type lost struct {
	cause  error
	final  bool // sending it again would change nothing
	status int  // of an answer that is no secret sharer's, 0 when none came
}

func (l *lost) Error() string        { return ErrUnreachable.Error() + ": " + l.cause.Error() }
func (l *lost) Unwrap() error        { return l.cause }
func (l *lost) Is(target error) bool { return target == ErrUnreachable }

// call is a request that may be sent several times.
type call struct {
	name     string
	method   string
	path     string
	header   map[string]string
	body     []byte
	patience time.Duration
	timeout  time.Duration // of one try; 0: the client's
}

// answer is what a body decodes into; valid tells an answer from other JSON.
type answer interface{ valid() bool }

// do sends the call until it is answered, decodes the body into a, or wants none where a is nil.
func (c *Client) do(ctx context.Context, l call, a answer) error {
	end := c.now().Add(l.patience)
	for n := 0; ; n++ {
		err := c.try(ctx, l, a)
		if ctx.Err() != nil && err != nil {
			return fmt.Errorf("%s: %w", l.name, ctx.Err())
		}
		wait, again := delay(err, n)
		if !again || c.now().Add(wait).After(end) || c.pause(ctx, wait) != nil {
			return wrap(l.name, err)
		}
	}
}

func wrap(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

// delay tells whether, and after what time, the n+1st try may follow the error.
func delay(err error, n int) (time.Duration, bool) {
	backoff := min(200*time.Millisecond<<min(n, 8), 5*time.Second)
	backoff += rand.N(backoff / 4) // #nosec G404 -- spreads retries, guards nothing
	var p *Problem
	var l *lost
	switch {
	case errors.As(err, &p):
		return max(p.RetryAfter, backoff), p.passing()
	case errors.As(err, &l):
		return backoff, !l.final
	}
	return 0, false
}

func (c *Client) try(ctx context.Context, l call, a answer) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(l.timeout, c.timeout))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, l.method, c.origin+l.path, bytes.NewReader(l.body))
	if err != nil {
		return fmt.Errorf("build request: %w", err)
	}
	for name, value := range l.header {
		req.Header.Set(name, value)
	}
	req.Header.Set("User-Agent", c.options.Agent)
	req.Header.Set("Accept", "application/json, application/problem+json")
	if l.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return sendError(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return &lost{cause: fmt.Errorf("read answer: %w", err)}
	case len(body) > maxAnswer:
		return &lost{cause: errors.New("the answer is too long"), final: true}
	}
	return decode(res, body, a)
}

// sendError drops the URL, and tells what passes from what does not.
func sendError(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var cert *tls.CertificateVerificationError
	var dns *net.DNSError
	final := errors.As(err, &cert) || errors.As(err, &dns) && dns.IsNotFound
	return &lost{cause: err, final: final}
}

// decode takes an answer only from what speaks the API: a page of a proxy or a
// portal, whatever its status, says nothing about a secret.
func decode(res *http.Response, body []byte, a answer) error {
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	switch {
	case res.StatusCode >= 300 && res.StatusCode < 400:
		return &lost{cause: errors.New("the server redirects to another address"), final: true}
	case res.StatusCode >= 400 && media == "application/problem+json":
		return parseProblem(res.StatusCode, res.Header.Get("Retry-After"), body)
	case res.StatusCode >= 400:
		p := &Problem{Status: res.StatusCode, TriesLeft: -1, RetryAfter: retryAfter(res.Header.Get("Retry-After"))}
		if p.passing() {
			return p
		}
		return &lost{cause: fmt.Errorf("status %d, not from a secret sharer", res.StatusCode), final: true, status: res.StatusCode}
	case a == nil && res.StatusCode == http.StatusNoContent:
		return nil
	case a == nil || media != "application/json":
		return &lost{cause: errors.New("what answers is not a secret sharer"), final: true}
	}
	if err := json.Unmarshal(body, a); err != nil || !a.valid() {
		return &lost{cause: errors.New("the answer is damaged or incomplete")}
	}
	return nil
}

func retryAfter(s string) time.Duration {
	n, err := strconv.Atoi(s)
	if err == nil && n >= 0 && n <= 24*60*60 {
		return time.Duration(n) * time.Second
	}
	return 0
}
