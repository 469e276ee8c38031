package config

import (
	"encoding/hex"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/abuse"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
)

// The defaults serve one machine.
func TestDefaults(t *testing.T) {
	s, err := Read(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Listen: "127.0.0.1:7071", Data: "./data", Create: "anyone", AdminRole: "Secrets.Operate",
		MinTTL: 5 * time.Minute, DefaultTTL: 24 * time.Hour, MaxTTL: 720 * time.Hour, MaxViews: 100, MaxEnvelope: 921600,
		ReceiptRetention: 168 * time.Hour, Tries: 10, Rate: Rate{20, time.Minute}, AddressBytes: 256 << 20, StoreLimit: 8 << 30,
		AlertSeverity: "Medium", Hold: 24 * time.Hour, HoldMax: 720 * time.Hour, HoldRetention: 8760 * time.Hour, Log: zerolog.InfoLevel,
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("defaults are\n%+v, want\n%+v", s, want)
	}
}

// Every setting sets its field and no other.
func TestEachSettingSetsItsField(t *testing.T) {
	hash := hexHash("key")
	for entry, want := range map[string]func(*Config){
		"SSS_LISTEN=localhost:0":           func(s *Config) { s.Listen = "localhost:0" },
		"SSS_DATA=/srv/secrets":            func(s *Config) { s.Data = "/srv/secrets" },
		"SSS_ORIGIN=https://Secrets.test/": func(s *Config) { s.Origin = "https://secrets.test" },
		"SSS_ORIGIN=http://[::1]:8080":     func(s *Config) { s.Origin = "http://[::1]:8080" },
		"SSS_ALLOWED_ORIGINS=https://a.test, https://b.test/": func(s *Config) {
			s.AllowedOrigins = []string{"https://a.test", "https://b.test"}
		},
		"SSS_TABLE_URL=http://127.0.0.1:10002/devstoreaccount1": func(s *Config) { s.TableURL = "http://127.0.0.1:10002/devstoreaccount1" },
		"SSS_VAULT_URL=https://name.vault.azure.net":            func(s *Config) { s.VaultURL = "https://name.vault.azure.net" },
		"SSS_VAULT_URL=http://localhost:8080":                   func(s *Config) { s.VaultURL = "http://localhost:8080" },
		"SSS_SERVICEBUS=name.servicebus.windows.net":            func(s *Config) { s.ServiceBus = "name.servicebus.windows.net" },
		"SSS_SERVICEBUS=sb://127.0.0.1:5672":                    func(s *Config) { s.ServiceBus = "sb://127.0.0.1:5672" },
		"AZURE_CLIENT_ID=id":                                    func(s *Config) { s.ClientID = "id" },
		"SSS_CREATE=anyone":                                     func(*Config) {},
		"SSS_ADMIN_KEYS=" + strings.ToUpper(hash):               func(s *Config) { s.AdminKeys = []KeyHash{Hash("key")} },
		"SSS_ADMIN_ROLE=Other":                                  func(s *Config) { s.AdminRole = "Other" },
		"SSS_MIN_TTL=1h":                                        func(s *Config) { s.MinTTL = time.Hour },
		"SSS_DEFAULT_TTL=90m":                                   func(s *Config) { s.DefaultTTL = 90 * time.Minute },
		"SSS_MAX_TTL=8760h":                                     func(s *Config) { s.MaxTTL = 8760 * time.Hour },
		"SSS_MAX_VIEWS=1":                                       func(s *Config) { s.MaxViews = 1 },
		"SSS_MAX_ENVELOPE=1024":                                 func(s *Config) { s.MaxEnvelope = 1024 },
		"SSS_REQUIRE_PASSPHRASE=true":                           func(s *Config) { s.RequirePassphrase = true },
		"SSS_RECEIPT_RETENTION=0":                               func(s *Config) { s.ReceiptRetention = 0 },
		"SSS_TRIES=100":                                         func(s *Config) { s.Tries = 100 },
		"SSS_RATE=off":                                          func(s *Config) { s.Rate = Rate{} },
		"SSS_ADDRESS_BYTES=off":                                 func(s *Config) { s.AddressBytes = 0 },
		"SSS_ADDRESS_BYTES=1GiB":                                func(s *Config) { s.AddressBytes = 1 << 30 },
		"SSS_TRUSTED_PROXIES=::ffff:10.0.0.1":                   func(s *Config) { s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")} },
		"SSS_RATE=3/s":                                          func(s *Config) { s.Rate = Rate{3, time.Second} },
		"SSS_RATE=999999/h":                                     func(s *Config) { s.Rate = Rate{999999, time.Hour} },
		"SSS_TRUSTED_PROXIES=10.1.2.3/8,::1": func(s *Config) {
			s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
		},
		"SSS_FRONT_DOOR_ID=x":            func(s *Config) { s.FrontDoorID = "x" },
		"SSS_STORE_LIMIT=512MiB":         func(s *Config) { s.StoreLimit = 512 << 20 },
		"SSS_STORE_LIMIT=1KiB":           func(s *Config) { s.StoreLimit = 1 << 10 },
		"SSS_STORE_LIMIT=999999TiB":      func(s *Config) { s.StoreLimit = 999999 << 40 },
		"SSS_RESOURCES=/subscriptions/a": func(s *Config) { s.Resources = []string{"/subscriptions/a"} },
		"SSS_ALERT_SEVERITY=High":        func(s *Config) { s.AlertSeverity = "High" },
		"SSS_ALERT_TYPES=a,b":            func(s *Config) { s.AlertTypes = []string{"a", "b"} },
		"SSS_ABUSE=addresses=20/10m":     func(s *Config) { s.Abuse.Addresses = abuse.Limit{Count: 20, Per: 10 * time.Minute} },
		"SSS_HOLD=1h":                    func(s *Config) { s.Hold = time.Hour },
		"SSS_HOLD_MAX=24h":               func(s *Config) { s.HoldMax = 24 * time.Hour },
		"SSS_HOLD_RETENTION=2000h":       func(s *Config) { s.HoldRetention = 2000 * time.Hour },
		"SSS_METRICS_LISTEN=[::1]:9090":  func(s *Config) { s.MetricsListen = "[::1]:9090" },
		"SSS_BRANDING=x.json":            func(s *Config) { s.Branding = "x.json" },
		"SSS_DATA_MODES=group":           func(s *Config) { s.DataModes = owned.Group },
		"SSS_START=degraded":             func(s *Config) { s.Degraded = true },
		"SSS_LOG=debug":                  func(s *Config) { s.Log = zerolog.DebugLevel },
		"SSS_SERVER=http://127.0.0.1:1":  func(*Config) {}, // belongs to the command line
		"PATH=/bin":                      func(*Config) {},
		"SSS_MAX_TTL=":                   func(*Config) {}, // the same as unset
	} {
		environ := []string{entry}
		if strings.HasPrefix(entry, "SSS_TABLE_URL") || strings.HasPrefix(entry, "SSS_SERVICEBUS") {
			environ = append(environ, "AZURE_FUNCTIONS_ENVIRONMENT=Development")
		}
		got, err := Read(environ)
		if err != nil {
			t.Errorf("%s: %v", entry, err)
			continue
		}
		plain, err := Read(nil)
		if err != nil {
			t.Fatal(err)
		}
		if want(plain); !reflect.DeepEqual(got, plain) {
			t.Errorf("%s: got\n%+v, want\n%+v", entry, got, plain)
		}
	}
}

// Under the host, the host decides where the handler listens. The limits stay.
func TestSettingsUnderTheHost(t *testing.T) {
	s, err := Read([]string{
		"FUNCTIONS_CUSTOMHANDLER_PORT=4321", "SSS_TABLE_URL=https://x.table.core.windows.net", "SSS_VAULT_URL=https://x.vault.azure.net",
		"SSS_ORIGIN=https://secrets.test", "SSS_ENTRA=on", "SSS_CREATE=entra", "SSS_LISTEN=127.0.0.1:1", "SSS_RATE=1/m",
	})
	if err != nil || !s.Hosted || s.Listen != "127.0.0.1:4321" || s.Rate != (Rate{1, time.Minute}) || !s.Entra || s.Create != api.CreateEntra {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestOriginIsDerivedFromTheListeningAddress(t *testing.T) {
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4321}
	for environ, want := range map[string]string{"SSS_LISTEN=127.0.0.1:0": "http://127.0.0.1:4321", "SSS_ORIGIN=https://a.test": "https://a.test"} {
		c, err := Read([]string{environ})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.ListeningOn(addr).Origin; got != want {
			t.Errorf("%s: origin is %s, want %s", environ, got, want)
		}
	}
}

// hexHash returns a key's hash as a setting.
func hexHash(key string) string {
	hash := Hash(key)
	return hex.EncodeToString(hash[:])
}
