// Package hold defines what a hold is: which secrets it covers, what it forbids
// and for how long. The package does no I/O, and is independent of the stored form
// and of the API. Its values are safe for concurrent use as long as nobody changes
// them.
package hold

import (
	"slices"
	"time"
)

// Mode is one thing that a hold does to the secrets in its scope.
type Mode string

// The modes of a hold.
const (
	BlockRead   Mode = "block-read"   // no view is handed out
	BlockCreate Mode = "block-create" // no secret is created
	Preserve    Mode = "preserve"     // nothing is purged
)

// Sources of holds.
const (
	SourceOperator = "operator"
	SourceDefender = "defender" // an alert of Microsoft Defender for Cloud
	SourceAbuse    = "abuse"    // the service itself
)

// Hold freezes the secrets in its scope until it is released or Until has come.
// Times are UTC, in whole seconds.
type Hold struct {
	ID            string // 32 hexadecimal digits in lower case
	Scope         Scope
	Modes         []Mode // sorted, each once
	Until         time.Time
	Reason        string // one line of text
	Source        string // see SourceOperator
	Alert         string // the SystemAlertId; empty when no alert placed the hold
	CreatedAt     time.Time
	ReleasedAt    time.Time // zero unless the hold was released before Until
	ReleaseReason string
}

// Active reports whether the hold does mode at t.
func (h *Hold) Active(mode Mode, t time.Time) bool {
	return h.ReleasedAt.IsZero() && t.Before(h.Until) && slices.Contains(h.Modes, mode)
}

// End returns when the hold was released, or else when it ends by itself.
func (h *Hold) End() time.Time {
	if !h.ReleasedAt.IsZero() {
		return h.ReleasedAt
	}
	return h.Until
}

// Until returns the latest end among the holds that do mode to the target at t.
// active is false when there is none.
func Until(holds []Hold, target *Target, mode Mode, t time.Time) (until time.Time, active bool) {
	for i := range holds {
		if h := &holds[i]; h.Scope.Covers(target) && h.Active(mode, t) { // few holds cover it
			active = true
			if h.Until.After(until) {
				until = h.Until
			}
		}
	}
	return until, active
}
