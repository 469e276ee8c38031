// Package header reads and writes the clear header of an envelope, its first 36
// bytes, and the ID of a secret, and knows which lengths an envelope can have. That
// is everything that a server needs to know of an envelope. The layout is in
// docs/envelope.md. The package needs no key and imports the standard library only.
package header

import (
	"encoding/binary"
	"fmt"
	"time"
)

// The layout of an envelope's clear part, in bytes, and the format's version.
const (
	Size           = 36
	SaltSize       = 24
	CommitmentSize = 32
	Version        = 1
)

// MaxViews is the largest number of views that a header can name.
const MaxViews = 100

const (
	magic          = "SEC"
	flagPassphrase = 1
)

// Header is the clear header. Its zero value is not valid.
type Header struct {
	Passphrase bool      // reading needs a passphrase besides the link
	Views      int       // how often the secret may be read, 1 to [MaxViews]
	Expires    time.Time // UTC, whole seconds
	ID         ID        // begins with the slot of Expires
}

// FieldError names the wrong field of an envelope and the reason, never its value.
// Field is "magic", "version", "flags", "profile", "views", "reserved", "expiry",
// "id", or "envelope" for the length of the whole.
type FieldError struct{ Field, Reason string }

func (e *FieldError) Error() string { return e.Field + " " + e.Reason }

// Parse reads a header from the first 36 bytes of b and ignores the rest.
// [Header.Bytes] returns the same bytes for every header that Parse accepts. Its
// errors are *[FieldError] and name the first wrong field in the order of the layout.
func Parse(b []byte) (Header, error) {
	if len(b) < Size {
		return Header{}, &FieldError{"envelope", "is shorter than a header"}
	}
	if err := checkFixed(b); err != nil {
		return Header{}, err
	}
	h := Header{Passphrase: b[4]&flagPassphrase != 0, Views: int(b[6]), ID: ID(b[16:Size])}
	expiry := binary.BigEndian.Uint64(b[8:16])
	if expiry/slotSeconds != uint64(h.ID.Slot()) {
		return Header{}, &FieldError{"expiry", "does not lie in the slot of the id"}
	}
	h.Expires = time.Unix(int64(expiry), 0).UTC() // #nosec G115 -- less than 600 * 2^32
	return h, nil
}

// checkFixed checks bytes 0 to 7.
func checkFixed(b []byte) error {
	switch {
	case string(b[:3]) != magic:
		return &FieldError{"magic", "is not that of an envelope"}
	case b[3] != Version:
		return &FieldError{"version", "is not known"}
	case b[4]&^flagPassphrase != 0:
		return &FieldError{"flags", "has unknown bits"}
	case b[5] != b[4]: // the one profile, 1, goes with the one flag
		return &FieldError{"profile", "does not fit the flags"}
	case b[6] < 1 || b[6] > MaxViews:
		return &FieldError{"views", fmt.Sprintf("is not 1 to %d", MaxViews)}
	case b[7] != 0:
		return &FieldError{"reserved", "is not zero"}
	}
	return nil
}

// Bytes returns the header's bytes. It does not check the fields: an invalid header
// gives bytes that [Parse] rejects.
func (h Header) Bytes() [Size]byte {
	var b [Size]byte
	copy(b[:], magic)
	b[3] = Version
	if h.Passphrase {
		b[4], b[5] = flagPassphrase, 1
	}
	if h.Views > 0 && h.Views <= MaxViews {
		b[6] = byte(h.Views)
	}
	binary.BigEndian.PutUint64(b[8:], uint64(h.Expires.Unix())) // #nosec G115 -- see above
	copy(b[16:], h.ID[:])
	return b
}
