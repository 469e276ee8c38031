package hosttest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/host/internal/transcript"
)

// unanswered are the recordings whose answer did not come from the handler.
var unanswered = map[string]bool{"proxy-encoded-path": true, "proxy-websocket-upgrade": true}

func TestTheProxyBehavesAsRecorded(t *testing.T) {
	dir := layout(t, "00:01:00")
	h := Start(t, dir, nil)
	for _, c := range transcript.Load(t, transcripts, "proxy-*") {
		if c.Outcome.Hung {
			continue // see TestOneExpiredCallKillsTheOthers
		}
		t.Run(c.Name, func(t *testing.T) {
			respond(t, dir, string(c.Response))
			status, header, body := send(t, h, c.Sent)
			if !unanswered[c.Name] {
				checkResponse(t, c.HostResponse, status, header, body)
			}
			requests := takeRequests(t, dir)
			checkCount(t, c, len(requests))
			for _, r := range requests {
				checkRequest(t, h, c.Request, r)
			}
		})
	}
}

// wire returns the bytes that the client wrote. It fails the test if the recording
// only describes the body.
func wire(t *testing.T, sent *transcript.Sent) []byte {
	t.Helper()
	head := sent.RequestLine + "\r\n"
	for _, h := range sent.Headers {
		head += h[0] + ": " + h[1] + "\r\n"
	}
	var body struct{ Base64 []byte } // null: none
	if err := json.Unmarshal(sent.Body, &body); err != nil {
		t.Fatalf("the body is not recorded: %v", err)
	}
	return append([]byte(head+"\r\n"), body.Base64...)
}

// send writes a client's recorded request and reads the answer, which may be cut off.
func send(t *testing.T, h *Host, sent *transcript.Sent) (int, http.Header, string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write(wire(t, sent)); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(sent.RequestLine, " ")
	in := bufio.NewReader(conn)
	for {
		res, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode == http.StatusContinue {
			continue
		}
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header, string(body)
	}
}

func checkResponse(t *testing.T, want *transcript.HostResponse, status int, header http.Header, body string) {
	t.Helper()
	if status != want.Status {
		t.Errorf("status %d, recorded %d", status, want.Status)
	}
	if strings.ToValidUTF8(body, "\uFFFD") != want.Body && header.Get("Content-Encoding") != "gzip" {
		t.Errorf("body %q, recorded %q", body, want.Body)
	}
	recorded := http.Header{}
	for _, h := range want.Headers {
		recorded.Add(h[0], h[1])
	}
	for _, h := range []http.Header{header, recorded} {
		for _, name := range []string{"Date", "Server", "Connection", "Transfer-Encoding", "Trailer"} {
			h.Del(name)
		}
	}
	if !maps.EqualFunc(header, recorded, equal) {
		t.Errorf("headers\n%v, recorded\n%v", header, recorded)
	}
}

func equal(a, b []string) bool { return strings.Join(a, "\n") == strings.Join(b, "\n") }

func checkCount(t *testing.T, c transcript.Case, got int) {
	t.Helper()
	want := c.RequestCount
	if want == 0 && c.Request != nil {
		want = 1
	}
	if got != want {
		t.Errorf("reached the handler %d times, recorded %d", got, want)
	}
}

var guid = regexp.MustCompile(`^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$`)

func checkRequest(t *testing.T, h *Host, want *transcript.Request, got seen) {
	t.Helper()
	if got.Method != want.Method || got.URL != want.URL || !bytes.Equal(got.Body, want.Bytes()) {
		t.Errorf("%s %s %q, recorded %s %s %q", got.Method, got.URL, got.Body, want.Method, want.URL, want.Bytes())
	}
	if got.Host != "127.0.0.1:"+h.port {
		t.Errorf("host %s", got.Host)
	}
	recorded := http.Header{}
	for _, h := range want.Headers {
		recorded.Add(h[0], h[1])
	}
	if chunked := recorded.Get("Transfer-Encoding") == "chunked"; chunked != got.Chunked {
		t.Errorf("chunked is %v, recorded %v", got.Chunked, chunked)
	}
	recorded.Del("Host") // net/http keeps both out of the headers
	recorded.Del("Transfer-Encoding")
	for _, name := range []string{"X-Azure-Functions-Invocationid", "X-Ms-Invocation-Id"} {
		if guid.MatchString(got.Header.Get(name)) && recorded.Get(name) != "" {
			recorded.Set(name, got.Header.Get(name))
		}
	}
	if !maps.EqualFunc(got.Header, recorded, equal) {
		t.Errorf("headers\n%v, recorded\n%v", got.Header, recorded)
	}
}
