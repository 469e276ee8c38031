package main

import (
	"io"
	"net/http"
)

// page is what a browser gets for now: what this is, and how to open a link.
// It runs no script, so that nothing that follows a link can take a view.
const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Secure Secret Sharer</title>
<h1>Secure Secret Sharer</h1>
<p>This service hands over a secret once. It is encrypted on the sender's device; the key travels in the link, behind the #,
and never reaches this server.</p>
<p><strong>Somebody sent you a link to this page?</strong> Looking at it has cost nothing: the secret is still there. Open it
on the command line, where it asks you for the link:</p>
<pre>sss open</pre>
<p>You want to send one?</p>
<pre>sss send</pre>
<p>The API lies under <code>/api</code>; its limits are at <a href="/api/config">/api/config</a>.</p>
</html>
`

// newPage answers what standalone stands outside of the API: the page on /, and on
// the paths of links.
func newPage(notFound http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", notFound)
	for _, path := range []string{"GET /{$}", "GET /s", "GET /m"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			setHeaders(w.Header())
			w.Header().Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("X-Robots-Tag", "noindex")
			_, _ = io.WriteString(w, page)
		})
	}
	mux.HandleFunc("GET /robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "User-agent: *\nDisallow: /\n")
	})
	return mux
}
