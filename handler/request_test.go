package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// request is one request to the API.
type request struct {
	method, path string
	header       http.Header
	body         string
}

func newRequest(method, path string, headers ...string) request {
	r := request{method: method, path: path, header: http.Header{}}
	return r.with(headers...)
}

// with returns the request with headers, given as names and values, that replace its own.
func (r request) with(headers ...string) request {
	r.header = r.header.Clone()
	for i := 0; i < len(headers); i += 2 {
		r.header.Set(headers[i], headers[i+1])
	}
	return r
}

// adding returns the request with a further header.
func (r request) adding(name, value string) request {
	r.header = r.header.Clone()
	r.header.Add(name, value)
	return r
}

func (r request) without(name string) request {
	r.header = r.header.Clone()
	r.header.Del(name)
	return r
}

func (r request) to(path string) request {
	r.path = path
	return r
}

func (r request) as(method string) request {
	r.method = method
	return r
}

// reply is the answer to a request.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// do makes a request and checks that docs/openapi.yaml describes its answer.
func (f *fixture) do(r request) reply {
	f.t.Helper()
	got := f.exchange(r)
	if err := described.check(r.method, r.path, got); err != nil {
		f.t.Errorf("%s %s: answer is not as described: %v\n%d %s", r.method, r.path, err, got.status, got.body)
	}
	return got
}

// exchange makes a request, to the API or the page.
func (f *fixture) exchange(r request) reply {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), r.method, f.url+r.path, strings.NewReader(r.body))
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header = r.header.Clone()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		f.t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	return reply{res.StatusCode, res.Header, body}
}

// want makes a request and fails the test unless the answer has the status and, if it is a
// problem, the slug.
func (f *fixture) want(r request, status int, slug string) reply {
	f.t.Helper()
	got := f.do(r)
	if got.status != status || r.method != http.MethodHead && got.slug() != slug {
		f.t.Fatalf("%s %s: got %d %s, want %d %s: %s", r.method, r.path, got.status, got.slug(), status, slug, got.body)
	}
	return got
}

// wantField makes a request and fails the test unless it is refused because of the field.
func (f *fixture) wantField(r request, field string) {
	f.t.Helper()
	if got := f.want(r, http.StatusUnprocessableEntity, "invalid"); got.text("field") != field {
		f.t.Fatalf("%s %s: names %q, want %q: %s", r.method, r.path, got.text("field"), field, got.body)
	}
}

// slug returns the slug of a problem; it is empty for any other answer.
func (r reply) slug() string {
	if r.header.Get("Content-Type") != "application/problem+json" {
		return ""
	}
	return strings.TrimPrefix(r.text("type"), "/problems/")
}

// text returns a member of the body, empty if it is not a string.
func (r reply) text(member string) string {
	var all map[string]any
	_ = json.Unmarshal(r.body, &all)
	text, _ := all[member].(string)
	return text
}

func (r reply) decode(t *testing.T, v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatalf("decode %s: %v", r.body, err)
	}
}
