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
	"time"

	"github.com/secretsharer/secretsharer/api"
)

const (
	// tryTimeout bounds one try, body included. It is a third of the 60 seconds that the
	// server leaves between its last write and the end of a reader's view.
	tryTimeout = 20 * time.Second
	// A call starts no further try after its patience, counted from the first: short
	// for questions, medium for changes, long for a read, whose first try may have
	// taken a view. long and tryTimeout together are less than the 120 seconds for
	// which the server keeps that view.
	short  = 5 * time.Second
	medium = 40 * time.Second
	long   = 80 * time.Second
	// maxAnswer is the longest body that is read, in bytes.
	maxAnswer = MaxEnvelope/3*4 + 4096
)

// MaxEnvelope is the largest envelope in bytes that a client reads, whatever a server allows.
const MaxEnvelope = 3 << 20

// ErrUnreachable means that no secret sharer answered: the call may or may not have taken effect.
var ErrUnreachable = errors.New("no answer from the server")

// lost is a try without a usable answer. It is an [ErrUnreachable].
type lost struct {
	cause  error
	final  bool // another try would fail, too
	status int  // of an answer that does not come from a secret sharer; 0 for none
}

func (l *lost) Error() string        { return ErrUnreachable.Error() + ": " + l.cause.Error() }
func (l *lost) Unwrap() error        { return l.cause }
func (l *lost) Is(target error) bool { return target == ErrUnreachable }

var errDamaged = &lost{cause: errors.New("the answer is damaged or incomplete")}

// call is a request that may be sent several times.
type call struct {
	name     string
	method   string
	path     string
	header   map[string]string // an empty value is not sent
	body     []byte
	patience time.Duration
	timeout  time.Duration // of one try; 0: the client's
}

// ask sends a call whose answer is JSON. valid reports whether the JSON is such an answer.
func ask[T any](ctx context.Context, c *Client, l call, valid func(*T) bool) (T, error) {
	var answer T
	err := c.send(ctx, l, func(body []byte) error {
		answer = *new(T)
		if err := json.Unmarshal(body, &answer); err != nil || !valid(&answer) {
			return errDamaged
		}
		return nil
	})
	return answer, err
}

// send tries the call until it is answered or its patience ends. read reads the body
// of a success; it is nil for a call whose answer has none.
func (c *Client) send(ctx context.Context, l call, read func(body []byte) error) error {
	end := c.now().Add(l.patience)
	for n := 0; ; n++ {
		err := c.try(ctx, l, read)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%s: %w", l.name, ctx.Err())
		}
		wait, again := delay(err, n)
		if !again || c.now().Add(wait).After(end) || c.pause(ctx, wait) != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
}

// delay returns whether another try may follow the error of try n, counted from 0, and after how long.
func delay(err error, n int) (time.Duration, bool) {
	backoff := min(200*time.Millisecond<<min(n, 8), 5*time.Second)
	backoff += rand.N(backoff / 4) // #nosec G404 -- spreads retries, guards nothing
	var p *Problem
	var l *lost
	switch {
	case errors.As(err, &p):
		return max(p.RetryAfter, backoff), p.temporary()
	case errors.As(err, &l):
		return backoff, !l.final
	}
	return 0, false
}

func (c *Client) try(ctx context.Context, l call, read func(body []byte) error) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(l.timeout, c.timeout))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, l.method, c.origin+l.path, bytes.NewReader(l.body))
	if err != nil {
		return fmt.Errorf("build request: %w", err)
	}
	for name, value := range l.header {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	req.Header.Set("User-Agent", cmp.Or(c.options.Agent, "secretsharer"))
	req.Header.Set("Accept", api.MediaJSON+", "+api.MediaProblem)
	if l.body != nil {
		req.Header.Set("Content-Type", api.MediaJSON)
	}
	res, err := c.options.Transport.RoundTrip(req) // an http.Client would look where a redirect leads
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
	return decode(res, body, read)
}

// sendError drops the URL, which contains the secret's id, and decides whether another try can help.
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

// decode accepts only answers in the API's media types. The page of a proxy or a
// portal means nothing for a secret, whatever its status.
func decode(res *http.Response, body []byte, read func(body []byte) error) error {
	after := retryAfter(res.Header.Get("Retry-After"))
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	switch {
	case res.StatusCode >= 300 && res.StatusCode < 400:
		return &lost{cause: errors.New("the server redirects to another address"), final: true}
	case res.StatusCode >= 400 && media == api.MediaProblem:
		return parseProblem(res.StatusCode, after, body)
	case res.StatusCode >= 400:
		if p := (&Problem{api.Problem{Status: res.StatusCode}, after}); p.temporary() {
			return p
		}
		return &lost{cause: fmt.Errorf("status %d, not from a secret sharer", res.StatusCode), final: true, status: res.StatusCode}
	case read == nil && res.StatusCode == http.StatusNoContent:
		return nil
	case read == nil || media != api.MediaJSON:
		return &lost{cause: errors.New("the answer does not come from a secret sharer"), final: true}
	}
	return read(body)
}
