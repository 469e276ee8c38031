package site

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	full = `{"name": "ACME secrets", "logo": "seal.svg", "accent": {"light": "#14532d", "dark": "#86efac"}, "text": "Ask us first.",
		"links": [{"label": "Imprint", "href": "https://acme.example/imprint"}, {"label": "Help", "href": "mailto:help@acme.example"}],
		"default_language": "pt-BR", "security_contact": "mailto:security@acme.example"}`
	logoSVG = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><title>on</title><path fill="red" d="M0 0h1v1z"/></svg>`
	logoPNG = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
)

// branded writes a branding and its images and returns the path of the branding.
func branded(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"secret.png": logoPNG, "in/branding.json": text, "in/seal.svg": logoSVG, "in/a.png": logoPNG, "in/b.PNG": logoPNG, "in/c.webp": "RIFF\x00\x00\x00\x00WEBPVP8 ",
		"in/d.jpeg": "\xff\xd8\xff\xe0", "in/no.png": logoSVG, "in/no.svg": logoPNG, "in/empty.svg": "", "in/html.svg": "<html></html>",
		"in/large.png": logoPNG + strings.Repeat("x", logoLimit), "in/a.gif": "GIF89a",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../secret.png", filepath.Join(dir, "in", "out.png")); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "in", "branding.json")
}

// The page gets the members of a branding that it reads, and no others.
func TestBrandingIsServed(t *testing.T) {
	p := openSite(t, Options{Branding: branded(t, full)})
	const want = `{"name":"ACME secrets","logo":"/branding/logo.svg","accent":{"light":"#14532d","dark":"#86efac"},"text":"Ask us first.",` +
		`"links":[{"label":"Imprint","href":"https://acme.example/imprint"},{"label":"Help","href":"mailto:help@acme.example"}],"language":"pt-BR"}`
	if got := ask(p, "GET", "/branding.json"); got.Code != 200 || got.Body.String() != want || got.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	logo := ask(p, "GET", "/branding/logo.svg")
	if logo.Code != 200 || logo.Body.String() != logoSVG || logo.Header().Get("Content-Type") != "image/svg+xml" ||
		!strings.HasPrefix(logo.Header().Get("Content-Security-Policy"), "default-src 'none'; sandbox;") {
		t.Errorf("%d %v", logo.Code, logo.Header())
	}
	contact := ask(p, "GET", contactPath)
	if want := "Contact: mailto:security@acme.example\nExpires: 2027-02-22T00:00:00Z\nCanonical: https://secrets.example/.well-known/security.txt\n"; contact.Body.String() != want ||
		contact.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%v %s", contact.Header(), contact.Body)
	}
	for path := range openSite(t, Options{}).files {
		if path != brandingPath && ask(p, "GET", path).Body.String() != ask(openSite(t, Options{}), "GET", path).Body.String() {
			t.Errorf("the branding has changed %s", path)
		}
	}
}

func TestValidBrandingsAreAccepted(t *testing.T) {
	for _, text := range []string{
		`{}`, `{"name": ""}`, `{"name": "` + strings.Repeat("é", 40) + `"}`, `{"name": "אבג \u200f"}`, `{"logo": "a.png"}`, `{"logo": "b.PNG"}`, `{"logo": "c.webp"}`, `{"logo": "d.jpeg"}`,
		`{"accent": {"light": "#9A2420", "dark": "#f0958a"}}`, `{"links": []}`, `{"default_language": "ar"}`, `{"security_contact": "https://acme.example/security"}`, " {} \n",
	} {
		if _, err := readBranding(branded(t, text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestExampleInTheDocsIsAccepted(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/page.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(doc), "\n## Branding\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, example, _ := strings.Cut(section, "```json\n")
	example, _, _ = strings.Cut(example, "```")
	path := branded(t, example)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "acme.svg"), []byte(logoSVG), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := readBranding(path)
	if err != nil || b.contact == "" || b.logo == nil || !strings.Contains(string(b.json), `"language":"de"`) {
		t.Errorf("%+v, %v", b, err)
	}
	for _, field := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(section, -1) {
		if !strings.Contains(example, `"`+field[1]+`"`) {
			t.Errorf("the example leaves out %s", field[1])
		}
	}
}

// A refusal names the member at fault.
func TestInvalidBrandingsAreRefused(t *testing.T) {
	link := func(href string) string { return `{"links": [{"label": "a", "href": "` + href + `"}]}` }
	for text, want := range map[string]string{
		``: "is not valid JSON", `[]`: "must be an object", `{`: "is not valid JSON", `{} {}`: "is not valid JSON", `{"name": 1}`: "name", `{"script": "x"}`: `"script"`,
		`{"accent": {"light": "#000000", "dark": "#ffffff", "x": 1}}`: `"x"`, `{"name": "` + strings.Repeat("a", brandingLimit) + `"}`: "more than 16384 bytes",
		`{"name": "` + strings.Repeat("é", 41) + `"}`: "name: at most 40", `{"name": "a\nb"}`: "name: must not contain", `{"text": "a\u202eb"}`: "text: ", `{"text": "` + strings.Repeat("a", 301) + `"}`: "text: at most 300",
		`{"logo": "../secret.png"}`: "logo: must be the name", `{"logo": "/etc/passwd.png"}`: "logo: must be the name", `{"logo": "out.png"}`: "logo: ", `{"logo": "a.gif"}`: "logo: must end",
		`{"logo": "none.png"}`: "logo: ", `{"logo": "no.png"}`: "logo: no.png is not of type image/png", `{"logo": "no.svg"}`: "logo: no.svg is not of type image/svg+xml", `{"logo": "empty.svg"}`: "logo: ",
		`{"logo": "html.svg"}`: "logo: ", `{"logo": "large.png"}`: "logo: large.png has more than", `{"logo": "."}`: "logo: ", `{"logo": ".png"}`: "logo: ",
		`{"accent": {"light": "red", "dark": "#ffffff"}}`: "accent.light: must be", `{"accent": {"light": "#000000"}}`: "accent.dark is missing", `{"accent": {"light": "#000000", "dark": "#fffffg"}}`: "accent.dark: must be",
		link("http://a.example"): "links[0].href", link("javascript:alert(1)"): "links[0].href", link("//a.example"): "links[0].href", link("data:text/html,x"): "links[0].href", link(""): "links[0].href",
		link("https://"): "links[0].href", link("https://u:p@a.example"): "links[0].href", link("mailto:x"): "links[0].href", link("https://a.example/ x"): "links[0].href", link("https://" + strings.Repeat("a", 500)): "links[0].href",
		`{"links": [{"href": "https://a.example"}]}`: "links[0].label is missing", `{"links": [{"label": "", "href": "https://a.example"}]}`: "links[0].label: is empty", `{"links": [` + strings.Repeat(`{"label": "a", "href": "https://a.example"},`, 6) + `{"label": "a", "href": "https://a.example"}]}`: "links: at most 6",
		`{"default_language": "tlh"}`: "default_language: must be one of en, de", `{"security_contact": "security@acme.example"}`: "security_contact: ", `{"security_contact": "https://a.example/\nContact: x"}`: "security_contact: ",
	} {
		if _, err := readBranding(branded(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
	if _, err := readBranding(filepath.Join(t.TempDir(), "none.json")); err == nil {
		t.Error("no error for a missing file")
	}
}

// Every language of the page can be the default, and docs/page.md names it.
func TestLanguagesAreThoseOfThePage(t *testing.T) {
	files, err := filepath.Glob("../../../web/src/i18n/*.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../../docs/page.md")
	if err != nil {
		t.Fatal(err)
	}
	_, row, _ := strings.Cut(string(doc), "| `default_language` |")
	row, _, _ = strings.Cut(row, "\n")
	var page []string
	for _, file := range files {
		tag := strings.TrimSuffix(filepath.Base(file), ".json")
		page = append(page, tag)
		if !strings.Contains(row, "`"+tag+"`") {
			t.Errorf("docs/page.md does not name %s", tag)
		}
	}
	if ours := slices.Sorted(slices.Values(languages)); !slices.Equal(page, ours) {
		t.Errorf("the page has %v, a branding may name %v", page, ours)
	}
}
