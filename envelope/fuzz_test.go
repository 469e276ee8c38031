package envelope

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/envelope/internal/chunked"
)

func FuzzParseLink(f *testing.F) {
	for _, v := range loadVectors(f).Links {
		f.Add(v.Input)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseLink(s)
		if err != nil {
			wantLinkError(t, err)
			return
		}
		if again, err := ParseLink(l.String()); err != nil || again != l {
			t.Errorf("%q parses, but its own text does not: %v", s, err)
		}
	})
}

func FuzzParseManageLink(f *testing.F) {
	for _, v := range loadVectors(f).Links {
		f.Add(v.Input)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseManageLink(s)
		if err != nil {
			wantLinkError(t, err)
			return
		}
		if again, err := ParseManageLink(m.String()); err != nil || again != m {
			t.Errorf("%q parses, but its own text does not: %v", s, err)
		}
	})
}

func wantLinkError(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, ErrLink) || slug(err) == "unknown" {
		t.Errorf("%v is not an error of links", err)
	}
}

// FuzzOpen opens any bytes. They are hardly ever authentic, so it also opens any bytes
// after sealing them.
func FuzzOpen(f *testing.F) {
	keys, err := vectorLink("content").Keys("")
	if err != nil {
		f.Fatal(err)
	}
	head := header.Header{Views: 1, Expires: vectorTime, ID: keys.ID}.Bytes()
	for _, v := range loadVectors(f).Envelopes {
		if v.Envelope == nil {
			continue
		}
		f.Add([]byte(v.Envelope), false)
		if r, err := chunked.NewReader(bytes.NewReader(v.Envelope[header.Size:]), keys.enc[:], head[:]); err == nil {
			if plain, err := io.ReadAll(r); err == nil {
				f.Add(plain, true)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, sealed bool) {
		if sealed {
			b = sealAny(t, keys, head, b)
		}
		r, err := Open(bytes.NewReader(b), keys)
		if err != nil {
			wantOpenError(t, err)
			return
		}
		data, err := io.ReadAll(r)
		if err != nil {
			wantOpenError(t, err)
			return
		}
		if !sealed && string(b[:header.Size]) != string(head[:]) {
			t.Error("an envelope with another header was opened")
		}
		if int64(len(data)) != r.Size() || header.CheckSize(int64(len(b))) != nil || r.Meta().check() != nil {
			t.Errorf("%d of %d bytes, an envelope of %d, %+v", len(data), r.Size(), len(b), r.Meta())
		}
	})
}

func wantOpenError(t *testing.T, err error) {
	t.Helper()
	if slug(err) == "unknown" {
		t.Errorf("%v is not an error of envelopes", err)
	}
}

func sealAny(t *testing.T, k *Keys, head [header.Size]byte, plain []byte) []byte {
	t.Helper()
	sealed := bytes.NewBuffer(head[:])
	w, err := chunked.NewWriter(sealed, k.enc[:], head[:], [chunked.SaltSize]byte{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return sealed.Bytes()
}
