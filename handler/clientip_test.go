package main

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/config"
)

// The client is the peer; behind a trusted proxy, the last entry of X-Forwarded-For; behind
// Front Door, the address that Front Door adds. Headers from anybody else are ignored.
func TestClientAddresses(t *testing.T) {
	proxies := []netip.Prefix{prefix("10.0.0.0/8"), prefix("fd00::/8")}
	const door = "11111111-2222-3333-4444-555555555555"
	for name, at := range map[string]struct {
		settings config.Config
		remote   string
		headers  []string
		want     string
	}{
		"peer":                   {config.Config{}, "192.0.2.7:1234", nil, "192.0.2.7/32"},
		"peer, IPv6 by its /64":  {config.Config{}, "[2001:db8:1:2:3:4:5:6]:1234", nil, "2001:db8:1:2::/64"},
		"peer with a zone":       {config.Config{}, "[fe80::1%eth0]:1234", nil, "fe80::/64"},
		"peer, IPv4 in IPv6":     {config.Config{}, "[::ffff:192.0.2.7]:1234", nil, "192.0.2.7/32"},
		"no address":             {config.Config{}, "@", nil, ""},
		"forged forwarding":      {config.Config{}, "192.0.2.7:1", []string{"X-Forwarded-For", "203.0.113.9", "X-Azure-ClientIP", "203.0.113.9", "X-Real-IP", "203.0.113.9"}, "192.0.2.7/32"},
		"not a trusted proxy":    {config.Config{TrustedProxies: proxies}, "192.0.2.7:1", []string{"X-Forwarded-For", "203.0.113.9"}, "192.0.2.7/32"},
		"proxy":                  {config.Config{TrustedProxies: proxies}, "10.1.2.3:1", []string{"X-Forwarded-For", "203.0.113.9"}, "203.0.113.9/32"},
		"proxy, IPv4 in IPv6":    {config.Config{TrustedProxies: proxies}, "[::ffff:10.1.2.3]:1", []string{"X-Forwarded-For", "203.0.113.9"}, "203.0.113.9/32"},
		"proxy over IPv6":        {config.Config{TrustedProxies: proxies}, "[fd00::1]:1", []string{"X-Forwarded-For", "2001:db8::1"}, "2001:db8::/64"},
		"proxy, forged before":   {config.Config{TrustedProxies: proxies}, "10.1.2.3:1", []string{"X-Forwarded-For", "198.51.100.1, 203.0.113.9"}, "203.0.113.9/32"},
		"proxy, two headers":     {config.Config{TrustedProxies: proxies}, "10.1.2.3:1", []string{"X-Forwarded-For", "198.51.100.1", "X-Forwarded-For", "203.0.113.9"}, "203.0.113.9/32"},
		"proxy without a header": {config.Config{TrustedProxies: proxies}, "10.1.2.3:1", nil, "10.1.2.3/32"},
		"proxy, no address":      {config.Config{TrustedProxies: proxies}, "10.1.2.3:1", []string{"X-Forwarded-For", "unknown"}, ""},
		"hosted":                 {config.Config{Hosted: true}, "127.0.0.1:1", []string{"X-Forwarded-For", "203.0.113.9", "X-Azure-ClientIP", "203.0.113.9"}, ""},
		"Front Door":             {config.Config{Hosted: true, FrontDoorID: door}, "127.0.0.1:1", []string{"X-Azure-FDID", door, "X-Azure-ClientIP", "203.0.113.9"}, "203.0.113.9/32"},
		"forged Front Door":      {config.Config{Hosted: true, FrontDoorID: door}, "127.0.0.1:1", []string{"X-Azure-FDID", "x", "X-Azure-ClientIP", "203.0.113.9"}, ""},
		"Front Door, no address": {config.Config{Hosted: true, FrontDoorID: door}, "127.0.0.1:1", []string{"X-Azure-FDID", door}, ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = at.remote
		for i := 0; i < len(at.headers); i += 2 {
			r.Header.Add(at.headers[i], at.headers[i+1])
		}
		got := clientIP(&at.settings, r)
		if text := got.String(); text != at.want && (got.IsValid() || at.want != "") {
			t.Errorf("%s: %s, want %s", name, text, at.want)
		}
	}
}

// Anybody can forge the header of a sign-in, so it counts only with SSS_ENTRA=on.
func TestSignInCountsOnlyWithEntra(t *testing.T) {
	principal := func(json string) string { return base64.StdEncoding.EncodeToString([]byte(json)) }
	good := principal(`{"auth_typ":"aad","claims":[{"typ":"oid","val":"x"}],"name_typ":"n","role_typ":"r"}`)
	for _, at := range []struct {
		name, header string
		entra, want  bool
	}{
		{"signed in", good, true, true},
		{"forged", good, false, false},
		{"nobody", "", true, false},
		{"no base64", "{}", true, false},
		{"no JSON", principal("x"), true, false},
		{"another provider", principal(`{"auth_typ":"google","claims":[{"typ":"oid","val":"x"}]}`), true, false},
		{"no claims", principal(`{"auth_typ":"aad","claims":[]}`), true, false},
	} {
		cfg := testConfig(t)
		cfg.Create, cfg.Entra = api.CreateEntra, at.entra // which the settings admit only under the host
		f := startFixture(t, cfg)
		r := sealed(t, terms{}).create().with("X-MS-CLIENT-PRINCIPAL", at.header)
		status, slug := 401, "unauthorized"
		if at.want {
			status, slug = 201, ""
		}
		if got := f.do(r); got.status != status || got.slug() != slug {
			t.Errorf("%s: %d %s, want %d", at.name, got.status, got.body, status)
		}
	}
}
