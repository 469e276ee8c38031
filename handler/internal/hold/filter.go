package hold

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
)

// Filter selects holds. The zero Filter selects all of them; each field that is set
// leaves some out.
type Filter struct {
	ID        string    // those whose scope cannot cover a secret with this ID
	Mode      Mode      // those without this mode
	EndsAfter time.Time // those whose Until is this time or an earlier one
	EndsBy    time.Time // those whose Until is after this time
}

// Selects reports whether the filter leaves the hold in.
func (f *Filter) Selects(h *Hold) bool {
	if f.ID != "" {
		if first, last := h.Scope.IDs(); f.ID < first || f.ID > last {
			return false
		}
	}
	return (f.Mode == "" || slices.Contains(h.Modes, f.Mode)) &&
		(f.EndsAfter.IsZero() || h.Until.After(f.EndsAfter)) &&
		(f.EndsBy.IsZero() || !h.Until.After(f.EndsBy))
}

// IDs returns the first and the last ID of a secret that the scope may cover. IDs
// begin with the time of the expiry. A kind that this version does not know may
// cover every ID.
func (s *Scope) IDs() (first, last string) {
	lowest, highest := header.Alphabet[:1], header.Alphabet[len(header.Alphabet)-1:]
	switch s.Kind {
	case ScopeWeek:
		from, to := header.SlotOf(s.Week.Start()), header.SlotOf(s.Week.End())-1
		var id header.ID
		binary.BigEndian.PutUint32(id[:], uint32(from))
		first = id.String()
		id = header.ID(slices.Repeat([]byte{0xff}, len(id)))
		binary.BigEndian.PutUint32(id[:], uint32(to))
		return first, id.String()
	case ScopePrefix:
		rest := max(0, idLength-len(s.Prefix))
		return s.Prefix + strings.Repeat(lowest, rest), s.Prefix + strings.Repeat(highest, rest)
	case ScopeID:
		return s.ID, s.ID
	}
	return strings.Repeat(lowest, idLength), strings.Repeat(highest, idLength)
}
