package api

import "time"

// Modes of a hold.
const (
	ModeBlockRead   = "block-read"
	ModeBlockCreate = "block-create"
	ModePreserve    = "preserve" // nothing is purged
)

// Kinds of a scope.
const (
	ScopeAll    = "all"
	ScopeWeek   = "week"
	ScopeKey    = "key"
	ScopePeriod = "period"
	ScopePrefix = "prefix"
	ScopeID     = "id"
)

// Scope selects the secrets that a hold covers. It has the members of its kind only.
type Scope struct {
	Kind    string    `json:"kind"`
	Week    string    `json:"week,omitempty"`    // week: of expiry, such as 2026w47
	Name    string    `json:"name,omitempty"`    // key: of the week's key that seals them
	Version string    `json:"version,omitempty"` // key: missing for every version
	From    time.Time `json:"from,omitzero"`     // period: of creation, inclusive
	To      time.Time `json:"to,omitzero"`       // period: exclusive
	Prefix  string    `json:"prefix,omitempty"`  // prefix: of the id, 1 to 32 characters
	ID      string    `json:"id,omitempty"`      // id
}

// HoldRequest is the body of quarantine from an operator. Defender sends alerts instead.
type HoldRequest struct {
	Scope  Scope     `json:"scope"`
	Modes  []string  `json:"modes,omitempty"`
	Until  time.Time `json:"until,omitzero"`    // missing for the server's default
	Reason string    `json:"reason,omitempty"`  // one line of at most 500 characters
	DryRun bool      `json:"dry_run,omitempty"` // only count; modes and reason may then be missing
}

// Hold withholds the secrets in its scope until it is released or ends by itself.
type Hold struct {
	ID            string    `json:"id"` // 32 hex digits
	Scope         Scope     `json:"scope"`
	Modes         []string  `json:"modes"`
	Until         time.Time `json:"until"`
	Reason        string    `json:"reason"`
	Source        string    `json:"source"`          // operator, defender or abuse
	Alert         string    `json:"alert,omitempty"` // defender: the alert's SystemAlertId
	CreatedAt     time.Time `json:"created_at"`
	ReleasedAt    time.Time `json:"released_at,omitzero"` // missing while it is active, and if it ended by itself
	ReleaseReason string    `json:"release_reason,omitempty"`
}

// Outcome is the answer to quarantine and release. The hold is placed or released
// even if its event could not be sent.
type Outcome struct {
	Hold      *Hold  `json:"hold"` // null if the alert asks for none
	EventSent bool   `json:"event_sent"`
	Reason    string `json:"reason,omitempty"` // why there is no hold
}

// Covers is the answer to a dry run.
type Covers struct {
	Covers int  `json:"covers"`         // secrets in the scope that are not over
	More   bool `json:"more,omitempty"` // there may be more: the server stopped counting
}

// Holds is a page of the answer to holds: at most 100, in no order that matters. The
// active ones come first: none follow a page with past ones.
type Holds struct {
	Active []Hold `json:"active"`
	Past   []Hold `json:"past"`
	Next   string `json:"next"` // the parameter next for the following page; empty on the last
}
