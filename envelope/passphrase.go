package envelope

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxPassphrase is the longest passphrase in bytes of UTF-8, as it is typed.
	maxPassphrase = 1024
	// maxMarks is how many marks a passphrase may have in a row. Implementations of NFC
	// for streams, such as Go's, change longer runs.
	maxMarks = 30
)

// assignedText has the code points that Unicode 15.0 assigns: the lengths of the ranges that
// are assigned, unassigned, assigned and so on from 0, in base 36. Package unicode has
// them, too, but only if it is of this version.
//
//go:embed assigned.txt
var assignedText string

// assignedStarts returns where the ranges begin.
var assignedStarts = sync.OnceValue(func() []rune {
	starts := []rune{0}
	for _, length := range strings.Fields(assignedText) {
		n, err := strconv.ParseInt(length, 36, 32)
		if err != nil {
			panic("envelope: assigned.txt: " + err.Error())
		}
		starts = append(starts, starts[len(starts)-1]+rune(n))
	}
	return starts
})

func assigned(r rune) bool {
	i, exact := slices.BinarySearch(assignedStarts(), r)
	return (i%2 == 0) == exact
}

// normalize returns the passphrase as Argon2id gets it: in NFC. It refuses one whose
// NFC is not the same in every program; the error wraps [ErrPassphrase].
func normalize(passphrase string) ([]byte, error) {
	switch {
	case !utf8.ValidString(passphrase):
		return nil, fmt.Errorf("%w: it is not valid UTF-8", ErrPassphrase)
	case len(passphrase) > maxPassphrase:
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrPassphrase, maxPassphrase)
	case strings.ContainsFunc(passphrase, func(r rune) bool { return !assigned(r) }):
		return nil, fmt.Errorf("%w: it has a character that Unicode 15.0 does not have", ErrPassphrase)
	case mostMarks(passphrase) > maxMarks:
		return nil, fmt.Errorf("%w: it has more than %d combining marks in a row", ErrPassphrase, maxMarks)
	}
	return norm.NFC.Bytes([]byte(passphrase)), nil
}

// mostMarks returns the length of the longest run of marks in the decomposed text. The vowels
// and final consonants of Hangul count: they combine with what is before them.
func mostMarks(s string) int {
	run, longest := 0, 0
	for _, r := range norm.NFKD.String(s) {
		if unicode.Is(unicode.M, r) || r >= 0x1160 && r <= 0x11ff || r >= 0xd7b0 && r <= 0xd7ff {
			run++
		} else {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}
