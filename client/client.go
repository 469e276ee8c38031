// Package client calls the HTTP API of a secret sharer.
//
// Every call is idempotent. Without an answer, or with one that asks to try later,
// a call is sent again with the same proofs and the same [Key], for a limited time;
// a read ends within the two minutes for which the server keeps a reader's view.
// An error is a [*Problem] from the server, [ErrUnreachable] if no secret sharer
// answered, or the context's. Proofs are sent in headers, over https or to
// this machine only, and are in no error. Redirects are not followed: they would
// carry the proofs to another server.
package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ErrServer says that a server's address cannot be used: it is not an origin, or
// it is plain http to another machine without [Options].AllowHTTP.
var ErrServer = errors.New("not the address of a server")

// Options are optional settings of a [Client].
type Options struct {
	Transport http.RoundTripper // nil means the default one
	AllowHTTP bool              // allow plain http to another machine, for networks that encrypt by themselves
	CreateKey string            // sent as Secret-Create with Create, if the server requires a key
	AdminKey  string            // an operator's key, sent as Secret-Admin with the calls about holds only
	Agent     string            // the User-Agent; empty means "secretsharer"
}

// Client calls one server. It is safe for concurrent use.
type Client struct {
	origin  string
	options Options
	timeout time.Duration // of one try
	pause   func(context.Context, time.Duration) error
	now     func() time.Time
}

// New returns a client of the API at an origin, scheme://host[:port]. Its error is [ErrServer].
func New(origin string, o Options) (*Client, error) {
	origin, err := parseOrigin(origin, o.AllowHTTP)
	if err != nil {
		return nil, err
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	return &Client{origin: origin, options: o, timeout: tryTimeout, pause: pause, now: time.Now}, nil
}

// Origin returns the API's origin, in lower case, without a slash at its end or the scheme's usual port.
func (c *Client) Origin() string { return c.origin }

func parseOrigin(s string, allowHTTP bool) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Host == "", u.User != nil, u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "":
		return "", fmt.Errorf("%w: want https://host or https://host:port", ErrServer)
	case u.Scheme == "https", u.Scheme == "http" && (allowHTTP || loopback(u.Hostname())):
		host := strings.TrimSuffix(strings.ToLower(u.Host), map[string]string{"https": ":443", "http": ":80"}[u.Scheme])
		return u.Scheme + "://" + host, nil
	case u.Scheme == "http":
		return "", fmt.Errorf("%w: plain http to another machine would expose the proofs; use https", ErrServer)
	}
	return "", fmt.Errorf("%w: want https", ErrServer)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Discover returns a client of the API that the page at an origin uses: the "api"
// of its /config.json, or the origin itself if there is no such file or the
// member is empty. A page on https must have its API on https. Errors are
// [ErrServer] and those of any call.
func Discover(ctx context.Context, origin string, o Options) (*Client, error) {
	page, err := New(origin, o)
	if err != nil {
		return nil, err
	}
	return page.discover(ctx)
}

// Serves returns nil if the page at an origin uses this client's API: if the origin is
// the API's own, or if [Discover] finds this API there. Otherwise the page may send what
// it gets from a link to anybody.
func (c *Client) Serves(ctx context.Context, origin string) error {
	page, err := New(origin, c.options)
	if err != nil || sameServer(page.origin, c.origin) {
		return err
	}
	used, err := page.discover(ctx)
	if err == nil && !sameServer(used.origin, c.origin) {
		err = fmt.Errorf("the page uses %s", used.origin)
	}
	return err
}

// sameServer reports whether two origins are equal, apart from the name of this machine.
func sameServer(a, b string) bool {
	for _, name := range []string{"127.0.0.1", "[::1]"} {
		own := "http://" + name
		for _, o := range []*string{&a, &b} {
			if rest, is := strings.CutPrefix(*o, own); is && (rest == "" || rest[0] == ':') {
				*o = "http://localhost" + rest
			}
		}
	}
	return a == b
}

func (c *Client) discover(ctx context.Context) (*Client, error) {
	type config struct {
		API *string `json:"api"`
	}
	got, err := ask(ctx, c, call{name: "find api", method: http.MethodGet, path: "/config.json", patience: short},
		func(a *config) bool { return a.API != nil })
	var l *lost
	switch {
	case errors.Is(err, ErrNotFound), errors.As(err, &l) && l.status == http.StatusNotFound:
		return c, nil
	case err != nil:
		return nil, err
	case *got.API == "":
		return c, nil
	case strings.HasPrefix(c.origin, "https:") && !strings.HasPrefix(*got.API, "https:"):
		return nil, fmt.Errorf("%w: the page is on https, but the API it names is not", ErrServer)
	}
	return New(*got.API, c.options)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
