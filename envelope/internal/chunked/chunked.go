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
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
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
