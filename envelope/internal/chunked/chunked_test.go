package chunked

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

var (
	key     = bytes.Repeat([]byte("k"), KeySize)
	context = []byte("context")
)

// TestSizeOfWritesAndReadsDoesNotMatter writes and reads messages in pieces of several sizes.
func TestSizeOfWritesAndReadsDoesNotMatter(t *testing.T) {
	for _, size := range []int{0, 1, ChunkSize - 1, ChunkSize, ChunkSize + 1, 3 * ChunkSize, 100_000} {
		plain := make([]byte, size)
		_, _ = rand.Read(plain)
		var whole bytes.Buffer
		w := newWriter(t, &whole)
		if n, err := w.ReadFrom(iotest.DataErrReader(bytes.NewReader(plain))); err != nil || n != int64(size) {
			t.Fatal(n, err)
		}
		closeWriter(t, w)
		if want := SaltSize + CommitmentSize + size + TagSize*(size/ChunkSize+1); whole.Len() != want {
			t.Errorf("%d bytes became %d, want %d", size, whole.Len(), want)
		}
		for _, piece := range []int{7, ChunkSize, ChunkSize + 1, 2*ChunkSize + 5, 1 << 20} {
			var pieces bytes.Buffer
			w := newWriter(t, &pieces)
			for rest := plain; len(rest) > 0; {
				n, err := w.Write(rest[:min(piece, len(rest))])
				if err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			closeWriter(t, w)
			if !bytes.Equal(pieces.Bytes(), whole.Bytes()) {
				t.Errorf("%d bytes written %d at a time give another message", size, piece)
			}
		}
		r, err := NewReader(&whole, key, context)
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(r, plain); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestClosedWriterRefusesMore(t *testing.T) {
	w := newWriter(t, io.Discard)
	closeWriter(t, w)
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("a closed message was continued")
	}
	if err := w.Close(); err == nil {
		t.Error("a closed message was closed again")
	}
}

func TestWriterRefusesMoreThan2To38Chunks(t *testing.T) {
	w := newWriter(t, io.Discard)
	w.sealer.count = maxChunks - 1
	if _, err := w.Write(make([]byte, ChunkSize)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); !errors.Is(err, errTooLong) {
		t.Errorf("chunk number 2^38 was sealed: %v", err)
	}
}

func TestBuffersKeepNoPlaintext(t *testing.T) {
	var message bytes.Buffer
	w := newWriter(t, &message)
	if _, err := io.WriteString(w, "plaintext"); err != nil {
		t.Fatal(err)
	}
	closeWriter(t, w)
	if bytes.Contains(w.buffer[:cap(w.buffer)], []byte("plain")) {
		t.Error("the writer's buffer has plaintext")
	}
	r, err := NewReader(&message, key, context)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r.buffer, make([]byte, len(r.buffer))) {
		t.Error("the reader's buffer has plaintext")
	}
}

func TestKeyMustHave32Bytes(t *testing.T) {
	for _, size := range []int{0, 16, 31, 33, 64} {
		if _, err := NewWriter(io.Discard, make([]byte, size), nil, [SaltSize]byte{}); err == nil {
			t.Errorf("a key of %d bytes was accepted", size)
		}
	}
}

func newWriter(t *testing.T, dst io.Writer) *Writer {
	t.Helper()
	w, err := NewWriter(dst, key, context, [SaltSize]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func closeWriter(t *testing.T, w *Writer) {
	t.Helper()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
