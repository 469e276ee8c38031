package hosttest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
)

const (
	maxBody     = 100 << 20
	hostVersion = "4.1037.0.0"
	invocation  = "X-Azure-Functions-Invocationid"
)

// ServeHTTP serves the clients of the host.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target := encodeAgain(r.URL.EscapedPath())
	if !h.matches(r.Method, target) {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if err := buffer(r); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	c := &call{host: h, attempts: attempts(r)}
	limit := h.afterFunc(h.config.limit, c.expire)
	defer limit.Stop()
	w.Header()["Content-Type"] = nil // do not guess one
	proxy := httputil.ReverseProxy{
		Rewrite:       func(p *httputil.ProxyRequest) { h.rewrite(p, target) },
		Transport:     c,
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.WriteHeader(http.StatusInternalServerError)
		},
	}
	proxy.ServeHTTP(w, r)
}

func (h *Host) matches(method, target string) bool {
	u, err := url.ParseRequestURI(target)
	if err != nil || strings.Contains(target, "//") {
		return false
	}
	_, pattern := h.routes.Handler(&http.Request{Method: method, URL: u})
	return pattern != ""
}

// encodeAgain returns the path that the host sends on. The host decodes everything
// but %2F, resolves dots, and encodes the result, including the percent sign of %2F.
func encodeAgain(escaped string) string {
	kept := strings.NewReplacer("%2F", "%252F", "%2f", "%252f").Replace(escaped)
	decoded, err := url.PathUnescape(kept)
	if err != nil {
		return escaped
	}
	if !strings.Contains(decoded, "//") {
		slash := strings.HasSuffix(decoded, "/")
		if decoded = path.Clean(decoded); slash && decoded != "/" {
			decoded += "/"
		}
	}
	return (&url.URL{Path: decoded}).EscapedPath()
}

// buffer reads a body of known length completely, as the host does. Others stream.
func buffer(r *http.Request) error {
	if r.ContentLength > maxBody {
		return errors.New("body too large")
	}
	if r.ContentLength <= 0 {
		r.Body = io.NopCloser(r.Body) // an attempt without a connection must not close it
		return nil
	}
	data, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(data))
	return err
}

// attempts is how often the host sends a request whose connection is reset.
func attempts(r *http.Request) int {
	switch {
	case r.ContentLength != 0: // its body is consumed by the first
		return 1
	case r.Header.Get("Content-Length") != "":
		return 10
	}
	return 40
}

// rewrite turns the client's request into the one that the handler gets.
func (h *Host) rewrite(p *httputil.ProxyRequest, target string) {
	out := p.Out
	if u, err := url.ParseRequestURI(h.target(target)); err == nil {
		out.URL = u
	}
	out.URL.RawQuery = p.In.URL.RawQuery // unchanged
	out.Host = ""                        // the handler's own
	for _, name := range []string{"Connection", "Te", "Upgrade", "Upgrade-Insecure-Requests"} {
		out.Header.Del(name) // ReverseProxy drops the others
	}
	for name, values := range out.Header {
		if name != "Cookie" {
			out.Header[name] = []string{strings.Join(values, ", ")}
		}
	}
	id := newGUID()
	out.Header.Set("X-Azure-Functions-Hostversion", hostVersion)
	out.Header.Set(invocation, id)
	out.Header.Set("X-Ms-Invocation-Id", id)
	out.Header.Set("X-Forwarded-For", "127.0.0.1")
	out.Header.Set("X-Forwarded-Host", p.In.Host)
	out.Header.Set("X-Forwarded-Proto", "http")
}

// call is one proxied request, which may be sent several times.
type call struct {
	host     *Host
	attempts int
	target   atomic.Pointer[process] // the last one that it was sent to
	expired  atomic.Bool
}

// RoundTrip sends the request until it is answered or the attempts are used up.
// Attempts without a connection do not count.
func (c *call) RoundTrip(r *http.Request) (*http.Response, error) {
	for sent := 0; ; {
		p, err := c.host.await(r.Context())
		if err != nil {
			return nil, err
		}
		c.target.Store(p)
		res, err := c.host.transport.RoundTrip(r)
		if err == nil || r.Context().Err() != nil {
			return res, err
		}
		if !isDial(err) {
			sent++
		}
		if sent >= c.attempts {
			return nil, err
		}
		if c.expired.Load() {
			go c.resend(r.Clone(context.WithoutCancel(r.Context())))
			return nil, ErrHung
		}
		c.host.settle(r.Context(), p)
	}
}

// expire kills the process because of one call that outlived the limit.
func (c *call) expire() {
	c.expired.Store(true)
	if p := c.target.Load(); p != nil {
		c.host.kill(p)
	}
}

// resend sends the new process a call whose client was already answered.
func (c *call) resend(r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), c.host.config.limit)
	defer cancel()
	if _, err := c.host.await(ctx); err != nil {
		return
	}
	if res, err := c.host.transport.RoundTrip(r.WithContext(ctx)); err == nil {
		_ = res.Body.Close()
	}
}
