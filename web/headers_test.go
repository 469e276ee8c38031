package web

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// docs/threat-model.md relies on these headers.
func TestHeadersOfThePage(t *testing.T) {
	page := headersOf(t, "/s", true)
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp",
		"Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
		"X-Robots-Tag": "noindex, nofollow", "Strict-Transport-Security": "max-age=31536000",
	} {
		if page[name] != want {
			t.Errorf("%s is %q", name, page[name])
		}
	}
	if _, is := headersOf(t, "/s", false)["Strict-Transport-Security"]; is {
		t.Error("Strict-Transport-Security without https")
	}
	for _, path := range []string{"/assets/a-1.js", "/worker/b-2.js"} {
		if got := headersOf(t, path, false)["Cache-Control"]; got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %s", path, got)
		}
	}
	for _, path := range []string{"/config.json", "/branding.json", "/branding/logo.svg", "/assets", "/"} {
		if got := headersOf(t, path, false)["Cache-Control"]; got != "no-store" {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestThePolicyPermitsOnlyWritingTheClipboard(t *testing.T) {
	for entry := range strings.SplitSeq(headersOf(t, "/", true)["Permissions-Policy"], ", ") {
		if feature, allowed, is := strings.Cut(entry, "="); !is || feature == "clipboard-write" && allowed != "(self)" || feature != "clipboard-write" && allowed != "()" {
			t.Errorf("%s", entry)
		}
	}
}

// No policy permits inline or evaluated code, or other origins. Only the Worker may
// compile WebAssembly.
func TestPolicies(t *testing.T) {
	for path, want := range map[string]map[string]string{
		"/": {
			"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' blob:", "connect-src": "'self'", "worker-src": "'self'",
			"base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'", "require-trusted-types-for": "'script'", "trusted-types": "worker",
		},
		"/worker/a.js":       {"default-src": "'none'", "script-src": "'self' 'wasm-unsafe-eval'", "require-trusted-types-for": "'script'", "trusted-types": "'none'"},
		"/branding/logo.svg": {"default-src": "'none'", "sandbox": "", "frame-ancestors": "'none'"},
	} {
		got := map[string]string{}
		for directive := range strings.SplitSeq(headersOf(t, path, true)["Content-Security-Policy"], "; ") {
			name, value, _ := strings.Cut(directive, " ")
			if _, twice := got[name]; twice || name != strings.ToLower(name) {
				t.Errorf("%s: %s", path, directive)
			}
			got[name] = value
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

// Static Web Apps supports wildcards only at the end, and applies the first matching
// rule: no two patterns may match the same path.
func TestPatternsWorkOnEveryHost(t *testing.T) {
	h, err := LoadHeaders()
	if err != nil {
		t.Fatal(err)
	}
	patterns := slices.Sorted(maps.Keys(h.Paths))
	for i, p := range patterns {
		if folder := strings.TrimSuffix(p, "*"); !strings.HasPrefix(p, "/") || strings.Contains(folder, "*") || folder != p && !strings.HasSuffix(folder, "/") {
			t.Errorf("pattern %s", p)
		}
		for _, q := range patterns[i+1:] {
			if strings.HasPrefix(q, strings.TrimSuffix(p, "*")) {
				t.Errorf("both match: %s, %s", p, q)
			}
		}
	}
}

// An unknown member of the file would have no effect.
func TestHeadersHaveNoOtherMembers(t *testing.T) {
	text, err := files.ReadFile("headers.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&Headers{}); err != nil {
		t.Error(err)
	}
}

func headersOf(t *testing.T, path string, https bool) map[string]string {
	t.Helper()
	h, err := LoadHeaders()
	if err != nil {
		t.Fatal(err)
	}
	return h.Of(path, https)
}
