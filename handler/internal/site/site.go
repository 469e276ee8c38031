// Package site serves the page of a standalone service: its files, its headers,
// the operator's branding and security.txt.
//
// It logs nothing: a link whose # was escaped on the way carries its key in the
// path.
package site

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/web"
)

// contactPath is defined by RFC 9116.
const contactPath = "/.well-known/security.txt"

// Options are what the page depends on.
type Options struct {
	Origin   string           // of the page, without a trailing slash
	Branding string           // path of the branding file; empty: none
	Now      func() time.Time // for the expiry of security.txt
	NotFound http.Handler     // answers every path that is no file of the page
}

// Site answers requests for the page. Safe for concurrent use.
type Site struct {
	Options
	files   map[string]*file // by path; nothing else is served
	headers *web.Headers
	contact string // of security.txt; empty: none
}

// Open reads the page, and the branding if there is one. An error of the branding
// names the member at fault.
func Open(o Options) (*Site, error) {
	files, err := web.Files()
	if err != nil {
		return nil, err
	}
	headers, err := web.LoadHeaders()
	if err != nil {
		return nil, err
	}
	s := &Site{Options: o, files: map[string]*file{}, headers: headers}
	if o.Branding != "" {
		b, err := readBranding(o.Branding)
		if err != nil {
			return nil, fmt.Errorf("SSS_BRANDING: %w", err)
		}
		s.contact, files[brandingPath] = b.contact, b.json
		if b.logo != nil {
			files[b.logoPath] = b.logo
		}
	}
	for path, body := range files {
		s.files[path] = newFile(path, body)
	}
	index := s.files["/index.html"]
	delete(s.files, "/index.html")
	for _, path := range []string{"/", "/s", "/m", "/mine"} { // the screens
		s.files[path] = index
	}
	return s, nil
}

func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := normalPath(r.URL.Path)
	f := s.files[path]
	if path == contactPath && s.contact != "" {
		f = newFile(path, s.securityText())
	}
	if f == nil || r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.NotFound.ServeHTTP(w, r)
		return
	}
	for name, value := range s.headers.Of(path, strings.HasPrefix(s.Origin, "https:")) {
		w.Header().Set(name, value)
	}
	f.ServeHTTP(w, r)
}

// normalPath undoes what mail programs and messengers do to links: /s%231... and
// /s/ become /s.
func normalPath(path string) string {
	path, _, _ = strings.Cut(path, "#")
	if short := strings.TrimSuffix(path, "/"); short != "" {
		return short
	}
	return path
}

// securityText returns a security.txt (RFC 9116) that is valid for 90 days.
func (s *Site) securityText() []byte {
	expires := s.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 90)
	return fmt.Appendf(nil, "Contact: %s\nExpires: %s\nCanonical: %s%s\n", s.contact, expires.Format(time.RFC3339), s.Origin, contactPath)
}
