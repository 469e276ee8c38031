// Package transcript reads the recordings of the real Functions host in
// testdata/transcripts, for the tests of package host and of its double: requests
// to the custom handler, answers, and their outcome.
package transcript

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"testing"
)

// Case is one recording. Missing parts are zero.
type Case struct {
	Name         string `json:"case"`
	Function     string
	Trigger      struct{ Value json.RawMessage }
	Sent         *Sent    // by a client to the host
	Request      *Request // by the host to the handler
	RequestCount int      // how often, if more than once
	Raw          string   // the bytes of Request
	Ping         string   // the bytes of the probe
	Response     json.RawMessage
	HostResponse *HostResponse
	Outcome      Outcome

	// Start and state of the process.
	BecameReady      bool
	Restarted        bool
	Argv             []string // without the program
	EnvironmentAdded map[string]string
}

// Sent is a client's request. Body has base64, or a description of a large body.
type Sent struct {
	RequestLine string
	Headers     [][2]string
	Body        json.RawMessage
}

// Request is a request as the handler got it.
type Request struct {
	Method, URL string
	Headers     [][2]string
	Body        string
	BodyBase64  []byte
}

// HostResponse is the answer to the client. Status is 0 if the client gave up.
type HostResponse struct {
	Status  int
	Headers [][2]string
	Body    string
}

// Outcome is the end of an invocation.
type Outcome struct{ Completed, Failed, Hung bool }

// Load returns the cases of dir whose file matches one of the patterns. It fails
// the test if a pattern matches none.
func Load(t testing.TB, dir string, patterns ...string) []Case {
	t.Helper()
	var cases []Case
	for _, pattern := range patterns {
		files, err := fs.Glob(os.DirFS(dir), pattern+".json")
		if err != nil || len(files) == 0 {
			t.Fatalf("no transcripts %s: %v", pattern, err)
		}
		for _, file := range files {
			data, err := fs.ReadFile(os.DirFS(dir), file)
			var c Case
			if err = errors.Join(err, json.Unmarshal(data, &c)); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			cases = append(cases, c)
		}
	}
	return cases
}

// HTTP returns the request as a server gets it.
func (r *Request) HTTP(t testing.TB) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), r.Method, r.URL, bytes.NewReader(r.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range r.Headers {
		request.Header.Add(h[0], h[1])
	}
	return request
}

// Bytes returns the body.
func (r *Request) Bytes() []byte {
	if len(r.BodyBase64) > 0 {
		return r.BodyBase64
	}
	return []byte(r.Body)
}
