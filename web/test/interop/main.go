// Command interop seals and opens envelopes with package envelope, for the tests of
// the page. It reads a list of jobs as JSON and writes the list of results.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"log"
	"os"
	"time"

	"github.com/secretsharer/secretsharer/envelope"
)

// A job has an envelope to open or, without one, data to seal. Bytes are in base64.
type job struct {
	Link       string        `json:"link"`
	Passphrase string        `json:"passphrase"`
	Views      int           `json:"views"`
	Expires    int64         `json:"expires"` // seconds since 1970 UTC
	Meta       envelope.Meta `json:"meta"`
	Data       []byte        `json:"data"`
	Envelope   []byte        `json:"envelope"`
}

func main() {
	log.SetFlags(0)
	var jobs []job
	if err := json.NewDecoder(os.Stdin).Decode(&jobs); err != nil {
		log.Fatalf("interop: read jobs: %v", err)
	}
	for i := range jobs {
		if err := jobs[i].do(); err != nil {
			log.Fatalf("interop: job %d: %v", i, err)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(jobs); err != nil {
		log.Fatalf("interop: write results: %v", err)
	}
}

func (j *job) do() error {
	link, err := envelope.ParseLink(j.Link)
	if err != nil {
		return err
	}
	keys, err := link.Keys(j.Passphrase)
	if err != nil {
		return err
	}
	defer keys.Wipe()
	if j.Envelope == nil {
		return j.seal(keys)
	}
	return j.open(keys)
}

func (j *job) seal(keys *envelope.Keys) error {
	terms := envelope.Params{Views: j.Views, Expires: time.Unix(j.Expires, 0)}
	var sealed bytes.Buffer
	err := envelope.Seal(&sealed, rand.Reader, keys, terms, j.Meta, bytes.NewReader(j.Data), int64(len(j.Data)))
	j.Envelope = sealed.Bytes()
	return err
}

func (j *job) open(keys *envelope.Keys) error {
	r, err := envelope.Open(bytes.NewReader(j.Envelope), keys)
	if err != nil {
		return err
	}
	j.Views, j.Expires, j.Meta = r.Header().Views, r.Header().Expires.Unix(), r.Meta()
	j.Data, err = io.ReadAll(r)
	return err
}
