package config

import (
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/envelope/header"
)

// FuzzRead reads environments with one entry a line. Accepted settings keep the
// limits that the rest of the program relies on.
func FuzzRead(f *testing.F) {
	for _, s := range settings(&Config{}) {
		f.Add(s.name + "=" + s.fallback)
	}
	f.Add("SSS_LISTEN=:0")
	f.Add("SSS_LISTEN=:0\nSSS_ORIGIN=https://a.test/\nSSS_STORE_LIMIT=999999TiB\nSSS_RATE=7/h")
	f.Add("FUNCTIONS_CUSTOMHANDLER_PORT=1\nSSS_TABLE_URL=http://[::1]:1/x\nAZURE_FUNCTIONS_ENVIRONMENT=Development\nSSS_ORIGIN=http://a")
	f.Add("SSS_CREATE=key\nSSS_CREATE_KEYS=" + hexHash("a") + "," + hexHash("b"))
	f.Add("SSS_TRUSTED_PROXIES=::ffff:10.0.0.1/104,fe80::1%eth0\nSSS_ABUSE=addresses=20/10m,unknown=60/m,wrong=30/10m")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Read(strings.Split(text, "\n"))
		if err != nil {
			if s != nil {
				t.Errorf("both settings and an error: %v", err)
			}
			return
		}
		for what, broken := range map[string]bool{
			"ttl":       s.MinTTL <= 0 || s.MinTTL > s.DefaultTTL || s.DefaultTTL > s.MaxTTL,
			"retention": s.ReceiptRetention < 0, "views": s.MaxViews < 1 || s.MaxViews > header.MaxViews,
			"envelope": s.MaxEnvelope < 1024 || s.MaxEnvelope > 921600, "tries": s.Tries < 1, "limit": s.StoreLimit <= 0,
			"rate": s.Rate.Calls < 0 || s.Rate.Calls > 0 && s.Rate.Per <= 0, "create": s.Create == api.CreateKey && len(s.CreateKeys) == 0,
			"entra": s.Entra && !s.Hosted, "origin": strings.HasSuffix(s.Origin, "/"), "hosted": s.Hosted && s.TableURL == "",
		} {
			if broken {
				t.Errorf("%q gives an invalid %s: %+v", text, what, s)
			}
		}
	})
}
