package api

import "time"

// Values of Config.Create: the policy on who may create secrets.
const (
	CreateAnyone = "anyone"
	CreateKey    = "key"   // callers with a key in Secret-Create
	CreateEntra  = "entra" // users who signed in with Entra ID
)

// Config is the answer to config: limits, policy and the server's clock.
type Config struct {
	Origin            string    `json:"origin"`       // of links: scheme://host[:port]
	MinTTL            int64     `json:"min_ttl"`      // seconds
	DefaultTTL        int64     `json:"default_ttl"`  // seconds
	MaxTTL            int64     `json:"max_ttl"`      // seconds
	MaxViews          int       `json:"max_views"`    // 1 to 100
	MaxEnvelope       int64     `json:"max_envelope"` // bytes
	RequirePassphrase bool      `json:"require_passphrase"`
	Create            string    `json:"create"`
	Now               time.Time `json:"now"`
	Version           string    `json:"version"` // of the server
}

// States of a process, as in Health.Status.
const (
	HealthLive  = "live"
	HealthReady = "ready"
)

// Results of a check.
const (
	CheckOK       = "ok"
	CheckNoAnswer = "no answer"
	CheckFull     = "full"     // store: it answers, and refuses creates
	CheckDegraded = "degraded" // keyring, vault: keys of some secrets are missing or damaged; the others are served
)

// Health is the answer to health.
type Health struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks,omitempty"` // by dependency: store, keyring, vault, bus; with ?ready=1 only
}
