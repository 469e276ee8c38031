package header

import "math/bits"

const (
	minPadded = 256
	chunkSize = 16 << 10
	tagSize   = 16
	clearSize = Size + SaltSize + CommitmentSize
)

// Padme returns the length in bytes to which a plaintext of n bytes is padded: n
// rounded up so that only its upper bits may be set, and at least 256. That adds less
// than 12 % and hides all but about log log n bits of the length. n is at most 2^62. Source: Nikitin et al., "Reducing Metadata Leakage from
// Encrypted Files and Communication with PURBs", PoPETs 2019(4), algorithm 1.
func Padme(n int64) int64 {
	if n <= minPadded {
		return minPadded
	}
	exponent := bits.Len64(uint64(n)) - 1 // #nosec G115 -- positive
	mask := int64(1)<<(exponent-bits.Len(uint(exponent))) - 1
	return (n + mask) &^ mask
}

// SealedSize returns the length in bytes of an envelope whose plaintext has n bytes
// before padding. n is at most 2^62.
func SealedSize(n int64) int64 {
	padded := Padme(n)
	return clearSize + padded + tagSize*(padded/chunkSize+1)
}

// CheckSize returns a *[FieldError] for the field "envelope" unless n, in bytes, is
// a length that an envelope can have: 92 + P + 16·(⌊P/16384⌋ + 1) for a Padmé length
// P of at least 256.
func CheckSize(n int64) error {
	full, rest := (n-clearSize)/(chunkSize+tagSize), (n-clearSize)%(chunkSize+tagSize)
	padded := full*chunkSize + rest - tagSize
	// If the rest is too short for a tag, padded is a little below a multiple of 16384;
	// if n is below 92, padded is negative. Neither is a Padmé length.
	if Padme(padded) != padded {
		return &FieldError{"envelope", "has a length that no envelope has"}
	}
	return nil
}
