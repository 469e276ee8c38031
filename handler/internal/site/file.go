package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// mediaTypes are the media types of the page's files, so that the machine's own list
// is not consulted.
var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json", ".txt": "text/plain; charset=utf-8", ".wasm": "application/wasm",
	".jpg": "image/jpeg", ".png": "image/png", ".svg": "image/svg+xml", ".webp": "image/webp",
}

// file is one file of the page. Browsers cache a file whose name contains a hash of
// its content. Safe for concurrent use.
type file struct {
	media       string
	body        []byte
	etag        string        // empty: not cached by browsers
	gzippedBody func() []byte // nil: never compressed
}

func newFile(name string, body []byte) *file {
	f := &file{media: mediaTypes[path.Ext(name)], body: body}
	if f.media == "" {
		f.media = "application/octet-stream"
	}
	if !strings.HasPrefix(name, "/assets/") && !strings.HasPrefix(name, "/worker/") {
		return f
	}
	// The names below these folders contain a hash of the content.
	sum := sha256.Sum256(body)
	f.etag = base64.RawURLEncoding.EncodeToString(sum[:12])
	if strings.HasPrefix(f.media, "text/") || f.media == "image/svg+xml" {
		f.gzippedBody = sync.OnceValue(func() []byte { return compress(body) })
	}
	return f
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // fails only for an unknown level
	_, _ = w.Write(body)                                  // a buffer never fails
	_ = w.Close()
	return b.Bytes()
}

func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, body, etag := w.Header(), f.body, f.etag
	h.Set("Content-Type", f.media)
	if f.gzippedBody != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header) {
			body, etag = f.gzippedBody(), etag+"-gz"
			h.Set("Content-Encoding", "gzip")
			h.Set("Content-Length", strconv.Itoa(len(body)))
			r.Header.Del("Range") // it would select compressed bytes
		}
	}
	if etag != "" {
		h.Set("ETag", `"`+etag+`"`)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// acceptsGzip reports whether the client accepts gzip. A quality of 0 means that it does not.
func acceptsGzip(h http.Header) bool {
	for entry := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, quality, _ := strings.Cut(entry, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			return strings.TrimRight(strings.ReplaceAll(quality, " ", ""), ".0") != "q="
		}
	}
	return false
}
