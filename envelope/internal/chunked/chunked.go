// Package chunked is the C2SP chunked-encryption construction in the instantiation
// that its specification calls Cobblestone-256: HKDF-Expand with SHA-512 and
// AEAD_AES_256_GCM (c2sp.org/chunked-encryption). A message is cut into chunks of
// 16 KiB, of which the last is always shorter and may be empty. Each is sealed on its
// own. A salt and a commitment to the key precede them.
//
// It knows nothing about envelopes, so another implementation of the construction can
// replace it. A Writer or Reader holds one chunk and is for one goroutine.
package chunked

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The construction's sizes, in bytes.
const (
	KeySize        = 32
	SaltSize       = 24
	CommitmentSize = 32
	ChunkSize      = 16 << 10
	TagSize        = 16
)

const (
	label     = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"
	nonceSize = 12
	maxChunks = 1 << 38
)

// Errors of a Reader.
var (
	ErrCommitment = errors.New("the commitment does not match key and context")
	ErrChunk      = errors.New("a chunk is not authentic")
	ErrTruncated  = errors.New("the message is truncated")
)

var errTooLong = errors.New("the message has more than 2^38 chunks")

// sealer holds the keys of one message.
type sealer struct {
	aead       cipher.AEAD
	base       [nonceSize]byte
	nonce      [nonceSize]byte
	commitment [CommitmentSize]byte
	count      uint64
}

func newSealer(key, context []byte, salt [SaltSize]byte) (*sealer, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("input key: %d bytes, want %d", len(key), KeySize)
	}
	derived, err := hkdf.Expand(sha512.New, key, label+string(salt[:])+string(context), KeySize+nonceSize+CommitmentSize)
	if err != nil {
		return nil, fmt.Errorf("derive keys: %w", err)
	}
	defer clear(derived)
	block, err := aes.NewCipher(derived[:KeySize])
	if err != nil {
		return nil, fmt.Errorf("cipher: %w", err)
	}
	s := &sealer{base: [nonceSize]byte(derived[KeySize:]), commitment: [CommitmentSize]byte(derived[KeySize+nonceSize:])}
	if s.aead, err = cipher.NewGCM(block); err != nil {
		return nil, fmt.Errorf("cipher: %w", err)
	}
	return s, nil
}

// next returns the nonce of the next chunk: the base nonce XOR the chunk's number.
func (s *sealer) next() ([]byte, error) {
	if s.count >= maxChunks {
		return nil, errTooLong
	}
	s.nonce = s.base
	low := s.nonce[nonceSize-8:]
	binary.BigEndian.PutUint64(low, binary.BigEndian.Uint64(low)^s.count)
	s.count++
	return s.nonce[:], nil
}

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

// Reader opens a message. It returns no byte of a chunk before it has authenticated
// the whole chunk, and [io.EOF] only after the last one.
type Reader struct {
	src    io.Reader
	sealer *sealer
	buffer []byte // one sealed chunk
	plain  []byte // the unread rest of it, opened in place
	err    error
}

// NewReader reads salt and commitment from src and checks that key and context are
// those of the message. Errors are [ErrCommitment], [ErrTruncated] and those of src.
func NewReader(src io.Reader, key, context []byte) (*Reader, error) {
	var prefix [SaltSize + CommitmentSize]byte
	if _, err := io.ReadFull(src, prefix[:]); err != nil {
		return nil, cut(err)
	}
	s, err := newSealer(key, context, [SaltSize]byte(prefix[:SaltSize]))
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(s.commitment[:], prefix[SaltSize:]) != 1 {
		return nil, ErrCommitment
	}
	return &Reader{src: src, sealer: s, buffer: make([]byte, ChunkSize+TagSize)}, nil
}

// Read returns authenticated plaintext. Errors are [ErrChunk], [ErrTruncated] and those
// of the source. Every later call returns the same error.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(r.plain) == 0 {
		if r.err != nil {
			clear(r.buffer)
			return 0, r.err
		}
		if len(p) < ChunkSize {
			r.plain = r.open(r.buffer)
		} else if plain := r.open(p); len(plain) > 0 {
			return len(plain), nil // opened in the caller's buffer
		}
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

// open reads the next chunk and opens it into dst. It leaves nothing of a chunk that is
// not authentic. It sets r.err at the last chunk, or if there is none.
func (r *Reader) open(dst []byte) []byte {
	n, err := io.ReadFull(r.src, r.buffer)
	switch {
	case err == nil:
	case errors.Is(err, io.ErrUnexpectedEOF) && n >= TagSize:
		r.err = io.EOF // the chunk is shorter than the others: it must be the last
	default:
		r.err = cut(err)
		return nil
	}
	nonce, err := r.sealer.next()
	if err != nil {
		r.err = err
		return nil
	}
	plain, err := r.sealer.aead.Open(dst[:0], nonce, r.buffer[:n], nil)
	if err != nil {
		r.err = ErrChunk
		return nil
	}
	return plain
}

// cut turns an end of file in the middle of a message into ErrTruncated.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return fmt.Errorf("read chunk: %w", err)
}
