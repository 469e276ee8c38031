package envelope

import (
	"errors"
	"fmt"

	"github.com/secretsharer/secretsharer/envelope/internal/chunked"
)

// ErrLink is what every error of a link wraps. The others say what is wrong with it.
var (
	ErrLink         = errors.New("not a valid link")
	ErrLinkForm     = fmt.Errorf("%w: it is not <origin>/s#1… or <origin>/m#1…", ErrLink)
	ErrLinkVersion  = fmt.Errorf("%w: its version is not known", ErrLink)
	ErrLinkAlphabet = fmt.Errorf("%w: it has a character that links do not have", ErrLink)
	ErrLinkLength   = fmt.Errorf("%w: it is too short or too long", ErrLink)
	ErrLinkChecksum = fmt.Errorf("%w: its checksum is wrong, so a character is", ErrLink)
	ErrLinkSpare    = fmt.Errorf("%w: its last character has spare bits set", ErrLink)
)

// What [Open] and [Reader.Read] find wrong, beside the *header.FieldError of a header.
var (
	ErrCommitment = chunked.ErrCommitment // another key: a wrong passphrase, or a changed header
	ErrChunk      = chunked.ErrChunk      // changed bytes, or bytes after the end
	ErrTruncated  = chunked.ErrTruncated  // cut off
	ErrContent    = errors.New("the content is malformed")
	ErrPadding    = errors.New("the padding is not zeros up to the Padmé length")
)

// What only a sender meets.
var (
	ErrMeta       = errors.New("the description of the content is not valid")
	ErrDataSize   = errors.New("the data does not have the size that was announced")
	ErrPassphrase = errors.New("the passphrase is not valid UTF-8")
)
