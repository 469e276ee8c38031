package main

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

// media are the types of the page's files. The machine's own list has no say.
var media = map[string]string{
	".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json", ".txt": "text/plain; charset=utf-8", ".wasm": "application/wasm",
	".jpg": "image/jpeg", ".png": "image/png", ".svg": "image/svg+xml", ".webp": "image/webp",
}

// pageFile is one file of the page. Safe for concurrent use.
type pageFile struct {
	media string
	body  []byte
	kept  bool          // browsers keep it, since its name tells its content
	tag   string        // of its content, where it is kept
	small func() []byte // its body compressed by gzip, nil where that does not pay
}

func newPageFile(name string, body []byte) *pageFile {
	f := &pageFile{media: media[path.Ext(name)], body: body}
	if f.media == "" {
		f.media = "application/octet-stream"
	}
	if !strings.HasPrefix(name, "/assets/") && !strings.HasPrefix(name, "/worker/") {
		return f
	}
	sum := sha256.Sum256(body)
	f.kept, f.tag = true, base64.RawURLEncoding.EncodeToString(sum[:12])
	if strings.HasPrefix(f.media, "text/") || f.media == "image/svg+xml" {
		f.small = sync.OnceValue(func() []byte { return compress(body) })
	}
	return f
}

// compress is done once a file, when it is first asked for.
func compress(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // fails for an unknown level only
	_, _ = w.Write(body)                                  // a buffer takes all
	_ = w.Close()
	return b.Bytes()
}

func (f *pageFile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, body, tag := w.Header(), f.body, f.tag
	h.Set("Content-Type", f.media)
	if f.small != nil {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r.Header) {
			body, tag = f.small(), tag+"-gz"
			h.Set("Content-Encoding", "gzip")
			h.Set("Content-Length", strconv.Itoa(len(body)))
			r.Header.Del("Range") // which would be of the compressed bytes
		}
	}
	if f.kept {
		h.Set("ETag", `"`+tag+`"`)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// takesGzip reports whether the client named gzip, and not by q=0 as what it will not have.
func takesGzip(h http.Header) bool {
	for entry := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, quality, _ := strings.Cut(entry, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			return strings.TrimRight(strings.ReplaceAll(quality, " ", ""), ".0") != "q="
		}
	}
	return false
}
