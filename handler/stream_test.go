package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/secretsharer/secretsharer/api"
)

// A streamed view is byte for byte what encoding/json makes of it.
func TestStreamedViewsAreTheSameJSON(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 364, pieceSize - 1, pieceSize, pieceSize + 1, 3*pieceSize + 2, 921600} {
		view := api.Reading{Envelope: make([]byte, size), ViewsLeft: 7, LeaseEndsAt: start}
		_, _ = rand.Read(view.Envelope)
		want, err := json.Marshal(view)
		if err != nil {
			t.Fatal(err)
		}
		res := httptest.NewRecorder()
		if err := writeReading(res, 200, &view); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		if got := res.Body.Bytes(); !bytes.Equal(got, want) || res.Header().Get("Content-Length") != strconv.Itoa(len(want)) {
			t.Errorf("%d bytes: differs from encoding/json, or the length is wrong: %v", size, res.Header())
		}
	}
}

// An answer goes on as long as its reader takes a piece in 10 s, but not longer than
// the lease. Then it is cut.
func TestAnAnswerMovesOrIsCut(t *testing.T) {
	for name, at := range map[string]struct {
		pause time.Duration // before each piece is taken
		err   error
		took  time.Duration
	}{
		"slow":   {2 * time.Second, nil, 62 * time.Second},
		"slower": {9 * time.Second, errUnsent, 120 * time.Second},
		"stuck":  {time.Hour, errUnsent, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, sent := newMemoryListener(), make(chan error)
				server := &http.Server{WriteTimeout: 15 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					sent <- writeReading(w, 200, &api.Reading{Envelope: make([]byte, 921600)})
				})}
				go func() { _ = server.Serve(l) }()
				conn, began, read := l.dial(), time.Now(), make(chan struct{})
				go func() {
					defer close(read)
					_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
					for err := error(nil); err == nil; {
						time.Sleep(at.pause)
						_, err = io.CopyN(io.Discard, conn, 40<<10)
					}
				}()
				err := <-sent
				if took := time.Since(began); !errors.Is(err, at.err) || (took-at.took).Abs() > 2*at.pause && err == nil || took != at.took && err != nil {
					t.Errorf("%v after %s, want %v after %s", err, took, at.err, at.took)
				}
				_, _ = conn.Close(), server.Close()
				<-read
			})
		})
	}
}
