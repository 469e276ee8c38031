package envelope_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope"
)

const (
	benchSize   = 1 << 20
	benchRounds = 50 // in one iteration, so that even one has a median
)

// BenchmarkSealOpen seals and opens 1 MiB, and in turn the same with AES-256-GCM alone
// in one call. It reports the ratio of the medians.
func BenchmarkSealOpen(b *testing.B) {
	keys := keysOf(b, newLink(b), "")
	data := make([]byte, benchSize)
	_, _ = rand.Read(data)
	sealed := make([]byte, 0, 2*benchSize)
	opened := make([]byte, benchSize)
	raw := newRawGCM(b, data)

	var ours, theirs timings
	for b.Loop() {
		for range benchRounds {
			theirs.measure(func() { raw.sealOpen(b) })
			ours.measure(func() { sealed = sealOpen(b, keys, data, sealed[:0], opened) })
		}
	}
	b.ReportMetric(float64(ours.median())/float64(theirs.median()), "times-raw-gcm")
	b.ReportMetric(float64(ours.median().Microseconds()), "µs-sealopen")
}

func sealOpen(b *testing.B, keys *envelope.Keys, data, sealed, opened []byte) []byte {
	dst := bytes.NewBuffer(sealed)
	p := envelope.Params{Views: 1, Expires: expires}
	m := envelope.Meta{Type: envelope.Text}
	if err := envelope.Seal(dst, rand.Reader, keys, p, m, bytes.NewReader(data), benchSize); err != nil {
		b.Fatal(err)
	}
	sealed = dst.Bytes()
	r, err := envelope.Open(dst, keys)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.ReadFull(r, opened); err != nil {
		b.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		b.Fatal(err)
	}
	return sealed
}

// BenchmarkKeys measures key derivation with and without a passphrase.
func BenchmarkKeys(b *testing.B) {
	link := newLink(b)
	for name, passphrase := range map[string]string{"link": "", "passphrase": "correct horse"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				keysOf(b, link, passphrase)
			}
		})
	}
}

// rawGCM is the lower bound: AES-256-GCM without any format.
type rawGCM struct {
	aead   cipher.AEAD
	data   []byte
	sealed []byte
}

func newRawGCM(b *testing.B, data []byte) *rawGCM {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	return &rawGCM{aead: aead, data: data, sealed: make([]byte, 0, len(data)+aead.Overhead())}
}

func (r *rawGCM) sealOpen(b *testing.B) {
	nonce := make([]byte, 12)
	sealed := r.aead.Seal(r.sealed[:0], nonce, r.data, nil)
	if _, err := r.aead.Open(sealed[:0], nonce, sealed, nil); err != nil {
		b.Fatal(err)
	}
}

// timings are the durations of one operation.
type timings []time.Duration

func (t *timings) measure(f func()) {
	start := time.Now()
	f()
	*t = append(*t, time.Since(start))
}

func (t timings) median() time.Duration {
	slices.Sort(t)
	return t[len(t)/2]
}
