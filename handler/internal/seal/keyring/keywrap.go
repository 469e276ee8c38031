package keyring

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
)

// wrapIV is the initial value of RFC 3394, section 2.2.3.1.
const wrapIV = 0xA6A6A6A6A6A6A6A6

// wrapKey wraps a key by AES key wrap, RFC 3394. The key's length is a multiple
// of 8 bytes, at least 16, and the result is 8 bytes longer.
func wrapKey(kek cipher.Block, key []byte) []byte {
	out := make([]byte, 8+len(key))
	copy(out[8:], key)
	a, b, n := uint64(wrapIV), make([]byte, 16), uint64(len(key)/8)
	for t := uint64(1); t <= 6*n; t++ {
		r := out[8+8*((t-1)%n):][:8]
		binary.BigEndian.PutUint64(b, a)
		copy(b[8:], r)
		kek.Encrypt(b, b)
		a = binary.BigEndian.Uint64(b) ^ t
		copy(r, b[8:])
	}
	binary.BigEndian.PutUint64(out, a)
	return out
}

// unwrapKey returns the key that wrapKey wrapped, and false when wrapped was not made under kek.
func unwrapKey(kek cipher.Block, wrapped []byte) ([]byte, bool) {
	if len(wrapped) < 24 || len(wrapped)%8 != 0 {
		return nil, false
	}
	key := append([]byte(nil), wrapped[8:]...)
	a, b, n := binary.BigEndian.Uint64(wrapped), make([]byte, 16), uint64(len(key)/8)
	for t := 6 * n; t > 0; t-- {
		r := key[8*((t-1)%n):][:8]
		binary.BigEndian.PutUint64(b, a^t)
		copy(b[8:], r)
		kek.Decrypt(b, b)
		a = binary.BigEndian.Uint64(b)
		copy(r, b[8:])
	}
	iv := binary.BigEndian.AppendUint64(nil, wrapIV)
	return key, subtle.ConstantTimeCompare(binary.BigEndian.AppendUint64(nil, a), iv) == 1
}
