package chunked

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Writer seals the bytes written to it. Without a Close the message is truncated, and
// a reader refuses it.
type Writer struct {
	dst    io.Writer
	sealer *sealer
	buffer []byte // plaintext of the current chunk, with room for its tag
	err    error
}

// NewWriter writes salt and commitment to dst. The key is 32 uniformly random bytes.
// Never use a key twice with the same salt. context is authenticated, but not written.
func NewWriter(dst io.Writer, key, context []byte, salt [SaltSize]byte) (*Writer, error) {
	s, err := newSealer(key, context, salt)
	if err != nil {
		return nil, err
	}
	if _, err := dst.Write(append(salt[:], s.commitment[:]...)); err != nil {
		return nil, fmt.Errorf("write commitment: %w", err)
	}
	return &Writer{dst: dst, sealer: s, buffer: make([]byte, 0, ChunkSize+TagSize)}, nil
}

// Write seals p and writes every full chunk to the destination.
func (w *Writer) Write(p []byte) (int, error) {
	n, err := w.ReadFrom(bytes.NewReader(p))
	return int(n), err
}

// ReadFrom seals src up to its end, without an intermediate copy.
func (w *Writer) ReadFrom(src io.Reader) (int64, error) {
	total := int64(0)
	for w.err == nil {
		n, err := src.Read(w.buffer[len(w.buffer):ChunkSize])
		w.buffer = w.buffer[:len(w.buffer)+n]
		total += int64(n)
		if len(w.buffer) == ChunkSize {
			w.flush()
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return total, err
		}
	}
	return total, w.err
}

// Close seals the last chunk. It does not close the destination.
func (w *Writer) Close() error {
	if w.err == nil {
		w.flush()
	}
	if w.err != nil {
		return w.err
	}
	w.err = errors.New("the message is closed")
	return nil
}

// flush seals in place, so that no plaintext stays in the buffer.
func (w *Writer) flush() {
	nonce, err := w.sealer.next()
	if err != nil {
		w.err = err
		return
	}
	if _, err := w.dst.Write(w.sealer.aead.Seal(w.buffer[:0], nonce, w.buffer, nil)); err != nil {
		w.err = fmt.Errorf("write chunk: %w", err)
	}
	w.buffer = w.buffer[:0]
}
