package secret

import "time"

// Draft is what a sender hands over. The header's fields are those of its bytes.
type Draft struct {
	ID         ID
	Header     [HeaderSize]byte
	Expires    time.Time
	Views      int
	Passphrase bool
	Envelope   []byte // whole, its header included
	Access     Hash
	Claim      Hash
	Manage     Hash
}

// Proofs are what a caller shows, each 32 bytes, nil where it shows none.
type Proofs struct {
	Access []byte
	Claim  []byte
	Manage []byte
}

// State is what a secret is in.
type State string

// The states of a secret that is not over; those that are over have a [Reason].
const (
	StateLive   State = "live"
	StateFrozen State = "frozen"
	StateHeld   State = "held"
)

// Status is what a holder of the link may know before reading.
type Status struct {
	State   State
	Views   int
	Expires time.Time
	Header  [HeaderSize]byte
}

// Reading is one view.
type Reading struct {
	Envelope []byte
	Views    int       // left
	LeaseEnd time.Time // until then the same key gets the same bytes
}

// Receipt is what the sender may know.
type Receipt struct {
	State   State // a state, or the reason why it is over
	Created time.Time
	Expires time.Time
	Views   int // left
	Events  []ReceiptEvent
}

// ReceiptEvent is a line of a receipt.
type ReceiptEvent struct {
	Event string
	At    time.Time
	Held  bool // an expiry while a hold stood
}

// Purged says what a purge did. Nothing is left behind when Behind is zero.
type Purged struct {
	Cleared int           // sealed envelopes deleted
	Deleted int           // rows deleted
	Left    int           // rows and marks seen but left for a later purge
	Behind  time.Duration // how far the slower pass is behind what has expired
}

// Rotated says what a rotation did.
type Rotated struct {
	Made, Disabled, Deleted int // weeks' keys
}
