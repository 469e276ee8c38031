// Package transcript reads the recordings of the real Functions host in
// testdata/transcripts, for the tests of the packages around it: what the host
// sent a custom handler, what it was answered, and what became of it.
package transcript

import (
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
)

// Case is one recording. Parts that it does not have are zero.
type Case struct {
	Name         string `json:"case"`
	Function     string
	Trigger      struct{ Value json.RawMessage }
	Sent         *Sent    // by a client to the host
	Request      *Request // by the host to the handler
	RequestCount int      // how often, when more than once
	Raw          string   // Request as it stood on the wire
	Ping         string   // the probe, likewise
	Response     json.RawMessage
	HostResponse *HostResponse
	Outcome      Outcome

	// What became of the process, and how it was started.
	BecameReady      bool
	Restarted        bool
	Argv             []string // without the program
	EnvironmentAdded map[string]string
}

// Sent is a client's request. Body holds base64, or words about a large one.
type Sent struct {
	RequestLine string
	Headers     [][2]string
	Body        json.RawMessage
}

// Request is what the handler saw.
type Request struct {
	Method, URL string
	Headers     [][2]string
	Body        string
	BodyBase64  string
}

// HostResponse is what the client got; no Status when it gave up.
type HostResponse struct {
	Status  int
	Headers [][2]string
	Body    string
}

// Outcome is what became of the invocation.
type Outcome struct{ Completed, Failed, Hung bool }

// Load returns the cases of dir whose file matches one of the patterns, at least
// one for each.
func Load(t testing.TB, dir string, patterns ...string) []Case {
	t.Helper()
	var cases []Case
	for _, pattern := range patterns {
		files, err := fs.Glob(os.DirFS(dir), pattern+".json")
		if err != nil || len(files) == 0 {
			t.Fatalf("no transcripts %s: %v", pattern, err)
		}
		for _, file := range files {
			cases = append(cases, read(t, dir, file))
		}
	}
	return cases
}

func read(t testing.TB, dir, file string) (c Case) {
	t.Helper()
	data, err := fs.ReadFile(os.DirFS(dir), file)
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return c
}

// HTTP builds the request that the handler saw.
func (r *Request) HTTP(t testing.TB) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), r.Method, r.URL, strings.NewReader(string(r.Bytes(t))))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range r.Headers {
		request.Header.Add(h[0], h[1])
	}
	return request
}

// Bytes is the body.
func (r *Request) Bytes(t testing.TB) []byte {
	if r.BodyBase64 == "" {
		return []byte(r.Body)
	}
	return decode(t, r.BodyBase64)
}

// Wire is the request as the client wrote it; ok is false when the recording
// describes the body in words.
func (s *Sent) Wire(t testing.TB) (wire []byte, ok bool) {
	t.Helper()
	head := s.RequestLine + "\r\n"
	for _, h := range s.Headers {
		head += h[0] + ": " + h[1] + "\r\n"
	}
	var body *struct{ Base64 string }
	if err := json.Unmarshal(s.Body, &body); err != nil {
		return nil, false
	}
	wire = []byte(head + "\r\n")
	if body != nil {
		wire = append(wire, decode(t, body.Base64)...)
	}
	return wire, true
}

func decode(t testing.TB, text string) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
