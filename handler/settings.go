package main

import (
	"crypto/sha256"
	"net/netip"
	"time"

	"github.com/rs/zerolog"

	"github.com/secretsharer/secretsharer/handler/internal/abuse"
)

// Settings are what the environment says, read once at the start. The variable
// and the default of each field stand in settingsTable; docs/operations.md
// says what they are for.
type Settings struct {
	Hosted      bool   // the Functions host started the process
	HostAddress string // where the host expects it to listen, host:port

	Listen         string   // standalone: host:port
	Data           string   // directory of store.db and keyring/
	Origin         string   // of the page, without a slash at the end; empty: the listening address
	AllowedOrigins []string // standalone: further origins that CORS admits

	TableURL   string // empty: the embedded store
	VaultURL   string // empty: the local keyring
	ServiceBus string // empty: events stay in memory
	ClientID   string // of the user-assigned identity

	Create     string // anyone, key or entra
	CreateKeys []KeyHash
	AdminKeys  []KeyHash
	Entra      bool // App Service authentication stands in front
	AdminRole  string

	MinTTL, DefaultTTL, MaxTTL time.Duration
	MaxViews                   int
	MaxEnvelope                int // bytes
	RequirePassphrase          bool
	ReceiptRetention           time.Duration
	Tries                      int // wrong claims before the freeze

	Rate           Rate           // standalone: of creates, and of wrong tries, for each client address
	TrustedProxies []netip.Prefix // standalone: whose last X-Forwarded-For entry counts
	FrontDoorID    string
	StoreLimit     int64 // bytes of the embedded store's file

	Resources     []string // ARM ids that are ours
	AlertSeverity string
	AlertTypes    []string
	Abuse         abuse.Limits
	Hold, HoldMax time.Duration

	MetricsListen string // standalone: host:port
	Branding      string // standalone: a file's path
	Log           zerolog.Level
}

// KeyHash is SHA-256 over a key as it is sent.
type KeyHash [sha256.Size]byte

// Rate is how many calls a client may make in a time; none are counted when Calls is 0.
type Rate struct {
	Calls int
	Per   time.Duration
}

// The policies of who may create.
const (
	createAnyone = "anyone"
	createKey    = "key"
	createEntra  = "entra"
)

// setting is one variable of the environment. An empty value means the default.
type setting struct {
	name, fallback string
	set            func(s *Settings, value string) error
}

var settingsTable = []setting{
	{name: "SSS_LISTEN", fallback: "127.0.0.1:7071", set: address(func(s *Settings) *string { return &s.Listen })},
	{name: "SSS_DATA", fallback: "./data", set: text(func(s *Settings) *string { return &s.Data })},
	{name: "SSS_ORIGIN", set: origin(func(s *Settings) *string { return &s.Origin })},
	{name: "SSS_ALLOWED_ORIGINS", set: list(func(s *Settings) *[]string { return &s.AllowedOrigins }, parseOrigin)},
	{name: "SSS_TABLE_URL", set: endpoint(func(s *Settings) *string { return &s.TableURL })},
	{name: "SSS_VAULT_URL", set: endpoint(func(s *Settings) *string { return &s.VaultURL })},
	{name: "SSS_SERVICEBUS", set: namespace(func(s *Settings) *string { return &s.ServiceBus })},
	{name: "AZURE_CLIENT_ID", set: text(func(s *Settings) *string { return &s.ClientID })},
	{name: "SSS_CREATE", fallback: createAnyone, set: choice(func(s *Settings) *string { return &s.Create }, createAnyone, createKey, createEntra)},
	{name: "SSS_CREATE_KEYS", set: list(func(s *Settings) *[]KeyHash { return &s.CreateKeys }, parseKeyHash)},
	{name: "SSS_ADMIN_KEYS", set: list(func(s *Settings) *[]KeyHash { return &s.AdminKeys }, parseKeyHash)},
	{name: "SSS_ENTRA", fallback: "off", set: onOff(func(s *Settings) *bool { return &s.Entra })},
	{name: "SSS_ADMIN_ROLE", fallback: "Secrets.Operate", set: text(func(s *Settings) *string { return &s.AdminRole })},
	{name: "SSS_MIN_TTL", fallback: "5m", set: duration(func(s *Settings) *time.Duration { return &s.MinTTL })},
	{name: "SSS_DEFAULT_TTL", fallback: "24h", set: duration(func(s *Settings) *time.Duration { return &s.DefaultTTL })},
	{name: "SSS_MAX_TTL", fallback: "720h", set: duration(func(s *Settings) *time.Duration { return &s.MaxTTL })},
	{name: "SSS_MAX_VIEWS", fallback: "100", set: number(func(s *Settings) *int { return &s.MaxViews }, 1, 100)},
	{name: "SSS_MAX_ENVELOPE", fallback: "921600", set: number(func(s *Settings) *int { return &s.MaxEnvelope }, 1024, 921600)},
	{name: "SSS_REQUIRE_PASSPHRASE", fallback: "false", set: boolean(func(s *Settings) *bool { return &s.RequirePassphrase })},
	{name: "SSS_RECEIPT_RETENTION", fallback: "168h", set: duration(func(s *Settings) *time.Duration { return &s.ReceiptRetention })},
	{name: "SSS_TRIES", fallback: "10", set: number(func(s *Settings) *int { return &s.Tries }, 1, 100)},
	{name: "SSS_RATE", fallback: "20/m", set: rateOf(func(s *Settings) *Rate { return &s.Rate })},
	{name: "SSS_TRUSTED_PROXIES", set: list(func(s *Settings) *[]netip.Prefix { return &s.TrustedProxies }, parseNetwork)},
	{name: "SSS_FRONT_DOOR_ID", set: text(func(s *Settings) *string { return &s.FrontDoorID })},
	{name: "SSS_STORE_LIMIT", fallback: "8GiB", set: size(func(s *Settings) *int64 { return &s.StoreLimit })},
	{name: "SSS_RESOURCES", set: list(func(s *Settings) *[]string { return &s.Resources }, parseResource)},
	{name: "SSS_ALERT_SEVERITY", fallback: "Medium", set: choice(func(s *Settings) *string { return &s.AlertSeverity }, "Informational", "Low", "Medium", "High")},
	{name: "SSS_ALERT_TYPES", set: list(func(s *Settings) *[]string { return &s.AlertTypes }, asIs)},
	{name: "SSS_ABUSE", fallback: "off", set: parsed(func(s *Settings) *abuse.Limits { return &s.Abuse }, abuse.Parse)},
	{name: "SSS_HOLD", fallback: "24h", set: duration(func(s *Settings) *time.Duration { return &s.Hold })},
	{name: "SSS_HOLD_MAX", fallback: "720h", set: duration(func(s *Settings) *time.Duration { return &s.HoldMax })},
	{name: "SSS_METRICS_LISTEN", set: address(func(s *Settings) *string { return &s.MetricsListen })},
	{name: "SSS_BRANDING", set: text(func(s *Settings) *string { return &s.Branding })},
	{name: "SSS_LOG", fallback: "info", set: level(func(s *Settings) *zerolog.Level { return &s.Log })},
}
