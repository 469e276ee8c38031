package main

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/config"
)

// The client is the peer; behind trusted proxies, the last entry of X-Forwarded-For that
// is no trusted proxy; behind App Service, the last entry; behind Front Door, the address
// of the connection. Headers from anybody else are ignored. When a trusted header has no
// address, the nearest peer that is known counts, and the reason is reported.
func TestClientAddresses(t *testing.T) {
	const door = "11111111-2222-3333-4444-555555555555"
	peer := config.Config{}
	proxy := testConfig(t, "SSS_TRUSTED_PROXIES=10.0.0.0/8,127.0.0.1,fd00::/8,::ffff:192.168.0.1")
	hosted := config.Config{Hosted: true}
	edge := config.Config{Hosted: true, FrontDoorID: door}
	for name, at := range map[string]struct {
		cfg     *config.Config
		remote  string
		headers []string
		want    string
		reason  string
	}{
		"peer":                       {&peer, "192.0.2.7:1234", nil, "192.0.2.7", ""},
		"peer, IPv6":                 {&peer, "[2001:db8:1:2:3:4:5:6]:1234", nil, "2001:db8:1:2:3:4:5:6", ""},
		"peer with a zone":           {&peer, "[fe80::1%eth0]:1234", nil, "fe80::1", ""},
		"peer, IPv4 in IPv6":         {&peer, "[::ffff:192.0.2.7]:1234", nil, "192.0.2.7", ""},
		"peer without an address":    {&peer, "@", nil, "::", ""},
		"forged forwarding":          {&peer, "192.0.2.7:1", []string{"X-Forwarded-For", "203.0.113.9", "X-Azure-SocketIP", "203.0.113.9", "X-Real-IP", "203.0.113.9"}, "192.0.2.7", ""},
		"a proxy that is not named":  {&peer, "127.0.0.1:1", []string{"X-Forwarded-For", "203.0.113.9"}, "127.0.0.1", untrustedForwarding},
		"another, in a private net":  {&peer, "172.30.71.2:1", []string{"X-Forwarded-For", "203.0.113.9"}, "172.30.71.2", untrustedForwarding},
		"not a trusted proxy":        {proxy, "192.0.2.7:1", []string{"X-Forwarded-For", "203.0.113.9"}, "192.0.2.7", ""},
		"proxy":                      {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "203.0.113.9"}, "203.0.113.9", ""},
		"proxy, IPv4 in IPv6":        {proxy, "[::ffff:10.1.2.3]:1", []string{"X-Forwarded-For", "::ffff:203.0.113.9"}, "203.0.113.9", ""},
		"proxy, written in IPv6":     {proxy, "192.168.0.1:1", []string{"X-Forwarded-For", "203.0.113.9"}, "203.0.113.9", ""},
		"proxy over IPv6":            {proxy, "[fd00::1%eth0]:1", []string{"X-Forwarded-For", "2001:db8::1"}, "2001:db8::1", ""},
		"proxy, with a port":         {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "203.0.113.9:5678"}, "203.0.113.9", ""},
		"proxy, IPv6 with a port":    {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "[2001:db8::1]:443"}, "2001:db8::1", ""},
		"proxy, IPv6 in brackets":    {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", " [2001:db8::1] "}, "2001:db8::1", ""},
		"proxy, a zone and a port":   {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "[2001:db8::1%3]:443"}, "2001:db8::1", ""},
		"proxy, forged before":       {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "198.51.100.1, 203.0.113.9"}, "203.0.113.9", ""},
		"proxy, forged junk before":  {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "unknown,, 203.0.113.9"}, "203.0.113.9", ""},
		"proxy, two lines":           {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "198.51.100.1", "X-Forwarded-For", "203.0.113.9"}, "203.0.113.9", ""},
		"two proxies":                {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "198.51.100.1, 203.0.113.9, 10.9.9.9"}, "203.0.113.9", ""},
		"two proxies, two lines":     {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "203.0.113.9", "X-Forwarded-For", "10.9.9.9:80"}, "203.0.113.9", ""},
		"two proxies at one address": {proxy, "127.0.0.1:1", []string{"X-Forwarded-For", "203.0.113.9, 127.0.0.1"}, "203.0.113.9", ""},
		"a client among the proxies": {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "10.5.5.5, 10.9.9.9"}, "10.5.5.5", ""},
		"proxy without a header":     {proxy, "10.1.2.3:1", nil, "10.1.2.3", noForwarding},
		"proxy, empty header":        {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", ""}, "10.1.2.3", noForwarding},
		"proxy, empty entry":         {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "203.0.113.9, "}, "10.1.2.3", noForwarding},
		"proxy, unknown":             {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "unknown"}, "10.1.2.3", malformedForwarding},
		"proxy, obfuscated":          {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "203.0.113.9, _hidden"}, "10.1.2.3", malformedForwarding},
		"proxy, a port alone":        {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", ":443"}, "10.1.2.3", malformedForwarding},
		"second proxy, unknown":      {proxy, "10.1.2.3:1", []string{"X-Forwarded-For", "203.0.113.9, unknown, 10.9.9.9"}, "10.9.9.9", malformedForwarding},
		"App Service":                {&hosted, "127.0.0.1:1", []string{"X-Forwarded-For", "198.51.100.1, 203.0.113.9:5678", "X-Azure-SocketIP", "198.51.100.1"}, "203.0.113.9", ""},
		"App Service, IPv6":          {&hosted, "127.0.0.1:1", []string{"X-Forwarded-For", "[2001:db8::1]:5678"}, "2001:db8::1", ""},
		"App Service, no header":     {&hosted, "127.0.0.1:1", nil, "127.0.0.1", noForwarding},
		"App Service, private":       {&hosted, "127.0.0.1:1", []string{"X-Forwarded-For", "203.0.113.9, 169.254.130.1:5678"}, "169.254.130.1", privateForwarding},
		"Front Door":                 {&edge, "127.0.0.1:1", []string{"X-Azure-FDID", door, "X-Azure-SocketIP", "203.0.113.9", "X-Azure-ClientIP", "198.51.100.1", "X-Forwarded-For", "198.51.100.1"}, "203.0.113.9", ""},
		"Front Door, no address":     {&edge, "127.0.0.1:1", []string{"X-Azure-FDID", door, "X-Azure-ClientIP", "198.51.100.1"}, "127.0.0.1", noForwarding},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = at.remote
		for i := 0; i < len(at.headers); i += 2 {
			r.Header.Add(at.headers[i], at.headers[i+1])
		}
		var reasons []string
		c := &clients{cfg: at.cfg, report: func(reason string) { reasons = append(reasons, reason) }}
		for range 2 { // it is reported once
			if got := c.of(r).String(); got != at.want {
				t.Errorf("%s: %s, want %s", name, got, at.want)
			}
		}
		if got := strings.Join(reasons, ", "); got != at.reason {
			t.Errorf("%s: reported %q, want %q", name, got, at.reason)
		}
	}
}

func TestIPv6CountsByNetwork(t *testing.T) {
	for text, want := range map[string][2]string{
		"192.0.2.7": {"192.0.2.7", "192.0.2.7"}, "2001:db8:1:23ff:4:5:6:7": {"2001:db8:1:23ff::", "2001:db8:1:2300::"}, "::": {"::", "::"},
	} {
		a := netip.MustParseAddr(text)
		if got := [2]string{subscriber(a).String(), household(a).String()}; got != want {
			t.Errorf("%s counts as %v, want %v", text, got, want)
		}
	}
}

// No form in which a proxy may write an address switches a limit off.
func TestEveryFormOfAnAddressIsLimited(t *testing.T) {
	for _, form := range []string{"198.51.100.7", "198.51.100.7:5678", "[2001:db8::1]:443", "[2001:db8::1]", "2001:db8::1%eth0", "unknown", "_hidden", "", ":", "\t"} {
		f := newFixture(t, "SSS_RATE=1/m", "SSS_TRUSTED_PROXIES=127.0.0.1")
		f.want(from(sealed(t, terms{}).create(), form), 201, "")
		f.want(from(sealed(t, terms{}).create(), form), 429, "rate-limited")
	}
}

func TestAProxyThatIsNotNamedIsLoggedOnce(t *testing.T) {
	f := newFixture(t, "SSS_RATE=9/m")
	for range 3 {
		f.want(from(sealed(t, terms{}).create(), "203.0.113.9"), 201, "")
	}
	if n := strings.Count(f.log.String(), `"event":"client"`); n != 1 || strings.Contains(f.log.String(), "203.0.113.9") {
		t.Errorf("logged %d times:\n%s", n, f.log)
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
