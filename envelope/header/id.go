package header

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"
)

// Alphabet is Crockford's base32 in lower case, without i, l, o and u. IDs and
// links are written in it, without padding.
const Alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

var idText = base32.NewEncoding(Alphabet).WithPadding(base32.NoPadding)

// ID names a secret: its slot (4 bytes, big-endian), then 16 bytes derived from
// the link's key. Its text is 32 characters of [Alphabet].
type ID [20]byte

// ParseID reads the text of an ID in its one canonical form, lower case only.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != idText.EncodedLen(len(id)) {
		return ID{}, fmt.Errorf("parse id: want %d characters", idText.EncodedLen(len(id)))
	}
	// The decoder skips line breaks, which the text of an ID does not have.
	if _, err := idText.Decode(id[:], []byte(s)); err != nil || id.String() != s {
		return ID{}, fmt.Errorf("parse id: a character outside the alphabet")
	}
	return id, nil
}

// String returns the ID's text.
func (id ID) String() string { return idText.EncodeToString(id[:]) }

// Slot returns the slot in which the secret expires.
func (id ID) Slot() Slot { return Slot(binary.BigEndian.Uint32(id[:4])) }

// Shard returns the upper half of the ID's first derived byte, 0 to 15. It is as
// good as random, so it spreads secrets evenly.
func (id ID) Shard() byte { return id[4] >> 4 }

// SlotTime is the length of a [Slot].
const SlotTime = slotSeconds * time.Second

const slotSeconds = 600

// Slot is an expiry rounded down to a multiple of 600 seconds since 1970, UTC,
// counted in these steps.
type Slot uint32

// SlotOf returns the slot in which t lies: the first for times before 1970, the
// last for times after the year 83600.
func SlotOf(t time.Time) Slot {
	return Slot(min(max(t.Unix()/slotSeconds, 0), int64(^Slot(0)))) // #nosec G115 -- clamped to the type's range
}

// Start returns the slot's first second.
func (s Slot) Start() time.Time { return time.Unix(int64(s)*slotSeconds, 0).UTC() }

// End returns the second after the slot's last.
func (s Slot) End() time.Time { return s.Start().Add(SlotTime) }
