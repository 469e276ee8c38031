package envelope

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
)

const (
	linkVersion = "1"
	readKind    = 1
	manageKind  = 2
)

var originForm = regexp.MustCompile(`^https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$`)

// Link is what a sender hands over: whoever has it can read the secret.
type Link struct {
	Origin string   // of the page, like https://secrets.example
	Key    [32]byte // K, from which everything else is derived
	Slot   uint32   // the expiry in steps of 600 seconds since 1970, rounded down
}

const slotSeconds = int64(header.SlotTime / time.Second)

// NewLink makes a link with 32 bytes of random. The origin is http or https with a
// host and perhaps a port, nothing after it, else [ErrLinkForm].
func NewLink(random io.Reader, origin string, expires time.Time) (Link, error) {
	l := Link{Origin: strings.Map(lower, origin)}
	if !originForm.MatchString(l.Origin) {
		return Link{}, ErrLinkForm
	}
	seconds := expires.Unix()
	if seconds < 0 || seconds/slotSeconds > math.MaxUint32 {
		return Link{}, &header.FieldError{Field: "expiry", Reason: "is out of range"}
	}
	l.Slot = uint32(seconds / slotSeconds)
	if _, err := io.ReadFull(random, l.Key[:]); err != nil {
		return Link{}, fmt.Errorf("make key: %w", err)
	}
	return l, nil
}

// ParseLink reads a link, also one that a mail program or a hand has bent: upper case,
// white space, hyphens, o for 0, i and l for 1, %23 for #. Its errors wrap [ErrLink].
func ParseLink(s string) (Link, error) {
	origin, payload, err := parse(s, "/s", readKind, 32+4)
	if err != nil {
		return Link{}, err
	}
	return Link{Origin: origin, Key: [32]byte(payload), Slot: binary.BigEndian.Uint32(payload[32:])}, nil
}

// String returns the link: it is the secret's key, so it belongs in no log.
func (l Link) String() string {
	payload := binary.BigEndian.AppendUint32(l.Key[:], l.Slot)
	return l.Origin + "/s#" + linkVersion + encode(readKind, payload)
}

// ManageLink is what a sender keeps: with it a secret is revoked and its receipt read,
// but never its content.
type ManageLink struct {
	Origin string
	ID     [20]byte
	Manage [32]byte // the proof that one made the secret
}

// NewManageLink makes the link that goes with id, with 32 bytes of random.
func NewManageLink(random io.Reader, origin string, id [20]byte) (ManageLink, error) {
	m := ManageLink{Origin: strings.Map(lower, origin), ID: id}
	if !originForm.MatchString(m.Origin) {
		return ManageLink{}, ErrLinkForm
	}
	if _, err := io.ReadFull(random, m.Manage[:]); err != nil {
		return ManageLink{}, fmt.Errorf("make proof: %w", err)
	}
	return m, nil
}

// ParseManageLink reads a manage link as [ParseLink] does a link.
func ParseManageLink(s string) (ManageLink, error) {
	origin, payload, err := parse(s, "/m", manageKind, 20+32)
	if err != nil {
		return ManageLink{}, err
	}
	return ManageLink{Origin: origin, ID: [20]byte(payload), Manage: [32]byte(payload[20:])}, nil
}

// String returns the manage link: who has it can revoke the secret, so it belongs in no log.
func (m ManageLink) String() string {
	payload := append(m.ID[:], m.Manage[:]...)
	return m.Origin + "/m#" + linkVersion + encode(manageKind, payload)
}

// parse splits a link at its first # or %23 and decodes what follows the version.
func parse(s, path string, kind byte, size int) (origin string, payload []byte, err error) {
	s = strings.Replace(withoutSpace(s), "%23", "#", 1)
	page, fragment, found := strings.Cut(s, "#")
	origin, isPath := strings.CutSuffix(strings.Map(lower, page), path)
	if !found || !isPath || !originForm.MatchString(origin) {
		return "", nil, ErrLinkForm
	}
	text, isVersion := strings.CutPrefix(mend(fragment), linkVersion)
	if !isVersion {
		return "", nil, ErrLinkVersion
	}
	payload, err = decode(kind, text, size)
	return origin, payload, err
}
