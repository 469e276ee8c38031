package secret

import "github.com/secretsharer/secretsharer/envelope/header"

// The names of [header] that the domain's own types are made of.
type (
	ID   = header.ID
	Slot = header.Slot
)

// What callers need of package header.
const (
	SlotTime   = header.SlotTime
	HeaderSize = header.Size
)

// ParseID is header.ParseID.
func ParseID(s string) (ID, error) { return header.ParseID(s) }

// SlotOf is header.SlotOf.
var SlotOf = header.SlotOf
