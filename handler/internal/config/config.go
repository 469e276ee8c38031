// Package config reads the settings of the handler from environment variables.
//
// Read is called once, at the start; nothing else in the program reads the
// environment. It refuses settings that are unknown, malformed or unsafe with a
// message that names the variable and never quotes its value, which may be a key in
// the wrong place. docs/operations.md lists the settings and their meaning.
package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/abuse"
	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
)

// Config holds all settings of the handler. It is not changed after [Read].
type Config struct {
	Hosted bool // the Functions host started the process

	Listen         string      // host:port to listen on; under the host, where the host expects the handler
	Data           string      // standalone: directory of store.db, keyring/ and admin.key
	DataModes      owned.Modes // standalone: who besides the owner may have access to what is in Data
	Degraded       bool        // start although keys of live secrets are missing or damaged
	Origin         string      // origin of the page, without a trailing slash; empty: derived from the listening address
	AllowedOrigins []string    // standalone: further origins that CORS admits

	TableURL   string // endpoint of the Table service; empty: the embedded store
	VaultURL   string // endpoint of the Key Vault; empty: the local keyring
	ServiceBus string // namespace of the Service Bus; empty: events are discarded
	ClientID   string // client ID of the user-assigned identity; empty: the system-assigned one

	Create     string    // who may create: api.CreateAnyone, api.CreateKey or api.CreateEntra
	CreateKeys []KeyHash // with api.CreateKey: the keys that may create
	AdminKeys  []KeyHash // keys of operators
	Entra      bool      // requests come through App Service authentication, so X-MS-CLIENT-PRINCIPAL is trusted
	AdminRole  string    // Entra application role of operators

	MinTTL, DefaultTTL, MaxTTL time.Duration // of secrets
	MaxViews                   int           // 1 to 100
	MaxEnvelope                int           // bytes
	RequirePassphrase          bool
	ReceiptRetention           time.Duration // how long a tombstone outlasts the expiry
	Tries                      int           // distinct wrong claims that freeze a secret

	Rate           Rate           // limit of creates, and of wrong claims, for each client address
	AddressBytes   int64          // bytes of secrets that one client address may have stored on average; 0: any
	TrustedProxies []netip.Prefix // standalone: proxies whose X-Forwarded-For is trusted
	FrontDoorID    string         // the Front Door that every call must come through; empty: none
	StoreLimit     int64          // bytes of the embedded store's file above which creates are refused

	Resources     []string      // ARM IDs whose alerts concern this service
	AlertSeverity string        // least severity of an alert that places a hold
	AlertTypes    []string      // types of alerts that place a hold; empty: all
	Abuse         abuse.Limits  // zero: no detection
	Hold, HoldMax time.Duration // length of an automatic hold; longest of any hold
	HoldRetention time.Duration // how long a hold is kept after its end, at least

	MetricsListen string        // standalone: host:port of the metrics; empty: none
	Branding      string        // standalone: path of the branding file; empty: none
	Log           zerolog.Level // least level that is logged
}

// KeyHash is SHA-256 over a key as it is sent in a header.
type KeyHash [sha256.Size]byte

// Hash returns the hash of a key as it is sent in a header.
func Hash(key string) KeyHash { return sha256.Sum256([]byte(key)) }

// Rate is a limit of calls in a time. The zero Rate limits nothing.
type Rate struct {
	Calls int
	Per   time.Duration
}

// setting is one environment variable. An empty value means the default.
type setting struct {
	name, fallback string
	set            func(value string) error
}

// settings returns every variable with the field of c that it sets.
func settings(c *Config) []setting {
	return []setting{
		{"SSS_LISTEN", "127.0.0.1:7071", into(&c.Listen, address)},
		{"SSS_DATA", "./data", into(&c.Data, text)},
		{"SSS_DATA_MODES", "private", into(&c.DataModes, owned.Parse)},
		{"SSS_START", "strict", into(&c.Degraded, boolean("degraded", "strict"))},
		{"SSS_ORIGIN", "", into(&c.Origin, origin)},
		{"SSS_ALLOWED_ORIGINS", "", into(&c.AllowedOrigins, list(origin))},
		{"SSS_TABLE_URL", "", into(&c.TableURL, endpoint)},
		{"SSS_VAULT_URL", "", into(&c.VaultURL, endpoint)},
		{"SSS_SERVICEBUS", "", into(&c.ServiceBus, namespace)},
		{"AZURE_CLIENT_ID", "", into(&c.ClientID, text)},
		{"SSS_CREATE", "anyone", into(&c.Create, choice(api.CreateAnyone, api.CreateKey, api.CreateEntra))},
		{"SSS_CREATE_KEYS", "", into(&c.CreateKeys, list(keyHash))},
		{"SSS_ADMIN_KEYS", "", into(&c.AdminKeys, list(keyHash))},
		{"SSS_ENTRA", "off", into(&c.Entra, boolean("on", "off"))},
		{"SSS_ADMIN_ROLE", "Secrets.Operate", into(&c.AdminRole, text)},
		{"SSS_MIN_TTL", "5m", into(&c.MinTTL, duration)},
		{"SSS_DEFAULT_TTL", "24h", into(&c.DefaultTTL, duration)},
		{"SSS_MAX_TTL", "720h", into(&c.MaxTTL, duration)},
		{"SSS_MAX_VIEWS", "100", into(&c.MaxViews, number(1, 100))},
		{"SSS_MAX_ENVELOPE", "921600", into(&c.MaxEnvelope, number(1024, 921600))},
		{"SSS_REQUIRE_PASSPHRASE", "false", into(&c.RequirePassphrase, boolean("true", "false"))},
		{"SSS_RECEIPT_RETENTION", "168h", into(&c.ReceiptRetention, duration)},
		{"SSS_TRIES", "10", into(&c.Tries, number(1, 100))},
		{"SSS_RATE", "20/m", into(&c.Rate, rate)},
		{"SSS_ADDRESS_BYTES", "256MiB", into(&c.AddressBytes, sizeOrOff)},
		{"SSS_TRUSTED_PROXIES", "", into(&c.TrustedProxies, list(network))},
		{"SSS_FRONT_DOOR_ID", "", into(&c.FrontDoorID, text)},
		{"SSS_STORE_LIMIT", "8GiB", into(&c.StoreLimit, size)},
		{"SSS_RESOURCES", "", into(&c.Resources, list(resource))},
		{"SSS_ALERT_SEVERITY", "Medium", into(&c.AlertSeverity, choice("Informational", "Low", "Medium", "High"))},
		{"SSS_ALERT_TYPES", "", into(&c.AlertTypes, list(text))},
		{"SSS_ABUSE", "off", into(&c.Abuse, abuse.Parse)},
		{"SSS_HOLD", "24h", into(&c.Hold, duration)},
		{"SSS_HOLD_MAX", "720h", into(&c.HoldMax, duration)},
		{"SSS_HOLD_RETENTION", "8760h", into(&c.HoldRetention, duration)},
		{"SSS_METRICS_LISTEN", "", into(&c.MetricsListen, address)},
		{"SSS_BRANDING", "", into(&c.Branding, text)},
		{"SSS_LOG", "info", into(&c.Log, level)},
	}
}

// clientVariable belongs to the command line and may be set in the same environment.
const clientVariable = "SSS_SERVER"

// Read reads an environment of NAME=value entries. Its error names every variable
// that is unknown or malformed, or else the first combination that is unsafe.
func Read(environ []string) (*Config, error) {
	env := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	c := &Config{}
	known := map[string]bool{clientVariable: true}
	var errs []error
	for _, s := range settings(c) {
		known[s.name] = true
		value := env[s.name]
		if value == "" {
			value = s.fallback
		}
		if value == "" {
			continue
		}
		if err := s.set(value); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	for name := range env {
		if strings.HasPrefix(name, "SSS_") && !known[name] {
			errs = append(errs, fmt.Errorf("%s: no such setting", name))
		}
	}
	listen, hosted, err := host.Address(func(name string) string { return env[name] })
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	if hosted {
		c.Hosted, c.Listen = true, listen
	}
	if err := c.check(env["AZURE_FUNCTIONS_ENVIRONMENT"] == "Development"); err != nil {
		return nil, err
	}
	return c, nil
}

// ListeningOn returns the settings with the origin derived from the listening
// address, unless an origin is set.
func (c *Config) ListeningOn(addr net.Addr) *Config {
	derived := *c
	if derived.Origin == "" {
		derived.Origin = "http://" + addr.String()
	}
	return &derived
}

// check refuses combinations that are unsafe or make no sense.
func (c *Config) check(development bool) error {
	const month, year = 720 * time.Hour, 8760 * time.Hour
	for _, rule := range []struct {
		broken  bool
		message string
	}{
		{c.MinTTL <= 0 || c.MinTTL > c.DefaultTTL || c.DefaultTTL > c.MaxTTL, "SSS_MIN_TTL, SSS_DEFAULT_TTL, SSS_MAX_TTL: must be above zero and in this order"},
		{c.MaxTTL > year, "SSS_MAX_TTL: must be at most 8760h"},
		{c.ReceiptRetention > year, "SSS_RECEIPT_RETENTION: must be at most 8760h"},
		{c.Hold > c.HoldMax, "SSS_HOLD: must be at most SSS_HOLD_MAX"},
		{c.HoldRetention < month, "SSS_HOLD_RETENTION: must be at least 720h, because the alert of a hold that was released may arrive again"},
		{c.Create == api.CreateKey && len(c.CreateKeys) == 0, "SSS_CREATE=key: needs SSS_CREATE_KEYS"},
		{c.Create != api.CreateKey && len(c.CreateKeys) > 0, "SSS_CREATE_KEYS: needs SSS_CREATE=key, otherwise anyone could create"},
		{c.Create == api.CreateEntra && !c.Entra, "SSS_CREATE=entra: needs SSS_ENTRA=on"},
		{c.Entra && !c.Hosted, "SSS_ENTRA=on: only behind App Service authentication; standalone, anyone could forge its header"},
		{c.Hosted && c.TableURL == "", "SSS_TABLE_URL: required under the Functions host"},
		{c.Hosted && c.VaultURL == "" && !development, "SSS_VAULT_URL: required under the Functions host"},
		{c.TableURL != "" && c.VaultURL == "" && !loopbackURL(c.TableURL) && !development, "SSS_VAULT_URL: required with a shared SSS_TABLE_URL, because other instances cannot read secrets sealed under a local keyring"},
		{c.Hosted && len(c.AllowedOrigins) > 0, "SSS_ALLOWED_ORIGINS: standalone only; under the Functions host, the host handles CORS"},
		{c.Hosted && len(c.TrustedProxies) > 0, "SSS_TRUSTED_PROXIES: standalone only"},
		{c.Hosted && c.Branding != "", "SSS_BRANDING: standalone only; in Azure the branding is deployed with the page"},
		{c.Hosted && c.MetricsListen != "", "SSS_METRICS_LISTEN: standalone only"},
		{c.Origin == "" && (c.Hosted || !loopback(c.Listen)), "SSS_ORIGIN: required under the Functions host, and when SSS_LISTEN is not a loopback address"},
	} {
		if rule.broken {
			return errors.New(rule.message)
		}
	}
	return nil
}
