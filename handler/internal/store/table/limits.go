package table

import (
	"errors"
	"fmt"
	"unicode/utf16"
)

// Azure's limits, checked here before a request is sent, since emulators are laxer.
// Source: "Understanding the Table service data model" and "Performing entity group transactions".
const (
	maxProperty    = 64 << 10 // bytes; strings count as UTF-16
	maxEntity      = 1 << 20
	maxTransaction = 4 << 20
	maxOperations  = 100

	entityOverhead   = 4    // bytes for each entity
	propertyOverhead = 8    // for each property, besides its name and value
	requestOverhead  = 1024 // for each operation of a transaction, besides its entity: headers, boundaries, the address
	// rowReserve is what the small part of a row may grow to, as UTF-16, with 100
	// leases, tries and log entries. An insert leaves room for it: otherwise a
	// later update could be refused, and the secret with it.
	rowReserve = 44 << 10
)

// ErrLimit says that a row does not fit Azure's limits. Nothing was sent.
var ErrLimit = errors.New("beyond a limit of table storage")

// checkKeys allows the keys that need no quoting anywhere: lower-case letters, digits and hyphens.
func checkKeys(keys ...string) error {
	for _, key := range keys {
		for _, c := range []byte(key) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return fmt.Errorf("%w: a key with other characters than a-z, 0-9 and -", ErrLimit)
			}
		}
		if key == "" || len(key) > 512 {
			return fmt.Errorf("%w: a key of %d characters", ErrLimit, len(key))
		}
	}
	return nil
}

// utf16Size returns how many bytes Azure counts for a string.
func utf16Size(s string) (n int) {
	for _, r := range s {
		n += 2 * utf16.RuneLen(r)
	}
	return n
}

func checkProperty(name string, bytes int) error {
	if bytes > maxProperty {
		return fmt.Errorf("%w: property %s of %d bytes", ErrLimit, name, bytes)
	}
	return nil
}
