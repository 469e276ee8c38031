package chunked

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
)

// Reader opens a message. It returns no byte of a chunk before it has authenticated
// the whole chunk, and [io.EOF] only after the last one.
type Reader struct {
	src    io.Reader
	sealer *sealer
	buffer []byte // one sealed chunk
	plain  []byte // what is left of it, opened in place
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
