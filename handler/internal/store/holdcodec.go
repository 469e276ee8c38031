package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// holdVersion is the version of a stored hold. The first one, 0, is not written.
const holdVersion = 0

// storedHold is a hold as both stores keep it. Times are RFC 3339 in UTC.
type storedHold struct {
	Version       int         `json:"v,omitempty"`
	ID            string      `json:"id"`
	Scope         storedScope `json:"scope"`
	Modes         []hold.Mode `json:"modes"`
	Until         time.Time   `json:"until"`
	Reason        string      `json:"reason"`
	Source        string      `json:"source"`
	Alert         string      `json:"alert,omitempty"`
	CreatedAt     time.Time   `json:"created_at"`
	ReleasedAt    time.Time   `json:"released_at,omitzero"`
	ReleaseReason string      `json:"release_reason,omitempty"`
}

type storedScope struct {
	Kind    hold.Kind `json:"kind"`
	Week    week.Week `json:"week,omitempty"`
	Name    string    `json:"name,omitempty"`
	Version string    `json:"version,omitempty"`
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"`
	Prefix  string    `json:"prefix,omitempty"`
	ID      string    `json:"id,omitempty"`
}

// EncodeHold returns the stored form of a hold.
func EncodeHold(h hold.Hold) ([]byte, error) {
	data, err := json.Marshal(storedHold{
		holdVersion, h.ID, storedScope(h.Scope), h.Modes, h.Until, h.Reason, h.Source, h.Alert, h.CreatedAt, h.ReleasedAt, h.ReleaseReason,
	})
	if err != nil {
		return nil, fmt.Errorf("encode hold: %w", err)
	}
	return data, nil
}

// DecodeHold returns the hold that EncodeHold encoded. A stored hold of another
// version is an error: to ignore its new fields could forbid too little.
func DecodeHold(data []byte) (hold.Hold, error) {
	var s storedHold
	if err := json.Unmarshal(data, &s); err != nil {
		return hold.Hold{}, fmt.Errorf("decode hold: %w", err)
	}
	if s.Version != holdVersion {
		return hold.Hold{}, fmt.Errorf("decode hold: unknown version %d", s.Version)
	}
	return hold.Hold{
		ID: s.ID, Scope: hold.Scope(s.Scope), Modes: s.Modes, Until: s.Until, Reason: s.Reason, Source: s.Source, Alert: s.Alert,
		CreatedAt: s.CreatedAt, ReleasedAt: s.ReleasedAt, ReleaseReason: s.ReleaseReason,
	}, nil
}
