package chunked_test

import (
	"bytes"
	"compress/zlib"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"testing"

	"github.com/secretsharer/secretsharer/envelope/internal/chunked"
)

type publicVector struct {
	ID         int      `json:"id"`
	Key        string   `json:"key"`
	Context    string   `json:"context"`
	Ciphertext string   `json:"ciphertext"`
	Length     *int64   `json:"length"`
	SHA512     *string  `json:"sha512"`
	Valid      bool     `json:"valid"`
	Flags      []string `json:"flags"`
}

// TestPublicVectorsHold runs the vectors that the construction was published with,
// from the file that COBBLESTONE_VECTORS names; they are not part of this tree.
func TestPublicVectorsHold(t *testing.T) {
	path := os.Getenv("COBBLESTONE_VECTORS")
	if path == "" {
		t.Log("COBBLESTONE_VECTORS names no file: nothing to run")
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Tests []publicVector }
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Tests) < 30 {
		t.Fatalf("only %d vectors", len(file.Tests))
	}
	for _, v := range file.Tests {
		check(t, v)
	}
	t.Logf("%d vectors", len(file.Tests))
}

func check(t *testing.T, v publicVector) {
	t.Helper()
	key, context, message := unhex(t, v.Key), unhex(t, v.Context), inflate(t, v.Ciphertext)
	var plain []byte
	r, err := chunked.NewReader(bytes.NewReader(message), key, context)
	if err == nil {
		plain, err = io.ReadAll(r)
	}
	if (err == nil) != v.Valid {
		t.Errorf("vector %d (%v): %v, want valid: %t", v.ID, v.Flags, err, v.Valid)
	}
	if sum := sha512.Sum512(plain); v.SHA512 != nil && (int64(len(plain)) != *v.Length || hex.EncodeToString(sum[:]) != *v.SHA512) {
		t.Errorf("vector %d (%v): %d bytes were handed out, want %d", v.ID, v.Flags, len(plain), *v.Length)
	}
	if v.SHA512 == nil && len(plain) > 0 {
		t.Errorf("vector %d (%v): %d bytes were handed out, want none", v.ID, v.Flags, len(plain))
	}
	if !v.Valid {
		return
	}
	if again := sealed(t, key, context, message[:chunked.SaltSize], plain); !bytes.Equal(again, message) {
		t.Errorf("vector %d: sealing gives other bytes", v.ID)
	}
}

func sealed(t *testing.T, key, context, salt, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := chunked.NewWriter(&b, key, context, [chunked.SaltSize]byte(salt))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func inflate(t *testing.T, s string) []byte {
	t.Helper()
	r, err := zlib.NewReader(bytes.NewReader(unhex(t, s)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
