package envelope_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	mrand "math/rand/v2"
	"testing"
	"testing/iotest"
	"time"

	"github.com/secretsharer/secretsharer/envelope"
	"github.com/secretsharer/secretsharer/envelope/header"
)

const origin = "https://secrets.example"

var expires = time.Unix(1_800_000_123, 0).UTC()

func newLink(t testing.TB) envelope.Link {
	t.Helper()
	link, err := envelope.NewLink(rand.Reader, origin, expires)
	if err != nil {
		t.Fatal(err)
	}
	return link
}

func keysOf(t testing.TB, link envelope.Link, passphrase string) *envelope.Keys {
	t.Helper()
	keys, err := link.Keys(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func seal(t testing.TB, k *envelope.Keys, m envelope.Meta, data []byte) []byte {
	t.Helper()
	var sealed bytes.Buffer
	p := envelope.Params{Views: 1, Expires: expires}
	if err := envelope.Seal(&sealed, rand.Reader, k, p, m, bytes.NewReader(data), int64(len(data))); err != nil {
		t.Fatal(err)
	}
	return sealed.Bytes()
}

func TestOpenReturnsTheSealedData(t *testing.T) {
	random := mrand.New(mrand.NewPCG(1, 2))
	file := envelope.Meta{Type: envelope.File, Name: "schlüssel <1>.pem", Media: "application/x-pem-file"}
	for i := range 200 {
		data := make([]byte, random.IntN(1<<random.IntN(18)))
		_, _ = rand.Read(data)
		m := []envelope.Meta{{Type: envelope.Text}, file}[i%2]
		keys := keysOf(t, newLink(t), "")
		sealed := seal(t, keys, m, data)

		if most, less := envelope.MaxData(m, int64(len(sealed))), envelope.MaxData(m, int64(len(sealed))-1); most < int64(len(data)) || less >= int64(len(data)) {
			t.Fatalf("%d bytes became %d, into which %d fit, and %d into one byte less", len(data), len(sealed), most, less)
		}
		if err := header.CheckSize(int64(len(sealed))); err != nil {
			t.Fatal(err)
		}
		var src io.Reader = bytes.NewReader(sealed)
		if i%8 == 0 {
			src = iotest.OneByteReader(src)
		}
		r, err := envelope.Open(iotest.DataErrReader(src), keys)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, data) || r.Meta() != m || r.Size() != int64(len(data)) {
			t.Fatalf("%d bytes, %v: got %d bytes, %v, %v", len(data), m, len(got), r.Meta(), err)
		}
		if h := r.Header(); h.ID != keys.ID || h.Views != 1 || !h.Expires.Equal(expires) || h.Passphrase {
			t.Fatalf("header %+v", h)
		}
	}
}

func TestParsedLinkEqualsItsOriginal(t *testing.T) {
	link := newLink(t)
	got, err := envelope.ParseLink(link.String())
	if err != nil || got != link {
		t.Errorf("got %v, %v", got, err)
	}
	manage, err := envelope.NewManageLink(rand.Reader, origin, link.ID())
	if err != nil {
		t.Fatal(err)
	}
	back, err := envelope.ParseManageLink(manage.String())
	if err != nil || back != manage {
		t.Errorf("got %v, %v", back, err)
	}
	if _, err := envelope.ParseLink(manage.String()); !errors.Is(err, envelope.ErrLink) {
		t.Errorf("a manage link was read as a link: %v", err)
	}
}
