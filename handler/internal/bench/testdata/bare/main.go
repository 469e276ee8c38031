// Command bare is the handler that the service is compared with: it reads the body
// of a request and answers.
package main

import (
	"io"
	"net/http"
	"os"
)

func main() {
	err := http.ListenAndServe(os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"00000000000000000000000000000000","expires_at":"2026-11-25T00:00:00Z"}`)
	}))
	if err != nil {
		os.Exit(1)
	}
}
