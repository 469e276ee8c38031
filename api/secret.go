package api

import "time"

// States of a secret that can be read, now or later. A secret that is over has a reason instead.
const (
	StateLive   = "live"
	StateFrozen = "frozen" // until its sender unlocks it; see FreezePassphrase and FreezeAddresses
	StateHeld   = "held"   // by an operator; see Hold
)

// Reasons why a secret is over.
const (
	ReasonRead    = "read"
	ReasonRevoked = "revoked"
	ReasonExpired = "expired"
)

// Reasons why a secret is frozen.
const (
	FreezePassphrase = "passphrase" // too many wrong passphrases
	FreezeAddresses  = "addresses"  // its link was used from too many addresses
)

// Draft is the body of create. Expiry, views and id are in the envelope's clear header.
type Draft struct {
	Envelope   Bytes `json:"envelope"` // 364 bytes at least; docs/envelope.md has the layout
	AccessHash Hash  `json:"access_hash"`
	ClaimHash  Hash  `json:"claim_hash"`
	ManageHash Hash  `json:"manage_hash"`
}

// Created is the answer to create.
type Created struct {
	ID        string    `json:"id"` // 32 characters of Crockford's base32, lower case
	ExpiresAt time.Time `json:"expires_at"`
}

// Status is the answer to status. It reveals nothing that helps to guess the passphrase.
type Status struct {
	ID         string    `json:"id"`
	State      string    `json:"state"`            // StateLive, StateFrozen or StateHeld
	Reason     string    `json:"reason,omitempty"` // StateFrozen: FreezePassphrase or FreezeAddresses
	ViewsLeft  int       `json:"views_left"`
	ExpiresAt  time.Time `json:"expires_at"`
	Passphrase bool      `json:"passphrase"` // reading needs one
	Header     Bytes     `json:"header"`     // the envelope's first 36 bytes
}

// Reading is the answer to read: one view.
type Reading struct {
	Envelope    Bytes     `json:"envelope"`
	ViewsLeft   int       `json:"views_left"`
	LeaseEndsAt time.Time `json:"lease_ends_at"` // until then the same Idempotency-Key gets the same envelope
}

// Receipt is the answer to receipt: the history of the secret.
type Receipt struct {
	ID          string         `json:"id"`
	State       string         `json:"state"`            // a state, or the reason why it is over
	Reason      string         `json:"reason,omitempty"` // StateFrozen: FreezePassphrase or FreezeAddresses
	CreatedAt   time.Time      `json:"created_at"`
	ExpiresAt   time.Time      `json:"expires_at"`
	ViewsLeft   int            `json:"views_left"`
	UnlocksLeft int            `json:"unlocks_left"` // how many unlocks may still forget wrong passphrases
	Events      []ReceiptEvent `json:"events"`       // the creation, then the latest, oldest first; at most 100
}

// ReceiptEvent is one line of a receipt.
type ReceiptEvent struct {
	Event string    `json:"event"` // created, read, acked, lapsed, refused, frozen, unlocked, held, released, revoked or expired
	At    time.Time `json:"at"`
	Held  bool      `json:"held,omitempty"` // it expired during a hold
}
