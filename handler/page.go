package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/web"
)

// contactPath is that of RFC 9116.
const contactPath = "/.well-known/security.txt"

// page answers what stands outside of the API, alone on a machine: the page, its
// files, and what the operator made of it. Nothing of it is logged, since a link
// whose # was escaped on the way has its key in the path. Safe for concurrent use.
type page struct {
	files    map[string]*pageFile // by path: there is no other way to them
	headers  *web.Headers
	https    bool
	origin   string
	contact  string // of security.txt, empty for none
	now      func() time.Time
	notFound http.Handler
}

// newPage reads the page, and the branding when the settings name one.
func newPage(s *Settings, now func() time.Time, notFound http.Handler) (*page, error) {
	files, err := web.Files()
	if err != nil {
		return nil, err
	}
	headers, err := web.LoadHeaders()
	if err != nil {
		return nil, err
	}
	p := &page{
		files: map[string]*pageFile{}, headers: headers, origin: s.Origin, now: now, notFound: notFound,
		https: strings.HasPrefix(s.Origin, "https:"),
	}
	if s.Branding != "" {
		b, err := readBranding(s.Branding)
		if err != nil {
			return nil, fmt.Errorf("SSS_BRANDING: %w", err)
		}
		p.contact, files[brandingPath] = b.contact, b.json
		if b.logo != nil {
			files[b.logoPath] = b.logo
		}
	}
	p.add(files)
	return p, nil
}

// add takes the files in. The one page of index.html has an address for each screen.
func (p *page) add(files map[string][]byte) {
	for path, body := range files {
		p.files[path] = newPageFile(path, body)
	}
	index := p.files["/index.html"]
	delete(p.files, "/index.html")
	for _, path := range []string{"/", "/s", "/m", "/mine"} {
		p.files[path] = index
	}
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := asSent(r.URL.Path)
	f := p.files[path]
	if path == contactPath && p.contact != "" {
		f = newPageFile(path, p.securityText())
	}
	if f == nil || r.Method != http.MethodGet && r.Method != http.MethodHead {
		p.notFound.ServeHTTP(w, r)
		return
	}
	for name, value := range p.headers.Of(path, p.https) {
		w.Header().Set(name, value)
	}
	f.ServeHTTP(w, r)
}

// asSent returns a path without what programs that carry links make of them, such
// as /s%231... and /s/: the page opens those, too.
func asSent(path string) string {
	path, _, _ = strings.Cut(path, "#")
	if short := strings.TrimSuffix(path, "/"); short != "" {
		return short
	}
	return path
}

// securityText is what RFC 9116 asks for, valid for 90 days from today.
func (p *page) securityText() []byte {
	end := p.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 90)
	return fmt.Appendf(nil, "Contact: %s\nExpires: %s\nCanonical: %s%s\n", p.contact, stamp(end), p.origin, contactPath)
}
