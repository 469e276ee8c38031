// Package client calls the HTTP API of a secret sharer.
//
// Every call is idempotent, so a call whose answer was lost is sent again, with
// the same proofs and the same [Key], until its patience ends: within the two
// minutes for which the server keeps a reader's view. What the server refuses is
// a [*Problem]; where no answer of a secret sharer came, the error is
// [ErrUnreachable]. Proofs travel in headers, over https or to this machine, and
// are in no error; redirects are not followed, since they would carry the proofs along.
package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// ErrServer says that an address of a server is none: not an origin, or plain
// http to another machine without [Options].AllowHTTP.
var ErrServer = errors.New("not the address of a server")

// Options are what a [Client] may be given beyond its server.
type Options struct {
	HTTP      *http.Client // whose Transport is used; nil means the default one
	AllowHTTP bool         // plain http also to another machine: for networks that encrypt by themselves
	CreateKey string       // sent as Secret-Create where the server wants a key from senders
	AdminKey  string       // an operator's, sent as Secret-Admin with the calls about holds alone
	Agent     string       // the User-Agent; empty means "secretsharer"
}

// Client calls one server. It is safe for concurrent use.
type Client struct {
	origin  string
	options Options
	http    *http.Client
	timeout time.Duration // of one try
	pause   func(context.Context, time.Duration) error
	now     func() time.Time
}

// New returns a client of the API at a server's origin, scheme://host[:port]: ErrServer.
func New(server string, o Options) (*Client, error) {
	origin, err := parseOrigin(server, o.AllowHTTP)
	if err != nil {
		return nil, err
	}
	h := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if o.HTTP != nil {
		h.Transport = o.HTTP.Transport
	}
	if o.Agent == "" {
		o.Agent = "secretsharer"
	}
	return &Client{origin: origin, options: o, http: h, timeout: tryTimeout, pause: pause, now: time.Now}, nil
}

// Origin returns the server's origin, without a slash at its end.
func (c *Client) Origin() string { return c.origin }

func parseOrigin(s string, allowHTTP bool) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Host == "", u.User != nil, u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "":
		return "", fmt.Errorf("%w: want https://host or https://host:port", ErrServer)
	case u.Scheme == "https", u.Scheme == "http" && (allowHTTP || loopback(u.Hostname())):
		return u.Scheme + "://" + u.Host, nil
	case u.Scheme == "http":
		return "", fmt.Errorf("%w: plain http to another machine would show the proofs on the way; use https", ErrServer)
	}
	return "", fmt.Errorf("%w: want https", ErrServer)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
