package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/secretsharer/secretsharer/api"
)

const (
	bodyTime  = 30 * time.Second  // bounds the arrival of a request's body
	writeTime = 120 * time.Second // bounds the sending of an envelope: as long as the lease
	stallTime = 10 * time.Second  // how long a body may pause, or one piece of an answer may take

	pieceSize = 24 << 10 // bytes of an envelope that are encoded and sent at once; divisible by 3
)

// errUnsent means that an answer was not sent completely.
var errUnsent = errors.New("the client went away, or did not take the answer in time")

// writeReading sends a view as encoding/json would encode it, in pieces, so that no copy
// of the envelope is made. Every piece must be taken within stallTime.
func writeReading(w http.ResponseWriter, status int, reading *api.Reading) error {
	rest := *reading
	rest.Envelope = api.Bytes{}
	frame, err := json.Marshal(rest)
	prefix, suffix, found := bytes.Cut(frame, []byte(`""`))
	if err != nil || !found {
		return fmt.Errorf("encode view: %w", err)
	}
	size := len(frame) + base64.RawURLEncoding.EncodedLen(len(reading.Envelope))
	w.Header().Set("Content-Type", api.MediaJSON)
	w.Header().Set("Content-Length", strconv.Itoa(size))
	w.WriteHeader(status)
	to := pacedWriter{w, http.NewResponseController(w), time.Now().Add(writeTime)}
	piece := make([]byte, 0, base64.RawURLEncoding.EncodedLen(pieceSize)+len(frame))
	piece = append(append(piece, prefix...), '"')
	for envelope := reading.Envelope; len(envelope) > 0; {
		n := min(pieceSize, len(envelope))
		piece = base64.RawURLEncoding.AppendEncode(piece, envelope[:n])
		if err := to.write(piece); err != nil {
			return err
		}
		piece, envelope = piece[:0], envelope[n:]
	}
	return to.write(append(append(piece, '"'), suffix...))
}

// pacedWriter writes an answer whose deadline moves with its progress.
type pacedWriter struct {
	io.Writer
	control *http.ResponseController
	end     time.Time
}

func (w *pacedWriter) write(piece []byte) error {
	_ = w.control.SetWriteDeadline(earlier(time.Now().Add(stallTime), w.end))
	if _, err := w.Write(piece); err != nil {
		return errUnsent // err has the client's address
	}
	return nil
}

// pacedBody is a request's body whose deadline moves with its progress.
type pacedBody struct {
	io.ReadCloser
	control *http.ResponseController
	end     time.Time
}

// withPacedBody returns r with a body that has a deadline, also if it is never read. It
// leaves r as it is: net/http looks at its body to decide whether to read what is left.
func withPacedBody(w http.ResponseWriter, r *http.Request) *http.Request {
	if r.ContentLength == 0 {
		return r
	}
	b := &pacedBody{r.Body, http.NewResponseController(w), time.Now().Add(bodyTime)}
	b.move()
	paced := *r
	paced.Body = b
	return &paced
}

func (b *pacedBody) move() {
	_ = b.control.SetReadDeadline(earlier(time.Now().Add(stallTime), b.end))
}

func (b *pacedBody) Read(p []byte) (int, error) {
	b.move()
	return b.ReadCloser.Read(p) //nolint:wrapcheck // io.EOF must stay as it is
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
