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

	"github.com/secretsharer/secretsharer/handler/internal/host"
)

const (
	maxBody     = 100 << 20
	hostVersion = "4.1037.0.0"
	invocation  = "X-Azure-Functions-Invocationid"
)

// route lets the functions' routes be matched; the host knows no other path.
func (h *Host) route(f host.Function) {
	if f.HTTP == nil {
		return
	}
	for _, method := range f.HTTP.Methods {
		h.routes.Handle(method+" "+host.Prefix+f.HTTP.Route, http.NotFoundHandler())
	}
}

// ServeHTTP is what clients of the host reach.
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
	w.Header()["Content-Type"] = nil // none is guessed
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

// encodeAgain is the path as it leaves the host: it decodes everything but %2F,
// resolves dots, and encodes what it has then, the percent sign of %2F included.
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

// buffer reads a body with a length whole, as the host does; others stream.
func buffer(r *http.Request) error {
	if r.ContentLength > maxBody {
		return errors.New("body too large")
	}
	if r.ContentLength <= 0 {
		r.Body = io.NopCloser(r.Body) // an attempt that reached nobody must not close it
		return nil
	}
	data, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(data))
	return err
}

// attempts is how often the host sends a request that gets a reset for an answer.
func attempts(r *http.Request) int {
	switch {
	case r.ContentLength != 0: // its body is gone with the first
		return 1
	case r.Header.Get("Content-Length") != "":
		return 10
	}
	return 40
}

// rewrite makes the request that the handler sees of the client's.
func (h *Host) rewrite(p *httputil.ProxyRequest, target string) {
	out := p.Out
	if u, err := url.ParseRequestURI(h.target(target)); err == nil {
		out.URL = u
	}
	out.URL.RawQuery = p.In.URL.RawQuery // as it came
	out.Host = ""                        // the handler's own
	for _, name := range []string{"Connection", "Te", "Upgrade", "Upgrade-Insecure-Requests"} {
		out.Header.Del(name) // ReverseProxy has dropped the others
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

// call is one proxied request, which may be sent many times.
type call struct {
	host     *Host
	attempts int
	target   atomic.Pointer[process] // where it was sent last
	expired  atomic.Bool
}

// RoundTrip sends the request until there is an answer or the attempts are over.
// One that never reached the process does not count.
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

// expire kills the whole process for one call that outlives the limit.
func (c *call) expire() {
	c.expired.Store(true)
	if p := c.target.Load(); p != nil {
		c.host.kill(p)
	}
}

// resend gives the new process a call whose client was answered already.
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
