package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/host"
)

// clientVariable is the command line's; it may stand in the same environment.
const clientVariable = "SSS_SERVER"

// readSettings reads an environment of NAME=value entries. Its error names every
// variable that is unknown or does not parse, or the first combination that is
// not safe.
func readSettings(environ []string) (*Settings, error) {
	env := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	s := &Settings{}
	errs := []error{unknownNames(env)}
	for _, t := range settingsTable {
		value := env[t.name]
		if value == "" {
			value = t.fallback
		}
		if value == "" {
			continue
		}
		if err := t.set(s, value); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", t.name, err))
		}
	}
	var err error
	s.HostAddress, s.Hosted, err = host.Address(func(name string) string { return env[name] })
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	if err := s.check(env["AZURE_FUNCTIONS_ENVIRONMENT"] == "Development"); err != nil {
		return nil, err
	}
	return s, nil
}

func unknownNames(env map[string]string) error {
	known := map[string]bool{clientVariable: true}
	for _, t := range settingsTable {
		known[t.name] = true
	}
	var errs []error
	for name := range env {
		if strings.HasPrefix(name, "SSS_") && !known[name] {
			errs = append(errs, fmt.Errorf("%s: no such setting", name))
		}
	}
	return errors.Join(errs...)
}

// check refuses combinations that are not safe, or cannot be meant.
func (s *Settings) check(development bool) error {
	const year = 8760 * time.Hour
	for _, rule := range []struct {
		broken bool
		says   string
	}{
		{s.MinTTL <= 0 || s.MinTTL > s.DefaultTTL || s.DefaultTTL > s.MaxTTL, "SSS_MIN_TTL, SSS_DEFAULT_TTL, SSS_MAX_TTL: must be above zero and in this order"},
		{s.MaxTTL > year, "SSS_MAX_TTL: must be at most 8760h"},
		{s.ReceiptRetention > year, "SSS_RECEIPT_RETENTION: must be at most 8760h"},
		{s.Hold > s.HoldMax, "SSS_HOLD: must be at most SSS_HOLD_MAX"},
		{s.Create == createKey && len(s.CreateKeys) == 0, "SSS_CREATE=key: needs SSS_CREATE_KEYS"},
		{s.Create != createKey && len(s.CreateKeys) > 0, "SSS_CREATE_KEYS: needs SSS_CREATE=key, or anyone could create"},
		{s.Create == createEntra && !s.Entra, "SSS_CREATE=entra: needs SSS_ENTRA=on"},
		{s.Entra && !s.Hosted, "SSS_ENTRA=on: only behind App Service authentication; standalone, anyone could forge its header"},
		{s.Hosted && s.TableURL == "", "SSS_TABLE_URL: required under the Functions host"},
		{s.Hosted && s.VaultURL == "" && !development, "SSS_VAULT_URL: required under the Functions host"},
		{s.TableURL != "" && s.VaultURL == "" && !loopbackURL(s.TableURL) && !development, "SSS_VAULT_URL: required with a shared SSS_TABLE_URL, whose other instances could not read under a local keyring"},
		{s.Hosted && len(s.AllowedOrigins) > 0, "SSS_ALLOWED_ORIGINS: standalone only; the Functions host answers CORS itself"},
		{s.Hosted && len(s.TrustedProxies) > 0, "SSS_TRUSTED_PROXIES: standalone only"},
		{s.Hosted && s.Branding != "", "SSS_BRANDING: standalone only; in Azure it goes with the page's files"},
		{s.Hosted && s.MetricsListen != "", "SSS_METRICS_LISTEN: standalone only"},
		{s.Origin == "" && (s.Hosted || !loopback(s.Listen)), "SSS_ORIGIN: required under the Functions host, and when SSS_LISTEN is not a loopback address"},
	} {
		if rule.broken {
			return errors.New(rule.says)
		}
	}
	return nil
}

func loopback(address string) bool {
	name, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(name)
	return err == nil && (name == "localhost" || ip != nil && ip.IsLoopback())
}
