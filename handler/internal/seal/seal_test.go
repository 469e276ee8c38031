package seal_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/seal/keyring"
	"github.com/secretsharer/secretsharer/handler/internal/seal/sealtest"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

func TestEnvelopeOpens(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		sealer := seal.New(k, rand.Reader)
		for _, size := range []int{0, 1, 364, 1 << 20} {
			envelope := bytes.Repeat([]byte{'e'}, size)
			sealed, err := sealer.Seal(t.Context(), sealtest.Week, envelope, []byte("row"))
			must(t, err)
			if len(sealed.Envelope) != size+28 || size > 16 && bytes.Contains(sealed.Envelope, envelope) {
				t.Errorf("%d bytes sealed in %d", size, len(sealed.Envelope))
			}
			got, err := sealer.Open(t.Context(), &sealed, []byte("row"))
			if err != nil || !bytes.Equal(got, envelope) {
				t.Errorf("opened %d of %d bytes: %v", len(got), size, err)
			}
		}
	})
}

func TestEveryEnvelopeHasItsOwnDataKey(t *testing.T) {
	sealer := seal.New(directory(t), rand.Reader)
	a, err := sealer.Seal(t.Context(), sealtest.Week, []byte("same"), nil)
	must(t, err)
	b, err := sealer.Seal(t.Context(), sealtest.Week, []byte("same"), nil)
	must(t, err)
	if bytes.Equal(a.Wrapped, b.Wrapped) || bytes.Equal(a.Envelope, b.Envelope) {
		t.Error("two envelopes were sealed the same")
	}
	a.Wrapped = b.Wrapped
	if _, err := sealer.Open(t.Context(), &a, nil); !errors.Is(err, seal.ErrSealed) {
		t.Errorf("opened with the data key of another: %v", err)
	}
}

func TestAlteredEnvelopeDoesNotOpen(t *testing.T) {
	sealer := seal.New(directory(t), rand.Reader)
	associated := []byte("id, header, hashes")
	sealed, err := sealer.Seal(t.Context(), sealtest.Week, []byte("envelope"), associated)
	must(t, err)
	refused := func(what string, s secret.Sealed, associated []byte) {
		t.Helper()
		if got, err := sealer.Open(t.Context(), &s, associated); got != nil || !errors.Is(err, seal.ErrSealed) {
			t.Errorf("%s: opened as %q: %v", what, got, err)
		}
	}
	flip := func(b []byte, bit int) []byte {
		b = slices.Clone(b)
		b[bit/8] ^= 1 << (bit % 8)
		return b
	}
	for bit := range 8 * len(sealed.Envelope) {
		refused(fmt.Sprintf("bit %d of the envelope", bit), secret.Sealed{Key: sealed.Key, Wrapped: sealed.Wrapped, Envelope: flip(sealed.Envelope, bit)}, associated)
	}
	for bit := range 8 * len(sealed.Wrapped) {
		refused(fmt.Sprintf("bit %d of the wrapped key", bit), secret.Sealed{Key: sealed.Key, Wrapped: flip(sealed.Wrapped, bit), Envelope: sealed.Envelope}, associated)
	}
	for bit := range 8 * len(associated) {
		refused(fmt.Sprintf("bit %d of the associated data", bit), sealed, flip(associated, bit))
	}
	for n := range sealed.Envelope {
		refused(fmt.Sprintf("%d bytes", n), secret.Sealed{Key: sealed.Key, Wrapped: sealed.Wrapped, Envelope: sealed.Envelope[:n]}, associated)
	}
	refused("no associated data", sealed, nil)
}

func TestNothingIsSealedWithoutRandomness(t *testing.T) {
	local := directory(t)
	must(t, local.Make(t.Context(), sealtest.Week))
	broken := iotest.ErrReader(errors.New("no entropy"))
	if _, err := seal.New(local, broken).Seal(t.Context(), sealtest.Week, []byte("envelope"), nil); err == nil {
		t.Error("sealed")
	}
	k, err := keyring.Open(filepath.Join(t.TempDir(), "keyring"), owned.Private, broken)
	must(t, err)
	if err := k.Prepare(); err == nil {
		t.Error("made an id")
	}
	if err := k.Make(t.Context(), sealtest.Week); err == nil {
		t.Error("made a key")
	}
	sealtest.WantKeys(t, k)
}

func BenchmarkSealAndOpen(b *testing.B) {
	local, err := keyring.Open(filepath.Join(b.TempDir(), "keyring"), owned.Private, rand.Reader)
	must(b, err)
	must(b, local.Prepare())
	sealer := seal.New(local, rand.Reader)
	for _, size := range []int{1 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			envelope := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				sealed, err := sealer.Seal(b.Context(), sealtest.Week, envelope, nil)
				must(b, err)
				_, err = sealer.Open(b.Context(), &sealed, nil)
				must(b, err)
			}
		})
	}
}
