package envelope

import (
	"crypto/hkdf"
	"crypto/sha512"
	"encoding/binary"
	"fmt"

	"github.com/secretsharer/secretsharer/envelope/header"
	"golang.org/x/crypto/argon2"
)

const label = "secret-link/v1"

// Argon2id's parameters: RFC 9106's second recommended option, but with one lane,
// because a browser has one thread for it.
const (
	argonTime   = 3
	argonMemory = 64 << 10 // KiB
	argonLanes  = 1
)

// Keys are derived from a link and a passphrase. ID, Access and Claim are sent to the
// server; the encryption key never leaves the device.
type Keys struct {
	ID     header.ID
	Access [32]byte // proof of the link
	Claim  [32]byte // proof of the link and the passphrase

	enc        [32]byte
	passphrase bool
}

// ID returns the secret's id: the slot, then 16 bytes derived from the key.
func (l Link) ID() header.ID {
	var id header.ID
	binary.BigEndian.PutUint32(id[:], l.Slot)
	prk := extract(label, l.Key[:])
	copy(id[4:], expand(prk, "id", 16))
	clear(prk)
	return id
}

// Access returns the proof of the link. It needs no passphrase.
func (l Link) Access() [32]byte {
	prk := extract(label, l.Key[:])
	defer clear(prk)
	return [32]byte(expand(prk, "access", 32))
}

// Keys derives all keys. An empty passphrase means none; another is normalized to
// NFC, and costs 64 MiB of memory and some tenths of a second. The only error is
// [ErrPassphrase], for a passphrase that docs/envelope.md does not allow. Call
// [Keys.Wipe] after use.
func (l Link) Keys(passphrase string) (*Keys, error) {
	normal, err := normalize(passphrase)
	if err != nil {
		return nil, err
	}
	defer clear(normal)
	prk := extract(label, l.Key[:])
	defer clear(prk)
	root := prk
	if passphrase != "" {
		root = stretch(prk, normal)
		defer clear(root)
	}
	k := &Keys{ID: l.ID(), Access: l.Access(), passphrase: passphrase != ""}
	for name, key := range map[string]*[32]byte{"claim": &k.Claim, "enc": &k.enc} {
		derived := expand(root, name, len(key))
		copy(key[:], derived)
		clear(derived)
	}
	return k, nil
}

// Wipe overwrites the keys, which cannot be used afterwards.
func (k *Keys) Wipe() { *k = Keys{} }

// String keeps the keys out of logs.
func (k Keys) String() string { return fmt.Sprintf("keys of %s…", k.ID.String()[:8]) }

// stretch returns the root key of a secret with a passphrase, which is normalized.
func stretch(prk, passphrase []byte) []byte {
	pw := argon2.IDKey(passphrase, expand(prk, "pw-salt", 16), argonTime, argonMemory, argonLanes, 32)
	mixed := append(expand(prk, "pw-mix", 32), pw...)
	defer func() { clear(pw); clear(mixed) }()
	return extract(label+" pw", mixed)
}

// extract and expand are HKDF (RFC 5869) with SHA-512. It fails only for lengths that
// do not occur here, and in FIPS 140 modes that forbid short keys.
func extract(salt string, secret []byte) []byte {
	prk, err := hkdf.Extract(sha512.New, secret, []byte(salt))
	if err != nil {
		panic("envelope: " + err.Error())
	}
	return prk
}

func expand(prk []byte, name string, size int) []byte {
	key, err := hkdf.Expand(sha512.New, prk, label+" "+name, size)
	if err != nil {
		panic("envelope: " + err.Error())
	}
	return key
}
