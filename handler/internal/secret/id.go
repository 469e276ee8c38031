package secret

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"
)

// Slot is a step of 600 seconds since 1970, UTC: the expiry of a secret, rounded down.
type Slot uint32

// SlotTime is the length of a [Slot].
const SlotTime = 600 * time.Second

// SlotOf returns the slot in which t lies; times outside the type's range give its ends.
func SlotOf(t time.Time) Slot {
	n := t.Unix() / int64(SlotTime/time.Second)
	return Slot(min(max(n, 0), int64(^Slot(0)))) // #nosec G115 -- clamped to the type's range
}

// Start returns the slot's first second.
func (s Slot) Start() time.Time { return time.Unix(int64(s)*int64(SlotTime/time.Second), 0).UTC() }

// End returns the second after the slot's last.
func (s Slot) End() time.Time { return s.Start().Add(SlotTime) }

// ID names a secret: its slot (4 bytes, big-endian), then 16 bytes derived from
// the link's key. Its text is 32 characters of Crockford's base32 in lower case.
type ID [20]byte

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// ParseID reads the text of an ID, in its one canonical form.
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

// Subject returns the first 8 characters: what events and logs may carry.
func (id ID) Subject() string { return id.String()[:8] }

// Slot returns the slot of the secret's expiry.
func (id ID) Slot() Slot { return Slot(binary.BigEndian.Uint32(id[:4])) }

// Shard returns the ID's first random half byte, 0 to 15: which of the 16
// partitions of its slot, and of the active holds, is its own.
func (id ID) Shard() byte { return id[4] >> 4 }
