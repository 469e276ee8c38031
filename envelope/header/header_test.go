package header_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
)

var valid = header.Header{Passphrase: true, Views: 7, Expires: time.Unix(1_800_000_123, 0).UTC(), ID: header.ID{0, 0x2d, 0xc6, 0xc0, 19: 9}}

func TestParseReadsWhatBytesWrites(t *testing.T) {
	b := valid.Bytes()
	for _, input := range [][]byte{b[:], append(b[:], "salt and more"...)} {
		if got, err := header.Parse(input); err != nil || got != valid {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	if valid.ID.Slot() != 3_000_000 {
		t.Errorf("slot %d", valid.ID.Slot())
	}
}

func TestParseRefusesAShortHeader(t *testing.T) {
	b := valid.Bytes()
	for n := range header.Size {
		wantField(t, parseError(b[:n]), "envelope")
	}
}

// TestUnrepresentableFieldsAreRefused checks that no value wraps around into a valid one.
func TestUnrepresentableFieldsAreRefused(t *testing.T) {
	for _, c := range []struct {
		field string
		edit  func(*header.Header)
	}{
		{"views", func(h *header.Header) { h.Views = 0 }},
		{"views", func(h *header.Header) { h.Views = -1 }},
		{"views", func(h *header.Header) { h.Views = 101 }},
		{"views", func(h *header.Header) { h.Views = 256 + 1 }},
		{"views", func(h *header.Header) { h.Views = math.MinInt + 1 }},
		{"expiry", func(h *header.Header) { h.Expires = time.Time{} }},
		{"expiry", func(h *header.Header) { h.Expires = h.Expires.Add(10 * time.Minute) }},
		{"expiry", func(h *header.Header) { h.ID[0] = 1 }},
	} {
		h := valid
		c.edit(&h)
		b := h.Bytes()
		wantField(t, parseError(b[:]), c.field)
	}
}

func TestEveryPaddedLengthIsAccepted(t *testing.T) {
	for range 10_000 {
		n := rand.Int64N(1 << rand.IntN(50))
		padded, sealed := header.Padme(n), header.SealedSize(n)
		if padded < n || padded < 256 || header.Padme(padded) != padded || float64(padded) > max(256, 1.12*float64(n)) {
			t.Fatalf("Padme(%d) = %d", n, padded)
		}
		if err := header.CheckSize(sealed); err != nil {
			t.Fatalf("%d bytes become %d: %v", n, sealed, err)
		}
	}
}

// TestNoOtherLengthIsAccepted compares with the lengths one by one.
func TestNoOtherLengthIsAccepted(t *testing.T) {
	const limit = 1 << 20
	possible := map[int64]bool{}
	for n := int64(0); n < limit; n++ {
		possible[header.SealedSize(n)] = true
	}
	accepted := 0
	for n := int64(-200); n < limit; n++ {
		err := header.CheckSize(n)
		if (err == nil) != possible[n] {
			t.Fatalf("CheckSize(%d) = %v", n, err)
		}
		if err == nil {
			accepted++
		} else {
			wantField(t, err, "envelope")
		}
	}
	for n := range int64(100_000) {
		wantField(t, header.CheckSize(math.MinInt64+n), "envelope")
		wantField(t, header.CheckSize(math.MaxInt64-n), "envelope")
	}
	t.Logf("%d lengths up to 1 MiB", accepted)
}

func FuzzHeader(f *testing.F) {
	b := valid.Bytes()
	f.Add(b[:])
	f.Add(b[:35])
	for i := range b {
		changed := valid.Bytes()
		changed[i] ^= 1
		f.Add(changed[:])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := header.Parse(b)
		if err != nil {
			if field := (*header.FieldError)(nil); !errors.As(err, &field) || field.Field == "" || field.Reason == "" {
				t.Errorf("%v is no FieldError", err)
			}
			return
		}
		if again := h.Bytes(); string(again[:]) != string(b[:header.Size]) {
			t.Errorf("%x is read, and written as %x", b[:header.Size], again)
		}
		if h.Views < 1 || h.Views > header.MaxViews || header.SlotOf(h.Expires) != h.ID.Slot() {
			t.Errorf("%+v was accepted", h)
		}
	})
}

func parseError(b []byte) error {
	_, err := header.Parse(b)
	return err
}

func wantField(t *testing.T, err error, field string) {
	t.Helper()
	got := (*header.FieldError)(nil)
	if !errors.As(err, &got) || got.Field != field {
		t.Errorf("got %v, want an error of the field %s", err, field)
	}
}
