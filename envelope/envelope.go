// Package envelope implements the client's side of a secret: the link that carries
// its key, the keys derived from it, and the encrypted envelope, which a server stores
// and cannot read. docs/envelope.md specifies the format, version 1. The TypeScript
// page implements it, too; both are tested with testdata/vectors.json.
//
// A sender makes a [Link], derives its [Keys] and calls [Seal]. A reader parses the
// link, derives the same keys and calls [Open]. Both stream: memory does not grow
// with the secret. Links, keys and Meta are plain values; a [Reader] is for one
// goroutine.
package envelope

import (
	"errors"
	"fmt"

	"github.com/secretsharer/secretsharer/envelope/internal/chunked"
)

// ErrLink is wrapped by every error about a link.
var ErrLink = errors.New("not a valid link")

var (
	errLinkForm     = fmt.Errorf("%w: it is not <origin>/s#1… or <origin>/m#1…", ErrLink)
	errLinkVersion  = fmt.Errorf("%w: its version is not known", ErrLink)
	errLinkAlphabet = fmt.Errorf("%w: it has a character that no link has", ErrLink)
	errLinkLength   = fmt.Errorf("%w: it is too short or too long", ErrLink)
	errLinkChecksum = fmt.Errorf("%w: its checksum does not match, so at least one character is wrong", ErrLink)
	errLinkSpare    = fmt.Errorf("%w: its last character has spare bits set", ErrLink)
)

// Errors of [Open] and [Reader.Read], besides the *header.FieldError for a header.
var (
	ErrCommitment = chunked.ErrCommitment // another key: a wrong passphrase, or a changed header
	ErrChunk      = chunked.ErrChunk      // changed bytes, or bytes after the end
	ErrTruncated  = chunked.ErrTruncated  // cut off
	ErrContent    = errors.New("the content is malformed")
	ErrPadding    = errors.New("the padding is not zeros up to the Padmé length")
)

// Errors of senders.
var (
	ErrMeta       = errors.New("invalid description of the content")
	ErrDataSize   = errors.New("the data has another size than announced")
	ErrPassphrase = errors.New("the passphrase cannot be used")
)
