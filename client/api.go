package client

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Key is an Idempotency-Key: one for each view that a reader takes, the same in every try.
type Key [32]byte

// NewKey draws a key.
func NewKey(random io.Reader) (Key, error) {
	var k Key
	if _, err := io.ReadFull(random, k[:]); err != nil {
		return Key{}, fmt.Errorf("draw idempotency key: %w", err)
	}
	return k, nil
}

// Config is what a server lets senders do.
type Config struct {
	Origin            string        // of the page, written into links
	MinTTL            time.Duration // whole seconds, as the other two
	DefaultTTL        time.Duration
	MaxTTL            time.Duration
	MaxViews          int
	MaxEnvelope       int64 // bytes
	RequirePassphrase bool
	Create            string    // who may send: "anyone", "key" or "entra"
	Now               time.Time // by the server's clock
	Version           string
}

// Created is a secret that stands.
type Created struct {
	ID        string    `json:"id"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Status is what a holder of the link may know before reading.
type Status struct {
	ID         string    `json:"id"`
	State      string    `json:"state"` // "live", "frozen" or "held"
	ViewsLeft  int       `json:"views_left"`
	ExpiresAt  time.Time `json:"expires_at"`
	Passphrase bool      `json:"passphrase"` // reading needs one
}

// Reading is one view. Until LeaseEndsAt the same Key gets the same envelope.
type Reading struct {
	Envelope    []byte
	ViewsLeft   int
	LeaseEndsAt time.Time
}

// Receipt is what the sender may know.
type Receipt struct {
	ID        string    `json:"id"`
	State     string    `json:"state"` // a status' state, or "read", "revoked", "expired"
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
	ViewsLeft int       `json:"views_left"`
	Events    []Event   `json:"events"` // the oldest first, at most 100
}

// Event is a line of a receipt.
type Event struct {
	Event string    `json:"event"`
	At    time.Time `json:"at"`
	Held  bool      `json:"held,omitempty"` // an expiry while a hold stood
}

func (c *Created) valid() bool { return c.ID != "" }
func (s *Status) valid() bool  { return s.ID != "" && s.State != "" }
func (r *Receipt) valid() bool { return r.ID != "" && r.State != "" }

// binary is bytes as JSON carries them here: base64url without padding.
type binary []byte

func (b binary) MarshalJSON() ([]byte, error) {
	return json.Marshal(base64.RawURLEncoding.EncodeToString(b))
}

func (b *binary) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("decode bytes: %w", err)
	}
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return fmt.Errorf("decode bytes: %w", err)
	}
	*b = decoded
	return nil
}

type readingWire struct {
	Envelope    binary    `json:"envelope"`
	ViewsLeft   int       `json:"views_left"`
	LeaseEndsAt time.Time `json:"lease_ends_at"`
}

func (r *readingWire) valid() bool { return len(r.Envelope) > 0 }

type configWire struct {
	Origin            string    `json:"origin"`
	MinTTL            int64     `json:"min_ttl"` // seconds
	DefaultTTL        int64     `json:"default_ttl"`
	MaxTTL            int64     `json:"max_ttl"`
	MaxViews          int       `json:"max_views"`
	MaxEnvelope       int64     `json:"max_envelope"`
	RequirePassphrase bool      `json:"require_passphrase"`
	Create            string    `json:"create"`
	Now               time.Time `json:"now"`
	Version           string    `json:"version"`
}

func (c *configWire) valid() bool {
	return c.Origin != "" && !c.Now.IsZero() && c.MaxViews > 0 && c.MaxEnvelope > 0 && c.DefaultTTL > 0 &&
		c.MinTTL >= 0 && c.MaxTTL > 0 && c.MaxTTL <= 10*365*24*60*60 && c.DefaultTTL <= c.MaxTTL
}

func (c *configWire) config() Config {
	return Config{
		Origin: c.Origin, MinTTL: seconds(c.MinTTL), DefaultTTL: seconds(c.DefaultTTL), MaxTTL: seconds(c.MaxTTL),
		MaxViews: c.MaxViews, MaxEnvelope: c.MaxEnvelope, RequirePassphrase: c.RequirePassphrase,
		Create: c.Create, Now: c.Now.UTC(), Version: c.Version,
	}
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }
