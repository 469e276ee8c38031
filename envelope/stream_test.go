package envelope_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/secretsharer/secretsharer/envelope"
	"github.com/secretsharer/secretsharer/envelope/header"
)

var text = envelope.Meta{Type: envelope.Text}

// TestMemoryDoesNotGrowWithTheSecret streams 1 MiB, then 64, from end to end.
func TestMemoryDoesNotGrowWithTheSecret(t *testing.T) {
	keys := keysOf(t, newLink(t), "")
	stream(t, keys, 1<<10) // so that later runs do not count one-time allocations
	_, allocations := stream(t, keys, 1<<20)
	memory, most := stream(t, keys, 64<<20)
	t.Logf("64 MiB: %d bytes in %d allocations; 1 MiB: %d allocations", memory, most, allocations)
	if memory > 256<<10 {
		t.Errorf("64 MiB took %d bytes of memory", memory)
	}
	if most > allocations+1000 { // of 4096 chunks more; the runtime allocates too
		t.Errorf("64 MiB took %d allocations, 1 MiB %d", most, allocations)
	}
}

func stream(t *testing.T, keys *envelope.Keys, size int64) (memory, allocations uint64) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	src, dst := io.Pipe()
	go func() {
		p := envelope.Params{Views: 1, Expires: expires}
		_ = dst.CloseWithError(envelope.Seal(dst, rand.Reader, keys, p, text, io.LimitReader(endless{}, size), size))
	}()
	r, err := envelope.Open(src, keys)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, r); err != nil || n != size {
		t.Fatalf("read %d of %d bytes: %v", n, size, err)
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, after.Mallocs - before.Mallocs
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestReadsOfAnySizeReturnTheSameData(t *testing.T) {
	keys, data := keysOf(t, newLink(t), ""), make([]byte, 100_000)
	_, _ = rand.Read(data)
	sealed := seal(t, keys, text, data)
	if err := iotest.TestReader(mustOpen(t, bytes.NewReader(sealed), keys), data); err != nil {
		t.Error(err)
	}
	for _, size := range []int{1, 100, 16383, 16384, 16385, 1 << 20} {
		r, buffer := mustOpen(t, iotest.HalfReader(bytes.NewReader(sealed)), keys), make([]byte, size)
		var got []byte
		var err error
		for err == nil {
			var n int
			n, err = r.Read(buffer)
			got = append(got, buffer[:n]...)
		}
		if !errors.Is(err, io.EOF) || !bytes.Equal(got, data) {
			t.Errorf("reads of %d bytes give other data", size)
		}
	}
}

// TestUnauthenticDataIsNeverReturned changes a byte of each chunk in turn.
func TestUnauthenticDataIsNeverReturned(t *testing.T) {
	keys, data := keysOf(t, newLink(t), ""), bytes.Repeat([]byte("0123456789"), 10_000)
	sealed := seal(t, keys, text, data)
	for at := 92 + 16400; at < len(sealed); at += 16400 {
		changed := bytes.Clone(sealed)
		changed[at] ^= 1
		for _, size := range []int{1000, 1 << 20} {
			r, err := envelope.Open(bytes.NewReader(changed), keys)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readBy(t, r, make([]byte, size))
			if !errors.Is(err, envelope.ErrChunk) || !bytes.HasPrefix(data, got) || len(got) > at {
				t.Errorf("byte %d: %d bytes, %v", at, len(got), err)
			}
			if _, again := r.Read(make([]byte, 10)); !errors.Is(again, envelope.ErrChunk) {
				t.Errorf("the error does not stay: %v", again)
			}
		}
	}
}

// readBy reads everything through buffer, which must never hold other bytes than the test's data.
func readBy(t *testing.T, r io.Reader, buffer []byte) (got []byte, err error) {
	t.Helper()
	for err == nil {
		var n int
		n, err = r.Read(buffer)
		got = append(got, buffer[:n]...)
		if len(bytes.Trim(buffer, "\x000123456789")) > 0 {
			t.Error("unauthentic bytes are in the caller's buffer")
		}
	}
	return got, err
}

func TestSealRefusesDataOfAnotherSize(t *testing.T) {
	keys, p := keysOf(t, newLink(t), ""), envelope.Params{Views: 1, Expires: expires}
	for _, size := range []int64{-1, 0, 9, 11, 20_000, 1 << 62} {
		err := envelope.Seal(io.Discard, rand.Reader, keys, p, text, strings.NewReader("0123456789"), size)
		if !errors.Is(err, envelope.ErrDataSize) {
			t.Errorf("10 bytes announced as %d: %v", size, err)
		}
	}
}

func TestHeaderNamesThePassphraseOfTheKeys(t *testing.T) {
	for _, passphrase := range []string{"", "secret"} {
		keys := keysOf(t, newLink(t), passphrase)
		r := mustOpen(t, bytes.NewReader(seal(t, keys, text, []byte("hello"))), keys)
		if r.Header().Passphrase != (passphrase != "") {
			t.Errorf("passphrase %q: header %+v", passphrase, r.Header())
		}
	}
}

func TestSealRefusesParamsAndMetaThatOpenWouldRefuse(t *testing.T) {
	keys := keysOf(t, newLink(t), "")
	for _, c := range []struct {
		field string
		p     envelope.Params
	}{
		{"views", envelope.Params{Views: 0, Expires: expires}},
		{"views", envelope.Params{Views: 101, Expires: expires}},
		{"expiry", envelope.Params{Views: 1, Expires: expires.Add(time.Hour)}},
		{"expiry", envelope.Params{Views: 1}},
	} {
		var sealed bytes.Buffer
		err := envelope.Seal(&sealed, rand.Reader, keys, c.p, text, strings.NewReader(""), 0)
		if field := (*header.FieldError)(nil); !errors.As(err, &field) || field.Field != c.field || sealed.Len() > 0 {
			t.Errorf("%+v: %v, want an error of %s", c.p, err, c.field)
		}
	}
	for _, m := range []envelope.Meta{{}, {Type: "link"}, {Type: envelope.Text, Name: "a"},
		{Type: envelope.File, Name: "\xff"}, {Type: envelope.File, Name: strings.Repeat("a", 5000)}} {
		err := envelope.Seal(io.Discard, rand.Reader, keys, envelope.Params{Views: 1, Expires: expires}, m, strings.NewReader(""), 0)
		if most := envelope.MaxData(m, 1<<20); !errors.Is(err, envelope.ErrMeta) || most >= 0 {
			t.Errorf("%.40v: %v, %d bytes fit", m, err, most)
		}
	}
}

func TestStreamErrorsAreReturned(t *testing.T) {
	keys, p, broken := keysOf(t, newLink(t), ""), envelope.Params{Views: 1, Expires: expires}, errors.New("broken")
	data := strings.Repeat("x", 50_000)
	size := int64(len(data))
	for n := range 5 {
		failing := &failAfter{left: n * 16400, err: broken}
		if err := envelope.Seal(failing, rand.Reader, keys, p, text, strings.NewReader(data), size); (n < 4) != errors.Is(err, broken) {
			t.Errorf("writing fails after %d bytes: %v", n*16400, err)
		}
	}
	src := io.MultiReader(strings.NewReader(data[:20_000]), iotest.ErrReader(broken))
	if err := envelope.Seal(io.Discard, rand.Reader, keys, p, text, src, size); !errors.Is(err, broken) {
		t.Errorf("reading the data fails: %v", err)
	}
	if err := envelope.Seal(io.Discard, iotest.ErrReader(broken), keys, p, text, src, size); !errors.Is(err, broken) {
		t.Errorf("there is no randomness: %v", err)
	}
	sealed := seal(t, keys, text, []byte(data))
	for _, at := range []int{0, 10, 36, 50, 92, 93, 92 + 16400, 40_000} {
		src := io.MultiReader(bytes.NewReader(sealed[:at]), iotest.ErrReader(broken))
		r, err := envelope.Open(src, keys)
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if !errors.Is(err, broken) {
			t.Errorf("reading fails after %d bytes: %v", at, err)
		}
	}
}

type failAfter struct {
	left int
	err  error
}

func (f *failAfter) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, f.err
	}
	return len(p), nil
}

func TestMaxDataFitsAndOneByteMoreDoesNot(t *testing.T) {
	file := envelope.Meta{Type: envelope.File, Name: "key.pem"}
	keys := keysOf(t, newLink(t), "")
	for _, limit := range []int{363, 364, 365, 1000, 16_500, 921_600, 16 << 20} {
		for _, m := range []envelope.Meta{text, file} {
			most := envelope.MaxData(m, int64(limit))
			fits, beyond := len(seal(t, keys, m, make([]byte, max(most, 0)))), len(seal(t, keys, m, make([]byte, most+1)))
			if (most >= 0) != (fits <= limit) || beyond <= limit {
				t.Errorf("MaxData(%d) = %d, which takes %d, one more %d", limit, most, fits, beyond)
			}
		}
	}
	if most := envelope.MaxData(text, 921_600); most != 917_477 {
		t.Errorf("917477 bytes of text fit into 921600, not %d", most)
	}
}

func TestPassphraseMustBeUTF8(t *testing.T) {
	if _, err := newLink(t).Keys("\xff"); !errors.Is(err, envelope.ErrPassphrase) {
		t.Errorf("got %v", err)
	}
}

func TestWipedKeysOpenNothing(t *testing.T) {
	keys := keysOf(t, newLink(t), "")
	sealed := seal(t, keys, text, []byte("hello"))
	keys.Wipe()
	if *keys != (envelope.Keys{}) {
		t.Error("Wipe left key bytes")
	}
	if _, err := envelope.Open(bytes.NewReader(sealed), keys); err == nil {
		t.Error("wiped keys opened the envelope")
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	keys := keysOf(t, newLink(t), "")
	want := "keys of " + keys.ID.String()[:8] + "…"
	for _, printed := range []string{fmt.Sprint(keys), fmt.Sprintf("%+v", *keys), fmt.Sprintf("%s", struct{ K any }{keys})} {
		if strings.Trim(printed, "{}") != want {
			t.Errorf("keys are printed as %s", printed)
		}
	}
}

func TestNewLinkRefusesABadOriginOrExpiry(t *testing.T) {
	for _, bad := range []string{"", "secrets.example", "https://", "https://secrets.example/", "https://a b", "https://secrets.example/s", "https://u@secrets.example"} {
		if _, err := envelope.NewLink(rand.Reader, bad, expires); !errors.Is(err, envelope.ErrLink) {
			t.Errorf("%q: %v", bad, err)
		}
		if _, err := envelope.NewManageLink(rand.Reader, bad, [20]byte{}); !errors.Is(err, envelope.ErrLink) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, never := range []time.Time{{}, time.Unix(-1, 0), time.Unix(600<<32, 0)} {
		if _, err := envelope.NewLink(rand.Reader, origin, never); err == nil {
			t.Errorf("a link that expires at %v was made", never)
		}
	}
}

func mustOpen(t *testing.T, src io.Reader, keys *envelope.Keys) *envelope.Reader {
	t.Helper()
	r, err := envelope.Open(src, keys)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
