package envelope

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"unicode"

	"github.com/secretsharer/secretsharer/envelope/header"
)

const checksumSize = 3

var base32Text = base32.NewEncoding(header.Alphabet).WithPadding(base32.NoPadding)

// FormatID returns the text of an id as the API takes it: 32 characters.
func FormatID(id [20]byte) string { return header.ID(id).String() }

// encode returns the text of payload and its checksum; kind is 1 for the link that
// reads, 2 for the one that manages.
func encode(kind byte, payload []byte) string {
	return base32Text.EncodeToString(append(payload, checksum(kind, payload)...))
}

// decode returns the payload of size bytes in text, which is already mended.
func decode(kind byte, text string, size int) ([]byte, error) {
	for _, c := range text {
		if !strings.ContainsRune(header.Alphabet, c) {
			return nil, ErrLinkAlphabet
		}
	}
	total := size + checksumSize
	if len(text) != base32Text.EncodedLen(total) {
		return nil, ErrLinkLength
	}
	b, err := base32Text.DecodeString(text)
	if err != nil {
		return nil, ErrLinkAlphabet
	}
	payload := b[:size:size]
	switch {
	case string(checksum(kind, payload)) != string(b[size:]):
		return nil, ErrLinkChecksum
	case base32Text.EncodeToString(b) != text:
		return nil, ErrLinkSpare
	}
	return payload, nil
}

// checksum finds typing errors; it protects nothing.
func checksum(kind byte, payload []byte) []byte {
	h := sha256.New()
	h.Write([]byte("secret-link/v1 checksum"))
	h.Write([]byte{kind})
	h.Write(payload)
	return h.Sum(nil)[:checksumSize]
}

// mend undoes what mail programs and people do to the text after the #.
func mend(text string) string {
	return strings.Map(func(c rune) rune {
		switch c {
		case '-':
			return -1
		case 'o', 'O':
			return '0'
		case 'i', 'I', 'l', 'L':
			return '1'
		}
		return lower(c)
	}, text)
}

// lower turns A to Z, and no other letter, into lower case.
func lower(c rune) rune {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// withoutSpace drops white space (Unicode's White_Space) wherever a line was broken.
func withoutSpace(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return -1
		}
		return c
	}, s)
}
