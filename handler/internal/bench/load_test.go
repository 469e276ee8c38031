//go:build bench

package bench

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope"
)

var encode = base64.RawURLEncoding.EncodeToString

// request is one call, prepared before the measurement.
type request struct {
	method, path string
	header       map[string]string
	body         []byte
}

// load is the calls of some secrets: create, read and ack of each.
type load struct{ create, read, ack []request }

// newLoad seals n secrets of 1 KiB.
func newLoad(b *testing.B, n int) *load {
	b.Helper()
	l := &load{}
	data := make([]byte, 900) // 1 KiB as an envelope, padded
	expires := time.Now().Add(24 * time.Hour)
	for range n {
		link, err := envelope.NewLink(rand.Reader, "http://127.0.0.1", expires)
		if err != nil {
			b.Fatal(err)
		}
		keys, err := link.Keys("")
		if err != nil {
			b.Fatal(err)
		}
		var sealed bytes.Buffer
		if err := envelope.Seal(&sealed, rand.Reader, keys, envelope.Params{Views: 1, Expires: expires}, envelope.Meta{Type: "text"}, bytes.NewReader(data), int64(len(data))); err != nil {
			b.Fatal(err)
		}
		l.add(b, keys, sealed.Bytes())
	}
	return l
}

func (l *load) add(b *testing.B, keys *envelope.Keys, sealed []byte) {
	b.Helper()
	access, claim := sha256.Sum256(keys.Access[:]), sha256.Sum256(keys.Claim[:])
	body, err := json.Marshal(map[string]string{
		"envelope": encode(sealed), "access_hash": encode(access[:]), "claim_hash": encode(claim[:]), "manage_hash": encode(access[:]),
	})
	if err != nil {
		b.Fatal(err)
	}
	key := make([]byte, 16)
	_, _ = rand.Read(key)
	path := "/api/secrets/" + keys.ID.String()
	header := map[string]string{"Secret-Access": encode(keys.Access[:]), "Secret-Claim": encode(keys.Claim[:]), "Idempotency-Key": encode(key)}
	l.create = append(l.create, request{http.MethodPost, "/api/secrets", map[string]string{"Content-Type": "application/json"}, body})
	l.read = append(l.read, request{http.MethodPost, path + "/read", header, nil})
	l.ack = append(l.ack, request{http.MethodPost, path + "/ack", header, nil})
}

// result is the speed of a run.
type result struct {
	rate     float64 // calls a second
	p50, p99 time.Duration
}

// drive sends the requests over this many connections. Each sends its next request
// when the last one is answered.
func drive(b *testing.B, url string, requests []request, connections int) result {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	took := make([]time.Duration, len(requests))
	var next, failed atomic.Int64
	var group sync.WaitGroup
	begun := time.Now()
	for range connections {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(requests)); i = next.Add(1) - 1 {
				start := time.Now()
				if !send(client, url, &requests[i]) {
					failed.Add(1)
				}
				took[i] = time.Since(start)
			}
		})
	}
	group.Wait()
	all := time.Since(begun)
	if n := failed.Load(); n > 0 {
		b.Fatalf("%d of %d calls failed", n, len(requests))
	}
	slices.Sort(took)
	return result{float64(len(took)) / all.Seconds(), took[len(took)/2], took[len(took)*99/100]}
}

func send(client *http.Client, url string, q *request) bool {
	r, err := http.NewRequest(q.method, url+q.path, bytes.NewReader(q.body))
	if err != nil {
		return false
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	res, err := client.Do(r)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return err == nil && res.StatusCode < 300
}
