//go:build e2e

package envelope_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/envelope"
)

var interopCases = []struct {
	size       int
	passphrase string
	meta       envelope.Meta
}{
	{0, "", envelope.Meta{Type: envelope.Text}},
	{229, "", envelope.Meta{Type: envelope.Text}},
	{16357, "Zoe\u0308", envelope.Meta{Type: envelope.Text}},
	{40000, "Zoë", envelope.Meta{Type: envelope.File, Name: "schlüssel <1>.pem", Media: "text/plain"}},
	{917477, "", envelope.Meta{Type: envelope.Text}},
}

// TestPythonOpensGoEnvelopes uses implementations that share nothing with ours.
func TestPythonOpensGoEnvelopes(t *testing.T) {
	for _, c := range interopCases {
		link, data := newLink(t), random(c.size)
		var sealed bytes.Buffer
		p := envelope.Params{Views: 7, Expires: expires}
		if err := envelope.Seal(&sealed, rand.Reader, keysOf(t, link, c.passphrase), p, c.meta, bytes.NewReader(data), int64(c.size)); err != nil {
			t.Fatal(err)
		}
		got, stderr := python(t, sealed.Bytes(), "open", link.String(), c.passphrase)
		var meta envelope.Meta
		if err := json.Unmarshal([]byte(stderr), &meta); err != nil || meta != c.meta || !bytes.Equal(got, data) {
			t.Errorf("%d bytes: Python read %d, %s", c.size, len(got), stderr)
		}
	}
}

func TestGoOpensPythonEnvelopes(t *testing.T) {
	for _, c := range interopCases {
		link, data := newLink(t), random(c.size)
		meta, err := json.Marshal(c.meta)
		if err != nil {
			t.Fatal(err)
		}
		sealed, _ := python(t, data, "seal", link.String(), "7", strconv.FormatInt(expires.Unix(), 10), string(meta), c.passphrase)
		r, err := envelope.Open(bytes.NewReader(sealed), keysOf(t, link, c.passphrase))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, data) || r.Meta() != c.meta || r.Header().Views != 7 {
			t.Errorf("%d bytes: read %d, %v, %v", c.size, len(got), r.Meta(), err)
		}
		if ours := seal(t, keysOf(t, link, c.passphrase), c.meta, data); c.passphrase == "" && len(ours) != len(sealed) {
			t.Errorf("%d bytes: Python's envelope has %d, ours %d", c.size, len(sealed), len(ours))
		}
	}
}

func TestPythonDerivesTheSameKeys(t *testing.T) {
	for _, passphrase := range []string{"", "Zoe\u0308 \ufb01", "\U0001d11e" + strings.Repeat("long ", 100)} {
		link := newLink(t)
		k := keysOf(t, link, passphrase)
		got, _ := python(t, nil, "keys", link.String(), passphrase)
		want := fmt.Sprintf("%x %x %x ", k.ID[:], k.Access, k.Claim)
		if enc, ok := strings.CutPrefix(string(got), want); !ok || len(strings.TrimSpace(enc)) != hex.EncodedLen(32) {
			t.Errorf("passphrase %q: Python derives other keys", passphrase)
		}
	}
}

func python(t *testing.T, stdin []byte, args ...string) ([]byte, string) {
	t.Helper()
	interpreter := os.Getenv("PYTHON")
	if interpreter == "" {
		t.Fatal("PYTHON names no interpreter with the packages of testdata/requirements.txt")
	}
	cmd := exec.CommandContext(t.Context(), interpreter, append([]string{"testdata/interop.py"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	return stdout.Bytes(), stderr.String()
}

func random(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.Read(b)
	return b
}
