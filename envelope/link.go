package envelope

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
)

const (
	linkVersion = "1"
	readKind    = 1
	manageKind  = 2

	checksumSize = 3 // bytes
)

var base32Text = base32.NewEncoding(header.Alphabet).WithPadding(base32.NoPadding)

var originForm = regexp.MustCompile(`^https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$`)

// repair undoes what mail programs and people do to the text after the #, in lower case.
var repair = strings.NewReplacer("-", "", "o", "0", "i", "1", "l", "1")

// Link is the link that a sender gives to a reader. Whoever has it can read the secret.
type Link struct {
	Origin string   // of the page, like https://secrets.example
	Key    [32]byte // K, from which all keys are derived
	Slot   uint32   // the expiry in steps of 600 seconds since 1970, rounded down
}

// NewLink makes a link with 32 bytes from random. The origin is http or https, a host
// and perhaps a port, with nothing after it; otherwise the error wraps [ErrLink].
func NewLink(random io.Reader, origin string, expires time.Time) (Link, error) {
	l := Link{Origin: strings.Map(lower, origin)}
	if !originForm.MatchString(l.Origin) {
		return Link{}, errLinkForm
	}
	slot := header.SlotOf(expires)
	if expires.Before(slot.Start()) || !expires.Before(slot.End()) {
		return Link{}, &header.FieldError{Field: "expiry", Reason: "is out of range"}
	}
	l.Slot = uint32(slot)
	if _, err := io.ReadFull(random, l.Key[:]); err != nil {
		return Link{}, fmt.Errorf("make key: %w", err)
	}
	return l, nil
}

// ParseLink parses a link. It repairs what mail programs and people do to links: upper
// case, white space, hyphens, o for 0, i and l for 1, %23 for #. Errors wrap [ErrLink].
func ParseLink(s string) (Link, error) {
	origin, payload, err := parse(s, "/s", readKind, 32+4)
	if err != nil {
		return Link{}, err
	}
	return Link{Origin: origin, Key: [32]byte(payload), Slot: binary.BigEndian.Uint32(payload[32:])}, nil
}

// String returns the link. It contains the secret's key: never log it.
func (l Link) String() string {
	payload := binary.BigEndian.AppendUint32(l.Key[:], l.Slot)
	return l.Origin + "/s#" + linkVersion + encode(readKind, payload)
}

// ManageLink is the link that a sender keeps. It revokes the secret and shows its
// receipt, but cannot read it.
type ManageLink struct {
	Origin string
	ID     header.ID
	Manage [32]byte // proof of the sender
}

// NewManageLink makes the manage link of an id, with 32 bytes from random. Errors are those of NewLink.
func NewManageLink(random io.Reader, origin string, id header.ID) (ManageLink, error) {
	m := ManageLink{Origin: strings.Map(lower, origin), ID: id}
	if !originForm.MatchString(m.Origin) {
		return ManageLink{}, errLinkForm
	}
	if _, err := io.ReadFull(random, m.Manage[:]); err != nil {
		return ManageLink{}, fmt.Errorf("make proof: %w", err)
	}
	return m, nil
}

// ParseManageLink parses a manage link, with the repairs and errors of [ParseLink].
func ParseManageLink(s string) (ManageLink, error) {
	origin, payload, err := parse(s, "/m", manageKind, 20+32)
	if err != nil {
		return ManageLink{}, err
	}
	return ManageLink{Origin: origin, ID: header.ID(payload), Manage: [32]byte(payload[20:])}, nil
}

// String returns the manage link. It can revoke the secret: never log it.
func (m ManageLink) String() string {
	return m.Origin + "/m#" + linkVersion + encode(manageKind, slices.Concat(m.ID[:], m.Manage[:]))
}

// parse splits a link without its white space at its first # or %23, and decodes what
// follows the version.
func parse(s, path string, kind byte, size int) (origin string, payload []byte, err error) {
	s = strings.Replace(strings.Join(strings.Fields(s), ""), "%23", "#", 1)
	page, fragment, found := strings.Cut(s, "#")
	origin, isPath := strings.CutSuffix(strings.Map(lower, page), path)
	if !found || !isPath || !originForm.MatchString(origin) {
		return "", nil, errLinkForm
	}
	text, isVersion := strings.CutPrefix(repair.Replace(strings.Map(lower, fragment)), linkVersion)
	if !isVersion {
		return "", nil, errLinkVersion
	}
	payload, err = decode(kind, text, size)
	return origin, payload, err
}

// encode returns the text of payload and its checksum. kind is readKind or manageKind.
func encode(kind byte, payload []byte) string {
	return base32Text.EncodeToString(append(payload, checksum(kind, payload)...))
}

// decode returns the payload of size bytes in text, which is repaired already.
func decode(kind byte, text string, size int) ([]byte, error) {
	if strings.Trim(text, header.Alphabet) != "" {
		return nil, errLinkAlphabet
	}
	if len(text) != base32Text.EncodedLen(size+checksumSize) {
		return nil, errLinkLength
	}
	b, err := base32Text.DecodeString(text)
	if err != nil {
		return nil, errLinkAlphabet
	}
	payload := b[:size:size]
	switch {
	case string(checksum(kind, payload)) != string(b[size:]):
		return nil, errLinkChecksum
	case base32Text.EncodeToString(b) != text:
		return nil, errLinkSpare
	}
	return payload, nil
}

// checksum finds typing errors; it protects nothing.
func checksum(kind byte, payload []byte) []byte {
	sum := sha256.Sum256(slices.Concat([]byte("secret-link/v1 checksum"), []byte{kind}, payload))
	return sum[:checksumSize]
}

// lower turns A to Z into lower case, and no other letter.
func lower(c rune) rune {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
